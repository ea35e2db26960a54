"""Why a report failed: in plain words for the client, by kind and place for the consultant."""

from collections.abc import Mapping
from typing import Any

from shared.loading.errors import NotSupportedByData, mask_secrets

_DISK_WORDS = ("no space left", "disk quota", "file too large", "read-only file system")
_DISK_NUMBERS = ("[Errno 28]", "[Errno 122]", "[Errno 27]", "[Errno 30]")
_OWN_ERRORS = ("SuiteError", "ConfigError", "DataRefused", "EnvironmentFault", "ReportMistake")

DISK_FULL = "the disk is full, or a quota or limit is reached"

NO_FINDINGS = (
    "no findings under its name: report.export() did not run, or Report() got another name"
)

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
        return process_lost("its kernel died", cell)
    if kind == "MemoryError":
        return _failed("it ran out of memory", cell, "MemoryError")
    facts = _failed("its calculation stopped with an error", cell, _told(kind, message))
    return {**facts, "traceback": end.get("traceback", ""), "disk_fault": disk_fault(kind, message)}


def process_died(returncode: int, cell: Mapping[str, Any]) -> Facts:
    """Say that the process running the notebook was lost."""
    detail = f"ended by signal {-returncode}" if returncode < 0 else f"ended with {returncode}"
    return process_lost(f"its process {detail}", cell)


def process_lost(detail: str, cell: Mapping[str, Any]) -> Facts:
    """Say that what computed the report is gone, and nothing is known of what it had done."""
    what = "the process that computed it was lost, killed from outside or out of memory"
    return _failed(what, cell, detail)


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
        "detail": NO_FINDINGS,
    }


def capped(number: int, characters: int) -> str:
    """Say that a cell printed more than is kept."""
    return f"code cell {number} printed {characters / 1e6:.0f} MB, of which the first is kept"


def disk_fault(kind: str, message: str) -> str:
    """Give the reason to stop the whole run if an error means that nothing can be written.

    An `EnvironmentFault` of the notebook's own keeps its words, code and place included.
    """
    words = message.lower()
    full = any(number in message for number in _DISK_NUMBERS) or any(
        w in words for w in _DISK_WORDS
    )
    if kind == "EnvironmentFault":
        return mask_secrets(message)
    return DISK_FULL if full else ""


def _failed(what: str, cell: Mapping[str, Any], detail: str) -> Facts:
    heading = cell.get("heading", "")
    under = f", under the heading “{heading}”" if heading else ""
    where = f"code cell {cell['done'] + 1}" if cell else "before its first cell"
    return {"status": "failed", "reason": what + under, "detail": f"{where}: {detail}"}


def _told(kind: str, message: str) -> str:
    # Any other error may quote a customer's value; its text is kept for --debug.
    if kind not in _OWN_ERRORS:
        return kind
    return mask_secrets(f"{kind}: {message.splitlines()[0]}" if message else kind)
