"""What an intake leaves out: counted by reason, and refused where it is too much or a guess."""

from collections.abc import Mapping
from datetime import timedelta

from shared.loading.counts import SetAside
from shared.loading.engine import literal, quoted
from shared.loading.errors import DataRefused
from shared.loading.opened_table import ROWS_SHOWN, rows_in_words
from shared.loading.reasons import AFTER_SNAPSHOT, FOOTER, cause
from shared.loading.rules import UNDECLARED_REFUND
from shared.loading.schema import TABLES
from shared.loading.slices import Slice
from shared.loading.table_intake import ENTITIES, TypedTable
from shared.loading.unread_values import how_read, remedy
from shared.loading.words_near import near, quote

SLICES_SHOWN = 3
EXACT = "DECIMAL(38, 6)"


def rows_set_aside(typed: TypedTable) -> tuple[SetAside, ...]:
    """Count the rows left out and their money by reason, rules first, the largest first.

    Total rows repeat the money of the rows above them and have none of their own.
    """
    # A total row holds no money of its own: its sum would read as revenue that was lost.
    own = f"FILTER (reason <> {literal(FOOTER)})"
    money = f"sum({quoted(typed.money)}::{EXACT}) {own}::DOUBLE" if typed.money else "NULL"
    counted = typed.opened.ask(
        f"SELECT reason, count(*), {money} FROM {typed.opened.rows} "
        "WHERE reason IS NOT NULL GROUP BY reason"
    )
    counts = {reason: (rows, value) for reason, rows, value in counted}
    for reject in typed.opened.raw.rejects:
        rows, value = counts.get(reject.reason, (0, None))
        counts[reject.reason] = (rows + 1, value)
    nothing = 0.0 if typed.money else None
    found = [
        SetAside(reason, cause(reason).kind, rows, nothing if value is None else value)
        for reason, (rows, value) in counts.items()
    ]
    return tuple(sorted(found, key=lambda s: (s.kind != "rule", -s.rows, s.reason)))


def refuse_undeclared_refunds(typed: TypedTable) -> None:
    """Ask what negative lines are, showing what each answer makes of the revenue."""
    opened = typed.opened
    if opened.table != "order_lines":
        return
    value = quoted(typed.money or "quantity")
    used = f"reason IS NULL OR reason = {literal(UNDECLARED_REFUND)}"
    ((rows, net, positive),) = opened.ask(
        f"SELECT count(*) FILTER (reason = {literal(UNDECLARED_REFUND)}), "
        f"sum({value}::{EXACT})::DOUBLE, sum({value}::{EXACT}) FILTER (reason IS NULL)::DOUBLE "
        f"FROM {opened.rows} WHERE {used}"
    )
    if not rows:
        return
    places = _places(typed, f"reason = {literal(UNDECLARED_REFUND)}")
    noun = "revenue" if typed.money else "units"
    raise DataRefused(
        "E-DATA-31",
        f"{opened.file}:{_amount_column(typed)}",
        f"{'1 line is' if rows == 1 else f'{rows:,} lines are'} negative, and no rule says what "
        f"{'it is' if rows == 1 else 'they are'}",
        found=f"first in {places}\n"
        f"as refunds that reduce {noun} (net): {noun} {net or 0:,.2f}\n"
        f"left out (set_aside): {noun} {positive or 0:,.2f}",
        fix=f"{opened.config.answer('rules.refunds', 'net')}, or set_aside; "
        "keep counts them as orders",
    )


def refuse_losses(typed: TypedTable, set_aside: tuple[SetAside, ...], *, max_loss: float) -> None:
    """Refuse a table of which more than the allowed share is set aside for errors."""
    opened = typed.opened
    rows_in = rows_read(typed)
    errors = sorted((s for s in set_aside if s.kind == "error"), key=lambda s: (-s.rows, s.reason))
    lost = sum(s.rows for s in errors)
    if lost > max_loss * rows_in:
        worst = errors[0]
        column = _column_of(typed, worst.reason)
        lines = [f"{s.rows:,} {cause(s.reason).text}: {_first(typed, s.reason)}" for s in errors]
        if how := how_read(typed, worst.reason, column):
            lines.insert(1, how)
        raise DataRefused(
            "E-DATA-30",
            f"{opened.file}:{column}".rstrip(":"),
            f"{lost:,} of {rows_in:,} rows have errors, more than max_loss allows ({max_loss:.0%})",
            found="\n".join(lines[:4]),
            fix=remedy(typed, worst.reason, column),
        )


