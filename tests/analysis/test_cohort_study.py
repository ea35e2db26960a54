"""Answers, exhibits, actions, caveats and results: whatever the data, each sentence can be said."""

from dataclasses import replace
from datetime import date
from functools import cache
from string import Formatter

import ibis
import numpy as np
import pandas as pd
import pytest
from ibis import _
from planted_cohorts import as_lines, cohorts_with_repeat_shares, flat_retention, random_shop

from shared.analysis import cohort_answers, cohort_exhibits, cohort_money_answers
from shared.analysis.cohort import pooled_curve, pooled_share
from shared.analysis.cohort_actions import cohort_actions
from shared.analysis.cohort_caveats import cohort_caveats
from shared.analysis.cohort_development import MEASURES, development, second_matrix
from shared.analysis.cohort_payback import Payback
from shared.analysis.cohort_results import cohort_metrics, cohort_tables
from shared.analysis.cohort_study import study_cohorts
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.verdicts import Level
from shared.loading.errors import NotSupportedByData

END = date(2024, 3, 5)


@cache
def shop(seed=1, *, customers=500):
    """A shop with campaigns, cities, costs, a web log, refunds and missing values."""
    lines = random_shop(seed, customers=customers).mutate(
        channel=ibis.ifelse(_.line_value > 40, "shop", "web"), unit_cost=_.line_value / 2
    )
    number = _.customer_id.substr(1).cast("int64")
    people = lines.group_by("customer_id").aggregate(spring=_.order_date.min().month() < 6)
    people = people.mutate(
        city=ibis.cases((number % 3 == 0, "Rome"), (number % 3 == 1, "Oslo"), else_=None),
        acquisition_channel=ibis.ifelse(number % 2 == 0, "Ads", "Mail"),
        acquisition_campaign=ibis.ifelse(_.spring & (number % 4 == 0), "Spring {sale}", None),
        acquisition_cost=ibis.ifelse(number % 2 == 0, 900.0, 1.0),
    )
    visits = lines.select("customer_id", started_at=_.order_date, session_id=_.order_id)
    made = {"order_lines": lines, "customers": people, "web_sessions": visits}
    # Computed here once, as a client's files are, and not again below every query of the study.
    return {name: ibis.memtable(table.to_pandas()) for name, table in made.items()}


@pytest.fixture(scope="module")
def by_month():
    return studied(shop())


def studied(tables, **options):
    options = {"period": "M", "last_period": "", "snapshot_date": END, **options}
    return study_cohorts(tables["order_lines"], tables=tables, **options)


def everything_said(study):
    """Gather every template with its values that the notebook could show for a study."""
    said = [reason for _name, reason in cohort_answers.headlines(study)]
    said += [cohort_answers.churning(study), cohort_answers.standing_out(study),
             cohort_answers.staying_caption(study), cohort_answers.repeating(study),
             cohort_money_answers.engaging(study), cohort_money_answers.bringing_margin(study),
             cohort_money_answers.bringing_in(study)]  # fmt: skip
    said += cohort_caveats(study, refunds="net")
    exhibits = [cohort_exhibits.retention(study), cohort_exhibits.pooled(study),
                cohort_exhibits.churn(study), cohort_exhibits.differences(study)]  # fmt: skip
    exhibits += [second_matrix(study, development(study, measure)) for measure in MEASURES]
    if isinstance(study.effects, pd.DataFrame):
        exhibits.append(cohort_exhibits.calendar(study))
    if isinstance(study.promotions, pd.DataFrame):
        exhibits.append(cohort_exhibits.promotions(study))
        said.append(cohort_money_answers.promotion_money(study))
    if isinstance(study.payback, Payback):
        exhibits.append(cohort_exhibits.payback(study))
    return said + [part for e in exhibits for part in (e.title, e.alt)], exhibits


def fields(template):
    return {name for _text, name, _spec, _conversion in Formatter().parse(template) if name}


@pytest.mark.parametrize(
    "options",
    [
        {"period": "Q"},
        {"period": "W", "later_age": 20, "last_period": "2023-07-02"},
        {"definition": "relative", "age": 3, "later_age": 36},
        {"cohort_by": "city", "least": 10, "promotion": "2023-06"},
        {"cohort_by": "channel", "period": "30D", "definition": "on_or_after"},
        {"promotion": "Spring {sale}", "last_period": "2023-04", "project_periods": 2},
    ],
    ids=str,
)
def test_every_sentence_has_its_values_and_every_column_its_label(options):
    has_its_values_and_labels(studied(shop(), **options))


def test_by_month_every_sentence_has_its_values_and_every_column_its_label(by_month):
    has_its_values_and_labels(by_month)


