"""A client with nothing but texts and stars, from raw file to delivered page."""

import json
from pathlib import Path

import pandas as pd
import pytest
from deliveries import deliver, delivered_folder

CLIENTS = Path(__file__).parent

pytestmark = [pytest.mark.slow, pytest.mark.datasets]


@pytest.fixture(scope="module")
def folder(datasets, once):
    def make(outputs):
        places = ("--data", str(CLIENTS), "--outputs", str(outputs), "--only", "voice")
        deliver("clothing_reviews", *places, CRM_DATASETS=str(datasets))

    return delivered_folder(once("outputs-clothing-voice", make), "clothing_reviews")


@pytest.fixture(scope="module")
def findings(folder):
    return json.loads((folder / "findings" / "09_voice.json").read_text())


def test_every_review_is_counted_and_the_published_kappa_is_beaten(findings):
    got = findings["metrics"]

    assert got["reviews"] == 1499
    assert got["kappa"] > 0.271
    assert got["complaint_recall"] > 0.235 + 0.1


def test_accuracy_stands_on_the_page_with_its_interval(folder):
    quality = pd.read_csv(folder / "tables" / "09_voice" / "quality.csv")

    own = quality[quality["measure"].isin(["sign_accuracy", "kappa", "complaint_recall"])]
    assert ((own["low"] < own["value"]) & (own["value"] < own["high"])).all()
    assert "weighted kappa" in (folder / "09_voice.html").read_text()


def test_a_sign_no_better_than_all_positive_is_said_in_plain_words(folder):
    page = (folder / "09_voice.html").read_text()
    quality = pd.read_csv(folder / "tables" / "09_voice" / "quality.csv").set_index("measure")
    methods = pd.read_csv(folder / "tables" / "09_voice" / "methods.csv")

    assert quality.at["sign_accuracy", "low"] <= quality.at["always_positive", "value"]
    assert "right no more often than if every text were called positive" in page
    assert "no better than calling every text positive" in page
    assert methods["used"].tolist() == [False, True]
    assert "Where finding complaints matters more" in page


def test_wishes_are_what_is_asked_of_the_shop(folder):
    wishes = pd.read_csv(folder / "tables" / "09_voice" / "wishes.csv").set_index("wish")

    assert wishes.index[:2].tolist() == ["more colors", "longer"]
    assert not {"bra", "retailer", "tad"} & set(wishes.index)


def test_what_needs_days_customers_or_orders_says_so_on_the_page(folder, findings):
    page = (folder / "09_voice.html").read_text()

    assert "The texts are not dated" in page
    assert "Are complaints turning chronic" in page
    assert findings["metrics"]["chronic_topics"] is None


def test_size_and_fit_belong_to_production(folder):
    topics = pd.read_csv(folder / "tables" / "09_voice" / "topics.csv").set_index("topic")

    assert topics.loc["size and fit", "department"] == "production"
    assert topics.loc["size and fit", "texts"] > 500
