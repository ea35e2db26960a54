"""Who reaches the critical day in the coming weeks, and on which day to step in before it?"""

from datetime import date

import pandas as pd

from shared.analysis.critical_day import CriticalDay, due_list
from shared.loading.errors import NotSupportedByData

WEEK_DAYS = 7
COLUMNS = [
    "customer_id", "segment", "monetary", "age_days", "recency_days", "critical_on", "step_in_on",
    "week",
]  # fmt: skip


def due_customers(
    frame: pd.DataFrame,
    *,
    critical: CriticalDay,
    window: int,
    snapshot_date: date,
    weeks: int = 4,
    lead_days: int = 14,
) -> pd.DataFrame:
    """Add to `due_list` what the customers are worth and in which week they are due.

    Parameters
    ----------
    frame : pd.DataFrame
        As from `lifespans`, with `segment` and `monetary` as in `Portfolio.customers`.
    critical, window, snapshot_date, lead_days
        As for `due_list`.
    weeks : int
        How many weeks are looked ahead.

    Returns
    -------
    pd.DataFrame
        Earliest first, then the most valuable: `customer_id`, `segment` and `monetary` as of
        today, `age_days`, `recency_days`, `critical_on`, `step_in_on` and `week` (1 is the next).
        Empty where no day is critical.
    """
    due = due_list(
        frame, critical=critical, window=window, snapshot_date=snapshot_date,
        within_days=weeks * WEEK_DAYS, lead_days=lead_days,
    )  # fmt: skip
    known = frame[["customer_id", "segment", "monetary"]]
    table = due.merge(known, on="customer_id", how="left", validate="one_to_one")
    days_left = (pd.to_datetime(table["critical_on"]) - pd.Timestamp(snapshot_date)).dt.days
    table = table.assign(week=((days_left - 1) // WEEK_DAYS + 1).astype("int64"))
    return table[COLUMNS].sort_values(
        ["critical_on", "monetary", "customer_id"], ascending=[True, False, True], ignore_index=True
    )


def due_by_week(due: pd.DataFrame, *, snapshot_date: date, weeks: int) -> pd.DataFrame:
    """Count the list by week: `week`, `begins`, `customers` and `money` spent so far."""
    today = pd.Timestamp(snapshot_date)
    counted = due.groupby("week").agg(customers=("customer_id", "size"), money=("monetary", "sum"))
    numbers = range(1, weeks + 1)
    table = counted.reindex(numbers, fill_value=0).rename_axis("week").reset_index()
    begins = [today + pd.Timedelta(days=WEEK_DAYS * (number - 1)) for number in numbers]
    return table.assign(begins=begins)[["week", "begins", "customers", "money"]]


def due_durations(frame: pd.DataFrame, *, critical: CriticalDay, ahead: float) -> pd.DataFrame:
    """List those still there in a table of durations whose critical age lies just ahead.

    Parameters
    ----------
    frame : pd.DataFrame
        As from `lifespans_from_durations`.
    critical : CriticalDay
        With a day; without one the list is empty.
    ahead : float
        How far to look ahead, in the unit of the durations.

    Returns
    -------
    pd.DataFrame
        `customer_id`, `duration` and `left` until the critical age, nearest first.

    Raises
    ------
    NotSupportedByData
        If nobody is still there.
    """
    active = frame[~frame["observed"].astype(bool)]
    if active.empty:
        raise NotSupportedByData("everybody in the table has left", "customers who are still there")
    day = float("nan") if critical.day is None else critical.day.value
    left = day - active["duration"]
    due = active.assign(left=left)[(left >= 0) & (left <= ahead)]
    return due[["customer_id", "duration", "left"]].sort_values(
        ["left", "customer_id"], ignore_index=True
    )
