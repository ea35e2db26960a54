import ibis
import numpy as np
import pandas as pd
import pytest
from planted_baskets import SNAPSHOT, independent_baskets, planted_pairs

from shared.analysis.basket import baskets_of
from shared.analysis.basket_bundles import bundles
from shared.analysis.basket_pairs import Reading, pairs_of
from shared.analysis.basket_worth import best_companions, companions, item_worth, wilson_bounds
from shared.analysis.intervals import wilson
from shared.loading.errors import NotSupportedByData

AT = {"snapshot_date": SNAPSHOT}


def priced_shop():
    """Give 100 baskets of tea and cake, 300 of tea, 200 of cake: 10 and 4 a unit, cost 6 and 1."""
    baskets = [["tea", "cake"]] * 100 + [["tea"]] * 300 + [["cake"]] * 200
    frame = pd.DataFrame(
        [(f"o{i:04d}", item) for i, basket in enumerate(baskets) for item in basket],
        columns=["order_id", "product_id"],
    )
    tea = frame["product_id"] == "tea"
    return frame.assign(
        quantity=1.0,
        line_value=np.where(tea, 10.0, 4.0),
        unit_cost=np.where(tea, 6.0, 1.0),
    )


def one_robust_pair():
    return pd.DataFrame(
        {"item_a": [0], "item_b": [1], "together": [100], "lift": [1.5], "size_lift": [2.0],
         "q": [0.001], "reading": [Reading.ROBUST.value]}
    )  # fmt: skip


@pytest.fixture
def shop():
    lines = ibis.memtable(priced_shop())
    baskets = baskets_of(lines, **AT)
    return baskets, item_worth(lines, baskets, **AT)


def test_price_margin_and_basket_worth_of_a_hand_made_shop(shop):
    baskets, worth = shop

    got = worth.table.set_index(baskets.items["label"])
    assert worth.what == "margin"
    assert got.loc["tea", ["price", "unit_worth", "basket_worth"]].tolist() == [10, 4, 4]
    assert got.loc["cake", ["price", "unit_worth", "basket_worth"]].tolist() == [4, 3, 3]


def test_one_wholesale_order_does_not_speak_for_all_baskets():
    frame = priced_shop()
    frame.loc[0, ["quantity", "line_value"]] = [10_000.0, 100_000.0]
    lines = ibis.memtable(frame)
    baskets = baskets_of(lines, **AT)

    worth = item_worth(lines, baskets, **AT).table.set_index(baskets.items["label"])

    assert worth.loc["tea", "basket_worth"] == pytest.approx(4)


def test_without_costs_money_is_revenue_or_the_stated_share_and_without_prices_items():
    frame = priced_shop().drop(columns="unit_cost")
    lines, bare = ibis.memtable(frame), ibis.memtable(frame.drop(columns="line_value"))
    baskets = baskets_of(lines, **AT)

    revenue, stated = (item_worth(lines, baskets, margin_share=s, **AT) for s in (0.0, 0.5))
    items = item_worth(bare, baskets, **AT)

    assert (revenue.what, stated.what, items.what) == ("revenue", "margin", "items bought")
    assert stated.table["unit_worth"].tolist() == pytest.approx(
        (revenue.table["unit_worth"] / 2).tolist()
    )
    assert items.table["basket_worth"].tolist() == [1, 1]
    assert not revenue.has_margin


def test_a_companion_is_worth_what_lies_beyond_the_share_expected(shop):
    baskets, worth = shop  # 0 is cake, 1 is tea

    table = companions(one_robust_pair(), baskets, worth).set_index("item_a")

    # Of 300 baskets with cake 100 hold tea: a third, half of it expected; tea leaves 4.
    assert table.loc[0, "confidence"] == pytest.approx(1 / 3)
    assert table.loc[0, "base"] == pytest.approx(1 / 6)
    assert table.loc[0, "worth_per_1000"] == pytest.approx(1000 / 6 * 4)
    assert table.loc[1, "confidence"] == pytest.approx(1 / 4)
    assert table.loc[1, "worth_per_1000"] == pytest.approx(1000 / 8 * 3)
    assert (table["worth_low"] < table["worth_per_1000"]).all()
    assert (table["worth_high"] > table["worth_per_1000"]).all()


