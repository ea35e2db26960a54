"""What is said of rows that come twice: how many, set aside or kept, and which days overlap."""

from shared.loading.counts import Note
from shared.loading.opened_table import ROWS_SHOWN, rows_in_words
from shared.loading.repeated_rows import REPEATED, exact_repeats, overlap_of, same_files
from shared.loading.table_intake import TypedTable

# What a row is called where it repeats another.
ONE_ROW = {"order_lines": "order line", "customers": "customer", "products": "product"}


def repeat_notes(typed: TypedTable) -> list[Note]:
    """Say which files and rows come twice, and what is done with them."""
    opened = typed.opened
    if opened.columns.has_numbered_rows:
        return []
    notes = [
        Note("same_file", f"{second} has the same bytes as {first}", opened.raw.files[0].rows)
        for first, second in same_files(opened.raw.files)
    ]
    dropped = _set_aside_repeats(typed)
    # What the reports do not use is no repeat to decide about, once repeats are set aside.
    kept = _kept_repeats(typed, among="reason IS NULL" if dropped else "")
    return [*notes, *dropped, *kept, *_overlap(typed)]


def _set_aside_repeats(typed: TypedTable) -> list[Note]:
    """Say how many rows were dropped as repeats, and how many of them agree in every column."""
    rows = row_count(typed, REPEATED)
    if not rows:
        return []
    same = exact_repeats(typed.opened, among=REPEATED)
    verb = "repeats" if rows == 1 else "repeat"
    what = f"{counted_rows(rows)} {verb} an earlier {ONE_ROW.get(typed.opened.table, 'row')}"
    if same.rows == rows:
        text = f"{what} in every column: {'all ' * (rows > 1)}set aside"
    else:
        partly = f", {same.rows:,} of them in every column" if same.rows else ""
        text = f"{what}{partly}: {f'all {rows:,} ' * (rows > 1)}set aside"
    places = typed.opened.ask(
        f"SELECT __file, __row FROM {typed.opened.rows} WHERE {REPEATED} "
        f"ORDER BY __file, __row LIMIT {ROWS_SHOWN}"
    )
    first = rows_in_words([typed.opened.place(*place) for place in places])
    return [Note("repeated_rows", text, rows, f"first in {first}")]


def _kept_repeats(typed: TypedTable, *, among: str) -> list[Note]:
    repeats = exact_repeats(typed.opened, among=among)
    if not repeats.rows:
        return []
    places = rows_in_words([typed.opened.place(*place) for place in repeats.places])
    verb = "repeats" if repeats.rows == 1 else "repeat"
    text = f"{counted_rows(repeats.rows)} {verb} an earlier one in every column: kept"
    hint = f"first in {places}; rules: duplicates: drop removes them"
    return [Note("repeated_rows", text, repeats.rows, hint)]


def _overlap(typed: TypedTable) -> list[Note]:
    if not row_count(typed, REPEATED):
        return []
    found = overlap_of(typed.opened, typed.names, clock=typed.clock)
    if not found.rows:
        return []
    verb = "stands" if found.rows == 1 else "stand"
    is_are = "is" if found.rows == 1 else "are"
    text = f"{counted_rows(found.rows)} {verb} in two files and {is_are} counted once"
    if found.first:
        text += f": the files overlap from {found.first} to {found.last}"
    return [Note("overlap", text, found.rows)]


def row_count(typed: TypedTable, test: str) -> int:
    """Count the typed rows that pass a test."""
    ((rows,),) = typed.opened.ask(f"SELECT count(*) FROM {typed.opened.rows} WHERE {test}")
    return int(rows)


def counted_rows(rows: int) -> str:
    """Write "1 row" or "1,234 rows"."""
    return f"{rows:,} row{'' if rows == 1 else 's'}"
