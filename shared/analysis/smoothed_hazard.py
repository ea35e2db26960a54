"""Hazard: at what rate do customers of each age leave?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.analysis.risk_sets import checked_times
from shared.analysis.survival_curve import Z

NO_EVENT = -float(np.log(0.025))  # events that are expected at most where none was seen
COLUMNS = ("day", "hazard", "low", "high", "at_risk")


@dataclass(frozen=True)
class DailyRisks:
    """Customers at risk and losses on each day, as cells that can be resampled.

    Attributes
    ----------
    exit_day, entry_day : array of int
        Of each kind of customer: the day that the time ends, 0 for those who left at once, and the
        day from which they can be seen.
    left : array of bool
        Whether the kind of customer was lost.
    customers : array of int
        How many there are of each kind.
    """

    exit_day: np.ndarray
    entry_day: np.ndarray
    left: np.ndarray
    customers: np.ndarray

    def by_day(self, customers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give customers at risk and losses on days 1, 2, … of one or several resamples.

        `customers` holds how many of each kind there are, in its last axis; so do the results.
        """
        shape = (int(self.exit_day.max(initial=0)) + 1, *customers.shape[:-1])
        ends, lost, begins = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        kinds = np.moveaxis(customers, -1, 0).astype(float)
        np.add.at(ends, self.exit_day, kinds)
        np.add.at(lost, self.exit_day[self.left], kinds[self.left])
        np.add.at(begins, np.minimum(self.entry_day, shape[0] - 1), kinds)
        came, gone = begins.cumsum(axis=0), ends.cumsum(axis=0)
        at_risk = came[:-1] - gone[:-1]
        return np.moveaxis(at_risk, 0, -1), np.moveaxis(lost[1:], 0, -1)


def daily_risks(
    durations: np.ndarray, observed: np.ndarray, entry: np.ndarray | None, *, window: int
) -> DailyRisks:
    """Count the kinds of customers, on the clock of the last order.

    Customers who were not followed for the length of the window are left out: whether they are
    lost cannot be known.
    """
    days, left, start = checked_times(durations, observed, entry)
    # A loss within a day counts on that day: day 1 is the time up to 1.
    exit_day = np.ceil(np.maximum(days - window, 0)).astype("int64")
    entry_day = np.ceil(np.maximum(start - window, 0)).astype("int64")
    followed = (days >= window) & ((entry_day < exit_day) | (exit_day == 0))
    kinds = np.column_stack([exit_day, entry_day, left])[followed]
    distinct, counts = np.unique(kinds, axis=0, return_counts=True)
    return DailyRisks(
        distinct[:, 0].astype("int64"), distinct[:, 1].astype("int64"),
        distinct[:, 2].astype(bool), counts,
    )  # fmt: skip


def smoothed_hazard(
    durations: np.ndarray,
    observed: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    window: int = 0,
    bandwidth_days: float = 30,
    least_at_risk: int = 10,
) -> pd.DataFrame:
    """Smooth the rate at which customers leave, by age on the clock of the last order.

    Parameters
    ----------
    durations, observed, entry : array
        As in `survival_curve`.
    window : int
        The churn window, taken off the durations; those who leave on day 0, one-time buyers, are
        a step and no rate, and are left out.
    bandwidth_days : float
        Half-width of the Epanechnikov kernel, in the unit of the durations.
    least_at_risk : int
        The table ends where fewer customers are left.

    Returns
    -------
    pd.DataFrame
        One row per day from 1: `day`, `hazard` (share of those left who leave per day), `low` and
        `high` (95 %, pointwise), `at_risk`. Empty where nobody is at risk for a day.

    References
    ----------
    Ramlau-Hansen, H. (1983). Smoothing counting process intensities by means of kernel functions.
    Nielsen, J. P. and Tanggaard, C. (2001). Boundary and bias correction in kernel hazard
    estimation.
    """
    risks = daily_risks(durations, observed, entry, window=window)
    at_risk, lost = risks.by_day(risks.customers)
    enough = np.flatnonzero(at_risk >= max(least_at_risk, 1))
    if not len(enough):
        return pd.DataFrame(columns=list(COLUMNS), dtype="float64")
    days = np.arange(1, enough[-1] + 2)
    at_risk, lost = at_risk[: len(days)], lost[: len(days)]
    reach = int(np.ceil(bandwidth_days)) - 1
    lag = np.arange(-reach, reach + 1)
    kernel = 1 - (lag / bandwidth_days) ** 2
    exposed = _convolved(at_risk, kernel)
    events = _convolved(lost, kernel)
    spread = np.sqrt(_convolved(lost, kernel**2))
    some = events > 1e-9
    factor = np.exp(Z * np.divide(spread, events, out=np.zeros(len(days)), where=some))
    nothing = np.zeros(len(days))
    hazard = np.divide(events, exposed, out=nothing, where=some)
    # Where nobody was observed nothing is known: any rate up to 1 could be.
    most = np.divide(NO_EVENT, exposed, out=np.ones(len(days)), where=exposed > 0)
    return pd.DataFrame(
        {
            "day": days,
            "hazard": hazard,
            "low": np.where(some, hazard / factor, 0.0),
            "high": np.minimum(np.where(some, hazard * factor, most), 1.0),
            "at_risk": at_risk.astype("int64"),
        }
    )


def _convolved(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    reach = len(kernel) // 2
    return np.convolve(values, kernel)[reach : reach + len(values)]
