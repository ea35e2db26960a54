"""Uplift by decile of a ranking, on customers it has not seen, and whether it falls in order."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.multiple_testing import false_discovery_q, reading
from shared.analysis.uplift_effects import LEAST_IN_ARM, rates_of
from shared.analysis.uplift_ranking import place_share
from shared.loading.errors import NotSupportedByData

DECILES = 10


@dataclass(frozen=True)
class Deciles:
    """Groups by predicted uplift, ten where none of them is too small.

    Attributes
    ----------
    table : pd.DataFrame
        One row per group, group 10 (the highest predicted uplift) first: `decile`, `treated`,
        `control`, `treated_rate`, `control_rate` with `treated_low` and so on (Wilson),
        `predicted` (mean predicted uplift), `uplift`, `low`, `high`, `q`, `finding`. A group that
        equal scores leave empty has no row.
    slope : float
        Change of the uplift per decile, weighted by precision.
    trend_p : float
        Two-sided, of a slope of 0.
    """

    table: pd.DataFrame
    slope: float
    trend_p: float


def uplift_deciles(score: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> Deciles:
    """Group customers by predicted uplift and measure the uplift of each group.

    Equal scores fall into one group, so that groups may differ in size. Where ten groups would be
    too small, there are five, four or two.

    Parameters
    ----------
    score : np.ndarray
        Predicted uplift of customers that the model has not seen.
    treated, outcome : np.ndarray
        1 or 0 per customer.

    Raises
    ------
    NotSupportedByData
        If not even two groups have 10 customers in each arm.
    """
    group = _groups(score, treated)
    rows = []
    for decile in np.unique(group)[::-1]:
        inside = group == decile
        one = rates_of(treated[inside], outcome[inside])
        rows.append({"decile": int(decile), "predicted": float(score[inside].mean()), **one})
    table = pd.DataFrame(rows)
    q = false_discovery_q(table["p"].to_numpy(float))
    slope, p = trend(table["decile"].to_numpy(float), table["uplift"].to_numpy(float),
                     table["variance"].to_numpy(float))  # fmt: skip
    told = table.assign(q=q, finding=[str(reading(value)) for value in q])
    return Deciles(told.drop(columns=["p", "variance"]), slope, p)


def _groups(score: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """Part the customers into as many groups as leave no arm of a group too small."""
    for most in (DECILES, 5, 4, 2):
        # By shared places, so that a tie never falls into two groups by the order of the rows.
        group = most - np.floor(place_share(score) * most).astype(int)
        sizes = np.array([np.bincount(group[treated == arm], minlength=most + 1) for arm in (0, 1)])
        if (sizes[:, sizes.sum(axis=0) > 0] >= LEAST_IN_ARM).all():
            return group
    raise NotSupportedByData(
        "the half that judges is too small to be read in groups",
        f"at least {LEAST_IN_ARM} customers of each arm in each group",
    )


def trend(x: np.ndarray, y: np.ndarray, variance: np.ndarray) -> tuple[float, float]:
    """Fit a line by weighted least squares with known variances: its slope and p-value of 0."""
    weight = 1 / variance
    off = x - (weight * x).sum() / weight.sum()
    spread = float((weight * off**2).sum())
    if spread == 0:
        return float("nan"), float("nan")
    slope = float((weight * off * y).sum() / spread)
    return slope, float(2 * norm.sf(abs(slope) * np.sqrt(spread)))
