"""How each report of a run ended, gathered from its record and its findings for the index."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from shared.delivery import pages
from shared.delivery.missing_sources import in_words, lacking
from shared.delivery.pages import Record
from shared.delivery.plan import Step
from shared.delivery.results import ReportResult
from shared.delivery.verify import findings_of


def report_results(
    steps: Sequence[Step],
    records: Mapping[str, Record],
    folder: Path,
    *,
    supplied: Collection[str],
) -> list[ReportResult]:
    """Tell for every report of the suite how it ended, as the index says it.

    Parameters
    ----------
    steps : sequence of Step
        What the run did with each report.
    records : mapping of str to dict
        By report, as in the manifest.
    folder : Path
        The delivery, with its findings.
    supplied : collection of str
        The canonical tables that the client supplied.
    """
    return [_result(step, records[step.report.name], folder, supplied) for step in steps]


def _result(step: Step, record: Record, folder: Path, supplied: Collection[str]) -> ReportResult:
    name = step.report.name
    page = f"{name}.html" if pages.has_page(record) else None
    findings = (findings_of(folder / "findings" / f"{name}.json") or {}) if page else {}
    lacks = in_words(lacking(step.report, supplied)) if step.action == "missing_data" else ""
    return ReportResult(
        number=step.report.number,
        stem=step.report.stem,
        question=step.report.question,
        status=record["status"],
        verdict=record.get("verdict", "") if page else "",
        headline=record.get("headline", "") if page else "",
        reason=record.get("stale") or record.get("reason", ""),
        needs=lacks or record.get("needs", ""),
        actions=findings.get("actions", []),
        findings=findings,
        backed_by=step.report.backed_by,
        page=page,
        as_of=record.get("as_of", "") if page else "",
    )
