"""Which columns of a table are read, and as what: the schema's kinds, attributes by their look."""

from collections.abc import Iterable
from dataclasses import replace

from shared.loading.engine import literal, quoted
from shared.loading.opened_table import OpenedTable
from shared.loading.raw_table import RawTable
from shared.loading.schema import CUSTOMER_DAY, TABLES, Kind
from shared.loading.sniff import resolve_formats
from shared.loading.text_values import MISSING, Reading, trimmed
from shared.loading.typed_columns import TypedColumn, is_number_type

NUMBER_LOOK = r"[+-]?[0-9]+([.,'’  ][0-9]+)*([eE][+-]?[0-9]+)?"
# 00123 is a code and not the number 123.
CODE_LOOK = r"[+-]?0[0-9].*"
# Seconds that an export may write as a clock does: 00:06:40 for 400.
CLOCK_COLUMNS = frozenset({"duration_seconds"})
# Rows may lack these without being broken: the rules or the analyses know what to do.
MAY_BE_BLANK = frozenset({("order_lines", "customer_id")})


def columns_to_read(
    opened: OpenedTable, *, max_loss: float, merge_ids: bool
) -> tuple[list[TypedColumn], RawTable]:
    """List the columns to read, with how their dates and numbers are written.

    Parameters
    ----------
    max_loss : float
        Share of values that no way of reading has to fit.
    merge_ids : bool
        Whether ids that differ in case and space alone are one.

    Returns
    -------
    list of TypedColumn, RawTable
        The second is the input with its formats resolved.
    """
    kinds = _kinds(opened)
    mapped = {source: kinds[name] for name, source in opened.columns.sources.items()}
    raw = resolve_formats(opened.raw, mapped, opened.config.format, max_loss=max_loss)
    columns = [
        TypedColumn(
            name=name,
            kind=kinds[name],
            source=source,
            native=opened.native.get(source, "VARCHAR"),
            required=_is_required(opened.table, name, set(opened.columns.columns)),
            reading=_reading(raw, name, source, opened.config.rules.values.get(name, {})),
            merge=merge_ids,
        )
        for name, source in (opened.columns.columns | opened.columns.extras).items()
        if source != CUSTOMER_DAY
    ]
    return columns, raw


def _kinds(opened: OpenedTable) -> dict[str, Kind]:
    schema = TABLES[opened.table].columns
    kinds: dict[str, Kind] = {name: schema[name].kind for name in opened.columns.columns}
    texts = {n: s for n, s in opened.columns.extras.items() if opened.native[s] == "VARCHAR"}
    numeric = _numeric_looking(opened, texts)
    for name, source in opened.columns.extras.items():
        native = _native_kind(opened.native[source])
        kinds[name] = "number" if name in numeric else native
        if name in opened.config.rules.values:
            kinds[name] = "flag"
    return kinds


def _numeric_looking(opened: OpenedTable, texts: dict[str, str]) -> set[str]:
    """Name the attributes whose every filled value looks like a number and none like a code."""
    if not texts:
        return set()
    blank = ", ".join(map(literal, MISSING))
    tests = ", ".join(
        f"coalesce(bool_and({text} IN ({blank}) OR (regexp_full_match({text}, "
        f"{literal(NUMBER_LOOK)}) AND NOT regexp_full_match({text}, {literal(CODE_LOOK)}))), false)"
        for text in (trimmed(quoted(source)) for source in texts.values())
    )
    (answers,) = opened.ask(f"SELECT {tests} FROM {opened.view}")
    return {name for name, numeric in zip(texts, answers, strict=True) if numeric}


def _native_kind(native: str) -> Kind:
    if is_number_type(native):
        return "number"
    if native == "BOOLEAN":
        return "flag"
    return "timestamp" if native.startswith(("TIMESTAMP", "DATE")) else "text"


def _is_required(table: str, name: str, mapped: Iterable[str]) -> bool:
    """Say whether a row needs it: its id, date and value; a line's value comes either way."""
    if (table, name) in MAY_BE_BLANK or name not in TABLES[table].columns:
        return False
    if table == "order_lines" and name == "unit_price":
        return "line_value" not in mapped
    if table == "order_lines" and name in {"quantity", "line_value"}:
        return True
    return any(name in needed for needed in TABLES[table].essential)


def _reading(raw: RawTable, name: str, source: str, values: dict[str, float]) -> Reading:
    typed = source in raw.typed_columns
    dates = raw.date_formats.get(source, ())
    reading = Reading(dates=dates, values=values, is_clock=name in CLOCK_COLUMNS)
    if typed or raw.decimal is None:
        return reading
    return replace(reading, decimal=raw.decimal, thousands=raw.thousands or "")
