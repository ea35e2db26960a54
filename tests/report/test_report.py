"""What a notebook may show, what it may not, and what it leaves behind."""

import json
from pathlib import Path

import pandas as pd
import pytest
from made_reports import make_client

from shared.analysis.actions import Action
from shared.analysis.intervals import exact, wilson
from shared.analysis.verdicts import Reason, judge
from shared.loading.errors import ConfigError, NotSupportedByData
from shared.report import Report, notebooks
from shared.report.parameters import Parameter

BACK = wilson(1500, 4338)
ALT = "Bars of two groups: 1 customer is in a, and 2 customers are in b."


@pytest.fixture
def exported(report, tmp_path, monkeypatch):
    """Tell the shortest story and export it."""
    monkeypatch.setenv("CRM_REPORT_DIR", str(tmp_path))

    def export(**more):
        report.verdict(judge([Reason("Only {n} cohorts.", {"n": 4})]))
        report.finding("{share} return in {month:month}.", share=BACK, month="2011-01")
        report.export(tables=more.get("tables", {}), metrics=more.get("metrics", {}))
        return json.loads((tmp_path / "findings" / "example.json").read_text(encoding="utf-8"))

    return export


def html(report):
    return [element.html for element in report.elements]


def ids(report):
    return [element.id for element in report.elements]


def test_a_finding_shows_its_n_and_interval(report):
    report.finding("{share} return.", share=BACK)

    assert "<b>35%</b> return." in html(report)[0]
    assert "n = 4,338 · 95% interval 33% to 36%" in html(report)[0]


def test_the_interval_names_its_figure_where_a_finding_has_several(report):
    report.finding("{n} of {all}, {share:share.1}, return.", n=3, all=9, share=BACK)
    report.finding("{n} return.", n=3, share=BACK)

    assert "n = 4,338 · 95% interval for 34.6%: 33.2% to 36.0%" in html(report)[0]
    assert "95% interval 33% to 36%" in html(report)[1]


def test_a_finding_says_of_what_its_n_is(report, exported):
    report.finding("{share} return.", share=wilson(1500, 4338, of="customers"))
    report.finding("{n} orders.", n=exact(3, n=3, unit="count", of="orders"))

    assert "n = 4,338 customers · 95% interval 33% to 36%" in html(report)[0]
    assert "n = 3 orders · full count" in html(report)[1]
    assert [found["n_of"] for found in exported()["findings"]] == ["customers", "orders", ""]


def test_an_interval_at_the_level_of_a_verdict_says_why_it_is_no_other(report):
    report.finding("{share} return.", share=wilson(1500, 4338, level=0.99))

    said = "99% interval 33% to 36%, the level at which a page calls something found</p>"
    assert said in html(report)[0]


def test_a_finding_without_an_estimate_is_refused(report):
    with pytest.raises(ValueError, match="needs an Estimate"):
        report.finding("{n} return.", n=3)


def test_a_full_count_says_so_instead_of_an_interval(report):
    report.finding("{n} customers.", n=exact(3, n=3, unit="count"))
    assert "n = 3 · full count" in html(report)[0]


def test_a_page_has_at_most_five_findings(report):
    for _ in range(5):
        report.finding("{share}", share=BACK)
    with pytest.raises(ValueError, match="at most 5"):
        report.finding("{share}", share=BACK)


def test_the_verdict_is_told_by_words_and_its_reasons(report):
    report.verdict(judge([Reason("{n} cohorts are small.", {"n": 2})]))

    assert "Read with care" in html(report)[0]
    assert "<b>2</b> cohorts are small." in html(report)[0]
    with pytest.raises(ValueError, match="already has 'verdict'"):
        report.verdict(judge([]))


def test_a_figure_shows_title_alt_source_and_the_numbers_behind(report, bars):
    report.figure(bars(), data=pd.DataFrame({"group": ["a"], "customers": [1]}), alt=ALT, id="two")
    shown = html(report)[0]

    assert shown.startswith('<figure class="report-output figure" data-output="two">')
    assert '<h3 id="two">2 bars stand here</h3>' in shown
    assert f'alt="{ALT}"' in shown
    assert '<p class="source">Orders, n = 2</p>' in shown
    assert "<summary>The numbers behind this chart</summary>" in shown


