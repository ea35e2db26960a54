"""The study of lifetime value: what the page says, and the tables and figures behind it."""

from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
import pytest
from ibis import _
from studied_lifetimes import (
    STAYS,
    everything_said,
    fields,
    shop,
    studied,
)

from shared.analysis import lifetime_answers as ahead_says
from shared.analysis import lifetime_columns as heads
from shared.analysis import lifetime_formula_answers as formula_says
from shared.analysis import lifetime_segment_answers as segments_say
from shared.analysis.intervals import Estimate
from shared.analysis.lifetime_actions import lifetime_actions
from shared.analysis.lifetime_headlines import headlines
from shared.analysis.lifetime_ranks import value_distribution
from shared.analysis.lifetime_results import lifetime_metrics, lifetime_tables
from shared.analysis.lifetime_small_cells import shown_cells
from shared.analysis.lifetime_without_leaving import NO_LEAVING
from shared.analysis.model_ladder import Ladder
from shared.analysis.multiple_testing import Finding
from shared.loading.errors import NotSupportedByData


@pytest.fixture(scope="module")
def study():
    return studied(*shop(costs=True))


@pytest.fixture(scope="module")
def without_costs():
    lines, snapshot = shop(3)
    return lines, snapshot, studied(lines, snapshot)


@pytest.fixture(scope="module")
def stays():
    return studied(*shop(2, truth=STAYS))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"time_unit": "D", "horizon_months": 1},
        {"horizon_months": 24, "discount_rate": 0.0, "margin": 0.3},
        {"tier_cuts": (0.001, 0.5, 0.9), "idle_chance": 0.5, "age_shown": 20},
        {"idle_chance": 0.01},
    ],
    ids=str,
)
def test_every_sentence_has_its_values(options):
    has_its_values(studied(*shop(2), **options))


def test_every_sentence_has_its_values_where_nobody_leaves(stays):
    has_its_values(stays)


def has_its_values(study):
    for reason in everything_said(study):
        assert fields(reason.template) <= set(reason.values), reason.template
    for name, reason in headlines(study):
        first = next(v for v in reason.values.values() if isinstance(v, Estimate))
        assert first.n > 0, name
        assert first.low <= first.value <= first.high, name
    acts = lifetime_actions(study)
    assert 1 <= len(acts) <= 5
    for act in acts:
        assert fields(act.template) <= {"segment", "size", "money", *act.values}
        assert act.size > 0
    assert 2 <= len(headlines(study)) <= 5


def test_columns_name_what_the_tables_have(study):
    ahead, test = study.outlook, study.tested
    pairs = [
        (heads.backtest_columns(), test.table), (heads.tracking_columns(), test.tracking),
        (heads.by_orders_columns(), test.by_orders),
        (heads.cash_flow_columns("revenue"), ahead.forecast.cash_flow),
        (heads.heat_columns("week"), ahead.heat.cells), (heads.calendar_columns(), ahead.calendar),
        (heads.tier_columns(), ahead.tiers), (heads.rank_columns(), ahead.ranks),
        (heads.distribution_columns(), value_distribution(ahead.customers)),
        (heads.move_columns(), ahead.moves), (heads.segment_columns("revenue"), ahead.segments),
        (heads.worth_columns(), ahead.segments), (heads.idle_columns("revenue"), ahead.idle),
        (heads.three_value_columns(), formula_says.values_table(study)),
        (heads.step_columns(), formula_says.value_steps(study)),
        (heads.alive_columns(), ahead.alive), (heads.spend_columns(), study.independent.table),
    ]  # fmt: skip

    for columns, table in pairs:
        assert set(columns) <= set(table.columns)


def test_customers_segments_tiers_and_months_share_one_total(study):
    ahead, value = study.outlook, study.forecast.value.value

    for table, column in (
        (ahead.customers, "clv"), (ahead.segments, "value"), (ahead.tiers, "value"),
        (ahead.moves, "value"), (ahead.forecast.cash_flow, "value"),
    ):  # fmt: skip
        assert table[column].sum() == pytest.approx(value, abs=0.01)
    assert len(ahead.customers) == len(study.summary) == ahead.ranks["customers"].sum()
    assert ahead.customers["customer_id"].is_unique


