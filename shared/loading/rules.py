"""What the client's rules mean for each row: which are refunds, which are set aside and why."""

from collections.abc import Collection
from datetime import date

from shared.loading.config import Rules
from shared.loading.engine import literal, quoted
from shared.loading.reasons import AFTER_SNAPSHOT
from shared.loading.schema import CUSTOMER_DAY, TABLES
from shared.loading.slices import Slice
from shared.loading.text_values import trimmed

UNDECLARED_REFUND = "undeclared_refund"
MONEY_COLUMNS = {
    "order_lines": "line_value",
    "customer_rfm": "monetary",
    "conversions": "conversion_value",
    "campaign": "outcome_value",
    "touchpoints": "cost",
    "paths": "conversion_value",
}
# An error carries the column it stands in behind a bar.
_ERROR = "WHEN __error IS NOT NULL THEN split_part(__error, '|', 1)"
_AT = "split_part(__error, '|', 2) AS __at"


def ruled_lines(
    typed: str,
    columns: dict[str, str],
    *,
    rules: Rules,
    snapshot: date | None,
    rate: str,
    part: Slice | None = None,
) -> str:
    """Write the query that gives each order line its money, its refund flag and its reason.

    Parameters
    ----------
    typed : str
        Query with the typed columns, `__file`, `__row` and `__error`.
    columns : dict of str to str
        Mapped canonical columns.
    rules : Rules
        The client's rules; where refunds are not declared, they get `UNDECLARED_REFUND`.
    snapshot : date, optional
        As of when; later orders are set aside. None if it follows from the orders.
    rate : str
        SQL factor from the line's currency to the client's, "1" for one currency.
    part : Slice, optional
        The part of the client that is wanted; rows of others are set aside.

    Returns
    -------
    str
        Query with the canonical columns, `__file`, `__row`, `reason` (NULL for rows used) and the
        column `__at` where an error stands.
    """
    money = _money(columns, rate)
    plain = ("order_id", "quantity", *money)
    kept = [c for c in columns if c not in plain]
    selected = [
        "__file, __row, __error",
        *map(quoted, kept),
        *([f"{_order_id(columns)} AS order_id"] if _has_orders(columns) else []),
        f"{'quantity' if 'quantity' in columns else '1.0::DOUBLE'} AS quantity",
        *(f"{sql} AS {quoted(name)}" for name, sql in money.items()),
    ]
    lines = f"SELECT {', '.join(selected)} FROM ({typed})"
    negative, cancelled = _negative(money), _cancelled(columns, rules)
    reason = _line_reason(columns, money, rules=rules, snapshot=snapshot, part=part)
    flags = f"SELECT *, {negative} AS __negative, {cancelled} AS __cancelled"
    return (
        f"SELECT * EXCLUDE (__error, __negative, __cancelled), {_is_refund(rules)} AS is_refund, "
        f"{reason} AS reason, {_AT} "
        f"FROM ({flags} FROM ({lines}))"
    )


def ruled_rows(
    typed: str,
    table: str,
    columns: dict[str, str],
    *,
    rules: Rules,
    snapshot: date | None,
    part: Slice | None = None,
) -> str:
    """Write the query that gives each row of any other table its reason."""
    tests = [
        _ERROR,
        *_outside(table, columns, snapshot, rules.first_day),
        *_other_slice(columns, part),
    ]
    if table == "customer_rfm":
        tests.append("WHEN frequency < 1 THEN 'no_order'")
        if "first_order_date" in columns:
            tests.append("WHEN first_order_date > last_order_date THEN 'last_before_first'")
    for column in {"durations": ["duration"], "paths": ["conversions", "nulls"]}.get(table, []):
        if column in columns:
            tests.append(f"WHEN {column} < 0 THEN 'negative_number'")
    reason = f"CASE {' '.join(tests)} END AS reason"
    return f"SELECT * EXCLUDE (__error), {reason}, {_AT} FROM ({typed})"


def with_treatment(query: str, columns: dict[str, str], rules: Rules) -> str:
    """Derive `treatment` from the arm where the client names the control arm."""
    if "arm" not in columns or "treatment" in columns or not rules.control_arm:
        return query
    control = literal(rules.control_arm.strip())
    treated = f"CASE WHEN arm = {control} THEN 0 WHEN arm IS NOT NULL THEN 1 END"
    return f"SELECT *, {treated} AS treatment FROM ({query})"


def footer_test(columns: list[str], words: Collection[str]) -> str:
    """Write whether any text of a raw row is one of the words that mark a total."""
    if not words or not columns:
        return "false"
    # One list of the columns: a test for each costs gigabytes where there are hundreds.
    every = f"[{', '.join(map(quoted, columns))}]"
    bare = f"list_transform({every}, lambda one: {_bare('one')})"
    return f"coalesce(list_has_any({bare}, [{_bare_words(words)}]), false)"


def marks_total(text: str, words: Collection[str]) -> str:
    """Write whether one text of a raw row is one of the words that mark a total."""
    return f"coalesce({_bare(text)} IN ({_bare_words(words)}), false)"


def _bare(text: str) -> str:
    return f"lower(trim(replace({trimmed(text)}, 'İ', 'i'), ' :'))"


def _bare_words(words: Collection[str]) -> str:
    return ", ".join(literal(w.strip(" :").replace("İ", "i").lower()) for w in words)


