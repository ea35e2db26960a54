"""One notebook in a process of its own: run it, say where it is, end with those who started it.

Started as `python -m shared.delivery.worker JOB.json`. It writes one JSON object a line to its
standard output, the last one of kind `end`. Its standard input is a lifeline: when that closes,
whoever started it is gone, and so must be the kernel.
"""

import contextlib
import json
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from shared.delivery.idle_imports import leave_out_idle_imports

LONGEST_SOCKET_PATH = 60  # a Unix socket's path holds about 100 characters, the name comes on top


def main(job_file: str) -> int:
    """Run the notebook that a job file describes; 0 if every cell ran."""
    events = _private_output()
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    threading.Thread(target=_end_with_parent, args=(job["sockets"],), daemon=True).start()

    def tell(kind: str, **facts: object) -> None:
        """Write one event as a line of JSON."""
        print(json.dumps({"kind": kind, **facts}), file=events, flush=True)

    end = _run(job, tell)
    tell("end", **end)
    return 0 if end["status"] in ("done", "unsupported") else 1


def _run(job: dict[str, Any], tell: Any) -> dict[str, Any]:
    leave_out_idle_imports()
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.engines import papermill_engines

    from shared.delivery.kernel_client import ENGINE, WatchedEngine

    papermill_engines.register(ENGINE, WatchedEngine)
    sockets = job["sockets"]
    try:
        papermill.execute_notebook(
            job["notebook"],
            job["executed"],
            parameters=job["parameters"],
            engine_name=ENGINE,
            kernel_name=job["kernel"],
            progress_bar=False,
            request_save_on_cell_execute=False,
            cwd=job["work"],
            tell=tell,
            cell_seconds=job["cell_seconds"],
            transport="ipc" if len(sockets) < LONGEST_SOCKET_PATH and os.name != "nt" else "tcp",
        )
    except papermill.PapermillExecutionError as e:
        return _cell_failed(e)
    except CellTimeoutError:
        return {"status": "failed", "ename": "CellTimeoutError"}
    except DeadKernelError:
        return {"status": "failed", "ename": "DeadKernelError"}
    except Exception as e:
        return {"status": "failed", "ename": type(e).__name__, "evalue": str(e), "traceback": ""}
    return {"status": "done"}


def _cell_failed(error: Any) -> dict[str, Any]:
    status = "unsupported" if error.ename == "NotSupportedByData" else "failed"
    traceback = "\n".join(error.traceback)
    return {
        "status": status,
        "ename": error.ename,
        "evalue": error.evalue,
        "traceback": traceback,
        "cell": error.cell_index,
    }


def _private_output() -> TextIO:
    # What a library prints, here or in the kernel, must not be taken for an event.
    private = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return private


def _end_with_parent(sockets: str) -> None:
    # Not sys.stdin: its lock, held by a waiting thread, would abort a regular end.
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    import psutil

    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            process.kill()
    shutil.rmtree(sockets, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
