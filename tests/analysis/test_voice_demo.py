"""The demo client's planted truth, as the delivered page and its tables tell it."""

import json
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tables(demo_delivery):
    folder = demo_delivery / "tables" / "09_voice"
    return lambda name: pd.read_csv(folder / f"{name}.csv", dtype={"review_id": str})


@pytest.fixture(scope="module")
def metrics(demo_delivery):
    return json.loads((demo_delivery / "findings" / "09_voice.json").read_text())["metrics"]


@pytest.fixture(scope="module")
def truth():
    told = json.loads((ROOT / "data" / "demo" / "truth.json").read_text())["by_review_id_ascending"]
    reviews = pd.read_csv(ROOT / "data" / "demo" / "reviews.csv", dtype=str)
    names = {letter: topic for topic, letter in told["topic_letters"].items()}
    return pd.DataFrame(
        {"review_id": sorted(reviews["review_id"]),
         "department": [names[letter] for letter in told["topic"]],
         "mood": [int(digit) - 2 for digit in told["mood_0_worst_4_best"]]}
    )  # fmt: skip


def test_the_delivery_incident_is_isolated_on_its_days_and_the_price_step_chronic_from_its_day(
    tables, metrics
):
    found = tables("incidents").set_index("topic")

    delivery = found.loc["delivery", ["kind", "first_day", "last_day"]].tolist()
    assert delivery == ["isolated", "2026-02-09", "2026-02-22"]
    assert found.loc["price and value", "kind"] == "chronic"
    started = pd.Timestamp(found.loc["price and value", "first_day"])
    assert abs((started - pd.Timestamp("2025-10-06")).days) <= 14
    assert metrics["chronic_topics"] == 1


def test_the_launch_that_disappoints_is_found_without_naming_it(tables, metrics):
    assert tables("launch")["group"].iloc[0].startswith("Skerry Cold Brew")
    assert metrics["launch_difference"] < -0.3


def test_complaints_are_routed_to_the_department_that_was_planted(tables, truth):
    texts = tables("sentiment").merge(truth, on="review_id")
    topics = tables("topics").set_index("topic")["department"]
    owners = texts["complaints"].fillna("").str.split("; ").map(
        lambda names: {topics[name] for name in names if name}
    )  # fmt: skip
    for name in ("logistics", "production", "pricing", "after-sales"):
        own = owners.map(lambda held, name=name: name in held)
        planted = (texts["department"] == name) & (texts["mood"] < 0)

        assert (own & planted).sum() / planted.sum() >= 0.8
        assert (own & planted).sum() / own.sum() >= 0.75


def test_complaints_are_not_found_to_change_buying(tables):
    assert tables("repeat")["reading"].isin(["no difference found", "not settled"]).all()
    assert tables("repeat")["reading"].iloc[0] == "no difference found"


def test_the_planted_wishes_come_first_in_their_order(tables):
    assert tables("wishes")["wish"].head(3).tolist() == ["subscription", "refill", "decaf"]
