"""What a search among pairs can show: measured on planted pairs, and too rare ones told apart."""

from datetime import date

import ibis
import numpy as np
import pytest
from planted_baskets import SNAPSHOT, independent_baskets, lines_of, planted_pairs

from shared.analysis.basket import baskets_of
from shared.analysis.basket_pairs import Reading, pairs_of
from shared.analysis.basket_power import _Chance, pair_power
from shared.analysis.basket_verdict import basket_verdict
from shared.analysis.verdicts import Level

PAIRS = 10


def searched(lines, snapshot_date=SNAPSHOT):
    baskets = baskets_of(lines, snapshot_date=snapshot_date)
    pairs = pairs_of(baskets)
    return baskets, pairs, pair_power(baskets, family=pairs.tested, least=pairs.least)


def rare_products(baskets=1200, kinds=600):
    """Deal two of very many products to each basket, so that none is often with any other."""
    days = np.datetime64("2024-01-01") + np.arange(baskets) % 360
    rng = np.random.default_rng(0)
    frame = lines_of([rng.choice(kinds, 2, replace=False) for _ in range(baskets)]).to_pandas()
    frame["order_date"] = days[frame["order_id"].str[1:].astype(int)].astype("datetime64[us]")
    return frame


@pytest.mark.parametrize(("baskets", "draws"), [(1500, 10), (2400, 10)])
def test_planted_pairs_are_found_about_as_often_as_was_foretold(baskets, draws):
    found, foretold = 0, []
    for seed in range(draws):
        counted, pairs, power = searched(planted_pairs(seed, baskets=baskets, pairs=PAIRS))
        chance = _Chance(power.possible, pairs.least, counted.later_n / counted.n, 1.0)
        foretold.append(chance.found(0.01 / 3 * baskets, 3.0))
        robust = pairs.table[pairs.table["reading"] == Reading.ROBUST]
        planted = (robust["item_a"] // 2 == robust["item_b"] // 2) & (robust["item_b"] < 2 * PAIRS)
        found += int(planted.sum())

    assert found / (draws * PAIRS) == pytest.approx(np.mean(foretold), abs=0.15)


def test_more_baskets_show_smaller_lifts_and_more_pairs():
    few, many = (searched(independent_baskets(1, baskets=n))[2] for n in (1000, 8000))

    assert few.findable < many.findable
    assert few.least_lift > many.least_lift > 1
    assert few.possible == many.possible


def test_no_robust_pair_is_an_answer_only_where_some_could_have_shown():
    plain, _, clear = searched(independent_baskets(1))
    thin, pairs, blind = searched(ibis.memtable(rare_products()), date(2025, 1, 1))

    assert (pairs.table["reading"] != Reading.ROBUST).all()
    assert clear.findable > 0.01 * clear.possible
    assert basket_verdict(plain, none_of=clear).level is Level.RELIABLE
    assert blind.findable == 0
    assert basket_verdict(thin).level is Level.RELIABLE
    assert basket_verdict(thin, none_of=blind).level is Level.CARE


def test_where_sizes_bring_any_two_together_more_often_than_that_no_pair_could_have_shown():
    days = np.datetime64("2024-01-01") + np.arange(3000) % 360
    rng = np.random.default_rng(0)
    sizes = np.where(np.arange(3000) % 10, 1, 20)  # most baskets hold one product, a tenth twenty
    frame = lines_of([rng.choice(60, size, replace=False) for size in sizes]).to_pandas()
    frame["order_date"] = days[frame["order_id"].str[1:].astype(int)].astype("datetime64[us]")

    _, _, power = searched(ibis.memtable(frame), date(2025, 1, 1))

    assert power.findable == 0


def test_products_too_rare_to_show_even_if_always_together_have_no_least_lift():
    _, _, power = searched(ibis.memtable(rare_products(kinds=900)), date(2025, 1, 1))

    assert np.isnan(power.least_lift)
    assert power.expected < 1
