"""How well the mood of texts agrees with the client's own stars, and with a labelled sample."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.voice_sentiment_levels import LEVELS, stars_of
from shared.loading.errors import NotSupportedByData

LEAST_STARRED = 30
DRAWS, SEED = 2000, 0
LABELLED_TEXTS = 200
MEASURES = {
    "sign_accuracy": "texts that are not neutral by their stars",
    "always_positive": "texts that are not neutral by their stars",
    "kappa": "texts with stars",
    "complaint_recall": "texts with one or two stars",
    "complaint_precision": "texts read as a complaint",
    "balanced_accuracy": "texts that are not neutral by their stars",
}


def agreement(scored: pd.DataFrame, *, level: str = "sentiment") -> pd.DataFrame:
    """Compare the mood of texts with the stars that their writers gave.

    Parameters
    ----------
    scored : pd.DataFrame
        As from `score_texts`, with `rating` (blank where there is none).
    level : str
        Column that holds the mood from -2 to +2.

    Returns
    -------
    pd.DataFrame
        One row per `measure` and `language` ("" for all): `value`, `low`, `high` (95 %), `n`
        and `of`, what n counts. `sign_accuracy`: share with the right sign, where a mood of 0 is
        wrong; `always_positive`: the same for who calls every text positive; `kappa`: with
        quadratic weights; `complaint_recall`: share of the texts with one or two stars read as
        negative; `complaint_precision`: share with one or two stars among those read as negative;
        `balanced_accuracy`: mean of the shares with the right sign among texts with few and among
        texts with many stars, .5 for who calls every text positive.

    Raises
    ------
    NotSupportedByData
        With fewer than 30 scored texts with stars.

    References
    ----------
    Cohen, J. (1968). Weighted kappa. Psychological Bulletin, 70.
    """
    known = starred(scored, level=level)
    if len(known) < LEAST_STARRED:
        raise NotSupportedByData(
            f"{len(known)} scored texts have stars", f"at least {LEAST_STARRED} of them"
        )
    rows = list(_measured(known, ""))
    spoken = known["language"].value_counts()
    for language in sorted(spoken.index[spoken >= LEAST_STARRED]):
        if len(spoken) > 1:
            rows += _measured(known[known["language"] == language], language)
    return pd.DataFrame(rows)


def starred(scored: pd.DataFrame, *, level: str = "sentiment") -> pd.DataFrame:
    """Take the texts with both: `language`, `stars` (1 to 5) and `mood` (-2 to +2)."""
    if "rating" not in scored:
        return pd.DataFrame({"language": [], "stars": [], "mood": []})
    both = pd.DataFrame(
        {"language": scored["language"], "stars": stars_of(scored["rating"]), "mood": scored[level]}
    )
    return both.dropna(subset=["stars", "mood"]).astype({"stars": int, "mood": int})


def _measured(known: pd.DataFrame, language: str) -> Iterator[dict[str, object]]:
    stars, mood = known["stars"].to_numpy(), known["mood"].to_numpy()
    clear, low, read = stars != 3, stars <= 2, mood < 0
    right = np.sign(mood) == np.sign(stars - 3)
    for measure, estimate in {
        "sign_accuracy": _share(right[clear], "sign_accuracy"),
        "always_positive": _share(stars[clear] > 3, "always_positive"),
        "kappa": weighted_kappa(stars - 3, mood),
        "complaint_recall": _share(read[low], "complaint_recall"),
        "complaint_precision": _share(low[read], "complaint_precision"),
        "balanced_accuracy": balanced_accuracy(stars - 3, mood),
    }.items():
        yield {
            "measure": measure, "language": language, "value": estimate.value,
            "low": estimate.low, "high": estimate.high, "n": estimate.n, "of": estimate.of,
        }  # fmt: skip


def _share(hits: np.ndarray, measure: str) -> Estimate:
    return wilson(int(hits.sum()), len(hits), of=MEASURES[measure])


def weighted_kappa(one: np.ndarray, other: np.ndarray, *, level: float = 0.95) -> Estimate:
    """Agreement of two gradings from -2 to +2 beyond chance, quadratic weights, with interval.

    The bootstrap draws the cells of the cross table, which is the same as drawing texts. NaN where
    both give all texts one and the same level.
    """
    table = cross_table(one, other)
    bounds = _bootstrap(table, kappa_of, level=level)
    return Estimate(*bounds, len(one), "number", level, of=MEASURES["kappa"])


def balanced_accuracy(stars: np.ndarray, mood: np.ndarray) -> Estimate:
    """Mean share of right signs among praise and among blame, both gradings from -2 to +2.

    NaN where the stars hold praise or blame only.
    """
    table = cross_table(stars, mood)
    table[2] = 0
    n = int(table.sum())
    if not table[:2].sum() or not table[3:].sum():
        nothing = float("nan")
        return Estimate(nothing, nothing, nothing, n, "share", of=MEASURES["balanced_accuracy"])
    return Estimate(*_bootstrap(table, _balanced), n, "share", of=MEASURES["balanced_accuracy"])


def _balanced(tables: np.ndarray) -> np.ndarray:
    blame, praise = tables[..., :2, :].sum(axis=-2), tables[..., 3:, :].sum(axis=-2)
    found = blame[..., :2].sum(axis=-1) / np.maximum(blame.sum(axis=-1), 1)
    return (found + praise[..., 3:].sum(axis=-1) / np.maximum(praise.sum(axis=-1), 1)) / 2


def cross_table(*gradings: np.ndarray) -> np.ndarray:
    """Count how often each combination of levels (-2 to +2) occurs, an axis per grading."""
    table = np.zeros((len(LEVELS),) * len(gradings), dtype=np.int64)
    np.add.at(table, tuple(np.asarray(grading, dtype=int) + 2 for grading in gradings), 1)
    return table


def kappa_of(tables: np.ndarray) -> np.ndarray:
    """Weighted kappa of cross tables in the last two axes."""
    share = tables / tables.sum(axis=(-2, -1), keepdims=True)
    apart = (np.arange(len(LEVELS))[:, None] - np.arange(len(LEVELS))) ** 2.0
    expected = share.sum(axis=-1)[..., :, None] * share.sum(axis=-2)[..., None, :]
    chance = (apart * expected).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(chance > 0, 1 - (apart * share).sum(axis=(-2, -1)) / chance, np.nan)


def kappa_difference(
    stars: np.ndarray, one: np.ndarray, other: np.ndarray, *, level: float = 0.95
) -> tuple[float, float, float]:
    """By how much one grading agrees better with the stars than another on the same texts.

    Returns
    -------
    tuple of float
        Difference of the kappas, and the bounds of its interval, drawn in pairs.
    """
    table = cross_table(stars, one, other)
    return _bootstrap(
        table,
        lambda drawn: kappa_of(drawn.sum(axis=-1)) - kappa_of(drawn.sum(axis=-2)),
        level=level,
    )


def _bootstrap(
    table: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], *, level: float = 0.95
) -> tuple[float, float, float]:
    n = int(table.sum())
    value = float(statistic(table))
    if np.isnan(value):
        return value, value, value
    tails = [(1 - level) / 2, (1 + level) / 2]
    drawn = np.random.default_rng(SEED).multinomial(n, table.ravel() / n, size=DRAWS)
    low, high = np.nanquantile(statistic(drawn.reshape(DRAWS, *table.shape)), tails)
    return value, float(low), float(high)


def methods_compared(scored: pd.DataFrame) -> pd.DataFrame:
    """Set the ways of reading side by side: which agrees best with the stars, and which is used.

    Parameters
    ----------
    scored : pd.DataFrame
        As from `score_texts`, with `rating`.

    Returns
    -------
    pd.DataFrame
        One row per `language` and `method` ("word lists", "learnt from stars"): `texts` scored by
        it with stars, `kappa`, `low`, `high`, `sign_accuracy`, `complaint_recall`, `used` and
        `why`. Empty without stars.
    """
    from shared.analysis.voice_starred import METHODS, why_used

    rows = []
    for language in sorted(scored["language"].unique()):
        own = scored[scored["language"] == language]
        used = set(own["method"])
        for method, column in METHODS.items():
            known = starred(own, level=column)
            if len(known) < LEAST_STARRED:
                continue
            rates = pd.DataFrame(_measured(known, language)).set_index("measure")
            rows.append({
                "language": language, "method": method, "texts": len(known),
                "kappa": rates.at["kappa", "value"], "low": rates.at["kappa", "low"],
                "high": rates.at["kappa", "high"],
                "sign_accuracy": rates.at["sign_accuracy", "value"],
                "complaint_recall": rates.at["complaint_recall", "value"],
                "used": method in used, "why": why_used(own, method),
            })  # fmt: skip
    return pd.DataFrame(rows)


def sample_to_label(scored: pd.DataFrame, *, texts: int = LABELLED_TEXTS) -> pd.DataFrame:
    """Draw texts for a person to grade where there are no stars: 200, evenly over the levels.

    Parameters
    ----------
    scored : pd.DataFrame
        As from `score_texts`.
    texts : int
        How many.

    Returns
    -------
    pd.DataFrame
        `review_id`, `level_by_reader` (blank, to be filled with 1 to 5), by id and so without a
        hint at the level. Fed back as `rating` it is measured like stars. The draw follows the id
        only: the same texts at every run.
    """
    known = scored[scored["sentiment"].notna()]
    order = pd.util.hash_pandas_object(known["review_id"].astype(str), index=False)
    ranked = known.assign(order=order.to_numpy()).sort_values(["order", "review_id"])
    place = ranked.groupby("sentiment").cumcount()
    chosen = ranked.assign(place=place).sort_values(["place", "order"]).head(texts)
    drawn = chosen[["review_id"]].sort_values("review_id", ignore_index=True)
    return drawn.assign(level_by_reader="")
