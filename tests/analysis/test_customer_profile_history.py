from datetime import date

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from profiled_shops import SNAPSHOT, lines, order, random_lines, tables

from shared.analysis.customer_profile import customer_profile
from shared.analysis.profile_brief import brief_profile
from shared.analysis.profile_history import profile_history
from shared.loading.errors import NotSupportedByData

ROWS = [
    order("ana", "1", "2024-04-10", 10), order("ana", "2", "2024-05-10", 30),
    order("ben", "3", "2024-06-10", 50), order("ben", "4", "2024-07-10", 70),
]  # fmt: skip


def history(frame, *, snapshot_date=SNAPSHOT, periods=2, **settings):
    return profile_history(tables(frame), snapshot_date=snapshot_date, periods=periods, **settings)


def test_each_period_end_knows_what_was_bought_before_it():
    got = history(lines(ROWS), snapshot_date=date(2024, 7, 20))

    assert got["as_of"].dt.strftime("%m-%d").tolist() == ["05-01", "06-01", "07-01", "07-01"]
    assert got["customer_id"].tolist() == ["ana", "ana", "ana", "ben"]
    assert got["monetary"].tolist() == [10, 40, 40, 50]
    assert got["average_order_value"].tolist() == [10, 20, 20, 50]
    assert got["recency_days"].tolist() == [21, 22, 52, 21]


def test_later_orders_change_no_earlier_profile_classes_included():
    frame = random_lines(21)
    before = frame[frame["order_date"] < "2024-03-01"]

    got = history(frame, snapshot_date=date(2024, 5, 1), metrics=["segment", "abc_class", "gap_cv"])

    want = history(before, snapshot_date=date(2024, 3, 1), periods=0, metrics=got.columns[2:])
    then = got[got["as_of"] == "2024-03-01"].reset_index(drop=True)
    assert_frame_equal(then, want)


def test_the_last_profile_of_the_history_is_the_profile():
    frame = random_lines(22)

    got = history(frame, periods=0, metrics=["frequency", "spend_cv"])

    now = customer_profile(tables(frame), snapshot_date=SNAPSHOT).customers
    assert_frame_equal(got.iloc[:, 1:], now[["customer_id", "frequency", "spend_cv"]])


@pytest.mark.parametrize("period", ["M", "W"])
@pytest.mark.parametrize("missing", [[], ["product_id"], ["line_value", "unit_price"]], ids=str)
def test_the_brief_profile_is_the_profile_without_its_other_figures(period, missing):
    given = tables(random_lines(23))
    given["order_lines"] = given["order_lines"].drop(*missing)

    got = brief_profile(given, snapshot_date=SNAPSHOT, period=period)

    full = customer_profile(given, snapshot_date=SNAPSHOT, period=period).customers
    assert_frame_equal(got, full[got.columns], check_exact=True)


def test_stages_are_asked_for_each_period_end():
    asked = []

    def stages_at(day):
        asked.append(day)
        return pd.DataFrame({"customer_id": ["ana"], "lifecycle_stage": [f"as of {day}"]})

    got = history(lines(ROWS), periods=1, metrics=["lifecycle_stage"], stages_at=stages_at)

    assert asked == [date(2024, 6, 1), date(2024, 7, 1)]
    assert got["lifecycle_stage"].tolist()[:2] == ["as of 2024-06-01", "as of 2024-07-01"]


def test_a_history_before_the_first_order_is_refused():
    with pytest.raises(NotSupportedByData, match="no order before 2024-04-01"):
        history(lines(ROWS), snapshot_date=date(2024, 4, 20))
