from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_segments import CUTOFF, UNTIL, lines_of, planted_shop

from shared.analysis.segment_history import (
    EVERYONE,
    history_table,
    period_end_before,
    segment_history,
)
from shared.loading.errors import NotSupportedByData

MONTHS = {"period": "M", "periods": 3}


@pytest.fixture(scope="module")
def lines():
    shop = planted_shop(0, rates=np.random.default_rng(0).gamma(1, 5, 200))
    return shop.mutate(product_id=ibis.literal("p")).cache()


def test_the_period_ends_are_first_days_and_a_running_period_is_left_out(lines):
    full = segment_history(lines, snapshot_date=CUTOFF, **MONTHS)
    running = segment_history(lines, snapshot_date=date(2024, 1, 20), **MONTHS)

    wanted = (date(2023, 10, 1), date(2023, 11, 1), date(2023, 12, 1), CUTOFF)
    assert full.ends == running.ends == wanted
    assert str(full.name(CUTOFF)) == "2023-12"
    assert period_end_before(CUTOFF, period="Q", periods=1) == date(2023, 10, 1)


def test_the_table_agrees_with_plain_pandas(lines):
    got = history_table(segment_history(lines, snapshot_date=CUTOFF, **MONTHS))

    frame = lines.to_pandas()
    for end in sorted(set(got["period_end"])):
        before = frame[frame["order_date"] < pd.Timestamp(end)]
        month = before[before["order_date"] >= pd.Timestamp(end) - pd.DateOffset(months=1)]
        base = got[(got["period_end"] == end) & (got["segment"] == EVERYONE)].iloc[0]
        n = before["customer_id"].nunique()
        assert base["customers"] == n
        assert base["orders_per_customer"] == pytest.approx(len(before) / n)
        assert base["order_rate"] == pytest.approx(len(month) / n)
        assert base["active_share"] == pytest.approx(month["customer_id"].nunique() / n)
        assert base["mean_order_value"] == pytest.approx(before["line_value"].mean())
        assert base["positions_per_order"] == 1
        assert base["period_revenue"] == pytest.approx(month["line_value"].sum())


def test_segments_add_up_to_the_base_and_to_the_revenue(lines):
    got = history_table(segment_history(lines, snapshot_date=CUTOFF, **MONTHS))

    sums = ["customers", "revenue", "period_revenue"]
    whole = got["segment"] == EVERYONE
    by_segment = got[~whole].groupby("period_end")[sums].sum()
    assert by_segment.to_numpy() == pytest.approx(
        got[whole].set_index("period_end")[sums].to_numpy(), abs=0.01
    )
    assert (got[~whole].groupby("period_end").size() == 11).all()


def test_an_empty_segment_keeps_its_row_and_its_means_are_blank():
    alike = lines_of([(f"c{k}", f"{k}-{m}", f"2023-{m}-01", 10.0) for k in range(60)
                      for m in ("10", "11", "12")])  # fmt: skip

    got = history_table(segment_history(alike, snapshot_date=CUTOFF, **MONTHS))

    lost = got[got["segment"] == "Lost"]
    assert lost["customers"].tolist() == [0] * 3
    assert lost[["order_rate", "mean_order_value"]].isna().all(axis=None)


def test_later_data_change_no_earlier_row(lines):
    early = lines.filter(lines.order_date < pd.Timestamp(CUTOFF).to_pydatetime())

    whole = history_table(segment_history(lines, snapshot_date=UNTIL, period="M", periods=6))
    cut = history_table(segment_history(early, snapshot_date=CUTOFF, **MONTHS))

    known = whole[whole["period_end"] <= CUTOFF].reset_index(drop=True)
    pd.testing.assert_frame_equal(known, cut)


def test_ends_with_under_50_customers_are_not_shown(lines):
    got = segment_history(lines, snapshot_date=CUTOFF, period="M", periods=24)

    assert len(got.at(got.ends[0])) >= 50
    before = period_end_before(got.ends[0], period="M", periods=1)
    joined = lines.filter(lines.order_date < pd.Timestamp(before).to_pydatetime())
    assert joined.customer_id.nunique().execute() < 50


def test_a_single_month_of_history_is_not_supported():
    month = lines_of([(f"c{k}", str(k), "2023-12-05", 10.0) for k in range(80)])

    with pytest.raises(NotSupportedByData, match="1 of 4 period ends"):
        segment_history(month, snapshot_date=CUTOFF, **MONTHS)


def test_without_products_positions_are_blank(lines):
    got = history_table(segment_history(lines.drop("product_id"), snapshot_date=CUTOFF, **MONTHS))

    assert got["positions_per_order"].isna().all()
