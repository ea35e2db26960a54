"""Groups of survival: segments may not know the future, and traits come from the start."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from shared.analysis.portfolio import portfolio
from shared.analysis.survival_segments import channel_column, segment_lifespans, with_trait
from shared.loading.errors import ConfigError, NotSupportedByData

END = date(2024, 7, 1)


def lines(*orders, **more):
    rows = [(who, f"{who}{day}", pd.Timestamp(day), 10.0) for who, day in orders]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "order_date", "line_value"])
    return ibis.memtable(frame.assign(**more))


def shop(seed=0, *, customers=80):
    rng = np.random.default_rng(seed)
    begin = pd.Timestamp(END) - pd.Timedelta(days=400)
    return [
        (f"c{who:03d}", str((begin + pd.Timedelta(days=int(day))).date()))
        for who in range(customers)
        for day in [0, *rng.choice(400, size=rng.integers(1, 12), replace=False)]
    ]


def test_a_customer_is_followed_from_the_day_of_the_scores():
    orders = [("old", "2023-07-02"), ("stays", "2023-12-20"), ("stays", "2024-06-01"),
              ("leaves", "2023-12-20"), ("leaves", "2024-02-01"), ("silent", "2023-12-01"),
              ("later", "2024-03-01")]  # fmt: skip

    got, day = segment_lifespans(lines(*orders), snapshot_date=END, window_days=60, follow_days=182)

    assert day == date(2024, 1, 1)
    rows = got.set_index("customer_id")
    # Old was lost before that day and later was no customer yet.
    assert set(rows.index) == {"stays", "leaves", "silent"}
    assert rows.loc["stays", ["duration", "observed"]].tolist() == [182, False]
    assert rows.loc["leaves", ["duration", "observed"]].tolist() == [31 + 60, True]
    assert rows.loc["silent", ["duration", "observed"]].tolist() == [60 - 31, True]


def test_segments_are_those_of_the_earlier_day_whatever_came_later():
    orders = shop()
    got, day = segment_lifespans(lines(*orders), snapshot_date=END, window_days=90, follow_days=150)
    past = [order for order in orders if order[1] < str(day)]
    want = portfolio(lines(*past), snapshot_date=day).customers.set_index("customer_id")

    rows = got.set_index("customer_id")
    assert (rows["segment"] == want.loc[rows.index, "segment"].astype(str)).all()
    assert (want.loc[rows.index, "recency_days"] <= 90).all()


def test_nobody_is_followed_beyond_the_data():
    got, day = segment_lifespans(lines(*shop()), snapshot_date=END, window_days=90, follow_days=999)

    assert (END - day).days == 200
    assert got["duration"].between(0, 200).all()
    assert (got.loc[~got["observed"], "duration"] == 200).all()


def test_a_history_of_less_than_two_windows_is_refused():
    with pytest.raises(NotSupportedByData, match="days of history"):
        segment_lifespans(lines(*shop()), snapshot_date=END, window_days=200, follow_days=365)


def test_a_trait_is_that_of_the_first_order_and_blanks_have_a_name():
    table = lines(
        ("a", "2024-01-01"), ("a", "2024-02-01"), ("b", "2024-01-05"),
        channel=["Web", "Shop", None],
    )  # fmt: skip
    frame = pd.DataFrame({"customer_id": ["a", "b"]})

    got = with_trait(frame, table, column="channel", snapshot_date=END)

    assert dict(zip(got["customer_id"], got["channel"], strict=True)) == {
        "a": "Web",
        "b": "not recorded",
    }


def test_the_channel_of_the_customers_goes_before_that_of_the_orders():
    orders = lines(("a", "2024-01-01"), channel=["Web"])
    people = ibis.memtable(pd.DataFrame({"customer_id": ["a"], "acquisition_channel": ["Search"]}))

    assert channel_column(orders, people) == "acquisition_channel"
    assert channel_column(orders, None) == "channel"
    with pytest.raises(NotSupportedByData, match="channel"):
        channel_column(lines(("a", "2024-01-01")), None)


def test_a_column_that_nobody_knows_is_a_mistake():
    frame = pd.DataFrame({"customer_id": ["a"]})
    with pytest.raises(ConfigError):
        with_trait(frame, lines(("a", "2024-01-01")), column="colour", snapshot_date=END)
