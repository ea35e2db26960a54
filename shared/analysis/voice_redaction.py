"""Quotes without persons: names, mails, phones, addresses and numbers of orders taken out."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from shared.analysis.voice_language import plain_text

NAME, MAIL, LINK, PHONE = "[name]", "[mail]", "[link]", "[phone]"
ADDRESS, NUMBER = "[address]", "[number]"
LONGEST = 1000  # letters of a quote
TRAINED = {"en": "en_core_web_sm", "de": "de_core_news_sm", "ru": "ru_core_news_sm"}
_L, _U = "a-zà-öø-ÿğışçöüа-яё", "A-ZÀ-ÖØ-ÞĞİŞÇÖÜА-ЯЁ"
_PERSON = rf"[{_U}][{_L}{_U}'.-]+(?:\s+[{_U}][{_L}{_U}'-]+)?"
_CAPITAL = re.compile(rf"(?<![\w@\[])[{_U}][{_L}]+(?:-[{_U}][{_L}]+)?(?![\w\]])")
_PATTERNS = [
    (MAIL, re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\s?(?:\.|\(dot\))\s?[\w-]+)+")),
    (LINK, re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)),
    (NAME, re.compile(r"(?<!\w)@\w{2,}")),
    (ADDRESS, re.compile(
        r"\b\d{1,4}[a-z]?,?\s+(?:[A-Z][\w'-]+\s+){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive"
        r"|Dr|Close|Court|Ct|Place|Way|Square|Boulevard|Blvd|Crescent|Terrace|Gardens)\b\.?",
        re.IGNORECASE)),
    (ADDRESS, re.compile(
        r"\b[\w.-]*(?:str(?:\.|aße|asse)|weg|platz|allee|gasse|damm|ufer|ring)\s+\d{1,4}(?:\s?[a-z]\b)?",
        re.IGNORECASE)),
    (ADDRESS, re.compile(
        rf"[{_U}][\w.]*(?:\s+[\w.]+){{0,2}}\s+(?:Mah|Cad|Sok|Blv)\w*\.?(?:\s*,?\s*No\s*[:.]?\s*\d+)?")),
    (ADDRESS, re.compile(
        r"(?:ул(?:ица|\.)|просп(?:ект|\.)|пр-т|пер(?:еулок|\.))\s*[\w.-]+(?:[\s,]+(?:д(?:ом|\.)?\s*)?"
        r"\d+\w?)?(?:[\s,]+кв(?:артира|\.)?\s*\d+)?", re.IGNORECASE)),
    (ADDRESS, re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b")),
    (NUMBER, re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z\d]{4}){3,7}(?:\s?[A-Z\d]{1,3})?\b")),
    (PHONE, re.compile(r"(?<![\w.,])(?:\+|00|\()?\d(?:[\s()./-]{0,2}\d){8,14}(?!\w)")),
    (NUMBER, re.compile(
        r"(?:(?<!\w)#|№|\b(?:no|nr|number|nummer|numara(?:sı|m)?|номер)\b\s*[:.#]?)\s*"
        r"[A-Z]{0,4}[-/]?\d[\w/-]*", re.IGNORECASE)),
    (NUMBER, re.compile(r"\b(?=[\w/-]*\d{3})(?=[\w/-]*[A-Za-z])[A-Za-z\d]+(?:[-/][A-Za-z\d]+)*\b")),
    (NUMBER, re.compile(r"(?<![\w.,])\d(?:[\s-]?\d){4,}(?![\w])")),
]  # fmt: skip
_TITLES = re.compile(
    rf"\b(?:(?:M(?:r|rs|s|iss)|Dr|Prof|Herr|Herrn|Frau|Sayın|Sn|г-н|г-жа|господин|госпожа)\.?\s+"
    rf"{_PERSON})|{_PERSON}(?=\s+(?:Bey|Hanım|bey|hanım))"
)
_SMALL_TITLES = re.compile(r"\b(?:mr|mrs|ms|herrn?|frau)\.?\s+[^\W\d_]{2,}", re.IGNORECASE)
_INTRODUCED = re.compile(
    r"\b((?:my name is|mein name ist|ich heiße|benim adım|меня зовут)\s+)"
    r"[^\W\d_]+(?:[\s'’-]+[^\W\d_]+)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?<![\w@\[])[^\W\d_]{3,}(?![\w\]])")
_SURNAME = re.compile(rf"\[name\]\s+([{_U}][\w'’-]+)")
# First names that are words, too, when written without a capital, or in capitals only.
_ALSO_WORDS = frozenset(
    {
        *("alan", "ben", "carol", "christian", "frank", "jack", "jan", "jean", "jordan"),
        *("kim", "lee", "max", "robin", "sam", "scott", "wayne"),
    }
)
_SMALL_LETTERS = ("en", "de")  # elsewhere too many first names are words
_CALLED = re.compile(
    rf"((?:[Mm]y name is|[Mm]ein Name ist|[Ii]ch heiße|[Aa]dım|[Ии]мя|[Мм]еня зовут|"
    rf"[Dd]ear|[Hh]i|[Hh]ello|"
    rf"[Hh]allo|[Ll]iebe[r]?|[Мм]енеджер|[Rr]egards|[Cc]heers|[Ss]incerely|[Gg]rüße|[Cc]alled|[Nn]amed|"
    rf"[Ss]aygılar(?:ımla)?),?\s+){_PERSON}"
)
_NO_NAMES = frozenset(
    {
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january"),
        *("february", "march", "april", "may", "june", "july", "august", "september", "october"),
        *("november", "december", "christmas", "easter", "black", "english", "german", "turkish"),
        *("russian", "british", "american", "italian", "french", "ok", "god"),
    }
)


def redact(
    text: str, *, names: Iterable[str] = (), keep: Iterable[str] = (), language: str = "en"
) -> str:
    """Take out of a quote whatever could tell who wrote it or of whom it speaks.

    Mails, links, handles, phones, addresses, numbers of orders and accounts, words after a title
    or a greeting, common first names with the surname behind them, and, but for German, every
    capital inside of a sentence that is not in `keep`: a word too many is lost rather than a name
    shown. A trained pipeline of spaCy adds the persons it finds, where one is installed.

    Parameters
    ----------
    text : str
        As written; HTML is stripped, and what follows 1,000 letters.
    names : iterable of str
        Further names to take out, such as those of the client's own staff.
    keep : iterable of str
        Words that may stay although written with a capital: brands, products.
    language : str
        Two letters.

    Returns
    -------
    str
        With "[name]", "[mail]", "[link]", "[phone]", "[address]" and "[number]" in their place.
    """
    text = plain_text(text)
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0] + " …"
    for placeholder, pattern in _PATTERNS:
        text = pattern.sub(placeholder, text)
    text = _persons(text, language)
    text = _INTRODUCED.sub(rf"\g<1>{NAME}", _SMALL_TITLES.sub(NAME, _TITLES.sub(NAME, text)))
    text = _CALLED.sub(rf"\g<1>{NAME}", text)
    kept = _NO_NAMES | {part.casefold() for word in keep for part in str(word).split()}
    wanted = {part for name in names for part in str(name).casefold().split()}
    text = _capitals(text, kept=kept, wanted=wanted, strict=language != "de")
    return _surnames(_listed(text, kept=kept, small=language in _SMALL_LETTERS), kept=kept)


def _listed(text: str, *, kept: frozenset[str], small: bool) -> str:
    """Replace first names that are written in small letters or in capitals only."""

    def said(found: re.Match[str]) -> str:
        word, folded = found.group(), found.group().casefold()
        odd = word.isupper() or (small and word.islower())
        unlike = folded in _ALSO_WORDS or folded in kept
        return NAME if odd and not unlike and folded in _folded_names() else word

    return _WORD.sub(said, text)


def _surnames(text: str, *, kept: frozenset[str]) -> str:
    """Replace the capital word after a name: a surname that no list holds."""

    def said(found: re.Match[str]) -> str:
        return found.group() if found.group(1).casefold() in kept else NAME

    return re.sub(rf"{re.escape(NAME)}(?:\s+{re.escape(NAME)})+", NAME, _SURNAME.sub(said, text))


def _capitals(text: str, *, kept: frozenset[str], wanted: set[str], strict: bool) -> str:
    """Replace names by list, and unknown capitals inside of a sentence."""

    def said(found: re.Match[str]) -> str:
        word, before = found.group(), text[: found.start()].rstrip()
        inside = bool(before) and before[-1] not in ".!?…:\"'([-–*•\n"
        if word.casefold() in wanted or word in first_names():
            return NAME
        return NAME if strict and inside and word.casefold() not in kept else word

    replaced = _CAPITAL.sub(said, text)
    for name in sorted(wanted):
        replaced = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", NAME, replaced, flags=re.IGNORECASE)
    return re.sub(rf"{re.escape(NAME)}(?:\s+{re.escape(NAME)})+", NAME, replaced)


@cache
def first_names() -> frozenset[str]:
    """Read the suite's list of common English, German, Turkish and Russian first names."""
    text = (files("shared.analysis") / "lexicons" / "first_names.csv").read_text(encoding="utf-8")
    return frozenset(text.split()[1:])


@cache
def _folded_names() -> frozenset[str]:
    return frozenset(name.casefold() for name in first_names())


def _persons(text: str, language: str) -> str:
    pipeline = trained_pipeline(language)
    if pipeline is None:
        return text
    found = [span for span in pipeline(text).ents if span.label_ in {"PERSON", "PER"}]
    for span in reversed(found):
        text = text[: span.start_char] + NAME + text[span.end_char :]
    return text


@cache
def trained_pipeline(language: str) -> Any:
    """Load spaCy's small trained pipeline of a language if it is installed; never fetch one."""
    name = TRAINED.get(language, "")
    if not name or find_spec(name) is None:
        return None
    import spacy

    return spacy.load(name)
