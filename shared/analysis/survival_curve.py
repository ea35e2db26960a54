"""Survival: what share of customers is still with us after so many days, and when is half gone?"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.intervals import Estimate
from shared.analysis.risk_sets import risk_table
from shared.loading.errors import NotSupportedByData

LEAST_AT_RISK = 10
Z = float(norm.ppf(0.975))
HALF = 0.5 + 1e-9  # a product of fractions that is one half may miss it by a rounding error


@dataclass(frozen=True)
class Median:
    """The age at which half of the customers are lost, or the fact that it is not reached.

    Attributes
    ----------
    days : float or None
        The median; None where more than half are still there when the curve ends.
    low, high : float or None
        Bounds of its 95 % interval; None where the curve's band does not fall to one half.
    n, events : int
        Customers and losses behind it.
    followed : float
        Age up to which at least ten customers were watched.
    active : Estimate
        Share still there at that age.
    unit : str
        What an age counts: "days", or what the client measured.
    """

    days: float | None
    low: float | None
    high: float | None
    n: int
    events: int
    followed: float
    active: Estimate
    unit: str

    def estimate(self) -> Estimate | None:
        """Give the median as a headline; None unless it and both bounds are reached."""
        if self.days is None or self.low is None or self.high is None:
            return None
        return Estimate(self.days, self.low, self.high, self.n, duration_unit(self.unit))


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve with what is read from it.

    Attributes
    ----------
    table : pd.DataFrame
        `day`, `at_risk`, `events`, `censored`, `survival` with `low` and `high` (95 %) and its
        `variance` (Greenwood); the first row is day 0. Losses on a day are off its survival.
    label : str
        Whose curve it is.
    customers, events : int
        Customers given, and losses seen among them.
    median : Median
        Read from the whole curve.
    mean_until : float
        Age up to which at least ten customers were watched.
    restricted_mean : Estimate
        Mean time with us up to that age, in the unit of the durations.
    unit : str
        What an age counts.
    window : int
        Days taken off by `shift_back`; 0 on the clock of confirmation.
    """

    table: pd.DataFrame
    label: str
    customers: int
    events: int
    median: Median
    mean_until: float
    restricted_mean: Estimate
    unit: str
    window: int = 0

    def drawn(self, *, least_at_risk: int = LEAST_AT_RISK) -> pd.DataFrame:
        """Give the rows of the curve up to the last day with so many customers at risk."""
        enough = self.table["at_risk"] >= least_at_risk
        return self.table[enough[::-1].cummax()[::-1]] if enough.any() else self.table.iloc[:0]

    def at(self, day: float) -> Estimate | None:
        """Give the share still there after a day; None beyond the follow-up."""
        if day < 0 or day > self.table["day"].iloc[-1]:
            return None
        row = self.table.iloc[int(np.searchsorted(self.table["day"], day, side="right")) - 1]
        return Estimate(
            float(row["survival"]), float(row["low"]), float(row["high"]), self.customers, "share"
        )

    def at_risk_on(self, days: np.ndarray) -> np.ndarray:
        """Count who is still watched at these ages, for the numbers under the axis."""
        place = np.searchsorted(self.table["day"], days, side="left")
        counts = np.append(self.table["at_risk"].to_numpy(), 0)
        return counts[np.minimum(place, len(self.table))]


def survival_curve(
    durations: np.ndarray,
    observed: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    label: str = "All customers",
    unit: str = "days",
) -> Curve:
    """Estimate the share of customers still there by age, with the censored ones counted rightly.

    Parameters
    ----------
    durations : array of float
        Time until the customer left or was last seen.
    observed : array of bool
        Whether the customer left.
    entry : array of float, optional
        Time from which the customer could be seen (left truncation), 0 for the start.
    label : str
        Whose curve it is.
    unit : str
        What a duration counts.

    Returns
    -------
    Curve
        Bounds are of the log-log kind, inside 0 and 1. While nobody left, the lower one is Wilson's
        for none of those at risk; where nobody stays it is 0, and the upper one that of the day
        before.

    Raises
    ------
    NotSupportedByData
        If there is no customer.
    ValueError
        If a duration is negative or no number.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations.
    Kalbfleisch, J. D. and Prentice, R. L. (1980). The Statistical Analysis of Failure Time Data.
    Brookmeyer, R. and Crowley, J. (1982). A confidence interval for the median survival time.
    """
    counts = risk_table(durations, observed, entry)
    if counts.empty:
        raise NotSupportedByData(f"{label}: no customer to follow", "at least one customer")
    if counts["day"].iloc[0] > 0:
        start = pd.DataFrame(
            {"day": [0.0], "at_risk": counts["at_risk"].iloc[:1], "events": 0, "censored": 0}
        )
        counts = pd.concat([start, counts], ignore_index=True)
    return _read(_product_limit(counts), label=label, customers=len(durations), unit=unit)


