"""The index: what all reports say on one page, what came in, and what is missing and why."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from shared.analysis.verdicts import Level
from shared.delivery.results import ReportResult
from shared.delivery.since_last import SinceLast, written_changes
from shared.delivery.slice_index import DeliveredSlice
from shared.loading.brand import repair_contrast
from shared.loading.counts import Intake, TableIntake
from shared.loading.reasons import cause
from shared.plots.locales import Wording
from shared.report.intake_words import wording_of
from shared.report.markup import badge
from shared.report.page import environment, frame_of, frame_values
from shared.report.tables import Columns, table_markup
from shared.report.words import TABLES, word

TEMPLATE = Path(__file__).resolve().parent / "template"
INDEX_FILE = "index.html"
MOST_LINES = 5
MOST_ACTIONS = 5
# Which side of a customer a source shows.
SIDES = {
    "order_lines": "transactions",
    "customer_rfm": "transactions",
    "conversions": "transactions",
    "products": "attributes",
    "campaign": "transactions",
    "responses": "transactions",
    "web_sessions": "behaviour",
    "touchpoints": "behaviour",
    "paths": "behaviour",
    "durations": "behaviour",
    "reviews": "attitudes",
    "customers": "attributes",
}


def render_index(
    client: Any,
    results: Sequence[ReportResult],
    staging: Path,
    *,
    wanted: Mapping[str, Sequence[str]] | None = None,
    workbook: str | None = None,
    since: SinceLast | None = None,
    audiences: int = 0,
    slices: Sequence[DeliveredSlice] = (),
) -> Path:
    """Write the index page of a delivery.

    Parameters
    ----------
    client : Client
        With its intake.
    results : sequence of ReportResult
        One per report of the suite, in their order.
    staging : Path
        The folder that the pages stand in.
    wanted : mapping of str to sequence of str, optional
        Table that was not supplied to the names of the reports that it would serve.
    workbook : str, optional
        Name of the workbook, where there is one.
    since : SinceLast, optional
        The headlines beside those of the delivery before.
    audiences : int
        How many lists for a CRM lie in the folder `audiences`.
    slices : sequence of DeliveredSlice, optional
        The parts of the client that have a delivery of their own.

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
        "opening": _opening(client, results, wording),
        "summary": _summary(results),
        "actions": _actions(results, wording),
        "since": written_changes(since, wording) if since else None,
        "rows": [_row(r, wording) for r in results if r.status != "not_built"],
        "planned": [r.question for r in results if r.status == "not_built"],
        "intake": _intake_table(client.intake, wording, client.has_money),
        "set_aside": _set_aside_table(client.intake, wording, client.has_money),
        "notes": _notes(client),
        "missing": _missing(wanted or {}, results),
        "slices": [_slice(one, wording) for one in slices],
        "workbook": workbook,
        "audiences": wording.count(audiences) if audiences else "",
    }
    page = staging / INDEX_FILE
    html = environment(TEMPLATE).get_template("delivery.html.j2").render(values)
    page.write_text(html, encoding="utf-8", newline="\n")
    return page


def _opening(client: Any, results: Sequence[ReportResult], wording: Wording) -> str:
    there = [r for r in results if r.page]
    levels = [sum(r.verdict == level.value for r in there) for level in Level]
    told = [
        f"{wording.count(n)} {level.value}" for n, level in zip(levels, Level, strict=True) if n
    ]
    pages = "one report" if len(there) == 1 else f"{wording.count(len(there))} reports"
    verdicts = f": {', '.join(told)}" if told else ""
    as_of = wording.date(client.snapshot_date)
    return f"{pages[0].upper()}{pages[1:]} on data as of {as_of}{verdicts}."


def _summary(results: Iterable[ReportResult]) -> list[ReportResult]:
    said = [r for r in results if r.headline and r.status in ("delivered", "kept")]
    # What can be relied on comes first; within a verdict the order of the reports stays.
    firm_first = sorted(said, key=lambda r: r.verdict != Level.RELIABLE.value)
    return firm_first[:MOST_LINES]


def _actions(results: Iterable[ReportResult], wording: Wording) -> list[dict[str, Any]]:
    """Take the most valuable action of each report first, each with what its money is.

    Money to be won or lost comes before the money that a group has brought so far, which only
    says how large the group is. Where two have the same, the order of the reports stays.
    """
    ranked = []
    for result in results:
        if result.status in ("delivered", "kept"):
            own = sorted(result.actions, key=_worth)
            ranked += [(place > 0, *_worth(a), a, result) for place, a in enumerate(own)]
    by_money = [(action, result) for *_, action, result in sorted(ranked, key=lambda r: r[:3])]
    return [
        {
            "sentence": action["sentence"],
            "measure": _measure(action, wording),
            "question": result.question,
            "page": result.page,
        }
        for action, result in by_money[:MOST_ACTIONS]
    ]


