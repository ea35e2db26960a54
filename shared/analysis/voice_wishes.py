"""Wishes: what customers themselves ask for."""

import re
from collections import Counter
from collections.abc import Collection

import pandas as pd

from shared.analysis.intervals import wilson
from shared.analysis.voice_topics_words import content_words, folded

LEAST_WISHES, MOST_WISHES = 3, 10
STEM = 6  # letters that words of one family share: subscription, subscribe
_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")
_PATTERNS = {
    "en": (
        r"\bwish(?:es|ed)?\b|\bwould (?:love|like)\b|\bwould be (?:\w+ )?(?:great|nice|lovely|"
        r"good|helpful|perfect|ideal)\b|\bplease\b|\bbring back\b|\bif only\b|\bcould you\b|"
        r"\bcan you\b|\bhope (?:you|they)\b|\bshould (?:offer|sell|add|have|make|bring)\b|"
        r"\bwould save\b|\bwould welcome\b|\bneeds? (?:a|an|more)\b"
    ),
    "de": (
        r"\bwünsch\w*|\bhätten? gern|\bwäre (?:schön|toll|gut|super|prima)|\bbitte\b|"
        r"\bfreuen, wenn\b|\bkönnten sie\b|\bwieder ins sortiment\b|\bfehlt\b"
    ),
    "tr": r"\bkeşke\b|\blütfen\b|\bolsa\b|\bisterdi\w*|\bisteriz\b|\bolsun\b|\bgetirin\b",
    "ru": r"\bхотелось бы\b|\bпожалуйста\b|\bбыло бы\b|\bверните\b|\bдобавьте\b|\bжаль,? что нет\b",
}
_WISH = {language: re.compile(pattern) for language, pattern in _PATTERNS.items()}
# Verbs of wishing, and what people ask of any shop once something went wrong.
_ASKING = """
    wish love like please would could should hope bring back offer sell add make do give let sort
    fix help improve well better contact answer reply send refund save lot instead every hätte wäre
    bitte schön wünschen können keşke lütfen olsa пожалуйста хотелось
"""
ASKING = frozenset(re.findall(r"\S+", _ASKING))


def wishes(
    scored: pd.DataFrame, *, names: Collection[str] = (), polar: Collection[str] = ()
) -> pd.DataFrame:
    """Find what is asked for: sentences that wish, under the word that covers most of them.

    The word of most wishes comes first, its sentences are put aside, and so on: no wish counts
    twice.

    Parameters
    ----------
    scored : pd.DataFrame
        One row per text: `review_id`, `text`, `language`.
    names, polar : collection of str
        Words that are no wish: names, and words of mere feeling.

    Returns
    -------
    pd.DataFrame
        Most wished first, at most 10 of three texts or more: `wish`, `texts`, `share` of all
        texts with a wish (`low`, `high`), `with_words` (said beside it), `review_id` (of the
        first that says so).
    """
    asked = _wishing(scored, idle=set(names) | set(polar) | ASKING)
    total = len({review for review, _ in asked})
    rows: list[tuple[object, ...]] = []
    while asked and len(rows) < MOST_WISHES:
        by_stem = Counter(stem for _, words in asked for stem in {w[:STEM] for w in words})
        if not by_stem:
            break
        stem, _count = min(by_stem.items(), key=lambda item: (-item[1], item[0]))
        held = [(r, w) for r, w in asked if any(word.startswith(stem) for word in w)]
        reviews = sorted({review for review, _ in held})
        if len(reviews) < LEAST_WISHES:
            break
        said = Counter(word for _, words in held for word in set(words))
        own = {word: n for word, n in said.items() if word.startswith(stem)}
        name = min(own, key=lambda word: (-own[word], word))
        beside = [w for w, _ in sorted(said.items(), key=lambda x: (-x[1], x[0])) if w not in own]
        share = wilson(len(reviews), total)
        rows.append((name, len(reviews), share.value, share.low, share.high,
                     ", ".join(beside[:3]), reviews[0]))  # fmt: skip
        asked = [(r, w) for r, w in asked if not any(word.startswith(stem) for word in w)]
    columns = ["wish", "texts", "share", "low", "high", "with_words", "review_id"]
    return pd.DataFrame(rows, columns=columns)


def wishing_texts(scored: pd.DataFrame) -> int:
    """Count the texts with a sentence that wishes something nameable."""
    return len({review for review, _words in _wishing(scored, idle=set(ASKING))})


def _wishing(scored: pd.DataFrame, *, idle: set[str]) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    columns = ("review_id", "text", "language")
    for review, text, language in zip(*(scored[c] for c in columns), strict=True):
        pattern = _WISH.get(str(language))
        if pattern is None:
            continue
        for sentence in _SENTENCE.findall(str(text)):
            if pattern.search(folded(sentence, str(language))):
                words = tuple(dict.fromkeys(content_words(sentence, str(language), without=idle)))
                if words:
                    found.append((str(review), words))
    return found
