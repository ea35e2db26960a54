"""How a number, an amount, a day or a month is written for one client's locale."""

import copy
import datetime as dt
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd
from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.localedata import LocaleDataDict
from babel.numbers import (
    NumberPattern,
    format_compact_currency,
    format_compact_decimal,
    get_currency_precision,
    get_currency_symbol,
)

from shared.analysis.intervals import Estimate

NO_BREAK_SPACE = "\u00a0"
UNITS = ("count", "number", "share", "money", "days", "ratio")
SPECS = (*UNITS, "date", "month", "text")
MOST_DIGITS = 3
# The language of the words around the numbers; the locale rules only how the numbers look.
WORDS = {
    "days": {"one": "{n} day", "other": "{n} days"},
    "items": {"one": "{n} item", "other": "{n} items"},
    "interval": "{low} to {high}",
    "week": "week of {date}",
}
WORDS_LOCALE = "en"


@dataclass(frozen=True)
class Wording:
    """Numbers, money and dates as the client's locale writes them; blank for what is not known.

    Attributes
    ----------
    locale : str
        Such as "en_GB" or "tr".
    currency : str
        ISO 4217 code.
    money_unit : str
        "items" where the export has no prices and money counts the items bought.
    """

    locale: str = "en_GB"
    currency: str = "EUR"
    money_unit: Literal["currency", "items"] = "currency"

    def count(self, x: object, *, compact: bool = False) -> str:
        """Write a whole number; `compact` gives 12K."""
        if is_blank(x):
            return ""
        value = _short(_float(x)) if compact else _float(x)
        if compact and _has_short_form(self._locale.compact_decimal_formats, value):
            return _tidy(format_compact_decimal(value, locale=self.locale, fraction_digits=2))
        return self._decimal(x, 0)

    def number(self, x: object, digits: int = 2) -> str:
        """Write a number with a fixed number of decimals."""
        return "" if is_blank(x) else self._decimal(x, digits)

    def ratio(self, x: object, digits: int = 2) -> str:
        """Write a ratio, such as a lift of 1.84."""
        return self.number(x, digits)

    def share(self, x: object, digits: int = 0) -> str:
        """Write a share of 1 in per cent; what is not zero never reads as 0 %."""
        if is_blank(x):
            return ""
        value = _float(x)
        while value and digits < MOST_DIGITS and round(abs(value) * 100, digits) == 0:
            digits += 1
        return _apply(self._locale.percent_formats[None], value, self._locale, digits)

    def money(self, x: object, compact: bool = False, digits: int | None = None) -> str:
        """Write an amount with its currency; cents only below 100, unless `digits` is given."""
        if is_blank(x):
            return ""
        if self.money_unit == "items":
            return _counted("items", self.count(x, compact=compact), _float(x))
        value = _short(_float(x)) if compact else _float(x)
        if compact and _has_short_form(self._locale.compact_currency_formats, value):
            text = format_compact_currency(
                value, self.currency, locale=self.locale, fraction_digits=2
            )
            return _space_after_letters(_tidy(text), self.currency_symbol)
        value = _float(x)
        if digits is None:
            digits = self.money_digits(abs(value)) if value else 0
        pattern = self._locale.currency_formats["standard"]
        text = _apply(pattern, value, self._locale, digits, currency=self.currency)
        return _space_after_letters(text, self.currency_symbol)

    def amount(self, x: object, digits: int | None = None) -> str:
        """Write an amount without its currency, for a column whose head names the unit."""
        if is_blank(x):
            return ""
        if digits is None:
            digits = self.money_digits(abs(_float(x)))
        return self._decimal(x, 0 if self.money_unit == "items" else digits)

    def money_digits(self, largest: float) -> int:
        """Decimals for amounts up to `largest`: the currency's own below 100, then none."""
        return get_currency_precision(self.currency) if round(largest, 2) < 100 else 0

    def days(self, x: object, digits: int = 0) -> str:
        """Write a number of days with the word."""
        return "" if is_blank(x) else _counted("days", self._decimal(x, digits), _float(x))

    def date(self, d: dt.date | str | None) -> str:
        """Write a day, such as 9 Dec 2011."""
        if is_blank(d):
            return ""
        day = pd.Timestamp(str(d)).date()
        return _tidy(format_date(day, "medium", locale=self.locale))

    def month(self, p: pd.Period | dt.date | str | None) -> str:
        """Write a period: a month, a quarter, a year or the week that begins on a day."""
        if is_blank(p):
            return ""
        period = p if isinstance(p, pd.Period) else pd.Period(p, freq="M")
        start = period.start_time.date()
        if period.freqstr.startswith("W"):
            return WORDS["week"].format(date=self.date(start))  # type: ignore[attr-defined]
        skeleton = {"Q": "yQQQ", "Y": "y", "A": "y"}.get(period.freqstr[0], "yMMM")
        return _tidy(format_skeleton(skeleton, start, locale=self.locale))

    def format(self, value: object, spec: str = "") -> str:
        """Write any value by `spec`, or by its own type where `spec` is empty.

        Parameters
        ----------
        value : object
            A number, date, period, text or `Estimate`, whose unit then decides.
        spec : str
            One of count, number, share, money, days, ratio, date, month, text; with decimals as
            "share.1"; or "money.compact", "count.compact".
        """
        if isinstance(value, Estimate):
            return self.format(value.value, spec or value.unit)
        name, _, detail = (spec or _natural_spec(value)).partition(".")
        if name not in SPECS:
            raise ValueError(f"{spec!r} is no way to write a value; use one of {', '.join(SPECS)}")
        if name == "text" or is_blank(value):
            return "" if is_blank(value) else str(value)
        if isinstance(value, str) and name in UNITS:
            raise TypeError(f"{value!r} is text and cannot be written as {name}")
        options = _options(detail)
        if name == "share" and not detail:
            options = {"digits": share_digits(_float(value))}
        return str(getattr(self, name)(value, **options))

    def interval(self, estimate: Estimate, written: str = "") -> str:
        """Write the bounds of an estimate, such as 31% to 38%; blank for a full count.

        Bounds take the decimals of `written`, the spec by which a sentence writes the value.
        """
        if estimate.level >= 1 or is_blank(estimate.low) or is_blank(estimate.high):
            return ""
        spec = estimate.unit
        if _keeps(written, estimate):
            spec = written
        elif spec == "share":
            spec = f"share.{share_digits(estimate.value)}"
        elif spec == "money":
            spec = f"money.{self.money_digits(abs(estimate.value))}"
        first = "number.0" if spec == "days" else spec  # the word stands once, behind both
        low, high = self.format(estimate.low, first), self.format(estimate.high, spec)
        return str(WORDS["interval"]).format(low=low, high=high)

    @property
    def currency_symbol(self) -> str:
        """The sign of the currency in this locale, such as €."""
        return get_currency_symbol(self.currency, locale=self.locale)

    @property
    def unit_of_money(self) -> str:
        """What amounts are counted in, for the head of a column."""
        return "items" if self.money_unit == "items" else self.currency_symbol

    @property
    def _locale(self) -> Locale:
        return _parsed(self.locale)

    def _decimal(self, x: object, digits: int) -> str:
        return _apply(self._locale.decimal_formats[None], _float(x), self._locale, digits)


