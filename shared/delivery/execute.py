"""Run notebooks in parallel, each in a process of its own, within limits of time and memory."""

import contextlib
import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from shared.delivery import reasons
from shared.delivery.processes import Tree

TICK_SECONDS = 0.1
LOOK_SECONDS = 0.5  # between two looks at the memory
Watch = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True)
class Job:
    """One notebook to run.

    Attributes
    ----------
    name : str
        Such as "04_cohort".
    folder : Path
        A folder of this notebook alone: `out/` takes what it exports, `executed.ipynb` the
        executed notebook, the rest is scratch.
    """

    name: str
    notebook: Path
    kernel: str
    parameters: Mapping[str, object]
    folder: Path

    @property
    def exported(self) -> Path:
        """Give the folder that the notebook's last cell exports to."""
        return self.folder / "out"

    @property
    def executed(self) -> Path:
        """Give the path of the executed notebook."""
        return self.folder / "executed.ipynb"


@dataclass(frozen=True)
class Limits:
    """When a notebook is stopped: seconds of a cell and of the whole, bytes of memory."""

    cell_seconds: int = 15 * 60
    notebook_seconds: int = 30 * 60
    memory_bytes: int = sys.maxsize


@dataclass(frozen=True)
class Execution:
    """How one notebook ended.

    Attributes
    ----------
    status : str
        "done", "unsupported" or "failed".
    reason : str
        For the reader of the index, in plain words; for "unsupported" the data's own reason.
    needs : str
        What an unsupported report would need.
    detail : str
        For the consultant: the kind of error and the place, never a value.
    traceback : str
        Shown with `--debug` alone.
    disk_fault : str
        Why the whole run must stop: the disk is full or may not be written.
    """

    name: str
    status: str
    reason: str = ""
    needs: str = ""
    detail: str = ""
    traceback: str = ""
    disk_fault: str = ""
    seconds: float = 0
    warnings: tuple[str, ...] = ()


@dataclass
class _Running:
    job: Job
    process: subprocess.Popen
    tree: Tree
    sockets: Path
    started: float
    reader: threading.Thread
    looked: float = 0
    last_words_taken: bool = False
    cell: dict[str, Any] = field(default_factory=dict)
    end: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def execute(
    jobs: Sequence[Job],
    *,
    limits: Limits,
    workers: int,
    environment: Mapping[str, str],
    watch: Watch = lambda *_: None,
) -> dict[str, Execution]:
    """Run every job, at most `workers` at a time, and say how each ended.

    Whatever ends this call early, an interrupt too, ends every process it started.

    Parameters
    ----------
    watch : callable
        Called with a job's name and each of its events: started, cell, ended.
    """
    waiting, done = list(jobs), dict[str, Execution]()
    running: dict[str, _Running] = {}
    events: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
    # Notebooks that run side by side share the machine: each may have its part, no more.
    limits = replace(limits, memory_bytes=limits.memory_bytes // max(1, min(workers, len(jobs))))
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                job = waiting.pop(0)
                running[job.name] = _start(job, limits, environment, events)
                watch(job.name, {"kind": "started"})
            _take_events(events, running, watch)
            for name, run in list(running.items()):
                execution = _ended(run, limits)
                if execution:
                    _clear(running.pop(name))
                    done[name] = execution
                    watch(name, {"kind": "ended", "execution": execution})
    finally:
        for run in running.values():
            _clear(run)
    return done


def _start(
    job: Job, limits: Limits, environment: Mapping[str, str], events: queue.Queue
) -> _Running:
    sockets = Path(tempfile.mkdtemp(prefix="crm-"))
    try:
        process = _spawn(job, limits, environment, sockets)
    except BaseException:  # a full disk, or a signal
        # No `_Running` knows this folder yet, so nobody else would remove it.
        shutil.rmtree(sockets, ignore_errors=True)
        raise
    reader = threading.Thread(target=_read, args=(job.name, process, events), daemon=True)
    reader.start()
    return _Running(job, process, Tree(process.pid), sockets, time.monotonic(), reader)


def _spawn(
    job: Job, limits: Limits, environment: Mapping[str, str], sockets: Path
) -> subprocess.Popen:
    scratch = job.folder / "scratch"
    for folder in (job.exported, scratch):
        folder.mkdir(parents=True, exist_ok=True)
    description = {
        "notebook": str(job.notebook),
        "executed": str(job.executed),
        "parameters": dict(job.parameters),
        "kernel": job.kernel,
        "work": str(scratch),
        "sockets": str(sockets),
        "cell_seconds": limits.cell_seconds,
    }
    file = job.folder / "job.json"
    file.write_text(json.dumps(description), encoding="utf-8")
    own = {
        "CRM_REPORT_DIR": str(job.exported),
        "JUPYTER_RUNTIME_DIR": str(sockets),
        # Its engine then spills to disk where else the notebook would be stopped.
        "CRM_NOTEBOOK_BYTES": str(limits.memory_bytes),
    }
    with (job.folder / "log.txt").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "shared.delivery.worker", str(file)],
            # Never written to: the worker sees it close, however we end, and ends as well.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**environment, **own},
            # Ctrl-C reaches every process in the terminal's group: only we may hear it.
            start_new_session=True,
        )


