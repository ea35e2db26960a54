import json
from pathlib import Path
from string import Formatter

import pytest

from shared.delivery.catalogue import Notebook, catalogue
from shared.delivery.missing_sources import (
    MissingSource,
    in_words,
    lacking,
    missing_sources,
    questions_left_open,
)
from shared.delivery.plan import Step
from shared.loading.schema import TABLES

ROOT = Path(__file__).parents[2]
COSTS = ("order_lines.unit_cost", "products.unit_cost")


def notebook_with(folder, name, *, unsupported=()):
    """Write an executed notebook whose page cannot answer some of two questions."""
    questions = ("Is it profit?", "Is it much?")
    cells = []
    for question in questions:
        kind = "unsupported" if question in unsupported else "say"
        output = {
            "output_type": "display_data",
            "data": {"text/html": "<p>said</p>"},
            "metadata": {"report": {"id": f"{kind}-{question}", "kind": kind}},
        }
        cells.append({"cell_type": "markdown", "source": f"## {question}"})
        cells.append({"cell_type": "code", "source": "", "outputs": [output]})
    path = folder / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "metadata": {}}))
    return path


def report(name, *tables, opens=()):
    return Notebook(name, f"What of {name}?", ROOT, tables, opens=opens)


@pytest.fixture
def portfolio(tmp_path):
    notebook_with(tmp_path, "01_portfolio", unsupported=["Is it profit?"])
    return report(
        "01_portfolio",
        ("order_lines",),
        opens=(("Is it profit?", COSTS), ("Is it much?", ("campaign",))),
    )


def test_a_question_is_open_where_its_page_says_that_the_data_cannot_answer_it(tmp_path):
    path = notebook_with(tmp_path, "01_portfolio", unsupported=["Is it profit?"])

    assert questions_left_open(path) == {"Is it profit?"}
    assert questions_left_open(tmp_path / "no.ipynb") == set()


def test_what_is_missing_opens_whole_reports_and_questions_of_pages(tmp_path, portfolio):
    steps = [
        Step(portfolio, "run"),
        Step(report("07_uplift", ("campaign",)), "missing_data"),
        Step(report("08_attribution", ("touchpoints", "order_lines"), ("paths",)), "missing_data"),
    ]

    got = missing_sources(steps, {"order_lines": ["customer_id"]}, tmp_path)

    # The question about campaigns is answered on the page, whatever else it lacked.
    assert [(one.name, one.reports, one.questions) for one in got] == [
        ("Campaigns", ("07_uplift",), ()),
        ("Marketing contacts", ("08_attribution",), ()),
        ("Unit costs", (), (("01_portfolio", "Is it profit?"),)),
    ]
    assert got[0].holds == "who was contacted, who was left out by lot, who answered"


def test_a_question_is_not_opened_by_what_is_there(tmp_path, portfolio):
    supplied = {"order_lines": ["customer_id"], "products": ["product_id", "unit_cost"]}

    assert missing_sources([Step(portfolio, "run")], supplied, tmp_path) == []


def test_what_would_open_most_is_said_first_and_once(tmp_path):
    steps = [
        Step(report("07_uplift", ("campaign",)), "missing_data"),
        Step(report("02_lifetime_value", ("order_lines",)), "missing_data"),
        Step(report("04_cohort", ("order_lines",)), "missing_data"),
    ]

    got = missing_sources(steps, {"durations": []}, tmp_path)

    assert got[0] == MissingSource(
        "Orders",
        "who bought what, when and for how much",
        ("02_lifetime_value", "04_cohort"),
        (),
    )
    assert [one.name for one in got] == ["Orders", "Campaigns"]


def test_of_alternatives_the_nearest_is_named_and_no_shortcut():
    attribution = report(
        "08_attribution", ("touchpoints", "order_lines"), ("touchpoints", "conversions"), ("paths",)
    )

    assert lacking(attribution, ["order_lines"]) == ("touchpoints",)
    assert lacking(attribution, []) == ("touchpoints", "order_lines")
    assert in_words(("touchpoints", "order_lines")) == "marketing contacts and orders"


@pytest.mark.parametrize("notebook", catalogue(ROOT / "notebooks"), ids=lambda n: n.name)
def test_a_notebook_opens_only_questions_that_it_asks_by_sources_that_exist(notebook):
    content = json.loads(notebook.path.read_text(encoding="utf-8"))
    texts = ["".join(c["source"]) for c in content["cells"] if c["cell_type"] == "markdown"]
    asked = {line[3:] for text in texts for line in text.splitlines() if line.startswith("## ")}

    assert {question for question, _ in notebook.opens} <= asked
    for source in (source for _, sources in notebook.opens for source in sources):
        table, _, column = source.partition(".")
        assert not column or column in TABLES[table].columns
        assert table in TABLES


@pytest.mark.slow
@pytest.mark.parametrize("notebook", catalogue(ROOT / "notebooks"), ids=lambda n: n.name)
def test_what_backs_a_report_is_made_of_metrics_that_it_exports(notebook, demo_delivery):
    findings = demo_delivery / "findings" / f"{notebook.name}.json"
    metrics = json.loads(findings.read_text(encoding="utf-8"))["metrics"]

    fields = [{f for _, f, _, _ in Formatter().parse(t) if f} for t in notebook.backed_by]
    assert fields
    assert fields[0] <= set(metrics)
