"""What the rows of a new client ask to be declared: refunds, guests, control arms, totals."""

from dataclasses import dataclass, replace
from datetime import date

from babel import Locale
from babel.numbers import get_territory_currencies

from shared.loading.column_names import letters, yaml_text
from shared.loading.engine import literal
from shared.loading.proposal_doubts import cancelled_lines, merged_ids
from shared.loading.proposal_match import TableMatch
from shared.loading.proposal_names import currency_in
from shared.loading.proposal_reading import Drop

_TOTAL_WORDS = {"total", "grandtotal", "sum", "toplam", "geneltoplam", "summe", "итого", "всего"}
_CONTROL_WORDS = ("control", "kontrol", "holdout", "no ", "none", "контроль")
_CURRENCY_NAMES = {"currency", "currencycode", "parabirimi", "waehrung", "wahrung", "валюта"}
_KNOWN_FLAGS = "('1', '0', 'true', 'false', 'yes', 'no', 'y', 'n', 't', 'f', '1.0', '0.0')"
_SYMBOLS = {"€": "EUR", "£": "GBP", "₺": "TRY", "₽": "RUB", "$": "USD"}
_ENGLISH = {"USD": "en_US", "CAD": "en_CA", "AUD": "en_AU", "NZD": "en_NZ", "INR": "en_IN"}
# Ids of goods carry digits; POST, DISCOUNT or BANK CHARGES do not.
MOST_ODD_PRODUCTS = 12
MOST_OF_ALL = 0.8
_A_DAY = date(2025, 1, 1)  # any; which currency a country has must not change from day to day


@dataclass(frozen=True)
class Line:
    """A line of client.yaml: key, value and why; without a value it is a comment only."""

    key: str
    value: str
    why: str = ""


def rules_for(match: TableMatch, drop: Drop) -> list[Line]:
    """Propose rules for what is seen in the rows; each says how many rows it is about."""
    total = _total(drop)
    if total:
        drop = replace(drop, total_rows=total[0], answers={})
    lines = [*([total[1]] if total else []), *_flags(match, drop)]
    if alike := merged_ids(match, drop):
        lines.append(Line(*alike))
    if match.table == "order_lines":
        if left_out := cancelled_lines(match, drop, _negative(match, drop)):
            lines.append(Line(*left_out))
        lines += [*_refunds(match, drop), *_guests(match, drop), *_free(match, drop)]
        lines += _odd_products(match, drop)
    if match.table == "campaign" and "arm" in match.columns:
        lines.append(_control(match, drop))
    return lines


def currency_of(served: list[tuple[TableMatch, Drop]]) -> Line:
    """Propose a currency: from a column, heads, signs beside amounts, the country, or assumed."""
    for _, drop in served:
        for column in drop.raw.header:
            if letters(column) in _CURRENCY_NAMES:
                codes = _values(drop, column)
                if len(codes) == 1:
                    return Line("currency", codes[0], f"from {column}")
                why = f"{column} has {', '.join(codes[:4])}; rates for the others go into rules"
                return Line("currency", "DECIDE", why)
    heads = {c: code for match, _ in served for c in match.amounts if (code := currency_in(c))}
    if len(set(heads.values())) == 1:
        theirs, code = next(iter(heads.items()))
        return Line("currency", code, f"from {theirs}")
    seen = {code for match, drop in served for code in _signs(match, drop)}
    if len(seen) == 1:
        return Line("currency", seen.pop(), "assumed: from the sign beside amounts")
    for match, drop in served:
        if line := _currency_of_country(match, drop):
            return line
    return Line("currency", "EUR", "assumed: the files name none; ISO 4217, such as GBP")


def locale_of(currency: str) -> Line:
    """Propose how numbers and dates are written, from the currency."""
    locale = _ENGLISH.get(currency, "en_GB")
    return Line("locale", locale, "assumed: language, number and date format of the reports")


def _refunds(match: TableMatch, drop: Drop) -> list[Line]:
    negative = _negative(match, drop)
    (count,) = drop.ask(f"count(*) FILTER ({negative})")
    if not count:
        return []
    seen = f"{_lines(count)} {'is' if count == 1 else 'are'} negative"
    net = Line("refunds", "net", f"assumed: {seen}; net, set_aside or keep")
    return [*_cancelled(match, drop, negative), net]


def _negative(match: TableMatch, drop: Drop) -> str:
    """Write the test of a line that gives money back."""
    amounts = [c for n in ("quantity", "unit_price", "line_value") if (c := match.columns.get(n))]
    return " OR ".join(f"{drop.number(column)} < 0" for column in amounts) or "false"


def _cancelled(match: TableMatch, drop: Drop, negative: str) -> list[Line]:
    """Find letters before the number of orders that hold negative lines only, such as C536379."""
    order = match.columns.get("order_id", "#")
    if order not in drop.raw.header:
        return []
    prefix = f"regexp_extract({drop.text(order)}, '^([A-Za-z]+)[-_]?[0-9]', 1)"
    found = drop.engine.execute(
        f"SELECT {prefix} AS p, count(*) AS n FROM {drop.table} GROUP BY p "
        f"HAVING p <> '' AND count(*) FILTER ({negative}) >= 0.99 * count(*) ORDER BY n DESC"
    ).fetchall()
    return [
        Line("cancelled_order_prefix", yaml_text(p), f"{_lines(n)} of such orders, all negative")
        for p, n in found[:1]
    ]


