"""Which canonical table a client's file is, and which of its columns mean what."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from shared.loading.column_names import letters
from shared.loading.proposal_reading import Drop
from shared.loading.schema import CUSTOMER_DAY, ROW_NUMBER, TABLES
from shared.loading.words_near import near

SHORTEST_NEAR_NAME = 6
MOST_ARMS = 20
MOST_CANDIDATES = 6
# Where two tables fit a file equally, the more particular one is meant.
_ORDER = (
    "paths", "order_lines", "web_sessions", "customer_rfm", "durations", "campaign", "reviews",
    "touchpoints", "conversions", "responses", "customers", "products",
)  # fmt: skip
_NUMBERS = ("number", "money", "integer")


@dataclass(frozen=True)
class TableMatch:
    """A file as a canonical table.

    Attributes
    ----------
    table : str
        Canonical table.
    columns : dict of str to str
        Canonical name to the client's column or a marker.
    notes : dict of str to str
        Why, for each guess among `columns`.
    decide : dict of str to tuple of str
        Canonical columns that nothing was found for, and which columns could be meant.
    left_out : tuple of str
        Remarks on columns that look alike but were not mapped.
    """

    table: str
    columns: dict[str, str]
    notes: dict[str, str] = field(default_factory=dict)
    decide: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def kinds(self) -> dict[str, str]:
        """Schema kind of each mapped column of the client."""
        known = TABLES[self.table].columns
        return {theirs: known[ours].kind for ours, theirs in self.columns.items() if ours in known}


def map_drop(drop: Drop) -> list[TableMatch]:
    """Give the tables a file can serve, the best first; none if nothing is recognised.

    Parameters
    ----------
    drop : Drop
        The file; its rows are asked where names alone do not tell, such as whether an `id` is the
        customer's or the order's.
    """
    found = [match for table in _ORDER if (match := _map(table, drop))]
    whole = [match for match in found if not match.decide]
    best = max(whole or found, key=_score, default=None)
    if best is None:
        return []
    best = _with_candidates(best, drop)
    labelled = [m for m in whole if m.table == "responses" and best.table == "customers"]
    return [best, *labelled]


def match_names(table: str, header: tuple[str, ...]) -> dict[str, str]:
    """Match canonical columns with a client's by name: exact names first, then synonyms."""
    plain = {letters(name): name for name in reversed(header)}
    ranked = sorted(
        (rank, i, canonical, plain[name])
        for i, (canonical, column) in enumerate(TABLES[table].columns.items())
        for rank, name in enumerate((letters(canonical), *column.synonyms))
        if name in plain
    )
    matched: dict[str, str] = {}
    for _, _, canonical, theirs in ranked:
        if canonical not in matched and theirs not in matched.values():
            matched[canonical] = theirs
    return {name: matched[name] for name in TABLES[table].columns if name in matched}


def _map(table: str, drop: Drop) -> TableMatch | None:
    columns = match_names(table, drop.raw.header)
    near_ones = _near_names(table, drop.raw.header, columns)
    notes = dict.fromkeys(near_ones, "assumed: nearly the same name")
    match = TableMatch(table, columns | near_ones, notes)
    for mend in (_tell_order_from_customer, _without_rates, _without_order_totals):
        match = mend(match, drop)
    match = _with_open_columns(_with_markers(match))
    essential = {name for option in TABLES[table].essential for name in option}
    known = [n for n in match.columns if n in essential and match.columns[n][0] != "#"]
    if not known or len(match.decide) > 1:
        return None
    return match if table not in _LIKELY or _LIKELY[table](match, drop) else None


def _near_names(table: str, header: tuple[str, ...], columns: dict[str, str]) -> dict[str, str]:
    """Match what a table needs with names a letter away, such as custmer_id."""
    essential = {name for option in TABLES[table].essential for name in option}
    free = {letters(h): h for h in header if h not in columns.values()}
    free = {name: h for name, h in free.items() if len(name) >= SHORTEST_NEAR_NAME}
    matched: dict[str, str] = {}
    for canonical in sorted(essential - set(columns)):
        known = (letters(canonical), *TABLES[table].columns[canonical].synonyms)
        close = [near(name, free) for name in known if len(name) >= SHORTEST_NEAR_NAME]
        theirs = next((free[name] for name in close if name), None)
        if theirs and theirs not in matched.values():
            matched[canonical] = theirs
    return matched


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


