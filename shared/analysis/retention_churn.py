"""Retention and churn per calendar period: who was a customer at the start, and who was lost?"""

from dataclasses import replace
from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import t

from shared.analysis.cohort_activity import follow_cohorts
from shared.analysis.cohort_engagement import period_rates
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.periods import EPOCH, day_number, last_complete
from shared.analysis.purchases import purchases
from shared.loading.errors import NotSupportedByData

ANALYSIS = "Retention and churn by period"


def retention_churn(
    order_lines: ibis.Table, *, snapshot_date: date, window_days: int, period: str = "M"
) -> pd.DataFrame:
    """Count per period who was a customer at its start, was won, came back and was lost.

    A customer is lost on the day on which the silence after an order reaches the churn window;
    an order after that brings the customer back. So start + won + returned - lost = end in every
    period, and retention rate = (end - won - returned) / start = 1 - churn rate, with churn rate
    = lost of the start / start.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id` and `order_date`.
    snapshot_date : datetime.date
        The first day that is not in the data.
    window_days : int
        Days without an order after which a customer counts as lost.
    period : str
        "M", "Q" or "W".

    Returns
    -------
    pd.DataFrame
        One row per complete period: `period`, `start`, `won`, `returned`, `lost`, `lost_of_start`
        (lost who were customers at the start), `lost_came_in` (the period in which most of these
        had come or come back; blank without any), `lost_that_came` (how many then), `end`,
        `retention_rate`, `churn_rate`, `low`, `high` (of the churn rate, 95 %), `bought_before`,
        `bought_again`, `repurchase_rate`. Rates are blank until everybody could have been lost: a
        window and a period after the first order.

    Raises
    ------
    NotSupportedByData
        If no whole period lies a window after the first order.
    """
    last = last_complete(snapshot_date, period)
    closed = (last + 1).start_time.date()
    days = _order_days(order_lines, before=closed)
    moves = _moves(days, window_days=window_days, before=closed)
    if moves.empty or moves["day"].min() + window_days >= day_since_1970(last.start_time.date()):
        raise NotSupportedByData(
            f"the complete periods end within {window_days} days of the first order: nobody could "
            "be lost in a whole one yet",
            "a longer history, or a shorter churn window (churn_after_days)",
        )
    first = pd.Timestamp(EPOCH) + pd.Timedelta(days=int(moves["day"].min()))
    periods = pd.period_range(first.to_period(last.freqstr), last, freq=last.freqstr)
    table = _count(moves, periods)
    settled = first + pd.Timedelta(days=window_days)
    known = (table["period"].map(_starts) >= settled) & (table["start"] > 0)
    table = _with_rates(table, known=known)
    bought = period_rates(
        follow_cohorts(order_lines, period=period, last_period=str(last))
    ).set_index("period")
    again = bought.reindex(table["period"])
    return table.assign(
        bought_before=again["active_before"].to_numpy(),
        bought_again=again["kept"].to_numpy(),
        repurchase_rate=again["retention_rate"].to_numpy(),
    )


def pooled_churn(table: pd.DataFrame, *, most: int = 12) -> Estimate:
    """Pool the churn rate of the last periods that have one: share of starts lost in a period.

    The interval is that of a ratio of sums over periods (Cochran, 1977), never narrower than
    Wilson's: periods differ by more than chance among customers, through seasons and campaigns.
    """
    told = table[table["churn_rate"].notna()].tail(most)
    start, lost = told["start"].to_numpy(float), told["lost_of_start"].to_numpy(float)
    pooled, n = wilson(int(lost.sum()), int(start.sum())), len(told)
    if n < 2:
        return pooled
    missed = float(((lost - pooled.value * start) ** 2).sum())
    error = np.sqrt(missed * n / (n - 1)) / start.sum()
    half = float(t.ppf(0.975, n - 1) * error)
    return replace(
        pooled,
        low=min(pooled.low, max(pooled.value - half, 0.0)),
        high=max(pooled.high, min(pooled.value + half, 1.0)),
    )


