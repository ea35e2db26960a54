"""Values that cannot be read: how they were tried, two of them, and what to type."""

from shared.loading.engine import literal, quoted
from shared.loading.schema import NUMERIC_KINDS, TABLES
from shared.loading.table_intake import TypedTable
from shared.loading.text_values import Reading, number_value, shape, trimmed

SHOWN = 2
# A column of so few words, each on so many rows, holds no persons.
FEW_WORDS, ROWS_A_WORD = 20, 3
MOST_DIGITS = 6  # a telephone number has more


def how_read(typed: TypedTable, reason: str, column: str) -> str:
    """Say how a column was read: its date formats, or the signs of its numbers, with values."""
    raw = typed.opened.raw
    if column in raw.date_formats:
        return f"read as {' or '.join(raw.date_formats[column])}"
    values = _shown(typed, reason, column)
    such = f"such as {' and '.join(values)}" if values else ""
    numeric = _kind_of(typed, column) in NUMERIC_KINDS and column in typed.opened.texts
    if numeric and raw.decimal:
        thousands = f' and thousands "{raw.thousands}"' if raw.thousands else ""
        return f'{such}, read with decimal "{raw.decimal}"{thousands}'.removeprefix(", ")
    return such


def remedy(typed: TypedTable, reason: str, column: str) -> str:
    """Say what to type in client.yaml so that rows with an error can be read."""
    config = typed.opened.config
    words = f"{{{_name_of(typed, column)}: {{<their word>: 1, <their word>: 0}}}}"
    by_reason = {
        "bad_date": config.answer("format.date", "[<both formats>]"),
        "bad_flag": config.answer("rules.values", words),
        "too_many_fields": f"{config.answer('format.delimiter', '…')}, or a new export",
        "too_few_fields": f"{config.answer('format.delimiter', '…')}, or a new export",
    }
    if reason == "bad_number":
        fix = _number_remedy(typed, column)
    else:
        fix = by_reason.get(reason, "ask the client for a corrected export")
    return f"{fix}\nor raise max_loss in client.yaml to go on without these rows"


def _number_remedy(typed: TypedTable, column: str) -> str:
    """Name the other decimal sign where it reads the values; else let words stand for numbers."""
    raw, config = typed.opened.raw, typed.opened.config
    if column in typed.opened.texts and raw.decimal:
        other = "," if raw.decimal == "." else "."
        swapped = Reading(decimal=other, thousands=raw.decimal)
        rows, read = _count(typed, column, number_value("t", swapped))
        if 2 * read > rows:
            fix = config.answer("format.decimal", f'"{other}"')
            also = f' and thousands: "{raw.decimal}"' if config.format.thousands == other else ""
            return f"{fix}{also}, which reads {read:,} of these {rows:,}"
    words = [value for value in _shown(typed, "bad_number", column) if value.endswith('"')]
    name = _name_of(typed, column)
    pairs = f"{{{name}: {{{[*words, '<their word>'][0]}: <number>}}}}"
    return f"{config.answer('rules.values', pairs)}, for each such value, or do not map {name}"


def _shown(typed: TypedTable, reason: str, column: str) -> list[str]:
    """Quote the commonest values; what could name a person shows as its shape alone."""
    if column not in typed.opened.texts:
        return []
    bad = _bad_values(typed, reason, column)
    digits = "length(regexp_replace(t, '[^0-9]', '', 'g'))"
    plain = f"{digits} BETWEEN 1 AND {MOST_DIGITS} AND length(t) <= 12"
    few = f"count(*) OVER () <= {FEW_WORDS} AND sum(n) OVER () >= {ROWS_A_WORD} * count(*) OVER ()"
    found = typed.opened.ask(
        f"SELECT t, {shape('t')}, ({plain}) OR ({few}) FROM ({bad}) ORDER BY n DESC, t"
    )
    shown = (
        f'"{text}"' if may else f'"{look}" (9 a digit, a a letter)' for text, look, may in found
    )
    return list(dict.fromkeys(shown))[:SHOWN]


def _count(typed: TypedTable, column: str, test: str) -> tuple[int, int]:
    bad = _bad_values(typed, "bad_number", column)
    ((rows, read),) = typed.opened.ask(
        f"SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER ({test} IS NOT NULL), 0) FROM ({bad})"
    )
    return int(rows), int(read)


def _bad_values(typed: TypedTable, reason: str, column: str) -> str:
    """Write the values of a column that set a row aside, each with its rows."""
    opened = typed.opened
    return (
        f"SELECT {trimmed(quoted(column))} AS t, count(*) AS n FROM {opened.view} "
        f"SEMI JOIN (SELECT __file, __row FROM {opened.rows} WHERE reason = {literal(reason)} "
        f"AND __at = {literal(column)}) USING (__file, __row) GROUP BY t HAVING t IS NOT NULL"
    )


def _kind_of(typed: TypedTable, column: str) -> str:
    known = TABLES[typed.opened.table].columns.get(_name_of(typed, column))
    return known.kind if known else "text"


def _name_of(typed: TypedTable, column: str) -> str:
    """Give the canonical name of a client's column."""
    sources = {s: n for n, s in typed.opened.columns.columns.items()}
    return sources.get(column, column)
