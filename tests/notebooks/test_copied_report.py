"""The report to copy of CONTRIBUTING.md runs as it stands there, on clients of any kind."""

import json
import subprocess
import sys

import copied_report
import matplotlib as mpl
import pytest
from small_client import COLUMNS, csv_of, write_client

from shared.loading.errors import NotSupportedByData
from shared.report import notebooks

# Of 240 orders more than half come on a Friday: 2024-01-05 was one.
DAYS = [f"2024-{month:02d}-{day:02d}" for month in (1, 2, 3) for day in range(1, 29)]
ORDERS = [
    *(f"c{i % 40},{i},{DAYS[i % len(DAYS)]},tea,1,2.50" for i in range(110)),
    *(f"c{i % 40},{i},2024-01-{5 + 7 * (i % 4):02d},cup,2,8.00" for i in range(110, 240)),
]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the report on a client of these lines; give its `Report` and what it exported."""
    monkeypatch.setattr(notebooks, "FOLDER", copied_report.written(tmp_path).parent)
    notebooks.notebook_of.cache_clear()

    def on(lines, *, columns=COLUMNS, **parameters):
        write_client(tmp_path, csv_of(lines), columns=columns)
        monkeypatch.setenv("CRM_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("CRM_OUTPUTS", str(tmp_path / "outputs"))
        monkeypatch.setenv("CRM_REPORT_DIR", str(tmp_path / "export"))
        names: dict = {}
        copied_report.run(names, client_name="acme", **parameters)
        path = tmp_path / "export" / "findings" / "12_weekday.json"
        return names["report"], json.loads(path.read_text(encoding="utf-8"))

    with mpl.rc_context():  # the report sets the style of its charts, other tests have theirs
        yield on
    notebooks.notebook_of.cache_clear()


def test_it_runs_from_top_to_bottom_and_says_what_was_planted(run):
    report, record = run(ORDERS)

    (found,) = record["findings"]
    assert found["sentence"].startswith("Friday has the most orders, ")
    assert (found["n"], found["n_of"]) == (240, "orders")
    assert record["tables"] == ["tables/12_weekday/weekdays.csv"]
    assert record["actions"][0]["size"] == 40
    assert len(report.elements.of("figure")) == len(report.elements.of("table")) == 1


def test_orders_spread_evenly_have_no_busiest_day_and_no_action(run):
    _, record = run([f"c{i % 40},{i},{DAYS[i % 84]},tea,1,2.50" for i in range(168)])

    assert record["findings"][0]["sentence"].startswith("No weekday stands out")
    assert record["actions"] == []


def test_without_prices_the_page_says_so_under_that_question_and_goes_on(run):
    columns = {name: theirs for name, theirs in COLUMNS.items() if name != "unit_price"}
    report, record = run(ORDERS, columns=columns)

    (element,) = report.elements.of("unsupported")
    assert "order_value" in element.html
    assert record["findings"]


def test_too_few_orders_make_the_whole_page_one_that_says_so(run):
    with pytest.raises(NotSupportedByData, match="20 orders"):
        run(ORDERS[:20])


def test_its_code_is_written_as_the_suite_is(tmp_path):
    for i, block in enumerate(copied_report.blocks()[:-1]):
        (tmp_path / f"block_{i}.py").write_text(block, encoding="utf-8")
    config = copied_report.PAGE.with_name("pyproject.toml")
    line = [sys.executable, "-m", "ruff", "check", "--config", str(config), str(tmp_path)]

    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
