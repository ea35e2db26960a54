"""Transitions, moves in price and affinity: by hand, planted, and nothing where nothing is."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from draws import DRAWS
from pandas.testing import assert_frame_equal
from planted_preferences import SNAPSHOT, lines_of, preference_lines, preferences

from shared.analysis.multiple_testing import Finding, false_discovery_q
from shared.analysis.offer_affinity import group_affinity
from shared.analysis.offer_matrix import known_on, read_purchases
from shared.analysis.offer_placebo import shuffled_products
from shared.analysis.offer_price_moves import price_moves
from shared.analysis.offer_transitions import (
    OTHERS,
    follow_groups,
    follow_products,
    moves_between_products,
)
from shared.loading.errors import NotSupportedByData

END = date(2024, 6, 1)
GROUPS = pd.DataFrame({"product_id": ["tea", "cup", "jam"], "group_name": ["tea", "cup", "jam"]})


def followed(rows, groups=GROUPS, *, copies=50):
    """Let 50 customers do the same, so that there are enough to follow."""
    many = [(f"{who}{i}", *rest) for i in range(copies) for who, *rest in rows]
    return follow_groups(lines_of(many), groups, snapshot_date=END)


def test_the_next_order_is_shared_out_as_by_hand():
    # tea and jam, then cup; then cup and tea: two moves, each of the same weight.
    rows = [("a", "2024-01-01", "tea"), ("a", "2024-01-01", "jam"), ("a", "2024-02-01", "cup"),
            ("a", "2024-03-01", "cup"), ("a", "2024-03-01", "tea")]  # fmt: skip

    got = followed(rows).matrix()

    assert got.loc["tea"].to_dict() == {"tea": 0.0, "cup": 1.0, "jam": 0.0}
    assert got.loc["cup"].to_dict() == {"tea": 0.5, "cup": 0.5, "jam": 0.0}
    assert got.loc["jam"].to_dict() == {"tea": 0.0, "cup": 1.0, "jam": 0.0}


def test_a_customer_with_many_orders_weighs_as_much_as_one_with_two():
    busy = [("b", f"2024-01-{day:02}", "tea") for day in range(1, 21)]
    calm = [("a", "2024-01-01", "tea"), ("a", "2024-02-01", "cup")]

    got = followed(busy + calm).matrix()

    assert got.loc["tea"].to_dict() == pytest.approx({"tea": 0.5, "cup": 0.5})


def test_orders_of_one_day_are_one_and_products_of_no_group_are_others():
    rows = [("a", "2024-01-01", "tea"), ("a", "2024-02-01", "pie"), ("a", "2024-02-01", "cup")]

    got = followed(rows).matrix()

    assert got.loc["tea"].to_dict() == {"tea": 0.0, "cup": 0.5, OTHERS: 0.5}


@pytest.mark.parametrize("seed", range(3))
def test_rows_sum_to_one_and_row_order_and_names_change_nothing(seed):
    frame = preferences(seed, users=300, items=40)
    groups = frame[["product_id", "category"]].drop_duplicates("product_id")
    groups = groups.rename(columns={"category": "group_name"}).sort_values("group_name")
    renamed = frame.assign(customer_id="x" + frame["customer_id"].str[::-1])

    tables = [
        follow_groups(ibis.memtable(part), groups, snapshot_date=SNAPSHOT)
        for part in (frame, frame.sample(frac=1, random_state=1), renamed)
    ]

    assert np.abs(tables[0].matrix().sum(axis=1) - 1).max() < 1e-12
    for other in tables[1:]:
        assert_frame_equal(tables[0].table, other.table, rtol=1e-9)


def planted_moves(seed, *, customers=2000, pull=0.5):
    """Let a cup follow tea with an added chance of 50 %; all else is drawn at random."""
    rng = np.random.default_rng(seed)
    names = np.array(["tea", "cup", "jam", "pie", "egg"])
    first, second = (names[rng.integers(0, 5, customers)] for _ in range(2))
    pulled = (first == "tea") & (rng.random(customers) < pull)
    second = np.where(pulled, "cup", second)
    who = np.char.add("c", np.arange(customers).astype(str))
    rows = [(w, "2024-01-01", p) for w, p in zip(who, first, strict=True)]
    return rows + [(w, "2024-02-01", p) for w, p in zip(who, second, strict=True)]


FIVE = pd.DataFrame({"product_id": ["tea", "cup", "jam", "pie", "egg"]})
FIVE["group_name"] = FIVE["product_id"]


def test_a_planted_move_is_found_and_no_other():
    table = follow_groups(lines_of(planted_moves(0)), FIVE, snapshot_date=END).table

    found = table[table["finding"] == Finding.DIFFERS]
    assert found[["from_group", "to_group"]].to_numpy().tolist() == [["tea", "cup"]]
    assert found["transition_probability"].iloc[0] == pytest.approx(0.6, abs=0.05)


@pytest.mark.slow
def test_moves_drawn_at_random_are_found_in_no_more_than_one_of_twenty_draws():
    found = [
        (follow_groups(lines_of(planted_moves(seed, pull=0, customers=800)), FIVE,
                       snapshot_date=END).table["finding"] == Finding.DIFFERS).any()
        for seed in range(DRAWS)
    ]  # fmt: skip

    assert np.mean(found) <= 0.05


def test_too_few_customers_are_refused():
    with pytest.raises(NotSupportedByData, match="49 customers ordered on two days"):
        followed([("a", "2024-01-01", "tea"), ("a", "2024-02-01", "cup")], copies=49)


def test_moves_between_products_know_the_direction_in_price():
    products = pd.DataFrame(
        {"product_id": ["tea", "cup", "jam", "pie", "egg"], "product_name": list("TCJPE"),
         "category": ["x", "x", "x", "y", None], "price": [10.0, 12.0, 9.95, 1.0, np.nan]}
    )  # fmt: skip

    followed = follow_products(lines_of(planted_moves(0)), products, snapshot_date=END)
    moves = moves_between_products(followed, products)

    kinds = moves.set_index(["from_product", "to_product"])["direction"].to_dict()
    assert kinds["tea", "cup"] == "up in price"
    assert kinds["cup", "tea"] == "down in price"
    assert kinds["tea", "jam"] == "same price level"
    assert kinds["tea", "pie"] == "cross-sell"
    assert kinds["tea", "egg"] == ""
    assert moves.iloc[0][["from_name", "to_name"]].tolist() == ["T", "C"]
    assert (moves["from_product"] != moves["to_product"]).all()


def test_the_strongest_keep_the_planted_move_its_q_value_and_rows_that_sum_to_one():
    followed = follow_products(lines_of(planted_moves(0)), FIVE, snapshot_date=END)
    names = pd.Series({"tea": "Green tea", "cup": "Mug"})

    shown = followed.strongest(names, most=2)

    assert list(shown.matrix().index) == ["Green tea", "Mug"]
    assert list(shown.matrix().columns) == ["Green tea", "Mug", OTHERS]
    assert np.abs(shown.matrix().sum(axis=1) - 1).max() < 1e-12
    before = followed.table.set_index(["from_group", "to_group"]).loc[("tea", "cup")]
    after = shown.table.set_index(["from_group", "to_group"]).loc[("Green tea", "Mug")]
    assert after["q"] == before["q"]
    assert after["finding"] == Finding.DIFFERS


def test_buying_the_same_again_makes_no_move_look_surer():
    loyal = [(f"l{i}", day, p) for i in range(500) for p in ("jam", "pie")
             for day in ("2024-01-01", "2024-02-01")]  # fmt: skip

    table = follow_groups(lines_of(planted_moves(3, pull=0) + loyal), FIVE, snapshot_date=END).table

    moves = table[table["from_group"] != table["to_group"]]
    assert moves["q"].to_numpy() == pytest.approx(false_discovery_q(moves["p"].to_numpy()))


def test_moves_in_price_are_those_counted_by_hand():
    products = pd.DataFrame({"product_id": ["small", "large", "other"], "category": ["x", "x", "y"],
                             "price": [5.0, 10.0, 7.0]})  # fmt: skip
    rows = []
    for i in range(40):  # up, then level, then down; a product of another category in between
        rows += [(f"a{i}", "2024-01-01", "small"), (f"a{i}", "2024-01-15", "other"),
                 (f"a{i}", "2024-02-01", "large"), (f"a{i}", "2024-03-01", "large"),
                 (f"a{i}", "2024-04-01", "small")]  # fmt: skip
    rows += [(f"b{i}", day, p) for i in range(40) for day, p in
             (("2024-01-01", "small"), ("2024-02-01", "large"))]  # fmt: skip

    table = price_moves(lines_of(rows), products, snapshot_date=END)

    assert table["category"].tolist() == ["x"]  # nobody bought twice in y
    row = table.iloc[0]
    assert row["customers"] == 80
    assert row[["up", "same", "down"]].tolist() == pytest.approx([4 / 6, 1 / 6, 1 / 6])
    assert row["finding"] == Finding.DIFFERS


def test_without_prices_there_are_no_moves_in_price():
    products = pd.DataFrame({"product_id": ["a"], "category": ["x"], "price": [np.nan]})

    with pytest.raises(NotSupportedByData, match="no prices"):
        price_moves(lines_of([("a", "2024-01-01", "a")]), products, snapshot_date=END)


def bought(matrix):
    """Make a history of customers who bought the products marked in a matrix, each once."""
    who, what = np.nonzero(matrix)
    rows = [(f"c{w:04}", "2024-01-01", f"p{p}") for w, p in zip(who, what, strict=True)]
    base = read_purchases(lines_of(rows), snapshot_date=END, holdout_days=31)
    return known_on(base, cut=False), base.products["product_id"]


def test_affinity_is_counted_as_by_hand_within_one_layer():
    # Everybody bought two of four: 30 p0+p1, 30 p2+p3, 10 of each mixed pair p0+p2 and p1+p3.
    pairs = [(0, 1)] * 30 + [(2, 3)] * 30 + [(0, 2)] * 10 + [(1, 3)] * 10
    matrix = np.zeros((80, 4), dtype=bool)
    for row, pair in enumerate(pairs):
        matrix[row, list(pair)] = True
    history, names = bought(matrix)

    table = group_affinity(history, names).set_index(["group", "other_group"])

    row = table.loc[("p0", "p1")] if ("p0", "p1") in table.index else table.loc[("p1", "p0")]
    assert row["customers"] == 30
    assert row["expected"] == pytest.approx(40 * 40 / 80)
    assert row["lift"] == pytest.approx(1.5)
    assert row["share_of_group"] == pytest.approx(30 / 40)
    # Mantel and Haenszel: (30 - 20) over the root of 40 * 40 * 40 * 40 / (80^2 * 79).
    assert row["z"] == pytest.approx(10 / np.sqrt(40**4 / (80**2 * 79)))
    assert row["finding"] == Finding.DIFFERS


def test_who_buys_much_makes_no_pair():
    """Half buy nine of ten products at random, half two: any pair has a plain lift far above 1."""
    rng = np.random.default_rng(4)
    matrix = np.zeros((2000, 10), dtype=bool)
    for row in range(2000):
        matrix[row, rng.permutation(10)[: 9 if row % 2 else 2]] = True
    both = (matrix[:, 0] & matrix[:, 1]).mean() / (matrix[:, 0].mean() * matrix[:, 1].mean())
    history, names = bought(matrix)

    table = group_affinity(history, names)

    assert both > 1.2
    assert not (table["finding"] == Finding.DIFFERS).any()


@pytest.mark.slow
def test_planted_tastes_make_no_pairs_between_categories_and_shuffled_ones_none_at_all():
    found = []
    for seed in range(6):
        lines = shuffled_products(preference_lines(seed, users=1500), seed=seed + 1)
        base = read_purchases(lines, snapshot_date=SNAPSHOT, holdout_days=45)
        table = group_affinity(known_on(base, cut=False), base.products["category"])
        found.append((table["finding"] == Finding.DIFFERS).any())

    assert sum(found) == 0
