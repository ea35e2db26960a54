import datetime as dt
import re
from pathlib import Path
from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from shared.analysis import actions
from shared.analysis.change_since import Movement
from shared.analysis.intervals import exact
from shared.analysis.verdicts import Level
from shared.delivery.index import render_index
from shared.delivery.index_actions import SIZE_ONLY, ranked_actions
from shared.delivery.missing_sources import MissingSource
from shared.delivery.results import ReportResult
from shared.delivery.since_last import HeadlineChange, SinceLast
from shared.loading.counts import Intake, Note, SetAside, TableIntake
from shared.plots.locales import Wording

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
    dates = pd.to_datetime(["2024-07-01", "2026-06-30", "2026-06-30"])
    rows = pd.DataFrame({"customer_id": ["ana", "ben", "ben"], "order_date": dates})
    tables = {"order_lines": ibis.memtable(rows)}
    return SimpleNamespace(**facts, **made, tables=tables, has_money=True)


def result(number, stem, status, **facts):
    facts.setdefault("findings", {})
    return ReportResult(
        number=number, stem=stem, question=f"What of {stem}?", status=status, **facts
    )


def found(sentence, share, *, said=(), metrics=None):
    """Give the findings of a report with one headline and its figure."""
    figure = {"value": share, "low": share - 0.02, "high": share + 0.03, "n": 4000,
              "unit": "share", "level": 0.95, "of": "customers"}  # fmt: skip
    bounds = {name: figure[name] for name in ("n", "low", "high")}
    headline = {"id": "main", "sentence": sentence, "values": {"share": figure}, **bounds}
    return {"findings": [headline], "said": list(said), "metrics": metrics or {}}


ACTION = {"segment": "At Risk", "size": 120}
CALL = {"sentence": "Call them.", "money": 10.0, **ACTION}
WRITE = {"sentence": "Write to them.", "money": 2_000.0, "money_is": "margin given away", **ACTION}
WELCOME = {"sentence": "Welcome them.", "money": 90.0, **ACTION}
ORDERS = {
    "id": "key-figures-1",
    "kind": "key-figures",
    "sentence": "Orders: 12,345",
    "values": {"label": "Orders", "value": 12345},
}


def reason(sentence):
    return {"id": "verdict", "kind": "verdict", "sentence": sentence}


def portfolio():
    headline = "62% of revenue comes from <i>Champions</i>."
    said = [reason("Half of it is one customer."), reason("The history is short."), ORDERS]
    return result(
        "01",
        "portfolio",
        "delivered",
        verdict=Level.CARE.value,
        headline=headline,
        findings=found(headline, 0.62, said=said),
        actions=[CALL, WRITE],
        page="01_portfolio.html",
    )


def cohort():
    return result(
        "04",
        "cohort",
        "kept",
        verdict=Level.RELIABLE.value,
        headline="34% come back.",
        findings=found("34% come back.", 0.34, metrics={"expected": 120.4, "came": 118}),
        backed_by=(
            "Of {unknown:count} so many.",
            "{expected:count} expected, {came:count} came.",
        ),
        actions=[WELCOME],
        page="04_cohort.html",
        as_of="2026-04-01",
    )


@pytest.fixture
def results():
    return [
        portfolio(),
        result("03", "survival", "failed", reason="it was stopped after 15 minutes"),
        cohort(),
        result(
            "05",
            "basket",
            "unsupported",
            verdict=Level.UNSUPPORTED.value,
            reason="80 baskets",
            needs="100 baskets",
            page="05_basket.html",
        ),
        result("07", "uplift", "missing_data", reason="not supplied", needs="campaigns"),
        result("11", "personas", "not_built"),
    ]


MISSING = [
    MissingSource(
        "Campaigns", "who answered", ("07_uplift",), (("01_portfolio", "Which group answers?"),)
    ),
    MissingSource("Unit costs", "", (), (("01_portfolio", "Is it profit?"),)),
]


@pytest.fixture
def page(client, results, tmp_path):
    return render_index(
        client, results, tmp_path, missing=MISSING, workbook="acme.xlsx"
    ).read_text()


def rows_of(page):
    row = r'<li class="(\w+)" id="report-\d+">\s*<p class="number">(\d+)</p>(.*?)</li>'
    return re.findall(row, page, re.S)


