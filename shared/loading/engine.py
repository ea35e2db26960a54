"""The embedded engine of an intake: how much memory, where it spills, how SQL is quoted."""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psutil

from shared.loading.errors import EnvironmentFault

MEMORY_SHARE = 0.6
NOTEBOOK_SHARE = 0.4  # of a notebook's part, which Python and its libraries take as well
MOST_BYTES = 6 * 1024**3  # an intake of 5 million lines must stay below 8 GB
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def connect(spill: Path) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that spills into a folder and answers the same on every machine."""
    engine = duckdb.connect(
        config={
            "memory_limit": f"{memory_limit_bytes() // 1024**2}MB",
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    engine.execute("SET TimeZone = 'UTC'")
    # Inside a kernel without ipywidgets DuckDB has no bar, and refuses to be told so.
    with contextlib.suppress(duckdb.InvalidInputException):
        engine.execute("SET enable_progress_bar = false")
    return engine


def memory_limit_bytes() -> int:
    """Give the share of this machine's, container's or notebook's memory that an engine may use.

    CRM_NOTEBOOK_BYTES says what a notebook may take that runs beside others.
    """
    limits = [psutil.virtual_memory().total]
    for path in map(Path, _CGROUP_LIMITS):
        with contextlib.suppress(OSError, ValueError):
            limits.append(int(path.read_text()))
    part = int(os.environ.get("CRM_NOTEBOOK_BYTES") or sys.maxsize)
    return min(int(min(limits) * MEMORY_SHARE), int(part * NOTEBOOK_SHARE), MOST_BYTES)


@contextlib.contextmanager
def disk_faults(place: Path) -> Iterator[None]:
    """Turn a full disk, a denied permission or too little memory into an `EnvironmentFault`."""
    try:
        yield
    except (MemoryError, duckdb.OutOfMemoryException) as e:
        raise _memory_fault(place) from e
    except OSError as e:
        raise _disk_fault(place, e.errno or 0, e.strerror or "") from e
    except duckdb.IOException as e:
        raise _disk_fault(place, _errno_in(str(e)), "") from e


def quoted(name: str) -> str:
    """Quote a column or table name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def parquet(path: Path) -> str:
    """Name a Parquet file as a table for SQL; a glob character in its path stays itself."""
    text = str(path)
    for character in "[*?":
        text = text.replace(character, f"[{character}]")
    return f"read_parquet({literal(text)}, hive_partitioning = false)"


def _errno_in(message: str) -> int:
    lowered = message.lower()
    if any(word in lowered for word in ("no space", "quota", "file too large", "max_temp_dir")):
        return errno.ENOSPC
    return errno.EACCES if "denied" in lowered or "read-only" in lowered else 0


def _disk_fault(place: Path, number: int, detail: str) -> EnvironmentFault:
    if number in _FULL:
        what, fix = "the disk is full, or a quota or limit is reached", "free space and run again"
    elif number in _DENIED:
        what, fix = "may not be written or read", "give this user the permission, or --outputs DIR"
    else:
        what, fix = f"cannot be written or read ({detail or 'input or output error'})", "run again"
    return EnvironmentFault("E-ENVI-01", str(place), what, fix=fix)


def _memory_fault(place: Path) -> EnvironmentFault:
    have = memory_limit_bytes() / 1024**3
    return EnvironmentFault(
        "E-ENVI-02",
        str(place),
        f"the intake needs more than the {have:.1f} GB of memory it may use",
        fix="run on a machine with more memory, or split the export",
    )
