"""Multiple testing: which of many differences are more than chance, and how loudly to say so."""

from enum import StrEnum

import numpy as np
from scipy.stats import fisher_exact

from shared.analysis.intervals import Estimate, wilson

SETTLED, LEANING = 0.01, 0.05


class Finding(StrEnum):
    """What a test allows a page to say; the value is the wording on the page.

    A verdict needs 1 %: a test run at 5 % would call noise an effect in every twentieth report.
    """

    DIFFERS = "differs"
    NOT_SETTLED = "not settled"
    NOTHING = "no difference found"
    TOO_FEW = "too few customers"


def false_discovery_q(p_values: np.ndarray) -> np.ndarray:
    """Adjust p-values so that a cut at q keeps the share of false findings at q.

    Parameters
    ----------
    p_values : array of float
        One p-value per test; NaN where nothing could be tested.

    Returns
    -------
    array of float
        The q-values in the same order; NaN stays NaN and counts for no test.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
    """
    p = np.asarray(p_values, dtype=float)
    q = np.full(p.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")[::-1]]
    ranks = np.arange(len(tested), 0, -1)
    q[order] = np.minimum.accumulate(np.minimum(p[order] * len(tested) / ranks, 1.0))
    return q


def reading(q: float) -> Finding:
    """Say what a q-value allows: differs below 1 %, not settled below 5 %, else nothing found."""
    if np.isnan(q):
        return Finding.TOO_FEW
    if q < SETTLED:
        return Finding.DIFFERS
    return Finding.NOT_SETTLED if q < LEANING else Finding.NOTHING


def share_difference(successes: int, n: int, other_successes: int, other_n: int) -> Estimate:
    """Estimate the difference of two independent shares, first minus second, in [-1, 1].

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent
    proportions, method 10.
    """
    if not (n and other_n):
        return Estimate(np.nan, np.nan, np.nan, int(n + other_n), "share")
    a, b = wilson(successes, n), wilson(other_successes, other_n)
    value = a.value - b.value
    low = value - np.hypot(a.value - a.low, b.high - b.value)
    high = value + np.hypot(a.high - a.value, b.value - b.low)
    return Estimate(value, float(low), float(high), int(n + other_n), "share")


def share_p_value(successes: int, n: int, other_successes: int, other_n: int) -> float:
    """Give Fisher's exact p-value of two shares: right at any size; NaN for an empty side."""
    if not (n and other_n):
        return float("nan")
    table = [[successes, n - successes], [other_successes, other_n - other_successes]]
    return float(fisher_exact(np.asarray(table, dtype="int64")).pvalue)
