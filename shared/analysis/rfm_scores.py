"""RFM scores: which observed values cut the base into equal parts, and where is each customer?"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

MEASURES = {"recency_days": "r_score", "frequency": "f_score", "monetary": "m_score"}
IMPORTANCE = {"r_score": 3, "f_score": 2, "m_score": 1}


@dataclass(frozen=True)
class CutPoints:
    """The observed values at which the scores of each measure change.

    Attributes
    ----------
    scores : int
        Number of scores, 3 to 5; the highest is the best.
    values : dict of str to numpy.ndarray
        For each measure the `scores` - 1 cut points, ascending; equal ones merge two scores.
    """

    scores: int
    values: dict[str, np.ndarray]

    def table(self) -> pd.DataFrame:
        """Lay out the cut points as one row per measure and quantile."""
        rows = [
            {"measure": measure, "quantile": k / self.scores, "cut_point": float(cut)}
            for measure, cuts in self.values.items()
            for k, cut in enumerate(cuts, start=1)
        ]
        return pd.DataFrame(rows)


def quantile_cuts(values: pd.Series, *, scores: int) -> np.ndarray:
    """Find the quantiles k / scores as observed values, never in between.

    The quantile q is the smallest observed value v such that the share of values <= v is at least
    q (the inverse of the empirical distribution), so that every engine and every order of the
    rows gives the same cut points.
    """
    ordered = np.sort(values.to_numpy())
    # Whole numbers: 0.6 * 15 in floats is a hair above 9 and would pick the next value.
    ranks = [-(-k * len(ordered) // scores) for k in range(1, scores)]
    return ordered[np.array(ranks) - 1]


def cut_points(customers: pd.DataFrame, *, scores: int = 5) -> CutPoints:
    """Find the cut points of recency, frequency and money."""
    cuts = {measure: quantile_cuts(customers[measure], scores=scores) for measure in MEASURES}
    return CutPoints(scores, cuts)


def score_customers(customers: pd.DataFrame, cuts: CutPoints) -> pd.DataFrame:
    """Add `r_score`, `f_score` and `m_score`; equal values get equal scores.

    F and M are 1 + the number of cut points strictly below the value, R is the best score less
    the number of cut points strictly below `recency_days`.
    """
    below = {m: np.searchsorted(cuts.values[m], customers[m].to_numpy()) for m in MEASURES}
    return customers.assign(
        r_score=cuts.scores - below["recency_days"],
        f_score=1 + below["frequency"],
        m_score=1 + below["monetary"],
    )


def occurring_scores(scored: pd.DataFrame) -> dict[str, list[int]]:
    """List the scores that occur in each measure; equal cut points merge several into one."""
    return {score: sorted(scored[score].unique().tolist()) for score in MEASURES.values()}


def possible_cells(scored: pd.DataFrame) -> list[str]:
    """List the cells, such as "545", that the scores which occur can form."""
    occurring = occurring_scores(scored)
    return ["".join(map(str, cell)) for cell in product(*(occurring[s] for s in occurring))]
