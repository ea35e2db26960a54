from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from planted_cohorts import as_lines, order_lines, random_shop

from shared.analysis.lifespans import (
    leave_out_older,
    lifespans,
    lifespans_from_durations,
    order_spans,
)
from shared.analysis.risk_sets import risk_table
from shared.loading.errors import ConfigError, DataRefused, NotSupportedByData

END = date(2024, 7, 1)


def people(*rows):
    """Make customers from (id, joined_on, loyalty_joined_on)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "joined_on", "loyalty_joined_on"])
    days = {
        name: pd.to_datetime(frame[name]).astype("datetime64[us]") for name in frame.columns[1:]
    }
    table = ibis.memtable(frame.assign(**days, city="Ankara"))
    return table.mutate(
        joined_on=table.joined_on.cast("date"),
        loyalty_joined_on=table.loyalty_joined_on.cast("date"),
    )


def spans(rows, customers=None, *, window=60, **options):
    found = lifespans(
        order_lines(rows), snapshot_date=END, window=window, customers=customers, **options
    )
    return found.set_index("customer_id")


def test_the_loss_stands_a_window_after_the_last_order_and_all_others_end_on_the_snapshot():
    got = spans(
        [
            ("ana", "2024-01-01"), ("ana", "2024-03-01"),
            ("ben", "2024-02-01"),
            ("cat", "2024-06-20"),
        ]
    )  # fmt: skip

    assert got["duration"].to_dict() == {"ana": 60 + 60, "ben": 60, "cat": 11}
    assert got["observed"].to_dict() == {"ana": True, "ben": True, "cat": False}
    assert got["orders"].to_dict() == {"ana": 2, "ben": 1, "cat": 1}
    assert got["recency_days"].to_dict() == {"ana": 122, "ben": 151, "cat": 11}
    assert got["acquisition_year"].unique() == 2024
    assert (got["entry"] == 0).all()


@pytest.mark.parametrize(("last", "lost"), [("2024-05-02", False), ("2024-05-01", True)])
def test_silence_of_exactly_the_window_is_no_loss_yet(last, lost):
    got = spans([("ana", "2024-01-01"), ("ben", last)]).loc["ben"]

    assert got["recency_days"] == 60 + lost
    assert got["observed"] == lost
    assert got["duration"] == 60


def test_refunds_and_orders_after_the_snapshot_are_no_orders():
    rows = [("ana", "2024-01-01"), ("ana", "2024-02-01"), ("ana", "2024-08-01")]
    lines = order_lines(rows).to_pandas().assign(is_refund=[False, True, False])

    got = lifespans(as_lines(lines), snapshot_date=END, window=60).iloc[0]

    assert (got["orders"], got["recency_days"]) == (1, 182)


def test_pauses_longer_than_the_window_that_ended_are_counted():
    got = spans([("ana", "2024-01-01"), ("ana", "2024-03-01"), ("ana", "2024-05-01")])

    assert got.loc["ana", "came_back"] == 1  # 60 days are no longer than the window, 61 are


def test_joining_is_counted_from_the_first_order_and_may_lie_before_it():
    got = spans(
        [("ana", "2024-01-01"), *((name, "2024-02-01") for name in ("ben", "cat", "dan"))],
        people(
            ("ana", None, "2024-01-31"), ("ben", None, "2023-12-25"), ("cat", None, "2024-07-01"),
        ),
    )  # fmt: skip

    assert got["membership_day"].to_dict() == pytest.approx(
        {"ana": 30, "ben": -38, "cat": np.nan, "dan": np.nan}, nan_ok=True
    )
    assert got["joined_on"].isna().to_dict() == {
        "ana": False, "ben": False, "cat": True, "dan": True,
    }  # fmt: skip


def test_customers_registered_before_the_extract_enter_late_on_the_clock_of_registration():
    got = spans(
        [
            ("old", "2024-01-11"), ("old", "2024-03-01"),
            ("gone", "2024-01-01"),
            ("new", "2024-01-20"),
        ],
        people(
            ("old", "2023-12-02", None), ("gone", "2023-12-02", None), ("new", "2024-01-20", None)
        ),
    )  # fmt: skip

    assert got["older"].to_dict() == {"old": True, "gone": True, "new": False}
    assert not got["possibly_older"].any()
    assert got["duration"].to_dict() == {"old": 90 + 60, "gone": 30 + 60, "new": 60}
    # Seen from day 30 on, the day of the extract's first order included: 89 + 1 = 30 + 60.
    assert got["entry"].to_dict() == {"old": 89, "gone": 89, "new": 0}
    counts = risk_table(*(got[c].to_numpy() for c in ("duration", "observed", "entry")))
    assert counts.set_index("day")["at_risk"].to_dict() == {60: 1, 90: 2, 150: 1}


def test_without_a_registration_the_first_window_of_the_extract_is_in_doubt():
    got = spans([("ana", "2024-01-01"), ("ben", "2024-02-29"), ("cat", "2024-03-01")])

    assert got["possibly_older"].to_dict() == {"ana": True, "ben": True, "cat": False}
    assert leave_out_older(got).index.tolist() == ["cat"]


def test_columns_of_customers_are_kept_on_request_and_repeated_customers_are_not_multiplied():
    rows = [("ana", "2024-01-01"), ("ben", "2024-02-01")]
    twice = people(("ana", "2024-01-01", None), ("ana", "2024-01-01", None))

    got = spans(rows, twice, keep=("city",))

    assert len(got) == 2
    assert got["city"].fillna("").to_dict() == {"ana": "Ankara", "ben": ""}
    with pytest.raises(NotSupportedByData, match="needs shoe_size"):
        spans(rows, twice, keep=("shoe_size",))
    with pytest.raises(NotSupportedByData, match="no table customers"):
        spans(rows, keep=("city",))


def test_a_plain_reference_gives_the_same_spans():
    lines = random_shop(3)
    frame = lines.to_pandas()
    day = frame["order_date"].dt.normalize()
    days = frame.assign(day=day).drop_duplicates(["customer_id", "day"])
    want = days.groupby("customer_id")["day"].agg(["min", "max", "count"])

    got = order_spans(lines, snapshot_date=date(2024, 3, 5), window=90).set_index("customer_id")

    got = got.loc[want.index]
    assert got["span"].tolist() == (want["max"] - want["min"]).dt.days.tolist()
    assert got["orders"].tolist() == want["count"].tolist()
    gaps = days.sort_values("day").groupby("customer_id")["day"].diff().dt.days
    back = gaps.gt(90).groupby(days["customer_id"]).sum()
    assert got["came_back"].tolist() == back.loc[want.index].tolist()


def test_the_order_of_the_lines_changes_nothing():
    frame = random_shop(4).to_pandas()

    one, two = (
        lifespans(as_lines(rows), snapshot_date=date(2024, 3, 5), window=90)
        for rows in (frame, frame.sample(frac=1, random_state=1))
    )

    assert_frame_equal(one, two)


def test_no_order_and_a_window_of_no_days_are_refused():
    with pytest.raises(NotSupportedByData, match="no order of a known customer"):
        spans([("ana", "2025-01-01")])
    with pytest.raises(ConfigError, match="E-PARA-23"):
        spans([("ana", "2024-01-01")], window=0)


def durations(**columns):
    frame = pd.DataFrame({"customer_id": ["b", "a", "c"], "duration": [5.0, 3, 9],
                          "event_observed": [1, 0, 1]})  # fmt: skip
    return ibis.memtable(frame.assign(**columns))


def test_durations_of_the_client_are_taken_as_they_are():
    table = durations(plan=["x", "y", None], joined=[np.nan, 1.0, -2.0])

    got = lifespans_from_durations(table, keep=("plan",), membership="joined")

    assert got["customer_id"].tolist() == ["a", "b", "c"]
    assert got["duration"].tolist() == [3, 5, 9]
    assert got["observed"].tolist() == [False, True, True]
    assert got["membership_day"].tolist() == pytest.approx([1, np.nan, -2], nan_ok=True)
    assert got["plan"].fillna("").tolist() == ["y", "x", ""]
    assert (got["entry"] == 0).all()
    assert not got[["older", "possibly_older"]].to_numpy().any()


def test_rows_without_a_duration_or_an_end_are_left_out_and_counted():
    got = lifespans_from_durations(durations(duration=[5.0, None, 9.0]))

    assert got["customer_id"].tolist() == ["b", "c"]
    assert got.attrs["blank"] == 1
    with pytest.raises(NotSupportedByData, match="no customer has both"):
        lifespans_from_durations(durations(duration=[None, None, None]))


def test_negative_durations_are_refused_with_their_rows():
    with pytest.raises(DataRefused, match="2 of 3 durations are negative") as refused:
        lifespans_from_durations(durations(duration=[-1.0, 2.0, -4.5]))

    assert "row 1: -1, row 3: -4.5" in str(refused.value)


def test_a_missing_column_is_named():
    with pytest.raises(NotSupportedByData, match="needs event_observed"):
        lifespans_from_durations(durations().drop("event_observed"))
