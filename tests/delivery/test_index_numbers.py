"""Each number on the index stands in the report that it names; a number that does not is found."""

import json
import re

import pytest

from shared.delivery.index_numbers import (
    FIGURES,
    INDEX,
    METRICS,
    SAID,
    Marked,
    _LookUp,
    marked_texts,
    number_faults,
)

pytest_plugins = ["tiny_suite_fixtures"]
REPORT = """
<style>p { margin: 99px }</style>
<div data-output="back"><p><b>34%</b> come back.</p><p>n = 1,234 customers, 31% to 38%</p></div>
<div data-output="other"><p>77% do not.</p></div>
"""
PAGE = """
<p data-said="04_cohort.html">34% come back.</p>
<p data-figures="04_cohort.html#back">34%: 31% to 38%, from 1,234 customers</p>
<p data-metrics="findings/04_cohort.json">4,701 expected, 3,782 came: 0.83</p>
"""
METRIC_VALUES = {"expected": 4700.58, "came": 3782, "ratio": 0.8271, "unknown": None}


@pytest.fixture
def delivery(tmp_path):
    (tmp_path / "findings").mkdir()
    findings = {"verdict": "can be relied on", "metrics": METRIC_VALUES}
    (tmp_path / "findings" / "04_cohort.json").write_text(json.dumps(findings))
    (tmp_path / "04_cohort.html").write_text(REPORT)
    (tmp_path / INDEX).write_text(PAGE)
    return tmp_path


def test_an_index_that_says_what_its_reports_say_has_no_fault(delivery):
    assert number_faults(delivery) == []


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("34% come", "35% come"),
        ("come back", "come later"),
        # Another element of the same page says 77%.
        ("31% to", "77% to"),
        ("1,234", "1,235"),
        ("4,701", "4,702"),
        ("3,782", "378"),
        ("0.83", "0.84"),
        ("04_cohort.html#back", "04_cohort.html#other"),
        ('data-said="04_cohort.html"', 'data-said="05_basket.html"'),
    ],
)
def test_a_changed_number_or_address_is_found(delivery, true, false):
    assert true in PAGE
    (delivery / INDEX).write_text(PAGE.replace(true, false, 1))

    assert len(number_faults(delivery)) == 1


def test_a_rule_of_the_style_sheet_is_no_number_of_the_page(delivery):
    (delivery / INDEX).write_text('<p data-figures="04_cohort.html">99</p>')

    assert number_faults(delivery) != []


def test_an_index_that_names_no_report_is_a_fault(delivery):
    (delivery / INDEX).write_text("<p>34% come back.</p>")

    assert number_faults(delivery) == [f"{INDEX}  names no report for anything that it says"]


def test_a_former_delivery_that_is_gone_is_not_looked_into(delivery):
    gone = '<p data-said="../2020-01-01/04_cohort.html">12% came back.</p>'
    (delivery / INDEX).write_text(PAGE + gone)

    assert number_faults(delivery) == []


# A report whose figure grows with the rows of its client.
GROWING = """
import json, os
from pathlib import Path
intake = json.loads((Path(os.environ["CRM_SNAPSHOT"]) / "intake.json").read_text())
n = intake["tables"]["order_lines"]["rows_used"]
name, out = "04_cohort", Path(os.environ["CRM_REPORT_DIR"])
figure = {"value": n / 10, "low": n / 20, "high": n / 5, "n": 4000 + n, "unit": "share",
          "level": 0.95, "of": "lines"}
said = f"{10 * n}% of the lines are here."
measure = f"n = {4000 + n:,} lines, {5 * n}% to {20 * n}%"
show("growing", "finding", f"<p><b>{10 * n}%</b> of the lines are here.</p><p>{measure}</p>")
bounds = {key: figure[key] for key in ("n", "low", "high")}
finding = {"id": "growing", "sentence": said, "values": {"share": figure}, **bounds}
record = {"report": name, "verdict": "read with care", "why": "", "findings": [finding],
          "actions": [], "metrics": {"n": n}, "parameters": {}, "tables": [], "said": []}
(out / "findings").mkdir(parents=True, exist_ok=True)
(out / "findings" / f"{name}.json").write_text(json.dumps(record))
"""
SLICES = "slices:\n  product_id: [tea, cup]\n"


@pytest.mark.slow
def test_numbers_of_a_delivery_with_history_and_slices_are_found_and_a_changed_one_is(suite):
    suite.notebook("04_cohort", GROWING, export=False)
    folder = suite.client(more=SLICES)
    assert suite.run("acme").returncode == 0
    with (folder / "orders.csv").open("a") as lines:
        lines.write("dan,5,2024-04-15,tea,1,4.00\n")
    assert suite.run("acme").returncode == 0

    before, now = sorted((suite.outputs / "acme").glob("2*"))
    for delivery in (before, now, *(suite.outputs / "acme" / "slices").glob("*/2*")):
        assert number_faults(delivery) == [], delivery
    assert suite.run("verify", "acme", module="shared").returncode == 0
    index = (now / INDEX).read_text(encoding="utf-8")
    slice_lines = 'index.html">4</td>'
    for true, false in [
        ("60% of the lines", "70% of the lines"),
        ("50% of the lines", "70% of the lines"),
        ("4,006 lines", "4,007 lines"),
        (slice_lines, slice_lines.replace("4", "7")),
    ]:
        assert true in index
        (now / INDEX).write_text(index.replace(true, false), encoding="utf-8")
        assert number_faults(now) != [], true
    (now / INDEX).write_text(index, encoding="utf-8")


@pytest.mark.slow
def test_every_number_of_the_demo_index_is_found_and_none_could_be_another(demo_delivery):
    index = (demo_delivery / INDEX).read_text(encoding="utf-8")
    marked = [one for mark in (SAID, FIGURES, METRICS) for one in marked_texts(index, mark)]
    look_up = _LookUp(demo_delivery)

    assert number_faults(demo_delivery) == []
    caught = [bool(look_up.fault(changed)) for one in marked for changed in one_digit_off(one)]
    assert len(caught) > 60
    # A range from 24% to 26% stays true of its element when 24 turns into 25, as does a miss of
    # 24% in orders and 25% in revenue.
    assert sum(caught) / len(caught) > 0.94


@pytest.mark.slow
def test_whatever_the_demo_index_says_of_a_report_is_marked(demo_delivery):
    index = (demo_delivery / INDEX).read_text(encoding="utf-8")
    manifest = json.loads((demo_delivery / "run.json").read_text(encoding="utf-8"))

    said = re.findall(r'<p class="(?:said|headline)"([^>]*)>', index)
    assert all("data-said=" in attributes for attributes in said)
    pages = {one.address for one in marked_texts(index, SAID)}
    assert pages == {f"{name}.html" for name in manifest["reports"]}


def one_digit_off(one):
    """Give a text once for each of its numbers, with its last digit one higher."""
    for number in re.finditer(r"\d(?!\d|[.,]\d)", one.text):
        digit = str((int(number[0]) + 1) % 10)
        text = one.text[: number.start()] + digit + one.text[number.end() :]
        yield Marked(one.mark, one.address, text)
