"""How each report of a run ended: what the index, the manifest and the closing table read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal[
    "delivered", "kept", "unsupported", "failed", "missing_data", "not_built", "not_asked"
]


@dataclass(frozen=True)
class ReportResult:
    """How one report of a run ended.

    Attributes
    ----------
    number, stem : str
        Such as "04" and "cohort".
    question : str
        The title of its notebook.
    status : str
        "delivered"; "kept": the page of an earlier run stands in, see `as_of`; "unsupported": a
        page that says why the data cannot carry it; "failed"; "missing_data": a table was not
        supplied; "not_built": not part of this edition; "not_asked": left out of this run.
    verdict, headline : str
        The page's verdict and its first finding; "" where there is no page.
    reason, needs : str
        Why there is no ordinary page, or why an earlier one stands in; what would be needed.
    actions : list of dict
        As in the findings: sentence, segment, size, money.
    findings : mapping
        All of `findings.json`; empty where there is no page.
    backed_by : tuple of str
        Templates over the metrics that say how the report was put to the test.
    seconds : float
        Wall time; 0 for a page that was carried over.
    page : str or None
        Name of the page, None where there is none.
    as_of : str
        Snapshot date of the data that the page was made from, as an ISO date.
    """

    number: str
    stem: str
    question: str
    status: Status
    verdict: str = ""
    headline: str = ""
    reason: str = ""
    needs: str = ""
    actions: list[dict[str, Any]] = field(default_factory=list)
    findings: Mapping[str, Any] = field(default_factory=dict)
    backed_by: tuple[str, ...] = ()
    seconds: float = 0.0
    page: str | None = None
    as_of: str = ""

    @property
    def name(self) -> str:
        """Give the name of the report, such as "04_cohort"."""
        return f"{self.number}_{self.stem}"