def test_no_value_is_negative_blank_or_infinite(study):
    value = study.outlook.customers["clv"]

    assert np.isfinite(value).all()
    assert (value >= 0).all()


def test_unit_costs_turn_revenue_into_margin(study):
    assert (study.margin.basis, study.margin.share) == ("unit costs", pytest.approx(0.4))
    flow = study.forecast.cash_flow
    assert (flow["value"] < 0.4 * flow["revenue"]).all()  # and discounted
    steps = formula_says.value_steps(study).set_index("step")["amount"]
    assert steps["Value to come"] == pytest.approx(study.forecast.value.value)
    assert steps.iloc[:2].sum() == pytest.approx(steps["Margin"])


def test_a_stated_margin_scales_the_value_and_no_margin_leaves_revenue(without_costs):
    lines, snapshot, plain = without_costs
    stated = studied(lines, snapshot, margin=0.25)

    assert (plain.margin.basis, stated.margin.basis) == ("revenue", "parameter")
    assert stated.forecast.value.value == pytest.approx(0.25 * plain.forecast.value.value)
    assert stated.forecast.revenue.value == pytest.approx(plain.forecast.revenue.value)


def test_revenue_is_never_said_to_be_what_may_be_spent(study, without_costs):
    *_shop, plain = without_costs

    for one, spendable in ((plain, False), (study, True)):
        acts = lifetime_actions(one)
        said = [act.template for act in acts]
        said += [segments_say.worth(one)[0].template, segments_say.winning(one).template]
        limits = ("Cap what", "pays within", "worth at most", "breaks even", "upper limits")
        assert any(limit in text for text in said for limit in limits) == spendable
        assert any("before the cost of goods" in text for text in said) != spendable
        assert ({act.money_is for act in acts} == {"revenue to come"}) != spendable


def test_who_orders_soon_is_likely_to_and_a_discount_is_left_to_the_test(study):
    (due,) = [act for act in lifetime_actions(study) if act.segment == "Ordering soon"]

    customers = study.outlook.customers
    likely = customers["chance_within_30_days"] > 0.5
    assert due.size == likely.sum() > 0
    assert "come anyway" not in due.template
    assert "only a test with a random hold-out tells" in due.template


def test_where_nobody_leaves_the_page_does_not_speak_of_leaving(stays):
    edge = replace(stays.outlook.ladder.model, method=NO_LEAVING)
    ahead = replace(stays.outlook, ladder=Ladder(edge, stays.outlook.ladder.steps))
    nobody = replace(stays, ahead=ahead)

    assert "not seen to leave" in ahead_says.bars_said(nobody).template
    assert "silence lowers nothing" in ahead_says.heat_map(nobody)[0].template
    assert "long silent" not in ahead_says.heat_map(nobody)[0].template
    unseen = replace(nobody, ahead=replace(ahead, idle=ahead.idle.assign(idle=0)))
    with pytest.raises(NotSupportedByData, match="cannot tell who is idle"):
        segments_say.idle(unseen)
    assert "idle" not in dict(headlines(unseen))


def test_the_bars_fall_for_leaving_and_follow_no_season(study):
    said = ahead_says.bars_said(study).template

    assert "will leave" in said
    assert "no season" in said


def test_the_heat_map_says_that_its_counts_are_of_any_age(study):
    said = ahead_says.heat_map_note(study)

    assert "of any age" in said.template
    assert said.values["younger"] == pytest.approx(
        (study.summary["T"] < study.outlook.heat.age).mean()
    )


def test_the_budget_moves_only_where_the_corrected_shares_agree(study):
    table = study.outlook.segments.assign(finding=Finding.DIFFERS, shift=0.1)
    rising = replace(study, ahead=replace(study.outlook, segments=table))
    moved = [act for act in lifetime_actions(rising) if act.template.startswith("Move budget")]

    corrected = segments_say.corrected(study)
    up = corrected[(corrected["finding"] == Finding.DIFFERS) & (corrected["shift"] > 0)]
    assert len(moved) == bool(len(up[up["customers"] >= 10]))
    for act in moved:
        assert act.segment in set(up["segment"])
        assert "corrected by what the backtest missed" in act.template