def _without_rates(match: TableMatch, drop: Drop) -> TableMatch:
    """Leave out a discount that is a share of the price: the suite takes off an amount."""
    theirs = match.columns.get("discount")
    if theirs is None:
        return match
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


def _with_markers(match: TableMatch) -> TableMatch:
    """Put markers for missing ids: a customer's day for the order, else the row number."""
    columns, table = match.columns, match.table
    if table == "order_lines" and "order_id" not in columns:
        if not {"customer_id", "order_date"} <= set(columns):
            return match
        return _marked(
            match, "order_id", CUSTOMER_DAY, "assumed: an order is what a customer buys in a day"
        )
    numbered = {"campaign": "customer_id", "durations": "customer_id", "reviews": "review_id"}
    name = numbered.get(table)
    if name is None or name in columns:
        return match
    return _marked(match, name, ROW_NUMBER, "no id in the file: rows are numbered")


def _marked(match: TableMatch, name: str, marker: str, note: str) -> TableMatch:
    columns = {name: marker} | match.columns
    ordered = {n: columns[n] for n in TABLES[match.table].columns if n in columns}
    return replace(match, columns=ordered, notes=match.notes | {name: note})


def _with_open_columns(match: TableMatch) -> TableMatch:
    """Name what is still needed."""
    have = set(match.columns)
    options = TABLES[match.table].essential
    if any(have.issuperset(option) for option in options):
        return match
    # A file without customers serves baskets; whose name the customers' is cannot be guessed.
    wanted = min(options, key=lambda o: (len(set(o) - have), "customer_id" in set(o) - have))
    return replace(match, decide={name: () for name in wanted if name not in have})


def _with_candidates(match: TableMatch, drop: Drop) -> TableMatch:
    """Say which of the columns left could be what is needed."""
    if not match.decide:
        return match
    free = [h for h in drop.raw.header if h not in match.columns.values()]
    likely = [h for h in free if _is_grouping(drop, h)] or free
    return replace(match, decide={name: tuple(likely[:MOST_CANDIDATES]) for name in match.decide})


def _is_grouping(drop: Drop, column: str) -> bool:
    """Say whether a column's values are words that repeat, as products and channels are."""
    text = drop.text(column)
    values, worded, filled = drop.ask(
        f"count(DISTINCT {text}), count(*) FILTER (regexp_matches({text}, '\\pL')), count({text})"
    )
    return 1 < int(values) <= max(drop.rows // 2, 2) and worded >= filled / 2


def _is_unique(name: str) -> Callable[[TableMatch, Drop], bool]:
    def test(match: TableMatch, drop: Drop) -> bool:
        """Tell whether nearly every filled row has a value of its own."""
        theirs = match.columns.get(name, "")
        if theirs not in drop.raw.header:
            return False
        values, filled = drop.ask(f"count(DISTINCT {drop.text(theirs)}), count(*)")
        return bool(values >= 0.99 * filled)

    return test


def _has_arms(match: TableMatch, drop: Drop) -> bool:
    """Ask for an outcome too: "segment" alone is a word of many files."""
    named = [match.columns[n] for n in ("arm", "treatment") if n in match.columns]
    if "outcome" not in match.columns or not named:
        return False
    (values,) = drop.ask(f"count(DISTINCT {drop.text(named[0])})")
    return 1 < int(values) <= MOST_ARMS


def _has_two_values(name: str) -> Callable[[TableMatch, Drop], bool]:
    def test(match: TableMatch, drop: Drop) -> bool:
        """Tell whether the column has two values."""
        theirs = match.columns.get(name)
        if theirs is None:
            return False
        (values,) = drop.ask(f"count(DISTINCT {drop.text(theirs)})")
        return int(values) == 2

    return test


_LIKELY: dict[str, Callable[[TableMatch, Drop], bool]] = {
    "customers": _is_unique("customer_id"),
    "customer_rfm": _is_unique("customer_id"),
    "products": _is_unique("product_id"),
    "web_sessions": _is_unique("session_id"),
    "campaign": _has_arms,
    "durations": _has_two_values("event_observed"),
    "responses": _has_two_values("outcome"),
}


def _score(match: TableMatch) -> tuple[int, int]:
    named = [theirs for theirs in match.columns.values() if not theirs.startswith("#")]
    return len(named), -_ORDER.index(match.table)
