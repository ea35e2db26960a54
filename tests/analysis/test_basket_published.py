"""Published figures of public baskets, through the functions that the notebook calls."""

import ibis
import pandas as pd
import pytest
from planted_baskets import SNAPSHOT

from shared.analysis.basket import baskets_of
from shared.analysis.basket_itemsets import mine
from shared.analysis.basket_pairs import Reading, pairs_of
from shared.analysis.basket_placebo import shuffled
from shared.analysis.basket_rules import rules_from

pytestmark = pytest.mark.datasets


def counted(lines):
    return baskets_of(lines, snapshot_date=SNAPSHOT)


@pytest.fixture(scope="module")
def groceries_lines(datasets):
    long = pd.read_csv(datasets / "groceries" / "groceries_long.csv.gz", dtype=str)
    return ibis.memtable(long.rename(columns={"transaction_id": "order_id", "item": "product_id"}))


@pytest.fixture(scope="module")
def groceries(groceries_lines):
    return counted(groceries_lines)


@pytest.fixture(scope="module")
def members(datasets):
    raw = pd.read_csv(datasets / "groceries_members" / "Groceries_dataset.csv", dtype=str)
    days = pd.to_datetime(raw["Date"], format="%d-%m-%Y")
    return counted(
        ibis.memtable(
            pd.DataFrame(
                {
                    "customer_id": raw["Member_number"],
                    "order_id": raw["Member_number"] + " " + days.dt.strftime("%Y-%m-%d"),
                    "order_date": days,
                    "product_id": raw["itemDescription"],
                }
            )
        )
    )


@pytest.fixture(scope="module")
def pizzaplace(datasets):
    raw = pd.read_csv(datasets / "pizzaplace" / "05-pizzaplace.csv", dtype={"id": str})
    raw = raw.assign(order_date=pd.to_datetime(raw["date"]))
    return counted(ibis.memtable(raw.rename(columns={"id": "order_id", "name": "product_id"})))


def names(baskets, items):
    return {baskets.items.at[item, "label"] for item in items}


def test_groceries_has_its_published_size(groceries):
    assert (groceries.n, groceries.counted["kinds"]) == (9_835, 169)
    assert groceries.items.set_index("label").at["whole milk", "baskets"] == 2_513


@pytest.mark.parametrize(
    ("support", "confidence", "rules"),
    [(0.001, 0.8, 410), (0.006, 0.25, 463), (0.005, 0.5, 120), (0.01, 0.5, 15)],
)
def test_groceries_has_its_published_rules(groceries, support, confidence, rules):
    mined = mine(groceries, min_support=support, max_length=10)

    assert len(rules_from(mined, min_confidence=confidence)) == rules


@pytest.mark.parametrize("algorithm", ["apriori", "fpgrowth"])
def test_groceries_at_a_tenth_of_a_per_cent_has_its_published_rules_by_either_search(
    groceries, algorithm
):
    mined = mine(groceries, min_support=0.001, max_length=10, algorithm=algorithm)

    sure = rules_from(mined, min_confidence=0.8)
    likely = rules_from(mined, min_confidence=0.5)
    every = rules_from(mined, min_confidence=0.5, consequents="all")

    assert (len(sure), len(likely), len(every)) == (410, 5_668, 5_829)
    assert sure["lift"].iloc[0] == pytest.approx(11.23527, abs=1e-5)
    assert names(groceries, sure["antecedents"].iloc[0]) == {"liquor", "red/blush wine"}
    assert names(groceries, sure["consequents"].iloc[0]) == {"bottled beer"}
    assert likely["lift"].iloc[0] == pytest.approx(18.9957, abs=1e-4)
    assert names(groceries, likely["antecedents"].iloc[0]) == {"Instant food products", "soda"}
    assert names(groceries, likely["consequents"].iloc[0]) == {"hamburger meat"}
    share, of = (sure[c] / groceries.n for c in ("together", "antecedent_baskets"))
    assert (share / of >= 0.8).sum() == 406  # four lie on the line, and floats lose them


def test_a_lift_above_two_fails_the_test_in_one_groceries_pair_of_five(groceries):
    table = pairs_of(groceries, tested="listed").table
    high = table[table["lift"] > 2]

    assert (len(high), (high["q"] >= 0.05).sum()) == (1_504, 277)


def test_groceries_dealt_anew_has_many_high_lifts_and_no_robust_pair(groceries_lines):
    table = pairs_of(counted(shuffled(groceries_lines, seed=0))).table

    assert (table["lift"] > 2).sum() == pytest.approx(139, abs=30)
    assert (table["lift"] > 1.5).sum() == pytest.approx(450, abs=60)
    assert not (table["reading"] == Reading.ROBUST).any()


def test_groceries_itself_has_robust_pairs_that_make_sense(groceries):
    table = pairs_of(groceries).table
    robust = table[table["reading"] == Reading.ROBUST]
    found = [names(groceries, pair) for pair in robust[["item_a", "item_b"]].to_numpy()]

    assert {"Instant food products", "hamburger meat"} in found
    assert {"flour", "sugar"} in found
    assert len(found) == 76


def test_members_have_no_robust_pair_although_forty_lifts_exceed_two(members):
    table = pairs_of(members).table
    listed = pairs_of(members, tested="listed").table

    assert (members.n, len(table), (table["lift"] > 2).sum()) == (14_963, 1_885, 40)
    passed = listed[(listed["lift"] > 2) & (listed["q"] < 0.05)].iloc[0]
    assert ((listed["lift"] > 2) & (listed["q"] < 0.05)).sum() == 1
    assert passed["together"] == 5
    assert passed["lift"] == pytest.approx(14.7, abs=0.05)
    assert not (table["reading"] == Reading.ROBUST).any()


def test_no_pair_of_pizzas_is_together_one_and_a_half_times_as_often_as_chance_has_it(pizzaplace):
    table = pairs_of(pizzaplace).table

    assert (pizzaplace.n, len(table)) == (21_350, 496)
    assert ((table["lift"] > 1).sum(), (table["lift"] > 1.5).sum()) == (402, 0)
    assert not (table["reading"] == Reading.ROBUST).any()
