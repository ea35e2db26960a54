"""Recency and frequency of the profile: how long silent, how often, and in what rhythm?"""

from datetime import date

import ibis
import pandas as pd
from ibis import _

from shared.analysis.lifecycle import LONGEST_DAYS, gap_quantile

ASLEEP_PERCENT = 75
OWN_GAPS = 3


def order_gap_days(orders: ibis.Table) -> ibis.Value:
    """Give the days since the order date before; null for the first date and within one date."""
    return orders.day.delta(orders.previous_day, unit="day").nullif(0)


def falling_asleep_days(orders: ibis.Table, *, period: str) -> int:
    """Find g1: the silence that three quarters of the closed gaps do not exceed.

    It is at least as long as the longest period, so that nobody falls asleep within one.
    """
    gaps = orders.select(gap_days=order_gap_days(orders)).filter(_.gap_days.notnull())
    counts = gaps.group_by("gap_days").aggregate(gaps=_.count()).to_pandas().sort_values("gap_days")
    known = gap_quantile(counts, percent=ASLEEP_PERCENT) if len(counts) else 0
    return max(known, LONGEST_DAYS[period])


def rhythm_metrics(orders: ibis.Table, *, snapshot_date: date, g1_days: int) -> ibis.Table:
    """Measure metrics 1, 2, 4 to 8 and 11 to 13, in the engine.

    Parameters
    ----------
    orders : ibis.Table
        As in `Sources`.
    snapshot_date : datetime.date
        As of when.
    g1_days : int
        Days of silence after which a customer falls asleep.

    Returns
    -------
    ibis.Table
        One row per `customer`: the metrics, `gaps` (closed ones), `first_order_date` and
        `last_order_date`.
    """
    today = ibis.literal(snapshot_date)
    spans = (
        orders.mutate(gap_days=order_gap_days(orders))
        .group_by("customer")
        .aggregate(
            first_order_date=_.day.min(),
            last_order_date=_.day.max(),
            frequency=_.count(),
            gaps=_.gap_days.count(),
            squares=(_.gap_days * _.gap_days).sum(),
            longest=_.gap_days.max(),
            median_gap_days=_.gap_days.median().cast("float64"),
            slept=(_.gap_days - g1_days).clip(lower=0).sum().fill_null(0),
        )
        .mutate(
            recency_days=-_.last_order_date.delta(today, unit="day"),
            days_since_first_order=-_.first_order_date.delta(today, unit="day"),
            interaction_span_days=_.last_order_date.delta(_.first_order_date, unit="day"),
        )
    )
    sleep = (_.recency_days - g1_days).clip(lower=0)
    # Whole numbers until the root: equal gaps vary by exactly 0, on every engine.
    spread = _.gaps * _.squares - _.interaction_span_days * _.interaction_span_days
    return spans.select(
        "customer", "first_order_date", "last_order_date", "frequency", "gaps", "recency_days",
        "days_since_first_order", "interaction_span_days", "median_gap_days",
        sleep_days=sleep,
        asleep_share=ibis.ifelse(
            _.days_since_first_order >= g1_days, (_.slept + sleep) / _.days_since_first_order, None
        ),
        order_days=_.gaps + 1,
        longest_gap_days=ibis.greatest(_.longest.fill_null(0), _.recency_days),
        gap_cv=ibis.ifelse(
            _.gaps >= OWN_GAPS,
            spread.cast("float64").sqrt() / _.interaction_span_days.nullif(0),
            None,
        ),
    )  # fmt: skip


def segment_gaps(orders: ibis.Table, segments: pd.DataFrame) -> pd.Series:
    """Find the median closed gap of each segment, all gaps of its members taken together.

    Parameters
    ----------
    orders : ibis.Table
        As in `Sources`.
    segments : pd.DataFrame
        `customer` and `segment`.

    Returns
    -------
    pd.Series
        Days by segment; a segment without a gap is not there.
    """
    gaps = orders.select("customer", gap_days=order_gap_days(orders))
    counts = (
        gaps.filter(_.gap_days.notnull())
        .inner_join(ibis.memtable(segments), "customer")
        .group_by("segment", "gap_days")
        .aggregate(gaps=_.count())
        .to_pandas()
        .sort_values("gap_days")
    )
    medians = {
        str(segment): _median_of_counts(part["gap_days"], part["gaps"])
        for segment, part in counts.groupby("segment")
    }
    return pd.Series(medians, dtype="float64")


def _median_of_counts(values: pd.Series, counts: pd.Series) -> float:
    reached, half = counts.cumsum(), counts.sum() / 2
    return float((values[reached >= half].iloc[0] + values[reached > half].iloc[0]) / 2)
