"""CDNOW from the published file to a delivered page, with the figures published for it."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from deliveries import deliver, delivered_folder

CLIENTS = Path(__file__).parent

pytestmark = [pytest.mark.slow, pytest.mark.datasets]


@pytest.fixture(scope="module")
def folder(datasets, once):
    def make(outputs):
        source = datasets / "cdnow" / "CDNOW_sample.txt"
        script = CLIENTS / "cdnow" / "as_csv.py"
        subprocess.run([sys.executable, script, source, outputs / "cdnow.csv"], check=True)
        places = ("--data", str(CLIENTS), "--outputs", str(outputs), "--only", "lifetime_value")
        deliver("cdnow", *places, CDNOW_CSV=str(outputs / "cdnow.csv"))

    return delivered_folder(once("outputs-cdnow", make), "cdnow")


@pytest.fixture(scope="module")
def record(folder):
    return json.loads((folder / "findings" / "02_lifetime_value.json").read_text(encoding="utf-8"))


def test_the_models_are_the_published_ones(record):
    got = record["metrics"]

    assert [got[f"bgnbd_{name}"] for name in ("r", "alpha", "a", "b")] == pytest.approx(
        [0.2426, 4.4136, 0.7929, 2.4259], abs=0.01
    )
    assert got["log_likelihood"] == pytest.approx(-9582.43, abs=0.01)
    assert [got["gg_p"], got["gg_q"], got["gg_gamma"]] == pytest.approx(
        [6.25, 3.74, 15.44], abs=0.02
    )
    assert got["gg_mean"] == pytest.approx(35.17, abs=0.01)
    assert got["gg_customers"] == 946


def test_the_holdout_is_the_published_one_and_the_page_says_that_it_is_missed_by_12_per_cent(
    record, folder
):
    got = record["metrics"]

    assert (got["holdout_actual"], got["backtest_passed"]) == (1882, 1)
    assert got["holdout_predicted"] == pytest.approx(1653, rel=0.01)
    assert got["tracking_ratio"] == pytest.approx(0.959, abs=0.001)
    assert record["findings"][0]["sentence"].startswith(
        "The model under-forecasts the holdout by 12%"
    )
    table = pd.read_csv(folder / "tables" / "02_lifetime_value" / "backtest.csv")
    assert len(table) == 5


def test_customers_add_up_to_the_cash_flow(folder):
    tables = folder / "tables" / "02_lifetime_value"
    customers = pd.read_csv(tables / "customers.csv", dtype={"customer_id": str})
    flow = pd.read_csv(tables / "cash_flow.csv")

    assert len(customers) == 2357
    assert (customers["clv"] >= 0).all()
    assert customers["clv"].sum() == pytest.approx(flow["value"].sum(), abs=0.01)


def test_every_row_is_used(folder):
    intake = json.loads((folder / "run.json").read_text(encoding="utf-8"))["intake"]

    assert intake["order_lines"]["rows_used"] == intake["order_lines"]["rows_in"] == 6919
