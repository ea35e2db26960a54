"""The language of a text: plain letters, lower case by language, detection, duplicates."""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any

import pandas as pd
from simplemma import LanguageDetector, MostCommonTokenSampler, RelaxedMostCommonTokenSampler
from simplemma.strategies import DefaultStrategy, LemmatizationStrategy

UNKNOWN = "unknown"
CANDIDATES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru", "tr", "uk")
SURE, HINT = 0.5, 0.2  # share of words known; what a telling word adds to it
MOST_DICTIONARIES = 4
_READ = frozenset({"de", "en", "ru", "tr"})
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]{0,400}|!--.*?--)>", re.DOTALL)
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/h\d)\b[^<>]{0,100}>", re.IGNORECASE)
_SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "＇": "'",
                              "“": '"', "”": '"', "„": '"', "\u00a0": " ", "\ufe0f": None,
                              "\u200b": None})  # fmt: skip
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
_RUN = re.compile(r"([^\w\s])\1{3,}")  # a thousand marks in a row hold up the tokeniser
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC, _LATIN = re.compile(r"[\u0400-\u04ff]"), re.compile(r"[A-Za-z\u00c0-\u024f]")
_LETTERS = {"tr": "ğışİ", "de": "ß", "uk": "іїєґ", "ru": "ыэъё", "pl": "łąęśź"}
# Short texts hold few dictionary words: what everybody writes decides them.
_TELLING = {
    "en": "the and is it was not i my very good great this to for with have of on but at you",
    "tr": "çok bir ve bu değil ürün kargo güzel için hiç ama iyi teşekkürler gibi daha memnun",
    "de": "und nicht ist ich sehr das der die war mit für gut aber leider ein zu kein wieder auch "
    "nie schlecht",
    "ru": "и не очень в на я это но как все что за мне так хорошо товар",
    "uk": "і не дуже в на я це але як все що за мені так добре та є",
    "fr": "le la les et est très pas je un une des du pour mais ce avec bien produit que",
    "es": "el la los y es muy no que un una de para pero con mi lo producto bien me",
    "it": "il la e è molto non che un una di per ma con mi prodotto bene sono ho",
    "pt": "o a os e é muito não que um uma de para mas com meu produto bem eu",
    "nl": "de het een en is niet heel ik van voor maar met dit goed erg zeer snel",
    "pl": "i jest nie bardzo na to w z się ale do produkt dobrze polecam jak",
}


def plain_text(text: object) -> str:
    """Strip HTML, straighten apostrophes, shorten runs of marks; a missing text is ""."""
    if not isinstance(text, str):
        return ""
    if "<" in text:
        text = _TAG.sub(" ", _BREAKS.sub(". ", _SCRIPT.sub(" ", text)))
    if "&" in text:
        text = html.unescape(text)
    text = unicodedata.normalize("NFC", text).translate(_APOSTROPHES)
    return " ".join(_RUN.sub(r"\1\1\1", _SKIN.sub("", text)).split())


def lower_case(text: str, language: str) -> str:
    """Lower the case as the language does it: in Turkish I is ı and İ is i."""
    if language in {"tr", "az"}:
        return text.replace("I", "ı").replace("İ", "i").lower()
    return text.lower().replace("i̇", "i")


def language_code(given: object) -> str:
    """Shorten what a client wrote ("EN-gb", "tr_TR") to two letters; "" where it says nothing."""
    if not isinstance(given, str):
        return ""
    code = re.split(r"[-_ ]", given.strip().lower())[0]
    return _NAMES.get(code, code)


def text_keys(texts: pd.Series) -> pd.Series:
    """Give each text a key: equal for texts that differ only in case, HTML or punctuation.

    An empty text has the key "", and is no duplicate of another empty one.
    """
    return texts.map(lambda text: " ".join(_WORD.findall(plain_text(text).casefold())))


def detect_languages(texts: pd.Series, *, among: Iterable[str] = CANDIDATES) -> pd.Series:
    """Detect the language of each text by script, letters, telling words and simplemma's lists.

    Parameters
    ----------
    texts : pd.Series
        Plain text.
    among : iterable of str
        Languages to choose from.

    Returns
    -------
    pd.Series
        Two letters; "unknown" where less than half of the words are known in any of them, or two
        languages share them alike; "" without a letter.
    """
    languages = tuple(sorted(set(among)))
    found = {text: _detect(text, languages) for text in texts.unique()}
    return texts.map(found)


