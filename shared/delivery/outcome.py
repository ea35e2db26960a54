"""How a run ended: per report, per client, and the one exit code of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WORDS = {
    "delivered": "delivered",
    "unchanged": "unchanged",
    "unsupported": "not supported",
    "kept": "kept, out of date",
    "failed": "failed",
    "missing_data": "no data",
    "not_asked": "not asked for",
    "not_built": "not built",
}


@dataclass(frozen=True)
class ReportLine:
    """One report in the closing table.

    Attributes
    ----------
    status : str
        A key of `WORDS`.
    headline : str
        Its first finding, or why there is none.
    detail : str
        For the consultant: the kind of error and the cell.
    copy : str
        Where the half-run notebook is kept, "" if there is none.
    verdict : str
        How far its page can be relied on, "" where no page of this run stands.
    """

    report: str
    status: str
    seconds: float = 0
    headline: str = ""
    detail: str = ""
    copy: str = ""
    traceback: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class ClientOutcome:
    """What became of one client.

    Attributes
    ----------
    folder : Path or None
        The delivered folder; None if nothing was delivered.
    error : str
        Why nothing was delivered, at most 8 lines.
    executed : int
        How many notebooks ran.
    slices : tuple of ClientOutcome
        What became of the client's slices.
    """

    client: str
    exit_code: int
    folder: Path | None = None
    reports: tuple[ReportLine, ...] = ()
    error: str = ""
    executed: int = 0
    seconds: float = 0
    slices: tuple["ClientOutcome", ...] = ()


def exit_code(outcomes: Sequence[ClientOutcome]) -> int:
    """Give a single client's own code; of several, 1 if any of them is not in order."""
    codes = [outcome.exit_code for outcome in outcomes]
    if len(codes) == 1:
        return codes[0]
    return 1 if any(codes) else 0
