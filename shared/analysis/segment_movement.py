"""Segment movement: of those who were in a segment some periods ago, where are they now?"""

from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.portfolio import LEAST_BUYERS, Portfolio, portfolio
from shared.loading.errors import NotSupportedByData

SLIPPED = ("About To Sleep", "At Risk", "Cannot Lose", "Hibernating", "Lost")


@dataclass(frozen=True)
class Movement:
    """What became of the members of a segment.

    Attributes
    ----------
    as_of : datetime.date
        When the members were counted: they were placed from orders before that day alone.
    members : int
        Customers in the segment then.
    stayed, slipped : Estimate
        Share of them in the same segment now, and share now in a segment that is silent.
    """

    as_of: date
    members: int
    stayed: Estimate
    slipped: Estimate


def period_end_before(snapshot_date: date, *, period: str, periods: int) -> date:
    """Go back to the end of a period, given as the first day after it."""
    return (pd.Period(snapshot_date, freq=period) - periods).start_time.date()


def movement_since(
    order_lines: ibis.Table, now: Portfolio, *, segment: str, period: str, periods: int
) -> Movement:
    """Compare a segment's members some periods ago with where the same customers are now.

    Both placements use only orders before their own date and cut points of their own base.

    Raises
    ------
    NotSupportedByData
        If that date lies before the data, fewer than 50 customers had ordered by then, or none of
        them was in the segment.
    """
    as_of = period_end_before(now.snapshot_date, period=period, periods=periods)
    needs = f"at least {LEAST_BUYERS} customers by then, or a smaller history_periods"
    if as_of <= now.customers["first_order_date"].min().date():
        raise NotSupportedByData(f"the data begin after {as_of}", needs)
    before = portfolio(order_lines, snapshot_date=as_of, scores=now.cuts.scores).customers
    if len(before) < LEAST_BUYERS:
        raise NotSupportedByData(f"{len(before)} customers had ordered by {as_of}", needs)
    members = before.loc[before["segment"] == segment, "customer_id"]
    if members.empty:
        raise NotSupportedByData(f"nobody was in {segment} by {as_of}", needs)
    current = now.customers.set_index("customer_id")["segment"].reindex(members)
    return Movement(
        as_of,
        len(members),
        stayed=wilson(int((current == segment).sum()), len(members)),
        slipped=wilson(int(current.isin(SLIPPED).sum()), len(members)),
    )
