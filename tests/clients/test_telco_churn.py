"""A client without orders, from raw file to delivered page: durations as they are."""

import json

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.datasets]


@pytest.fixture(scope="module")
def folder(delivered):
    return delivered("telco_churn")


@pytest.fixture(scope="module")
def findings(folder):
    return json.loads((folder / "findings" / "03_survival.json").read_text())


def test_the_published_figures_reach_the_delivery(findings):
    got = findings["metrics"]

    assert (got["customers"], got["lost"]) == (7043, 1869)
    assert got["logrank_chi2"] == pytest.approx(2352.87, abs=0.01)
    assert got["median_days"] is None


def test_a_median_not_reached_is_said_and_no_contract_is_called_an_effect(findings):
    said = " ".join(one["sentence"] for one in [*findings["findings"], *findings["said"]])

    assert "not reached within 72 months; 59% are still active" in said
    assert "customers came to it or chose it" in said
    assert "it is not shown to be its effect" in said


def test_blocks_that_need_orders_say_so_on_the_page(folder):
    page = (folder / "03_survival.html").read_text()

    assert "The orders of each customer with their dates" in page
    assert "Month-to-month" in page
    assert (folder / "tables" / "03_survival" / "churn_forecast.csv").is_file()
