"""Pairs: CRM_DRAWS=100 runs the planted-truth tests on as many draws as the requirement names."""

import os

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from planted_baskets import (
    SNAPSHOT,
    baskets_of_many_sizes,
    common_cause,
    independent_baskets,
    lines_of,
    planted_pairs,
)

from shared.analysis import basket_pairs
from shared.analysis.basket import baskets_of
from shared.analysis.basket_expectation import expected_by_size, size_model
from shared.analysis.basket_pairs import Reading, family_q, named, pairs_of
from shared.analysis.multiple_testing import false_discovery_q
from shared.loading.errors import ConfigError

DRAWS = int(os.environ.get("CRM_DRAWS", "6"))


def counted(lines, **options):
    return baskets_of(lines, snapshot_date=SNAPSHOT, **options)


def pairs(lines, **options):
    return pairs_of(counted(lines), **options)


def held_matrix(baskets):
    rows = baskets.incidence.select("basket", "item").to_pandas()
    return pd.crosstab(rows["basket"], rows["item"]).to_numpy()


def test_a_hand_made_pair_has_the_lift_that_pencil_and_paper_give():
    # 300 baskets: milk in 180, bread in 150, both in 120.
    lines = lines_of([["milk", "bread"]] * 120 + [["milk", "x"]] * 60 + [["bread", "x"]] * 30
                     + [["x", "y"]] * 90)  # fmt: skip

    table = named(pairs(lines).table, counted(lines).items).set_index(["product_a", "product_b"])
    row = table.loc[("bread", "milk")]

    assert (row["together"], row["support"]) == (120, 0.4)
    assert row["lift"] == pytest.approx(120 * 300 / (150 * 180))
    assert row["leverage"] == pytest.approx(0.4 - 0.5 * 0.6)
    assert row["low"] < row["lift"] < row["high"]


def test_counts_of_pairs_and_halves_equal_those_of_a_plain_matrix_product():
    baskets = counted(independent_baskets(1, baskets=3000, items=30))
    held = held_matrix(baskets)
    later = baskets.incidence.select("basket", "later").distinct().to_pandas()
    late = later.sort_values("basket")["later"].to_numpy()

    table = pairs_of(baskets).table

    a, b = table["item_a"].to_numpy(), table["item_b"].to_numpy()
    assert table["together"].tolist() == (held.T @ held)[a, b].tolist()
    assert table["later_together"].tolist() == (held.T @ (held * late[:, None]))[a, b].tolist()
    assert (table["earlier_together"] + table["later_together"] == table["together"]).all()
    every = np.triu(held.T @ held, k=1)
    assert len(table) == (every >= 5).sum()


def test_pairs_that_chance_would_bring_together_are_kept_even_if_they_never_met():
    lines = lines_of([["milk", "tea"]] * 100 + [["beer", "tea"]] * 100)

    expected = named(pairs(lines).expected, counted(lines).items)

    row = expected.set_index(["product_a", "product_b"]).loc[("beer", "milk")]
    assert row["together"] == 0
    assert row["expected"] > 5


def test_q_values_allow_for_the_tests_that_are_not_listed():
    p = np.array([0.001, 0.2, 0.04])

    assert family_q(p, 3) == pytest.approx(false_discovery_q(p))
    padded = false_discovery_q(np.concatenate([p, np.ones(7)]))
    assert family_q(p, 10) == pytest.approx(padded[:3])


def test_the_family_is_every_pair_that_could_have_been_listed():
    baskets = counted(independent_baskets(1))

    assert pairs_of(baskets).tested == 60 * 59 // 2
    listed = pairs_of(baskets, tested="listed")
    assert listed.tested == len(listed.table)
    assert (listed.table["q"] <= pairs_of(baskets).table["q"]).all()


def test_the_order_of_rows_changes_nothing():
    frame = planted_pairs(1, baskets=3000).to_pandas()

    first, second = (
        pairs(ibis.memtable(f)).table for f in (frame, frame.sample(frac=1, random_state=1))
    )

    assert_frame_equal(first, second)


def test_new_names_of_the_products_change_no_figure():
    frame = planted_pairs(1, baskets=3000).to_pandas()
    renamed = frame.assign(product_id="z" + frame["product_id"].str[::-1])

    first, second = (pairs(ibis.memtable(f)).table for f in (frame, renamed))

    columns = ["together", "lift", "q", "size_lift", "later_p"]
    first, second = (t[columns].sort_values(columns, ignore_index=True) for t in (first, second))
    assert_frame_equal(first, second, rtol=1e-6)