def _guests(match: TableMatch, drop: Drop) -> list[Line]:
    customer = match.columns.get("customer_id")
    if customer not in drop.raw.header:
        return []
    (count,) = drop.ask(f"count(*) FILTER ({drop.text(str(customer))} IS NULL)")
    if not count:
        return []
    have = "has" if count == 1 else "have"
    share = f"{_lines(count)} ({count / drop.rows:.1%}) {have} no customer"
    return [Line("guests", "set_aside", f"{share}; set_aside or keep")]


def _free(match: TableMatch, drop: Drop) -> list[Line]:
    price = match.columns.get("unit_price") or match.columns.get("line_value")
    if price is None:
        return []
    (count,) = drop.ask(f"count(*) FILTER ({drop.number(price)} = 0)")
    if not count:
        return []
    seen = f"{_lines(count)} {'costs' if count == 1 else 'cost'} nothing"
    return [Line("zero_price", "set_aside", f"{seen}; set_aside or keep")]


def _odd_products(match: TableMatch, drop: Drop) -> list[Line]:
    """Name products without a digit where nearly all others have one: postage, fees, samples."""
    product = match.columns.get("product_id", "#")
    if product not in drop.raw.header:
        return []
    text = drop.text(product)
    odd = f"regexp_full_match({text}, '[^0-9]+')"
    found = drop.engine.execute(
        f"SELECT {text} AS p, count(*) AS n FROM {drop.table} WHERE {odd} "
        "GROUP BY p ORDER BY n DESC, p"
    ).fetchall()
    if not found or sum(n for _, n in found) > 0.05 * drop.rows:
        return []
    listed = ", ".join(yaml_text(p) for p, _ in found[:MOST_ODD_PRODUCTS])
    return [Line("", "", f"ids without a digit; if no goods: exclude_product_ids: [{listed}]")]


def _total(drop: Drop) -> tuple[tuple[tuple[int, int], ...], Line] | None:
    """Look for totals in the files' last rows, which spreadsheets leave behind: where, what."""
    ends = drop.engine.execute(
        f"SELECT __file, __row, * FROM {drop.table} "
        "QUALIFY __row = max(__row) OVER (PARTITION BY __file) ORDER BY __file"
    ).fetchall()
    found: dict[tuple[int, int], str] = {}
    for file, row, *values in ends:
        texts = [v.strip() for v in values if isinstance(v, str) and letters(v) in _TOTAL_WORDS]
        if texts:
            found[file, row] = texts[0]
    if not found:
        return None
    words = ", ".join(map(yaml_text, dict.fromkeys(found.values())))
    return tuple(found), Line("footer", f"[{words}]", "the last row is a total")


def _flags(match: TableMatch, drop: Drop) -> list[Line]:
    """Ask what the words of a yes-or-no column mean unless they are known."""
    lines = []
    for name, kind in ((n, match.kinds[c]) for n, c in match.columns.items()):
        theirs = match.columns[name]
        if kind != "flag" or theirs not in drop.raw.header:
            continue
        text = drop.text(theirs)
        (unknown,) = drop.ask(f"count(*) FILTER (lower({text}) NOT IN {_KNOWN_FLAGS})")
        words = _values(drop, theirs)
        if unknown and len(words) <= 3:
            asked = ", ".join(f"{yaml_text(word)}: DECIDE" for word in words)
            lines.append(Line("values", f"{{{name}: {{{asked}}}}}", "1 is yes, 0 is no"))
    return lines


def _control(match: TableMatch, drop: Drop) -> Line:
    arms = _values(drop, match.columns["arm"])
    likely = [arm for arm in arms if arm.lower().startswith(_CONTROL_WORDS)]
    if len(likely) == 1:
        return Line("control_arm", yaml_text(likely[0]), "assumed: those who got nothing")
    return Line("control_arm", "DECIDE", f"who got nothing: {', '.join(arms[:5])}")


def _lines(count: int) -> str:
    return f"{count:,} line" if count == 1 else f"{count:,} lines"


def _values(drop: Drop, column: str) -> list[str]:
    text = drop.text(column)
    rows = drop.engine.execute(
        f"SELECT {text} AS v, count(*) AS n FROM {drop.table} WHERE {text} IS NOT NULL "
        "GROUP BY v ORDER BY n DESC, v LIMIT 50"
    ).fetchall()
    return [value for value, _ in rows]


def _signs(match: TableMatch, drop: Drop) -> set[str]:
    """Give the currencies whose sign stands beside some amount."""
    pairs = [(c, sign) for c in match.amounts if c in drop.raw.header for sign in _SYMBOLS]
    if not pairs:
        return set()
    tests = (
        f"bool_or(regexp_matches({drop.text(column)}, '^[-(]?[{sign}]|[0-9] ?[{sign}]$'))"
        for column, sign in pairs
    )
    found = drop.ask(", ".join(tests))
    return {_SYMBOLS[sign] for (_, sign), seen in zip(pairs, found, strict=True) if seen}


def _currency_of_country(match: TableMatch, drop: Drop) -> Line | None:
    """Take the currency of the country in which nearly all lines are."""
    theirs = match.columns.get("country")
    if theirs is None:
        return None
    country, *_ = _values(drop, theirs) or [""]
    (count,) = drop.ask(f"count(*) FILTER ({drop.text(theirs)} = {literal(country)})")
    codes = {name.lower(): code for code, name in Locale("en").territories.items()}
    territory = codes.get(country.lower(), country.upper())
    money = get_territory_currencies(territory, start_date=_A_DAY, end_date=_A_DAY)
    if not money or count < MOST_OF_ALL * drop.rows:
        return None
    return Line("currency", money[0], f"assumed: {count / drop.rows:.0%} of lines are {country}")