def is_blank(value: object) -> bool:
    """Tell whether a value is not known: None, NaN, NaT, or an infinite number."""
    if value is None or value is pd.NaT or value is pd.NA:
        return True
    if isinstance(value, Estimate):
        return is_blank(value.value)
    return isinstance(value, float | np.floating) and not math.isfinite(value)


def _keeps(spec: str, estimate: Estimate) -> bool:
    """Tell whether a spec says how many decimals bounds have, and makes none of them a zero."""
    name, _, digits = spec.partition(".")
    if name not in (estimate.unit, "number", "ratio") or not digits.isdigit():
        return False
    scale = 100 if name == "share" else 1
    bounds = [bound for bound in (estimate.low, estimate.high) if bound]
    return all(round(scale * bound, int(digits)) for bound in bounds)


def share_digits(largest: float) -> int:
    """Decimals of a percentage: one below 10 %, none from there up."""
    return 1 if 0 < abs(largest) < 0.1 else 0


def plural(forms: dict[str, str], n: float) -> str:
    """Choose the form of a word that goes with n in the language of the words."""
    form = _parsed(WORDS_LOCALE).plural_form(n)
    return forms.get(form, forms["other"])


def _counted(word: str, written: str, n: float) -> str:
    forms: dict[str, str] = WORDS[word]  # type: ignore[assignment]
    return plural(forms, n).format(n=written)


@lru_cache
def _parsed(locale: str) -> Locale:
    return Locale.parse(locale.replace("-", "_"))


@lru_cache
def _pattern(pattern: NumberPattern, digits: int) -> NumberPattern:
    fixed = copy.copy(pattern)
    fixed.frac_prec = (digits, digits)
    return fixed


def _apply(
    pattern: NumberPattern, value: float, locale: Locale, digits: int, *, currency: str = ""
) -> str:
    scale = 100 if "%" in pattern.pattern else 1
    value = 0.0 if round(value * scale, digits) == 0 else value  # no minus sign before a zero
    return _tidy(
        _pattern(pattern, digits).apply(
            value, locale, currency=currency or None, currency_digits=False
        )
    )


def _short(value: float) -> float:
    """Keep three digits, so that 999,999 is a million and not a thousand thousand."""
    return float(f"{value:.3g}")


def _has_short_form(forms: LocaleDataDict, value: float) -> bool:
    """Tell whether the language shortens a number of this size: German has no word for thousand."""
    power = str(10 ** int(math.log10(abs(value)))) if abs(value) >= 1000 else ""
    # Where there is none, CLDR gives "0", and Babel writes every digit it has.
    return power in forms["short"]["other"] and forms["short"]["other"][power].pattern != "0"


def _tidy(text: str) -> str:
    # DejaVu and older phones draw a box for the narrow no-break space of the newer CLDR data.
    return text.replace("\u202f", NO_BREAK_SPACE).replace(" г.", NO_BREAK_SPACE + "г.")


def _space_after_letters(text: str, symbol: str) -> str:
    # CLDR asks for a space between a currency of letters and the digit; Babel leaves it out.
    if symbol[-1:].isalpha():
        text = text.replace(symbol, symbol + NO_BREAK_SPACE, 1) if symbol in text else text
        return text.rstrip(NO_BREAK_SPACE).replace(NO_BREAK_SPACE * 2, NO_BREAK_SPACE)
    return text


def _natural_spec(value: object) -> str:
    if isinstance(value, bool | np.bool_ | str) or is_blank(value):
        return "text"
    if isinstance(value, int | np.integer):
        return "count"
    if isinstance(value, float | np.floating):
        return "number"
    if isinstance(value, pd.Period):
        return "month"
    return "date" if isinstance(value, dt.date | np.datetime64) else "text"


def _options(detail: str) -> dict[str, object]:
    if not detail:
        return {}
    return {"compact": True} if detail == "compact" else {"digits": int(detail)}


def _float(x: object) -> float:
    return float(x)  # type: ignore[arg-type]
