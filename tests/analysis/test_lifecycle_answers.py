from datetime import date

import pandas as pd
import pytest

from shared.analysis import lifecycle_answers as answers
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.lifecycle import STAGES, Thresholds
from shared.analysis.lifecycle_columns import (
    flow_columns,
    history_columns,
    matrix_columns,
    named,
    projection_columns,
)
from shared.analysis.lifecycle_flows import (
    FLOWS,
    NOT_YET,
    Lifecycle,
    flow_history,
    flow_matrix,
    stage_counts,
    stage_matrix,
)
from shared.analysis.lifecycle_projection import project_stages
from shared.plots.locales import Wording
from shared.report.figures import check_alt
from shared.report.sentences import write


def month(i):
    """Give the flows of month i: 30 join, everything stays as it is, and the sleepers pile up."""
    return {
        (NOT_YET, "new"): 30, ("new", "one_order"): 20, ("new", "active"): 10,
        ("one_order", "one_order"): 40, ("one_order", "one_order_asleep"): 15,
        ("one_order", "active"): 5, ("one_order_asleep", "one_order_asleep"): 55,
        ("one_order_asleep", "recovered"): 15, ("recovered", "active"): 19,
        ("active", "active"): 100, ("active", "falling_asleep"): 50,
        ("falling_asleep", "active"): 16, ("falling_asleep", "asleep"): 34,
        ("asleep", "asleep"): 40 + 30 * i, ("asleep", "recovered"): 4,
    }  # fmt: skip


def lifecycle(*months, estimated_before=date(2024, 1, 1), first_order=date(2023, 1, 1)):
    rows = [
        (pd.Period("2024-01", "M") + i, old, new, flows.get((old, new), 0))
        for i, flows in enumerate(months)
        for old, new in FLOWS
    ]
    flows = pd.DataFrame(rows, columns=["period", "from_stage", "to_stage", "customers"])
    gaps = 0 if estimated_before is None else 900
    thresholds = Thresholds(58, 155, "M", gaps, estimated_before)
    return Lifecycle(thresholds, flows, stage_counts(flows), first_order)


def said(reason):
    return str(write(reason.template, reason.values, Wording()))


LIFE = lifecycle(*map(month, range(6)))


def test_stages_now_says_who_is_active_with_an_interval():
    title, alt = answers.stages_now(LIFE)

    # 150 active, 224 asleep and 70 asleep after one order, of 603.
    assert said(title) == "25% of 603 customers are active at the end of Jun 2024, and 49% asleep"
    assert title.values["active"] == wilson(150, 603)
    assert said(alt).startswith("Stacked bars of customers by stage at the end of each month")


def test_the_mix_is_compared_with_the_first_period_shown():
    less = month(0) | {("active", "active"): 30}

    title, alt = answers.mix_change(lifecycle(less, month(1)))

    assert said(title) == (
        "31% of the base are active at the end of Feb 2024, 21% were in Jan 2024"
    )
    assert "from 383 to 483 customers, the active ones from 80 to 150" in said(alt)
    assert "were in" not in said(answers.mix_change(lifecycle(month(0)))[0])


def test_falling_asleep_says_share_count_and_what_it_was_before():
    worse = month(2) | {("active", "active"): 75, ("active", "falling_asleep"): 75}

    title, alt = answers.falling_asleep(lifecycle(month(0), month(1), worse))

    assert said(title) == (
        "50% of the active customers fell asleep in Mar 2024, 75 of 150; before it was 33% a month"
    )
    assert title.values["share"] == wilson(75, 150)
    assert "from 33.3% in Jan 2024 to 50.0% in Mar 2024" in said(alt)


def test_where_nobody_was_active_nobody_falls_asleep():
    quiet = {(NOT_YET, "new"): 30, ("new", "one_order"): 20}

    title, alt = answers.falling_asleep(lifecycle(quiet, quiet))

    assert said(title) == "Nobody was active before Feb 2024, so nobody could fall asleep"
    check_alt(said(alt))
    assert "Too few" in said(answers.usual_flows(lifecycle(quiet)))


