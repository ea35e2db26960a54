"""Tracking: do the repeat orders expected week by week follow those that were placed?"""

from datetime import date, datetime, time, timedelta

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.periods import day_number
from shared.analysis.purchase_model import PurchaseModel, expected_purchases_of_new
from shared.analysis.purchases import purchases


def track_orders(
    order_lines: ibis.Table,
    known: pd.DataFrame,
    model: PurchaseModel,
    *,
    snapshot_date: date,
    unit_days: float,
) -> pd.DataFrame:
    """Add up repeat orders week by week: those placed, and those that the model expects.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order.
    known : pd.DataFrame
        The customers followed, with `first_order_date`; nobody who joined after the last of them
        is counted.
    model : PurchaseModel
        Its expectation starts afresh with each customer's first order, whatever came after it.
    snapshot_date : date
        First day that is not in the data.
    unit_days : float
        Days in one unit of time of the model.

    Returns
    -------
    pd.DataFrame
        `week` (weeks since the first day), `week_ends`, `actual` and `expected`: running totals.
    """
    firsts = pd.to_datetime(known["first_order_date"])
    start = firsts.min().date()
    day = (firsts - pd.Timestamp(start)).dt.days.to_numpy()
    last = (snapshot_date - start).days - 1
    ends = np.unique([*range(6, last + 1, 7), last])
    starts, customers = np.unique(day, return_counts=True)
    placed = _repeat_days(order_lines, start, snapshot_date, joined_by=int(day.max()))
    actual = np.array([placed.loc[:end].sum() for end in ends], dtype=float)
    ages = np.arange(last + 1) / unit_days
    by_age = expected_purchases_of_new(model, ages)
    lived = ends[:, None] - starts
    expected = np.where(lived > 0, by_age[np.maximum(lived, 0)], 0.0) @ customers
    week_ends = [start + timedelta(days=int(end)) for end in ends]
    return pd.DataFrame(
        {"week": (ends + 1) / 7, "week_ends": week_ends, "actual": actual, "expected": expected}
    )


def _repeat_days(
    order_lines: ibis.Table, start: date, snapshot_date: date, *, joined_by: int
) -> pd.Series:
    """Count repeat purchases by day since `start`, of customers who joined by a given day."""
    lines = purchases(order_lines, before=snapshot_date, analysis="Backtest")
    lines = lines.filter(
        lines.customer_id.notnull() & (lines.order_date >= datetime.combine(start, time()))
    )
    days = lines.select("customer_id", day=day_number(lines.order_date, since=start)).distinct()
    first = days.day.min().over(ibis.window(group_by="customer_id"))
    counted = (
        days.mutate(first=first)
        .filter((_.day > _.first) & (_.first <= joined_by))
        .group_by("day")
        .aggregate(orders=_.count())
        .order_by("day")
        .to_pandas()
    )
    return counted.set_index("day")["orders"]