def test_each_product_has_one_best_companion():
    lines = planted_pairs(1)
    baskets = baskets_of(lines, **AT)
    table = companions(pairs_of(baskets).table, baskets, item_worth(lines, baskets, **AT))

    best = best_companions(table)

    assert best["item_a"].is_unique
    assert len(best) == 20
    assert ((best["worth_low"] * best["baskets_a"]).diff().dropna() <= 0).all()


def test_the_many_wilson_intervals_are_those_of_the_single_one():
    share, low, high = wilson_bounds(np.array([3.0, 50.0]), np.array([20.0, 100.0]))

    for place, (k, n) in enumerate([(3, 20), (50, 100)]):
        want = wilson(k, n)
        assert (share[place], low[place], high[place]) == pytest.approx(
            (want.value, want.low, want.high)
        )


def test_the_floor_of_a_bundle_is_where_loss_and_gain_meet(shop):
    baskets, worth = shop

    row = bundles(one_robust_pair(), baskets, worth, discount=0.1, uptake=0.2).iloc[0]

    # 200 buy cake alone (0), 300 tea alone (1); added if all took both: 200 × 4 + 300 × 3.
    assert (row["only_a"], row["only_b"]) == (200, 300)
    assert (row["list_price"], row["cost"], row["margin"]) == (14, 7, 7)
    deepest = 0.2 * (200 * 4 + 300 * 3) / (100 + 0.2 * 500)
    assert row["floor_price"] == pytest.approx(14 - deepest)
    # At the floor, today's margin is kept: those who took it bring what those who had it lose.
    loss = deepest * 100
    gain = 0.2 * (200 * (4 - deepest) + 300 * (3 - deepest))
    assert gain == pytest.approx(loss)
    assert row["gain"] == pytest.approx(0.2 * (200 * (4 - 1.4) + 300 * (3 - 1.4)) - 1.4 * 100)
    assert row["break_even_uptake"] == pytest.approx(1.4 * 100 / (1700 - 1.4 * 500))


def test_the_floor_never_lies_below_cost(shop):
    baskets, worth = shop
    few = one_robust_pair().assign(together=5)

    row = bundles(few, baskets, worth, discount=0.6, uptake=1.0).iloc[0]

    assert row["floor_price"] >= row["cost"]
    assert np.isnan(row["break_even_uptake"])  # no uptake repays a price below cost


def test_no_margin_or_no_robust_pair_means_no_bundle(shop):
    baskets, worth = shop
    lines = ibis.memtable(priced_shop().drop(columns="unit_cost"))
    revenue = item_worth(lines, baskets, **AT)
    plan = {"discount": 0.1, "uptake": 0.1}

    with pytest.raises(NotSupportedByData, match="cost of the goods"):
        bundles(one_robust_pair(), baskets, revenue, **plan)
    with pytest.raises(NotSupportedByData, match="no pair is robust"):
        bundles(one_robust_pair().assign(reading="chance"), baskets, worth, **plan)


def test_independent_baskets_have_no_companions():
    lines = independent_baskets(1)
    baskets = baskets_of(lines, **AT)

    assert companions(pairs_of(baskets).table, baskets, item_worth(lines, baskets, **AT)).empty


def test_bundles_are_ranked_by_what_they_gain_for_sure(shop):
    baskets, worth = shop
    pairs = pd.concat([one_robust_pair(), one_robust_pair().assign(together=20)])

    table = bundles(pairs, baskets, worth, discount=0.1, uptake=0.2)

    assert list(table["together"]) == [20, 100]  # fewer who would pay less for what they buy anyway
    assert table["gain_low"].is_monotonic_decreasing
    row = table.iloc[1]
    # Of 200, 300 and 100 baskets each count varies by its root.
    reach = 1.96 * np.sqrt(200 * (0.2 * 2.6) ** 2 + 300 * (0.2 * 1.6) ** 2 + 100 * 1.4**2)
    assert row["gain_low"] == pytest.approx(row["gain"] - reach, abs=0.01)
    assert row["gain_high"] == pytest.approx(row["gain"] + reach, abs=0.01)
