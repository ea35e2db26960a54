"""What stands in a table, is kept, and has to be said: repeats, gaps, look-alike ids, dominance."""

from datetime import date, timedelta
from itertools import pairwise

from shared.loading.cancelled_rows import cancelled_but_used
from shared.loading.config import ClientConfig
from shared.loading.counts import Note
from shared.loading.engine import literal, quoted
from shared.loading.errors import DataRefused
from shared.loading.id_notes import alike_ids
from shared.loading.losses import EXACT
from shared.loading.reasons import AFTER_SNAPSHOT
from shared.loading.repeat_notes import counted_rows, repeat_notes, row_count
from shared.loading.table_intake import TypedTable
from shared.loading.text_values import MISSING, trimmed

DOMINANT_SHARE = 0.5
MONTHS_SHOWN = 6
QUIET_DAYS = timedelta(days=3)  # at the end of a month, in which a small shop may sell nothing
FEWEST_CUSTOMERS = 3
OUTLIER_GAP_DAYS = 365
OUTLIER_SHARE = 0.01
MANY_CUSTOMERS = 50
PLACEHOLDER_SHARE = 0.2
# Tables that a running business fills every month.
STEADY_TABLES = frozenset({"order_lines", "web_sessions", "touchpoints"})


def notes_of(typed: TypedTable, *, snapshot: date, config: ClientConfig) -> tuple[Note, ...]:
    """Collect what has to be said about a table, in a fixed order."""
    notes = [
        *alike_ids(typed),
        *cancelled_but_used(typed.opened),
        *_missing_words(typed),
        *_hashed_ids(typed),
        *repeat_notes(typed),
        *_assumed_orders(typed),
        *_conversions(typed, config.currency),
        *_later_than_orders(typed, is_declared=bool(config.snapshot_date)),
        *_gaps(typed, snapshot),
        *_discount_rates(typed),
        *_dominance(typed),
        *_constant_attributes(typed),
    ]
    return tuple(notes)


def refuse_late_outliers(typed: TypedTable, *, label: str) -> date | None:
    """Give the last day of a table; refuse if a few rows lie long after all others.

    Without a declared snapshot date the last order says when the data end. One order dated years
    ahead by mistake would make every customer look lost.
    """
    opened, clock = typed.opened, typed.clock
    days = opened.ask(
        f"SELECT {clock}::DATE AS day, count(*) FROM {opened.rows} "
        f"WHERE reason IS NULL AND {clock} IS NOT NULL GROUP BY day ORDER BY day DESC"
    )
    allowed = OUTLIER_SHARE * sum(rows for _, rows in days)
    late = 0
    for (later, rows), (day, _) in pairwise(days):
        late += rows
        if late > allowed:
            break
        if (later - day).days > OUTLIER_GAP_DAYS:
            raise DataRefused(
                "E-DATA-38",
                f"{opened.file}:{opened.columns.columns[str(clock)]}",
                f"a few rows ({late:,}) are dated {(later - day).days:,} days after all others",
                found=f"all others end on {day}, these begin on {later}",
                fix=f"{label}: snapshot_date: {day + timedelta(days=1)} sets them aside, "
                f"{days[0][0] + timedelta(days=1)} keeps them",
            )
    return days[0][0] if days else None


def _conversions(typed: TypedTable, currency: str) -> list[Note]:
    column = typed.opened.config.rules.currency_column
    if not typed.opened.config.rules.rates or column is None:
        return []
    code = f"upper({trimmed(quoted(column))})"
    rows = _rawrow_count(typed, f"{code} <> {literal(currency)}")
    text = f"{rows:,} rows in other currencies are converted to {currency} by the declared rates"
    return [Note("converted", text, rows)] if rows else []


def _later_than_orders(typed: TypedTable, *, is_declared: bool) -> list[Note]:
    """Say that a table goes on after the snapshot date that follows from the orders."""
    if typed.clock is None or is_declared:
        return []
    ((rows, last),) = typed.opened.ask(
        f"SELECT count(*), max({typed.clock})::DATE FROM {typed.opened.rows} "
        f"WHERE reason = {literal(AFTER_SNAPSHOT)}"
    )
    if not rows:
        return []
    verb = "is" if rows == 1 else "are"
    text = f"{counted_rows(rows)} {verb} dated after the last order and {verb} set aside"
    hint = f"the last is of {last}; snapshot_date: {last + timedelta(days=1)} keeps them"
    return [Note("after_last_order", text, rows, hint)]


def _missing_words(typed: TypedTable) -> list[Note]:
    source = typed.opened.columns.sources.get("customer_id")
    if source is None:
        return []
    words = ", ".join(map(literal, MISSING))
    rows = _rawrow_count(typed, f"{trimmed(quoted(source))} IN ({words})")
    text = f'{rows:,} rows of {source} say "NA", "NULL" or the like and count as blank'
    return [Note("missing_words", text, rows)] if rows else []


def _hashed_ids(typed: TypedTable) -> list[Note]:
    if typed.hashes is None:
        return []
    look = typed.hashes
    text = (
        f"customer ids look like {look.algorithm} hashes and no guess hits one; "
        "keyed hashes (HMAC-SHA-256) would protect them better"
    )
    return [Note("hashed_ids", text, look.ids)]