def _worth(action: Mapping[str, Any]) -> tuple[bool, float]:
    """Sort an action: money at stake first, then the most of it."""
    size_only = str(action.get("money_is") or "").find(" so far") >= 0
    return size_only or not action.get("money"), -(action.get("money") or 0.0)


def _measure(action: Mapping[str, Any], wording: Wording) -> list[str]:
    money, kind = action.get("money"), action.get("money_is") or ""
    parts = [
        str(action.get("segment") or ""),
        str(action.get("measure") or wording.count(action.get("size"))),
        word("action_money", money=wording.money(money), money_is=kind).strip() if money else "",
    ]
    return [part for part in parts if part]


def _slice(one: DeliveredSlice, wording: Wording) -> dict[str, str]:
    facts = [f"{wording.count(one.orders_rows)} order lines"]
    if one.customers is not None:
        facts.append(f"{wording.count(one.customers)} customers")
    if one.money is not None:
        facts.append(wording.money(one.money))
    return {"label": one.label, "page": one.page, "facts": " · ".join(facts)}


def _row(result: ReportResult, wording: Wording) -> dict[str, Any]:
    return {
        "result": result,
        "badge": badge(Level(result.verdict)) if result.verdict else "",
        "status": _status(result, wording),
    }


def _status(result: ReportResult, wording: Wording) -> str:
    as_of = wording.date(pd.Timestamp(result.as_of)) if result.as_of else ""
    return {
        "delivered": "",
        "kept": f"Page of an earlier run, data as of {as_of}. {result.reason}".strip(),
        "unsupported": _sentences(result.reason, f"Needed: {result.needs}" if result.needs else ""),
        "failed": _sentences("Failed", result.reason),
        "missing_data": _sentences("Not part of this delivery", result.reason),
        "not_asked": "Left out of this run.",
    }[result.status]


def _sentences(*parts: str) -> str:
    return " ".join(part[:1].upper() + part[1:].rstrip(".") + "." for part in parts if part)


def _notes(client: Any) -> list[str]:
    """Say what stands in the data, and that a colour of the brand could not be read as text."""
    notes = [note.text for table in client.intake.tables.values() for note in table.notes]
    shade, repaired = repair_contrast(client.brand.primary)
    if repaired:
        notes.append(
            f"the brand's colour {client.brand.primary} is too pale to be read on white: "
            f"text in it is set in {shade}"
        )
    return notes


def _missing(
    wanted: Mapping[str, Sequence[str]], results: Sequence[ReportResult]
) -> list[tuple[str, str]]:
    questions = {r.name: r.question for r in results if r.status != "not_built"}
    return [
        (TABLES.get(table, (table,))[0], "; ".join(questions[n] for n in names if n in questions))
        for table, names in wanted.items()
        if any(n in questions for n in names)
    ]


def _intake_table(intake: Intake, wording: Wording, has_money: bool) -> str:
    rows = [
        {
            "table": TABLES.get(name, (name,))[0],
            "side": SIDES.get(name, ""),
            "rows_in": table.rows_in,
            "rows_used": table.rows_used,
            "set_aside": table.rows_in - table.rows_used,
            "customers": table.customers,
            "first": table.first,
            "last": table.last,
            "money_in": table.money_in,
            "money_used": table.money_used,
        }
        for name, table in intake.tables.items()
    ]
    amounts: Columns = {
        "money_in": ("Amount in", "money.2"),
        "money_used": ("Amount used", "money.2"),
    }
    return table_markup(
        pd.DataFrame(rows).astype({"customers": "Int64"}),
        caption="Rows in = rows used + rows set aside",
        wording=wording,
        columns={
            "table": ("Source", "text"),
            "side": ("Shows", "text"),
            "rows_in": ("Rows in", "count"),
            "rows_used": ("Used", "count"),
            "set_aside": ("Set aside", "count"),
            "customers": ("Customers", "count"),
            "first": ("From", "date"),
            "last": ("To", "date"),
            **(amounts if has_money else {}),
        },
    )


def _set_aside_table(intake: Intake, wording: Wording, has_money: bool) -> str:
    rows = [row for name, table in intake.tables.items() for row in _set_aside_rows(name, table)]
    if not rows:
        return ""
    columns: Columns = {
        "table": ("Source", "text"),
        "reason": ("Reason", "text"),
        "kind": ("Why", "text"),
        "rows": ("Rows", "count"),
    }
    if has_money:
        columns = {**columns, "money": ("Amount", "money.2")}
    return table_markup(
        pd.DataFrame(rows),
        caption="What was set aside, by reason",
        wording=wording,
        columns=columns,
        rows=len(rows),
    )


def _set_aside_rows(name: str, table: TableIntake) -> list[dict[str, Any]]:
    kinds = {"rule": "a rule of this client", "error": "an error in the row"}
    return [
        {
            "table": TABLES.get(name, (name,))[0],
            "reason": cause(part.reason).text,
            "kind": kinds[part.kind],
            "rows": part.rows,
            "money": part.money,
        }
        for part in table.set_aside
        if part.rows
    ]
