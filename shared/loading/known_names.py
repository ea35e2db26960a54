"""Names that others keep lists of: currencies, locales, time zones, encodings, date patterns."""

import codecs
import re
from functools import cache
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.localedata import locale_identifiers
from babel.numbers import list_currencies

from shared.loading.words_near import did_you_mean, near, quote

EXCEL_SERIAL = "excel_serial"
_FREQUENT_CURRENCIES = ("EUR", "USD", "GBP", "TRY", "RUB", "CHF", "PLN", "SEK", "JPY")
_ENCODINGS = (
    "utf-8", "utf-16", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257", "latin-1",
    "iso8859-2", "iso8859-5", "iso8859-9", "iso8859-15", "koi8-r", "cp437", "cp850", "cp866",
    "gbk", "big5", "shift_jis", "euc_kr", "mac_roman",
)  # fmt: skip
_DIRECTIVES = re.compile(r"%(.?)", re.DOTALL)
_KNOWN_DIRECTIVES = "aAbBdfHIjmMpSyYzZ%"


def currency(value: str) -> str:
    """Read an ISO 4217 code."""
    codes = list_currencies()
    if value in codes:
        return value
    hint = did_you_mean(value, [*_FREQUENT_CURRENCIES, *sorted(codes)])
    raise ValueError(f"{quote(value)} is no ISO 4217 currency{hint or ' such as EUR'}")


def locale(value: str) -> str:
    """Read a locale that CLDR knows, written en_GB or en-GB; given back as en_GB."""
    written = value.replace("-", "_")
    try:
        if re.fullmatch(r"[A-Za-z_0-9]{2,30}", written):
            return str(Locale.parse(written))
    except (ValueError, UnknownLocaleError):
        pass
    hint = did_you_mean(written, ["en_GB", "en_US", *sorted(locale_identifiers())])
    raise ValueError(f"{quote(value)} is no known locale{hint or ' such as en_GB'}")


def timezone(value: str) -> str:
    """Read a name of the IANA time zone list; a city alone is not enough, but is understood."""
    zones = _zones()
    if value in zones:
        return value
    cities = {zone.rpartition("/")[2]: zone for zone in zones if "/" in zone}
    meant = near(value, zones) or cities.get(near(value, cities) or "")
    hint = f"; did you mean {meant}?" if meant else " such as Europe/Istanbul"
    raise ValueError(f"{quote(value)} is no known time zone{hint}")


def encoding(value: str) -> str:
    """Read the name of a text encoding."""
    try:
        # Reading a letter tells text encodings from codecs such as base64 or rot13.
        b"a".decode(value, "replace")
        return codecs.lookup(value).name
    except (LookupError, ValueError, UnicodeError):
        hint = did_you_mean(value, _ENCODINGS)
        raise ValueError(
            f"{quote(value)} is no known encoding{hint or ' such as cp1254'}"
        ) from None


def date_pattern(value: str) -> str:
    """Read a pattern such as "%d.%m.%Y %H:%M", or the word excel_serial."""
    if value == EXCEL_SERIAL:
        return value
    used = _DIRECTIVES.findall(value)
    unknown = [f"%{letter}" for letter in used if letter not in _KNOWN_DIRECTIVES or not letter]
    if unknown:
        raise ValueError(f"{quote(value)} has {unknown[0]}, which no date has")
    has_day = "j" in used or ("d" in used and set(used) & set("mbB"))
    if not (set(used) & set("yY") and has_day):
        example = did_you_mean(value, [EXCEL_SERIAL]) or ', such as "%d.%m.%Y %H:%M"'
        raise ValueError(f"{quote(value)} does not say where day, month and year are{example}")
    return value


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones() - {"localtime", "Factory"}))
