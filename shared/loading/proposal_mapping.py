"""Which canonical table a client's file is, and which of its columns mean what."""

from collections.abc import Callable
from dataclasses import replace

from shared.loading.proposal_looks import Look, could_be_money, look
from shared.loading.proposal_match import TableMatch
from shared.loading.proposal_mends import mended
from shared.loading.proposal_names import match_names, near_names, says_per_cent
from shared.loading.proposal_reading import Drop
from shared.loading.schema import CUSTOMER_DAY, ROW_NUMBER, TABLES

MOST_ARMS = 20
MOST_CANDIDATES = 6
# Where two tables fit a file equally, the more particular one is meant.
_ORDER = (
    "paths", "order_lines", "web_sessions", "customer_rfm", "durations", "campaign", "reviews",
    "touchpoints", "conversions", "responses", "customers", "products",
)  # fmt: skip
# Of which one column alone is enough to be meant.
_SURE_KINDS = {"timestamp": "dates", "date": "dates", "text": "long texts"}


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
    best = max(whole or found, key=_score, default=None) or _as_orders(drop)
    if best is None:
        return []
    best = _with_rivals_noted(_with_money_asked(_settled(best, drop), drop), drop)
    labelled = [m for m in whole if m.table == "responses" and best.table == "customers"]
    return [best, *labelled]


def _map(table: str, drop: Drop) -> TableMatch | None:
    columns = match_names(table, drop.raw.header)
    near_ones = near_names(table, drop.raw.header, columns)
    notes = dict.fromkeys(near_ones, "assumed: nearly the same name")
    match = mended(TableMatch(table, columns | near_ones, notes), drop)
    match = _with_open_columns(_with_markers(match))
    essential = {name for option in TABLES[table].essential for name in option}
    known = [n for n in match.columns if n in essential and match.columns[n][0] != "#"]
    if table == "reviews" and "rating" in match.columns:
        known.append("rating")
    if not known or len(match.decide) > 1:
        return None
    return match if table not in _LIKELY or _LIKELY[table](match, drop) else None


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


def _settled(match: TableMatch, drop: Drop) -> TableMatch:
    """Fill by its values what no name gave, or say which of the columns left could be meant."""
    for name in match.decide:
        free = [h for h in drop.raw.header if h not in match.columns.values()]
        likely = [h for h in free if _could_be(match.table, name, look(drop, h))]
        kind = TABLES[match.table].columns[name].kind
        if len(likely) == 1 and kind in _SURE_KINDS:
            match = _filled(match, name, likely[0], f"assumed: the only {_SURE_KINDS[kind]}")
        else:
            shown = tuple((likely or free)[:MOST_CANDIDATES])
            match = replace(match, decide=match.decide | {name: shown})
    return _with_markers(match)


def _could_be(table: str, name: str, seen: Look) -> bool:
    kind = TABLES[table].columns[name].kind
    return seen.is_text if (table, name) == ("reviews", "text") else seen.fits(kind)


def _filled(match: TableMatch, name: str, theirs: str, note: str) -> TableMatch:
    columns = match.columns | {name: theirs}
    ordered = {n: columns[n] for n in TABLES[match.table].columns if n in columns}
    decide = {n: likely for n, likely in match.decide.items() if n != name}
    return replace(match, columns=ordered, notes=match.notes | {name: note}, decide=decide)


def _as_orders(drop: Drop) -> TableMatch | None:
    """Ask for each column of what could be order lines, though no name says so."""
    named = mended(TableMatch("order_lines", match_names("order_lines", drop.raw.header)), drop)
    free = [h for h in drop.raw.header if h not in named.columns.values()]
    looks = [look(drop, h) for h in free]
    dated = "order_date" in named.columns or any(seen.is_date for seen in looks)
    if not dated or not any(seen.is_id for seen in looks) or not _is_no_review(named, drop):
        return None
    wanted = ("customer_id", "order_id", "order_date", "product_id")
    notes = dict.fromkeys(("order_id", "product_id"), "or delete this line")
    decide: dict[str, tuple[str, ...]] = {name: () for name in wanted if name not in named.columns}
    remark = "no name told that these are order lines; if they are none, delete this table"
    return replace(
        named, decide=decide, notes=named.notes | notes, left_out=(*named.left_out, remark)
    )


def _with_money_asked(match: TableMatch, drop: Drop) -> TableMatch:
    """Ask which amounts are the money where order lines have some and no name tells."""
    if match.table != "order_lines" or {"unit_price", "line_value"} & set(match.columns):
        return match
    free = [h for h in drop.raw.header if h not in match.columns.values()]
    likely = tuple(h for h in free if could_be_money(drop, h) and not says_per_cent(h))
    if not likely:
        return match
    note = "the line's total (the price of one is unit_price); is none money, delete this line"
    return replace(
        match,
        decide=match.decide | {"line_value": likely[:MOST_CANDIDATES]},
        notes=match.notes | {"line_value": note},
    )


def _with_rivals_noted(match: TableMatch, drop: Drop) -> TableMatch:
    """Say which other column could be the amount that was taken, such as the one with tax."""
    free = [h for h in drop.raw.header if h not in match.columns.values()]
    meant = {h: name for h in free for name in match_names(match.table, (h,))}
    notes = {}
    for name in ("unit_price", "line_value"):
        rivals = [h for h, other in meant.items() if other == name]
        if rivals and name in match.columns:
            notes[name] = f"assumed: {', '.join(rivals)} could be meant too"
    return replace(match, notes=notes | match.notes)


def _is_no_review(match: TableMatch, drop: Drop) -> bool:
    """Tell order lines from texts with stars: those have a customer, a product and a date too."""
    review = match_names("reviews", drop.raw.header)
    if "rating" not in review or {"unit_price", "line_value"} & set(match.columns):
        return True
    free = [h for h in drop.raw.header if h not in match.columns.values()]
    return "text" not in review and not any(look(drop, h).is_text for h in free)


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
    "order_lines": _is_no_review,
}


def _score(match: TableMatch) -> tuple[int, int]:
    named = [theirs for theirs in match.columns.values() if not theirs.startswith("#")]
    return len(named), -_ORDER.index(match.table)
