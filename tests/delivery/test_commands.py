"""What is around a run: first look, intake, check of a delivery."""

import json
import re

import pytest
from tiny_suite import LINES, TinySuite

from shared.delivery.commands import run_all, shared_commands


@pytest.fixture
def suite(tmp_path):
    made = TinySuite(tmp_path)
    made.client()
    made.notebook("04_cohort")
    made.notebook("07_uplift", tables=[["campaign"]])
    return made


def test_check_tells_what_came_in_and_what_would_run_without_a_kernel(suite):
    done = suite.run("check", "acme", module="shared")

    assert done.returncode == 0
    assert "order_lines: 5 of 5 rows used" in done.stdout
    assert re.search(r"04_cohort +would run", done.stdout)
    assert re.search(r"07_uplift +not part: needs campaign", done.stdout)
    assert not list((suite.outputs / "acme").glob("2*"))


def test_check_ends_with_3_where_the_data_are_refused(suite):
    suite.client(lines="Customer,Order\n")

    done = suite.run("check", "acme", module="shared")
    assert done.returncode == 3
    assert done.stderr.startswith("E-")
    assert len(done.stderr.splitlines()) <= 8


def test_new_proposes_a_client_that_check_accepts(suite, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(LINES)

    done = suite.run("new", "beta", str(file), module="shared")
    assert done.returncode == 0, done.stderr
    assert "next: python -m shared check beta" in done.stdout
    assert (suite.data / "beta" / "client.yaml").is_file()


def test_new_names_a_file_that_is_not_there(suite, tmp_path):
    done = suite.run("new", "beta", str(tmp_path / "none.csv"), module="shared")

    assert done.returncode == 2
    assert "none.csv  there is no such file" in done.stderr
    assert "fix    correct the path" in done.stderr


def test_verify_says_when_nothing_was_delivered(suite):
    done = suite.run("verify", "acme", module="shared")

    assert done.returncode == 2
    assert "nothing was delivered" in done.stderr


@pytest.mark.parametrize("arguments", [["--jobs", "0"], ["--jobs", "many"], ["--colour"]])
def test_a_wrong_option_ends_with_2(arguments, capsys):
    assert run_all(arguments) == 2
    assert "error:" in capsys.readouterr().err


def test_all_beside_a_name_is_refused_before_anything_runs(capsys, tmp_path):
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "client.yaml").touch()

    assert run_all(["--all", "acme", "--data", str(tmp_path), "--outputs", str(tmp_path)]) == 2
    assert "E-USE-11 --all  runs every client, and acme is one of them" in capsys.readouterr().err


def test_help_ends_with_0_and_knows_every_option_of_the_design(capsys):
    assert run_all(["--help"]) == 0
    told = capsys.readouterr().out
    for option in (
        "--only", "--set", "--jobs", "--engine", "--force", "--show-code", "--pdf", "--data",
        "--outputs", "--json", "--debug", "--all",
    ):  # fmt: skip
        assert option in told

    assert shared_commands(["--help"]) == 0


@pytest.mark.slow
def test_a_delivery_has_its_parts_and_they_agree(suite):
    done = suite.run("acme", "--json", "--show-code")

    told = json.loads(done.stdout)
    assert told["exit"] == 0
    status = {r["report"]: r["status"] for r in told["clients"][0]["reports"]}
    assert (status["04_cohort"], status["07_uplift"]) == ("delivered", "missing_data")
    assert status["01_portfolio"] == "not_built"

    folder = suite.delivered()
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert names == {
        "index.html",
        "04_cohort.html",
        "acme.xlsx",
        "run.json",
        "findings/04_cohort.json",
        "tables/04_cohort/customers.csv",
        "notebooks/04_cohort.ipynb",
        "notebooks/04_cohort.html",
    }
    assert "CRM_REPORT_DIR" in (folder / "notebooks" / "04_cohort.html").read_text()
    assert "CRM_REPORT_DIR" not in (folder / "04_cohort.html").read_text()
    manifest = suite.manifest()
    assert set(manifest["outputs"]) == names - {"run.json"}
    assert manifest["inputs"][0]["name"] == "orders.csv"
    assert manifest["intake"]["order_lines"]["rows_in"] == 5
    assert manifest["parameters"]["04_cohort"]["client_name"] == "acme"
    assert manifest["versions"]["papermill"]
