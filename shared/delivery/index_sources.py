"""The data on the index: what each source covers, where every row went, what stands in them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shared.analysis.column_words import plain
from shared.analysis.source_coverage import (
    ATTITUDINAL,
    BEHAVIOURAL,
    KINDS,
    TRANSACTIONAL,
    SourceCoverage,
)
from shared.loading.brand import repair_contrast
from shared.loading.counts import Intake, TableIntake
from shared.loading.reasons import cause
from shared.plots.locales import Wording
from shared.report.tables import Columns, table_markup
from shared.report.words import AMOUNTS, COVERED, TABLES

# Listed even where it was not supplied, so that a gap is seen.
EXPECTED = (
    (TRANSACTIONAL, "order_lines"), (BEHAVIOURAL, "web_sessions"), (BEHAVIOURAL, "touchpoints"),
    (ATTITUDINAL, "reviews"),
)  # fmt: skip


def coverage_table(coverage: SourceCoverage, wording: Wording) -> str:
    """Write what is known of how many customers, by kind of source; gaps are rows too."""
    known: list[dict[str, Any]] = coverage.table.to_dict("records")  # type: ignore[assignment]
    rows = [row | {"source": _source(row["table"], row["column"])} for row in known]
    rows += [
        {"kind": kind, "source": f"{_source(table, '')}: not supplied"}
        for kind, table in EXPECTED
        if table not in set(coverage.table["table"])
    ]
    rows.sort(key=lambda row: KINDS.index(row["kind"]))
    people = coverage.base is not None
    covered: Columns = {"customers": ("Customers", "count"), "share": ("Share", "share.0")}
    return table_markup(
        pd.DataFrame(rows, columns=["kind", "source", "rows", *covered, "first", "last"]),
        caption=_caption(coverage, wording),
        wording=wording,
        columns={
            "source": ("Source", "text"),
            "kind": ("Kind", "text"),
            "rows": ("Rows", "count"),
            **(covered if people else {}),
            "first": ("From", "date"),
            "last": ("To", "date"),
        },
        rows=len(rows),
    )


def _caption(coverage: SourceCoverage, wording: Wording) -> str:
    if coverage.base is None:
        return "What was supplied, by kind; no source names customers"
    whom = " in the order lines" if coverage.main == "order_lines" else ""
    return f"How many of the {wording.count(coverage.base)} customers{whom} each source tells about"


def _source(table: str, column: str) -> str:
    named = COVERED.get((table, column))
    return named or (plain(column) if column else TABLES.get(table, (table,))[0])


def intake_table(intake: Intake, wording: Wording, has_money: bool) -> str:
    """Write for each table the rows that came in, those used and those set aside."""
    rows = [
        {
            "table": TABLES.get(name, (name,))[0],
            "rows_in": table.rows_in,
            "rows_used": table.rows_used,
            "set_aside": table.rows_in - table.rows_used,
            "summed": AMOUNTS.get(name, "") if table.money_in is not None else "",
            "money_in": table.money_in,
            "money_used": table.money_used,
        }
        for name, table in intake.tables.items()
    ]
    amounts: Columns = {
        "summed": ("Amount of", "text"),
        "money_in": ("Amount in", "money.2"),
        "money_used": ("Amount used", "money.2"),
    }
    return table_markup(
        pd.DataFrame(rows),
        caption="Rows in = rows used + rows set aside",
        wording=wording,
        columns={
            "table": ("Source", "text"),
            "rows_in": ("Rows in", "count"),
            "rows_used": ("Used", "count"),
            "set_aside": ("Set aside", "count"),
            **(amounts if has_money else {}),
        },
        rows=len(rows),
    )


def set_aside_table(intake: Intake, wording: Wording, has_money: bool) -> str:
    """Write what was set aside by reason; "" where nothing was."""
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
    kinds = {"rule": "rule", "error": "error"}
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


def notes_on(tables: Mapping[str, TableIntake], primary: str) -> list[str]:
    """Say what stands in the data, and that a colour of the brand could not be read as text."""
    # A note on the only table there is needs no name of it.
    notes = [
        f"{TABLES.get(name, (name,))[0]}: {note.text}" if len(tables) > 1 else note.text
        for name, table in tables.items()
        for note in table.notes
    ]
    shade, repaired = repair_contrast(primary)
    if repaired:
        notes.append(
            f"the brand's colour {primary} is too pale to be read on white: "
            f"text in it is set in {shade}"
        )
    return [note[:1].upper() + note[1:] for note in notes]
