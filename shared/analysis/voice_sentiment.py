"""The mood of texts: a score from -1 to +1, by word lists or by what the client's stars teach."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from shared.analysis.voice_language import (
    UNKNOWN,
    detect_languages,
    language_code,
    plain_text,
    tokens_of,
)
from shared.analysis.voice_lexicon import (
    Lexicon,
    Row,
    lexicon_for,
    own_lexicon,
    read_client_lexicon,
)
from shared.analysis.voice_negation import Clause, read_clauses
from shared.analysis.voice_sentiment_levels import CUTS, level_of, sentiment_levels
from shared.analysis.voice_starred import FROM_STARS, WORD_LISTS, choose_method, starred_scores
from shared.loading.errors import NotSupportedByData

__all__ = ["score_clauses", "score_texts", "sentiment_levels"]

SOFTENING, BLAME_COUNTS = 2.0, 1.3
EMPTY, NO_LANGUAGE = "no word in it", "language not recognised"
NO_LEXICON = "no lexicon for the language, and no stars to learn from"
MOODS = 4
LONGEST = 10_000  # letters of a text that are read
SHORT, MAJORITY = 2, 0.5  # spaces in a text too short to tell; share that then speaks for it


def score_texts(texts: pd.DataFrame, *, language: str, lexicon: Path | None = None) -> pd.DataFrame:
    """Give each text its mood.

    Word lists with negation and operational complaints read English, German, Russian and Turkish,
    and what a client's lexicon adds. With enough stars in a language a model learns from them; it
    is used where its out-of-fold agreement is better beyond chance, or where there is no word
    list. A plain operational complaint is never 0, whatever reads it.

    Parameters
    ----------
    texts : pd.DataFrame
        One row per text: `review_id`, `text`, `language` (may be blank), `rating` (may be blank
        or absent).
    language : str
        Of the texts whose own is blank, such as "en"; "" or "auto" has it detected.
    lexicon : Path, optional
        A client's lexicon, as for `read_client_lexicon`.

    Returns
    -------
    pd.DataFrame
        In the order given: `review_id`, `language`, `score` (-1 to +1), `sentiment` (-2 to +2),
        `method` ("word lists", "learnt from stars" or ""), `complaints` (kinds of operational
        complaint, joined by "; "), `lexicon_sentiment` and `starred_sentiment` (by either method),
        `why_not`. What is not scored is blank, with the reason in `why_not`.
    """
    client = read_client_lexicon(lexicon) if lexicon else {}
    plain = texts["text"].map(plain_text).astype("str").str.slice(0, LONGEST).reset_index(drop=True)
    given = texts["language"].reset_index(drop=True) if "language" in texts else None
    spoken = languages_of(plain, given, default=language)
    rating = pd.Series(texts["rating"].to_numpy() if "rating" in texts else np.nan, plain.index)
    parts = []
    for code, some in plain.groupby(spoken, sort=True):
        words = lexicon_for(str(code), client) if client else own_lexicon(str(code))
        parts.append(_of_language(some, rating[some.index].astype("float64"), words))
    if not parts:
        return _blank(texts)
    scored = pd.concat(parts).sort_index()
    scored["why_not"] = _why_not(plain, spoken, scored["score"])
    scored.insert(0, "language", spoken)
    scored.insert(0, "review_id", texts["review_id"].to_numpy())
    return scored.set_axis(texts.index, axis=0)


def _blank(texts: pd.DataFrame) -> pd.DataFrame:
    columns = ["review_id", "language", "score", "sentiment", "method", "complaints",
               "lexicon_sentiment", "starred_sentiment", "why_not"]  # fmt: skip
    blank = pd.DataFrame(columns=columns, index=texts.index)
    levels = dict.fromkeys(("sentiment", "lexicon_sentiment", "starred_sentiment"), "Int8")
    return blank.astype({"score": "float64", **levels})


def _of_language(plain: pd.Series, rating: pd.Series, words: Lexicon | None) -> pd.DataFrame:
    """Score the texts of one language by both methods, and take the one that is chosen."""
    listed, moods, kinds = _by_lists(plain, words)
    try:
        if rating.isna().all():
            raise NotSupportedByData("no stars")
        learnt = starred_scores(plain, rating, moods)
    except NotSupportedByData:
        learnt = pd.Series(np.nan, plain.index)
    complains = kinds != ""
    listed, learnt = never_neutral(listed, complains), never_neutral(learnt, complains)
    scored = pd.DataFrame({"lexicon_sentiment": level_of(listed),
                           "starred_sentiment": level_of(learnt), "rating": rating,
                           "language": ""})  # fmt: skip
    method = choose_method(scored)
    score = {WORD_LISTS: listed, FROM_STARS: learnt}.get(method, pd.Series(np.nan, plain.index))
    return pd.DataFrame(
        {
            "score": score,
            "sentiment": level_of(score),
            "method": np.where(score.notna(), method, ""),
            "complaints": kinds,
            "lexicon_sentiment": scored["lexicon_sentiment"],
            "starred_sentiment": scored["starred_sentiment"],
        }
    )


def _by_lists(plain: pd.Series, words: Lexicon | None) -> tuple[pd.Series, np.ndarray, pd.Series]:
    """Give score, features for the model and kinds of complaint; equal texts are read once."""
    if words is None:
        nothing = np.empty((len(plain), 0))
        return pd.Series(np.nan, plain.index), nothing, pd.Series("", plain.index)
    places, different = pd.factorize(plain)
    read = [_summed(clauses) for clauses in clauses_of(different, words)]
    moods = np.array([mood for mood, _ in read]).reshape(-1, MOODS)[places]
    kinds = pd.Series([kind for _, kind in read], dtype=object).take(places).set_axis(plain.index)
    score = pd.Series(np.round(moods[:, 0], 6), plain.index)
    return score.where(plain.str.contains(r"\S")), moods, kinds


def clauses_of(texts: Iterable[str], words: Lexicon) -> Iterator[list[Clause]]:
    """Part plain texts of one language into their clauses, each with its mood."""
    for tokens in tokens_of(texts, words.language):
        yield read_clauses(tokens, words)


def _summed(clauses: list[Clause]) -> tuple[tuple[float, ...], str]:
    """Sum the clauses of a text: blame counts more, and long texts no more than short ones."""
    values = [clause.value * (BLAME_COUNTS if clause.value < 0 else 1.0) for clause in clauses]
    spoken = max(sum(clause.moods > 0 for clause in clauses), 1)
    blame = [value for value in values if value < 0]
    kinds = sorted({kind for clause in clauses for kind in clause.complaints})
    total = sum(values) / spoken**0.5
    blamed = sum(blame) / spoken**0.5 / 2
    return (softened(total), blamed, len(blame) / spoken, 0.5 * bool(kinds)), "; ".join(kinds)


def softened(total: float) -> float:
    """Bring a sum of moods between -1 and +1, as VADER does (Hutto and Gilbert, 2014)."""
    return float(total / (total**2 + SOFTENING) ** 0.5)


def never_neutral(scores: pd.Series, complains: pd.Series) -> pd.Series:
    """Move a score that reads neutral over an operational complaint to mild dissatisfaction."""
    neutral = complains & scores.gt(CUTS[1]) & scores.lt(CUTS[2])
    return scores.mask(neutral, CUTS[1])


def score_clauses(
    texts: pd.DataFrame, *, language: str, lexicon: Path | None = None
) -> pd.DataFrame:
    """Give each clause of each text its own mood, by word lists only.

    Parameters
    ----------
    texts, language, lexicon
        As for `score_texts`.

    Returns
    -------
    pd.DataFrame
        One row per clause: `review_id`, `clause` (from 0), `text`, `score` (-1 to +1),
        `sentiment` (-2 to +2), `complaints`. Texts of a language without word list have none.
    """
    client: dict[str, list[Row]] = read_client_lexicon(lexicon) if lexicon else {}
    plain = texts["text"].map(plain_text).astype("str").str.slice(0, LONGEST).reset_index(drop=True)
    given = texts["language"].reset_index(drop=True) if "language" in texts else None
    spoken = languages_of(plain, given, default=language)
    ids = texts["review_id"].to_numpy()
    rows: list[tuple[Any, ...]] = []
    for code, some in plain.groupby(spoken, sort=True):
        words = lexicon_for(str(code), client) if client else own_lexicon(str(code))
        if words is None:
            continue
        for place, clauses in zip(some.index, clauses_of(some, words), strict=True):
            rows += [(place, ids[place], number, *_clause_row(clause))
                     for number, clause in enumerate(clauses)]  # fmt: skip
    columns = ["place", "review_id", "clause", "text", "score", "complaints"]
    found = pd.DataFrame(rows, columns=columns).sort_values(["place", "clause"], ignore_index=True)
    found["score"] = never_neutral(found["score"].astype("float64"), found["complaints"] != "")
    found.insert(5, "sentiment", level_of(found["score"]))
    return found.drop(columns="place")


def _clause_row(clause: Clause) -> tuple[str, float, str]:
    blame = BLAME_COUNTS if clause.value < 0 else 1.0
    kinds = "; ".join(sorted(set(clause.complaints)))
    return clause.text, round(softened(clause.value * blame), 6), kinds


def languages_of(plain: pd.Series, given: pd.Series | None, *, default: str) -> pd.Series:
    """Tell the language of each text: as given, else the default, else detected.

    Parameters
    ----------
    plain : pd.Series
        Plain text.
    given : pd.Series, optional
        What the client says, blank where it says nothing.
    default : str
        For texts without a language; "" or "auto" has it detected. One or two words that tell
        nothing, or emoji alone, then take the language of most of the client's texts.
    """
    spoken = pd.Series("", plain.index, dtype=object) if given is None else given.map(language_code)
    blank = spoken == ""
    fallback = language_code(default)
    if fallback not in {"", "auto"}:
        return spoken.mask(blank, fallback)
    spoken = spoken.mask(blank, detect_languages(plain[blank])).astype(object)
    told = spoken[~spoken.isin(["", UNKNOWN])]
    short = blank & spoken.isin(["", UNKNOWN]) & (plain.str.count(" ") < SHORT) & (plain != "")
    if len(told) and (told == told.mode()[0]).mean() > MAJORITY:
        return spoken.mask(short, told.mode()[0])
    return spoken


def _why_not(plain: pd.Series, spoken: pd.Series, score: pd.Series) -> pd.Series:
    why = pd.Series(NO_LEXICON, plain.index).mask(spoken == UNKNOWN, NO_LANGUAGE)
    return why.mask(plain == "", EMPTY).mask(score.notna(), "")