def refuse_nothing_left(typed: TypedTable, set_aside: tuple[SetAside, ...]) -> None:
    """Refuse a table of which every row is set aside."""
    opened = typed.opened
    rows_in = rows_read(typed)
    if sum(s.rows for s in set_aside) == rows_in:
        why = ", ".join(f"{s.rows:,} {cause(s.reason).text}" for s in set_aside)
        largest = max(set_aside, key=lambda s: s.rows).reason if set_aside else ""
        raise DataRefused(
            "E-DATA-39",
            f"{opened.file}:{opened.table}",
            f"no row is left of {rows_in:,}",
            found=why,
            fix=_way_to_rows(typed, largest),
        )


def _way_to_rows(typed: TypedTable, reason: str) -> str:
    config = typed.opened.config
    if reason == AFTER_SNAPSHOT:
        ((last,),) = typed.opened.ask(
            f"SELECT max({typed.clock})::DATE FROM {typed.opened.rows} "
            f"WHERE reason = {literal(AFTER_SNAPSHOT)}"
        )
        return f"{config.label}: snapshot_date: {last + timedelta(days=1)} keeps them"
    return f"{config.cite('rules')}: rules"


def refuse_empty_slice(typed: Mapping[str, TypedTable], part: Slice, *, cited: str) -> None:
    """Refuse a slice that no order line is of: its value is written otherwise, or not there."""
    lines = typed.get("order_lines")
    if lines is None or part.column not in lines.names:
        return
    value = f"trim({quoted(part.column)}::VARCHAR)"
    found = lines.opened.ask(
        f"SELECT {value} AS v, count(*) AS n FROM {lines.opened.rows} "
        f"WHERE v IS NOT NULL GROUP BY v ORDER BY n DESC, v"
    )
    values = [v for v, _ in found]
    if part.value in values:
        return
    close = near(part.value, values)
    shown = "\n".join(f"{quote(v)}: {n:,} rows" for v, n in found[:SLICES_SHOWN])
    source = lines.opened.columns.columns[part.column]
    raise DataRefused(
        "E-DATA-41",
        f"{lines.opened.file}:{source}",
        f"no row has the {part.column.replace('_', ' ')} {quote(part.value)} "
        f"that a slice is asked for",
        found=f"{len(values):,} other values; the commonest are\n{shown}" if values else "no value",
        fix=f"{cited}: {f'did you mean {quote(close)}?' if close else 'one of the values there'}",
    )


def refuse_double_entities(typed: TypedTable) -> None:
    """Refuse two different rows for one customer or product: joined to orders, both would count."""
    opened = typed.opened
    key = TABLES[opened.table].key
    if opened.table not in ENTITIES or not set(key) <= set(typed.names):
        return
    names = ", ".join(map(quoted, key))
    again = (
        f"SELECT __file, __row FROM {opened.rows} WHERE reason IS NULL "
        f"QUALIFY row_number() OVER (PARTITION BY {names} ORDER BY __file, __row) > 1 "
        "ORDER BY __file, __row"
    )
    found = opened.ask(again)
    if found:
        places = rows_in_words([opened.place(*place) for place in found[:ROWS_SHOWN]])
        raise DataRefused(
            "E-DATA-36",
            f"{opened.file}:{opened.columns.columns[key[0]]}",
            f"{len(found):,} rows have an id that an earlier row has, with other values",
            found=f"first in {places}; a table of {opened.table} has one row each",
            fix=f"{opened.config.cite('rules')}: rules: "
            f"{{duplicates: drop, duplicate_key: [{names}]}} keeps the first".replace('"', ""),
        )


def rows_read(typed: TypedTable) -> int:
    """Count the rows that came in, those that could not be read whole included."""
    ((rows,),) = typed.opened.ask(f"SELECT count(*) FROM {typed.opened.rows}")
    return int(rows) + len(typed.opened.raw.rejects)


def _amount_column(typed: TypedTable) -> str:
    sources = typed.opened.columns.sources
    names = ("quantity", "line_value", "unit_price")
    return next((sources[n] for n in names if n in sources), typed.opened.table)


def _column_of(typed: TypedTable, reason: str) -> str:
    """Name the client's column in which most rows have an error."""
    rows = typed.opened.ask(
        f"SELECT __at FROM {typed.opened.rows} WHERE reason = {literal(reason)} "
        "GROUP BY __at ORDER BY count(*) DESC, __at LIMIT 1"
    )
    return str(rows[0][0] or "") if rows else ""


def _first(typed: TypedTable, reason: str) -> str:
    """Name the first rows with a reason, as a spreadsheet numbers them."""
    unread = [f"{r.file}:{r.row}" for r in typed.opened.raw.rejects if r.reason == reason]
    if unread:
        return rows_in_words(unread)
    return _places(typed, f"reason = {literal(reason)}")


def _places(typed: TypedTable, test: str) -> str:
    opened = typed.opened
    found = opened.ask(
        f"SELECT __file, __row FROM {opened.rows} WHERE {test} "
        f"ORDER BY __file, __row LIMIT {ROWS_SHOWN}"
    )
    return rows_in_words([opened.place(file, row) for file, row in found])