def has_its_values_and_labels(study):
    said, exhibits = everything_said(study)

    for reason in said:
        assert fields(reason.template) <= set(reason.values), reason.template
    for exhibit in exhibits:
        assert set(exhibit.columns) <= set(exhibit.data.columns)
    for name, reason in cohort_answers.headlines(study):
        first = next(v for v in reason.values.values() if isinstance(v, Estimate))
        assert first.n > 0, name
        assert first.low <= first.value <= first.high
    for action in cohort_actions(study):
        given = {"segment", "size", "money", *action.values}
        assert fields(action.template) <= given
        assert action.size > 0
    assert len(cohort_actions(study)) <= 5
    assert len(cohort_answers.headlines(study)) == 5


@pytest.mark.parametrize("seed", range(3))
def test_the_smallest_base_that_passes_the_gate_is_told_in_full(seed):
    lines = random_shop(seed, customers=50, days=40, orders=1)
    tables = {"order_lines": lines}

    study = studied(tables, snapshot_date=date(2023, 3, 1))

    said, _exhibits = everything_said(study)
    assert said
    assert cohort_tables(study)["counts"].shape[0] >= 2


def test_nobody_returning_is_told_without_a_division_by_zero():
    frame = pd.DataFrame({"customer_id": [f"c{i}" for i in range(120)],
                          "order_date": [f"2024-0{1 + i % 4}-03" for i in range(120)],
                          "line_value": 1.0})  # fmt: skip
    study = studied({"order_lines": as_lines(frame)}, snapshot_date=date(2024, 5, 1))

    said, _exhibits = everything_said(study)

    shares = [v.value for r in said for v in r.values.values() if isinstance(v, Estimate)]
    assert 0.0 in shares
    assert study.drop is None


def test_a_base_below_the_gate_is_refused_before_anything_is_computed():
    lines = random_shop(0, customers=49, days=60, orders=1)

    with pytest.raises(NotSupportedByData, match="49 first-time buyers"):
        studied({"order_lines": lines}, snapshot_date=date(2023, 6, 1))


def test_the_thousand_of_january_are_told_with_survivors_and_interval():
    rows = [(f"c{i}", "2024-01-15") for i in range(1000)]
    rows += [(f"c{i}", "2024-07-20") for i in range(230)] + [("x", "2024-08-01")]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_date"]).assign(line_value=1.0)
    study = studied({"order_lines": as_lines(frame)}, snapshot_date=date(2024, 8, 1))

    values = cohort_answers.staying(study).values

    assert (values["won"], values["stayed"], values["age"]) == (1000, 230, 6)
    assert str(values["cohort"]) == "2024-01"
    assert values["share"] == wilson(230, 1000, of="customers")


def test_flat_retention_says_nothing_of_decay():
    tables = {"order_lines": flat_retention(5)}
    study = studied(tables, snapshot_date=date(2024, 12, 11))

    said = cohort_answers.leaving(study).template

    assert said.startswith("No month of age stands out")


def test_a_weak_cohort_is_named_and_the_first_one_never():
    tables = {"order_lines": cohorts_with_repeat_shares(0, [0.5, 0.25, 0.10, 0.25, 0.25])}
    study = studied(tables, snapshot_date=date(2024, 7, 1))

    values = cohort_answers.standing_out(study).values

    assert values["cohort"] == pd.Period("2024-03", freq="M")
    assert "repeats least" in cohort_answers.standing_out(study).template
    weak = [action for action in cohort_actions(study) if action.segment == "Weakest cohort"]
    assert weak[0].size == 1000


def older_first_cohort():
    """A shop whose first month holds regulars of years, whom every later month lacks."""
    return {"order_lines": cohorts_with_repeat_shares(0, [0.60, 0.20, 0.20, 0.20, 0.20])}


def test_customers_older_than_the_data_enter_no_headline_no_pooled_row_and_no_mean_of_money():
    study = studied(older_first_cohort(), snapshot_date=date(2024, 7, 1))
    said = dict(cohort_answers.headlines(study))

    assert said["return"].values["share"].value == pytest.approx(0.20, abs=0.02)
    assert said["return"].values["first"] == study.left_out == pd.Period("2024-01", freq="M")
    assert said["return"].values["first_n"] == 1000
    assert "older than the data" in said["return"].template
    assert said["difference"].values["share"].value == study.overall
    assert study.overall == pytest.approx(0.20, abs=0.02)
    assert study.pooled["at_risk"].max() == study.customers - 1000
    assert said["worth"].values["worth"].n <= study.customers - 1000


def test_the_matrix_and_the_counts_keep_the_first_cohort_and_the_file_pools_with_it_too():
    study = studied(older_first_cohort(), snapshot_date=date(2024, 7, 1))
    files = cohort_tables(study)

    whole = pooled_share(pooled_curve(study.cells), 1)
    at_one = files["pooled"].set_index("period_index").loc[1]
    assert at_one["retention_with_first"] == whole.value > at_one["retention"] + 0.05
    assert at_one["at_risk_with_first"] - at_one["at_risk"] == 1000
    assert files["counts"]["0"].sum() == study.customers
    assert cohort_metrics(study)["cohorts"] == 5


