"""A notebook's processes: seen while they run, ended together, none left behind."""

import contextlib
import os
from pathlib import Path

import psutil

MEMORY_SHARE = 0.75
_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_GONE = (psutil.NoSuchProcess, psutil.AccessDenied)


class Tree:
    """A process and everything it ever started, also what lost its parent since it was seen.

    A kernel has a session of its own, so that no signal to a process group reaches it, and it
    outlives a parent that was killed: it is remembered by process while both are alive.
    """

    def __init__(self, pid: int) -> None:
        self.root = pid
        self.members: dict[int, psutil.Process] = {}
        with contextlib.suppress(*_GONE):
            self.members[pid] = psutil.Process(pid)

    def look(self) -> int:
        """Remember new members; give the memory of all in bytes."""
        total = 0
        for process in list(self.members.values()):
            with contextlib.suppress(*_GONE):
                for child in process.children(recursive=True):
                    self.members.setdefault(child.pid, child)
                if process.pid == self.root:
                    break  # one look from the root sees all while the root lives
        for process in self.members.values():
            with contextlib.suppress(*_GONE):
                total += process.memory_info().rss
        return total

    def kill(self, *, wait_seconds: float = 5) -> None:
        """End every member; stopped first, so that none starts another meanwhile."""
        for _ in range(2):
            for process in list(self.members.values()):
                with contextlib.suppress(*_GONE):
                    process.suspend()
            self.look()
        for process in self.members.values():
            with contextlib.suppress(*_GONE):
                process.kill()
        psutil.wait_procs(list(self.members.values()), timeout=wait_seconds)


def memory_bytes() -> int:
    """Give the share of this machine's or container's memory that all notebooks may use."""
    limits = [psutil.virtual_memory().total]
    for path in map(Path, _CGROUP_LIMITS):
        with contextlib.suppress(OSError, ValueError):
            limits.append(int(path.read_text()))
    return int(min(limits) * MEMORY_SHARE)


def cores() -> int:
    """Give the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
