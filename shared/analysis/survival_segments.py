"""Groups whose survival is compared: RFM segments as known earlier, and traits of the start."""

from datetime import date, timedelta

import ibis
import pandas as pd
from ibis import _

from shared.analysis.cohort_members import cohort_members
from shared.analysis.customer_summary import customer_summary
from shared.analysis.periods import last_complete
from shared.analysis.portfolio import portfolio
from shared.analysis.purchases import purchases
from shared.loading.errors import NotSupportedByData

ANALYSIS = "Survival by group"
CHANNELS = ("acquisition_channel", "channel")


def segment_lifespans(
    order_lines: ibis.Table, *, snapshot_date: date, window_days: int, follow_days: int
) -> tuple[pd.DataFrame, date]:
    """Score customers as of an earlier day and measure how long they stay from that day on.

    A segment of today is made of the very orders that show who stayed, so that it would predict
    the past. Segments are therefore those of the earlier day, from the orders before it alone, and
    only customers not lost on that day are followed. A customer counts as lost on the day
    on which the silence reaches the window.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order; money as for `customer_summary`.
    snapshot_date : datetime.date
        The first day that is not in the data.
    window_days : int
        Days without an order after which a customer counts as lost.
    follow_days : int
        How long customers are followed: at least one and a half windows, at most half of the
        history.

    Returns
    -------
    pd.DataFrame
        One row per customer not lost on the earlier day: `customer_id`, `segment`, `duration`
        (days from that day), `observed` (lost) and `entry` (0).
    datetime.date
        The day of the scores.

    Raises
    ------
    NotSupportedByData
        If half of the history is no longer than the window.
    """
    lines = purchases(order_lines, before=snapshot_date, analysis=ANALYSIS)
    begin = lines.order_date.min().to_pandas()
    history = 0 if pd.isna(begin) else (pd.Timestamp(snapshot_date) - begin.normalize()).days
    # Somebody silent since the day of the scores is lost a window later: follow beyond that.
    followed = min(max(follow_days, window_days * 3 // 2), history // 2)
    if followed <= window_days:
        raise NotSupportedByData(
            f"{history} days of history: after a day of scoring in the middle nobody could yet be "
            f"silent for {window_days} days",
            f"at least {2 * (window_days + 1)} days of orders, or a shorter churn window",
        )
    day = snapshot_date - timedelta(days=followed)
    # Refunds stay in: they are no order but reduce the money, as on the page of the segments.
    placed = portfolio(order_lines, snapshot_date=day).customers
    placed = placed.loc[placed["recency_days"] <= window_days, ["customer_id", "segment"]]
    now = customer_summary(order_lines, snapshot_date=snapshot_date)
    last = now.filter(_.frequency > 0).select("customer_id", "recency_days").to_pandas()
    frame = placed.merge(last, on="customer_id", how="left", validate="one_to_one")
    lost = frame["recency_days"] > window_days
    duration = (followed - frame["recency_days"] + window_days).where(lost, followed)
    followed_frame = frame.assign(
        segment=frame["segment"].astype(str),
        duration=duration.astype(float),
        observed=lost,
        entry=0.0,
    )
    return followed_frame.drop(columns="recency_days"), day


def with_trait(
    frame: pd.DataFrame,
    order_lines: ibis.Table,
    *,
    column: str,
    snapshot_date: date,
    customers: ibis.Table | None = None,
) -> pd.DataFrame:
    """Add a column of the customers, or of their first order; what is blank reads "not recorded".

    Raises
    ------
    NotSupportedByData
        If the export lacks a column that the suite knows.
    ConfigError
        If nothing has a column of that name.
    """
    traits = cohort_members(
        order_lines,
        period="M",
        last=last_complete(snapshot_date, "M"),
        before=snapshot_date,
        cohort_by=column,
        customers=customers,
    )
    values = traits.select("customer_id", trait=_.cohort).to_pandas()
    named = values.rename(columns={"trait": column})
    kept = frame.drop(columns=column, errors="ignore")
    return kept.merge(named, on="customer_id", how="left", validate="one_to_one")


def channel_column(order_lines: ibis.Table, customers: ibis.Table | None) -> str:
    """Find the column that tells through which channel a customer came.

    Raises
    ------
    NotSupportedByData
        If neither the customers nor the orders have one.
    """
    known = {*order_lines.columns, *(customers.columns if customers is not None else ())}
    for column in CHANNELS:
        if column in known:
            return column
    raise NotSupportedByData(
        "neither customers nor orders name a channel",
        "the channel of each customer (acquisition_channel) or order (channel)",
    )
