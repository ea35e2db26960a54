import ibis
import pandas as pd
import pytest

from shared.analysis.product_names import is_service, service_products, usual_values


def lines(rows):
    return ibis.memtable(pd.DataFrame(rows, columns=["product_id", "product_name"]))


@pytest.mark.parametrize("name", ["POSTAGE", "Carrier bag", "shopping  bags", "DOTCOM POSTAGE",
                                  "Gift card", "Versandkosten", "poşet"])  # fmt: skip
def test_postage_bags_and_vouchers_are_no_merchandise(name):
    assert is_service(name)


@pytest.mark.parametrize("name", ["JUMBO BAG RED RETROSPOT", "Postage stamp mug", "Manual grinder",
                                  "Lunch bag", "Sample tea box", "whole milk"])  # fmt: skip
def test_products_with_such_words_in_their_names_are_merchandise(name):
    assert not is_service(name)


def test_a_product_goes_by_the_name_most_lines_carry_and_those_with_several_are_counted():
    names, several = usual_values(
        lines([("1", "Old"), ("1", "New"), ("1", "New"), ("2", "Pot"), ("3", None)]), "product_name"
    )

    assert names.to_dict() == {"1": "New", "2": "Pot"}
    assert several == 1


def test_services_are_known_by_their_usual_name_or_by_their_id():
    found = service_products(
        lines([("POST", "POSTAGE"), ("M", "Manual"), ("M", "Mug"), ("M", "Manual"),
               ("7", "Postage stamp mug"), ("shipping", None)])
    )  # fmt: skip

    assert found.to_dict() == {"M": "Manual", "POST": "POSTAGE", "shipping": "shipping"}


def test_names_are_looked_up_among_the_products_where_the_lines_carry_none():
    bare = lines([("1", "x"), ("2", "x")]).drop("product_name")

    found = service_products(bare, lines([("1", "Gift card"), ("2", "Mug")]))

    assert found.to_dict() == {"1": "Gift card"}
    assert service_products(bare).empty