def shift_back(curve: Curve, window: int) -> Curve:
    """Read a curve on the clock of the last order: a loss stands where the last order was.

    On the clock of confirmation nobody can be lost before the window is over; one-time buyers are
    all lost on that day. Shifted back, they leave on day 0, where the curve starts with this step.

    Raises
    ------
    NotSupportedByData
        If nobody was followed for as long as the window.
    ValueError
        If somebody was lost before the window was over: these are not durations to confirmation.
    """
    if window == 0:
        return curve
    table = curve.table
    if table.loc[table["day"] < window, "events"].any():
        raise ValueError(f"somebody was lost before {window} days: no clock of confirmation")
    later = table[table["day"] >= window]
    if later.empty:
        raise NotSupportedByData(
            f"{curve.label}: nobody was followed for {window} days", "a longer history"
        )
    counts = later[["day", "at_risk", "events", "censored"]].reset_index(drop=True)
    counts["day"] -= window
    if counts["day"].iloc[0] > 0:
        start = counts.iloc[:1].assign(day=0.0, events=0, censored=0)
        counts = pd.concat([start, counts], ignore_index=True)
    read = _read(
        _product_limit(counts), label=curve.label, customers=curve.customers, unit=curve.unit
    )
    return replace(read, window=window)


def mean_up_to(table: pd.DataFrame, until: float) -> tuple[float, float]:
    """Give the area under a curve up to an age and its standard error.

    References
    ----------
    Irwin, J. O. (1949). The standard error of an estimate of expectation of life.
    """
    rows = table[table["day"] < until]
    days = np.append(rows["day"].to_numpy(), until)
    area = rows["survival"].to_numpy() * np.diff(days)
    beyond = area[::-1].cumsum()[::-1]  # area from each day on
    n, d = rows["at_risk"].to_numpy(dtype=float), rows["events"].to_numpy(dtype=float)
    spread = np.divide(d, n * (n - d), out=np.zeros(len(rows)), where=n > d)
    return float(area.sum()), float(np.sqrt(np.sum(beyond**2 * spread)))


def duration_unit(unit: str) -> str:
    """Give the unit of an `Estimate` of a duration: the page writes days as such."""
    return "days" if unit == "days" else "number"


def _product_limit(counts: pd.DataFrame) -> pd.DataFrame:
    n, d = counts["at_risk"].to_numpy(dtype=float), counts["events"].to_numpy(dtype=float)
    share_left = np.divide(d, n, out=np.zeros(len(n)), where=n > 0)
    survival = np.cumprod(1 - share_left)
    greenwood = np.cumsum(np.divide(d, n * (n - d), out=np.zeros(len(n)), where=n > d))
    low, high = _log_log_band(survival, greenwood)
    # While nobody left, the formula knows no doubt; that none of n left allows a share nonetheless.
    nobody_yet = (survival == 1) & (counts["day"].to_numpy() > 0)
    low = np.where(nobody_yet, n / (n + Z**2), low)
    return counts.assign(survival=survival, low=low, high=high, variance=survival**2 * greenwood)


def _log_log_band(survival: np.ndarray, greenwood: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    inside = (survival > 0) & (survival < 1)
    log = np.log(survival, out=np.full(len(survival), -1.0), where=inside)
    factor = np.exp(Z * np.sqrt(greenwood) / -log)
    low = np.where(inside, np.exp(log * factor), np.where(survival > 0, 1.0, 0.0))
    high = np.where(inside, np.exp(log / factor), np.where(survival > 0, 1.0, np.nan))
    return low, pd.Series(high).ffill().fillna(1.0).to_numpy()


def _read(table: pd.DataFrame, *, label: str, customers: int, unit: str) -> Curve:
    watched = table.loc[table["at_risk"] >= LEAST_AT_RISK, "day"]
    until = float(watched.iloc[-1] if len(watched) else table["day"].iloc[-1])
    mean, error = mean_up_to(table, until)
    events = int(table["events"].sum())
    last = table[table["day"] <= until].iloc[-1]
    active = Estimate(
        float(last["survival"]), float(last["low"]), float(last["high"]), customers, "share"
    )
    median = Median(
        _first_day(table, "survival"), _first_day(table, "low"), _first_day(table, "high"),
        customers, events, until, active, unit,
    )  # fmt: skip
    low, high = max(mean - Z * error, 0.0), min(mean + Z * error, until)
    restricted = Estimate(mean, low, high, customers, duration_unit(unit))
    return Curve(table, label, customers, events, median, until, restricted, unit)


def _first_day(table: pd.DataFrame, column: str) -> float | None:
    fallen = table.loc[table[column] <= HALF, "day"]
    return None if fallen.empty else float(fallen.iloc[0])
