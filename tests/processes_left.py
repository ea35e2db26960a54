"""Processes of which nothing may be left: who still runs, and who is ended whatever happens."""

import contextlib
import subprocess
from collections.abc import Iterable, Iterator

import psutil

SECONDS = 20


def still_running(processes: Iterable[psutil.Process], seconds: float = SECONDS) -> list:
    """Give those that run after that many seconds; a zombie only waits for its parent."""
    _, alive = psutil.wait_procs(list(processes), timeout=seconds)
    return [process for process in alive if _runs(process)]


@contextlib.contextmanager
def reaped(process: subprocess.Popen) -> Iterator[subprocess.Popen]:
    """End a process and reap it when the block is left, also by a test that fails."""
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()  # so that it ends what it started
                try:
                    process.wait(timeout=SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
