"""Attrition: from which age on do customers leave, and does it speed up?"""

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from shared.analysis.age_period_cohort import age_steps
from shared.analysis.cohort import FEW_COHORTS
from shared.analysis.cohort_activity import Cohorts
from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import Finding, false_discovery_q, reading
from shared.loading.errors import NotSupportedByData

Z = float(norm.ppf(0.975))


def attrition_steps(cohorts: Cohorts) -> pd.DataFrame:
    """Compare activity at each age with the next one, in the same customers.

    Customers who bought at one age and not at the next are set against those who did the
    reverse; a test on both counts stays fair when the same people are seen twice. Cohorts that
    disagree more than chance explains widen the interval. A step must also survive the calendar:
    the larger p-value of this test and of the same step in a model of age, cohort and calendar
    counts, where there is enough history for that model.

    Returns
    -------
    pd.DataFrame
        `from_index`, `to_index`, `cohorts`, `at_risk`, `share_before`, `share_after`, `change`
        with `low` and `high` (95 %), `p_paired`, `p_calendar`, `q` (of the larger one) and
        `finding`. The step from 0 to 1 is left out:
        everybody buys at age 0.

    References
    ----------
    McNemar, Q. (1947). Note on the sampling error of the difference between correlated
    proportions or percentages.
    """
    oldest = int(cohorts.members["windows"].max())
    rows = [_step(cohorts, age) for age in range(1, oldest - 1)]
    columns = ["from_index", "to_index", "cohorts", "at_risk", "share_before", "share_after"]
    steps = pd.DataFrame(rows, columns=[*columns, "change", "low", "high", "p_paired"])
    steps["p_calendar"] = steps["from_index"].map(_calendar_p_values(cohorts)).astype("float64")
    p = steps[["p_paired", "p_calendar"]].max(axis=1).where(steps["p_paired"].notna())
    q = false_discovery_q(p.to_numpy(dtype=float))
    return steps.assign(q=q, finding=[reading(value) for value in q])


def steepest_drop(steps: pd.DataFrame) -> pd.Series | None:
    """Find the largest fall that is more than chance; None where there is none."""
    drops = steps[(steps["finding"] == Finding.DIFFERS) & (steps["change"] < 0)]
    return None if drops.empty else drops.iloc[int(drops["change"].argmin())]


def step_change(step: pd.Series) -> Estimate:
    """Wrap the change of one step of age with its interval and n."""
    return Estimate(
        float(step["change"]),
        float(step["low"]),
        float(step["high"]),
        int(step["at_risk"]),
        "share",
        of="customers",
    )


def _calendar_p_values(cohorts: Cohorts) -> dict[int, float]:
    try:
        return age_steps(cohorts)
    except NotSupportedByData:
        return {}


def _step(cohorts: Cohorts, age: int) -> tuple[float, ...]:
    """Count, per period of joining, who stopped and who resumed between an age and the next."""
    members = cohorts.members[cohorts.members["windows"] > age + 1]
    followed = members.groupby("first_period")["customers"].sum()
    old = cohorts.activity[cohorts.activity["windows"] > age + 1]
    counts = old.groupby(["period_index", "first_period"])[["customers", "again"]].sum()
    before, after, both = (
        counts["customers"].get(age), counts["customers"].get(age + 1), counts["again"].get(age + 1)
    )  # fmt: skip
    parts = [
        pd.Series(0.0, index=followed.index).add(part, fill_value=0) if part is not None else 0.0
        for part in (before, after, both)
    ]
    stopped, resumed = parts[0] - parts[2], parts[1] - parts[2]
    n = int(followed.sum())
    share_before, share_after = float(np.sum(parts[0])) / n, float(np.sum(parts[1])) / n
    half, p = _paired(np.asarray(stopped), np.asarray(resumed), n, cohorts=len(followed))
    change = share_after - share_before
    return age, age + 1, len(followed), n, share_before, share_after, change, change - half, \
        change + half, p  # fmt: skip


def _paired(
    stopped: np.ndarray, resumed: np.ndarray, n: int, *, cohorts: int
) -> tuple[float, float]:
    """Give the half-width of the change and its p-value, widened where cohorts disagree."""
    moved, net = float(np.sum(stopped + resumed)), float(np.sum(stopped - resumed))
    if not moved:
        return 0.0, 1.0
    variance = moved - net**2 / n
    # So few cohorts cannot show how far cohorts scatter: a change, but no test.
    if cohorts < FEW_COHORTS:
        return Z * np.sqrt(variance) / n, float("nan")
    both = stopped + resumed
    stray = stopped - resumed - both * net / moved
    chi2 = float(np.sum(stray[both > 0] ** 2 / both[both > 0]))
    # Never below one: agreement by luck must not narrow an interval.
    dispersion = max(chi2 / (cohorts - 1), 1.0)
    z = net / np.sqrt(moved * dispersion)
    law, quantile = (norm, Z) if dispersion == 1 else (t(cohorts - 1), t(cohorts - 1).ppf(0.975))
    return float(quantile * np.sqrt(variance * dispersion) / n), float(2 * law.sf(abs(z)))
