"""Words: which ones mark complaints and which praise, and at which the complaints gather."""

from collections import Counter
from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.multiple_testing import LEANING, SETTLED, false_discovery_q
from shared.analysis.voice_taxonomy import Taxonomy
from shared.analysis.voice_topics import SIGNED
from shared.analysis.voice_topics_words import WORD, content_words, folded, lemma
from shared.loading.errors import NotSupportedByData

LEAST_WORD, MOST_CLOUD = 3, 50
PRIOR_WORDS = 0.1  # weight of the prior, as a share of the texts
ALWAYS_CAPITAL = 0.6
CAPITAL_NOUNS = ("de",)  # languages that write every noun so
NO_OWNER = "no department"


def word_counts(
    scored: pd.DataFrame,
    clauses: pd.DataFrame,
    mentions: pd.DataFrame,
    taxonomy: Taxonomy,
    *,
    names: Collection[str],
) -> pd.DataFrame:
    """Count in how many texts a word stands in a part that complains, or in one that praises.

    Log-odds of a word between the texts with parts below 0 and those with parts above, shrunk
    towards its share of both; q over all words of at least three texts.

    Parameters
    ----------
    scored : pd.DataFrame
        One row per text: `review_id`, `text`, `language`, `sentiment` (blank is left out).
    clauses : pd.DataFrame
        One row per part of a text: `review_id`, `text`, `score` (-1 to 1).
    mentions : pd.DataFrame
        As from `topic_mentions`; gives a word outside the taxonomy the department that most texts
        with it complain of.
    taxonomy : Taxonomy
        As from `load_taxonomy`.
    names : collection of str
        Words never shown: brands, products, people; folded.

    Returns
    -------
    pd.DataFrame
        Most frequent in complaints first: `term` (dictionary form), `language`, `complaints` and
        `praise` (texts with the word in a part below, and above, 0), `texts` (with the word in any
        part), `department`, `in_taxonomy`,
        `log_odds` (above 0 marks complaints), `z`, `q`, `marks` ("complaints", "praise" or "").

    Raises
    ------
    NotSupportedByData
        If no text holds a word but names and stop words.

    References
    ----------
    Monroe, B., Colaresi, M. and Quinn, K. (2008). Fightin' words: lexical feature selection and
    evaluation for identifying the content of political conflict.
    """
    known = scored[scored["sentiment"].notna()]
    banned = set(names) | proper_names(known)
    parts = clauses.merge(known[["review_id", "language"]], on="review_id")
    holders = _holders(parts, banned=banned)
    if not holders:
        raise NotSupportedByData(
            f"no word of the {len(known):,} texts says what they are about: all are names or "
            "words such as “the” and “is”",
            "texts that say in words what was good or bad",
        )
    rows = [
        (word, language, len(of[-1]), len(of[1]), len(of[-1] | of[0] | of[1]))
        for (word, language), of in sorted(holders.items())
    ]
    table = pd.DataFrame(rows, columns=["term", "language", "complaints", "praise", "texts"])
    table = table[table["texts"] >= LEAST_WORD].reset_index(drop=True)
    owners = _owners(table, holders, mentions, taxonomy)
    sizes = [parts.loc[_sign(parts["score"]) == side, "review_id"].nunique() for side in (-1, 1)]
    table = _tested(pd.concat([table, owners], axis=1), *sizes)
    order = ["complaints", "texts", "term", "language"]
    return table.sort_values(order, ascending=[False, False, True, True], ignore_index=True)


def cloud_words(words: pd.DataFrame, *, polar: Collection[str] = ()) -> pd.DataFrame:
    """Choose the words of the cloud: the 50 that most complaining texts hold.

    Parameters
    ----------
    words : pd.DataFrame
        As from `word_counts`.
    polar : collection of str
        Words that say how one feels and not about what, such as "terrible"; left out.
    """
    shown = words[(words["complaints"] >= LEAST_WORD) & ~words["term"].isin(set(polar))]
    return shown.head(MOST_CLOUD).reset_index(drop=True)


def found_terms(words: pd.DataFrame, *, polar: Collection[str] = ()) -> pd.DataFrame:
    """List the words that mark complaints and stand in no topic: candidates for the taxonomy."""
    found = words[(words["marks"] == "complaints") & ~words["in_taxonomy"]]
    found = found[~found["term"].isin(set(polar))]
    return found.sort_values(["z", "term"], ascending=[False, True], ignore_index=True)