def test_the_most_decayed_segment_is_that_whose_own_money_is_most_idle(study):
    idle = study.outlook.idle.iloc[:3].assign(
        customers=[900, 200, 12], idle=[60, 150, 12], idle_past_value=[9000.0, 4000.0, 90.0],
        idle_past_share=[0.08, 0.9, 1.0],
    )  # fmt: skip
    got = segments_say.idle(replace(study, ahead=replace(study.outlook, idle=idle)))[0]

    assert got.values["segment"] == idle["segment"].iloc[1]
    assert got.values["decayed"] == 0.9


def test_tables_behind_charts_leave_out_what_is_empty_and_begin_at_the_top(study):
    cells = heads.heat_rows(shown_cells(study.outlook.heat))
    steps = heads.distribution_rows(value_distribution(study.outlook.customers))

    assert (cells["customers"] >= 10).all()
    assert cells["expected_orders"].notna().all()
    assert cells["column"].is_monotonic_decreasing
    assert all(part["band"].is_monotonic_decreasing for _, part in cells.groupby("column"))
    assert (steps["customers"] > 0).all()
    assert steps["value_from"].is_monotonic_decreasing


def test_exported_counts_under_ten_are_blank(study):
    tables = lifetime_tables(study)

    for name, column in (("rank_matrix", "customers"), ("idle_assets", "idle"),
                         ("value_distribution", "customers"),
                         ("heat_map", "customers")):  # fmt: skip
        assert not tables[name][column].between(1, 9).any(), name


def test_days_and_weeks_expect_the_same_orders(study):
    days = studied(*shop(costs=True), time_unit="D")

    assert days.forecast.orders.value == pytest.approx(study.forecast.orders.value, rel=1e-3)


def test_another_currency_scales_money_and_nothing_else(study):
    lines, snapshot = shop(costs=True)
    scaled = lines.mutate(line_value=_.line_value * 100, unit_cost=_.unit_cost * 100)
    got = studied(scaled, snapshot)

    assert got.forecast.orders.value == pytest.approx(study.forecast.orders.value)
    assert got.forecast.value.value == pytest.approx(100 * study.forecast.value.value, rel=1e-3)


def test_shuffled_rows_and_renamed_customers_change_nothing(study):
    lines, snapshot = shop(costs=True)
    frame = lines.to_pandas().sample(frac=1, random_state=4)
    got = studied(ibis.memtable(frame), snapshot)

    assert plain(lifetime_metrics(got)) == pytest.approx(plain(lifetime_metrics(study)))


def plain(metrics):
    return {k: v.value if isinstance(v, Estimate) else v for k, v in metrics.items()}


def test_customers_won_during_the_months_are_not_in_the_figure(study):
    said = ahead_says.newcomers_said(study)

    assert "not in the figure" in said.template
    since = pd.Timestamp(study.base.snapshot_date) - pd.DateOffset(months=6)
    joined = pd.to_datetime(study.summary["first_order_date"]) >= since
    assert said.values["won"] == joined.sum()


def test_the_models_are_listed_with_intervals_those_of_the_backtest_first(study):
    models = lifetime_tables(study)["models"]

    assert models["fitted_on"].drop_duplicates().tolist() == ["calibration", "all orders"]
    mine = models[models["model"] == "BG/NBD"]
    assert (mine["low"] < mine["value"]).all()
    assert (mine["value"] < mine["high"]).all()
    assert {"Gamma-Gamma", "Pareto/NBD", "MBG/NBD"} <= set(models["model"])


def test_metrics_and_tables_keep_their_promised_names(study):
    metrics, tables = lifetime_metrics(study), lifetime_tables(study)

    assert {
        "bgnbd_r", "bgnbd_alpha", "bgnbd_a", "bgnbd_b", "log_likelihood", "gg_p", "gg_q",
        "gg_gamma", "holdout_actual", "holdout_predicted", "expected_orders", "expected_revenue",
    } <= set(metrics)  # fmt: skip
    assert {"models", "customers", "cash_flow", "backtest", "tiers", "segments"} <= set(tables)
    assert {"next_order_date", "probability_alive", "expected_spend", "clv", "tier", "rank_now",
            "rank_future"} <= set(tables["customers"])  # fmt: skip
