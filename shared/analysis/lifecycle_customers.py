"""Customers in their lifecycle: in which stage is each today, since when, and how often back?"""

from datetime import date, datetime, time

import ibis
import pandas as pd
from ibis import _

from shared.analysis.lifecycle import ANALYSIS, Thresholds, customer_stages
from shared.analysis.periods import last_complete
from shared.analysis.purchases import purchases


def customer_lifecycle(
    order_lines: ibis.Table, *, thresholds: Thresholds, snapshot_date: date
) -> ibis.Table:
    """Tell each customer's stage at the last period end and how it came about, in the engine.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id` and `order_date`.
    thresholds : Thresholds
        As from `stage_thresholds`.
    snapshot_date : datetime.date
        The first day that is not in the data; the last period complete by then counts.

    Returns
    -------
    ibis.Table
        One row per customer with an order before `snapshot_date`: `customer_id`,
        `lifecycle_stage`, `previous_stage` (null where not yet a customer one period earlier),
        `periods_in_stage` (successive periods in the stage, this one included) and `recoveries`
        (times `recovered` was entered). Whoever first ordered in the period still running is
        `new`, as its end will find them, with 0 periods.
    """
    last = last_complete(snapshot_date, thresholds.period)
    stages = customer_stages(order_lines, thresholds=thresholds, last_period=last)
    latest = _.period == last.ordinal
    # A change of stage shows in one row, so that no window over customers times periods is needed.
    entered = (_.stage != _.previous_stage) | _.previous_stage.isnull()
    # Only changes and the last look matter: a quarter of the rows, and every recovery is a change.
    known = (
        stages.filter(entered | latest)
        .group_by("customer_id")
        .aggregate(
            lifecycle_stage=_.stage.max(where=latest),
            previous_stage=_.previous_stage.max(where=latest),
            periods_in_stage=last.ordinal + 1 - _.period.max(where=entered),
            recoveries=_.count(where=_.stage == "recovered"),
        )
    )
    running = datetime.combine((last + 1).start_time.date(), time())
    newcomers = (
        purchases(order_lines, before=snapshot_date, analysis=ANALYSIS)
        .group_by("customer_id")
        .aggregate(first_order=_.order_date.min())
        .filter(_.first_order >= running)
        .select(
            "customer_id",
            lifecycle_stage=ibis.literal("new"),
            previous_stage=ibis.null("string"),
            periods_in_stage=ibis.literal(0, "int64"),
            recoveries=ibis.literal(0, "int64"),
        )
    )
    return known.union(newcomers)


def latest_stages(
    order_lines: ibis.Table, *, thresholds: Thresholds, snapshot_date: date
) -> pd.DataFrame:
    """Fetch `customer_lifecycle`, one row per customer, ordered by `customer_id`."""
    table = customer_lifecycle(order_lines, thresholds=thresholds, snapshot_date=snapshot_date)
    return table.to_pandas().sort_values("customer_id", ignore_index=True)
