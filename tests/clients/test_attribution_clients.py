"""Counted paths without customers, from raw file to delivered page."""

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
        places = ("--data", str(CLIENTS), "--outputs", str(outputs), "--only", "attribution")
        deliver("channel_paths", *places, CRM_DATASETS=str(datasets))

    return delivered_folder(once("outputs-channel-paths", make), "channel_paths")


@pytest.fixture(scope="module")
def findings(folder):
    return json.loads((folder / "findings" / "08_attribution.json").read_text())


def test_the_published_figures_reach_the_delivery(datasets, folder, findings):
    got = findings["metrics"]
    reference = datasets / "channel_paths" / "reference_exact_markov_order1.csv"
    want = pd.read_csv(reference).query("use_null").set_index("channel")
    credit = pd.read_csv(folder / "tables" / "08_attribution" / "credit.csv").set_index("channel")

    assert (got["conversions"], got["memory"], got["channels"]) == (19_785, 1, 12)
    assert got["conversion_probability"] == pytest.approx(0.2238451355968638, abs=1e-12)
    assert credit["markov"].to_numpy() == pytest.approx(
        want.loc[credit.index, "total_conversions"].to_numpy(), abs=6e-5
    )  # the file has four decimals


def test_the_page_says_that_the_path_barely_predicts_and_what_removal_is_not(folder, findings):
    said = " ".join(one["sentence"] for one in [*findings["findings"], *findings["said"]])

    assert "the path barely predicts who buys" in said
    assert "It is a figure of the model" in said
    assert findings["verdict"] == "read with care"
    assert "no sale" in (folder / "08_attribution.html").read_text()


def test_questions_that_need_customers_keep_their_heading_and_say_so(folder):
    page = (folder / "08_attribution.html").read_text()

    for heading in ("How should budget follow?", "What happens after a click against",
                    "What does the journey look like from end to end?"):  # fmt: skip
        assert heading in page
    assert "Paths were counted without customers" in page
    tables = {path.stem for path in (folder / "tables" / "08_attribution").iterdir()}
    assert {"credit", "removal", "transitions", "assists", "memory"} <= tables
    assert "roi" not in tables
