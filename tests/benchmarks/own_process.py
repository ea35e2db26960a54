"""Run a piece of work in a process of its own, so that its memory is nobody else's."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil

GB = 1024**3


def measured(name: str, work: Callable[..., int], *arguments: Any) -> float:
    """Run work, print its seconds, processor seconds and highest memory, and give the seconds.

    `work` is a function of a module; what it needs is loaded before the clock starts, by the
    function in its attribute `before`, and its result is the rows it came to.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seconds, processor, peak, idle, rows = pool.apply(_timed, (work, arguments))
    print(
        f"{name}: {seconds:.2f} s, {processor:.2f} s of processor, peak {peak:.2f} GB "
        f"({peak - idle:.2f} above what was loaded), {rows:,} rows"
    )
    return float(seconds)


def _timed(
    work: Callable[..., int], arguments: tuple[Any, ...]
) -> tuple[float, float, float, float, int]:
    prepared = getattr(work, "before", lambda *given: given)(*arguments)
    process, done = psutil.Process(), threading.Event()
    idle = process.memory_info().rss
    peak = [idle]

    def watch() -> None:
        while not done.wait(0.01):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    before, start = process.cpu_times(), time.perf_counter()
    rows = work(*prepared)
    seconds, after = time.perf_counter() - start, process.cpu_times()
    done.set()
    watcher.join()
    processor = after.user + after.system - before.user - before.system
    return seconds, processor, peak[0] / GB, idle / GB, rows
