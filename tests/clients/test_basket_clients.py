"""The page on baskets for public shops, with customers and without, from raw file to folder."""

import json

import pandas as pd
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.datasets]


def findings(folder):
    return json.loads((folder / "findings" / "05_basket.json").read_text(encoding="utf-8"))


def table(folder, name):
    return pd.read_csv(folder / "tables" / "05_basket" / f"{name}.csv")


def test_baskets_without_customers_and_days_make_a_page_that_is_read_with_care(delivered):
    folder = delivered("groceries")
    got = findings(folder)

    assert got["verdict"] == "read with care"
    assert (got["metrics"]["baskets"], got["metrics"]["items"]) == (9_835, 169)
    assert got["metrics"]["robust_pairs"] == 76
    page = (folder / "05_basket.html").read_text(encoding="utf-8")
    assert (
        "shopping bags is no choice of the customer"
        in " ".join(sentence["sentence"] for sentence in got["said"] if "sentence" in sentence)
        + page
    )
    assert {"bottled beer", "canned beer"} == set(
        table(folder, "substitutes").query("kind == 'replace each other'")
        .iloc[0][["product_a", "product_b"]]
    )  # fmt: skip


@pytest.mark.parametrize(("client", "highest"), [("groceries_members", 20), ("pizzaplace", 1.5)])
def test_shops_without_a_pattern_are_told_so(delivered, client, highest):
    got = findings(delivered(client))

    assert got["metrics"]["robust_pairs"] == got["metrics"]["robust_rules"] == 0
    assert got["metrics"]["highest_lift"] < highest
    assert "0 are robust" in got["findings"][0]["sentence"]
    assert got["actions"][0]["segment"].startswith("Baskets of two or more")


def test_every_number_of_pairs_agrees_between_page_and_table(delivered):
    folder = delivered("pizzaplace")
    got = findings(folder)["metrics"]
    pairs = table(folder, "pairs")

    assert len(pairs) == got["pairs"] == 496
    assert pairs["lift"].max() == pytest.approx(got["highest_lift"], rel=1e-5)  # six digits
    assert (pairs["lift"] > 1).sum() == 402
