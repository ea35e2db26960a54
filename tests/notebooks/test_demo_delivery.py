"""The demo client from raw export to delivered pages: golden figures, whole findings."""

import csv
import hashlib
import json
import math
import re
from pathlib import Path

import pandas as pd
import pytest
from deliveries import deliver, delivered_folder

GOLDEN = json.loads((Path(__file__).parent / "golden_demo.json").read_text(encoding="utf-8"))
ALL_ROWS = re.compile(r'All ([\d,]+) rows: <a href="([^"]+\.csv)"')

pytestmark = pytest.mark.slow


def findings(folder):
    paths = sorted((folder / "findings").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def file_rows(file):
    """Count the rows of a table below its head."""
    return sum(1 for _row in csv.reader(file)) - 1


def test_the_delivery_has_all_its_parts(demo_delivery):
    names = {path.name for path in demo_delivery.iterdir()}

    assert {"index.html", "demo.xlsx", "run.json", "tables", "findings", "notebooks"} <= names
    assert {f"{report}.html" for report in GOLDEN} <= names


@pytest.mark.parametrize("report", GOLDEN)
def test_op11_the_figures_are_the_golden_ones(demo_delivery, report):
    got = findings(demo_delivery)[report]["metrics"]

    assert {name: got[name] for name in GOLDEN[report]} == pytest.approx(GOLDEN[report], rel=1e-6)


def test_reports_agree_on_the_lifecycle_that_several_show(demo_delivery):
    stages = ["falls_asleep_after_days", "asleep_after_days", "active_share", "fell_asleep_share"]
    told = findings(demo_delivery)
    portfolio, survival, cohort = (
        [told[report]["metrics"][name] for name in stages]
        for report in ("01_portfolio", "03_survival", "04_cohort")
    )

    assert portfolio == survival == cohort


def test_every_finding_has_n_and_an_interval(demo_delivery):
    said = [f for record in findings(demo_delivery).values() for f in record["findings"]]

    assert said
    for finding in said:
        assert finding["n"] > 0, finding["sentence"]
        assert finding["n_of"], f"{finding['sentence']} does not say what its n counts"
        assert finding["low"] <= finding["high"], finding["sentence"]
        assert all(math.isfinite(finding[bound]) for bound in ("low", "high"))


@pytest.mark.parametrize("report", GOLDEN)
def test_a_table_that_says_all_rows_has_as_many_as_the_file_it_links_to(demo_delivery, report):
    page = (demo_delivery / f"{report}.html").read_text(encoding="utf-8")

    linked = ALL_ROWS.findall(page)
    assert linked
    for rows, file in linked:
        written = pd.read_csv(demo_delivery / file, dtype=str)
        assert len(written) == int(rows.replace(",", "")), file


def test_every_table_that_names_its_rows_links_a_file_of_as_many(demo_delivery):
    named = []
    for page in sorted(demo_delivery.glob("[0-9]*.html")):
        text = page.read_text(encoding="utf-8")
        for rows, link in re.findall(r'All ([\d,.\s]+) rows: <a href="([^"]+)"', text):
            with (demo_delivery / link).open(encoding="utf-8-sig", newline="") as file:
                named.append((f"{page.name} {link}", int(re.sub(r"\D", "", rows)), file_rows(file)))

    assert len(named) >= 5
    assert [(link, said) for link, said, there in named if said != there] == []


def test_revenue_on_the_page_and_set_aside_make_up_the_input(demo_delivery):
    run = json.loads((demo_delivery / "run.json").read_text(encoding="utf-8"))
    lines = run["intake"]["order_lines"]
    set_aside = sum(part["money"] or 0 for part in lines["set_aside"])
    revenue = findings(demo_delivery)["01_portfolio"]["metrics"]["revenue"]

    assert lines["rows_in"] == lines["rows_used"] + sum(p["rows"] for p in lines["set_aside"])
    assert revenue + set_aside == pytest.approx(lines["money_in"], abs=0.01)


def test_another_run_elsewhere_gives_the_same_bytes(demo_delivery, tmp_path):
    elsewhere = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    deliver("--outputs", str(tmp_path), "--jobs", "1", **elsewhere)
    folder = delivered_folder(tmp_path, "demo")

    def sums(root):
        files = [p for p in sorted(root.rglob("*")) if p.is_file() and p.name != "run.json"]
        return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    assert sums(folder) == sums(demo_delivery)