def _detect(text: str, languages: tuple[str, ...]) -> str:
    words = [lower_case(word, "en") for word in _WORD.findall(text[:600])]
    if not words:
        return ""
    cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
    if cyrillic + latin < 0.5 * sum(map(len, words)):
        return UNKNOWN
    script = {"ru", "uk", "bg", "sr"} if cyrillic > latin else set(languages) - {"ru", "uk"}
    choice = tuple(language for language in languages if language in script)
    if not choice:
        return UNKNOWN
    told = {language: _told(text, words, language) for language in choice}
    first, second = sorted([*told.values(), 0.0, 0.0], reverse=True)[:2]
    if first >= 2 and first >= 2 * second:
        return max(told, key=lambda language: told[language])
    # Each of simplemma's dictionaries takes a second, and from the ninth on it reads them anew.
    likely = sorted(choice, key=lambda language: (language not in _READ, -told[language], language))
    return _by_dictionary(text, tuple(likely[:MOST_DICTIONARIES]), told)


def _told(text: str, words: list[str], language: str) -> float:
    telling = _telling(language)
    own = sum(letter in _LETTERS.get(language, "") for letter in text)
    return sum(word in telling for word in words) + 2.0 * min(own, 2)


@cache
def _telling(language: str) -> frozenset[str]:
    return frozenset(_TELLING.get(language, "").split())


def _by_dictionary(text: str, choice: tuple[str, ...], told: dict[str, float]) -> str:
    shares = _known_words(lower_case(text[:300], "en"), choice)
    shares.pop("unk", None)
    for language, hints in told.items():
        shares[language] = shares.get(language, 0.0) + min(hints, 2.0) * HINT
    ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    best, share = ranked[0]
    lead = share - (ranked[1][1] if len(ranked) > 1 else 0.0)
    return best if share >= SURE and lead > 0 else UNKNOWN


def _known_words(text: str, choice: tuple[str, ...]) -> dict[str, float]:
    """Give the share of a text's words that each language knows, as `simplemma.langdetect` does."""
    shares = dict[str, float]()
    # The second takes more kinds of words: it is asked where two languages share the lead.
    for words in (MostCommonTokenSampler(), RelaxedMostCommonTokenSampler()):
        shares = LanguageDetector(choice, words, _dictionaries()).proportion_in_each_language(text)
        known = sorted((share for name, share in shares.items() if name != "unk"), reverse=True)
        first, *others = [*known, shares["unk"]]
        if first not in others[:1]:
            break
    return shares


class _Remembered(LemmatizationStrategy):
    """Simplemma's dictionaries in a seventh of their memory; slow, so that a word is asked once."""

    def __init__(self) -> None:
        self._known = lru_cache(maxsize=500_000)(DefaultStrategy(low_memory=True).get_lemma)

    def get_lemma(self, token: str, lang: str) -> str | None:
        """Give the dictionary form of a word, None where the language does not know it."""
        return self._known(token, lang)


@cache
def _dictionaries() -> _Remembered:
    return _Remembered()


@cache
def tokeniser(language: str) -> Any:
    """Give spaCy's blank tokeniser of a language, or its own for any language it does not know."""
    import spacy

    known = find_spec(f"spacy.lang.{language}") if language.isalpha() else None
    return spacy.blank(language if known else "xx").tokenizer


def tokens_of(texts: Iterable[str], language: str) -> Iterator[list[str]]:
    """Cut texts into words and marks, each with the space behind it, by spaCy's blank tokeniser."""
    cut = tokeniser(language)
    for text in texts:
        yield [token.text_with_ws for token in cut(text)]


_NAMES = {
    "english": "en", "turkish": "tr", "türkçe": "tr", "turkce": "tr", "german": "de",
    "deutsch": "de", "russian": "ru", "русский": "ru", "french": "fr", "spanish": "es",
    "eng": "en", "tur": "tr", "deu": "de", "ger": "de", "rus": "ru", "fra": "fr",
}  # fmt: skip
