"""The matrix of customers by products: counted by hand, and not changed by what must not matter."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from planted_preferences import lines_of, preferences

from shared.analysis.offer_matrix import bought_later, known_on, read_purchases
from shared.analysis.offer_products import bought_again, groups_of, product_facts, repeated_share
from shared.loading.errors import ConfigError, NotSupportedByData

END = date(2024, 4, 1)  # with 31 days held out the cut is 2024-03-01
ROWS = [
    ("ana", "2024-01-10", "tea"), ("ana", "2024-02-20", "tea"), ("ana", "2024-03-05", "tea"),
    ("ana", "2024-03-05", "jam"), ("ben", "2024-02-28", "jam"), ("ben", "2024-02-28", "jam"),
    ("cat", "2024-03-31", "tea"), ("ben", "2024-04-01", "pie"),
]  # fmt: skip


def read(lines=None, **options):
    options = {"snapshot_date": END, "holdout_days": 31, "window_days": 14, **options}
    return read_purchases(lines_of(ROWS) if lines is None else lines, **options)


def pairs_by_name(base):
    names = base.pairs.assign(
        customer=base.customers.to_numpy()[base.pairs["customer"]],
        product=base.products["product_id"].to_numpy()[base.pairs["product"]],
    )
    return names.set_index(["customer", "product"])


def test_days_of_purchase_are_counted_before_and_after_the_cut():
    got = pairs_by_name(read())

    assert got.loc[("ana", "tea"), ["days", "days_before"]].tolist() == [3, 2]
    assert got.loc[("ana", "tea"), ["recent", "recent_before"]].tolist() == [0, 1]
    assert got.loc[("cat", "tea"), ["days", "days_before", "recent"]].tolist() == [1, 0, 1]
    assert got.loc[("ben", "jam"), "days"] == 1  # two lines on one day are one purchase
    assert ("ben", "pie") not in got.index  # dated on the snapshot date
    assert np.isnan(got.loc[("ben", "jam"), "next_day"])
    days = got.loc[("ana", "tea"), ["first_day", "last_before", "next_day", "last_day"]].diff()
    assert days.dropna().tolist() == [41, 14, 0]


def test_the_history_of_the_cut_knows_nothing_younger():
    base = read()

    then, now = known_on(base, cut=True), known_on(base, cut=False)

    assert then.counts.sum() == 3
    assert now.counts.sum() == 6
    assert then.pairs["last"].max() < then.day
    assert bought_later(base).sum() == 3
    assert then.popularity.tolist() == [1, 2]  # two buyers each: jam stands before tea
    assert then.recent.tolist() == [1, 1]


def test_people_are_counted_by_days_with_an_order():
    base = read()

    assert dict(zip(base.customers, base.people["orders"], strict=True)) == {
        "ana": 3, "ben": 1, "cat": 1}  # fmt: skip
    assert base.returning == 1
    assert base.holdout_days == 31
    assert base.pace.isna().tolist() == [True, True, True]


def test_a_refund_is_no_purchase():
    lines = lines_of(ROWS).mutate(is_refund=ibis._.customer_id == "cat")

    assert "cat" not in read(lines).customers


def test_row_order_changes_nothing():
    frame = preferences(0, users=200, items=40)
    lines = [ibis.memtable(part) for part in (frame, frame.sample(frac=1, random_state=1))]

    first, second = (read(part, snapshot_date=date(2024, 1, 1)) for part in lines)

    assert_frame_equal(first.pairs, second.pairs)
    assert_frame_equal(first.products, second.products)


def test_products_beyond_the_most_sold_are_counted_and_left_out():
    base = read(most_products=1)

    assert base.products["product_id"].tolist() == ["jam"]
    assert base.left_out == 1
    assert base.left_out_share == pytest.approx(4 / 6)
    assert len(base.customers) == 3


def test_without_customers_the_refusal_says_what_would_be_needed():
    with pytest.raises(NotSupportedByData) as refusal:
        read(lines_of(ROWS).drop("customer_id"))

    assert "name no customer" in refusal.value.reason
    assert "customer_id" in refusal.value.needs
    assert "50 products" in refusal.value.needs


def test_nothing_before_the_hold_out_is_refused():
    with pytest.raises(NotSupportedByData, match="before the hold-out"):
        read(holdout_days=100)


def test_facts_of_a_product_come_from_the_table_first_and_a_changed_name_is_the_usual_one():
    lines = ibis.memtable(
        pd.DataFrame(
            {
                "product_id": ["a", "a", "a", "b"],
                "product_name": ["Old <b>", 'New, "name"', 'New, "name"', None],
                "category": ["x", "x", "y", "y"],
                "quantity": [1.0, 2.0, 1.0, 2.0],
                "line_value": [4.0, 8.0, 0.0, 10.0],
                "unit_cost": [1.0, 1.0, 1.0, None],
            }
        )
    )
    table = ibis.memtable(
        pd.DataFrame({"product_id": ["b", "b"], "unit_cost": [2.0, 2.0], "stock": [3.0, 3.0],
                      "repeatable": [1, 1]})
    )  # fmt: skip

    facts = product_facts(lines, table).set_index("product_id")

    assert facts["product_name"].to_dict() == {"a": 'New, "name"', "b": "b"}
    assert facts["category"].to_dict() == {"a": "x", "b": "y"}
    assert facts["price"].to_dict() == {"a": 3.0, "b": 5.0}
    assert facts["margin"].to_dict() == {"a": 2.0, "b": 3.0}
    assert facts["stock"].isna().to_dict() == {"a": True, "b": False}
    assert facts["repeatable"].isna().to_dict() == {"a": True, "b": False}


def test_what_is_bought_again_follows_the_mark_then_the_habit_then_the_rule():
    products = pd.DataFrame({"repeatable": [1.0, 0.0, np.nan]})
    habit = pd.DataFrame({"days": [1] * 19 + [2]})  # 1 of 21 purchases repeats

    assert repeated_share(habit) == pytest.approx(1 / 21)
    assert bought_again(products, habit, "auto").tolist() == [True, False, False]
    assert bought_again(products, habit.head(0).assign(days=[]), "auto")[2] == False  # noqa: E712
    assert bought_again(products, pd.DataFrame({"days": [2, 1]}), "auto").tolist() == [
        True, False, True]  # fmt: skip
    assert bought_again(products, habit, "all").all()
    assert not bought_again(products, habit, "none").any()
    with pytest.raises(ConfigError, match="no rule"):
        bought_again(products, habit, "some")


def test_groups_are_categories_where_there_are_three_else_the_most_sold_products():
    products = pd.DataFrame(
        {"product_id": list("abcd"), "product_name": ["A", "A", "C", "D"],
         "category": ["x", "y", "z", None], "buyers": [4, 3, 2, 1]}
    )  # fmt: skip

    names, what = groups_of(products, group_by="auto")
    assert (what, names.tolist()) == ("category", ["x", "y", "z", None])
    names, what = groups_of(products.assign(category=None), group_by="auto", most=3)
    assert (what, names.tolist()) == ("product", ["A a", "A b", "C", None])
    with pytest.raises(NotSupportedByData, match="category"):
        groups_of(products.assign(category=None), group_by="category")
