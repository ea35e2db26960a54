"""Wishes: what customers themselves ask for."""

import re
from collections import Counter
from collections.abc import Collection

import pandas as pd

from shared.analysis.intervals import wilson
from shared.analysis.voice_topics_words import content_words, folded

Asked = tuple[str, tuple[str, ...], str]  # text, words, folded sentence
LEAST_WISHES, MOST_WISHES = 3, 10
STEM = 6  # letters that words of one family share: subscription, subscribe
_SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")
_PATTERNS = {
    "en": (
        # What one wishes of the shop: not "my wish list", "i wish i had ordered", "please note",
        # "it would be great with jeans", "you will need a slip" or "i should have sized up".
        r"\bwish(?:es|ed)?\b(?! lis| i (?!could (?!have)))|(?<!than i )(?<!knew i )"
        r"\bwould (?:love|like) (?!th(?:em|is)\b)|\bwould be (?:\w+ )?(?:great|nice|lovely|good|"
        r"helpful|perfect|ideal)\b(?! (?:for|with|in|on|up|either|sleep)\b)|"
        r"(?<!to )\bplease\b(?! (?:be\b|beware|note|make sure|do not|don't))|\bbring back\b|"
        r"\bif only\b|\bcould you\b|\bcan you (?:please|not)\b|\bhope (?:you|they)\b|"
        r"\bshould (?:offer|sell|add|make|bring|have (?:an?|more|other))\b|\bwould save\b|"
        r"\bwould welcome\b|(?<!n't )(?<!not )\bneeds (?:an?|more)\b"
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
# With these the word says what is wanted: "more colors" and not "color".
_QUALIFIED = re.compile(r"\b((?:more|less|fewer|other|another|different) ([^\W\d_]+))")
_LONGER = re.compile(r"(?<!no )\blonger\b")  # its dictionary form, long, is a filler
QUALIFIED_SHARE = 1 / 2  # of the texts with the word


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
        Most wished first, at most 10 of three texts or more: `wish` ("more colors" where half of
        its texts say so), `texts`, `share` of all texts with a wish (`low`, `high`), `with_words`
        (said beside it, twice or more), `review_id` (of the first that says so).
    """
    asked = _wishing(scored, idle=set(names) | set(polar) | ASKING)
    total = len({review for review, _, _ in asked})
    rows: list[tuple[object, ...]] = []
    while asked and len(rows) < MOST_WISHES:
        by_stem = Counter(stem for _, words, _ in asked for stem in {w[:STEM] for w in words})
        if not by_stem:
            break
        stem, _count = min(by_stem.items(), key=lambda item: (-item[1], item[0]))
        held = [one for one in asked if any(word.startswith(stem) for word in one[1])]
        reviews = sorted({review for review, _, _ in held})
        if len(reviews) < LEAST_WISHES:
            break
        said = Counter(word for _, words, _ in held for word in set(words))
        own = {word: n for word, n in said.items() if word.startswith(stem)}
        name = _named(min(own, key=lambda word: (-own[word], word)), stem, held)
        rest = [(word, n) for word, n in said.items() if n > 1 and word not in own]
        beside = [word for word, _ in sorted(rest, key=lambda x: (-x[1], x[0]))]
        share = wilson(len(reviews), total)
        rows.append((name, len(reviews), share.value, share.low, share.high,
                     ", ".join(beside[:3]), reviews[0]))  # fmt: skip
        asked = [one for one in asked if not any(word.startswith(stem) for word in one[1])]
    columns = ["wish", "texts", "share", "low", "high", "with_words", "review_id"]
    return pd.DataFrame(rows, columns=columns)


def _named(word: str, stem: str, held: list[Asked]) -> str:
    """Name a wish by "more colors" where enough of its texts say so, else by its word."""
    spoken = Counter(
        phrase
        for _, _, sentence in held
        for phrase in {
            whole for whole, last in _QUALIFIED.findall(sentence) if last.startswith(stem)
        }
    )
    if not spoken:
        return word
    phrase = min(spoken, key=lambda one: (-spoken[one], one))
    often = max(LEAST_WISHES, QUALIFIED_SHARE * len({review for review, _, _ in held}))
    return phrase if spoken[phrase] >= often else word


def _wishing(scored: pd.DataFrame, *, idle: set[str]) -> list[Asked]:
    found = []
    columns = ("review_id", "text", "language")
    for review, text, language in zip(*(scored[c] for c in columns), strict=True):
        pattern = _WISH.get(str(language))
        if pattern is None:
            continue
        for sentence in _SENTENCE.findall(str(text)):
            if pattern.search(folded(sentence, str(language))):
                said = folded(sentence, str(language))
                words = tuple(dict.fromkeys(content_words(sentence, str(language), without=idle)))
                words += ("longer",) if _LONGER.search(said) else ()
                if words:
                    found.append((str(review), words, said))
    return found
