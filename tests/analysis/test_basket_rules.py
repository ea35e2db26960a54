from itertools import combinations

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_baskets import SNAPSHOT, independent_baskets, lines_of, planted_pairs

from shared.analysis import basket_itemsets
from shared.analysis.basket import baskets_of
from shared.analysis.basket_itemsets import fewest, mine, most_longer
from shared.analysis.basket_pairs import Reading, pairs_of
from shared.analysis.basket_rule_proof import prove_rules
from shared.analysis.basket_rules import nearest_thresholds, rules_from
from shared.loading.errors import ConfigError


def counted(lines, **options):
    return baskets_of(lines, snapshot_date=SNAPSHOT, **options)


def by_name(rules, baskets):
    label = baskets.items["label"]
    return {
        (frozenset(label[list(x)]), frozenset(label[list(y)])): (k, a, b)
        for x, y, k, a, b in rules[
            ["antecedents", "consequents", "together", "antecedent_baskets", "consequent_baskets"]
        ].itertuples(index=False)
    }


def brute_force(held, names, *, least, numerator, denominator, longest=4):
    """Try every itemset and every split; counts as sums of products of columns."""
    rules = {}
    for size in range(2, longest + 1):
        for items in combinations(range(held.shape[1]), size):
            count = int(held[:, list(items)].all(axis=1).sum())
            if count < least:
                continue
            for right in items:
                left = [i for i in items if i != right]
                a = int(held[:, left].all(axis=1).sum())
                if count * denominator >= numerator * a:
                    key = (frozenset(names[i] for i in left), frozenset({names[right]}))
                    rules[key] = (count, a, int(held[:, right].sum()))
    return rules


@pytest.mark.parametrize("algorithm", ["apriori", "fpgrowth"])
@pytest.mark.parametrize("seed", [0, 1])
def test_rules_of_2000_random_baskets_are_exactly_those_of_brute_force(algorithm, seed):
    rng = np.random.default_rng(seed)
    held = rng.random((2000, 14)) < np.linspace(0.08, 0.45, 14)
    held[:, 3] |= held[:, 2] & (rng.random(2000) < 0.6)
    names = [f"p{i:02d}" for i in range(14)]
    lines = lines_of([[names[i] for i in np.flatnonzero(row)] for row in held if row.any()])
    held = held[held.any(axis=1)]
    baskets = counted(lines)
    assert baskets.n == len(held)

    mined = mine(baskets, min_support=0.01, max_length=4, algorithm=algorithm)
    got = by_name(rules_from(mined, min_confidence=0.4), baskets)

    least = fewest(0.01, len(held))
    want = brute_force(held, names, least=least, numerator=2, denominator=5)
    assert got == want
    assert len(want) > 50


def test_a_rule_exactly_on_the_threshold_counts_whatever_floats_say():
    lines = lines_of([["a", "b"]] * 80 + [["a", "c"]] * 20 + [["b", "c"]] * 80)
    assert (80 / 180) / (100 / 180) < 0.8  # the shares of 180 baskets as floats

    rules = rules_from(mine(counted(lines), min_support=0.01), min_confidence=0.8)

    got = by_name(rules, counted(lines))
    assert got[(frozenset({"a"}), frozenset({"b"}))] == (80, 100, 160)


def test_the_smallest_count_reaches_a_share_exactly():
    assert fewest(0.001, 9835) == 10
    assert fewest(0.01, 9835) == 99
    assert fewest(0.1, 1000) == 100  # 0.1 × 1000 is 100.00000000000001 as binary fractions
    assert fewest(0.0001, 10) == 1


def test_measures_of_a_hand_made_rule():
    lines = lines_of([["a", "b"]] * 60 + [["a", "c"]] * 20 + [["b", "c"]] * 40 + [["c", "d"]] * 80)
    rules = rules_from(mine(counted(lines), min_support=0.1), min_confidence=0.6)
    names = counted(lines).items["label"]

    found = {
        (*names[list(r["antecedents"])], *names[list(r["consequents"])]): r
        for r in rules.to_dict("records")
    }
    row = found[("a", "b")]

    assert row["confidence"] == pytest.approx(0.75)
    assert row["lift"] == pytest.approx(0.75 / 0.5)
    assert row["leverage"] == pytest.approx(0.3 - 0.4 * 0.5)
    assert row["conviction"] == pytest.approx(0.5 / 0.25)
    assert row["zhang"] == pytest.approx(0.1 / max(0.3 * 0.6, 0.4 * 0.2))


def test_all_ways_to_split_a_set_include_those_with_one_consequent():
    baskets = counted(independent_baskets(1, baskets=2000, items=10))
    mined = mine(baskets, min_support=0.005)

    one = by_name(rules_from(mined, min_confidence=0.05), baskets)
    every = by_name(rules_from(mined, min_confidence=0.05, consequents="all"), baskets)

    assert one.items() <= every.items()
    assert any(len(right) > 1 for _, right in every)


def test_thirty_baskets_of_fifty_items_do_not_freeze_the_search():
    wide = [[f"w{i:02d}" for i in range(50)]] * 30
    baskets = counted(lines_of([*wide, *[["a", "b"]] * 200]))

    mined = mine(baskets, min_support=0.1, max_length=10)

    assert mined.cut_short
    assert mined.longest < 10
    assert len(mined.counts) <= basket_itemsets.MOST_ITEMSETS
    assert mined.counts[frozenset({0, 1})] == 200


