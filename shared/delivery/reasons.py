"""Why a report failed: in plain words for the client, by kind and place for the consultant."""

import signal
from collections.abc import Mapping
from typing import Any

from shared.loading.errors import NotSupportedByData, mask_secrets

_DISK_WORDS = ("no space left", "disk quota", "file too large", "read-only file system")
_DISK_NUMBERS = ("[Errno 28]", "[Errno 122]", "[Errno 27]", "[Errno 30]")
_OWN_ERRORS = ("SuiteError", "ConfigError", "DataRefused", "EnvironmentFault")

Facts = dict[str, Any]


def unsupported(message: str) -> Facts:
    """Take apart what a `NotSupportedByData` said."""
    reason, _, needs = message.partition(NotSupportedByData.SEPARATOR)
    return {"status": "unsupported", "reason": reason.strip(), "needs": needs.strip()}


def cell_failed(end: Mapping[str, Any], cell: Mapping[str, Any], cell_seconds: int) -> Facts:
    """Name the cell that failed and, for the consultant, the kind of error."""
    kind, message = end.get("ename", ""), end.get("evalue", "")
    if kind == "CellTimeoutError":
        return too_long(cell_seconds, cell)
    if kind == "DeadKernelError":
        return process_died(-signal.SIGKILL, cell)
    if kind == "MemoryError":
        return _failed("it ran out of memory", cell, "MemoryError")
    facts = _failed("its calculation stopped with an error", cell, _told(kind, message))
    return {**facts, "traceback": end.get("traceback", ""), "disk_fault": disk_fault(kind, message)}


def process_died(returncode: int, cell: Mapping[str, Any]) -> Facts:
    """Say that the process running the notebook was lost."""
    detail = f"ended by signal {-returncode}" if returncode < 0 else f"ended with {returncode}"
    what = "the process that computed it was lost, killed from outside or out of memory"
    return _failed(what, cell, f"its process {detail}")


def too_long(seconds: int, cell: Mapping[str, Any]) -> Facts:
    """Say that a limit of time was reached."""
    limit = f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds} seconds"
    return _failed(f"it was stopped after {limit}", cell, f"limit of {limit}")


def too_much_memory(limit_bytes: int, cell: Mapping[str, Any]) -> Facts:
    """Say that a notebook's share of the memory was used up."""
    limit = f"{limit_bytes / 1024**3:.1f} GB"
    what = f"it needed more than the {limit} of memory that it may use"
    return _failed(what, cell, f"limit of {limit}; try --jobs 1 or a larger machine")


def nothing_exported() -> Facts:
    """Say that every cell ran but the last one left no findings."""
    what = "it ended without its findings"
    return {
        "status": "failed",
        "reason": what,
        "detail": "no findings: report.export() did not run",
    }


def capped(index: int, characters: int) -> str:
    """Say that a cell printed more than is kept."""
    return f"cell {index} printed {characters / 1e6:.0f} MB, of which the first is kept"


def disk_fault(kind: str, message: str) -> str:
    """Give the reason to stop the whole run if an error means that nothing can be written."""
    words = message.lower()
    full = any(number in message for number in _DISK_NUMBERS) or any(
        w in words for w in _DISK_WORDS
    )
    if not full and kind != "EnvironmentFault":
        return ""
    return mask_secrets(message)


def _failed(what: str, cell: Mapping[str, Any], detail: str) -> Facts:
    heading = cell.get("heading", "")
    under = f", under the heading “{heading}”" if heading else ""
    where = f" in cell {cell['index']}" if cell else " before its first cell"
    return {"status": "failed", "reason": what + under, "detail": detail + where}


def _told(kind: str, message: str) -> str:
    # Any other error may quote a customer's value; its text is kept for --debug.
    if kind not in _OWN_ERRORS:
        return kind
    return mask_secrets(f"{kind}: {message.splitlines()[0]}" if message else kind)
