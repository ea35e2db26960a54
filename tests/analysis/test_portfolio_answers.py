from dataclasses import replace
from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from shared.analysis import portfolio_answers as answers
from shared.analysis import portfolio_headlines as headlines
from shared.analysis.abc import abc_classes, abc_table
from shared.analysis.portfolio import group, portfolio, segment_table
from shared.analysis.rfm_grid import months_silent, rfm_grid
from shared.analysis.win_back import due_by_segment, due_calendar, due_dates
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write

SNAPSHOT = date(2024, 7, 1)
PARTS = ("champions", "best_corner", "overdue", "due_days", "lost", "classes")


@pytest.fixture(scope="module")
def lines():
    rng = np.random.default_rng(11)
    owner = np.repeat(np.arange(200), 1 + rng.poisson(5 * rng.gamma(1, 1, 200)))
    n = len(owner)
    return ibis.memtable(
        pd.DataFrame(
            {
                "customer_id": owner.astype(str),
                "order_id": np.arange(n).astype(str),
                "order_date": pd.Timestamp("2023-07-01")
                + pd.to_timedelta(rng.integers(0, 366, n), unit="D"),
                "product_id": rng.integers(0, 9, n).astype(str),
                "quantity": 2.0,
                "line_value": rng.integers(500, 9000, n) / 100,
            }
        )
    )


@pytest.fixture(scope="module")
def base(lines):
    return portfolio(lines, snapshot_date=SNAPSHOT)


@pytest.fixture(scope="module")
def said(lines, base):
    due = due_dates(lines, base.customers, snapshot_date=SNAPSHOT)
    grid = rfm_grid(base, x_axis="monetary")
    table = abc_table(abc_classes(base.customers["monetary"]))
    calendar = due_calendar(due, snapshot_date=SNAPSHOT, within_days=28)
    states = due_by_segment(due, within_days=28)
    return {
        "champions": answers.champions(base, "revenue"),
        "best_corner": answers.best_corner(base, grid, x_axis="monetary"),
        "overdue": answers.overdue(states),
        "due_days": answers.due_days(calendar, states),
        "lost": answers.lost(base, months_silent(base), "revenue"),
        "classes": answers.classes(table, members="customers", what="revenue"),
    }


@pytest.mark.parametrize("part", PARTS)
def test_title_and_alt_text_are_whole_sentences_with_numbers(said, part):
    title, alt = (str(write(r.template, r.values, Wording())) for r in said[part])

    assert any(c.isdigit() for c in title)
    assert any(c.isdigit() for c in alt)
    assert len(alt) >= 40
    assert "not known" not in title + alt


def test_the_answers_say_what_the_tables_hold(said, base):
    table = segment_table(base).set_index("segment")

    assert said["champions"][0].values["customers"] == table.loc["Champions", "customers"]
    assert said["lost"][0].values["customers"] == table.loc["Lost", "customers"]
    assert said["classes"][0].values["n"] == len(base.customers)
    assert said["overdue"][0].values["urgent"] <= said["overdue"][0].values["overdue"]


def test_a_corner_that_nobody_is_in_reads_as_nobody(base):
    grid = rfm_grid(base, x_axis="frequency").assign(customers=np.nan)

    assert answers.best_corner(base, grid, x_axis="frequency")[0].values["n"] == 0


def test_a_discount_is_set_against_the_margin_of_the_champions(lines, base):
    tables = {"order_lines": lines.mutate(unit_cost=ibis.literal(1.0))}

    values = answers.discount(base, tables, discount_share=0.1).values

    money = group(base, "Champions").money
    orders = base.customers.loc[base.customers["segment"] == "Champions", "frequency"].sum()
    assert values["cost"] == pytest.approx(0.1 * money)
    assert values["cost_share"] == pytest.approx(0.1 * money / (money - 2.0 * orders))


def test_without_costs_the_discount_is_not_answered(lines, base):
    with pytest.raises(NotSupportedByData, match="no unit costs"):
        answers.discount(base, {"order_lines": lines}, discount_share=0.1)


def test_there_are_at_most_five_findings_each_with_an_estimate(lines, base):
    due = due_dates(lines, base.customers, snapshot_date=SNAPSHOT)

    found = headlines.headlines(base, due, "revenue")

    assert [name for name, _ in found] == [
        "champions", "silent_spenders", "overdue", "lost", "largest_fifth",
    ]  # fmt: skip
    for _, answer in found:
        sentence = write(answer.template, answer.values, Wording())
        assert sentence.estimate.n > 0
        assert sentence.estimate.low <= sentence.estimate.value <= sentence.estimate.high


