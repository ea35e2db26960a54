"""How a text is read as a number, a date or an amount of money, written for the engine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.loading.engine import literal

LATEST_YEAR = 2099
EXCEL_SERIAL = "excel_serial"
SPACES = " \t\r\n\u00a0\u2007\u2009\u202f\ufeff\u200b"
MISSING = ("NA", "N/A", "#N/A", "NULL", "null", "None", "nan", "NaN", "<NA>")
# What may stand beside an amount. Other letters are no currency: "12 mn" is not 12.
CURRENCY_CODES = (
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|"
    "KZT|MAD|MXN|MYR|NOK|NZD|PHP|PLN|RON|RSD|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
CURRENCY_MARK = rf"(?i:(?:us|c|a)?[$]|[€£¥₺₽₴₸₹₩₪₫฿]|zł|руб\.?|y?tl|kr\.?|{CURRENCY_CODES})"
# strptime of DuckDB reads these words as 1900-01-01 whatever the format says.
_DATE_WORDS = ("infinity", "-infinity", "epoch")
_LAST_SERIAL = 2_958_465  # 9999-12-31


@dataclass(frozen=True)
class Reading:
    """How the text of one column is read.

    Attributes
    ----------
    dates : tuple of str
        strptime formats, or "excel_serial", tried in this order.
    decimal, thousands : str
        Separators of a number; `thousands` is "" where there is none.
    values : mapping of str to float
        What the client's own words mean, such as {"Yes": 1, "No": 0}.
    is_clock : bool
        Whether 00:06:40 is read as seconds.
    """

    dates: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    is_clock: bool = False


def trimmed(sql: str) -> str:
    """Write the text of a raw column without surrounding space; NULL where nothing is left."""
    text = f"{sql}::VARCHAR"
    # Trimming by a list of characters is slow, and nearly every text begins and ends in ink.
    inked = f"regexp_full_match({text}, '[!-~]|[!-~].*[!-~]')"
    return f"CASE WHEN {inked} THEN {text} ELSE nullif(trim({text}, {literal(SPACES)}), '') END"


def number_value(text: str, reading: Reading) -> str:
    """Write how a trimmed text is read as a number: NULL where it is none."""
    special = (
        f"CASE WHEN regexp_full_match(lower({text}), '[+-]?(inf|infinity|∞)') THEN 'inf'::DOUBLE "
        f"WHEN lower({text}) = 'nan' THEN 'nan'::DOUBLE END"
    )
    plain, tidy = _plain_number(text, reading), _plain_number(_tidy(text), reading)
    clock = f", {_clock(text)}" if reading.is_clock else ""
    return f"coalesce({plain}, {tidy}, {special}{clock})"


def shape(text: str) -> str:
    """Write what a text looks like: 9 for a digit, a for a letter, at most 40 characters."""
    digits = f"regexp_replace({text}, '[0-9]', '9', 'g')"
    return f"left(regexp_replace({digits}, '\\pL', 'a', 'g'), 40)"


def currency_mark(sql: str) -> str:
    """Write the currency that stands beside an amount: '' where there is none."""
    before = f"regexp_extract({sql}, '^[-−(+]?\\s*({CURRENCY_MARK})\\s*[-−+]?[0-9.,]', 1)"
    after = f"regexp_extract({sql}, '[0-9.,]\\s*({CURRENCY_MARK})\\s*[-)]?$', 1)"
    return f"coalesce(nullif({before}, ''), nullif({after}, ''), '')"


def date_value(text: str, formats: tuple[str, ...], timezone: str) -> str:
    """Write how a trimmed text is read as a local timestamp: NULL where no format fits."""
    tried = [_one_format(text, format_, timezone) for format_ in formats]
    words = ", ".join(map(literal, _DATE_WORDS))
    return f"CASE WHEN lower({text}) NOT IN ({words}) THEN coalesce({', '.join(tried)}, NULL) END"


def _plain_number(text: str, reading: Reading) -> str:
    decimal, group = re.escape(reading.decimal), _group_class(reading.thousands)
    whole = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+|\d*)" if group else r"\d*"
    pattern = rf"[+-]?{whole}(?:{decimal}\d*)?(?:[eE][+-]?\d+)?"
    digits = f"regexp_replace({text}, {literal(group)}, '', 'g')" if group else text
    if reading.decimal != ".":
        digits = f"replace({digits}, {literal(reading.decimal)}, '.')"
    matches = f"regexp_full_match({text}, {literal(pattern)})"
    return f"CASE WHEN {matches} THEN TRY_CAST({digits} AS DOUBLE) END"


def _clock(text: str) -> str:
    """Write 00:06:40 as its seconds; 06:40 alone may be hours or minutes and is neither."""
    parts = [f"TRY_CAST(split_part({text}, ':', {i}) AS DOUBLE)" for i in (1, 2, 3)]
    matches = f"regexp_full_match({text}, '[0-9]{{1,3}}:[0-5][0-9]:[0-5][0-9]')"
    return f"CASE WHEN {matches} THEN 3600 * {parts[0]} + 60 * {parts[1]} + {parts[2]} END"


def _group_class(thousands: str) -> str:
    """Give the separator as a pattern; a space stands for all narrow and unbreakable ones."""
    if not thousands:
        return ""
    if thousands.strip(SPACES) == "":
        return "[ \u00a0\u2007\u2009\u202f]"
    return "['’]" if thousands in "'’" else re.escape(thousands)


def _tidy(text: str) -> str:
    """Strip a currency mark, and turn accountants' and typographers' minus into a hyphen."""
    bare = (
        f"regexp_replace({text}, "
        f"'^([-−(+]?)\\s*{CURRENCY_MARK}\\s*|\\s*{CURRENCY_MARK}\\s*([-)]?)$', '\\1\\2', 'g')"
    )
    minus = f"replace({bare}, '−', '-')"
    bracket = f"regexp_replace({minus}, '^[(](.*)[)]$', '-\\1')"
    return f"regexp_replace({bracket}, '^([^-+].*)-$', '-\\1')"


def _one_format(text: str, format_: str, timezone: str) -> str:
    if format_ == EXCEL_SERIAL:
        return _serial(text)
    if "%z" in format_ or "%Z" in format_:
        zoned = f"regexp_replace({text}::VARCHAR, '[Zz]$', '+00:00')" if "%z" in format_ else text
        return f"(try_strptime({zoned}, {literal(format_)}) AT TIME ZONE {literal(timezone)})"
    if "%f" in format_:
        # Some databases write seven or nine digits; the engine reads six.
        text = f"regexp_replace({text}::VARCHAR, '([.][0-9]{{6}})[0-9]+', '\\1')"
    return f"try_strptime({text}::VARCHAR, {literal(format_)})::TIMESTAMP"


def _serial(text: str) -> str:
    """Write a spreadsheet's day number as a date; day 60 is the 29 February 1900 that never was."""
    days = f"TRY_CAST({text} AS DOUBLE)"
    shift = f"CASE WHEN {days} < 60 THEN 1 ELSE 0 END"
    seconds = f"round(({days} + {shift}) * 86400)"
    return (
        f"CASE WHEN {days} >= 1 AND {days} <= {_LAST_SERIAL} AND floor({days}) <> 60 "
        f"THEN TIMESTAMP '1899-12-30' + to_seconds({seconds}::BIGINT) END"
    )
