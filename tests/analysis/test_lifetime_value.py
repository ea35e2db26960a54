"""The study of lifetime value: what the page says, its gates, and what it says without a model."""

from dataclasses import replace
from datetime import date, timedelta
from string import Formatter

import ibis
import numpy as np
import pandas as pd
import pytest
from ibis import _
from planted_lifetimes import bg_nbd_customers, planted_order_lines

from shared.analysis import lifetime_answers as ahead_says
from shared.analysis import lifetime_backtest_answers as test_says
from shared.analysis import lifetime_check_answers as checks_say
from shared.analysis import lifetime_columns as heads
from shared.analysis import lifetime_formula_answers as formula_says
from shared.analysis import lifetime_rank_answers as ranks_say
from shared.analysis import lifetime_segment_answers as segments_say
from shared.analysis.intervals import Estimate
from shared.analysis.lifetime_actions import lifetime_actions
from shared.analysis.lifetime_caveats import lifetime_caveats
from shared.analysis.lifetime_headlines import headlines, lifetime_verdict, totals
from shared.analysis.lifetime_ranks import value_distribution
from shared.analysis.lifetime_results import lifetime_metrics, lifetime_tables
from shared.analysis.lifetime_small_cells import shown_cells
from shared.analysis.lifetime_value import study_lifetime_value
from shared.analysis.lifetime_without_leaving import NO_LEAVING
from shared.analysis.model_ladder import Ladder
from shared.analysis.multiple_testing import Finding
from shared.analysis.verdicts import Level
from shared.loading.errors import NotSupportedByData

TRUTH = {"r": 0.55, "alpha": 5.5, "a": 0.7, "b": 4.6}
STAYS = {"r": 0.8, "alpha": 10.0, "a": 1e-9, "b": 1.0}
AHEAD = [
    ahead_says.totals_said, ahead_says.newcomers_said, ahead_says.heat_map_note,
    ahead_says.each_customer, ahead_says.next_order_note, ranks_say.who_moves,
    ahead_says.bars_said,
    formula_says.value_word, segments_say.loyal, segments_say.winning, segments_say.idle_note,
]  # fmt: skip
CHARTS = [
    ahead_says.cash_flow, ahead_says.heat_map, ahead_says.next_orders, ranks_say.tiers,
    ranks_say.ranks, segments_say.rising, segments_say.idle,
]  # fmt: skip
TESTED = [test_says.against_naive, lambda test: test_says.interval_held(test, "revenue")]
TEST_CHARTS = [test_says.backtest_chart, test_says.tracking_chart, test_says.by_orders_chart]


def shop(seed=1, *, n=700, truth=TRUTH, costs=False):
    planted = bg_nbd_customers(seed, n=n, truth=truth)
    lines, last = planted_order_lines(planted, seed=seed, p=4.0, q=3.6, gamma=39.0)
    snapshot = last + timedelta(days=183)
    lines = lines.filter(lines.order_date < pd.Timestamp(snapshot))
    return (lines.mutate(unit_cost=_.line_value * 0.6) if costs else lines), snapshot


def studied(lines, snapshot, **options):
    options = {"refits": 20, "tables": {}, **options}
    return study_lifetime_value(lines, snapshot_date=snapshot, **options)


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


def everything_said(study):
    """Gather every sentence that the notebook could show for a study."""
    said = [reason for _name, reason in headlines(study)] + list(lifetime_verdict(study).reasons)
    said += [*lifetime_caveats(study), formula_says.formula_check()]
    for part, sentences, charts, of in (
        (study.backtest, TESTED, TEST_CHARTS, study.backtest),
        (study.ahead, AHEAD, CHARTS, study),
        (study.independence, [checks_say.independence_note], [checks_say.spend_by_orders],
         study),
        (study.regularity, [checks_say.timing], [], study),
        (study.formula, [formula_says.why_they_differ], [], study),
    ):  # fmt: skip
        if isinstance(part, NotSupportedByData):
            continue
        said += [say(of) for say in sentences]
        said += [reason for chart in charts for reason in told(chart, of)]
    if not isinstance(study.ahead, NotSupportedByData):
        said.append(test_says.ladder_said(study.outlook.ladder, when="On all orders"))
        said += segments_say.worth(study) if study.what == "revenue" else ()
        said += [*test_says.alive_said(study), *segments_say.corrected_said(study)]
        if not isinstance(study.backtest, NotSupportedByData):
            said.append(ahead_says.as_last_time(study))
    return said


def told(chart, of):
    """Give what a chart says; nothing where the data cannot answer its question."""
    try:
        return chart(of)
    except NotSupportedByData:
        return ()


def fields(template):
    return {name for _text, name, _spec, _conversion in Formatter().parse(template) if name}


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
    assert "page 07" in due.template


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


@pytest.mark.parametrize(("repeats", "level"), [(99, Level.CARE), (140, None)])
def test_under_100_repeat_customers_the_page_is_read_with_care(repeats, level):
    lines, snapshot = shop(5, n=900)
    study = studied(few_repeaters(lines, snapshot, repeats), snapshot)

    verdict = lifetime_verdict(study)
    said = [reason.template for reason in verdict.reasons]
    assert study.repeaters == repeats
    assert any("came back" in text for text in said) == (repeats < 100)
    if level:
        assert verdict.level is level


