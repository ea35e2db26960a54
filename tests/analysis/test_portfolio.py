from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis import _
from scipy.stats import spearmanr

from shared.analysis.abc import abc_classes, abc_table, product_revenue, top_share
from shared.analysis.intervals import wilson
from shared.analysis.portfolio import (
    group,
    portfolio,
    portfolio_verdict,
    segment_table,
    share_held,
)
from shared.analysis.segments import SEGMENTS
from shared.analysis.verdicts import Level
from shared.loading.errors import NotSupportedByData

SNAPSHOT = date(2024, 7, 1)
SEGMENT_SIZES = [798, 403, 306, 408, 243, 254, 229, 348, 123, 659, 567]
NEXT_39_WEEKS = {
    "Champions": 0.702, "Loyal": 0.476, "Need Attention": 0.396, "Potential Loyalist": 0.373,
    "Promising": 0.209, "At Risk": 0.180, "Hibernating": 0.162, "Cannot Lose": 0.140,
    "New": 0.138, "About To Sleep": 0.119, "Lost": 0.085,
}  # fmt: skip


def lines_of(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "order_date", "line_value"])
    return ibis.memtable(frame.assign(order_date=pd.to_datetime(frame["order_date"])))


def shop(customers, *, seed=0, first="2023-07-01", days=366, orders=6):
    """Draw a shop whose customers order at their own rate, evenly over the days."""
    rng = np.random.default_rng(seed)
    per_customer = 1 + rng.poisson(orders * rng.gamma(1, 1, customers))
    owner = np.repeat(np.arange(customers), per_customer)
    n = len(owner)
    return lines_of(
        {
            "customer_id": [f"c{i:04d}" for i in owner],
            "order_id": [str(i) for i in range(n)],
            "order_date": pd.Timestamp(first) + pd.to_timedelta(rng.integers(0, days, n), unit="D"),
            "line_value": rng.integers(100, 20000, n) / 100,
        }
    )


@pytest.fixture(scope="module")
def cdnow(datasets):
    text = pd.read_fwf(
        datasets / "cdnow" / "CDNOW_sample.txt",
        header=None,
        names=["master_id", "customer_id", "day", "units", "line_value"],
        dtype={"customer_id": str, "day": str},
    )
    # An order is a distinct day of purchase; amounts of zero stay.
    return lines_of(text.assign(order_id=text["day"], order_date=text["day"])
                    [["customer_id", "order_id", "order_date", "line_value"]])  # fmt: skip


@pytest.mark.datasets
def test_online_retail_has_the_published_cut_points_segments_and_revenue(online_retail_bought):
    base = portfolio(online_retail_bought, snapshot_date=date(2011, 12, 10))
    table = segment_table(base)
    cuts = base.cuts.values

    assert cuts["recency_days"].tolist() == [13, 33, 72, 180]
    assert cuts["frequency"].tolist() == [1, 2, 3, 6]
    assert cuts["monetary"].round(6).tolist() == [250.15, 490.22, 942.26, 2059.45]
    assert table["segment"].tolist() == list(SEGMENTS)
    assert table["customers"].tolist() == SEGMENT_SIZES
    assert round(table["revenue"][0], 3) == 5523272.40
    assert abs(table["revenue"].sum() - 8911407.904) < 0.01
    assert portfolio_verdict(base).level is Level.RELIABLE


@pytest.mark.datasets
def test_a_fifth_of_online_retail_holds_three_quarters_and_the_classes_are_as_published(
    online_retail_bought,
):
    base = portfolio(online_retail_bought, snapshot_date=date(2011, 12, 10))
    spend = base.customers["monetary"]
    sold = product_revenue(online_retail_bought).to_pandas()
    products = abc_table(abc_classes(sold["revenue"]))

    assert abc_table(abc_classes(spend))["members"].tolist() == [1133, 1469, 1736]
    assert top_share(spend).value == pytest.approx(0.746, abs=5e-4)
    assert (products["members"][0], products["members"].sum()) == (777, 3665)


@pytest.mark.datasets
def test_cdnow_segments_buy_again_as_measured(cdnow):
    base = portfolio(cdnow, snapshot_date=date(1997, 10, 1))
    sizes = segment_table(base).set_index("segment")["customers"]
    later = set(cdnow.filter(_.order_date >= pd.Timestamp("1997-10-01")).customer_id.to_pandas())

    assert base.cuts.values["recency_days"].tolist() == [100, 199, 220, 243]
    assert (sizes["Champions"], sizes["Lost"], sizes.sum()) == (416, 270, 2357)
    for segment, share in NEXT_39_WEEKS.items():
        members = base.customers.loc[base.customers["segment"] == segment, "customer_id"]
        bought = wilson(int(members.isin(later).sum()), len(members))
        assert bought.value == pytest.approx(share, abs=5e-4)
        assert bought.low < share < bought.high


def test_segments_and_refund_only_customers_add_up_to_the_input():
    purchases = shop(200).mutate(is_refund=False)
    refunds = lines_of([("ghost", "R1", "2024-01-10", -30.5), ("c0001", "R2", "2024-01-11", -1.0)])

    base = portfolio(purchases.union(refunds.mutate(is_refund=True)), snapshot_date=SNAPSHOT)

    assert base.refund_only_customers == 1
    assert base.refund_only_revenue == -30.5
    wanted = float(purchases.line_value.sum().execute()) - 31.5
    assert segment_table(base)["revenue"].sum() + base.refund_only_revenue == pytest.approx(wanted)


