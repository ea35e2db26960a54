"""A reading learnt from the client's own stars, each text by a model that has not seen it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shared.analysis.multiple_testing import SETTLED
from shared.analysis.voice_language import text_keys
from shared.analysis.voice_quality import kappa_difference, starred, weighted_kappa
from shared.analysis.voice_sentiment_levels import CUTS, stars_of
from shared.loading.errors import NotSupportedByData

WORD_LISTS, FROM_STARS = "word lists", "learnt from stars"
METHODS = {WORD_LISTS: "lexicon_sentiment", FROM_STARS: "starred_sentiment"}
LEAST_STARRED, LEAST_EACH = 200, 15  # texts with stars; of these one or two, four or five stars
FOLDS, INNER_FOLDS, SEED = 5, 3, 0
FEATURES = 2**18
MOST_TRAINED = 8000  # texts a model learns from; more teach little
PENALTY, TOLERANCE, MOOD_WEIGHT = 3.0, 1e-5, 0.55


@dataclass(frozen=True)
class _Corpus:
    """Different texts of one language, sorted, with their features; mean stars or NaN."""

    keys: pd.Index
    features: Any
    stars: np.ndarray


def starred_scores(texts: pd.Series, ratings: pd.Series, moods: np.ndarray) -> pd.Series:
    """Score texts of one language by what their writers' stars teach.

    Ridge regression of the stars on weighted counts of words, pairs of words and pieces
    of words, and on what the word lists say, if there are any. A text with stars is scored by a
    model from which it, and every copy of it, was held back; so are the cut points of that model,
    set where the predictions inside its training texts are spread as their stars. A text without
    stars is scored by the model of all. Nothing is fitted to the vocabulary: pieces are hashed.

    Parameters
    ----------
    texts : pd.Series
        Plain text.
    ratings : pd.Series
        Stars from 1 to 5, blank where there are none.
    moods : np.ndarray
        A row per text of features from the word lists; no column without a lexicon.

    Returns
    -------
    pd.Series
        Score from -1 to +1 on the scale of the fixed cut points; blank for an empty text.

    Raises
    ------
    NotSupportedByData
        With fewer than 200 different texts with stars, or 15 with few or many stars among them.

    References
    ----------
    Hoerl, A. and Kennard, R. (1970). Ridge regression. Technometrics, 12. Weinberger, K. et al.
    (2009). Feature hashing for large scale multitask learning.
    """
    keys = text_keys(texts)
    stars = stars_of(ratings).astype("float64").groupby(keys).mean().drop("", errors="ignore")
    _require_stars(stars.dropna())
    corpus = _corpus(texts, keys, stars, moods)
    known = np.flatnonzero(~np.isnan(corpus.stars))
    scores = np.full(len(corpus.keys), np.nan)
    for held in _folds(corpus.stars[known], FOLDS):
        rest = np.setdiff1d(np.arange(len(known)), held)
        scores[known[held]] = _predict(corpus, known[rest], known[held])
    others = np.flatnonzero(np.isnan(corpus.stars))
    if len(others):
        scores[others] = _predict(corpus, known, others)
    return keys.map(pd.Series(scores, index=corpus.keys)).where(keys != "")


def _require_stars(stars: pd.Series) -> None:
    few, many = int((stars < 2.5).sum()), int((stars > 3.5).sum())
    if len(stars) < LEAST_STARRED or min(few, many) < LEAST_EACH:
        raise NotSupportedByData(
            f"{len(stars)} different texts with stars, {few} with one or two and {many} with four "
            "or five", f"at least {LEAST_STARRED}, and {LEAST_EACH} of either")  # fmt: skip


def _corpus(texts: pd.Series, keys: pd.Series, stars: pd.Series, moods: np.ndarray) -> _Corpus:
    from scipy.sparse import csr_matrix, hstack

    order = pd.DataFrame({"key": keys.to_numpy(), "text": texts.to_numpy(),
                          "place": np.arange(len(texts))})  # fmt: skip
    order = order[order["key"] != ""].sort_values(["key", "text"], kind="stable")
    first = order.drop_duplicates("key")
    parts = [_hashed(first["text"])]
    if moods.shape[1]:
        parts.append(csr_matrix(MOOD_WEIGHT * moods[first["place"].to_numpy()]))
    features = hstack(parts).tocsr()
    # Solving steps through every column, and most of the hashed ones are empty.
    features = features[:, np.unique(features.indices)]
    return _Corpus(pd.Index(first["key"]), features, stars.reindex(first["key"]).to_numpy())


def _hashed(texts: pd.Series) -> Any:
    """Count words, pairs of words and pieces of words, long texts no heavier than short ones."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.preprocessing import normalize

    parts = []
    for analyser, lengths in (("word", (1, 2)), ("char_wb", (3, 4))):
        counts = HashingVectorizer(
            n_features=FEATURES, analyzer=analyser, ngram_range=lengths, alternate_sign=False,
            norm=None, dtype=np.float32, token_pattern=r"(?u)\b\w+\b",
        ).transform(texts)  # fmt: skip
        counts.data = 1 + np.log(counts.data)
        parts.append(normalize(counts))
    return hstack(parts).tocsr().astype(np.float32)