def _assumed_orders(typed: TypedTable) -> list[Note]:
    mapped = typed.opened.columns.columns
    if typed.opened.table != "order_lines" or "order_id" in mapped or "order_id" not in typed.names:
        return []
    text = "there is no order number: all lines of a customer on one day count as one order"
    return [Note("assumed_orders", text, row_count(typed, "reason IS NULL"))]


def _gaps(typed: TypedTable, snapshot: date) -> list[Note]:
    """Name months without a row inside the history, and a last month that is not over."""
    if typed.clock is None or typed.opened.table not in STEADY_TABLES:
        return []
    found = typed.opened.ask(
        f"SELECT DISTINCT date_trunc('month', {typed.clock})::DATE FROM {typed.opened.rows} "
        "WHERE reason IS NULL ORDER BY 1"
    )
    months = [12 * month.year + month.month - 1 for (month,) in found]
    missing = sorted(set(range(months[0], months[-1])) - set(months))
    notes = []
    if missing:
        names = ", ".join(map(_month, missing[:MONTHS_SHOWN]))
        more = f" and {len(missing) - MONTHS_SHOWN} more" if len(missing) > MONTHS_SHOWN else ""
        text = f"no row in {len(missing)} months within the history: {names}{more}"
        notes.append(Note("missing_months", text, 0))
    if 12 * snapshot.year + snapshot.month - 1 == months[-1]:
        first = snapshot.replace(day=1)
        rows = row_count(typed, f"reason IS NULL AND {typed.clock} >= DATE '{first}'")
        text = f"{_month(months[-1])} is not over: the data end before {snapshot}"
        notes.append(Note("partial_month", text, rows, _next_month(snapshot)))
    return notes


def _next_month(snapshot: date) -> str:
    """Say what to declare if the last days of a month are no gap but days without an order."""
    first = (snapshot.replace(day=1) + timedelta(days=31)).replace(day=1)
    if first - snapshot > QUIET_DAYS:
        return ""
    return f"if the export covers all of it, snapshot_date: {first}"


def _discount_rates(typed: TypedTable) -> list[Note]:
    if "discount" not in typed.names:
        return []
    ((largest, rows),) = typed.opened.ask(
        "SELECT max(abs(discount)), count(*) FILTER (discount <> 0) "
        f"FROM {typed.opened.rows} WHERE reason IS NULL"
    )
    text = "every discount lies between 0 and 1 and is read as an amount of money"
    hint = "if they are rates, do not map the column"
    return [Note("discount_rates", text, rows, hint)] if rows and largest <= 1 else []


def _dominance(typed: TypedTable) -> list[Note]:
    """Say that one customer carries most of the money, or that one id stands for many orders."""
    if typed.opened.table != "order_lines" or "customer_id" not in typed.names:
        return []
    value = quoted(typed.money or "quantity")
    ((customers, money_share, line_share, rows),) = typed.opened.ask(
        "SELECT count(*), max(value) / nullif(sum(value), 0), max(n) / sum(n), max(n) FROM "
        f"(SELECT sum({value}::{EXACT})::DOUBLE AS value, count(*) AS n FROM {typed.opened.rows} "
        "WHERE reason IS NULL AND customer_id IS NOT NULL GROUP BY customer_id)"
    )
    if customers < FEWEST_CUSTOMERS:
        return []
    if (money_share or 0) >= DOMINANT_SHARE:
        noun = "revenue" if typed.money else "all items"
        text = f"one customer makes up {money_share:.0%} of {noun}"
        return [Note("dominant_customer", text, rows)]
    if customers >= MANY_CUSTOMERS and line_share >= PLACEHOLDER_SHARE:
        text = f"one customer id stands on {line_share:.0%} of all lines: a placeholder for guests?"
        return [Note("placeholder_customer", text, rows)]
    return []


def _constant_attributes(typed: TypedTable) -> list[Note]:
    names = [name for name in typed.opened.columns.extras if name in typed.names]
    if not names:
        return []
    tests = ", ".join(f"min({quoted(n)}) IS NOT DISTINCT FROM max({quoted(n)})" for n in names)
    ((*constant, rows),) = typed.opened.ask(
        f"SELECT {tests}, count(*) FROM {typed.opened.rows} WHERE reason IS NULL"
    )
    same = [name for name, is_constant in zip(names, constant, strict=True) if is_constant]
    if not same or rows < FEWEST_CUSTOMERS:
        return []
    shown = ", ".join(same[:MONTHS_SHOWN]) + (", …" if len(same) > MONTHS_SHOWN else "")
    return [Note("constant_columns", f"the same in every row: {shown}", rows)]


def _rawrow_count(typed: TypedTable, test: str) -> int:
    ((rows,),) = typed.opened.ask(f"SELECT count(*) FROM {typed.opened.view} WHERE {test}")
    return int(rows)


def _month(number: int) -> str:
    return date(number // 12, number % 12 + 1, 1).strftime("%B %Y")
