from datetime import date

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from shared.analysis.customer_summary import customer_summary, money_noun
from shared.loading.errors import NotSupportedByData

SNAPSHOT = date(2024, 4, 1)
COLUMNS = ["customer_id", "order_id", "order_date", "line_value", "is_refund"]


def lines(*rows):
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return ibis.memtable(frame.assign(order_date=pd.to_datetime(frame["order_date"])))


def summary(table, snapshot_date=SNAPSHOT):
    got = customer_summary(table, snapshot_date=snapshot_date).to_pandas()
    return got.sort_values("customer_id").set_index("customer_id")


def test_orders_are_counted_not_lines_and_refunds_reduce_the_money_only():
    got = summary(
        lines(
            ("ana", "1", "2024-01-10 09:00", 20.0, False),
            ("ana", "1", "2024-01-10 09:00", 5.0, False),
            ("ana", "2", "2024-03-30 18:30", 8.0, False),
            ("ana", "R1", "2024-03-31 10:00", -8.0, True),
            ("ben", "3", "2024-02-29 00:00", 7.5, False),
        )
    )

    want = pd.DataFrame(
        {"recency_days": [2, 32], "frequency": [2, 1], "monetary": [25.0, 7.5]},
        index=pd.Index(["ana", "ben"], name="customer_id"),
    )
    assert_frame_equal(got[["recency_days", "frequency", "monetary"]], want, check_dtype=False)
    assert pd.Timestamp(got.loc["ana", "first_order_date"]) == pd.Timestamp("2024-01-10")
    assert pd.Timestamp(got.loc["ana", "last_order_date"]) == pd.Timestamp("2024-03-30")


def test_an_order_id_that_two_customers_share_is_an_order_of_each():
    got = summary(
        lines(("ana", "1", "2024-01-10", 1.0, False), ("ben", "1", "2024-01-10", 1.0, False))
    )

    assert got["frequency"].tolist() == [1, 1]


def test_a_customer_of_refunds_alone_has_no_order_and_keeps_the_money():
    got = summary(lines(("ana", "R1", "2024-01-10", -4.0, True)))

    assert got.loc["ana", "frequency"] == 0
    assert got.loc["ana", "monetary"] == -4.0
    assert pd.isna(got.loc["ana", "recency_days"])


def test_an_order_on_the_snapshot_date_or_later_is_left_out():
    table = lines(
        ("ana", "1", "2024-03-31 23:59", 1.0, False), ("ana", "2", "2024-04-01 00:00", 1.0, False)
    )

    assert summary(table).loc["ana", ["recency_days", "frequency"]].tolist() == [1, 1]


def test_without_prices_the_items_bought_are_the_money():
    frame = pd.DataFrame(
        {"customer_id": ["ana"] * 2, "order_id": ["1"] * 2, "quantity": [2.0, 1.0],
         "order_date": pd.to_datetime(["2024-01-10"] * 2)}
    )  # fmt: skip

    assert summary(ibis.memtable(frame)).loc["ana", "monetary"] == 3.0
    assert money_noun(ibis.memtable(frame)) == "items bought"


def test_missing_columns_are_named():
    table = ibis.memtable(pd.DataFrame({"customer_id": ["ana"], "quantity": [1.0]}))

    with pytest.raises(NotSupportedByData, match="order_id, order_date"):
        customer_summary(table, snapshot_date=SNAPSHOT)


@st.composite
def orders(draw):
    """Draw orders of a few customers whose values are whole cents."""
    row = st.tuples(
        st.sampled_from("abc"), st.integers(1, 4), st.integers(0, 80), st.integers(1, 9999)
    )
    rows = draw(st.lists(row, min_size=1, max_size=12))
    start = pd.Timestamp("2024-01-01")
    return [
        (customer, f"{customer}{order}", start + pd.Timedelta(days=day), cents / 100, False)
        for customer, order, day, cents in rows
    ]


@settings(max_examples=25, deadline=None)
@given(rows=orders(), random=st.randoms(use_true_random=False))
def test_order_of_rows_and_split_lines_change_nothing(rows, random):
    split = [
        (customer, order, day, part, refund)
        for customer, order, day, value, refund in rows
        for part in (value * 0.25, value * 0.75)
    ]
    random.shuffle(split)

    assert_frame_equal(summary(lines(*rows)), summary(lines(*split)), check_exact=True)
