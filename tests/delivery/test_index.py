import datetime as dt
import re
from types import SimpleNamespace

import pytest

from shared.analysis.verdicts import Level
from shared.delivery.index import render_index
from shared.delivery.results import ReportResult
from shared.loading.counts import Intake, Note, SetAside, TableIntake

FIRST, LAST = dt.date(2024, 7, 1), dt.date(2026, 6, 30)


@pytest.fixture
def client():
    lines = TableIntake(
        table="order_lines",
        files=(),
        rows_in=1_000,
        rows_used=900,
        set_aside=(
            SetAside("cancelled", "rule", 80, -12.5),
            SetAside("bad_date", "error", 20, 3.0),
        ),
        money_in=5_000.0,
        money_used=5_009.5,
        first=FIRST,
        last=LAST,
        customers=321,
        notes=(Note("N", "2 lines are repeated <b>", 2),),
    )
    intake = Intake({"order_lines": lines}, dt.date(2026, 7, 1), "key", ("campaign",))
    brand = SimpleNamespace(logo=None, primary="#0b6e4f", secondary="#c8553d", footer="")
    facts = {"slug": "acme", "name": "Acme & Sons", "currency": "EUR", "locale": "en_GB"}
    made = {"snapshot_date": intake.snapshot_date, "intake": intake, "brand": brand}
    return SimpleNamespace(**facts, **made, tables={"order_lines": None}, has_money=True)


def result(number, stem, status, **facts):
    return ReportResult(
        number=number, stem=stem, question=f"What of {stem}?", status=status, **facts
    )


@pytest.fixture
def results():
    action = {"segment": "At Risk", "size": 120}
    return [
        result(
            "01",
            "portfolio",
            "delivered",
            verdict=Level.CARE.value,
            headline="62 % of revenue comes from <i>Champions</i>.",
            actions=[
                {"sentence": "Call them.", "money": 10.0, **action},
                {
                    "sentence": "Write to them.",
                    "money": 2_000.0,
                    "money_is": "margin given away",
                    **action,
                },
            ],
            page="01_portfolio.html",
        ),
        result("03", "survival", "failed", reason="it was stopped after 15 minutes"),
        result(
            "04",
            "cohort",
            "kept",
            verdict=Level.RELIABLE.value,
            headline="34 % come back.",
            actions=[{"sentence": "Welcome them.", "money": 90.0, **action}],
            page="04_cohort.html",
            as_of="2026-04-01",
        ),
        result(
            "05",
            "basket",
            "unsupported",
            verdict=Level.UNSUPPORTED.value,
            reason="80 baskets",
            needs="100 baskets",
            page="05_basket.html",
        ),
        result("07", "uplift", "missing_data", reason="it needs the table campaign"),
        result("11", "personas", "not_built"),
    ]


@pytest.fixture
def page(client, results, tmp_path):
    wanted = {"campaign": ["07_uplift"]}
    return render_index(client, results, tmp_path, wanted=wanted, workbook="acme.xlsx").read_text()


def rows_of(page):
    return re.findall(r'<li class="(\w+)">\s*<p class="number">(\d+)</p>(.*?)</li>', page, re.S)


def test_every_report_has_its_row_whatever_became_of_it(page):
    got = {number: (status, text) for status, number, text in rows_of(page)}

    assert list(got) == ["01", "03", "04", "05", "07"]
    assert 'href="01_portfolio.html"' in got["01"][1]
    assert "Failed. It was stopped after 15 minutes." in got["03"][1]
    assert "href" not in got["03"][1]
    assert "earlier run" in got["04"][1]
    assert "1 Apr 2026" in got["04"][1]
    assert "80 baskets. Needed: 100 baskets." in got["05"][1]
    assert "Not part of this delivery. It needs the table campaign." in got["07"][1]
    assert "Not part of this edition yet: What of personas?" in page


def test_what_can_be_relied_on_is_said_first(page):
    summary = page[page.index('id="summary"') : page.index('id="actions"')]

    assert summary.index("34 % come back.") < summary.index("62 % of revenue")


def test_actions_of_all_reports_stand_by_money_and_say_what_it_is(page):
    actions = page[page.index('id="actions"') : page.index('id="reports"')]

    order = [actions.index(said) for said in ("Write to them.", "Welcome them.", "Call them.")]
    assert order == sorted(order)
    assert "€2,000 margin given away" in actions
    assert "at stake" not in actions


def test_rows_in_equal_rows_used_and_set_aside_by_reason(page):
    data = page[page.index('id="data"') :]

    for figure in ("1,000", "900", "100", "321", "80", "20", "5,000.00", "5,009.50", "-12.50"):
        assert f">{figure}</td>" in data
    assert "cancelled orders" in data
    assert "2 lines are repeated &lt;b&gt;" in data


def test_co06_a_pale_brand_colour_is_repaired_and_said(client, results, tmp_path):
    client.brand.primary = "#ffe680"
    page = render_index(client, results, tmp_path).read_text()

    assert "#ffe680 is too pale to be read on white" in page


def test_what_is_missing_names_the_question_it_would_answer(page):
    assert "<strong>Campaigns</strong> would answer: What of uplift?" in page


def test_data_never_become_markup(page):
    assert "&lt;i&gt;Champions&lt;/i&gt;" in page
    assert "Acme &amp; Sons" in page
    assert "<i>" not in page
    assert "<script" not in page


def test_the_same_delivery_gives_the_same_bytes(client, results, tmp_path, page):
    wanted = {"campaign": ["07_uplift"]}
    again = render_index(client, results, tmp_path, wanted=wanted, workbook="acme.xlsx")

    assert again.read_text() == page
