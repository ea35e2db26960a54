from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from draws import FEW
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from plain_profile import plain_profile
from profiled_shops import random_lines, tables

from shared.analysis.abc import abc_classes
from shared.analysis.abc_xyz import spend_variation
from shared.analysis.customer_profile import customer_profile
from shared.analysis.margins import customer_margins
from shared.analysis.portfolio import portfolio
from shared.analysis.profile_metrics import METRICS, NAMES

AS_OF = date(2024, 6, 20)


def profile(frame, *, snapshot_date=AS_OF, **settings):
    return customer_profile(tables(frame), snapshot_date=snapshot_date, **settings).customers


@pytest.fixture(scope="module")
def shop():
    """Give the lines of a random shop, its profile and the profile computed plainly."""
    frame = random_lines(11)
    got = profile(frame, g1_days=60).set_index("customer_id")
    return frame, got, plain_profile(frame, snapshot_date=AS_OF, g1_days=60)


@pytest.mark.parametrize("group", ["Recency", "Frequency", "Money", "Basket", "Stability"])
def test_each_group_of_metrics_is_what_plain_loops_compute(shop, group):
    _, got, want = shop
    names = [metric.name for metric in METRICS if metric.group == group]

    assert_frame_equal(
        got[names].astype(float), want[names].astype(float), check_names=False, rtol=1e-9, atol=1e-9
    )
    assert got[names].notna().any().all()


def test_scores_segments_and_classes_are_those_of_the_portfolio(shop):
    frame, got, _ = shop
    base = portfolio(ibis.memtable(frame), snapshot_date=AS_OF).customers.set_index("customer_id")

    names = ["recency_days", "frequency", "monetary", "r_score", "f_score", "m_score"]
    assert_frame_equal(got[names], base.loc[got.index, names], check_dtype=False)
    assert (got["segment"] == base.loc[got.index, "segment"].astype(str)).all()
    want = abc_classes(base["monetary"])["abc_class"].loc[got.index]
    assert (got["abc_class"] == want).all()


def test_the_margin_is_that_of_the_portfolio(shop):
    frame, got, _ = shop

    want = customer_margins(ibis.memtable(frame), snapshot_date=AS_OF)

    pd.testing.assert_series_equal(got["margin"], want.loc[got.index], check_names=False)


def test_the_variation_of_spend_is_that_of_the_classes_x_y_and_z(shop):
    frame, got, _ = shop

    spend = spend_variation(ibis.memtable(frame), snapshot_date=AS_OF).to_pandas()

    want = spend.set_index("customer_id")["spend_cv"].reindex(got.index)
    pd.testing.assert_series_equal(got["spend_cv"], want, rtol=1e-9)


def test_rows_in_any_order_split_lines_and_renamed_ids_change_nothing():
    frame = random_lines(12)
    halves = frame.assign(
        **{name: frame[name] / 2 for name in ("quantity", "discount", "line_value")}
    )
    # An order's id is no reason for its place among orders of one moment.
    renamed = pd.util.hash_array(halves["order_id"].to_numpy(dtype=object)).astype(str)
    other = pd.concat([halves, halves]).assign(order_id=np.concatenate([renamed, renamed]))

    got = profile(other.sample(frac=1, random_state=1))

    assert_frame_equal(got, profile(frame), check_exact=True)


def test_weeks_and_quarters_count_their_own_periods():
    frame = random_lines(13)
    days = frame.loc[~frame["is_refund"]].groupby("order_id")["order_date"].min()
    owner = frame.drop_duplicates("order_id").set_index("order_id")["customer_id"]

    for period in ("W", "Q"):
        got = profile(frame, period=period).set_index("customer_id")["active_periods"]
        inside = days[days < pd.Timestamp(AS_OF)]
        want = inside.dt.to_period(period).groupby(owner.reindex(inside.index)).nunique()
        assert got.tolist() == want.loc[got.index].tolist()


@st.composite
def small_shops(draw):
    """Draw a few orders of three customers, some on one day, some refunded."""
    row = st.tuples(
        st.sampled_from("abc"), st.integers(1, 5), st.integers(0, 120),
        st.sampled_from(["P1", "P2", "P3"]), st.integers(1, 5000), st.booleans(),
    )  # fmt: skip
    rows = draw(st.lists(row, min_size=1, max_size=14))
    return pd.DataFrame(
        {
            "customer_id": [row[0] for row in rows],
            "order_id": [f"{row[0]}{row[1]}" for row in rows],
            "order_date": [pd.Timestamp("2024-01-01") + pd.Timedelta(days=row[2]) for row in rows],
            "product_id": [row[3] for row in rows],
            "category": [row[3][1] for row in rows],
            "quantity": [1.0 - 2.0 * (row[5] and row[4] % 3 == 0) for row in rows],
            "unit_price": [row[4] / 100 for row in rows],
            "line_value": [
                row[4] / 100 * (1.0 - 2.0 * (row[5] and row[4] % 3 == 0)) for row in rows
            ],
            "is_refund": [row[5] and row[4] % 3 == 0 for row in rows],
        }
    )


@settings(max_examples=6 * FEW, deadline=None)
@given(shop=small_shops(), day=st.integers(1, 120))
def test_later_data_change_no_earlier_profile(shop, day):
    as_of = pd.Timestamp("2024-01-01") + pd.Timedelta(days=day)
    past = shop[shop["order_date"] < as_of]
    if past.loc[~past["is_refund"]].empty:
        return

    got = profile(shop, snapshot_date=as_of.date())

    assert_frame_equal(got, profile(past, snapshot_date=as_of.date()), check_exact=True)


@settings(max_examples=8 * FEW, deadline=None)
@given(shop=small_shops())
def test_what_must_hold_in_any_shop_holds(shop):
    if shop["is_refund"].all():
        return
    got = profile(shop, snapshot_date=date(2024, 5, 20))

    shares = ["asleep_share", "top_category_share", "repeat_product_share", "active_period_share"]
    assert (got[shares].fillna(0).ge(0) & got[shares].fillna(0).le(1)).all(axis=None)
    assert (got["longest_active_streak"] <= got["active_periods"]).all()
    assert (got["active_periods"] <= got["order_days"]).all()
    assert (got["order_days"] <= got["frequency"]).all()
    assert (got["longest_gap_days"] >= got["recency_days"]).all()
    whole = shop[shop["customer_id"].isin(got["customer_id"])]["line_value"].sum()
    assert got["monetary"].sum() == pytest.approx(whole, abs=1e-6)
    blanks = got["blank_reasons"].str.split().str.len()
    assert blanks.sum() == got[list(NAMES)].isna().sum().sum()


@pytest.mark.datasets
def test_online_retail_has_the_published_segments_classes_and_gaps(online_retail_bought):
    lines = online_retail_bought

    profile = customer_profile({"order_lines": lines}, snapshot_date=date(2011, 12, 10))

    got = profile.customers
    assert profile.g1_days == 58
    assert (len(got), got["frequency"].eq(1).sum()) == (4338, 1493)
    assert got["segment"].value_counts()[["Champions", "Cannot Lose", "Lost"]].tolist() == [
        798, 123, 567,
    ]  # fmt: skip
    assert got["abc_class"].value_counts().sort_index().tolist() == [1133, 1469, 1736]
    assert got["monetary"].sum() == pytest.approx(8_911_407.904, abs=0.01)
    assert got["xyz_class"].isna().sum() == got["spend_cv"].isna().sum() > 0