def test_every_report_has_its_row_whatever_became_of_it(page):
    got = {number: (status, text) for status, number, text in rows_of(page)}

    assert list(got) == ["01", "03", "04", "05", "07"]
    assert 'href="01_portfolio.html"' in got["01"][1]
    assert "Failed. It was stopped after 15 minutes." in got["03"][1]
    assert "href" not in got["03"][1]
    assert "earlier run" in got["04"][1]
    assert "1 Apr 2026" in got["04"][1]
    assert "80 baskets. Needed: 100 baskets." in got["05"][1]
    assert "Not part of this delivery. It needs campaigns." in got["07"][1]
    assert "Not part of this edition yet: What of personas?" in page


def test_the_lines_in_short_put_first_what_can_be_relied_on(client, results, tmp_path):
    more = [
        result(f"{n}", "more", "delivered", verdict=Level.CARE.value, headline=f"Said by {n}.")
        for n in range(12, 18)
    ]
    page = render_index(client, [*results, *more], tmp_path).read_text()
    summary = page[page.index('id="summary"') : page.index('id="actions"')]

    assert summary.index("34% come back.") < summary.index("62% of revenue")
    assert summary.count("<li>") == 5


def test_a_list_of_reports_that_is_short_itself_is_not_said_twice(page):
    assert 'id="summary"' not in page
    assert page.count("34% come back.") == 1
    assert page.index('id="reports"') < page.index('id="actions"')


def test_each_answer_has_its_range_in_plain_words_and_what_tested_it(page):
    got = {number: text for _, number, text in rows_of(page)}

    assert "62%: 60% to 65%, from 4,000 customers" in got["01"]
    assert "Half of it is one customer. Further reasons stand on the page." in got["01"]
    assert "34%: 32% to 37%, from 4,000 customers" in got["04"]
    # The first template asks for a metric that the report does not have.
    assert "120 expected, 118 came." in got["04"]
    assert "so many" not in page


def test_the_range_has_the_decimals_of_the_figure_in_the_sentence(client, results, tmp_path):
    figure = {"value": 8.507, "low": 6.051, "high": 10.96, "n": 3362, "unit": "number",
              "level": 0.95, "of": "customers"}  # fmt: skip
    bounds = {name: figure[name] for name in ("n", "low", "high")}
    said = {"id": "main", "sentence": "8.5 more responded.", "values": {"more": figure}, **bounds}
    results[2].findings["findings"] = [said]
    page = render_index(client, results, tmp_path).read_text()

    assert "8.5: 6.1 to 11.0, from 3,362 customers" in page


def test_amounts_say_what_they_sum(page):
    assert '<th scope="col">Amount of</th>' in page
    assert "<td>order lines</td>" in page


def test_the_key_figures_are_those_of_the_first_report_that_has_some(page):
    assert 'data-figures="01_portfolio.html#key-figures-1"' in page
    assert re.search(r"<dt>Orders</dt>\s*<dd>12,345</dd>", page)


def test_actions_of_all_reports_stand_by_money_and_say_what_it_is(page):
    actions = page[page.index('id="actions"') : page.index('id="sources"')]

    # The first is from a report that can be relied on, and the last is its report's second.
    order = [actions.index(said) for said in ("Welcome them.", "Write to them.", "Call them.")]
    assert order == sorted(order)
    assert "€2,000 margin given away" in actions
    assert "at stake" not in actions


def test_money_that_only_sizes_a_group_ranks_below_money_at_stake(client, results, tmp_path):
    sized = {"segment": "All", "size": 9, "money": 9e6, "money_is": "value to come"}
    more = result(
        "02",
        "lifetime_value",
        "delivered",
        verdict=Level.RELIABLE.value,
        actions=[{"sentence": "Serve them.", **sized}],
        page="02_lifetime_value.html",
    )
    page = render_index(client, [more, *results], tmp_path).read_text()

    assert page.index("Write to them.") < page.index("Serve them.")


COMES_ANYWAY = [
    "value to come",
    "margin expected, asked or not",
    "expected profit, all buyers counted",
]


