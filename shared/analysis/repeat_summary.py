"""Repeat summary: how often did each customer come back, until when, and for how much?"""

from datetime import date, datetime, time, timedelta

import ibis
import pandas as pd
from ibis import _

from shared.analysis.customer_summary import money
from shared.loading.schema import require_columns

HISTORY = ["frequency", "recency", "T"]
COLUMNS = ["customer_id", "order_date"]


def repeat_summary(
    order_lines: ibis.Table,
    *,
    snapshot_date: date,
    unit_days: float = 7.0,
    until: date | None = None,
) -> ibis.Table:
    """Sum up each customer's repeat purchases, in the engine.

    A purchase is a day with at least one order: orders of one day are merged. Refunds are netted
    first, each against the customer's last purchase on or before its day; a refund older than
    the first purchase belongs to an order outside the data and is left out.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id` and `order_date`; money is
        `line_value`, or `quantity` where the export has no prices.
    snapshot_date : datetime.date
        The first day that is not in the data; later lines are left out.
    unit_days : float
        Days in one unit of time: 7 for weeks, 1 for days.
    until : datetime.date, optional
        The last day that counts, such as the end of a calibration period; the day before
        `snapshot_date` if not given. Customers whose first purchase is later are not in the table.

    Returns
    -------
    ibis.Table
        One row per customer: `customer_id`, `frequency` (repeat purchases), `recency` (age at the
        last purchase) and `T` (age on the day `until`), both in units of time, `monetary_value`
        (mean of the repeat purchases; blank where there is none, and 0 or less where refunds ate
        it up), `purchases` (first included), `first_order_date`, `last_order_date` and
        `total_value` (all purchases, refunds netted).

    Raises
    ------
    NotSupportedByData
        If a column is missing.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the easy way.
    """
    require_columns(order_lines, COLUMNS, analysis="Repeat summary")
    last = min(until or snapshot_date, snapshot_date - timedelta(days=1))
    days = _purchase_days(order_lines, last=last)
    customers = days.group_by("customer_id").aggregate(
        first_order_date=_.day.min(),
        last_order_date=_.day.max(),
        purchases=_.count().cast("int64"),
        value=_.value.sum(),
        first_value=_.value.argmin(_.day),
    )
    repeats = customers.purchases - 1
    # Decimals, so that the difference is exact; a window over each customer's days is slower.
    repeat_value = customers.value - customers.first_value
    stayed = customers.last_order_date.delta(customers.first_order_date, unit="day")
    age = -customers.first_order_date.delta(ibis.literal(last), unit="day")
    return customers.select(
        "customer_id",
        frequency=repeats.cast("int64"),
        recency=stayed.cast("float64") / unit_days,
        T=age.cast("float64") / unit_days,
        monetary_value=repeat_value.cast("float64") / repeats.nullif(0),
        purchases=customers.purchases,
        first_order_date=customers.first_order_date,
        last_order_date=customers.last_order_date,
        total_value=customers.value.cast("float64"),
    )


def weighted_rows(summary: ibis.Table | pd.DataFrame) -> pd.DataFrame:
    """Count the customers of each history: all that the models of purchases need to know.

    Parameters
    ----------
    summary : ibis.Table or pd.DataFrame
        With `frequency`, `recency` and `T`, one row per customer; or per history, with `weight`.

    Returns
    -------
    pd.DataFrame
        `frequency`, `recency`, `T` and `weight` (customers), one row per distinct history, sorted.
    """
    if isinstance(summary, pd.DataFrame):
        weight = summary["weight"] if "weight" in summary else pd.Series(1, index=summary.index)
        counted = summary[HISTORY].assign(weight=weight)
        return counted.groupby(HISTORY, as_index=False, dropna=False)[["weight"]].sum()
    size = summary.weight.sum() if "weight" in summary.columns else summary.count()
    rows = summary.group_by(HISTORY).aggregate(weight=size.cast("int64"))
    return rows.order_by(HISTORY).to_pandas()


def _purchase_days(order_lines: ibis.Table, *, last: date) -> ibis.Table:
    """Give each customer's days with an order and their value, refunds netted."""
    before = datetime.combine(last + timedelta(days=1), time())
    known = order_lines.filter(order_lines.customer_id.notnull() & (_.order_date < before))
    lines = known.select("customer_id", day=known.order_date.date(), value=money(known))
    if "is_refund" not in order_lines.columns:
        return lines.group_by("customer_id", "day").aggregate(value=_.value.sum())
    lines = known.select(
        "customer_id", "is_refund", day=known.order_date.date(), value=money(known)
    )
    days = lines.group_by("customer_id", "day").aggregate(
        value=_.value.sum(), bought=(~_.is_refund).cast("int64").max()
    )
    ordered = ibis.window(group_by="customer_id", order_by="day", preceding=None, following=0)
    numbered = days.mutate(purchase=days.bought.sum().over(ordered))
    # The first day of each run is the purchase; days of refunds alone follow it.
    runs = numbered.filter(_.purchase > 0).group_by("customer_id", "purchase")
    return runs.aggregate(day=_.day.min(), value=_.value.sum()).drop("purchase")
