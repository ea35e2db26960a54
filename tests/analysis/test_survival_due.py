"""The due list: who reaches the critical day in the coming weeks."""

from datetime import date

import pandas as pd
import pytest

from shared.analysis.critical_day import CriticalDay
from shared.analysis.intervals import Estimate
from shared.analysis.survival_due import due_by_week, due_customers, due_durations
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

TODAY = date(2024, 7, 1)


def critical(day=90.0):
    place = None if day is None else Estimate(day, day - 5, day + 5, 500, "days")
    return CriticalDay(place, 0.001, 0.001, 0.004, None, Estimate(0.2, 0.1, 0.3, 9, "share"),
                       Reason("A day."))  # fmt: skip


def customer(name, age, *, money=10.0, lost=False):
    return (name, "Loyal", money, float(age), 20, lost)


def base(*rows):
    names = ["customer_id", "segment", "monetary", "duration", "recency_days", "observed"]
    return pd.DataFrame(rows, columns=names)


def due(*rows, day=90.0, **options):
    settings = {"critical": critical(day), "window": 60, "snapshot_date": TODAY, "weeks": 4}
    return due_customers(base(*rows), **settings | options)


def test_a_customer_on_the_way_to_the_critical_day_is_dated():
    got = due(customer("a", 80), lead_days=7).iloc[0]

    assert got["age_days"] == 80
    assert got["critical_on"] == pd.Timestamp("2024-07-11")
    assert got["week"] == 2
    assert got["step_in_on"] == pd.Timestamp("2024-07-04")


def test_a_step_in_that_should_have_happened_is_due_now():
    assert list(due(customer("a", 80), lead_days=30)["step_in_on"]) == [pd.Timestamp(TODAY)]


@pytest.mark.parametrize(
    ("age", "listed"),
    [(89, True), (90, False), (62, True), (61, False)],
    ids=["tomorrow", "today is too late", "last day of week 4", "a day later"],
)
def test_the_list_runs_from_tomorrow_to_the_end_of_the_last_week(age, listed):
    assert bool(len(due(customer("a", age)))) is listed


def test_who_is_lost_already_is_left_out():
    got = due(customer("lost", 80, lost=True), customer("here", 80))

    assert list(got["customer_id"]) == ["here"]


def test_without_a_critical_day_nobody_is_listed_and_the_columns_stay():
    got = due(customer("a", 80), day=None)

    assert got.empty
    assert list(got.columns) == list(due(customer("a", 80)).columns)


def test_the_earliest_come_first_and_then_the_most_valuable():
    rows = [customer("late", 70, money=99), customer("small", 80, money=5),
            customer("large", 80, money=50)]  # fmt: skip

    assert list(due(*rows)["customer_id"]) == ["large", "small", "late"]
    assert list(due(*rows[::-1])["customer_id"]) == ["large", "small", "late"]


def test_weeks_add_up_and_a_week_without_anybody_counts_zero():
    listed = due(customer("a", 80), customer("b", 67))

    got = due_by_week(listed, snapshot_date=TODAY, weeks=4)

    assert list(got["customers"]) == [0, 1, 0, 1]
    assert got["money"].sum() == listed["monetary"].sum()
    assert list(got["begins"]) == list(pd.date_range("2024-07-01", periods=4, freq="7D"))


def durations(*rows):
    return pd.DataFrame(rows, columns=["customer_id", "duration", "observed"])


def test_durations_list_those_active_just_before_the_critical_age():
    table = durations(("a", 10.0, False), ("b", 8.0, False), ("c", 8.0, True), ("d", 11.0, False))

    got = due_durations(table, critical=critical(10.0), ahead=2)

    assert list(got["customer_id"]) == ["a", "b"]
    assert list(got["left"]) == [0.0, 2.0]
    assert due_durations(table, critical=critical(None), ahead=2).empty


def test_durations_without_anybody_active_are_no_list():
    with pytest.raises(NotSupportedByData, match="left"):
        due_durations(durations(("a", 1.0, True)), critical=critical(10.0), ahead=2)