def _order_days(order_lines: ibis.Table, *, before: date) -> ibis.Table:
    """List each customer's order days as numbers, with the one before and the one after."""
    days = (
        purchases(order_lines, before=before, analysis=ANALYSIS)
        .select("customer_id", day=day_number(_.order_date, since=EPOCH))
        .distinct()
    )
    by_time = ibis.window(group_by="customer_id", order_by="day")
    return days.mutate(earlier=_.day.lag().over(by_time), later=_.day.lead().over(by_time))


def _moves(days: ibis.Table, *, window_days: int, before: date) -> pd.DataFrame:
    """Count by day who was won, returned and lost; `since` is when the lost became customers.

    Whoever is lost in the very period of being won or coming back was no customer at its start:
    the day on which the run of orders began is kept to tell them apart.
    """
    end = day_since_1970(before)
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="day")
    begins = _.earlier.isnull() | (_.day - _.earlier > window_days)
    runs = days.mutate(began=ibis.ifelse(begins, _.day, ibis.null("int64")))
    runs = runs.mutate(since=_.began.max().over(so_far))
    came = (
        runs.filter(_.began.notnull())
        .group_by("day", is_return=_.earlier.notnull())
        .aggregate(customers=_.count())
        .to_pandas()
    )
    ends = _.later.isnull() | (_.later - _.day > window_days)
    gone = (
        runs.filter(ends)
        .mutate(lost_on=_.day + window_days)
        .filter(_.lost_on < end)
        .group_by("lost_on", "since")
        .aggregate(customers=_.count())
        .to_pandas()
    )
    kinds = np.where(came["is_return"].astype(bool), "returned", "won")
    arrived = came.assign(kind=kinds, since=came["day"])
    left = gone.rename(columns={"lost_on": "day"}).assign(kind="lost")
    return pd.concat([arrived, left])[["day", "since", "kind", "customers"]].astype(
        {"day": "int64", "since": "int64", "customers": "int64"}
    )


def _count(moves: pd.DataFrame, periods: pd.PeriodIndex) -> pd.DataFrame:
    """Sum the moves by period; the start of one is the end of the one before."""
    starts = np.array([day_since_1970(period.start_time.date()) for period in periods])
    place = np.searchsorted(starts, moves["day"].to_numpy(), side="right") - 1
    counted = moves.assign(place=place).groupby(["place", "kind"])["customers"].sum()
    wide = counted.unstack(fill_value=0).reindex(index=range(len(periods)), fill_value=0)
    wide = wide.reindex(columns=["won", "returned", "lost"], fill_value=0)
    before = moves["since"].to_numpy() < starts[place]
    gone = moves.assign(place=place)[before & (moves["kind"] == "lost").to_numpy()]
    lost_of_start = gone.groupby("place")["customers"].sum().reindex(wide.index, fill_value=0)
    came = np.searchsorted(starts, gone["since"].to_numpy(), side="right") - 1
    by_origin = gone.assign(came=came).groupby(["place", "came"])["customers"].sum().reset_index()
    by_origin = by_origin.sort_values(["place", "customers", "came"], ascending=[True, False, True])
    most = by_origin.drop_duplicates("place").set_index("place").reindex(wide.index)
    origin = [None if pd.isna(place) else periods[int(place)] for place in most["came"]]
    end = (wide["won"] + wide["returned"] - wide["lost"]).cumsum()
    return pd.DataFrame(
        {"period": list(periods), "start": end.shift(fill_value=0), **wide,
         "lost_of_start": lost_of_start, "lost_came_in": pd.Series(origin, dtype=object),
         "lost_that_came": most["customers"].fillna(0).astype("int64"), "end": end}
    )  # fmt: skip


def _with_rates(table: pd.DataFrame, *, known: pd.Series) -> pd.DataFrame:
    rates = [
        wilson(row["lost_of_start"], row["start"] if told else 0)
        for row, told in zip(table.to_dict("records"), known, strict=True)
    ]
    return table.assign(
        retention_rate=[1 - rate.value for rate in rates],
        churn_rate=[rate.value for rate in rates],
        low=[rate.low for rate in rates],
        high=[rate.high for rate in rates],
    )


def _starts(period: pd.Period) -> pd.Timestamp:
    return period.start_time


def day_since_1970(day: date) -> int:
    """Count the days since 1 January 1970, as the engine does."""
    return (day - EPOCH).days
