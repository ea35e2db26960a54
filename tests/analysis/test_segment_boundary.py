from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from planted_segments import CUTOFF, lines_of, planted_shop

from shared.analysis.portfolio import portfolio
from shared.analysis.rfm_scores import score_customers
from shared.analysis.segment_boundary import segment_boundary
from shared.analysis.segments import segment_by_cell
from shared.loading.errors import NotSupportedByData


@pytest.fixture(scope="module")
def shop():
    return planted_shop(1, rates=np.random.default_rng(1).gamma(1, 6, 400)).cache()


def test_earlier_is_the_portfolio_of_that_day_and_later_keeps_todays_cut_points(shop):
    got = segment_boundary(shop, snapshot_date=CUTOFF, days=7)

    now = portfolio(shop, snapshot_date=CUTOFF)
    today = now.customers.set_index("customer_id")["segment"].astype(str)
    week_ago = portfolio(shop, snapshot_date=CUTOFF - timedelta(days=7)).customers
    earlier = week_ago.set_index("customer_id")["segment"].astype(str).reindex(today.index)
    aged = now.customers.assign(recency_days=now.customers["recency_days"] + 7)
    scored = score_customers(aged, now.cuts).set_index("customer_id")
    cells = scored[["r_score", "f_score", "m_score"]].astype(str).agg("".join, axis=1)
    later = cells.map(segment_by_cell()).reindex(today.index)
    moved = (earlier.notna() & (earlier != today)) | (later != today)

    listed = got.customers.set_index("customer_id")
    assert set(listed.index) == set(today.index[moved])
    assert listed["segment_if_later"].astype(str).to_dict() == later[listed.index].to_dict()
    assert listed["segment_if_earlier"].dropna().astype(str).to_dict() == (
        earlier[listed.index].dropna().to_dict()
    )
    assert got.share.value == pytest.approx(moved.mean())
    assert got.share.n == len(today)
    assert got.share.low < got.share.value < got.share.high


def test_whoever_joined_within_the_week_is_no_customer_of_a_week_ago(shop):
    frame = shop.to_pandas()
    fresh = [("fresh", "f", CUTOFF - timedelta(days=2), 5.0)]

    got = segment_boundary(lines_of(pd.concat([frame, pd.DataFrame(fresh, columns=frame.columns)])),
                           snapshot_date=CUTOFF)  # fmt: skip

    assert got.earlier.n < got.later.n
    row = got.customers[got.customers["customer_id"] == "fresh"]
    assert row["segment_if_earlier"].isna().all()


def test_no_days_move_nobody(shop):
    got = segment_boundary(shop, snapshot_date=CUTOFF, days=0)

    assert got.customers.empty
    assert got.share.value == 0


def test_more_days_move_more_customers(shop):
    shares = [segment_boundary(shop, snapshot_date=CUTOFF, days=d).later.value for d in (1, 7, 60)]

    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


def test_the_segments_add_up_to_the_list(shop):
    got = segment_boundary(shop, snapshot_date=CUTOFF)

    listed = got.customers["segment"].value_counts()
    assert got.table.set_index("segment")["on_boundary"].to_dict() == listed.to_dict()
    assert got.table["customers"].sum() == got.share.n


def test_groups_two_months_apart_pass_their_own_cut_points_together():
    rows = [(f"c{k:03d}", str(k), f"2023-{1 + 2 * (k % 5):02d}-15", 10.0) for k in range(100)]

    got = segment_boundary(lines_of(rows), snapshot_date=date(2023, 11, 1), days=7)

    # 311 (New) becomes 211 (Hibernating) and 211 becomes 111 (Lost); 511 and 411 stay New.
    moved = got.customers.groupby(["segment", "segment_if_later"], observed=True).size()
    assert moved.to_dict() == {("New", "Hibernating"): 20, ("Hibernating", "Lost"): 20}
    assert got.earlier.value == 0
    assert got.later.value == got.share.value == 0.4


def test_a_base_that_is_a_week_old_is_not_supported():
    rows = [(f"c{k}", str(k), "2023-12-29", 10.0) for k in range(60)]

    with pytest.raises(NotSupportedByData, match="0 customers had ordered by 2023-12-25"):
        segment_boundary(lines_of(rows), snapshot_date=CUTOFF)
