"""Qini and area under the uplift curve: does a ranking find those whom a campaign moves?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.intervals import Estimate

GRID = np.linspace(0, 1, 21)
# Poisson(1) by its distribution function: 65,536 equally likely words fall on the counts.
_COUNTS = np.arange(12)
_CUMULATED = np.cumsum(np.exp(-1) / np.cumprod(np.maximum(_COUNTS, 1)))
_WORDS = np.searchsorted(_CUMULATED, (np.arange(65536) + 0.5) / 65536).astype(np.int32)


@dataclass(frozen=True)
class Ranked:
    """Customers in the order of a score, the highest first; equal scores share one place.

    Attributes
    ----------
    treated : np.ndarray
        1 treated, 0 control.
    moved, kept : np.ndarray
        Outcome of the treated and of the control, 0 for everybody else.
    ends : np.ndarray or None
        Last place of each group of equal scores; None where no two are equal.
    """

    treated: np.ndarray
    moved: np.ndarray
    kept: np.ndarray
    ends: np.ndarray | None


@dataclass(frozen=True)
class QiniResult:
    """How well a ranking finds those who are moved.

    Attributes
    ----------
    qini, auuc : Estimate
        Per treated customer, and per customer; interval by bootstrap.
    p : float
        Two-sided, of a Qini of 0: the value over its bootstrap standard error.
    curve : pd.DataFrame
        `share` of the ranking, `gain` (further responses per treated customer), `low`, `high`,
        `random` (the straight line).
    draws : np.ndarray
        Qini of each bootstrap draw.
    """

    qini: Estimate
    auuc: Estimate
    p: float
    curve: pd.DataFrame
    draws: np.ndarray


def ranked(score: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> Ranked:
    """Put customers in the order of a score."""
    order = np.argsort(-score, kind="stable")
    sorted_score = score[order]
    ends = np.append(np.flatnonzero(np.diff(sorted_score)), len(score) - 1)
    arm, seen = np.asarray(treated)[order].astype(np.int32), np.asarray(outcome, float)[order]
    # Whole numbers add up in half the time, and money is seldom whole.
    counted = seen.astype(np.int32) if np.isin(seen, (0, 1)).all() else seen
    distinct = len(ends) == len(score)
    return Ranked(arm, counted * arm, counted * (1 - arm), None if distinct else ends)


def qini_value(score: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> float:
    """Give the Qini of a score: area between its curve and the random line, per treated customer.

    The curve at a share of the ranking is treated responses less control responses times treated
    over control customers; the area is the mean over the shares. Equal scores share one step.

    References
    ----------
    Radcliffe, N. J. (2007). Using control groups to target on predicted lift.
    """
    return areas(ranked(score, treated, outcome))[0]


def areas(
    people: Ranked, weights: np.ndarray | None = None, *, grid: np.ndarray | None = None
) -> tuple[float, float, np.ndarray]:
    """Give Qini, area under the uplift curve, and the Qini curve at shares of the ranking.

    The uplift curve at a share is that share times the difference of the response rates of both
    arms within it, per customer; a random ranking has half of the average effect below it.

    Parameters
    ----------
    people : Ranked
        As from `ranked`.
    weights : np.ndarray, optional
        How often each customer counts, in the order of `people`; once by default.
    grid : np.ndarray, optional
        Shares at which the curve is read, per treated customer; empty by default.
    """
    one = np.ones(len(people.treated), np.int32) if weights is None else weights
    everyone, treated, moved, kept = _counted(people, one)
    control = np.maximum(everyone - treated, 1)  # 1 where no control customer is ranked so high
    gain = moved - kept * (treated / control)
    uplift = (moved / np.maximum(treated, 1) - kept / control) * everyone
    n, n_treated = float(everyone[-1]), float(treated[-1])
    steps = np.diff(everyone, prepend=0)
    read = np.empty(0)
    if grid is not None:
        read = np.interp(grid, np.append(0, everyone) / n, np.append(0, gain)) / n_treated
    return _qini(steps, gain, n, n_treated), _area(steps, uplift) / n**2, read


def poisson_weights(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw how often each of n customers counts: Poisson of mean one.

    That is what drawing with replacement comes to among many, and needs no sorting.

    References
    ----------
    Chamandy, N. and others (2012). Estimating uncertainty for massive data streams.
    """
    return np.asarray(_WORDS[rng.integers(0, 65536, n, dtype=np.uint16)])


def qini_result(
    score: np.ndarray,
    treated: np.ndarray,
    outcome: np.ndarray,
    *,
    draws: int = 500,
    seed: int = 0,
) -> QiniResult:
    """Judge a ranking of customers whose outcomes it has not seen.

    Parameters
    ----------
    score : np.ndarray
        Highest first; its scale does not matter.
    treated, outcome : np.ndarray
        Arm (1 or 0) and outcome of each customer.
    draws : int
        Bootstrap draws; intervals are percentiles at 95 %.
    seed : int
        Of the draws.
    """
    people = ranked(score, treated, outcome)
    qini, auuc, gain = areas(people, grid=GRID)
    rng = np.random.default_rng(seed)
    drawn = [areas(people, poisson_weights(rng, len(score)), grid=GRID) for _ in range(draws)]
    both = np.array([d[:2] for d in drawn])
    band = np.quantile(np.array([d[2] for d in drawn]), [0.025, 0.975], axis=0)
    spread = both[:, 0].std(ddof=1)
    (qini_low, auuc_low), (qini_high, auuc_high) = np.quantile(both, [0.025, 0.975], axis=0)
    n, of = len(score), "customers"
    curve = pd.DataFrame(
        {"share": GRID, "gain": gain, "low": band[0], "high": band[1], "random": GRID * gain[-1]}
    )
    return QiniResult(
        Estimate(qini, float(qini_low), float(qini_high), n, "number", of=of),
        Estimate(auuc, float(auuc_low), float(auuc_high), n, "number", of=of),
        float(2 * norm.sf(abs(qini) / spread)) if spread > 0 else 1.0,
        curve,
        both[:, 0],
    )


def _counted(people: Ranked, weights: np.ndarray) -> list[np.ndarray]:
    """Count customers, treated, and responses of either arm down the ranking."""
    down = [weights, weights * people.treated, weights * people.moved, weights * people.kept]
    counts = [np.cumsum(part) for part in down]
    return counts if people.ends is None else [part[people.ends] for part in counts]


def _qini(steps: np.ndarray, gain: np.ndarray, n: float, n_treated: float) -> float:
    return float((_area(steps, gain) / n - gain[-1] / 2) / n_treated)


def _area(steps: np.ndarray, y: np.ndarray) -> float:
    """Give the area under a line through 0 and the points, by trapezia."""
    return float(steps @ y - (steps[1:] @ np.diff(y) + steps[0] * y[0]) / 2)
