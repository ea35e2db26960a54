from datetime import date

import ibis
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from planted_baskets import SNAPSHOT, independent_baskets, lines_of

from shared.analysis.basket import baskets_of
from shared.analysis.basket_verdict import basket_verdict
from shared.analysis.verdicts import Level
from shared.loading.errors import NotSupportedByData

# 60 times two baskets of two and one of one
THREE = [["milk", "bread"], ["milk", "beer"], ["milk"]] * 60


def counted(lines, **options):
    return baskets_of(lines, snapshot_date=SNAPSHOT, **options)


def test_baskets_items_and_sizes_of_a_hand_made_shop_are_counted():
    baskets = counted(lines_of(THREE))

    assert (baskets.n, baskets.of_two) == (180, 120)
    assert baskets.items.set_index("label")["baskets"].to_dict() == {
        "beer": 60, "bread": 60, "milk": 180,
    }  # fmt: skip
    assert baskets.sizes.to_dict("list") == {"size": [1, 2], "baskets": [60, 120]}


def test_repeated_lines_of_a_basket_count_once_and_refunds_not_at_all():
    frame = lines_of([*THREE, ["milk", "milk", "wine"]]).to_pandas()
    refunds = frame.assign(is_refund=frame["product_id"] == "wine")

    baskets = counted(ibis.memtable(refunds))

    assert (baskets.n, baskets.of_two) == (181, 120)
    assert "wine" not in set(baskets.items["label"])


def test_a_basket_over_the_limit_is_set_aside_and_counted():
    large = [f"x{i}" for i in range(51)]

    baskets = counted(lines_of([*THREE, large, large]), max_items=50)

    assert baskets.n == 180
    assert (baskets.counted["large"], baskets.counted["large_items"]) == (2, 102)
    assert counted(lines_of([*THREE, large]), max_items=51).n == 181


def test_rare_items_cannot_make_a_pattern_and_are_counted():
    baskets = counted(lines_of([*THREE, *[["caviar", "milk"]] * 4]))

    assert "caviar" not in set(baskets.items["label"])
    assert (baskets.counted["rare"], baskets.counted["kinds"]) == (1, 4)
    assert baskets.filled.to_dict("list") == {"size": [1, 2], "baskets": [64, 120]}


def test_what_is_left_out_on_request_is_in_no_basket():
    baskets = counted(lines_of([*THREE, *[["milk", "bag"]] * 7]), leave_out=["bag"])

    assert baskets.counted["left_out"] == 7
    assert "bag" not in set(baskets.items["label"])
    assert baskets.of_two == 120


def test_baskets_without_days_alternate_between_the_halves_and_are_read_with_care():
    baskets = counted(lines_of(THREE))

    assert baskets.split is None
    assert baskets.later_n == 90
    assert basket_verdict(baskets).level is Level.CARE


def test_dated_baskets_are_parted_at_the_day_that_halves_them():
    baskets = counted(independent_baskets(1))

    assert date(2024, 6, 28) <= baskets.split <= date(2024, 7, 5)
    assert abs(baskets.later_n - baskets.n / 2) < 20
    assert set(baskets.strata) == {"month"}
    assert baskets.strata["month"]["baskets"].sum() == baskets.n
    assert basket_verdict(baskets).level is Level.RELIABLE


def test_every_half_and_stratum_adds_up_to_the_whole():
    frame = independent_baskets(2).to_pandas()
    frame["channel"] = frame["order_id"].str[-1].isin(list("0123")).map({True: "web", False: "app"})

    baskets = counted(ibis.memtable(frame))

    assert set(baskets.strata) == {"month", "channel"}
    for name, held in baskets.by_stratum.items():
        assert held.sum(axis=1).tolist() == baskets.items["baskets"].tolist(), name
    assert (baskets.items["later_baskets"] <= baskets.items["baskets"]).all()


def test_neither_the_order_of_rows_nor_the_names_of_orders_matter():
    frame = independent_baskets(3).to_pandas()
    shuffled = frame.sample(frac=1, random_state=0)
    renamed = shuffled.assign(order_id="x" + shuffled["order_id"].str[::-1])

    first, second, third = (counted(ibis.memtable(f)) for f in (frame, shuffled, renamed))

    assert_frame_equal(first.items, second.items)
    assert_frame_equal(first.items, third.items)
    assert_frame_equal(first.sizes, third.sizes)


@pytest.mark.parametrize(("baskets", "level"), [(100, Level.CARE), (1000, Level.RELIABLE)])
def test_the_gates_stand_at_a_hundred_and_a_thousand_baskets_of_two(baskets, level):
    days = pd.date_range("2024-01-01", periods=300)
    frame = lines_of([["a", "b"]] * baskets).to_pandas()
    frame["order_date"] = days[frame["order_id"].str[1:].astype(int) % 300]

    assert basket_verdict(counted(ibis.memtable(frame))).level is level
    fewer = frame[frame["order_id"] != "o000000"]
    if level is Level.CARE:
        with pytest.raises(NotSupportedByData, match="99 baskets"):
            counted(ibis.memtable(fewer))
    else:
        assert basket_verdict(counted(ibis.memtable(fewer))).level is Level.CARE


def test_one_item_baskets_alone_are_refused_with_what_is_needed():
    with pytest.raises(NotSupportedByData) as refused:
        counted(lines_of([["milk"]] * 5000))

    assert "0 baskets" in refused.value.reason
    assert "order_id" in refused.value.needs


def test_groups_can_stand_in_the_place_of_products():
    frame = lines_of(THREE).to_pandas()
    frame["category"] = frame["product_id"].map({"milk": "dairy", "bread": "food", "beer": "food"})

    baskets = counted(ibis.memtable(frame), level="category")

    assert baskets.items["label"].tolist() == ["dairy", "food"]
    assert baskets.items["baskets"].tolist() == [180, 120]
    with pytest.raises(NotSupportedByData, match="no product groups"):
        counted(lines_of(THREE), level="category")


def test_groups_are_looked_up_in_the_table_of_products():
    products = ibis.memtable(
        pd.DataFrame({"product_id": ["milk", "bread", "beer"], "category": ["d", "f", "f"]})
    )

    baskets = counted(lines_of(THREE), level="category", products=products)

    assert baskets.items["baskets"].tolist() == [180, 120]