def test_the_interval_of_a_finding_belongs_to_the_share_that_it_says(lines, base):
    due = due_dates(lines, base.customers, snapshot_date=SNAPSHOT)

    found = {name: write(r.template, r.values, Wording()) for name, r in
             headlines.headlines(base, due, "revenue")}  # fmt: skip

    assert found["champions"].estimate == group(base, "Champions").revenue_share
    assert found["lost"].estimate == group(base, "Lost").customer_share


def test_messages_due_say_how_many_are_to_those_who_are_not_about_to_leave(lines, base, said):
    due = due_dates(lines, base.customers, snapshot_date=SNAPSHOT)
    soon = due[(due["overdue_days"] <= 0) & (due["overdue_days"] > -28)]

    values = said["due_days"][0].values

    assert values["n"] == len(soon)
    assert values["best"] == soon["segment"].isin(["Champions", "Loyal"]).sum() > 0
    assert "{best} of them to Champions or Loyal customers" in said["due_days"][0].template


def test_the_overdue_are_counted_among_those_not_yet_gone(lines, base):
    due = due_dates(lines, base.customers, snapshot_date=SNAPSHOT)
    there = due[~due["segment"].isin(["Lost", "Hibernating"])]

    answer = dict(headlines.headlines(base, due, "revenue"))["overdue"]
    text = str(write(answer.template, answer.values, Wording()))

    assert f"{(there['overdue_days'] > 0).sum()} of {len(there)} are past their due date" in text
    assert "without Lost and Hibernating" in text


def test_the_totals_are_those_of_the_base(base):
    totals = {label: value for label, (value, _) in headlines.totals(base, "revenue").items()}

    assert totals == {
        "Customers with an order": len(base.customers),
        "Orders": base.customers["frequency"].sum(),
        "Revenue": pytest.approx(base.customers["monetary"].sum()),
    }


def test_the_truly_new_are_told_from_the_rest_of_new(base):
    new = base.customers[base.customers["segment"] == "New"]
    fresh = (new["first_order_date"] >= "2024-06-01").sum()

    values = answers.truly_new(base, period="M").values

    assert (values["fresh"], values["new"]) == (fresh, len(new))
    assert fresh > 0


def test_where_none_of_new_is_new_nobody_is_to_be_welcomed(base):
    long_ago = base.customers.assign(first_order_date=pd.Timestamp("2023-07-01"))

    reason = answers.truly_new(replace(base, customers=long_ago), period="M")

    text = str(write(reason.template, reason.values, Wording()))
    assert text.startswith(f"Not one of the {reason.values['new']} New customers")
    assert "welcome them" not in text


def test_champions_whose_costs_are_unknown_are_counted_beside_the_discount(lines, base):
    champion = base.customers.loc[base.customers["segment"] == "Champions", "customer_id"].iloc[0]
    cost = ibis.ifelse(lines.customer_id == champion, ibis.null("float64"), 1.0)

    tables = {"order_lines": lines.mutate(unit_cost=cost)}
    reason = answers.discount(base, tables, discount_share=0.1)

    assert reason.values["unknown"] == 1
    assert "1 of them is left out" in str(write(reason.template, reason.values, Wording()))


@pytest.fixture(scope="module")
def once():
    """Give 60 customers of one order each, all alike: nobody has a rhythm."""
    rows = {"customer_id": [f"c{i}" for i in range(60)], "line_value": 10.0, "quantity": 1.0}
    frame = pd.DataFrame(rows).assign(order_id=lambda t: t["customer_id"])
    return ibis.memtable(frame.assign(order_date=pd.Timestamp("2024-06-01")))


def test_a_base_without_rhythm_says_so_and_nothing_is_not_known(once):
    base = portfolio(once, snapshot_date=SNAPSHOT)
    due = due_dates(once, base.customers, snapshot_date=SNAPSHOT)
    found = headlines.headlines(base, due, "revenue")
    said = [*(r for _, r in found), *answers.growing(base, "revenue"),
            *answers.champions(base, "revenue"),
            *answers.lost(base, months_silent(base), "revenue")]  # fmt: skip

    assert "overdue" not in dict(found)
    assert not [r for r in said if "not known" in write(r.template, r.values, Wording())]
    with pytest.raises(NotSupportedByData, match="no rhythm"):
        answers.overdue(due_by_segment(due, within_days=28))
    with pytest.raises(NotSupportedByData, match="no rhythm"):
        due_calendar(due, snapshot_date=SNAPSHOT, within_days=28)


def test_no_discount_is_reckoned_where_nobody_is_a_champion(once):
    base = portfolio(once, snapshot_date=SNAPSHOT)
    tables = {"order_lines": once.mutate(unit_cost=ibis.literal(1.0))}

    with pytest.raises(NotSupportedByData, match="nobody is a Champion"):
        answers.discount(base, tables, discount_share=0.1)
