"""Rows that a column says were cancelled: left out by the client's rule, or noted where none is."""

from collections.abc import Iterable

import duckdb

from shared.loading.column_names import letters, yaml_text
from shared.loading.counts import Note
from shared.loading.engine import literal, quoted
from shared.loading.errors import DataRefused
from shared.loading.opened_table import OpenedTable
from shared.loading.text_values import trimmed
from shared.loading.words_near import did_you_mean

MOST_VALUES = 40  # of a column that says in which state a row is
LONGEST_STATE = 40  # letters; a longer text is a remark
LEFT_OUT = "left_out"
_STEMS = (
    "storn", "cancel", "annul", "anul", "iptal", "отмен", "refund", "return", "retour", "retoure",
    "iade", "возвра", "rembours", "reembols", "devol", "devuel", "erstattet", "zuruckgegeben",
    "ruckgabe", "void",
)  # fmt: skip


def cancelled_states(values: Iterable[str]) -> list[str]:
    """Name the values that say cancelled or returned, in the languages of the vocabulary."""
    return [v for v in values if len(v) <= LONGEST_STATE and letters(v).startswith(_STEMS)]


def set_left_out_aside(opened: OpenedTable) -> None:
    """Mark the rows whose column has a value that the client's rule `leave_out` names.

    Case and surrounding space do not matter. Errors and earlier rules keep their reason.

    Raises
    ------
    DataRefused
        If a column of the rule is in no header.
    """
    tests = [
        f"lower({trimmed(quoted(_column(opened, name)))}) IN "
        f"({', '.join(literal(value.strip().lower()) for value in values)})"
        for name, values in opened.config.rules.leave_out.items()
        if values
    ]
    if tests:
        rows = f"SELECT __file, __row FROM {opened.view} WHERE {' OR '.join(tests)}"
        opened.engine.execute(
            f"UPDATE {opened.rows} SET reason = '{LEFT_OUT}' "
            f"WHERE reason IS NULL AND (__file, __row) IN ({rows})"
        )


def cancelled_but_used(opened: OpenedTable) -> list[Note]:
    """Say which order lines count though a column that is not mapped calls them cancelled."""
    if opened.table != "order_lines":
        return []
    ruled = {_column(opened, name) for name in opened.config.rules.leave_out}
    free = [c for c in opened.texts if c not in {*opened.columns.sources.values(), *ruled}]
    used = (
        f"(SELECT * FROM {opened.view} SEMI JOIN (SELECT __file, __row FROM {opened.rows} "
        "WHERE reason IS NULL AND NOT is_refund) USING (__file, __row))"
    )
    notes = []
    for column, states in cancelled_values(opened.engine, used, free).items():
        rows = sum(states.values())
        said = ", ".join(states)
        text = f"{rows:,} lines that say {said} in {column} count as sales"
        listed = ", ".join(map(yaml_text, states))
        hint = f"rules: leave_out: {{{yaml_text(column)}: [{listed}]}} sets them aside"
        notes.append(Note("cancelled_but_used", text, rows, hint))
    return notes


def cancelled_values(
    engine: duckdb.DuckDBPyConnection, rows: str, columns: list[str]
) -> dict[str, dict[str, int]]:
    """Give the states that say cancelled and how many rows have each, by column of few values.

    Parameters
    ----------
    engine : duckdb.DuckDBPyConnection
        Where the rows are.
    rows : str
        Query or table of the raw rows that are looked at.
    columns : list of str
        The client's columns that could hold a state.
    """
    few = [f"approx_count_distinct({quoted(c)}) <= {2 * MOST_VALUES}" for c in columns]
    if not few:
        return {}
    is_few = engine.execute(f"SELECT {', '.join(few)} FROM {rows}").fetchone() or ()
    found = {}
    for column in (c for c, likely in zip(columns, is_few, strict=True) if likely):
        text = trimmed(quoted(column))
        counts = engine.execute(
            f"SELECT {text}, count(*) FROM {rows} WHERE {text} IS NOT NULL "
            f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_VALUES + 1}"
        ).fetchall()
        states = cancelled_states(state for state, _ in counts)
        if states and len(counts) <= MOST_VALUES:
            found[column] = {state: n for state, n in counts if state in states}
    return found


def _column(opened: OpenedTable, name: str) -> str:
    """Find the client's column, which the rule may also call by its canonical name."""
    if name in opened.raw.header:
        return name
    if name in opened.columns.sources:
        return opened.columns.sources[name]
    known = [*opened.raw.header, *opened.columns.sources]
    raise DataRefused(
        "E-DATA-07",
        f"{opened.file}:{name}",
        f"is named by leave_out, but the file has no such column{did_you_mean(name, known)}",
        found=", ".join(sorted(opened.raw.header)[:12]),
        fix=f"{opened.config.cite(f'rules.leave_out.{name}')}: name one of the columns above",
    )
