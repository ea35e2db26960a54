"""The index: what all reports say on one page, what came in, and what is missing and why."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.analysis.source_coverage import source_coverage
from shared.analysis.verdicts import Level
from shared.delivery.index_actions import ranked_actions
from shared.delivery.index_reports import key_figures, opening, report_row
from shared.delivery.index_sources import coverage_table, intake_table, notes_on, set_aside_table
from shared.delivery.missing_sources import MissingSource
from shared.delivery.results import ReportResult
from shared.delivery.since_last import SinceLast, written_changes
from shared.delivery.slice_index import DeliveredSlice, Whole, slice_rows
from shared.report.intake_words import wording_of
from shared.report.page import environment, frame_of, frame_values

TEMPLATE = Path(__file__).resolve().parent / "template"
INDEX_FILE = "index.html"
MOST_LINES = 5


def render_index(
    client: Any,
    results: Sequence[ReportResult],
    staging: Path,
    *,
    missing: Sequence[MissingSource] = (),
    workbook: str | None = None,
    since: SinceLast | None = None,
    audiences: int = 0,
    slices: Sequence[DeliveredSlice] = (),
    whole: Whole | None = None,
) -> Path:
    """Write the index page of a delivery.

    Parameters
    ----------
    client : Client
        With its tables and its intake.
    results : sequence of ReportResult
        One per report of the suite, in their order.
    staging : Path
        The folder that the pages stand in.
    missing : sequence of MissingSource, optional
        What was not supplied, with the reports and questions that it would open.
    workbook : str, optional
        Name of the workbook, where there is one.
    since : SinceLast, optional
        The headlines beside those of the delivery before.
    audiences : int
        How many lists for a CRM lie in the folder `audiences`.
    slices : sequence of DeliveredSlice, optional
        The parts of the client that have a delivery of their own.
    whole : Whole, optional
        What this delivery is a slice of.

    Returns
    -------
    Path
        The page.
    """
    wording = wording_of(client)
    frame = frame_values(frame_of(client), title=f"{client.name}: customer reports")
    rules = (TEMPLATE / "delivery.css").read_text(encoding="utf-8")
    values = {
        **frame,
        "css": f"{frame['css']}\n{rules}",
        "client": client.name,
        "opening": opening(results, wording, wording.date(client.snapshot_date)),
        "key_figures": key_figures(results),
        "summary": _summary(results),
        "actions": ranked_actions(results, wording),
        "since": written_changes(since, wording) if since else None,
        "rows": [report_row(r, wording, client) for r in _there_first(results)],
        "planned": [r.question for r in results if r.status == "not_built"],
        "coverage": coverage_table(source_coverage(client.tables), wording),
        "intake": intake_table(client.intake, wording, client.has_money),
        "set_aside": set_aside_table(client.intake, wording, client.has_money),
        "notes": notes_on(client.intake.tables, client.brand.primary),
        "missing": [_missing(one, results) for one in missing],
        "slices": slice_rows(slices, client.intake.tables["order_lines"], wording)
        if slices
        else [],
        "whole": whole,
        "workbook": workbook,
        "audiences": wording.count(audiences) if audiences else "",
        "money_unit": wording.unit_of_money if client.has_money else "",
    }
    page = staging / INDEX_FILE
    html = environment(TEMPLATE).get_template("delivery.html.j2").render(values)
    page.write_text(html, encoding="utf-8", newline="\n")
    return page


def _there_first(results: Iterable[ReportResult]) -> list[ReportResult]:
    """Put the reports that are not part of a delivery below those that are."""
    built = [r for r in results if r.status != "not_built"]
    return sorted(built, key=lambda r: r.status in ("missing_data", "not_asked"))


def _summary(results: Iterable[ReportResult]) -> list[ReportResult]:
    """Choose the lines to read first; none where the list of reports is as short itself."""
    said = [r for r in results if r.headline and r.status in ("delivered", "kept")]
    # What can be relied on comes first; within a verdict the order of the reports stays.
    firm_first = sorted(said, key=lambda r: r.verdict != Level.RELIABLE.value)
    return firm_first[:MOST_LINES] if len(said) > MOST_LINES else []


def _missing(one: MissingSource, results: Iterable[ReportResult]) -> dict[str, Any]:
    by_name = {r.name: r for r in results}
    asked: dict[str, list[ReportResult]] = {}
    for name, question in one.questions:
        asked.setdefault(question, []).append(by_name[name])
    reports: Mapping[str, ReportResult] = {n: by_name[n] for n in one.reports if n in by_name}
    return {
        "name": one.name,
        "holds": one.holds,
        "reports": list(reports.values()),
        "questions": list(asked.items()),
    }
