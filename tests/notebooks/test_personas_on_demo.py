"""The delivered personas of the demo client against those that were planted."""

import json
from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

pytestmark = pytest.mark.slow
TRUTH = Path(__file__).parents[2] / "data" / "demo" / "truth.json"


@pytest.fixture(scope="module")
def delivered(demo_delivery):
    return demo_delivery / "tables" / "11_personas"


def test_the_four_planted_personas_are_found(delivered):
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    placed = pd.read_csv(delivered / "assignments.csv", dtype={"customer_id": str})
    planted = pd.Series(
        list(truth["by_customer_id_ascending"]["persona"]), index=sorted(placed["customer_id"])
    )
    known = placed.dropna(subset="persona")

    found = adjusted_rand_score(planted[known["customer_id"]], known["persona"])

    assert known["persona"].nunique() == 4
    assert found >= 0.95


def test_sizes_and_revenue_sum_to_those_of_the_portfolio(delivered, demo_delivery):
    table = pd.read_csv(delivered / "personas.csv")
    portfolio = json.loads((demo_delivery / "findings" / "01_portfolio.json").read_text())

    assert table["customers"].sum() == portfolio["metrics"]["customers"]
    assert table["revenue"].sum() == pytest.approx(portfolio["metrics"]["revenue"], abs=0.01)
