"""Calendar periods and day windows: which month, quarter or week a date lies in, on any engine."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

import ibis
import pandas as pd

from shared.loading.errors import ConfigError

CALENDAR = {"M": "month", "Q": "quarter", "W": "week"}
LENGTH_DAYS = {"M": 30, "Q": 91, "W": 7}
_PERIOD = re.compile(r"\d{4}-\d\d(-\d\d(/\d{4}-\d\d-\d\d)?)?|\d{4}-?Q[1-4]")
_DAY_WINDOW = re.compile(r"[1-9]\d{0,2}D")
WEEK_ZERO = date(1969, 12, 22)
EPOCH = date(1970, 1, 1)  # day 0 of every count of days


def window_days(period: str) -> int:
    """Give the length of a day window such as "30D"; 0 for a calendar period.

    Raises
    ------
    ConfigError
        If the text is neither M, Q, W nor a number of days followed by D.
    """
    if period in CALENDAR:
        return 0
    if not _DAY_WINDOW.fullmatch(period):
        raise ConfigError(
            "E-PARA-11",
            "period",
            f"{period!r} is no length of a period",
            fix="M, Q, W, or days since the first order such as 30D",
        )
    return int(period[:-1])


def calendar_of(period: str) -> str:
    """Name the calendar period that groups first orders: day windows follow monthly cohorts."""
    return "M" if window_days(period) else period


def period_noun(period: str) -> str:
    """Name one step of age in a sentence: month, quarter, week or 30-day window."""
    days = window_days(period)
    return f"{days}-day window" if days else CALENDAR[period]


def step_days(period: str) -> int:
    """Give the length of one step in days; 30 stands for a month, 91 for a quarter."""
    return window_days(period) or LENGTH_DAYS[period]


def to_period(text: str, period: str) -> pd.Period:
    """Read a period such as 2011-11, 2011Q4 or a day of the week meant.

    Raises
    ------
    ConfigError
        If the text names no period.
    """
    wrong = ConfigError(
        "E-PARA-12",
        "last_period",
        f"{text!r} names no period",
        fix="2011-11 for a month, 2011Q4 for a quarter, a day such as 2011-11-27 for a week",
    )
    # pandas would read "November" as a month of whatever year it is today.
    if not _PERIOD.fullmatch(text):
        raise wrong
    try:
        return pd.Period(text, freq=calendar_of(period))
    except ValueError as error:
        raise wrong from error


def last_complete(snapshot_date: date, period: str) -> pd.Period:
    """Give the last calendar period that was over before the first day without data."""
    running = pd.Period(pd.Timestamp(snapshot_date), freq=calendar_of(period))
    return running - 1


def period_number(moment: ibis.Value, period: str) -> ibis.Value:
    """Give the number of the period of a date or timestamp, equal to `pd.Period.ordinal`.

    Integers, because differences in months disagree between engines and integers do not.
    """
    if period == "W":
        return day_number(moment, since=WEEK_ZERO) // 7
    years = moment.year().cast("int64") - 1970
    if period == "Q":
        return years * 4 + moment.quarter().cast("int64") - 1
    return years * 12 + moment.month().cast("int64") - 1


def day_number(moment: ibis.Value, *, since: date) -> ibis.Value:
    """Count the days from a fixed day to a date or timestamp."""
    return moment.date().delta(ibis.literal(since), unit="day").cast("int64")


def ends_passed(moment: ibis.Value, ends: Sequence[date]) -> ibis.Value:
    """Count the days that had begun by a moment: the place of the first day that sees it."""
    passed: ibis.Value = ibis.literal(0, "int64")
    for end in ends:
        passed = passed + (moment >= datetime.combine(end, time())).cast("int64")
    return passed


def period_range(numbers: Iterable[int | str], period: str) -> pd.PeriodIndex:
    """Turn period numbers back into an index of cohorts."""
    periods = [pd.Period(ordinal=int(number), freq=period) for number in numbers]
    return pd.PeriodIndex(periods, freq=period, name="cohort")
