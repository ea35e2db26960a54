"""AUC: how well do scores put buyers before others, and how sure is that?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from shared.analysis.intervals import Estimate


@dataclass(frozen=True)
class Placements:
    """Where each row stands among the rows of the other class, which is all an AUC is made of.

    Attributes
    ----------
    auc : float
        Chance that a buyer has a higher score than another row, ties counted half.
    value : np.ndarray
        Per row, the share of the other class on the right side of it.
    outcome : np.ndarray
        1 for buyers.
    """

    auc: float
    value: np.ndarray
    outcome: np.ndarray


def auc_estimate(
    score: np.ndarray, outcome: np.ndarray, *, person: np.ndarray | None = None, level: float = 0.95
) -> Estimate:
    """Estimate the AUC with the interval of DeLong, or of Obuchowski where people repeat.

    Parameters
    ----------
    score : array of float
        Higher for likelier buyers; ties count half.
    outcome : array of int
        1 bought, 0 did not.
    person : array, optional
        Whose row it is; rows of one person are then taken together.
    level : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        A ratio from 0 to 1; NaN where a class is empty.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988); Sun and Xu (2014), the ranks; Obuchowski (1997),
    clustered data.
    """
    found = placements(score, outcome)
    return _interval(found.auc, _variance(found.value, found, person), len(score), level)


def auc_gain(
    score: np.ndarray,
    other: np.ndarray,
    outcome: np.ndarray,
    *,
    person: np.ndarray | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate by how much the AUC of one score exceeds that of another on the same rows."""
    a, b = placements(score, outcome), placements(other, outcome)
    gap = Placements(a.auc - b.auc, a.value - b.value, a.outcome)
    return _interval(gap.auc, _variance(gap.value, gap, person), len(score), level, floor=-1.0)


def placements(score: np.ndarray, outcome: np.ndarray) -> Placements:
    """Rank every row among the rows of the other class, ties counted half."""
    bought = np.asarray(outcome) == 1
    buyers, others = int(bought.sum()), int((~bought).sum())
    value = np.full(len(bought), np.nan)
    if not (buyers and others):
        return Placements(float("nan"), value, bought.astype(int))
    everywhere = rankdata(score)
    value[bought] = (everywhere[bought] - rankdata(score[bought])) / others
    value[~bought] = 1 - (everywhere[~bought] - rankdata(score[~bought])) / buyers
    return Placements(float(value[bought].mean()), value, bought.astype(int))


def _variance(value: np.ndarray, found: Placements, person: np.ndarray | None) -> float:
    """Sum the squared deviations of each person's rows, buyers and others together."""
    bought = found.outcome == 1
    buyers, others = int(bought.sum()), int((~bought).sum())
    if min(buyers, others) < 2:
        return float("nan")
    deviation = np.where(bought, (value - found.auc) / buyers, (value - found.auc) / others)
    up, down = np.where(bought, deviation, 0), np.where(bought, 0, deviation)
    people_up, people_down, people = buyers, others, len(value)
    if person is not None:
        codes = _codes(person)
        up, down = np.bincount(codes, weights=up), np.bincount(codes, weights=down)
        people_up = int(np.count_nonzero(np.bincount(codes[bought])))
        people_down = int(np.count_nonzero(np.bincount(codes[~bought])))
        people = len(up)
    return float(
        (up**2).sum() * people_up / max(people_up - 1, 1)
        + (down**2).sum() * people_down / max(people_down - 1, 1)
        + 2 * (up * down).sum() * people / max(people - 1, 1)
    )


def _codes(person: np.ndarray) -> np.ndarray:
    return np.asarray(pd.factorize(person)[0])


def _interval(
    value: float, variance: float, n: int, level: float, *, floor: float = 0.0
) -> Estimate:
    half = norm.ppf(0.5 + level / 2) * np.sqrt(max(variance, 0.0))
    low, high = max(floor, value - half), min(1.0, value + half)
    return Estimate(value, float(low), float(high), n, "ratio", level, "tested rows")
