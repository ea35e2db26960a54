"""Clickstream from the published file to a delivered page: funnel exact, nothing to attribute."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from deliveries import deliver, delivered_folder

CLIENTS = Path(__file__).parent
FUNNEL = {
    "product_view": 2868, "add_to_cart": 1213, "cart": 1022, "shipping_details": 798,
    "payment_details": 632, "conversion": 470,
}  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.datasets]


@pytest.fixture(scope="module")
def folder(datasets, once):
    def make(outputs):
        source = datasets / "clickstream" / "ecom.csv.gz"
        script = CLIENTS / "clickstream" / "as_csv.py"
        subprocess.run([sys.executable, script, source, outputs], check=True)
        places = ("--data", str(CLIENTS), "--outputs", str(outputs), "--only", "attribution")
        deliver("clickstream", *places, CLICKSTREAM_CSV=str(outputs))

    return delivered_folder(once("outputs-clickstream", make), "clickstream")


@pytest.fixture(scope="module")
def findings(folder):
    return json.loads((folder / "findings" / "08_attribution.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tables(folder):
    return folder / "tables" / "08_attribution"


def test_all_events_and_sessions_are_used(folder):
    intake = json.loads((folder / "run.json").read_text(encoding="utf-8"))["intake"]
    used = {name: table["rows_used"] for name, table in intake.items()}

    assert used["touchpoints"] + used["conversions"] == 31106
    assert used["web_sessions"] == 3605


def test_the_funnel_has_the_published_counts(tables, findings):
    got = pd.read_csv(tables / "stages.csv").set_index("stage")

    assert got["journeys"].to_dict() == FUNNEL
    assert got.loc["product_view", "reached_share"] == pytest.approx(2868 / 3605)
    assert {name: findings["metrics"][f"at_{name}"] for name in FUNNEL} == FUNNEL


@pytest.mark.parametrize(
    ("event", "stage", "with_share", "without_share", "is_home"),
    [
        ("payment_error", "all", 0.116, 0.131, False),
        ("payment_error", "payment_details", 0.116, 0.855, True),
        ("checkout_bug", "all", 0.281, 0.129, False),
        ("checkout_bug", "cart", 0.281, 0.466, True),
    ],
)
def test_a_mishap_is_compared_within_the_stage_reached(
    tables, event, stage, with_share, without_share, is_home
):
    got = pd.read_csv(tables / "pain_points.csv").set_index(["event", "stage"]).loc[(event, stage)]

    assert got["with_share"] == pytest.approx(with_share, abs=0.0005)
    assert got["without_share"] == pytest.approx(without_share, abs=0.0005)
    assert got["is_home"] == is_home


def test_the_payment_error_is_the_pain_point_of_the_page(findings, tables):
    got = pd.read_csv(tables / "pain_points.csv")
    found = got[got["finding"] == "differs"]

    assert list(found["event"]) == ["payment_error"]
    assert findings["metrics"]["pain_points"] == 1
    said = [one["sentence"] for one in findings["findings"]]
    assert any("payment_error" in sentence and "11.6%" in sentence for sentence in said)


def test_the_page_says_that_there_is_nothing_to_attribute(folder):
    page = (folder / "08_attribution.html").read_text(encoding="utf-8")

    assert "there is nothing to attribute" in page


def test_every_model_agrees_where_nobody_met_two_channels(tables):
    credit = pd.read_csv(tables / "credit.csv").set_index("channel")

    assert len(credit) == 5
    assert credit["last_touch"].sum() == pytest.approx(470, abs=1e-6)
    for model in ("first_touch", "linear", "markov"):
        assert credit[model].tolist() == pytest.approx(credit["last_touch"].tolist(), abs=1e-6)


def test_questions_without_data_keep_their_heading_and_the_reason(folder):
    page = (folder / "08_attribution.html").read_text(encoding="utf-8")

    assert "What happens after a click against after a mere view?" in page
    assert "Clicks against views needs kind" in page
    assert "Satisfaction and later orders needs satisfaction" in page