@pytest.mark.parametrize("money_is", COMES_ANYWAY)
def test_money_that_comes_without_acting_ranks_nothing(results, money_is):
    kept = {"segment": "All", "size": 9, "money": 9e6, "money_is": money_is}
    more = result(
        "02", "lifetime_value", "delivered", verdict=Level.RELIABLE.value,
        actions=[{"sentence": "Large.", **kept, "money": 1.0}, {"sentence": "Larger.", **kept}],
        page="02_lifetime_value.html",
    )  # fmt: skip
    said = [one["sentence"] for one in ranked_actions([more, *results], Wording())]

    # Of money that decides nothing the order of the report itself stays.
    assert said == ["Welcome them.", "Write to them.", "Large.", "Call them.", "Larger."]


def test_every_kind_of_money_that_ranks_nothing_is_said_by_some_report():
    analysis = Path(actions.__file__).parent
    source = " ".join(path.read_text() for path in analysis.glob("*.py"))

    assert [words for words in SIZE_ONLY if words not in source] == []


def test_what_changed_is_said_with_then_and_now_also_of_another_subject(client, results, tmp_path):
    moved = exact(12, n=9, unit="count")
    change = HeadlineChange(results[2], "34% come back.", "30% come back.", moved, Movement.COUNTED)
    other = (results[0], "Tea: 20%.", "Jam: 70%.")
    since = SinceLast("2026-06-01", (change,), (other,), ("What of basket?",))
    page = render_index(client, results, tmp_path, since=since).read_text()
    changed = page[page.index('id="since"') : page.index('id="sources"')]

    assert "Since the delivery as of 1 Jun 2026, of 1 headlines that speak" in changed
    assert "none moved by more than noise, 1 a full count that changed." in changed
    assert "+12 · counted in full, no noise" in changed
    assert '<span data-said="../2026-06-01/04_cohort.html">30% come back.</span>' in changed
    assert "About something else than then: 1" in changed
    assert '<span data-said="../2026-06-01/01_portfolio.html">Jam: 70%.</span>' in changed
    assert "Not compared, because the settings differ: What of basket?" in changed


def test_rows_in_equal_rows_used_and_set_aside_by_reason(page):
    data = page[page.index('id="data"') : page.index('id="files"')]

    for figure in ("1,000", "900", "100", "80", "20", "5,000.00", "5,009.50", "-12.50"):
        assert f">{figure}</td>" in data
    assert "cancelled orders" in data
    assert "2 lines are repeated &lt;b&gt;" in data


def test_what_each_source_covers_is_shown_with_the_gaps(page):
    covered = page[page.index('id="sources"') : page.index('id="missing"')]

    assert "How many of the 2 customers in the order lines each source tells about" in covered
    (orders,) = re.findall(r'<th scope="row">Orders</th>(.*?)</tr>', covered)
    assert re.findall(r"<td[^>]*>(.*?)</td>", orders) == [
        "transactional", "3", "2", "100%", "1 Jul 2024", "30 Jun 2026",
    ]  # fmt: skip
    for source in ("Web visits", "Marketing contacts", "Reviews"):
        assert f"{source}: not supplied" in covered


def test_co06_a_pale_brand_colour_is_repaired_and_said(client, results, tmp_path):
    client.brand.primary = "#ffe680"
    page = render_index(client, results, tmp_path).read_text()

    assert "#ffe680 is too pale to be read on white" in page


def test_what_is_missing_names_the_reports_and_questions_that_it_would_open(page):
    missing = page[page.index('id="missing"') : page.index('id="data"')]
    said = " ".join(re.sub(r"<[^>]+>", "", missing).split())

    assert (
        "Campaigns (who answered) would open report 07, and answer: Which group answers? (01)"
        in said
    )
    assert "Unit costs would answer: Is it profit? (01)" in said


def test_data_never_become_markup(page):
    assert "&lt;i&gt;Champions&lt;/i&gt;" in page
    assert "Acme &amp; Sons" in page
    assert "<i>" not in page
    assert "<script" not in page


def test_the_same_delivery_gives_the_same_bytes(client, results, tmp_path, page):
    again = render_index(client, results, tmp_path, missing=MISSING, workbook="acme.xlsx")

    assert again.read_text() == page