def _folds(stars: np.ndarray, folds: int) -> list[np.ndarray]:
    from sklearn.model_selection import StratifiedKFold

    parted = StratifiedKFold(folds, shuffle=True, random_state=SEED)
    levels = np.floor(stars + 0.5).clip(1, 5).astype(int)
    # A level too rare for all folds joins its neighbour, so that each fold can hold it.
    for rare in (1, 5):
        if (levels == rare).sum() < folds:
            levels[levels == rare] = 2 if rare == 1 else 4
    if (levels == 3).sum() < folds:
        levels[levels == 3] = 4
    return [held for _, held in parted.split(levels, levels)]


def _predict(corpus: _Corpus, train: np.ndarray, ask: np.ndarray) -> np.ndarray:
    """Learn from some texts and score others; cut points come from inside the training texts."""
    train = train[:: -(-len(train) // MOST_TRAINED)]
    features, stars = corpus.features[train], corpus.stars[train]
    inside = np.empty(len(train))
    for held in _folds(stars, INNER_FOLDS):
        rest = np.setdiff1d(np.arange(len(train)), held)
        inside[held] = _fit(features[rest], stars[rest]).predict(features[held])
    shares = np.cumsum(np.histogram(stars, [0, 1.5, 2.5, 3.5, 4.5, 6])[0][:4]) / len(stars)
    found = _fit(features, stars).predict(corpus.features[ask])
    return _on_the_scale(found, np.quantile(inside, shares))


def _fit(features: Any, stars: np.ndarray) -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(alpha=PENALTY, solver="lsqr", tol=TOLERANCE).fit(features, stars)


def _on_the_scale(predicted: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Bend predictions so that the model's own cut points fall on the published ones."""
    ends = (min(1.0, cuts[0] - 0.5), max(5.0, cuts[-1] + 0.5))
    places = np.maximum.accumulate([ends[0], *cuts, ends[1]])
    places = places + 1e-9 * np.arange(len(places))
    return np.round(np.interp(predicted, places, [-1.0, *CUTS, 1.0]), 6)


def choose_method(scored: pd.DataFrame) -> str:
    """Choose how a language is read: the model only where it agrees better at the 1 % level.

    Parameters
    ----------
    scored : pd.DataFrame
        Texts of one language, with `rating` and the levels of both methods.

    Returns
    -------
    str
        A key of `METHODS`, or "" where neither can read the language.
    """
    lists, model = (starred(scored, level=METHODS[name]) for name in (WORD_LISTS, FROM_STARS))
    if model.empty:
        return WORD_LISTS if scored[METHODS[WORD_LISTS]].notna().any() else ""
    if not scored[METHODS[WORD_LISTS]].notna().any():
        pair = model["stars"].to_numpy() - 3, model["mood"].to_numpy()
        agrees = weighted_kappa(*pair, level=1 - SETTLED)
        return FROM_STARS if agrees.low > 0 else ""
    both = lists.join(model["mood"].rename("learnt"), how="inner")
    values = (both["stars"] - 3, both["learnt"], both["mood"])
    _, low, _ = kappa_difference(*(value.to_numpy() for value in values), level=1 - SETTLED)
    return FROM_STARS if low > 0 else WORD_LISTS


def why_used(scored: pd.DataFrame, method: str) -> str:
    """Say why a method is used for a language, or is not."""
    chosen = choose_method(scored)
    if scored[METHODS[WORD_LISTS]].isna().all():
        return "the only one: no word list for the language" if chosen else "no better than chance"
    if scored[METHODS[FROM_STARS]].isna().all():
        return "the only one: too few stars to learn from"
    if method == chosen:
        better = "agrees better with the stars, beyond chance"
        return better if method == FROM_STARS else "the other does not agree better beyond chance"
    return "does not agree better beyond chance" if method == FROM_STARS else "agrees less"
