"""In which currency amounts are: marks beside them, a column of codes, rates the client gave."""

from dataclasses import dataclass

from shared.loading.config import TableConfig
from shared.loading.engine import literal, quoted
from shared.loading.errors import DataRefused
from shared.loading.opened_table import OpenedTable
from shared.loading.schema import TABLES
from shared.loading.typed_columns import currency_mark, trimmed

CURRENCY_COLUMNS = frozenset(
    {"currency", "currencycode", "curr", "waehrung", "währung", "parabirimi", "döviz", "doviz",
     "dovizcinsi", "devise", "moneda", "valuta", "валюта"}
)  # fmt: skip
MARKS = {
    "€": "EUR", "£": "GBP", "₺": "TRY", "TL": "TRY", "YTL": "TRY", "₽": "RUB", "РУБ": "RUB",
    "РУБ.": "RUB", "₴": "UAH", "₸": "KZT", "₹": "INR", "₩": "KRW", "₪": "ILS", "₫": "VND",
    "฿": "THB", "ZŁ": "PLN", "US$": "USD", "C$": "CAD", "A$": "AUD",
}  # fmt: skip
# Marks that several currencies share stand for the client's own where it is one of them.
SHARED_MARKS = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP"),
    "¥": ("JPY", "CNY"),
    "KR": ("SEK", "NOK", "DKK", "ISK", "CZK"),
    "KR.": ("DKK", "SEK", "NOK", "ISK"),
}


@dataclass(frozen=True)
class Money:
    """How amounts become the client's currency: SQL for a row's currency, and its factor.

    Attributes
    ----------
    code : str
        SQL over the raw table, "" if all rows have the client's currency.
    rate : str
        SQL over that code as the column `__currency`; NULL for a currency without a rate.
    """

    code: str = ""
    rate: str = "1"


def money_of(opened: OpenedTable, *, own: str) -> Money:
    """Say how amounts are converted to the client's own currency.

    Raises
    ------
    DataRefused
        If there is a second currency, or another one than the client's, and no rate for it.
    """
    schema, config, rules = TABLES[opened.table].columns, opened.config, opened.config.rules
    mapped = opened.columns.columns.items()
    amounts = [source for name, source in mapped if schema[name].kind == "money"]
    if not amounts:
        return Money()
    column = _currency_column(rules.currency_column, opened.raw.header, config)
    code = _code_of_column(column, own) if column else _code_of_marks(amounts, own)
    seen = opened.ask(
        f"SELECT code, count(*) FROM (SELECT {code} AS code FROM {opened.view}) "
        "WHERE code <> '' GROUP BY code ORDER BY count(*) DESC, code"
    )
    counts: dict[str, int] = dict(seen)
    if not rules.rates and set(counts) <= {own}:
        return Money()
    if missing := [code for code in counts if code not in rules.rates | {own: 1.0}]:
        place = f"{opened.file}:{column or amounts[0]}"
        raise _without_rate(missing, counts, place=place, column=column, config=config, own=own)
    cases = " ".join(f"WHEN {literal(c)} THEN {rate!r}" for c, rate in rules.rates.items())
    return Money(code, f"CASE __currency {cases} END")


def _currency_column(declared: str | None, header: tuple[str, ...], config: TableConfig) -> str:
    """Take the declared column, else one whose name says currency."""
    if declared and declared not in header:
        raise DataRefused(
            "E-DATA-07",
            f"{config.name}:{declared}",
            "is the currency_column, but the file has no such column",
            found=", ".join(sorted(header)[:12]),
            fix=f"{config.cite('rules.currency_column')}: currency_column: <one of the above>",
        )
    names = {"".join(c for c in h.lower() if c.isalnum()): h for h in header}
    likely = [h for name, h in names.items() if name in CURRENCY_COLUMNS]
    return declared or (likely[0] if likely else "")


def _code_of_column(column: str, own: str) -> str:
    return _code_of_mark(f"coalesce(upper({trimmed(quoted(column))}), '')", own)


def _code_of_marks(amounts: list[str], own: str) -> str:
    """Take the mark beside the amounts of a row; two different ones count as a third."""
    texts = (f"upper({currency_mark(trimmed(quoted(a)))})" for a in amounts)
    marks = ", ".join(_code_of_mark(text, own) for text in texts)
    distinct = f"list_sort(list_distinct(list_filter([{marks}], mark -> mark <> '')))"
    return f"array_to_string({distinct}, ' and ')"


def _code_of_mark(mark: str, own: str) -> str:
    shared = {m: (own if own in codes else codes[0]) for m, codes in SHARED_MARKS.items()}
    cases = " ".join(f"WHEN {literal(m)} THEN {literal(c)}" for m, c in (MARKS | shared).items())
    return f"CASE {mark} {cases} ELSE {mark} END"


def _without_rate(
    missing: list[str],
    counts: dict[str, int],
    *,
    place: str,
    column: str,
    config: TableConfig,
    own: str,
) -> DataRefused:
    found = ", ".join(f"{code} in {n:,} rows" for code, n in list(counts.items())[:6])
    rates = ", ".join(f"{code}: <{own} for 1 {code}>" for code in missing[:4])
    named = f"currency_column: {column or '<a column that names it>'}"
    fix = f"{config.cite('rules')}: rules: {{{named}, rates: {{{rates}}}}}"
    if len(counts) == 1:
        what = f"amounts are in {missing[0]}, but the client's currency is {own}"
        fix += f"\nor, if that is its currency, currency: {missing[0]}"
    else:
        what = f"amounts in {len(counts)} currencies, and no rate for {', '.join(missing[:6])}"
    return DataRefused("E-DATA-33", place, what, found=found, fix=fix)