def test_an_empty_segment_keeps_its_row_and_its_means_are_blank():
    alike = [(f"c{i}", f"o{i}", "2024-06-01", 10.0) for i in range(60)]

    table = segment_table(portfolio(lines_of(alike), snapshot_date=SNAPSHOT)).set_index("segment")

    assert len(table) == 11
    assert table.loc["New", "customers"] == 60  # all 511: recent, and one order
    assert table.loc["Lost", "customers"] == 0
    assert pd.isna(table.loc["Lost", "mean_spend"])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_shuffled_rows_split_orders_and_new_names_change_nothing(seed):
    plain = shop(60, seed=seed).to_pandas()
    halves = pd.concat([plain, plain]).assign(line_value=lambda t: t["line_value"] / 2)
    renamed = halves.sample(frac=1, random_state=seed).assign(
        customer_id=lambda t: "x" + t["customer_id"].str[::-1]
    )

    before, after = (
        portfolio(ibis.memtable(t), snapshot_date=SNAPSHOT).customers for t in (plain, renamed)
    )
    after = after.assign(customer_id=after["customer_id"].str[:0:-1])

    columns = ["customer_id", "recency_days", "frequency", "monetary", "cell", "segment"]
    first, second = (
        t[columns].sort_values("customer_id", ignore_index=True) for t in (before, after)
    )
    assert first.equals(second)


def test_recent_frequent_large_customers_come_first():
    base = portfolio(shop(300), snapshot_date=SNAPSHOT)

    assert base.customers["priority"].is_monotonic_decreasing
    assert base.customers["cell"].iloc[0] == "555"


def test_the_order_of_segments_follows_planted_purchase_rates():
    rates = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        rate = rng.gamma(0.8, 4, 1500)
        owner = np.repeat(np.arange(1500), 1 + rng.poisson(rate))
        day = pd.Timestamp("2023-07-01") + pd.to_timedelta(
            rng.integers(0, 366, len(owner)), unit="D"
        )
        rows = {
            "customer_id": owner.astype(str),
            "order_id": np.arange(len(owner)).astype(str),
            "order_date": day,
            "line_value": 20.0,
        }
        customers = portfolio(lines_of(rows), snapshot_date=SNAPSHOT).customers
        rates.append(customers.assign(rate=rate[customers["customer_id"].astype(int)]))
    every = pd.concat(rates).groupby("priority")["rate"].mean()

    assert spearmanr(every.index, every).statistic >= 0.9


def test_a_group_has_its_shares_with_intervals():
    base = portfolio(shop(400), snapshot_date=SNAPSHOT)

    got = group(base, "Champions", "Loyal")
    table = segment_table(base).iloc[:2]

    assert got.customers == table["customers"].sum()
    assert got.customer_share.n == got.revenue_share.n == 400
    assert got.revenue_share.value == pytest.approx(table["revenue_share"].sum())
    assert got.revenue_share.low < got.revenue_share.value < got.revenue_share.high


def test_the_interval_of_a_revenue_share_covers_the_truth():
    def covers(seed):
        rng = np.random.default_rng(seed)
        inside = rng.random(400) < 0.25
        spend = np.where(inside, rng.gamma(2, 150, 400), rng.gamma(2, 50, 400))
        estimate = share_held(pd.Series(spend), pd.Series(inside))
        return estimate.low <= 0.5 <= estimate.high

    assert 90 <= sum(covers(seed) for seed in range(100)) <= 99


def test_without_revenue_no_share_is_said():
    got = share_held(pd.Series([0.0, 0.0]), pd.Series([True, False]))

    assert np.isnan(got.value)


def test_under_50_buyers_is_not_supported_and_from_50_it_is_read_with_care():
    with pytest.raises(NotSupportedByData, match="49 customers"):
        portfolio_verdict(portfolio(shop(49), snapshot_date=SNAPSHOT))

    verdict = portfolio_verdict(portfolio(shop(50), snapshot_date=SNAPSHOT))
    assert verdict.level is Level.CARE


@pytest.mark.parametrize(
    ("data", "snapshot", "level"),
    [
        (shop(500), SNAPSHOT, Level.RELIABLE),
        (shop(499), SNAPSHOT, Level.CARE),
        (shop(500, first="2024-01-03", days=180), SNAPSHOT, Level.RELIABLE),
        (shop(500, first="2024-01-04", days=179), SNAPSHOT, Level.CARE),
        (shop(500), date(2024, 7, 31), Level.CARE),
        (shop(500, orders=0), SNAPSHOT, Level.CARE),
    ],
    ids=["enough", "few buyers", "180 days", "179 days", "stale", "nobody orders three times"],
)
def test_each_gate_lowers_the_verdict(data, snapshot, level):
    assert portfolio_verdict(portfolio(data, snapshot_date=snapshot)).level is level


def test_items_instead_of_money_are_read_with_care():
    base = portfolio(shop(500), snapshot_date=SNAPSHOT)

    assert portfolio_verdict(base, has_money=False).level is Level.CARE


def test_no_order_before_the_snapshot_is_not_supported():
    with pytest.raises(NotSupportedByData, match="no order before 2020-01-01"):
        portfolio(shop(50), snapshot_date=date(2020, 1, 1))


def test_one_customer_with_most_of_the_revenue_is_read_with_care():
    whale = lines_of([("whale", "w1", "2024-06-01", 1e6)])

    verdict = portfolio_verdict(portfolio(shop(600).union(whale), snapshot_date=SNAPSHOT))

    assert verdict.level is Level.CARE
    assert "One customer" in verdict.reasons[0].template
