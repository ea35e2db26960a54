from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_baskets import (
    SNAPSHOT,
    baskets_of_many_sizes,
    independent_baskets,
    lines_of,
    substitutes,
)

from shared.analysis.basket import baskets_of
from shared.analysis.basket_assortment_answers import groups_met, groups_so_what
from shared.analysis.basket_assortment_exhibits import drawn_groups, group_map
from shared.analysis.basket_groups import APART, CROSS_SELL, OPEN, group_pairs
from shared.analysis.basket_pairs import pairs_of
from shared.analysis.basket_substitutes import REPLACE
from shared.analysis.basket_substitutes import substitutes as find
from shared.analysis.multiple_testing import Finding
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write


def found(lines):
    baskets = baskets_of(lines, snapshot_date=SNAPSHOT)
    return find(pairs_of(baskets), baskets)


def test_two_products_that_avoid_each_other_are_found_with_ratio_and_sign():
    table = found(substitutes(1))

    row = table.iloc[0]
    assert (row["item_a"], row["item_b"], row["finding"]) == (0, 1, Finding.DIFFERS)
    assert row["size_low"] < 0.15 < row["size_high"] < 0.5
    assert -1 <= row["yule_q"] < -0.6
    assert row["high"] < 1
    assert len(table) == 1


def test_only_products_of_one_group_replace_each_other():
    frame = substitutes(1).to_pandas()
    same = frame.assign(category="syrup")
    other = frame.assign(category=frame["product_id"].where(frame["product_id"] != "p000", "x"))

    assert found(ibis.memtable(same)).iloc[0]["kind"] == REPLACE
    assert found(ibis.memtable(other)).iloc[0]["kind"] != REPLACE


def test_the_lift_over_customers_tells_who_buys_both_at_different_times():
    frame = substitutes(1).to_pandas()
    number = frame["order_id"].str[1:].astype(int)

    alternating = found(ibis.memtable(frame.assign(customer_id="c" + (number % 40).astype(str))))
    apart = found(ibis.memtable(frame.assign(customer_id="c" + number.astype(str))))

    assert alternating.iloc[0]["customer_lift"] == pytest.approx(1, abs=0.05)
    assert apart.iloc[0]["customer_lift"] < 0.5
    assert np.isnan(found(ibis.memtable(frame)).iloc[0]["customer_lift"])


def test_pairs_that_never_met_are_substitutes_too():
    table = found(lines_of([["a", "x"]] * 200 + [["b", "x"]] * 200 + [["c", "x"]] * 200))

    assert set(table["together"]) == {0}
    assert (table["size_lift"] == 0).all()


@pytest.mark.parametrize("lines", [independent_baskets, baskets_of_many_sizes])
def test_nothing_is_called_a_substitute_where_nothing_is(lines):
    for seed in range(3):
        assert not (found(lines(seed))["finding"] == Finding.DIFFERS).any()


def groups_shop(seed):
    """Give cups with tea three times as often as by chance, and wine never with beer."""
    rng = np.random.default_rng(seed)
    held = rng.random((6000, 6)) < [0.08, 0.08, 0.2, 0.2, 0.3, 0.3]
    held[:, 1] |= held[:, 0] & (rng.random(6000) < 0.5)
    held[:, 3] &= ~held[:, 2]
    names = ["cup", "tea", "wine", "beer", "bread", "milk"]
    lines = lines_of([[names[i] for i in np.flatnonzero(row)] for row in held if row.any()])
    frame = lines.to_pandas()
    return ibis.memtable(frame.assign(category=frame["product_id"].str.upper()))


def test_groups_that_cross_sell_and_groups_that_keep_apart_are_told_apart():
    groups = baskets_of(groups_shop(1), snapshot_date=SNAPSHOT, level="category")

    table = group_pairs(groups).set_index(["group_a", "group_b"])

    assert table.loc[("CUP", "TEA"), "reading"] == CROSS_SELL
    assert table.loc[("BEER", "WINE"), "reading"] == APART
    assert table.loc[("BREAD", "MILK"), "reading"] not in (CROSS_SELL, APART)
    assert (table["size_low"].diff().dropna() <= 0).all()


def test_two_groups_are_too_few_to_compare():
    frame = lines_of([["a", "b"]] * 300).to_pandas()
    groups = baskets_of(
        ibis.memtable(frame.assign(category=frame["product_id"])),
        snapshot_date=SNAPSHOT, level="category",
    )  # fmt: skip

    with pytest.raises(NotSupportedByData, match="2 product groups"):
        group_pairs(groups)


def settled(*readings):
    table = pd.DataFrame({"group_a": "Tea", "group_b": [f"Cup {i}" for i in range(len(readings))],
                          "together": 300, "expected": 200.0, "size_lift": 1.5, "size_low": 1.3,
                          "size_high": 1.7, "reading": list(readings)})  # fmt: skip
    return SimpleNamespace(groups=table)


def test_groups_not_settled_are_counted_drawn_and_explained():
    many = settled(*[OPEN] * 14, *[APART] * 6)

    title = groups_met(many)
    title = write(title.template, dict(title.values), Wording())
    drawn = drawn_groups(many)
    why = groups_so_what(many)[0]

    assert title == "0 of 20 pairs of groups cross-sell; 6 keep apart, 14 are not settled"
    assert list(drawn["reading"]).count(OPEN) == 3
    assert list(drawn["reading"]).count(APART) == 3
    assert str(write(why.template, dict(why.values), Wording())).startswith("14 pairs meet more")
    assert len(group_map(many).data) == 20
    assert not groups_so_what(settled(CROSS_SELL, APART))


def test_one_pair_of_groups_cross_sells_and_two_cross_sell():
    one, two = (groups_met(settled(*[CROSS_SELL] * n, APART)) for n in (1, 2))

    one, two = (str(write(said.template, dict(said.values), Wording())) for said in (one, two))
    assert one.startswith("1 of 2 pairs of groups cross-sells: Tea and Cup 0, 1.50 times")
    assert two.startswith("2 of 3 pairs of groups cross-sell, above all Tea and Cup 0, 1.50 times")
