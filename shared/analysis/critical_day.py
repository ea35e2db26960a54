"""Critical day: is there an age at which the risk of leaving jumps, and who reaches it next?"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from shared.analysis.hazard_scan import HazardScan
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import SETTLED
from shared.analysis.smoothed_hazard import DailyRisks, daily_risks, smoothed_hazard
from shared.analysis.survival_curve import duration_unit
from shared.analysis.verdicts import Reason

LEAST_RISE = 1.25  # a smaller rise is no reason to act, however certain
NULL_DRAWS = 5  # per bootstrap draw


@dataclass(frozen=True)
class CriticalDay:
    """The day from which customers leave much faster than just before, or the finding of none.

    Attributes
    ----------
    day : Estimate or None
        Age in the unit of the durations on the clock of the last order, with its bootstrap
        interval; n is customers still there a bandwidth before it. None where no rise stands out.
    p : float
        How often data without a jump, the rate rising or falling evenly, show such a rise.
    rate_before, rate_after : float
        Share of those left who leave per day in the bandwidth before and after the candidate.
    peak_day : int or None
        Age at which the smoothed rate is highest from the critical day on; None without one.
    step : Estimate
        Share of those followed from the start that leaves on day 0, mostly one-time buyers. On the
        clock of confirmation they all leave on one day, the window: that step is made by the
        definition and is no critical day. n is 0 where nobody was followed from the start.
    refusal : Reason or None
        Why no day could be looked for; None where one was, found or not.
    """

    day: Estimate | None
    p: float
    rate_before: float
    rate_after: float
    peak_day: int | None
    step: Estimate
    refusal: Reason | None = None


def critical_day(
    durations: np.ndarray,
    observed: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    window: int = 0,
    bandwidth_days: int = 30,
    least_at_risk: int = 100,
    unit: str = "days",
    seed: int = 0,
    draws: int = 200,
) -> CriticalDay:
    """Find the age at which the rate of leaving rises most, if the rise is more than chance.

    At every age the rate of the days before is compared with that of the days after, both relative
    to a rate that changes evenly with age (a power and an exponential of it, fitted to the same
    data). The critical day is where the rise is largest: the edge of a jump that lasts as well as
    the near flank of a peak, and the time to have stepped in. It needs p below 1 % among 1,000
    samples of that even rate, which pays for having looked at every age, and a rise of a quarter.

    What the definition of a loss makes is kept out: one-time buyers on day 0, and an age before
    which nobody can leave.

    Parameters
    ----------
    durations, observed, entry, window
        As in `smoothed_hazard`.
    bandwidth_days : int
        Days before and after a candidate that are compared, fewer next to the ends.
    least_at_risk : int
        Candidates end where fewer customers are left.
    unit : str
        What a duration counts, for the sentence.
    seed : int
        Seed of the simulated null and of the bootstrap.
    draws : int
        Bootstrap samples of customers; five times as many null samples.

    Returns
    -------
    CriticalDay
        Its interval holds the middle 95 % of the days found in the bootstrap samples.

    References
    ----------
    Loader, C. R. (1991). Inference for a hazard rate change point.
    Müller, H.-G. and Wang, J.-L. (1990). Nonparametric analysis of changes in hazard rates for
    censored survival data.
    """
    risks = daily_risks(durations, observed, entry, window=window)
    step = _step(risks)
    scan = HazardScan.of(risks, reach=bandwidth_days, least_at_risk=least_at_risk)
    if scan is None:
        return _refused(step, _too_few(least_at_risk))
    first = scan.days_without_loss()
    if first > scan.reach:
        return _refused(step, _by_definition(first, unit))
    rng = np.random.default_rng(seed)
    place, p = scan.largest_rise(rng=rng, draws=NULL_DRAWS * draws)
    day, (before, after) = int(scan.candidates[place]), scan.rates(place)
    if p >= SETTLED or after < LEAST_RISE * before:
        return CriticalDay(None, p, before, after, None, step)
    found = scan.resampled_days(risks, rng=rng, draws=draws)
    low, high = np.floor(np.quantile(found, 0.025)), np.ceil(np.quantile(found, 0.975))
    n = int(scan.at_risk[max(day - scan.reach, 0)])
    estimate = Estimate(
        float(day), float(min(low, day)), float(max(high, day)), n, duration_unit(unit)
    )
    smooth = smoothed_hazard(
        durations, observed, entry=entry, window=window, bandwidth_days=bandwidth_days
    )
    later = smooth[smooth["day"] >= day]
    peak = int(later["day"].iloc[int(later["hazard"].argmax())])
    return CriticalDay(estimate, p, before, after, peak, step)


def due_list(
    frame: pd.DataFrame,
    *,
    critical: CriticalDay,
    window: int,
    snapshot_date: date,
    within_days: int = 28,
    lead_days: int = 7,
) -> pd.DataFrame:
    """List the customers not lost who reach the critical day in the next weeks.

    Parameters
    ----------
    frame : pd.DataFrame
        As from `lifespans`.
    critical : CriticalDay
        With a day; without one the list is empty.
    window : int
        The churn window, as given to `lifespans`: whoever was silent for longer is lost.
    snapshot_date : datetime.date
        The day the list starts on.
    within_days : int
        Length of the list in days.
    lead_days : int
        How long before the critical day to step in; never before the snapshot date.

    Returns
    -------
    pd.DataFrame
        `customer_id`, `age_days`, `recency_days`, `critical_on`, `step_in_on`, by date.
    """
    columns = ["customer_id", "age_days", "recency_days", "critical_on", "step_in_on"]
    if critical.day is None:
        return pd.DataFrame(columns=columns)
    there = frame[~frame["observed"] & (frame["recency_days"] <= window)]
    left = np.ceil(critical.day.value - there["duration"])
    due = there[(left > 0) & (left <= within_days)].copy()
    on = pd.Timestamp(snapshot_date) + pd.to_timedelta(left[due.index], unit="D")
    step_in = (on - timedelta(days=lead_days)).clip(lower=pd.Timestamp(snapshot_date))
    due = due.assign(critical_on=on, step_in_on=step_in, age_days=due["duration"].astype("int64"))
    return due.sort_values(["critical_on", "customer_id"], ignore_index=True)[columns]


def _step(risks: DailyRisks) -> Estimate:
    start = risks.entry_day == 0
    gone = start & risks.left & (risks.exit_day == 0)
    return wilson(int(risks.customers[gone].sum()), int(risks.customers[start].sum()))


def _refused(step: Estimate, refusal: Reason) -> CriticalDay:
    return CriticalDay(None, 1.0, 0.0, 0.0, None, step, refusal)


def _too_few(least: int) -> Reason:
    return Reason(
        "A critical day cannot be told: nobody left, or fewer than {least} customers were followed "
        "for long enough",
        {"least": least},
    )


def _by_definition(first: int, unit: str) -> Reason:
    return Reason(
        "Nobody is lost in the first {first} {unit}: the risk begins there because of how a loss "
        "is defined or how long a contract binds. That is no critical day",
        {"first": first, "unit": unit},
    )
