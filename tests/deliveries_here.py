"""Whole deliveries without kernels: the notebooks run in this process, all else is as it stands.

A kernel costs seconds of imports for each notebook; what a page says does not depend on it.
"""

import contextlib
import io
import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat import v4
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from traitlets.config import Config

from shared.delivery import build, reasons
from shared.delivery.commands import run_all
from shared.delivery.execute import Execution, Job

ROOT = Path(__file__).parents[1]


def deliver_here(*arguments: str, **environment: str) -> tuple[int, str]:
    """Run the command line in this process; give its exit code and all that it said."""
    said = io.StringIO()
    with (
        mock.patch.object(build, "execute", _execute),
        mock.patch.dict(os.environ, environment),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        code = run_all(list(arguments))
    return code, said.getvalue()


def _execute(
    jobs: Sequence[Job],
    *,
    environment: Mapping[str, str],
    watch: Callable[[str, dict[str, Any]], None],
    **_limits: object,
) -> dict[str, Execution]:
    done = {}
    for job in jobs:
        started = time.monotonic()
        (job.folder / "scratch").mkdir(parents=True, exist_ok=True)
        job.exported.mkdir(exist_ok=True)
        own = {**environment, "CRM_REPORT_DIR": str(job.exported)}
        with (
            mock.patch.dict(os.environ, own),
            contextlib.chdir(job.folder / "scratch"),
            warnings.catch_warnings(record=True) as warned,
        ):
            warnings.simplefilter("default")
            ended = _run(job, warned)
        seconds = time.monotonic() - started
        done[job.name] = Execution(job.name, seconds=seconds, **ended)
        watch(job.name, {"kind": "ended", "execution": done[job.name]})
    return done


def _run(job: Job, warned: list[warnings.WarningMessage]) -> dict[str, Any]:
    notebook = parameterize_notebook(
        load_notebook_node(str(job.notebook)), dict(job.parameters), kernel_name=job.kernel
    )
    shell = _shell()
    shell.reset(new_session=False)
    ended: dict[str, Any] = {"status": "done"}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        with capture_output() as shown:
            result = shell.run_cell(cell.source, store_history=False)
        cell.outputs = [
            v4.new_output("display_data", data=one.data, metadata=one.metadata or {})
            for one in shown.outputs
        ]
        # As a kernel would print them: the page and run.json tell of them.
        lines = [f"{w.filename}:{w.lineno}: {w.category.__name__}: {w.message}\n" for w in warned]
        if lines:
            cell.outputs.append(v4.new_output("stream", name="stderr", text="".join(lines)))
            warned.clear()
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            ended = _how(error, shown.stdout, number)
            break
    nbformat.write(notebook, job.executed)
    return ended


def _shell() -> InteractiveShell:
    # Without a history, which would be a file in somebody's home.
    return InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))


def _how(error: BaseException, printed: str, number: int) -> dict[str, Any]:
    name = type(error).__name__
    if name == "NotSupportedByData":
        return reasons.unsupported(str(error))
    end = {"ename": name, "evalue": str(error), "traceback": printed, "cell": number}
    return reasons.cell_failed({"status": "failed", **end}, {}, 0)