def proper_names(known: pd.DataFrame) -> set[str]:
    """Find words that stand in capitals within sentences: names of people, places and brands."""
    capital: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for text, language in zip(known["text"], known["language"], strict=True):
        if language in CAPITAL_NOUNS:
            continue
        for match in WORD.finditer(text):
            before = text[: match.start()].rstrip()
            if not before or before[-1] in ".!?…:\"“”'(":
                continue
            word = lemma(folded(match.group(), language), language)
            seen[word] += 1
            capital[word] += match.group()[0].isupper() and not match.group().isupper()
    return {word for word, count in capital.items() if count > ALWAYS_CAPITAL * seen[word]}


def name_words(names: Iterable[str], taxonomy: Taxonomy) -> set[str]:
    """Split names of brands and products into words; those of the taxonomy stay usable."""
    words = {folded(word, "") for name in names for word in WORD.findall(str(name))}
    forms = words | {lemma(word, "en") for word in words}
    return {word for word in forms if not taxonomy.department_of_word(word, "en")}


def complaining_texts(clauses: pd.DataFrame) -> int:
    """Count the texts with a part that complains: what the counts of words are part of."""
    return int(clauses.loc[_sign(clauses["score"]) < 0, "review_id"].nunique())


def _sign(scores: pd.Series) -> pd.Series:
    return np.sign(scores.where(scores.abs() >= SIGNED, 0.0)).astype(int)


def _holders(
    parts: pd.DataFrame, *, banned: set[str]
) -> dict[tuple[str, str], dict[int, set[str]]]:
    """List for each word the texts with it in parts below, at and above 0."""
    holders: dict[tuple[str, str], dict[int, set[str]]] = {}
    columns = (parts[name] for name in ("review_id", "text", "language"))
    for review, text, language, side in zip(*columns, _sign(parts["score"]), strict=True):
        for word in set(content_words(str(text), str(language))) - banned:
            of = holders.setdefault((word, str(language)), {-1: set(), 0: set(), 1: set()})
            of[side].add(review)
    return holders


def _owners(
    table: pd.DataFrame,
    holders: dict[tuple[str, str], dict[int, set[str]]],
    mentions: pd.DataFrame,
    taxonomy: Taxonomy,
) -> pd.DataFrame:
    by_review: dict[str, set[str]] = {}
    felt = mentions[mentions["feeling"] < 0]
    for review, department in zip(felt["review_id"], felt["department"], strict=True):
        by_review.setdefault(str(review), set()).add(str(department))
    rows = []
    for word, language in zip(table["term"], table["language"], strict=True):
        own = taxonomy.department_of_word(word, language)
        met = Counter(
            d for review in holders[word, language][-1] for d in by_review.get(review, ())
        )
        most = max(sorted(met), key=lambda name: met[name]) if met else NO_OWNER
        rows.append((own or most, bool(own)))
    return pd.DataFrame(rows, columns=["department", "in_taxonomy"])


def _tested(table: pd.DataFrame, negative: int, positive: int) -> pd.DataFrame:
    """Weigh each word's odds in complaints against those in praise, with an informative prior."""
    share = ((table["complaints"] + table["praise"]) / max(negative + positive, 1)).to_numpy()
    prior = PRIOR_WORDS * (negative + positive) * share
    total = PRIOR_WORDS * (negative + positive)
    odds, variance = [], np.zeros(len(table))
    for counted, n in ((table["complaints"], negative), (table["praise"], positive)):
        up = counted.to_numpy() + prior
        odds.append(np.log(np.maximum(up, 1e-9) / np.maximum(n + total - up, 1e-9)))
        variance = variance + 1 / np.maximum(up, 1e-9)
    z = (odds[0] - odds[1]) / np.sqrt(variance)
    q = false_discovery_q(2 * norm.sf(np.abs(z)))
    marks = np.where(q < SETTLED, np.where(z > 0, "complaints", "praise"), "")
    leaning = (q >= SETTLED) & (q < LEANING)
    return table.assign(log_odds=odds[0] - odds[1], z=z, q=q,
                        marks=np.where(leaning, "not settled", marks))  # fmt: skip
