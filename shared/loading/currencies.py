"""In which currency amounts are: marks beside them, a column of codes, rates the client gave."""

from dataclasses import dataclass

from shared.loading.config import TableConfig
from shared.loading.engine import literal, quoted
from shared.loading.errors import DataRefused
from shared.loading.opened_table import OpenedTable
from shared.loading.schema import TABLES
from shared.loading.text_values import currency_mark, trimmed

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
    counts = _rows_by_code(opened, column, own) if column else _rows_by_mark(opened, amounts, own)
    if not rules.rates and set(counts) <= {own}:
        return Money()
    if missing := [c for c in counts if c not in rules.rates | {own: 1.0}]:
        place = f"{opened.file}:{column or amounts[0]}"
        raise _without_rate(missing, counts, place=place, column=column, config=config, own=own)
    cases = " ".join(f"WHEN {literal(c)} THEN {rate!r}" for c, rate in rules.rates.items())
    return Money(_code_sql(column, own), f"CASE __currency {cases} END")


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


def _rows_by_code(opened: OpenedTable, column: str, own: str) -> dict[str, int]:
    """Count the rows of each currency that a column names."""
    code = f"coalesce(upper({trimmed(quoted(column))}), '')"
    return _counted(opened, [f"SELECT {code} AS mark FROM {opened.view}"], own)


def _rows_by_mark(opened: OpenedTable, amounts: list[str], own: str) -> dict[str, int]:
    """Count the marks beside amounts, looking only where there is more than digits and signs."""
    queries = [
        f"SELECT upper({currency_mark(trimmed(quoted(amount)))}) AS mark FROM {opened.view} "
        f"WHERE regexp_matches({quoted(amount)}, '[^0-9.,+ -]')"
        for amount in amounts
        if amount in opened.texts
    ]
    return _counted(opened, queries, own)


def _counted(opened: OpenedTable, queries: list[str], own: str) -> dict[str, int]:
    """Count the rows of each currency, the commonest first."""
    counts: dict[str, int] = {}
    for query in queries:
        for mark, rows in opened.ask(f"SELECT mark, count(*) FROM ({query}) GROUP BY mark"):
            code = _codes(own).get(mark, mark)
            if code:
                counts[code] = counts.get(code, 0) + rows
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _codes(own: str) -> dict[str, str]:
    """Give the ISO 4217 code of every mark; one that currencies share is the client's own."""
    shared = {m: own if own in codes else codes[0] for m, codes in SHARED_MARKS.items()}
    return MARKS | shared


def _code_sql(column: str, own: str) -> str:
    mark = f"coalesce(upper({trimmed(quoted(column))}), '')"
    cases = " ".join(f"WHEN {literal(m)} THEN {literal(c)}" for m, c in _codes(own).items())
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