def test_a_history_under_three_median_gaps_is_read_with_care():
    lines, snapshot = shop(6)
    rare = replace(studied(lines, snapshot), median_gap_days=400.0)
    often = replace(rare, median_gap_days=rare.history_days / 3)

    for study, short in ((rare, True), (often, False)):
        said = [reason.template for reason in lifetime_verdict(study).reasons]
        assert any("median gaps" in text for text in said) == short


@pytest.mark.parametrize("repeats", [0, 29])
def test_under_30_repeat_customers_the_historical_value_is_all_there_is(repeats):
    lines, snapshot = shop(5, n=900)
    study = studied(few_repeaters(lines, snapshot, repeats), snapshot)

    verdict = lifetime_verdict(study)
    assert verdict.level is Level.UNSUPPORTED
    assert isinstance(study.ahead, NotSupportedByData)
    assert [name for name, _ in headlines(study)] == ["once", "past", "fifth"]
    assert lifetime_actions(study) == []
    for reason in everything_said(study):
        assert fields(reason.template) <= set(reason.values)
    assert set(lifetime_tables(study)) >= {"customers", "three_values"}
    assert "clv" not in lifetime_tables(study)["customers"]
    assert "expected_revenue" not in lifetime_metrics(study)
    assert list(totals(study)) == ["Customers", "of them came back"]
    with pytest.raises(NotSupportedByData):
        _unused = study.forecast


def test_three_customers_still_have_a_page():
    study = studied(made({"a": ["2024-01-01"], "b": ["2024-02-01", "2024-03-01"],
                          "c": ["2024-05-01"]}), date(2024, 7, 1))  # fmt: skip

    assert lifetime_verdict(study).level is Level.UNSUPPORTED
    assert everything_said(study)


def test_refunds_that_eat_up_everything_give_no_negative_value():
    lines, snapshot = shop(7)
    frame = lines.to_pandas()
    back = frame.sample(frac=0.3, random_state=1).assign(
        line_value=lambda f: -1.5 * f["line_value"], is_refund=True
    )
    both = pd.concat([frame.assign(is_refund=False), back], ignore_index=True)
    study = studied(ibis.memtable(both), snapshot)

    assert (study.outlook.customers["clv"] >= 0).all()
    assert np.isfinite(study.outlook.customers["clv"]).all()


def test_a_single_heavy_buyer_breaks_nothing():
    lines, snapshot = shop(8)
    frame = lines.to_pandas()
    days = pd.date_range(frame["order_date"].min().normalize(), periods=700, freq="D")
    days = days[days < pd.Timestamp(snapshot)]
    heavy = pd.DataFrame({"customer_id": "whale", "order_id": [f"w{i}" for i in range(len(days))],
                          "order_date": days, "product_id": "P1", "quantity": 1.0,
                          "line_value": 5000.0})  # fmt: skip
    study = studied(ibis.memtable(pd.concat([frame, heavy], ignore_index=True)), snapshot)

    if not isinstance(study.ahead, NotSupportedByData):
        value = study.outlook.customers.set_index("customer_id")["clv"]
        assert np.isfinite(value).all()
        assert value["whale"] == value.max()
    assert any("One customer" in r.template for r in lifetime_verdict(study).reasons) or (
        lifetime_verdict(study).level is Level.UNSUPPORTED
    )


def test_without_prices_items_stand_for_money():
    lines, snapshot = shop(9)
    study = studied(lines.drop("line_value").mutate(quantity=_.quantity * 3), snapshot)

    assert (study.what, study.margin.basis) == ("items bought", "items bought")
    assert any("no prices" in r.template for r in lifetime_verdict(study).reasons)
    assert everything_said(study)
    with pytest.raises(NotSupportedByData, match="no prices"):
        segments_say.worth(study)


@pytest.mark.datasets
def test_apparel_says_on_the_page_that_its_model_is_a_fall_back(datasets):
    rows = pd.read_csv(datasets / "apparel" / "apparelTrans.csv", dtype={"Id": str})
    lines = ibis.memtable(
        pd.DataFrame({"customer_id": rows["Id"], "order_date": pd.to_datetime(rows["Date"]),
                      "order_id": [f"o{i}" for i in range(len(rows))], "quantity": 1.0,
                      "line_value": rows["Price"]})
    )  # fmt: skip
    first, last = pd.to_datetime(rows["Date"]).min(), pd.to_datetime(rows["Date"]).max()
    end = first + pd.Timedelta(weeks=40)
    study = studied(lines, (last + pd.Timedelta(days=1)).date(), calibration_end=str(end.date()))

    test = study.tested
    assert test.ladder.model.name == "MBG/NBD"
    said = test_says.ladder_said(test.ladder, when="In the backtest")
    assert "It is a fall-back: first failed BG/NBD" in said.template
    assert test.ratio.value == pytest.approx(0.783, rel=0.02)


def few_repeaters(lines, snapshot, repeats):
    """Keep so many repeat customers whole, of all others the first order alone."""
    frame = lines.to_pandas().sort_values("order_date")
    days = frame.groupby("customer_id")["order_date"].agg(lambda d: d.dt.normalize().nunique())
    back = days[days > 1].index[:repeats]
    first = ~frame.duplicated("customer_id")
    return ibis.memtable(frame[frame["customer_id"].isin(back) | first])


def made(days):
    rows = [(name, f"{name}{i}", pd.Timestamp(day), 10.0 + i)
            for name, when in days.items() for i, day in enumerate(when)]  # fmt: skip
    columns = ["customer_id", "order_id", "order_date", "line_value"]
    return ibis.memtable(pd.DataFrame(rows, columns=columns).assign(quantity=1.0))
