"""Engagement of cohorts: how much do those who come back order and visit, and whom do we keep?"""

from datetime import date, datetime, time

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import norm

from shared.analysis.cohort_activity import Cohorts, labels, observed
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.periods import calendar_of, period_number, window_days
from shared.loading.errors import NotSupportedByData

Z = float(norm.ppf(0.975))


def period_rates(cohorts: Cohorts) -> pd.DataFrame:
    """Retention and churn per calendar period, of the customers active one period before.

    Returns
    -------
    pd.DataFrame
        `period`, `active_before`, `kept`, `retention_rate`, `churn_rate`, `low`, `high` (of the
        churn rate) and `new_customers`. Churn here is silence for one period, not a farewell.
    """
    seen = cohorts.activity[cohorts.activity["windows"] > cohorts.activity["period_index"]]
    seen = seen.assign(number=seen["first_period"] + seen["period_index"])
    active = seen.groupby("number")["customers"].sum()
    kept = seen.groupby("number")["again"].sum()
    fresh = seen[seen["period_index"] == 0].groupby("number")["customers"].sum()
    rows = []
    for number in range(cohorts.first.ordinal + 1, cohorts.last.ordinal + 1):
        before, stayed = int(active.get(number - 1, 0)), int(kept.get(number, 0))
        lost = wilson(before - stayed, before)
        period = pd.Period(ordinal=number, freq=cohorts.last.freqstr)
        rows.append((period, before, stayed, 1 - lost.value, lost.value, lost.low, lost.high))
    names = ["active_before", "kept", "retention_rate", "churn_rate", "low", "high"]
    rates = pd.DataFrame(rows, columns=["period", *names])
    ordinals = [period.ordinal for period in rates["period"]]
    return rates.assign(new_customers=fresh.reindex(ordinals).fillna(0).to_numpy())


def engagement_cells(cohorts: Cohorts) -> pd.DataFrame:
    """Orders per active customer in every complete cell, with a 95 % interval of the mean.

    Returns
    -------
    pd.DataFrame
        `cohort`, `period_index`, `active_customers`, `orders`, `squares` (of orders per
        customer, summed), `orders_per_active`, `low`, `high`.
    """
    parts = {
        "active_customers": observed(cohorts, "customers"),
        "orders": observed(cohorts, "orders"),
        "squares": observed(cohorts, "orders_squared"),
    }
    cells = pd.DataFrame({name: frame.stack(future_stack=True) for name, frame in parts.items()})
    cells = cells[cells["active_customers"] > 0].reset_index()
    n, mean = cells["active_customers"], cells["orders"] / cells["active_customers"]
    spread = (cells["squares"] / n - mean**2).clip(lower=0) / (n - 1).where(n > 1)
    half = Z * spread**0.5
    return cells.assign(orders_per_active=mean, low=mean - half, high=mean + half)


def visit_cells(web_sessions: ibis.Table | None, cohorts: Cohorts) -> pd.DataFrame:
    """Visits per joined customer in every cell whose calendar period was tracked from its start.

    Parameters
    ----------
    web_sessions : ibis.Table or None
        One row per visit, with `customer_id` and `started_at`.
    cohorts : Cohorts
        From `follow_cohorts`, by calendar periods.

    Returns
    -------
    pd.DataFrame
        `cohort`, `period_index`, `at_risk`, `visits`, `visits_per_customer`. A period before the
        tracking began is missing, never 0.

    Raises
    ------
    NotSupportedByData
        Without web visits, or for day windows, which lie across the start of the tracking.
    """
    if web_sessions is None or window_days(cohorts.period):
        raise NotSupportedByData(
            "visits by age of the customer need the web log and calendar periods",
            "the visits to the site, and periods of the calendar",
        )
    freq = calendar_of(cohorts.period)
    visits = web_sessions.filter(_.started_at < datetime.combine(cohorts.before, time())).select(
        "customer_id", number=period_number(web_sessions.started_at, freq)
    )
    counted = (
        visits.join(cohorts.who, "customer_id")
        .mutate(period_index=_.number - _.first_period)
        .filter(_.period_index >= 0)
        .group_by("cohort", "first_period", "windows", "period_index")
        .aggregate(visits=_.count())
        .to_pandas()
    )
    since = _tracked_since(web_sessions, freq)
    return _tracked(cohorts, counted, since=since)


def orders_per_active(cells: pd.DataFrame, period_index: int) -> Estimate:
    """Pool orders per active customer at one age: mean, 95 % interval and n."""
    row = cells[cells["period_index"] == period_index]
    n = int(row["active_customers"].sum())
    if n < 2:
        return Estimate(np.nan, np.nan, np.nan, n, "number")
    mean = float(row["orders"].sum() / n)
    half = Z * float(np.sqrt(max(row["squares"].sum() / n - mean**2, 0) / (n - 1)))
    return Estimate(mean, mean - half, mean + half, n, "number")


def _tracked_since(web_sessions: ibis.Table, freq: str) -> int:
    first: date = web_sessions.started_at.min().date().to_pyarrow().as_py()
    period = pd.Period(first, freq=freq)
    return period.ordinal + (period.start_time.date() < first)


def _tracked(cohorts: Cohorts, counted: pd.DataFrame, *, since: int) -> pd.DataFrame:
    keys = ["cohort", "first_period", "windows", "period_index"]
    members = cohorts.members[cohorts.members["windows"] > 0]
    grid = members.loc[members.index.repeat(members["windows"])].copy()
    grid["period_index"] = grid.groupby(["cohort", "first_period", "windows"]).cumcount()
    grid = grid[grid["first_period"] + grid["period_index"] >= since]
    filled = grid.merge(counted, on=keys, how="left").fillna({"visits": 0})
    cells = filled.groupby(["cohort", "period_index"], as_index=False)[["customers", "visits"]]
    summed = cells.sum().rename(columns={"customers": "at_risk"})
    names = labels(cohorts)
    ordered = summed.set_index("cohort").loc[[k for k in names if k in set(summed["cohort"])]]
    ordered = ordered.reset_index().astype({"visits": "int64"})
    return ordered.assign(
        cohort=ordered["cohort"].map(names),
        visits_per_customer=ordered["visits"] / ordered["at_risk"],
    )