def test_the_latest_flows_count_who_woke_who_dozed_off_and_who_is_gone():
    title, _ = answers.latest_flows(LIFE)

    # 16 became active again, 15 and 4 recovered; 50 doze; 34 and 15 went to sleep.
    assert said(title) == (
        "35 customers woke up in Jun 2024, 50 fell asleep from an awake stage and 49 went fully "
        "asleep"
    )


def test_the_usual_flows_pool_all_periods():
    assert said(answers.usual_flows(LIFE)) == (
        "From one month to the next 33% of the active customers fall asleep, over all months "
        "shown, and 32% of those falling asleep become active again."
    )
    assert answers.usual_flows(LIFE).values["sleepy"].n == 900


def test_the_heading_carries_the_interval_and_its_assumption():
    projection = project_stages(LIFE, draws=100)

    title, alt = answers.heading(LIFE, projection)

    active = title.values["active"]
    assert isinstance(active, Estimate)
    assert active.low < active.value < active.high
    assert said(title).startswith("If flows stay as in the last 6 months, ")
    assert "are active at the end of Sept 2024" in said(title)
    check_alt(said(alt))


def test_a_back_test_that_held_says_so_and_one_that_failed_names_the_stages():
    broken = month(5) | {("active", "active"): 20, ("active", "falling_asleep"): 130}
    after = lifecycle(*map(month, range(5)), broken)

    held = said(answers.tried(LIFE, project_stages(LIFE, draws=100)))
    failed = said(answers.tried(after, project_stages(after, draws=100)))

    assert "went as expected from the flows before it" in held
    assert "It assumes 30 new customers a month; the last month brought 30." in held
    assert "Outside: Active 70, expected 150; Falling asleep 130, expected 50." in failed
    assert "as a direction, no plan" in failed


@pytest.mark.parametrize("answer", ["stages_now", "mix_change", "falling_asleep", "latest_flows"])
def test_every_title_and_alt_text_can_stand_on_a_page(answer):
    title, alt = getattr(answers, answer)(LIFE)

    check_alt(said(alt))
    assert any(letter.isdigit() for letter in said(title))


def test_thresholds_say_where_they_come_from():
    assert said(answers.thresholds_used(LIFE)) == (
        "A customer falls asleep after more than 58 days without an order and is asleep after "
        "more than 155 days: learnt from 900 pauses that ended before 1 Jan 2024, and kept since."
    )
    given = lifecycle(month(0), estimated_before=None)
    assert said(answers.thresholds_used(given)).endswith("155 days, as the parameters say.")


def test_caveats_name_hatched_periods_short_memory_and_sleepers():
    young = lifecycle(*map(month, range(4)), first_order=date(2023, 10, 1))

    texts = [said(reason) for reason in answers.lifecycle_caveats(young)]

    assert "look new until 4 Mar 2024" in texts[0]
    assert "the first 3 months shown are hatched" in texts[0]
    assert "92 days of history" in texts[1]
    assert "43% of all customers are asleep now" in texts[2]


def test_no_caveat_where_nothing_is_to_be_warned_of():
    awake = {(NOT_YET, "new"): 30, ("new", "active"): 20}

    assert answers.lifecycle_caveats(lifecycle(awake, awake)) == []


def test_columns_fit_their_tables():
    projection = project_stages(LIFE, draws=50)

    for columns, table in (
        (matrix_columns("month"), stage_matrix(LIFE)),
        (matrix_columns("month", shares=True), stage_matrix(LIFE)),
        (flow_columns(), flow_matrix(LIFE.flows)),
        (history_columns("month"), flow_history(LIFE.flows)),
        (projection_columns("month"), projection.table),
    ):
        assert set(columns) <= set(table.columns)
    names = named(flow_matrix(LIFE.flows))["from_stage"].unique()
    assert "Not yet a customer" in names
    assert len(names) == len(STAGES) + 1
