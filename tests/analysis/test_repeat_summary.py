from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from lifetimes.utils import summary_data_from_transaction_data
from pandas.testing import assert_frame_equal
from public_purchases import cdnow_lines, cdnow_summary

from shared.analysis.repeat_summary import repeat_summary, weighted_rows
from shared.loading.errors import NotSupportedByData

SNAPSHOT = date(2024, 4, 1)
COLUMNS = ["customer_id", "order_id", "order_date", "line_value", "is_refund"]
MODEL_COLUMNS = ["frequency", "recency", "T", "monetary_value"]


def lines(*rows):
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return ibis.memtable(frame.assign(order_date=pd.to_datetime(frame["order_date"])))


def summary(table, **options):
    got = repeat_summary(table, **{"snapshot_date": SNAPSHOT, "unit_days": 1.0, **options})
    return got.to_pandas().sort_values("customer_id").set_index("customer_id")


def random_lines(seed, *, customers=500, rows=3000):
    rng = np.random.default_rng(seed)
    minutes = rng.integers(0, 400 * 1440, rows)
    return pd.DataFrame(
        {
            "customer_id": np.char.add("c", rng.integers(0, customers, rows).astype(str)),
            "order_date": pd.Timestamp("2023-01-03") + pd.to_timedelta(minutes, unit="min"),
            "line_value": rng.integers(1, 10_000, rows) / 100,
        }
    )


def test_orders_of_a_day_are_one_purchase_and_ages_run_to_the_last_day_of_the_data():
    got = summary(
        lines(
            ("ana", "1", "2024-03-01 09:00", 20.0, False),
            ("ana", "2", "2024-03-11 09:00", 5.0, False),
            ("ana", "3", "2024-03-11 23:59", 7.0, False),
            ("ana", "4", "2024-03-21 00:00", 8.0, False),
            ("ben", "5", "2024-03-31 18:00", 9.0, False),
        )
    )

    want = pd.DataFrame(
        {
            "frequency": [2, 0],
            "recency": [20.0, 0.0],
            "T": [30.0, 0.0],
            "monetary_value": [10.0, np.nan],
            "purchases": [3, 1],
        },
        index=pd.Index(["ana", "ben"], name="customer_id"),
    )
    assert_frame_equal(got[want.columns], want, check_index_type=False)
    assert got["total_value"].tolist() == [40.0, 9.0]
    assert [str(day)[:10] for day in got["last_order_date"]] == ["2024-03-21", "2024-03-31"]


def test_a_refund_lowers_the_purchase_before_it_and_is_no_purchase():
    got = summary(
        lines(
            ("ana", "0R", "2024-02-01", -99.0, True),
            ("ana", "1", "2024-03-01", 20.0, False),
            ("ana", "1R", "2024-03-05", -15.0, True),
            ("ana", "2", "2024-03-11", 10.0, False),
            ("ana", "2R", "2024-03-11", -2.0, True),
            ("ana", "2S", "2024-03-30", -2.0, True),
            ("cat", "3R", "2024-03-11", -2.0, True),
        )
    )

    assert got.index.tolist() == ["ana"]
    assert got.loc["ana", MODEL_COLUMNS].tolist() == [1, 10.0, 30.0, 6.0]
    assert got.loc["ana", "total_value"] == 11.0


def test_a_purchase_wholly_refunded_still_counts_and_is_worth_nothing():
    got = summary(
        lines(
            ("ana", "1", "2024-03-01", 20.0, False),
            ("ana", "2", "2024-03-11", 10.0, False),
            ("ana", "2R", "2024-03-12", -12.0, True),
        )
    )

    assert got.loc["ana", ["frequency", "monetary_value"]].tolist() == [1, -2.0]


def test_customers_won_after_the_calibration_are_left_out_and_later_orders_unseen():
    table = lines(
        ("ana", "1", "2024-01-01", 20.0, False),
        ("ana", "2", "2024-01-15", 30.0, False),
        ("ana", "3", "2024-02-10", 50.0, False),
        ("ana", "2R", "2024-02-11", -5.0, True),
        ("ben", "4", "2024-02-01", 9.0, False),
    )
    got = summary(table, until=date(2024, 1, 31), unit_days=7.0)

    assert got.index.tolist() == ["ana"]
    assert got.loc["ana", MODEL_COLUMNS].tolist() == [1, 2.0, 30 / 7, 30.0]


def test_until_never_reaches_beyond_the_data():
    table = lines(("ana", "1", "2024-03-01", 20.0, False))

    assert summary(table, until=date(2030, 1, 1)).equals(summary(table))


@pytest.mark.parametrize(("unit_days", "until"), [(1.0, None), (7.0, None), (7.0, "2023-10-31")])
def test_the_archived_library_gives_the_same_on_purchases_without_refunds(unit_days, until):
    frame = random_lines(5)
    last = pd.Timestamp(until or "2024-02-10")
    want = summary_data_from_transaction_data(
        frame,
        "customer_id",
        "order_date",
        "line_value",
        observation_period_end=last,
        freq_multiplier=unit_days,
    )
    got = summary(
        ibis.memtable(frame),
        snapshot_date=date(2024, 2, 11),
        unit_days=unit_days,
        until=None if until is None else last.date(),
    )

    got = got[MODEL_COLUMNS].fillna({"monetary_value": 0}).astype(float)
    assert_frame_equal(got, want.sort_index(), rtol=1e-12, check_names=False)
    assert (got["frequency"] > 0).sum() > 100


def test_the_order_of_rows_changes_nothing_and_renamed_customers_only_their_names():
    frame = random_lines(6)
    first = summary(ibis.memtable(frame))
    shuffled = summary(ibis.memtable(frame.sample(frac=1, random_state=1)))
    renamed = frame.assign(customer_id="x" + frame["customer_id"])

    assert_frame_equal(first, shuffled)
    assert_frame_equal(
        summary(ibis.memtable(renamed)).reset_index(drop=True), first.reset_index(drop=True)
    )


def test_rows_are_counted_once_a_history_in_the_engine_as_in_pandas():
    table = repeat_summary(
        ibis.memtable(random_lines(7, rows=900)), snapshot_date=date(2024, 2, 11), unit_days=7.0
    )
    frame = table.to_pandas()
    rows = weighted_rows(table)

    assert rows["weight"].sum() == len(frame)
    assert not rows.duplicated(["frequency", "recency", "T"]).any()
    assert_frame_equal(rows, weighted_rows(frame))
    assert_frame_equal(rows, weighted_rows(rows))
    assert len(rows) < len(frame)


def test_money_is_items_where_there_are_no_prices_and_dates_are_demanded():
    frame = random_lines(8, rows=20).rename(columns={"line_value": "quantity"})
    assert summary(ibis.memtable(frame))["total_value"].sum() == pytest.approx(
        frame["quantity"].sum()
    )
    with pytest.raises(NotSupportedByData, match="order_date"):
        summary(ibis.memtable(frame.drop(columns="order_date")))


@pytest.mark.datasets
def test_cdnow_gives_the_published_summary(datasets):
    got = repeat_summary(
        cdnow_lines(datasets), snapshot_date=date(1998, 7, 1), until=date(1997, 9, 30)
    ).to_pandas()
    got = got.sort_values("customer_id").reset_index(drop=True)
    want = cdnow_summary(datasets)

    assert len(got) == 2357
    assert got["frequency"].tolist() == want["frequency"].tolist()
    for name in ("recency", "T"):
        assert np.abs(got[name] - want[name]).max() < 0.0051
    spend = got["monetary_value"].fillna(0) - want["monetary_value"]
    assert np.abs(spend).max() < 0.0051
