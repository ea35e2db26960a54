from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_purchases import SNAPSHOT, as_tables, responses_of, shop, simulated_logit

from shared.analysis import propensity_answers as answers
from shared.analysis import propensity_day
from shared.analysis import propensity_exhibits as exhibits
from shared.analysis import propensity_source_answers as source_answers
from shared.analysis import propensity_use_answers as use_answers
from shared.analysis.intervals import Estimate
from shared.analysis.propensity import study_propensity
from shared.analysis.propensity_actions import propensity_actions
from shared.analysis.propensity_campaign import response_score
from shared.analysis.propensity_caveats import _what_they_add, propensity_caveats
from shared.analysis.propensity_features import PEOPLE, events_of
from shared.analysis.propensity_headlines import headlines
from shared.analysis.propensity_names import name_of
from shared.analysis.propensity_results import propensity_metrics, propensity_tables
from shared.analysis.propensity_settings import Settings
from shared.analysis.propensity_verdict import propensity_verdict
from shared.analysis.verdicts import Level
from shared.loading.errors import ConfigError, NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write

SETTINGS = Settings(outcome_window=14)
NO_CAMPAIGN = NotSupportedByData("no campaign", "the table campaign")
ALONE = replace(SETTINGS, next_day=False)  # without the next 24 hours, which take most of the time


def study_of(tables, settings=SETTINGS):
    return study_propensity(tables, snapshot_date=SNAPSHOT, settings=settings)


def written(reason):
    return str(write(reason.template, dict(reason.values), Wording()))


@pytest.fixture(scope="module")
def frames():
    return shop(1)


@pytest.fixture(scope="module")
def study(frames):
    tables = as_tables(frames)
    return study_of(tables)


@pytest.fixture(scope="module")
def labelled():
    examples, _p = simulated_logit(1, rows=8000)
    return study_of({"responses": responses_of(examples, paid=examples.outcome)})


def test_planted_visits_are_found_and_beat_recency_alone(study):
    assert study.auc.low > 0.6
    assert study.tested.gain(study.tested.chosen, "one column").low > 0
    assert study.tested.alone == "recency_days"
    adds = study.sources.set_index("source")["adds"]
    assert adds["web visits"] > adds["demographics"]
    assert study.sources.set_index("source").at["demographics", "finding"] != "adds"


def test_scores_are_calibrated_probabilities_times_100(study):
    scores = study.scores

    assert scores["score_0_to_100"].between(0, 100).all()
    assert (scores["score_0_to_100"] - 100 * scores["propensity"]).abs().max() < 0.051
    assert scores["customer_id"].is_unique
    assert scores["propensity"].is_monotonic_decreasing
    assert scores["decile"].iloc[0] == 1
    assert scores["decile"].value_counts().max() - scores["decile"].value_counts().min() <= 1
    assert study.measured["calibration_error"] < 0.05


def test_each_customer_is_tested_once_and_scored_once(study, frames):
    assert len(study.tested.rows) == len(set(study.tested.person))
    assert study.calibration["n"].sum() == len(study.tested.rows)
    assert study.deciles["bought"].sum() == study.tested.outcome.sum()
    assert len(study.scores) == frames["customers"]["customer_id"].nunique()


def test_reasons_stand_beside_every_score(study):
    said = study.scores["reasons"]

    assert (said.str.len() > 0).mean() > 0.95
    assert said.str.contains("days since the last order|visits|basket").mean() > 0.5


def test_what_points_two_ways_is_given_as_no_reason(study):
    unclear = study.drivers.loc[study.drivers["direction"] == "depends on the others", "feature"]

    assert len(unclear)
    told = " ".join(study.scores["reasons"])
    assert not any(f" {name_of(name)}: " in told for name in unclear)


def test_the_page_shows_scores_without_ids_and_no_band_of_a_few_people(study):
    _rows, columns = exhibits.top_rows(study)
    bands, _columns = exhibits.discount_rows(study)

    assert "customer_id" not in columns
    assert bands["n"].min() >= 10
    assert bands["n"].sum() == len(study.scores)


