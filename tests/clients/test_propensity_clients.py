"""Two labelled tables from raw file to delivered page: who knows the answer, and who responds."""

import json
from pathlib import Path

import pandas as pd
import pytest
from deliveries import deliver, delivered_folder

CLIENTS = Path(__file__).parent

pytestmark = [pytest.mark.slow, pytest.mark.datasets]


@pytest.fixture(scope="module")
def folders(datasets, once):
    """Deliver both clients in one go and give their folders by name."""
    names = ("online_shoppers", "ifood")

    def make(outputs):
        places = ("--data", str(CLIENTS), "--outputs", str(outputs), "--only", "propensity")
        deliver(*names, *places, CRM_DATASETS=str(datasets))

    made = once("outputs-propensity-clients", make)
    return {name: delivered_folder(made, name) for name in names}


def findings(folder):
    return json.loads((folder / "findings" / "06_propensity.json").read_text())


def said(folder):
    record = findings(folder)
    return " ".join(one["sentence"] for one in [*record["findings"], *record["said"]])


def test_the_column_that_knows_the_answer_is_named_first_and_left_out(folders):
    record = findings(folders["online_shoppers"])

    assert record["verdict"] == "read with care"
    assert record["findings"][0]["sentence"].startswith("PageValues")
    audit = pd.read_csv(folders["online_shoppers"] / "tables/06_propensity/leakage_audit.csv")
    assert audit.loc[0, ["feature", "action"]].tolist() == ["PageValues", "left out"]
    assert (audit["action"] == "used").sum() == len(audit) - 1


def test_random_folds_and_stretches_of_the_file_both_stand_on_the_page(folders):
    folds = pd.read_csv(folders["online_shoppers"] / "tables/06_propensity/folds.csv")
    mixed, file, later = folds.to_dict("records")

    assert (mixed["auc_all"], mixed["auc_used"]) == pytest.approx((0.89, 0.74), abs=0.01)
    assert later["auc_used"] < file["auc_used"] < mixed["auc_used"]
    assert "stretches of the file" in said(folders["online_shoppers"])


def test_scores_of_sessions_are_calibrated_and_nobody_is_lost(folders):
    got = findings(folders["online_shoppers"])["metrics"]
    scores = pd.read_csv(folders["online_shoppers"] / "tables/06_propensity/scores.csv")

    assert got["base_rate"] == pytest.approx(1908 / 12_330)
    assert len(scores) == got["scored"] == 12_330
    assert got["calibration_error"] < 0.02
    assert got["calibration_slope"] == pytest.approx(1, abs=0.12)
    assert scores["propensity"].mean() == pytest.approx(got["base_rate"], abs=0.01)


def test_ifood_has_its_published_auc_and_is_read_with_care(folders):
    record = findings(folders["ifood"])
    got = record["metrics"]

    assert got["positives"] == 334
    assert got["auc_all_columns"] == pytest.approx(0.868, abs=0.04)
    assert got["auc_low"] < 0.868 < got["auc_high"] + 0.02
    assert got["suspects"] == 0
    assert "only 334 rows of the rarer outcome" in record["why"]


def test_the_response_score_names_its_sources_and_where_a_contact_pays(folders):
    sources = pd.read_csv(folders["ifood"] / "tables/06_propensity/sources.csv")
    got = findings(folders["ifood"])["metrics"]

    assert "earlier campaigns" in set(sources["source"])
    assert got["best_cut"] == pytest.approx(100 * 3 / 11)
    assert "Z_CostContact (the same in all rows)" in said(folders["ifood"])


@pytest.mark.parametrize("name", ["online_shoppers", "ifood"])
def test_what_needs_orders_says_so_on_the_page(folders, name):
    page = (folders[name] / "06_propensity.html").read_text()

    assert "A labelled table holds outcomes, not events" in page
    assert "nan" not in page.split("<body")[1].split()
