"""Columns whose values speak against their names: rates, totals of orders, an id of the order."""

from dataclasses import replace

from shared.loading.column_names import letters
from shared.loading.proposal_looks import look
from shared.loading.proposal_match import TableMatch
from shared.loading.proposal_names import says_per_cent
from shared.loading.proposal_reading import Drop

_NUMBERS = ("number", "money", "integer")


def mended(match: TableMatch, drop: Drop) -> TableMatch:
    """Put right what the names of a file's columns promise and its rows do not keep."""
    for mend in (
        _tell_order_from_customer,
        _without_words,
        _without_rates,
        _without_order_totals,
    ):
        match = mend(match, drop)
    return match


def _tell_order_from_customer(match: TableMatch, drop: Drop) -> TableMatch:
    """Read a column that is only called "id" as the order if each of its values has one date."""
    columns = match.columns
    theirs = columns.get("customer_id", "")
    if match.table != "order_lines" or letters(theirs) != "id" or "order_id" in columns:
        return match
    if "order_date" not in columns:
        return match
    dates = f"count(DISTINCT {drop.text(columns['order_date'])})"
    ids = f"(SELECT {dates} AS dates, count(*) AS n FROM {drop.table} GROUP BY {drop.text(theirs)})"
    several_dates, repeated = drop.engine.execute(
        f"SELECT count(*) FILTER (dates > 1), count(*) FILTER (n > 1) FROM {ids}"
    ).fetchone() or (0, 0)
    if several_dates or not repeated:
        note = {"customer_id": f"assumed: {theirs} is the customer, it has several dates"}
        return replace(match, notes=match.notes | note)
    renamed = {("order_id" if n == "customer_id" else n): c for n, c in columns.items()}
    note = {"order_id": f"assumed: {theirs} is the order, each has one date"}
    return replace(match, columns=renamed, notes=match.notes | note)


def _without_words(match: TableMatch, drop: Drop) -> TableMatch:
    """Leave out numbers that are none, such as a duration written 00:06:40."""
    for theirs, kind in match.kinds.items():
        if kind in _NUMBERS and theirs in drop.raw.header:
            seen = look(drop, theirs)
            if seen.filled and not seen.is_number:
                name = next(n for n, c in match.columns.items() if c == theirs)
                match = _leave_out(match, name, f"{theirs} holds no numbers")
    return match


def _without_rates(match: TableMatch, drop: Drop) -> TableMatch:
    """Leave out a discount that is a share of the price: the suite takes off an amount."""
    theirs = match.columns.get("discount")
    if theirs is None:
        return match
    if says_per_cent(theirs):
        return _leave_out(match, "discount", f"{theirs} is a rate, no amount")
    value = drop.number(theirs)
    low, high, broken = drop.ask(f"min({value}), max({value}), count(*) FILTER ({value} % 1 <> 0)")
    if low is None or low < 0 or high > 1 or not broken:
        return match
    return _leave_out(match, "discount", f"{theirs} is a rate ({low:g} to {high:g}), no amount")


def _without_order_totals(match: TableMatch, drop: Drop) -> TableMatch:
    """Leave out a total that repeats on each line of an order: summed, it would multiply."""
    columns = match.columns
    if not {"line_value", "order_id", "quantity", "unit_price"} <= set(columns):
        return match
    value = drop.number(columns["line_value"])
    product = f"{drop.number(columns['quantity'])} * {drop.number(columns['unit_price'])}"
    constant, orders = drop.engine.execute(
        f"SELECT count(*) FILTER (low = high), count(*) FROM (SELECT min({value}) AS low, "
        f"max({value}) AS high FROM {drop.table} GROUP BY {drop.text(columns['order_id'])} "
        f"HAVING min({product}) < max({product}))"
    ).fetchone() or (0, 0)
    if not orders or constant < 0.9 * orders:
        return match
    theirs = columns["line_value"]
    return _leave_out(match, "line_value", f"{theirs} repeats the order's total on each line")


def _leave_out(match: TableMatch, name: str, remark: str) -> TableMatch:
    columns = {n: c for n, c in match.columns.items() if n != name}
    return replace(match, columns=columns, left_out=(*match.left_out, remark))