def test_row_order_and_new_ids_leave_every_figure_as_it_is(study, frames):
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in frames.items()}
    again = study_of(as_tables(mixed), ALONE)

    pd.testing.assert_frame_equal(study.scores, again.scores)
    pd.testing.assert_frame_equal(study.deciles, again.deciles)


def test_the_next_24_hours_have_a_part_of_their_own(study):
    assert study.day.tested.repeats
    assert study.day.measured["base_rate"] < study.measured["base_rate"]
    assert study.day.visitors[0] > study.day.visitors[1] > 0
    assert "once on each tested day" in written(use_answers.discount_answer(study))
    rows, _columns = exhibits.sure_rows(study)
    assert rows["horizon"].tolist() == ["14 days", "24 hours"]


@pytest.mark.slow
def test_of_very_many_customers_some_are_drawn_for_the_next_24_hours_and_all_are_scored(
    study, frames, monkeypatch
):
    monkeypatch.setattr(propensity_day, "MOST_CUSTOMERS", study.day.customers // 2)
    again = study_of(as_tables(frames))

    assert again.day.customers == study.day.customers == study.day.drawn
    assert 0.4 < again.day.drawn / again.day.customers < 0.6
    assert len(again.day.tested.rows) < 0.6 * len(study.day.tested.rows)
    low, high = again.day.measured["auc"].low, again.day.measured["auc"].high
    assert low < study.day.measured["auc"].value < high
    said = f"on {again.day.drawn:,} of {again.day.customers:,} customers"
    assert said in written(answers.day_separates(again))
    assert "drawn" not in written(answers.day_separates(study))


@pytest.mark.slow
def test_an_hourly_page_is_the_same_study_with_hours():
    short = as_tables(shop(1, days=38))  # few days, for each takes a query
    hourly = study_of(short, Settings(outcome_window=24, horizon_unit="H"))

    assert hourly.auc.low > 0.5
    assert hourly.tested.repeats
    assert isinstance(hourly.day, NotSupportedByData)
    assert written(answers.separation(hourly)).count("24 hours") == 1


def test_hours_without_a_clock_are_refused_in_words(frames):
    days = frames["order_lines"].assign(
        order_date=frames["order_lines"]["order_date"].dt.normalize()
    )

    with pytest.raises(NotSupportedByData, match="time of day"):
        study_of(as_tables({**frames, "order_lines": days}),
                 Settings(outcome_window=24, horizon_unit="H"))  # fmt: skip


def test_a_cut_off_that_is_no_day_is_refused(frames):
    with pytest.raises(ConfigError, match="is no day"):
        study_of(as_tables(frames), replace(SETTINGS, cutoff_date="May"))


def test_the_discount_is_not_answered_by_the_score_but_left_to_a_test(study):
    said = written(use_answers.discount_answer(study))
    rule = written(use_answers.guarded_rule(study))

    assert "cannot tell" in said
    assert "only a test with a random hold-out tells" in said
    assert "random tenth" in rule
    assert "above a score of 75" in rule  # 1 - .1 / .4


def test_money_per_buyer_is_that_of_the_orders(study):
    assert study.money.margin_share == pytest.approx(0.4, abs=0.001)
    assert study.profit.margin == pytest.approx(study.money.margin)
    assert study.profit.break_even == pytest.approx(0.5 / study.money.margin)


def test_where_nobody_is_known_to_cost_more_than_they_bring_all_are_contacted(study):
    cheap = replace(study.profit, everybody=Estimate(9, 5, 13, 99, "money"),
                    spared=Estimate(1, -2, 4, 9, "money"))  # fmt: skip
    dear = replace(cheap, spared=Estimate(3, 1, 5, 9, "money"))
    flat, cut = (replace(study, profit=curve) for curve in (cheap, dear))

    assert "not settled" in written(use_answers.best_cut(flat))
    assert "No gain is settled" in written(exhibits.profit(flat).said[0])
    assert propensity_actions(flat)[0].size == len(study.scores)
    assert "not settled" not in written(use_answers.best_cut(cut))
    assert "whose score pays" in written(exhibits.profit(cut).said[0])
    assert propensity_actions(cut)[0].size == (study.today >= cut.profit.break_even).sum()


def test_leaving_people_out_at_a_loss_costs_and_does_not_save_a_negative_sum(study):
    curve = replace(study.profit, spared=Estimate(-29, -163, 104, 9, "money"))
    said = written(use_answers.best_cut(replace(study, profit=curve)))

    assert "Leaving the others out costs €29 (-€104 to €163): not settled" in said


def test_people_known_from_the_site_only_are_told_apart_from_customers_with_an_order(study):
    cheap = replace(study.profit, everybody=Estimate(9, 5, 13, 99, "money"),
                    spared=Estimate(1, -2, 4, 9, "money"))  # fmt: skip
    visitors = np.arange(len(study.scores)) < 3
    some, none = (propensity_actions(replace(study, profit=cheap, no_order=found))[0]
                  for found in (visitors, visitors & False))  # fmt: skip

    assert "{site_only:count} of them known from the site only" in some.template
    assert some.values["site_only"] == 3
    assert "from the site only" not in none.template
    assert len(study.no_order) == len(study.scores)


def test_a_source_without_a_gain_in_its_interval_is_said_to_be_no_loss(study):
    row = {"source": PEOPLE, "columns": 5, "covered": 1.0, "auc_alone": 0.55, "auc_without": 0.88,
           "adds": -0.009, "low": -0.015, "high": -0.004, "p": 0.001, "q": 0.001,
           "finding": "differs"}  # fmt: skip
    useless = pd.DataFrame([row])
    shown, _columns = exhibits.source_rows(useless)
    told, values = _what_they_add(replace(study, sources=useless, response=NO_CAMPAIGN))
    small = useless.assign(adds=-0.001, high=0.002, finding="no difference found")
    at_most, bounds = _what_they_add(replace(study, sources=small, response=NO_CAMPAIGN))

    assert shown["finding"].tolist() == ["can be left out at no loss"]
    assert told.endswith("they can be left out at no loss. ")
    assert values["high"] == -0.004
    assert "without them at most {most:ratio.3} is lost" in at_most
    assert bounds["most"] == 0.002


def test_the_audit_shows_no_column_without_a_value_in_its_rows(study):
    shown, columns = exhibits.audit_rows(study)

    assert all(shown.head(exhibits.MOST_AUDITED)[name].notna().any() for name in columns)


def test_what_a_discount_to_the_sure_costs_is_told_by_their_own_orders(study):
    today, own = np.array([0.9, 0.9, 0.1]), np.array([400.0, np.nan, 9.0])
    few = replace(study, today=today, own_order=own, no_order=np.isnan(own))
    (serve,) = [act for act in propensity_actions(few) if act.segment == "Buy anyway"]

    assert len(study.own_order) == len(study.scores)
    assert serve.size == 2
    # Whose orders are not known is taken to place the mean order of all.
    assert serve.money == pytest.approx(study.settings.discount * (400 + study.money.value))


def test_scores_that_promise_another_level_than_came_true_are_read_with_care(study):
    def told(promised_by_came):
        came = study.tested.score.mean() / promised_by_came
        off = replace(study, measured={**study.measured, "base_rate": came})
        return any("promised" in r.template for r in propensity_verdict(off).reasons)

    assert told(0.8)
    assert told(1.25)
    assert not told(0.95)


def test_finding_nothing_is_relied_on_only_where_a_useful_score_would_have_shown(study):
    def reasons(rows):
        few, rng = study.tested, np.random.default_rng(0)
        outcome = np.arange(rows) % 5 == 0
        drawn = replace(few, rows=np.arange(rows), person=np.arange(rows), outcome=outcome * 1,
                        propensity=dict.fromkeys(few.propensity, rng.random(rows)))  # fmt: skip
        slope = Estimate(0.1, -0.1, 0.3, rows, "ratio")
        level = {"calibration_slope": slope, "base_rate": drawn.score.mean()}
        chance = replace(study, tested=drawn, measured={**study.measured, **level})
        assert chance.finds_nothing
        return [written(reason) for reason in propensity_verdict(chance).reasons]

    assert any("is not excluded: 160 of 800 tested customers" in one for one in reasons(800))
    assert reasons(20_000) == []


def test_the_score_is_told_in_words_before_its_auc(study):
    said = written(answers.separation(study))

    assert f"in {round(100 * study.auc.value)} of 100 cases (AUC" in said
    assert said.index("right one") < said.index("AUC")


def test_another_number_of_sure_people_than_at_the_test_is_said(study):
    def told(today):
        said = propensity_caveats(replace(study, today=today))
        return any("stand above 80%" in written(one) for one in said)

    then = study.tested.score
    lower = then - (0.9 - then.mean()) / 9  # as high on average with a tenth of all at 90
    assert told(np.where(np.arange(len(then)) % 10 == 0, 0.9, lower))
    assert not told(then)


def test_models_that_took_one_row_in_three_say_so(study):
    chosen = study.tested.chosen
    thinned = [{**of, chosen: replace(of[chosen], every=3)} for of in study.tested.models]
    told = [
        [written(one) for one in propensity_caveats(replace(study, tested=tested))]
        for tested in (study.tested, replace(study.tested, models=thinned))
    ]

    assert set(told[1]) - set(told[0]) == {
        "Of more than 200,000 rows to learn from, models took one in 3."
    }


def test_a_placebo_finds_nothing_and_says_so(frames):
    placebo = study_of(as_tables(frames), replace(ALONE, placebo=True))

    assert placebo.finds_nothing
    said = [written(answer) for _name, answer in headlines(placebo)]
    assert any("No effect was found" in one for one in said)
    assert [a.segment for a in propensity_actions(placebo)] == ["All customers"]
    assert "Placebo" in written(propensity_caveats(placebo)[0])


def test_a_shop_without_structure_is_not_sold_as_one():
    plain = study_of(as_tables(shop(2, null=True)), ALONE)

    assert plain.auc.low < 0.55
    assert abs(plain.tested.gain(plain.tested.chosen, "one column").value) < 0.05


def test_what_knows_the_answer_is_said_first(labelled):
    verdict = propensity_verdict(labelled)

    assert verdict.level == Level.CARE
    assert "paid" in written(verdict.reasons[0])
    name, first = headlines(labelled)[0]
    assert name == "leakage"
    assert "paid" in written(first)
    assert labelled.auc.value < 0.9 < labelled.audit.auc_all
    assert propensity_actions(labelled)[0].template.startswith("Ask how and when")


def test_a_labelled_table_has_no_horizon_and_says_so(labelled):
    assert not labelled.has_orders
    assert len(labelled.scores) == 8000
    assert isinstance(labelled.day, NotSupportedByData)
    with pytest.raises(NotSupportedByData):
        use_answers.guarded_rule(labelled)
    assert "respond" in written(answers.came_true(labelled))


def test_sources_of_a_labelled_table_are_those_that_the_client_names():
    examples, _p = simulated_logit(1, rows=4000)
    named = study_of(
        {"responses": responses_of(examples)}, Settings(sources="web: x1, x3; age: x2")
    )

    assert set(named.sources["source"]) == {"web", "age", "the table"}
    assert named.sources["source"].iloc[0] == "web"


@pytest.mark.parametrize("positives", [0, 12, 99])
def test_one_class_and_too_few_of_one_are_not_supported(positives):
    examples, _p = simulated_logit(1, rows=2000)
    outcome = (np.arange(2000) < positives).astype(int)
    table = responses_of(replace(examples, outcome=outcome))

    with pytest.raises(NotSupportedByData) as refused:
        study_of({"responses": table})
    assert "100" in refused.value.needs


def test_just_above_the_gate_is_read_with_care_and_a_thousand_is_enough():
    examples, p = simulated_logit(1, rows=3000)
    chance = np.argsort(np.random.default_rng(0).random(3000) - 2 * p)
    for positives, care in ((100, True), (999, True), (1000, False)):
        outcome = np.zeros(3000, dtype=int)
        outcome[chance[:positives]] = 1
        dated = responses_of(replace(examples, outcome=outcome), dated=True)
        reasons = [written(r) for r in propensity_verdict(study_of({"responses": dated})).reasons]
        assert any("rarer outcome" in reason for reason in reasons) == care


def test_a_time_to_test_on_without_a_buyer_is_not_supported():
    examples, _p = simulated_logit(1, rows=4000)
    outcome = np.where(np.arange(4000) < 3000, np.arange(4000) % 5 == 0, False).astype(int)

    with pytest.raises(NotSupportedByData, match="to test on, only 0"):
        study_of({"responses": responses_of(replace(examples, outcome=outcome), dated=True)})


def test_a_table_in_which_every_column_knows_the_answer_leaves_nothing_to_learn_from():
    examples, _p = simulated_logit(1, rows=2500)
    bare = replace(examples, features=examples.features[[]].assign(paid=examples.outcome))

    with pytest.raises(NotSupportedByData, match="no column is left"):
        study_of({"responses": responses_of(bare)})


def test_without_any_table_the_page_says_what_it_needs():
    with pytest.raises(NotSupportedByData, match="labelled table"):
        study_of({})


@pytest.mark.parametrize("name", ["study", "labelled"])
def test_every_sentence_of_the_page_can_be_written(name, request):
    found = request.getfixturevalue(name)
    said = [answer for _name, answer in headlines(found)]
    said += [answers.chosen_why(found), answers.calibrated(found), answers.came_true(found),
             answers.drivers_read(found),
             use_answers.discount_answer(found), source_answers.audit_said(found),
             source_answers.sources_said(found), *propensity_caveats(found)]  # fmt: skip
    said += [*exhibits.roc(found).said, *exhibits.calibration(found).said,
             *exhibits.tenths(found).said, *exhibits.cost(found).said,
             *exhibits.drivers(found).said]  # fmt: skip

    texts = [written(reason) for reason in said]
    assert all(len(text) > 20 and "nan" not in text.split() for text in texts)
    for _name, answer in headlines(found):
        estimates = [v for v in answer.values.values() if isinstance(v, Estimate)]
        assert estimates
        assert estimates[0].of
    assert 1 <= len(propensity_actions(found)) <= 5


def test_tables_and_metrics_have_the_names_of_the_design(study):
    tables, metrics = propensity_tables(study), propensity_metrics(study)

    assert {"scores", "above_80", "deciles", "calibration", "profit", "leakage_audit",
            "drivers"} <= set(tables)  # fmt: skip
    assert {"auc", "auc_low", "auc_high", "pr_auc", "brier", "calibration_slope", "base_rate",
            "above_80"} <= set(metrics)  # fmt: skip
    assert metrics["above_80"] == len(tables["above_80"])
    assert metrics["auc_low"] < metrics["auc"].value < metrics["auc_high"]


def test_a_campaign_gives_a_response_score_and_its_sources(frames):
    rng = np.random.default_rng(4)
    ids = frames["customers"]["customer_id"].to_numpy()
    opens = rng.poisson(1.5, len(ids))
    treated = rng.integers(0, 2, len(ids))
    answered = rng.random(len(ids)) < 0.15 + 0.18 * np.minimum(opens, 3)
    campaign = pd.DataFrame({"customer_id": ids, "treatment": treated,
                             "assigned_at": pd.Timestamp("2024-05-01"),
                             "outcome": answered.astype(int), "opens": opens})  # fmt: skip
    tables = as_tables({**frames, "campaign": campaign})
    events = events_of(tables, snapshot_date=SNAPSHOT)
    got = response_score(tables["campaign"], events, snapshot_date=SNAPSHOT)

    assert len(got.examples.outcome) == treated.sum()
    assert got.tested.auc().low > 0.6
    assert got.sources["source"].iloc[0] == "the campaign's list"


def test_what_is_left_out_on_request_is_no_feature(frames):
    got = study_of(as_tables({"order_lines": frames["order_lines"]}),
                   replace(ALONE, leave_out="mean_order_value, recency_days"))  # fmt: skip

    assert "mean_order_value" not in got.examples.features
    assert got.tested.alone != "recency_days"