def is_later(table: str, snapshot: date) -> str:
    """Write whether a row is not known yet on the snapshot date; a mere date may be that day's."""
    clock = TABLES[table].clock
    beyond = ">" if TABLES[table].columns[clock].kind == "date" else ">="
    return f"{clock} {beyond} DATE {literal(snapshot.isoformat())}"


def _has_orders(columns: dict[str, str]) -> bool:
    return "order_id" in columns or {"customer_id", "order_date"} <= set(columns)


def _order_id(columns: dict[str, str]) -> str:
    """Without an order number a customer's day is one order; a guest's line stands alone."""
    if columns.get("order_id", CUSTOMER_DAY) != CUSTOMER_DAY:
        return "order_id"
    return (
        "CASE WHEN customer_id IS NULL THEN 'guest ' || __file || ' ' || __row "
        "ELSE customer_id || ' ' || strftime(order_date, '%Y-%m-%d') END"
    )


def _money(columns: dict[str, str], rate: str) -> dict[str, str]:
    """Write each money column in the client's currency, and the value of the line."""
    names = [c for c in ("unit_price", "discount", "unit_cost", "line_value") if c in columns]
    money: dict[str, str] = {c: c if rate == "1" else f"round({c} * {rate}, 6)" for c in names}
    if "line_value" not in columns and "unit_price" in columns:
        quantity = "quantity" if "quantity" in columns else "1"
        value = f"{quantity} * unit_price"
        if "discount" in columns:
            # A discount lowers what was paid and what is given back alike, whatever its sign.
            value += f" - CASE WHEN {quantity} < 0 THEN -1 ELSE 1 END * abs(coalesce(discount, 0))"
        # Six decimals: 3 * 0.1 is then 0.3, and sums do not depend on the order of rows.
        money["line_value"] = f"round(({value}) * {rate}, 6)"
    return money


def _negative(money: dict[str, str]) -> str:
    value = " OR line_value < 0" if "line_value" in money else ""
    return f"coalesce(quantity < 0{value}, false)"


def _cancelled(columns: dict[str, str], rules: Rules) -> str:
    if not rules.cancelled_order_prefix or "order_id" not in columns:
        return "false"
    return f"coalesce(starts_with(ltrim(order_id), {literal(rules.cancelled_order_prefix)}), false)"


def _is_refund(rules: Rules) -> str:
    return "(__negative OR __cancelled)" if rules.refunds == "net" else "false"


def _line_reason(
    columns: dict[str, str],
    money: dict[str, str],
    *,
    rules: Rules,
    snapshot: date | None,
    part: Slice | None,
) -> str:
    """Errors first, so that a rule never hides one; then the rules from the order down."""
    tests = [_ERROR]
    if "unit_price" in columns and "line_value" not in columns and "quantity" in columns:
        tests.append("WHEN quantity < 0 AND unit_price < 0 THEN 'both_negative'")
    if "line_value" in columns and "quantity" in columns:
        tests.append("WHEN quantity < 0 AND line_value > 0 THEN 'mixed_signs'")
    if "line_value" in money:
        tests.append("WHEN line_value IS NULL THEN 'unknown_currency'")
    tests += _outside("order_lines", columns, snapshot, rules.first_day)
    tests += _other_slice(columns, part)
    if rules.refunds != "keep":
        # A cancelled line without a minus gives nothing back: it never took place.
        unpaid = "" if rules.refunds == "set_aside" else " AND NOT __negative"
        tests.append(f"WHEN __cancelled{unpaid} THEN 'cancelled'")
    if rules.exclude_product_ids and "product_id" in columns:
        ids = ", ".join(literal(str(i).strip()) for i in rules.exclude_product_ids)
        tests.append(f"WHEN {trimmed('product_id')} IN ({ids}) THEN 'excluded_product'")
    if rules.guests == "set_aside" and "customer_id" in columns:
        tests.append("WHEN customer_id IS NULL THEN 'no_customer'")
    if rules.refunds in {"set_aside", None}:
        named = "refund" if rules.refunds else UNDECLARED_REFUND
        tests.append(f"WHEN __negative THEN {literal(named)}")
    if rules.zero_price == "set_aside":
        zero = "line_value" if "line_value" in money else "quantity"
        tests.append(f"WHEN {zero} = 0 THEN 'zero_price'")
    return f"CASE {' '.join(tests)} END"


def _other_slice(columns: dict[str, str], part: Slice | None) -> list[str]:
    """Rows of other slices, those without a value included, are set aside by rule."""
    if part is None or part.column not in columns:
        return []
    value = f"trim({quoted(part.column)}::VARCHAR)"
    return [f"WHEN {value} IS DISTINCT FROM {literal(part.value)} THEN 'other_slice'"]


def _outside(
    table: str, columns: dict[str, str], snapshot: date | None, first_day: date | None
) -> list[str]:
    """Rows outside the time that the reports look through are set aside by rule."""
    clock = TABLES[table].clock
    if clock not in columns:
        return []
    tests = []
    if snapshot is not None:
        tests.append(f"WHEN {is_later(table, snapshot)} THEN {literal(AFTER_SNAPSHOT)}")
    if first_day is not None:
        tests.append(f"WHEN {clock} < DATE {literal(first_day.isoformat())} THEN 'before_window'")
    return tests
