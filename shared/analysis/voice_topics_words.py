"""Words of a text: folded by the rules of its language, and brought to their dictionary form."""

import re
from collections.abc import Iterable, Set
from functools import lru_cache

import simplemma

WORD = re.compile(r"[^\W\d_]+(?:[’'\-][^\W\d_]+)*")
LEMMATISED = ("en", "de", "tr", "ru", "fr", "es")
SHORTEST = 3
MISTAKEN = {"gone": "go"}  # where the dictionary errs
_TURKISH = str.maketrans({"İ": "i", "I": "ı"})
# What every text says and nothing can be done about; the rest of the list is spaCy's.
_FILLERS = """
    order buy bought get go come would could really also one thing week day month year time use make
    say put look know want need give take try still even much many lot bit just like good great bad
    love hmm ask find far ago long usually extremely expect sure opinion nothing however experience
    sort special feeling twice elsewhere compare truly instead maybe quite actually definitely
    overall little absolutely wear run way think feel thought end right area work sehr mal ganz
    schon tag woche gut besonderer çok bir gün hafta iyi очень это день
"""
FILLERS = frozenset(re.findall(r"\S+", _FILLERS))


def folded(text: str, language: str) -> str:
    """Write in small letters; in Turkish the dotted and the dotless i stay two letters."""
    text = text.replace("’", "'")
    return (text.translate(_TURKISH) if language == "tr" else text).lower().replace("i̇", "i")


def tokens(text: str, language: str) -> list[str]:
    """Split a text into its words, folded; figures, marks and emoji are none."""
    return WORD.findall(folded(text, language))


@lru_cache(maxsize=200_000)
def lemma(token: str, language: str) -> str:
    """Give the dictionary form of a folded word; the word itself where none is known."""
    if language not in LEMMATISED or token in MISTAKEN:
        return MISTAKEN.get(token, token)
    return folded(simplemma.lemmatize(token, lang=language, low_memory=True), language)


def lemmas(text: str, language: str) -> list[str]:
    """Give the dictionary forms of all words of a text, in their order."""
    return [lemma(token, language) for token in tokens(text, language)]


@lru_cache(maxsize=16)
def stop_words(language: str) -> frozenset[str]:
    """Words that say nothing by themselves: spaCy's list of the language, and its lemmas."""
    import spacy

    try:
        listed = spacy.blank(language).Defaults.stop_words
    except ImportError:
        return FILLERS
    words = {folded(word, language) for word in listed}
    return FILLERS | words | {lemma(word, language) for word in words}


def content_words(text: str, language: str, *, without: Iterable[str] = ()) -> list[str]:
    """Give the lemmas that carry meaning: no stop words, nothing shorter than three letters."""
    idle = stop_words(language)
    # Of a hundred thousand texts each asks with the same large set: it is not copied.
    banned = without if isinstance(without, Set) else frozenset(without)
    return [
        word
        for word in lemmas(text, language)
        if len(word) >= SHORTEST
        and word not in idle
        and word not in banned
        and "'" not in word  # such as "i'm"
    ]