def test_the_bound_on_longer_sets_is_reached_by_the_sets_of_one_full_group():
    assert most_longer(10, 2) == 10  # all pairs of 5 items: 10 triples
    assert most_longer(9, 2) == 7
    assert most_longer(0, 2) == 0
    assert most_longer(2, 2) == 0


def test_more_than_fits_in_memory_is_refused_with_a_remedy(monkeypatch):
    monkeypatch.setattr(basket_itemsets, "MOST_POSITIONS", 100)

    with pytest.raises(ConfigError, match="min_support"):
        mine(counted(independent_baskets(1)), min_support=0.01)


def test_no_rule_names_the_nearest_thresholds():
    lines = lines_of([["a", "b"]] * 30 + [["a", "c"]] * 90 + [["b", "c"]] * 80 + [["d", "c"]] * 10)
    baskets = counted(lines)

    near = nearest_thresholds(baskets, pairs_of(baskets).table, min_support=0.3, min_confidence=0.9)

    # the best pair at 30 % of 210 baskets is a with c: 90 of 120; at 90 % it is d with c: 10
    assert near["confidence"] == pytest.approx(0.75)
    assert near["support"] == pytest.approx(10 / 210)
    assert near["support_any"] == pytest.approx(90 / 210)
    reached = rules_from(mine(baskets, min_support=0.3), min_confidence=near["confidence"])
    assert len(reached) >= 1


def test_an_empty_rule_set_can_be_put_to_the_test_too():
    baskets = counted(independent_baskets(1))
    mined = mine(baskets, min_support=0.4)

    rules = prove_rules(rules_from(mined, min_confidence=0.9), mined, baskets,
                        pairs_of(baskets).table)  # fmt: skip

    assert rules.empty
    assert {"reading", "why", "q", "redundant"} <= set(rules.columns)


def proven(lines, **options):
    baskets = counted(lines)
    mined = mine(baskets, **options)
    rules = rules_from(mined, min_confidence=0.05)
    return prove_rules(rules, mined, baskets, pairs_of(baskets).table), baskets


def test_a_rule_of_two_is_judged_as_its_pair_is():
    rules, baskets = proven(planted_pairs(1), min_support=0.005)
    pairs = pairs_of(baskets).table.set_index(["item_a", "item_b"])["reading"]

    two = rules[rules["antecedents"].map(len) == 1]
    for left, right, reading in two[["antecedents", "consequents", "reading"]].itertuples(
        index=False
    ):
        assert reading == pairs[tuple(sorted(left | right))]
    assert (two["reading"] == Reading.ROBUST).sum() == 20  # ten pairs, both directions


def test_a_product_that_adds_nothing_makes_a_rule_redundant():
    rng = np.random.default_rng(5)
    held = rng.random((8000, 4)) < [0.2, 0.2, 0.5, 0.5]
    held[:, 1] = np.where(held[:, 0], rng.random(8000) < 0.7, held[:, 1])  # a pulls b; c is noise
    lines = lines_of([[f"p{i}" for i in np.flatnonzero(row)] for row in held if row.any()])

    rules, baskets = proven(lines, min_support=0.01)
    names = baskets.items["label"]
    found = {
        (frozenset(names[list(x)]), frozenset(names[list(y)])): redundant
        for x, y, redundant in rules[["antecedents", "consequents", "redundant"]].itertuples(
            index=False
        )
    }

    assert not found[(frozenset({"p0"}), frozenset({"p1"}))]
    assert found[(frozenset({"p0", "p2"}), frozenset({"p1"}))]


def test_two_products_that_pull_a_third_only_together_make_a_robust_rule():
    rng = np.random.default_rng(6)
    held = rng.random((12_000, 10)) < 0.15
    both = held[:, 0] & held[:, 1]
    held[both, 2] = rng.random(both.sum()) < 0.8
    frame = lines_of([[f"p{i}" for i in np.flatnonzero(row)] for row in held if row.any()])
    frame = frame.to_pandas()
    frame["order_date"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(
        frame["order_id"].str[1:].astype(int) * 360 // 12_000, unit="D"
    )

    rules, baskets = proven(ibis.memtable(frame), min_support=0.005)

    names = baskets.items["label"]
    robust = [
        (set(names[list(x)]), set(names[list(y)]))
        for x, y in rules.loc[rules["reading"] == Reading.ROBUST, ["antecedents", "consequents"]]
        .itertuples(index=False)
    ]  # fmt: skip
    assert ({"p0", "p1"}, {"p2"}) in robust
    row = rules[(rules["antecedents"].map(len) == 2) & (rules["reading"] == Reading.ROBUST)].iloc[0]
    assert row["stratified_lift"] > 1
    assert row["size_lift"] > 1
    assert 0 < row["later_confidence"] <= 1


def test_independent_baskets_give_no_robust_rule():
    rules, _ = proven(independent_baskets(4), min_support=0.002)

    assert len(rules) > 100
    assert not (rules["reading"] == Reading.ROBUST).any()
