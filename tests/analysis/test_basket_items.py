import ibis
import pandas as pd
import pytest

from shared.analysis.basket_items import basket_items, shortened, unique_labels


def bought(rows):
    return ibis.memtable(pd.DataFrame(rows, columns=["product_id", "product_name", "category"]))


def test_a_product_that_changes_its_name_goes_by_the_one_most_lines_carry():
    rows = [
        ("1", "Old mug", "cups"),
        ("1", "Mug", "cups"),
        ("1", "Mug", "cups"),
        ("2", "Pot", None),
    ]

    items, renamed = basket_items(bought(rows))

    assert items["label"].tolist() == ["Mug", "Pot"]
    assert items["category"].tolist()[0] == "cups"
    assert pd.isna(items["category"].tolist()[1])
    assert renamed == 1


def test_two_products_of_one_name_are_told_apart_by_their_ids():
    items, _ = basket_items(bought([("1", "Mug", None), ("2", "Mug", None), ("3", "Pot", None)]))

    assert items["label"].tolist() == ["Mug [1]", "Mug [2]", "Pot"]


def test_a_product_without_a_name_goes_by_its_id():
    items, _ = basket_items(bought([("1", None, None), ("2", "", None)]))

    assert items["label"].tolist() == ["1", "2"]


@pytest.mark.parametrize("name", ['Sign, "Home", <b>5&6</b>', "a $ and {b}", "Kaffee + Kuchen"])
def test_commas_quotes_and_markup_stay_letter_for_letter(name):
    items, _ = basket_items(bought([("1", name, None)]))

    assert items["label"].tolist() == [name]


def test_a_very_long_name_is_cut_at_a_word_and_one_word_anywhere():
    assert shortened("word " * 40, longest=30) == "word word word word word…"
    assert shortened("x" * 500, longest=30) == "x" * 29 + "…"
    assert shortened("short", longest=30) == "short"


def test_two_long_names_that_begin_alike_stay_different():
    names = pd.Series(["long name " * 20 + "A", "long name " * 20 + "B"])

    assert unique_labels(names, pd.Series(["7", "8"])).is_unique
