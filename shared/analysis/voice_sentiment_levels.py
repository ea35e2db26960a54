"""Five levels of mood, from -2 to +2, by fixed cut points on the score."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from shared.analysis.intervals import wilson

# Published and the same for every client: moved to fit one, they would compare with no other.
CUTS = (-0.45, -0.1, 0.1, 0.45)
LEVELS = (-2, -1, 0, 1, 2)
LEVEL_NAMES = {
    -2: "urgent complaint",
    -1: "dissatisfied",
    0: "neutral or not understood",
    1: "satisfied",
    2: "expectations met",
}


def level_of(scores: pd.Series) -> pd.Series:
    """Give each score (-1 to +1) its level from -2 to +2; a score on a cut goes outwards.

    A missing score has no level.
    """
    values = scores.to_numpy(dtype=float)
    below = np.searchsorted(CUTS[:2], values, side="left")
    above = np.searchsorted(CUTS[2:], values, side="right")
    levels = pd.Series(below + above - 2, index=scores.index, dtype="Int8")
    return levels.mask(scores.isna())


def stars_of(ratings: Iterable[float] | pd.Series) -> pd.Series:
    """Bring a client's ratings to stars from 1 to 5.

    Parameters
    ----------
    ratings : pd.Series
        On a scale up to 5, 7, 10 or 100; the highest rating tells which. Up to 10 and 100 may
        begin at 0.

    Returns
    -------
    pd.Series
        Whole stars; blank for a missing rating and for one below the scale.
    """
    given = pd.Series(ratings, dtype="float64")
    top = next((scale for scale in (5, 7, 10, 100) if not given.max() > scale), np.nan)
    bottom = 0.0 if top == 100 or (top == 10 and bool((given == 0).any())) else 1.0
    stars = (1.5 + 4 * (given - bottom) / (top - bottom)) // 1
    return stars.where(stars.between(1, 5)).astype("Int8")


def sentiment_levels(scored: pd.DataFrame) -> pd.DataFrame:
    """Count the texts of each level.

    Parameters
    ----------
    scored : pd.DataFrame
        As from `score_texts`.

    Returns
    -------
    pd.DataFrame
        Always five rows: `sentiment` (-2 to 2), `label`, `from_score` and `to_score` (blank at
        the ends), `texts` (0 is an observed zero), `share` of the texts scored, `low`, `high`
        (Wilson, 95 %; blank where nothing is scored).
    """
    levels = scored["sentiment"].dropna()
    counts = levels.value_counts().reindex(list(LEVELS), fill_value=0)
    shares = [wilson(count, len(levels), of="texts") for count in counts]
    return pd.DataFrame(
        {
            "sentiment": LEVELS,
            "label": [LEVEL_NAMES[level] for level in LEVELS],
            "from_score": [np.nan, *CUTS],
            "to_score": [*CUTS, np.nan],
            "texts": counts.astype("int64").to_numpy(),
            "share": [share.value for share in shares],
            "low": [share.low for share in shares],
            "high": [share.high for share in shares],
        }
    )
