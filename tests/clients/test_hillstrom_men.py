"""A published campaign, from raw file to page: it works, and no proof that for some more."""

import json
from pathlib import Path

import pytest
from deliveries import deliver, delivered_folder

CLIENTS = Path(__file__).parent

pytestmark = [pytest.mark.slow, pytest.mark.datasets]


@pytest.fixture(scope="module")
def folder(datasets, once):
    def make(outputs):
        places = ("--data", str(CLIENTS), "--outputs", str(outputs), "--only", "uplift")
        deliver("hillstrom_men", *places, CRM_DATASETS=str(datasets))

    return delivered_folder(once("outputs-hillstrom-men", make), "hillstrom_men")


@pytest.fixture(scope="module")
def findings(folder):
    return json.loads((folder / "findings" / "07_uplift.json").read_text())


def test_the_published_figures_reach_the_delivery(findings, folder):
    got = findings["metrics"]

    assert (got["customers"], got["treated"], got["control"]) == (42_613, 21_307, 21_306)
    assert round(got["ate"], 5) == 0.07659
    assert (round(got["ate_low"], 4), round(got["ate_high"], 4)) == (0.0700, 0.0832)
    assert got["sample_ratio_p"] > 0.9
    effects = (folder / "tables" / "07_uplift" / "effects.csv").read_text()
    assert "conversion" in effects
    assert "1.42262" in effects  # 1.422617, to six digits


def test_heterogeneity_is_stated_only_as_far_as_the_held_out_qini_allows(findings, folder):
    said = " ".join(one["sentence"] for one in [*findings["findings"], *findings["said"]])

    assert findings["metrics"]["differs"] == 0
    assert findings["metrics"]["qini_low"] < 0 < findings["metrics"]["qini_high"]
    assert "no proof that it works better for some" in said
    targets = (folder / "tables" / "07_uplift" / "targets.csv").read_text().splitlines()
    assert len(targets) == 1


def test_conversion_is_an_outcome_and_predicts_nothing(findings, folder):
    said = " ".join(one["sentence"] for one in findings["said"])

    assert "conversion tells what happened after the campaign" in said
    assert "conversion" not in (folder / "tables" / "07_uplift" / "drivers.csv").read_text()