def test_where_only_the_first_cohort_has_been_followed_it_speaks_and_the_page_says_so():
    rows = [(f"c{i}", "2024-01-15") for i in range(200)]
    rows += [(f"c{i}", "2024-02-20") for i in range(50)] + [("x", "2024-03-01")]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_date"]).assign(line_value=1.0)
    study = studied({"order_lines": as_lines(frame)}, snapshot_date=date(2024, 5, 1))

    said = dict(cohort_answers.headlines(study))["return"]

    assert study.left_out is None
    assert said.values["share"] == wilson(50, 201, of="customers")
    assert "may be older than the data" in said.template
    assert study.verdict().level is Level.CARE
    assert any("all figures count it" in limit.template for limit in cohort_caveats(study))


def test_missing_costs_campaigns_and_visits_leave_their_reason():
    study = studied({"order_lines": random_shop(2)})

    for part in (study.payback, study.promotions, study.visits):
        assert isinstance(part, NotSupportedByData)
        assert part.needs
    assert "break_even" not in cohort_tables(study)


def test_tables_and_metrics_agree_and_money_is_accounted_for():
    tables = shop()
    study = studied(tables, last_period="2024-02")

    files, metrics = cohort_tables(study), cohort_metrics(study)

    wanted = {"counts", "retention", "engagement", "revenue", "pooled", "tests", "break_even"}
    assert wanted <= set(files)
    assert metrics["cohorts"] == files["retention"]["cohort"].nunique() - 1
    assert (
        metrics["return_after_one_period"].value
        == (files["pooled"].set_index("period_index")["retention"][1])
    )
    before = tables["order_lines"].filter(_.order_date < pd.Timestamp(END))
    assert metrics["revenue"] == pytest.approx(float(before.line_value.sum().execute()), abs=0.01)
    assert {"cumulative_revenue_per_customer", "cumulative_margin_per_customer"} <= set(
        files["revenue"]
    )
    counts = files["counts"]
    assert counts["0"].sum() == tables["order_lines"].filter(
        _.order_date < pd.Timestamp(END)
    ).customer_id.nunique().execute()  # fmt: skip


def test_without_prices_money_counts_items():
    lines = random_shop(3).drop("line_value").mutate(quantity=2.0)
    study = studied({"order_lines": lines})

    assert study.money.what == "items bought"
    assert "cumulative_items_per_customer" in cohort_tables(study)["revenue"]
    assert any("no prices" in reason.template for reason in cohort_caveats(study))


def test_change_the_data_and_the_sentence_changes():
    low = studied({"order_lines": flat_retention(0, share=0.2)}, snapshot_date=date(2024, 12, 11))
    high = studied({"order_lines": flat_retention(0, share=0.4)}, snapshot_date=date(2024, 12, 11))

    shares = [cohort_answers.coming_back(study).values["share"].value for study in (low, high)]

    assert shares[0] == pytest.approx(0.2, abs=0.02)
    assert shares[1] == pytest.approx(0.4, abs=0.02)
    assert not np.isnan(shares).any()


@pytest.mark.parametrize("period", ["M", "Q", "W", "30D"])
def test_a_tiny_client_is_told_or_refused_in_words_whatever_the_period(period):
    tables = {"order_lines": random_shop(4, customers=60, days=420, orders=6)}

    study = studied(tables, period=period, snapshot_date=date(2024, 4, 5))

    said, _exhibits = everything_said(study)
    numbers = [v for r in said for v in r.values.values() if isinstance(v, float)]
    assert not np.isnan(numbers).any()
    if period == "Q":
        assert isinstance(study.effects, NotSupportedByData)
        assert "too few" in study.effects.reason


def test_month_one_is_called_the_next_calendar_month(by_month):
    windows = studied({"order_lines": random_shop(4, customers=60, orders=6)}, period="30D")

    assert "in the month after their first order month" in (
        cohort_answers.coming_back(by_month).template
    )
    assert cohort_answers.span(by_month) == "in the calendar month after their first"
    assert cohort_answers.span(windows) == "within 1 30-day window"


def test_every_flagged_period_is_named_the_bad_ones_first():
    study = studied({"order_lines": flat_retention(0)}, snapshot_date=date(2024, 12, 11))
    effects = study.effects.assign(finding="nothing found")
    effects.loc[[2, 4, 6], "finding"] = "differs"
    effects.loc[[2, 4, 6], "difference"] = [0.3, -0.1, -0.2]

    said = cohort_answers.off_the_calendar(replace(study, effects=effects))

    named = [said.values[name] for name in ("weak_1", "weak_2", "strong_1")]
    assert named == effects.loc[[6, 4, 2], "period"].tolist()
    assert said.template.index("Weaker") < said.template.index("stronger")