def test_a_pair_of_one_customer_is_a_habit_and_not_a_pattern():
    frame = planted_pairs(2, baskets=6000).to_pandas()
    frame["customer_id"] = "c" + frame["order_id"].str[1:]
    both = frame[frame["product_id"].isin(["p000", "p001"])].groupby("order_id").size()
    one = frame["order_id"].isin(both.index[both == 2])
    frame.loc[one, "customer_id"] = "c-only"

    table = pairs(ibis.memtable(frame)).table.set_index(["item_a", "item_b"])

    row = table.loc[(0, 1)]
    assert row["customers"] == 1
    assert (row["reading"], row["why"]) == (Reading.DOUBTFUL, "a few customers")
    assert table.loc[(2, 3), "reading"] == Reading.ROBUST


def test_carrier_bags_are_counted_and_never_recommended():
    bags = lines_of([["carrier bag", "milk"]] * 300 + [["tea", "beer"]] * 300)

    table = named(pairs(bags).table, counted(bags).items).set_index("product_b")

    assert table.loc["milk", "reading"] == Reading.SERVICE
    assert table.loc["milk", "q"] < 1e-9


def test_the_expected_meetings_keep_the_number_of_pairs_and_popularity():
    baskets = counted(baskets_of_many_sizes(1))
    held = held_matrix(baskets)
    met = (held.T @ held).astype(float)
    a, b = np.triu_indices(len(baskets.items), k=1)

    expected = expected_by_size(size_model(baskets), a, b)

    assert expected.sum() == pytest.approx(met[a, b].sum(), rel=1e-6)
    assert np.median(met[a, b] / expected) == pytest.approx(1, abs=0.03)
    # Lifts alone would call nearly every pair a pattern: it is the basket sizes.
    share = held.mean(axis=0)
    assert np.median(met[a, b] / len(held) / (share[a] * share[b])) > 1.3


def test_too_many_meetings_are_refused_with_a_remedy(monkeypatch):
    monkeypatch.setattr(basket_pairs, "MOST_CO_PURCHASES", 1000)

    with pytest.raises(ConfigError, match="max_items"):
        pairs(independent_baskets(1))


def test_too_many_pairs_raise_the_smallest_count_and_that_is_told(monkeypatch):
    monkeypatch.setattr(basket_pairs, "MOST_PAIRS", 100)

    got = pairs(independent_baskets(1))

    assert got.least > 5
    assert got.table["together"].min() >= got.least


@pytest.mark.slow
def test_baskets_without_a_pattern_give_no_robust_pair():
    robust = [(pairs(independent_baskets(seed)).table["reading"] == Reading.ROBUST).any()
              for seed in range(DRAWS)]  # fmt: skip

    assert np.mean(robust) <= 0.05


@pytest.mark.slow
def test_baskets_tied_by_their_sizes_alone_hardly_ever_give_a_robust_pair():
    tables = [pairs(baskets_of_many_sizes(seed)).table for seed in range(DRAWS)]

    assert np.mean([(t["reading"] == Reading.ROBUST).sum() for t in tables]) <= 0.2
    # The plain test, by itself, calls nearly all of them significant.
    assert min((t["q"] < 0.01).sum() for t in tables) > 1000


@pytest.mark.slow
def test_planted_pairs_are_found_and_hardly_anything_else():
    found, other = 0, 0
    for seed in range(DRAWS):
        table = pairs(planted_pairs(seed)).table
        robust = table[table["reading"] == Reading.ROBUST]
        planted = (robust["item_a"] % 2 == 0) & (robust["item_b"] == robust["item_a"] + 1)
        planted &= robust["item_b"] < 20
        found, other = found + planted.sum(), other + (~planted).sum()

    assert found >= 0.95 * 10 * DRAWS
    assert other <= 0.05 * max(found, 1)


@pytest.mark.slow
def test_a_promotion_that_raises_two_products_is_named_as_their_common_cause():
    rows = [pairs(common_cause(seed)).table.set_index(["item_a", "item_b"]).loc[(0, 1)]
            for seed in range(DRAWS)]  # fmt: skip

    assert all(row["lift"] > 2 and row["q"] < 0.01 for row in rows)
    assert np.mean([row["reading"] == Reading.DOUBTFUL for row in rows]) >= 0.95
    assert np.mean([row["why"] == "explained by month" for row in rows]) >= 0.95
    assert np.mean([row["stratified_lift"] for row in rows]) == pytest.approx(1, abs=0.15)
