"""Rejected rows on file: where each stood, why it was left out, and how it was written."""

from pathlib import Path

import pyarrow as pa

from shared.loading.engine import literal, quoted
from shared.loading.opened_table import OpenedTable
from shared.loading.reasons import cause

OWN_COLUMNS = ("row", "file", "reason", "column", "text")


def write_rejects(opened: OpenedTable, path: Path) -> None:
    """Write a table's rows set aside as CSV, in the order of the files.

    Columns `row` (as a spreadsheet numbers it), `file`, `reason` and `column` for every row; rows
    with an error show all their values below the client's own column names, rows that could not
    be read whole stand as they were in `text`. No value can be taken for a formula.
    """
    header = opened.raw.header
    labels = [h if h.lower() not in OWN_COLUMNS else f"{h} (file)" for h in header]
    blanks = ", ".join("NULL" for _ in header)
    values = ", ".join(f"{_harmless(f'v.{quoted(h)}')}" for h in header)
    names = ", ".join(literal(_safe(f.name)) for f in opened.raw.files)
    place = f"r.__file, r.__row, list_extract([{names}], r.__file + 1), r.reason, r.__at"
    errors = _error_reasons(opened)
    columns = ", ".join(map(quoted, ("__file", *OWN_COLUMNS[:-1], *labels, "text")))
    opened.engine.register("unread_rows", _unread(opened))
    opened.engine.execute(
        f"COPY (WITH left_out({columns}) AS ("
        f"SELECT {place}, {blanks}, NULL FROM {opened.rows} AS r "
        f"WHERE r.reason IS NOT NULL AND r.reason NOT IN ({errors}) UNION ALL "
        f"SELECT {place}, {values}, NULL FROM {opened.rows} AS r JOIN {opened.view} AS v "
        f"ON r.__file = v.__file AND r.__row = v.__row WHERE r.reason IN ({errors}) UNION ALL "
        f"SELECT file, row, name, reason, NULL, {blanks}, {_harmless('text')} FROM unread_rows) "
        f'SELECT * EXCLUDE (__file) FROM left_out ORDER BY __file, "row") '
        f"TO {literal(str(path))} (FORMAT csv, HEADER)"
    )
    opened.engine.unregister("unread_rows")


def _error_reasons(opened: OpenedTable) -> str:
    found = opened.ask(f"SELECT DISTINCT reason FROM {opened.rows} WHERE reason IS NOT NULL")
    errors = sorted(reason for (reason,) in found if cause(reason).kind == "error")
    return ", ".join(map(literal, errors)) or "''"


def _unread(opened: OpenedTable) -> pa.Table:
    numbers = {file.name: i for i, file in enumerate(opened.raw.files)}
    rejects = opened.raw.rejects
    return pa.table(
        {
            "file": pa.array([numbers.get(r.file, 0) for r in rejects], pa.int32()),
            "row": pa.array([r.row for r in rejects], pa.int64()),
            "name": pa.array([_safe(r.file) for r in rejects], pa.string()),
            "reason": pa.array([r.reason for r in rejects], pa.string()),
            "text": pa.array([r.text for r in rejects], pa.string()),
        }
    )


def _harmless(sql: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula; numbers stay numbers."""
    text = f"{sql}::VARCHAR"
    formula = f"regexp_matches({text}, '^[=+@\\t\\r-]') AND TRY_CAST({text} AS DOUBLE) IS NULL"
    return f"CASE WHEN {formula} THEN chr(39) || {text} ELSE {text} END"


def _safe(name: str) -> str:
    return f"'{name}" if name[:1] in "=+@-\t" else name