def test_a_figure_without_a_number_in_its_title_is_refused(report, bars):
    with pytest.raises(ValueError, match="states no number"):
        report.figure(bars(title="Retention"), data=None, alt=ALT)


def test_the_table_behind_a_chart_never_lists_customers(report, bars):
    with pytest.raises(ValueError, match="must not list customers"):
        report.figure(bars(), data=pd.DataFrame({"customer_id": ["a"]}), alt=ALT)


def test_elements_get_ids_of_their_own_and_none_twice(report):
    report.say("One.")
    report.say("Two.")
    report.say("Three.", id="three")

    assert ids(report) == ["say-1", "say-2", "three"]
    with pytest.raises(ValueError, match="already has"):
        report.say("Four.", id="three")
    with pytest.raises(ValueError, match="is no id"):
        report.say("Five.", id="<b>")


def test_an_action_names_segment_size_and_money(report):
    report.action("Write to {segment}.", segment="<Lost>", size=1, money=5523272.4)

    assert "Write to <b>&lt;Lost&gt;</b>." in html(report)[0]
    assert (
        "<strong>&lt;Lost&gt;</strong> · 1 customer · €5,523,272 revenue so far" in html(report)[0]
    )


def test_an_action_says_what_its_money_is(report, exported):
    report.action("Write.", segment="Lost", size=2, money=1200.0, money_is="margin given away")

    assert "2 customers · €1,200 margin given away" in html(report)[0]
    assert exported()["actions"][0]["money_is"] == "margin given away"


def test_key_figures_are_written_large(report):
    report.key_figures({"Customers": 4338, "Revenue": (8911407.904, "money.compact")})
    assert "<dt>Revenue</dt><dd>€8.91M</dd>" in html(report)[0]


def test_a_question_that_the_data_cannot_answer_says_why_and_what_is_needed(report):
    report.unsupported(NotSupportedByData("3 customers", "at least 50"))
    assert "3 customers." in html(report)[0]
    assert "At least 50." in html(report)[0]


def test_the_name_of_a_column_keeps_its_letters_at_the_start_of_a_sentence(report):
    report.unsupported(NotSupportedByData("order_lines.discount is empty", "unit_price"))

    assert "order_lines.discount is empty." in html(report)[0]
    assert "unit_price." in html(report)[0]


def test_a_block_shows_its_answer_or_why_the_data_have_none(report):
    with report.where_supported():
        report.say("{n} answers.", n=2)
    with report.where_supported():
        raise NotSupportedByData("3 customers", "at least 50")

    assert [element.kind for element in report.elements] == ["say", "unsupported"]
    with pytest.raises(KeyError), report.where_supported():
        raise KeyError("a mistake is no answer")


def test_a_chart_is_drawn_with_its_words_from_one_call(report, bars):
    data = pd.DataFrame({"segment": ["Lost"], "customers": [3]})
    said = (
        Reason("{n} are lost", {"n": 3}),
        Reason("Bars of the customers by their segment: {n} lost.", {"n": 3}),
    )

    def plot(frame, *, title, source, label):
        assert (len(frame), title, source, label) == (1, "3 are lost", "Orders", "n")
        return bars(title=title)

    report.chart(plot, said, data, source="Orders", label="n")

    assert "3 are lost" in html(report)[0]
    assert "Bars of the customers by their segment: 3 lost." in html(report)[0]


def test_actions_are_said_as_they_were_derived(report):
    facts = {"share": 0.5}
    report.actions([Action("Call {size}, {share:share} of them twice.", "Lost", 3, 20.0, facts)])

    assert "Call <b>3</b>, <b>50%</b> of them twice." in html(report)[0]


def test_the_source_line_tells_period_n_and_what_was_left_out(report):
    assert report.source() == (
        "Orders, Jan 2010 to Nov 2011, n = 4,338 customers; left out: cancelled orders"
    )
    assert "n = 12 products" in report.source(n=12, unit="products")


