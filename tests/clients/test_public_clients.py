"""Three public retailers from raw file to delivered folder, with the figures published for them."""

import json
from pathlib import Path

import pandas as pd
import pytest
from deliveries import deliver, delivered_folder

from shared.analysis.cohort_results import counts_table
from shared.analysis.cohort_study import study_cohorts

CLIENTS = Path(__file__).parent

pytestmark = [pytest.mark.slow, pytest.mark.datasets]


def metrics(folder, report):
    return json.loads((folder / "findings" / f"{report}.json").read_text())["metrics"]


def intake(folder):
    return json.loads((folder / "run.json").read_text())["intake"]["order_lines"]


@pytest.mark.parametrize("client", ["online_retail", "superstore", "groceries_members"])
def test_every_row_is_accounted_for(delivered, client):
    table = intake(delivered(client))
    set_aside = table["set_aside"]

    assert table["rows_in"] == table["rows_used"] + sum(s["rows"] for s in set_aside)
    if table["money_in"] is not None:
        money = table["money_used"] + sum(s["money"] or 0 for s in set_aside)
        assert money == pytest.approx(table["money_in"], abs=0.01)


def test_online_retail_has_its_published_size(delivered):
    folder = delivered("online_retail")

    assert intake(folder)["rows_in"] == 541_909
    assert intake(folder)["rows_used"] == 397_884
    got = metrics(folder, "01_portfolio")
    assert (got["customers"], got["orders"]) == (4_338, 18_532)
    assert got["revenue"] == pytest.approx(8_911_407.904, abs=0.01)


def test_cohort_counts_equal_the_reference(delivered, datasets):
    table = delivered("online_retail") / "tables" / "04_cohort" / "counts.csv"

    assert_counts(
        pd.read_csv(table, index_col="cohort"),
        datasets / "online_retail" / "reference_cohort_counts_positive_only.csv",
    )


def test_by_the_other_rule_rows_and_cohort_counts_are_those_of_the_reference(
    datasets, public_client
):
    client = public_client("online_retail_all_lines")
    study = study_cohorts(
        client.order_lines, tables=client.tables, snapshot_date=client.snapshot_date,
        period="M", last_period="",
    )  # fmt: skip

    table = client.intake.tables["order_lines"]
    assert table.rows_in == 541_909
    assert (table.rows_used, table.customers) == (406_829, 4_372)
    assert {s.reason: s.rows for s in table.set_aside} == {"no_customer": 135_080}
    assert table.rows_in == table.rows_used + sum(s.rows for s in table.set_aside)
    money = table.money_used + sum(s.money or 0 for s in table.set_aside)
    assert money == pytest.approx(table.money_in, abs=0.01)
    assert_counts(
        counts_table(study),
        datasets / "online_retail" / "reference_cohort_counts_all_nonnull_customers.csv",
    )


def assert_counts(got, reference):
    """Compare a table of cohorts with a published one, blanks included."""
    want = pd.read_csv(reference, index_col=0)
    got = got[want.columns]
    assert list(got.index.astype(str)) == list(want.index.astype(str))
    assert (got.to_numpy(float) == want.to_numpy(float))[want.notna().to_numpy()].all()
    assert got.isna().to_numpy().tolist() == want.isna().to_numpy().tolist()


def test_superstore_has_its_published_size(delivered):
    got = metrics(delivered("superstore"), "01_portfolio")

    assert (got["customers"], got["orders"]) == (793, 5_009)
    assert got["revenue"] == pytest.approx(2_297_200.86, abs=0.01)


def test_a_client_with_one_row_per_customer_gets_its_page_and_is_told_what_is_missing(once):
    def make(outputs):
        deliver("customer_level", "--data", str(CLIENTS), "--outputs", str(outputs))

    folder = delivered_folder(once("outputs-customer_level", make), "customer_level")
    record = json.loads((folder / "findings" / "01_portfolio.json").read_text())
    run = json.loads((folder / "run.json").read_text())["intake"]["customer_rfm"]

    assert (run["rows_in"], run["rows_used"]) == (242, 240)
    assert record["metrics"]["customers"] == 240
    assert record["metrics"]["revenue"] == pytest.approx(run["money_used"], abs=0.01)
    lacking = [s["sentence"] for s in record["said"] if s["kind"] == "unsupported"]
    assert "the client supplied no order lines" in lacking
    assert not [s for s in lacking if "two days" in s]  # order days are not known, not missing
    assert {"segments.csv", "customers.csv", "discovered.csv"} <= {
        path.name for path in (folder / "tables" / "01_portfolio").iterdir()
    }


def test_a_client_without_prices_is_told_so(delivered):
    findings = json.loads(
        (delivered("groceries_members") / "findings/01_portfolio.json").read_text()
    )

    assert findings["metrics"]["customers"] == 3_898
    assert findings["verdict"] == "read with care"
    assert "items" in findings["why"]