def _read(name: str, process: subprocess.Popen, events: queue.Queue) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        # A process that is killed in the middle of a line leaves half of one.
        with contextlib.suppress(ValueError):
            events.put((name, json.loads(line)))


def _take_events(events: queue.Queue, running: Mapping[str, _Running], watch: Watch) -> None:
    timeout: float | None = TICK_SECONDS
    with contextlib.suppress(queue.Empty):
        while True:
            name, event = events.get(timeout=timeout) if timeout else events.get_nowait()
            # Wait for the first event only, then take what is there.
            timeout = None
            if name in running:
                _note(running[name], event)
                watch(name, event)


def _note(run: _Running, event: dict[str, Any]) -> None:
    if event["kind"] == "cell":
        run.cell = event
    elif event["kind"] == "capped":
        run.warnings.append(reasons.capped(event["number"], event["characters"]))
    elif event["kind"] == "end":
        run.end = event


def _ended(run: _Running, limits: Limits) -> Execution | None:
    """Say how a run ended, or None while it runs within its limits."""
    seconds = time.monotonic() - run.started
    facts = _beyond(run, limits, seconds)
    if facts is None:
        if run.process.poll() is None or run.reader.is_alive():
            return None
        # Its last event may have come in since the queue was emptied: one more turn.
        if not run.last_words_taken:
            run.last_words_taken = True
            return None
        facts = _how(run, limits)
    return Execution(run.job.name, seconds=seconds, warnings=tuple(run.warnings), **facts)


def _beyond(run: _Running, limits: Limits, seconds: float) -> dict[str, Any] | None:
    if seconds > limits.notebook_seconds:
        return reasons.too_long(limits.notebook_seconds, run.cell)
    if seconds - run.looked < LOOK_SECONDS:
        return None
    run.looked = seconds
    # The kernel is a child of the worker: memory is that of the whole family.
    if run.tree.look() > limits.memory_bytes:
        return reasons.too_much_memory(limits.memory_bytes, run.cell)
    return None


def _how(run: _Running, limits: Limits) -> dict[str, Any]:
    if not run.end:
        return reasons.process_died(run.process.returncode, run.cell)
    if run.end["status"] == "done" and run.process.returncode == 0:
        return {"status": "done"}
    if run.end["status"] == "unsupported":
        return reasons.unsupported(run.end["evalue"])
    return reasons.cell_failed(run.end, run.cell, limits.cell_seconds)


def _clear(run: _Running) -> None:
    # Once more: a child that was born since the last look would outlive the run.
    run.tree.look()
    run.tree.kill()
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        run.process.wait(timeout=5)
    for stream in (run.process.stdin, run.process.stdout):
        with contextlib.suppress(OSError, ValueError):
            if stream:
                stream.close()
    shutil.rmtree(run.sockets, ignore_errors=True)
