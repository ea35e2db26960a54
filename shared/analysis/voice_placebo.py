"""The placebo: the same texts, but what each felt, who wrote it and when left to chance."""

import numpy as np
import pandas as pd

FELT = ["score", "sentiment", "method"]
WRITTEN = ["written_at", "customer_id", "product_id", "source"]


def shuffled_voice(scored: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Deal feelings, and days with customers and products, anew among the scored texts.

    A page made of these must find no incident, no launch that differs, no word that marks
    complaints and no link with buying again. Agreement with the stars is computed before.

    Parameters
    ----------
    scored : pd.DataFrame
        One row per text, as from the study.
    seed : int
        Of the draw.
    """
    rng = np.random.default_rng(seed)
    known = np.flatnonzero(scored["sentiment"].notna())
    dealt = scored.copy()
    felt, written = rng.permutation(known), rng.permutation(known)
    for column in FELT:
        if column in scored.columns:
            dealt[column] = _dealt(scored[column], known, felt)
    for column in WRITTEN:
        dealt[column] = _dealt(scored[column], known, written)
    return dealt


def _dealt(column: pd.Series, places: np.ndarray, order: np.ndarray) -> pd.Series:
    values = column.array.copy()
    values[places] = column.array.take(order)
    return pd.Series(values, index=column.index)
