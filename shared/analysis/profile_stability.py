"""Stability of the profile: does a customer spend the same period after period?"""

from datetime import date

import ibis
import pandas as pd
from ibis import _

from shared.analysis.periods import period_number
from shared.analysis.profile_sources import exact

LEAST_PERIODS = 3
LEAST_SLOPE_PERIODS = 6
LEAST_MONTHS = 24
SQUARES = "decimal(38, 12)"


def period_metrics(orders: ibis.Table, *, last_period: pd.Period) -> ibis.Table:
    """Measure metrics 9, 10, 33, 34 and 36, in the engine.

    Parameters
    ----------
    orders : ibis.Table
        As in `Sources`.
    last_period : pd.Period
        The last complete period; its length is the length of all.

    Returns
    -------
    ibis.Table
        One row per `customer`: the metrics and `periods` (complete ones since the first order).
    """
    sums = _period_sums(orders, last_period)
    n, total = _.periods, _.total
    spread = ((_.squares - total * total / n.nullif(0)) / n.nullif(0)).clip(lower=0.0).sqrt()
    # Equal periods vary by 0, not by the rounding of their squares.
    alike = (_.low == _.high) & (_.active == n)
    cv = ibis.ifelse(alike, 0.0, spread / (total / n.nullif(0)).nullif(0)).round(12)
    # Periods are counted backwards from the last one: the mean of 0, -1, … is (1 - n) / 2.
    slope = (_.moment - total * (1 - n) / 2) * 12 / (n * (n * n - 1)).nullif(0)
    relative = ibis.ifelse(alike, 0.0, slope / (total / n.nullif(0)).nullif(0))
    return sums.select(
        "customer", "periods", "active_periods", "longest_active_streak",
        spend_cv=ibis.ifelse((n >= LEAST_PERIODS) & (total > 0), cv, None),
        active_period_share=_.active / n.nullif(0),
        spend_slope=ibis.ifelse((n >= LEAST_SLOPE_PERIODS) & (total > 0), relative, None),
    )  # fmt: skip


def seasonality(orders: ibis.Table, *, snapshot_date: date) -> ibis.Table:
    """Measure metric 35, in the engine.

    Returns
    -------
    ibis.Table
        One row per `customer`: `seasonality_index` (1 if all quarters are alike, 4 if all is
        bought in one) and `months` (complete ones since the month of the first order).
    """
    quarters = [
        _.gross.sum(where=_.day.quarter() == quarter)
        .fill_null(0)
        .cast("float64")
        .name(f"q{quarter}")
        for quarter in range(1, 5)
    ]
    sums = orders.group_by("customer").aggregate(
        *quarters, gross=_.gross.sum().cast("float64"), first=_.day.min()
    )
    today = 12 * snapshot_date.year + snapshot_date.month
    sums = sums.mutate(months=today - 12 * _.first.year().cast("int64") - _.first.month())
    strongest = ibis.greatest(_.q1, _.q2, _.q3, _.q4) / _.gross.nullif(0) / 0.25
    known = (_.months >= LEAST_MONTHS) & (_.gross > 0)
    return sums.select("customer", "months", seasonality_index=ibis.ifelse(known, strongest, None))


def _period_sums(orders: ibis.Table, last_period: pd.Period) -> ibis.Table:
    """Sum up the periods of each customer; sums are over the complete ones alone."""
    last = last_period.ordinal
    periods = orders.group_by(
        "customer", number=period_number(orders.ordered_at, last_period.freqstr[0])
    ).aggregate(gross=_.gross.sum())
    by_time = ibis.window(group_by="customer", order_by="number")
    spend, complete = _.gross.cast("float64"), _.number <= last
    # Within an unbroken run the number of the period and its rank rise together.
    runs = (
        periods.mutate(run=_.number - ibis.row_number().over(by_time))
        .group_by("customer", "run")
        .aggregate(
            first=_.number.min(),
            length=_.count(),
            active=_.count(where=complete),
            total=_.gross.sum(where=complete),
            squares=(spend * spend).cast(SQUARES).sum(where=complete),
            moment=exact((_.number - last) * spend).sum(where=complete),
            low=_.gross.min(where=complete),
            high=_.gross.max(where=complete),
        )
    )
    return runs.group_by("customer").aggregate(
        active_periods=_.length.sum(),
        longest_active_streak=_.length.max(),
        periods=(last + 1 - _.first.min()).clip(lower=0),
        active=_.active.sum(),
        total=_.total.sum().cast("float64"),
        squares=_.squares.sum().cast("float64"),
        moment=_.moment.sum().cast("float64"),
        low=_.low.min(),
        high=_.high.max(),
    )
