"""Log-rank: is it more than chance that groups of customers leave at other rates?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from shared.analysis.risk_sets import checked_times

WEIGHTS = ("equal", "early", "late")


@dataclass(frozen=True)
class LogRank:
    """A log-rank test of two or more groups.

    Attributes
    ----------
    chi2, p : float or None
        Statistic and p-value; None where fewer than two groups have customers, or nobody left.
    df : int
        Groups compared less one.
    table : pd.DataFrame
        `group`, `customers`, `events`, `expected` (events if all groups were alike).
    weights : str
        As given.
    """

    chi2: float | None
    p: float | None
    df: int
    table: pd.DataFrame
    weights: str


@dataclass(frozen=True)
class GroupRisks:
    """Customers at risk and losses by group, on the days that somebody was lost.

    Attributes
    ----------
    names : tuple of str
        The groups.
    at_risk, events : array of float
        One row per day, one column per group.
    customers : array of int
        By group.
    """

    names: tuple[str, ...]
    at_risk: np.ndarray
    events: np.ndarray
    customers: np.ndarray

    def only(self, groups: list[int]) -> "GroupRisks":
        """Keep some groups, by their numbers."""
        return GroupRisks(
            tuple(self.names[g] for g in groups),
            self.at_risk[:, groups],
            self.events[:, groups],
            self.customers[groups],
        )

    def against_rest(self, group: int) -> "GroupRisks":
        """Set one group against all others together."""

        def two(values: np.ndarray) -> np.ndarray:
            one = values[..., group]
            return np.stack([one, values.sum(axis=-1) - one], axis=-1)

        names = (self.names[group], "all others")
        return GroupRisks(names, two(self.at_risk), two(self.events), two(self.customers))


def log_rank(
    durations: np.ndarray,
    observed: np.ndarray,
    groups: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    weights: str = "equal",
) -> LogRank:
    """Test whether groups leave at the same rate.

    Parameters
    ----------
    durations, observed, entry : array
        As in `survival_curve`.
    groups : array
        Group of each customer; blanks are left out.
    weights : str
        "equal" (log-rank), "early" (Peto and Peto: survival of all groups together) or "late"
        (Fleming-Harrington 0, 1): where curves cross, equal weights let differences cancel.

    References
    ----------
    Mantel, N. (1966). Evaluation of survival data and two new rank order statistics.
    Fleming, T. R. and Harrington, D. P. (1991). Counting Processes and Survival Analysis.
    """
    return rank_test(group_risks(durations, observed, groups, entry=entry), weights=weights)


def group_risks(
    durations: np.ndarray,
    observed: np.ndarray,
    groups: np.ndarray,
    *,
    entry: np.ndarray | None = None,
) -> GroupRisks:
    """Count risks and losses by group once, for as many tests as there are pairs."""
    codes, names = pd.factorize(pd.Series(np.asarray(groups, dtype=object)), sort=True)
    begin = np.zeros(len(codes)) if entry is None else np.asarray(entry, dtype=float)
    known = codes >= 0
    days, left, start = checked_times(
        np.asarray(durations)[known], np.asarray(observed)[known], begin[known]
    )
    codes = codes[known][_seen(np.asarray(durations)[known], begin[known])]
    times = np.unique(days[left])
    at_risk, events = np.zeros((2, len(times), len(names)))
    for g in range(len(names)):
        mine = codes == g
        late = np.sort(start[mine & (start > 0)])
        still = np.sort(days[mine])
        at_risk[:, g] = len(still) - np.searchsorted(still, times, side="left")
        at_risk[:, g] -= len(late) - np.searchsorted(late, times, side="left")
        events[:, g] = np.bincount(np.searchsorted(times, days[mine & left]), minlength=len(times))
    customers = np.bincount(codes, minlength=len(names))
    return GroupRisks(tuple(str(name) for name in names), at_risk, events, customers)


def rank_test(risks: GroupRisks, *, weights: str = "equal") -> LogRank:
    """Test groups whose risks are counted; see `log_rank`.

    Raises
    ------
    ValueError
        If the weights are none of "equal", "early" and "late".
    """
    if weights not in WEIGHTS:
        raise ValueError(f"{weights!r} is none of {', '.join(WEIGHTS)}")
    some = risks.events.sum(axis=1) > 0  # days on which only a group left out lost somebody go
    at_risk, events = risks.at_risk[some], risks.events[some]
    n, d = at_risk.sum(axis=1), events.sum(axis=1)
    share = at_risk / n[:, None]
    expected = d[:, None] * share
    table = pd.DataFrame(
        {
            "group": risks.names,
            "customers": risks.customers,
            "events": events.sum(axis=0).astype("int64"),
            "expected": expected.sum(axis=0),
        }
    )
    weight = _weight(n, d, weights)
    gap = weight @ (events - expected)
    chance = weight**2 * np.divide(d * (n - d), n - 1, out=np.zeros(len(n)), where=n > 1)
    spread = np.diag(chance @ share) - (share * chance[:, None]).T @ share
    # One of the groups follows from the others; a group never at risk with another tells nothing.
    free = np.flatnonzero(np.diag(spread) > 1e-9)[:-1]
    if not len(free):
        return LogRank(None, None, 0, table, weights)
    statistic = float(gap[free] @ np.linalg.pinv(spread[np.ix_(free, free)]) @ gap[free])
    return LogRank(statistic, float(chi2.sf(statistic, len(free))), len(free), table, weights)


def _seen(durations: np.ndarray, entry: np.ndarray) -> np.ndarray:
    return np.asarray((entry <= 0) | (np.asarray(durations, dtype=float) > entry))


def _weight(n: np.ndarray, d: np.ndarray, weights: str) -> np.ndarray:
    if weights == "equal":
        return np.ones(len(n))
    if weights == "early":
        return np.asarray(np.cumprod(1 - d / (n + 1)))
    survival = np.cumprod(1 - d / n)
    return 1 - np.concatenate([[1.0], survival])[:-1]