def test_the_header_tells_dates_rows_used_and_set_aside(report):
    report.header()
    for words in ("Acme", "10 Dec 2011", "4 Jan 2010 to 30 Nov 2011", "900 of 1,000",
                  "100: 100 cancelled orders", "5 lines are repeated"):  # fmt: skip
        assert words in html(report)[0]


def test_findings_hold_every_number_that_is_said(report, exported, bars):
    title = report.sentence("{share} return", share=BACK)
    report.figure(bars(title=title), data=None, alt=ALT)
    report.action("Write.", segment="Lost", size=3, money=exact(9.5, n=3, unit="money"))
    got = exported(metrics={"back": BACK, "n": 3, "blank": float("nan")})

    assert (got["report"], got["verdict"]) == ("example", "read with care")
    assert got["why"] == "Only 4 cohorts."
    finding = got["findings"][0]
    assert (finding["id"], finding["sentence"]) == ("finding-1", "35% return in Jan 2011.")
    assert (finding["n"], finding["low"], finding["high"]) == (4338, BACK.low, BACK.high)
    assert finding["values"]["share"]["value"] == BACK.value
    action = got["actions"][0]
    assert (action["segment"], action["size"], action["money"]) == ("Lost", 3, 9.5)
    assert got["metrics"] == {"back": BACK.value, "n": 3, "blank": None}
    assert {said["sentence"] for said in got["said"]} >= {"35% return", ALT, "Only 4 cohorts."}


def test_tables_are_exported_beside_and_listed(report, exported, tmp_path):
    report.table(pd.DataFrame({"a": [1]}), caption="x", file="rows")
    got = exported(tables={"rows": pd.DataFrame({"a": ["007"]})})

    assert got["tables"] == ["tables/example/rows.csv"]
    assert (tmp_path / "tables/example/rows.csv").read_text() == "a\n007\n"


def test_a_page_never_links_to_a_table_that_is_not_exported(report, exported):
    report.table(pd.DataFrame({"a": [1]}), caption="x", file="rows")
    with pytest.raises(ValueError, match=r"rows\.csv: export it"):
        exported()


def test_a_page_without_verdict_or_findings_is_not_exported(report):
    with pytest.raises(ValueError, match="kind verdict, this one 0"):
        report.export(tables={}, metrics={})
    report.verdict(judge([]))
    with pytest.raises(ValueError, match="kind finding, this one 0"):
        report.export(tables={}, metrics={})


def test_drafts_go_to_the_outputs_of_the_client(report, tmp_path, monkeypatch):
    monkeypatch.delenv("CRM_REPORT_DIR", raising=False)
    monkeypatch.setenv("CRM_OUTPUTS", str(tmp_path))
    report.verdict(judge([]))
    report.finding("{share}", share=BACK)
    report.export(tables={}, metrics={})

    assert (tmp_path / "acme" / "drafts" / "findings" / "example.json").is_file()


def test_without_prices_money_counts_items():
    report = Report("example", make_client(has_money=False))
    assert report.sentence("{x:money}", x=12) == "12 items"

    report.action("Write.", segment="All", size=3, money=12, money_is="revenue so far")
    assert "12 items so far" in html(report)[0]


def test_a_parameter_out_of_range_is_refused_with_the_range(monkeypatch, client):
    age = Parameter("age", "int", 1, "1 to 12 periods; when", "1 to 12 periods", 1, 12)
    monkeypatch.setattr(notebooks, "notebook_of", lambda _: Path("04_example.ipynb"))
    monkeypatch.setattr(notebooks, "declared_parameters", lambda _: [age])

    assert Report("example", client, parameters={"age": 3}).parameters == {"age": 3}
    with pytest.raises(ConfigError, match="1 to 12 periods"):
        Report("example", client, parameters={"age": 13})


def test_the_same_story_gives_the_same_bytes(client, bars):
    def told():
        report = Report("example", client)
        report.header()
        report.figure(bars(), data=pd.DataFrame({"a": [1]}), alt=ALT)
        return html(report)

    assert told() == told()
