"""The rules a client declares for a table: what counts, what is set aside, what is the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date

from shared.loading.known_names import currency
from shared.loading.mistakes import MISSING, UNKNOWN, WRONG_VALUE
from shared.loading.schema import NUMERIC_KINDS, TABLES
from shared.loading.words_near import did_you_mean, quote
from shared.loading.yaml_values import Section, day, number, one_of, text, words

_OF_ONE_TABLE = {
    "cancelled_order_prefix": "order_lines",
    "exclude_product_ids": "order_lines",
    "refunds": "order_lines",
    "zero_price": "order_lines",
    "guests": "order_lines",
    "rates": "order_lines",
    "currency_column": "order_lines",
    "control_arm": "campaign",
}


@dataclass(frozen=True)
class Rules:
    """What a client declares about the rows of one table.

    Attributes
    ----------
    cancelled_order_prefix : str or None
        Orders whose id starts so are cancelled.
    exclude_product_ids : tuple of str
        Products that are none, such as postage.
    refunds : str or None
        "net" (reduce money, are no order), "set_aside" or "keep"; None: not declared.
    zero_price : str
        "set_aside" or "keep" lines that are free of charge.
    guests : str
        "set_aside" or "keep" lines without a customer.
    duplicates : str
        "keep" or "drop" rows that agree in `duplicate_key`.
    duplicate_key : tuple of str
        Canonical columns.
    merge_ids : str or None
        "case_and_space": ids that differ in nothing else are one; "keep": they are not; None: not
        declared, as "keep".
    rates : dict of str to float
        What one unit of a currency is worth in the client's; its own is 1.
    currency_column : str or None
        The client's column that names the currency of a row.
    footer : tuple of str
        Texts that mark a row of totals.
    values : dict of str to dict of str to float
        By canonical column, what a client's word means: a number for a column of numbers, else
        1 or 0.
    control_arm : str or None
        The arm of `campaign` that got nothing.
    leave_out : dict of str to tuple of str
        By column of the client, mapped or not, the values whose rows do not count.
    first_day : date or None
        Rows dated earlier do not count: the window that all reports look through.
    """

    cancelled_order_prefix: str | None = None
    exclude_product_ids: tuple[str, ...] = ()
    refunds: str | None = None
    zero_price: str = "set_aside"
    guests: str = "set_aside"
    duplicates: str = "keep"
    duplicate_key: tuple[str, ...] = ()
    merge_ids: str | None = None
    rates: dict[str, float] = field(default_factory=dict)
    currency_column: str | None = None
    footer: tuple[str, ...] = ()
    values: dict[str, dict[str, float]] = field(default_factory=dict)
    control_arm: str | None = None
    leave_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    first_day: date | None = None


def rules_of(table: str) -> tuple[str, ...]:
    """Name the rules that a table can have."""
    of_others = {rule for rule, owner in _OF_ONE_TABLE.items() if owner != table}
    if not TABLES[table].clock:
        of_others.add("first_day")
    return tuple(f.name for f in fields(Rules) if f.name not in of_others)


def read_rules(
    section: Section, table: str, *, columns: Mapping[str, str], own_currency: str
) -> Rules:
    """Read the group `rules` of a table, noting what is wrong."""
    kept = one_of("set_aside", "keep")
    column = _column_reader(table, columns)
    rules = Rules(
        cancelled_order_prefix=section.value("cancelled_order_prefix", words, None),
        exclude_product_ids=section.values("exclude_product_ids", text),
        refunds=section.value("refunds", one_of("net", "set_aside", "keep"), None),
        zero_price=section.value("zero_price", kept, "set_aside"),
        guests=section.value("guests", kept, "set_aside"),
        duplicates=section.value("duplicates", one_of("keep", "drop"), "keep"),
        duplicate_key=section.values("duplicate_key", column),
        merge_ids=section.value("merge_ids", one_of("case_and_space", "keep"), None),
        rates=_rates(section.section("rates"), own_currency),
        currency_column=section.value("currency_column", text, None),
        footer=section.values("footer", words),
        values=_values(section.section("values"), table, column),
        control_arm=section.value("control_arm", text, None),
        leave_out=_leave_out(section.section("leave_out")),
        first_day=section.value("first_day", day, None),
    )
    _require_pairs(section, table)
    return rules


def _require_pairs(section: Section, table: str) -> None:
    """Note rules that say nothing without another one."""
    drops = section.written("duplicates")
    if drops and drops.content == "drop" and not section.written("duplicate_key"):
        example = ", ".join(TABLES[table].key) or "customer_id"
        what = f"duplicates: drop needs a key beside it, such as duplicate_key: [{example}]"
        section.mistakes.add(MISSING, drops.line, what)
    rates = section.written("rates")
    if rates and not section.written("currency_column"):
        what = "rates needs currency_column beside it: the column that names a row's currency"
        section.mistakes.add(MISSING, rates.line, what)


def _rates(section: Section, own_currency: str) -> dict[str, float]:
    rates: dict[str, float] = {}
    for code, node in section.entries():
        try:
            currency(code)
        except ValueError as e:
            section.mistakes.add(UNKNOWN, node.line, str(e))
            continue
        rate = section.parsed(node, code, number(1e-9), None)
        if rate is not None and code == own_currency and rate != 1:
            section.mistakes.add(
                WRONG_VALUE, node.line, f"{code} is the client's own; its rate is 1"
            )
        elif rate is not None:
            rates[code] = rate
    return {own_currency: 1.0} | rates if rates and own_currency else rates


def _leave_out(section: Section) -> dict[str, tuple[str, ...]]:
    return {column: section.values(column, words) for column, _ in section.entries()}


def _values(
    section: Section, table: str, column: Callable[[str], str]
) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for name, node in section.entries():
        try:
            canonical = column(name)
        except ValueError as e:
            section.mistakes.add(UNKNOWN, node.line, f"values {e}")
            continue
        known = TABLES[table].columns.get(canonical)
        meaning = number(0) if known and known.kind in NUMERIC_KINDS else _flag
        words_of = section.section(name)
        read = {w: words_of.parsed(n, quote(w), meaning, None) for w, n in words_of.entries()}
        found[canonical] = {word: value for word, value in read.items() if value is not None}
    return found


def _flag(value: str) -> float:
    return int(one_of("1", "0")(value))


def _column_reader(table: str, columns: Mapping[str, str]) -> Callable[[str], str]:
    """Make a reader of a column's name that also understands the client's own name for it."""
    canonical = {theirs: ours for ours, theirs in columns.items()}
    known = [*TABLES[table].columns, *columns]

    def parse(value: str) -> str:
        """Give the canonical name, or say which names are known."""
        if value in known:
            return value
        if value in canonical:
            return canonical[value]
        hint = did_you_mean(value, known)
        if TABLES[table].extras and not hint:
            return value
        raise ValueError(f"names {quote(value)}, which is no column of {table}{hint}")

    return parse
