"""Win-back: on which day is each customer due a "we missed you" message?"""

from collections.abc import Sequence
from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.lifecycle import gap_quantile
from shared.analysis.purchases import purchases
from shared.loading.errors import NotSupportedByData

# 80 % of a customer's gaps are no longer than the due gap: later than that is unusual for them.
QUANTILE_PERCENT = 80
OWN_GAPS = 4
SEGMENT_GAPS = 30
NO_RHYTHM = "nobody ordered on two days, so that no rhythm is known"
NEEDS_RHYTHM = "customers who ordered on at least two days"


def order_gaps(order_lines: ibis.Table, *, snapshot_date: date) -> ibis.Table:
    """List the days between successive order dates of each customer, in the engine.

    Returns
    -------
    ibis.Table
        `customer_id` and `gap_days`, one row per closed gap; orders of one day are one date, and
        the gap that is still open is not there.
    """
    lines = purchases(order_lines, before=snapshot_date, analysis="Due dates")
    days = lines.select("customer_id", day=_.order_date.date()).distinct()
    previous = days.day.lag().over(group_by=days.customer_id, order_by=days.day)
    return (
        days.mutate(previous=previous)
        .filter(_.previous.notnull())
        .select("customer_id", gap_days=_.day.delta(_.previous, unit="day"))
    )


def due_dates(
    order_lines: ibis.Table, customers: pd.DataFrame, *, snapshot_date: date
) -> pd.DataFrame:
    """Date the day after which a customer's silence is unusual for that customer.

    The date is the last order plus the customer's own 80 % gap. Below 4 gaps that is shrunk to
    the 80 % gap of the segment, by a quarter for each gap that is missing; a segment with under 30
    gaps borrows that of the whole base.

    Parameters
    ----------
    order_lines : ibis.Table
        As for `order_gaps`.
    customers : pd.DataFrame
        `customer_id`, `segment`, `last_order_date` and `monetary`.
    snapshot_date : datetime.date
        As of when.

    Returns
    -------
    pd.DataFrame
        One row per customer, longest overdue first: `customer_id`, `segment`, `monetary`,
        `last_order_date`, `gaps`, `own_gap_days` (blank without a gap), `segment_gap_days`,
        `due_gap_days`, `due_date` and `overdue_days` (negative: still to come). Dates are
        blank when nobody ever ordered twice.
    """
    gaps = order_gaps(order_lines, snapshot_date=snapshot_date)
    own = _own_gap(gaps).to_pandas()
    due = customers[["customer_id", "segment", "monetary", "last_order_date"]].merge(
        own, on="customer_id", how="left", validate="one_to_one"
    )
    due["gaps"] = due["gaps"].fillna(0).astype("int64")
    due["segment_gap_days"] = due["segment"].astype(str).map(_segment_gap(gaps, customers))
    # Few gaps of one's own say little: the segment fills in for those that are missing.
    weight = due["gaps"].clip(upper=OWN_GAPS) / OWN_GAPS
    mixed = weight * due["own_gap_days"].fillna(0) + (1 - weight) * due["segment_gap_days"]
    # Rounded first: 0.1 + 0.2 in floats would move a date by a day.
    due["due_gap_days"] = np.ceil(mixed.round(9))
    last = pd.to_datetime(due["last_order_date"])
    due["due_date"] = last + pd.to_timedelta(due["due_gap_days"], unit="D")
    due["overdue_days"] = (pd.Timestamp(snapshot_date) - due["due_date"]).dt.days
    return due.sort_values(
        ["overdue_days", "monetary", "customer_id"], ascending=[False, False, True]
    ).reset_index(drop=True)


def overdue_share(due: pd.DataFrame, *, without: Sequence[str] = ()) -> Estimate:
    """Estimate the share of customers past their due date, some segments left out.

    Only customers whose date is known count.
    """
    known = due.loc[~due["segment"].isin(without), "overdue_days"].dropna()
    return wilson(int((known > 0).sum()), len(known), of="customers")


def due_by_segment(due: pd.DataFrame, *, within_days: int) -> pd.DataFrame:
    """Count the customers of each segment who are overdue, due soon and due later.

    Returns
    -------
    pd.DataFrame
        One row per segment, in the order of the map: `segment`, `customers`, `overdue`,
        `due_soon` (from the snapshot date on, within the days), `due_later`,
        `median_gap_days` and `overdue_revenue` (what the overdue ones have spent so far).
    """
    days = due["overdue_days"]
    state = due.assign(
        overdue=days > 0,
        due_soon=(days <= 0) & (days > -within_days),
        due_later=days <= -within_days,
        overdue_revenue=due["monetary"].where(days > 0, 0.0),
    )
    return (
        state.groupby("segment", observed=False)
        .agg(
            customers=("customer_id", "size"),
            overdue=("overdue", "sum"),
            due_soon=("due_soon", "sum"),
            due_later=("due_later", "sum"),
            median_gap_days=("due_gap_days", "median"),
            overdue_revenue=("overdue_revenue", "sum"),
        )
        .reset_index()
    )


def due_calendar(due: pd.DataFrame, *, snapshot_date: date, within_days: int) -> pd.DataFrame:
    """Count the messages that fall due on each of the next days; a day without one is 0.

    Returns
    -------
    pd.DataFrame
        `due_date` from the snapshot date on, one row per day, and `customers`.

    Raises
    ------
    NotSupportedByData
        If no date is known, because nobody ordered on two days.
    """
    if due["due_date"].isna().all():
        raise NotSupportedByData(NO_RHYTHM, NEEDS_RHYTHM)
    days = pd.date_range(snapshot_date, periods=within_days, freq="D", name="due_date")
    return (
        due["due_date"].value_counts().reindex(days, fill_value=0).rename("customers").reset_index()
    )


def _own_gap(gaps: ibis.Table) -> ibis.Table:
    """Take each customer's 80 % gap as an observed value, and count the gaps."""
    place = ibis.row_number().over(group_by=gaps.customer_id, order_by=gaps.gap_days)
    counted = gaps.mutate(
        place=place + 1, gaps=gaps.count().over(ibis.window(group_by=gaps.customer_id))
    )
    # Whole numbers: the smallest gap that at least 80 % of the gaps do not exceed.
    reaches = 100 * counted.place >= QUANTILE_PERCENT * counted.gaps
    return counted.group_by("customer_id").aggregate(
        gaps=_.gaps.max(), own_gap_days=_.gap_days.min(where=reaches)
    )


def _segment_gap(gaps: ibis.Table, customers: pd.DataFrame) -> dict[str, float]:
    """Take the 80 % gap of each segment, and of the base for a segment with too few gaps."""
    segments = customers[["customer_id"]].assign(segment=customers["segment"].astype(str))
    lengths = (
        gaps.inner_join(ibis.memtable(segments), "customer_id")
        .group_by("segment", "gap_days")
        .aggregate(gaps=_.count())
        .to_pandas()
    )
    # Counted by length in the engine: one row per number of days, never one per gap.
    base = _weighted_quantile(lengths)
    counts = lengths.groupby("segment")["gaps"].sum()
    own = {
        segment: _weighted_quantile(part)
        for segment, part in lengths.groupby("segment")
        if counts[segment] >= SEGMENT_GAPS
    }
    return {segment: own.get(segment, base) for segment in segments["segment"].unique()}


def _weighted_quantile(lengths: pd.DataFrame) -> float:
    by_length = lengths.groupby("gap_days")["gaps"].sum().reset_index()
    if by_length.empty:
        return float("nan")
    return float(gap_quantile(by_length, percent=QUANTILE_PERCENT))
