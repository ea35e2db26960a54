import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from planted_purchases import simulated_logit
from scipy.special import logit

from shared.analysis import propensity_models
from shared.analysis.propensity_auc import auc_estimate
from shared.analysis.propensity_calibration import (
    calibrate,
    calibration_error,
    calibration_slope,
    calibration_table,
)
from shared.analysis.propensity_evaluation import evaluate, measures
from shared.analysis.propensity_examples import placebo_of, splits
from shared.analysis.propensity_models import (
    BASELINE,
    BOOSTING,
    LOGISTIC,
    fit_boosting,
    fit_logistic,
    learn_encoder,
)
from shared.analysis.propensity_sources import reasons_of, source_table

READABLE = (BASELINE, LOGISTIC)


@pytest.fixture(scope="module")
def simulated():
    examples, p = simulated_logit(1)
    return examples, p, evaluate(examples, models=READABLE)


def test_the_weights_are_those_that_were_planted(simulated):
    _examples, _p, tested = simulated
    weights = tested.models[0][LOGISTIC].weights

    assert tested.chosen == LOGISTIC
    assert weights == pytest.approx([1.2, 0.8, 0, 0, 0, 0], abs=0.12)


@pytest.mark.parametrize("fit", [fit_logistic, fit_boosting])
def test_of_too_many_rows_every_so_many_teaches(simulated, monkeypatch, fit):
    examples, *_ = simulated
    frame, outcome = examples.features, examples.outcome
    some = fit(frame.iloc[::3], outcome[::3], logged=frozenset())
    monkeypatch.setattr(propensity_models, "MOST_TRAINING_ROWS", len(frame) // 3 + 1)
    thinned = fit(frame, outcome, logged=frozenset())

    assert (some.every, thinned.every) == (1, 3)
    assert (thinned.score(frame) == some.score(frame)).all()


def test_contributions_and_intercept_make_up_the_logit(simulated):
    examples, _p, tested = simulated
    model, frame = tested.models[0][LOGISTIC], examples.features.head(50)

    whole = model.contributions(frame).sum(axis=1) + model.intercept
    assert whole.to_numpy() == pytest.approx(logit(model.score(frame)))


@pytest.mark.slow
def test_the_simulated_logit_is_found_to_the_hundredth_and_calibrated():
    gaps, errors, slopes = [], [], []
    for seed in range(DRAWS):
        examples, p = simulated_logit(seed)
        tested = evaluate(examples, models=READABLE)
        measured = measures(tested)
        oracle = auc_estimate(p[tested.rows], tested.outcome).value
        gaps.append(abs(oracle - measured["auc"].value))
        errors.append(measured["calibration_error"])
        slopes.append(measured["calibration_slope"].value)

    print("gap", max(gaps), "error", max(errors), "slope", min(slopes), max(slopes))
    inside = sum(0.9 <= slope <= 1.1 for slope in slopes)
    assert max(gaps) <= 0.01
    assert sum(error <= 0.01 for error in errors) >= DRAWS - FEW
    assert inside >= DRAWS - 2 * FEW, sorted(slopes)


def test_balanced_weights_keep_the_order_and_destroy_the_probabilities(simulated):
    examples, _p, tested = simulated
    split = next(splits(examples))
    frame, outcome = examples.features.iloc[split.training], examples.outcome[split.training]
    balanced = fit_logistic(frame, outcome, logged=frozenset(), class_weight="balanced")
    score = balanced.score(examples.features.iloc[split.test])

    assert auc_estimate(score, tested.outcome).value == pytest.approx(tested.auc().value, abs=0.005)
    assert calibration_error(score, tested.outcome) > 0.2
    sure, honest = score > 0.8, tested.score > 0.8
    assert sure.sum() > 50 * max(honest.sum(), 1)
    assert tested.outcome[sure].mean() < 0.4


@pytest.mark.slow
def test_placebo_labels_are_no_effect_in_95_of_100_draws():
    found = 0
    for seed in range(DRAWS):
        examples, _p = simulated_logit(seed, rows=12_000)
        wide = evaluate(placebo_of(examples, seed=seed), models=READABLE).auc(level=0.99)
        found += not wide.low <= 0.5 <= wide.high

    assert found <= FEW, found


@pytest.mark.slow
def test_the_interval_of_the_tested_auc_covers_that_of_all_rows():
    inside = 0
    for seed in range(DRAWS):
        examples, _p = simulated_logit(seed, rows=12_000)
        tested = evaluate(examples, models=READABLE)
        fresh, _truth = simulated_logit(10_000 + seed, rows=60_000)
        model = tested.models[0][LOGISTIC]
        truth = auc_estimate(model.score(fresh.features), fresh.outcome).value
        auc = tested.auc(LOGISTIC)
        inside += auc.low <= truth <= auc.high

    assert inside >= 0.90 * DRAWS - 1, inside


def test_trees_see_what_a_line_cannot():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(4000, 2)), columns=["a", "b"])
    outcome = (rng.random(4000) < np.where(frame["a"] * frame["b"] > 0, 0.6, 0.1)).astype(int)
    line = fit_logistic(frame[:3000], outcome[:3000], logged=frozenset())
    trees = fit_boosting(frame[:3000], outcome[:3000], logged=frozenset())

    reached = [auc_estimate(m.score(frame[3000:]), outcome[3000:]).value for m in (line, trees)]
    assert reached[0] < 0.6 < 0.7 < reached[1]


def test_a_margin_that_no_model_reaches_leaves_the_simplest_score(simulated):
    examples, _p, _tested = simulated

    assert evaluate(examples, least_gain=0.2, models=READABLE).chosen == BASELINE


def test_a_category_seen_only_later_is_another_one_and_breaks_nothing():
    frame = pd.DataFrame({"channel": ["web"] * 60 + ["app"] * 60 + [None] * 30})
    encoder = learn_encoder(frame, logged=frozenset())
    later = encoder.encode(pd.DataFrame({"channel": ["web", "drone", None]}))

    assert encoder.owners == ["channel"] * 3
    assert later.sum(axis=1).tolist() == [1, 0, 1]


def test_missing_numbers_that_mean_something_become_a_feature():
    rng = np.random.default_rng(1)
    visits = np.where(rng.random(2000) < 0.4, np.nan, rng.poisson(3, 2000))
    outcome = (rng.random(2000) < np.where(np.isnan(visits), 0.5, 0.1)).astype(int)
    model = fit_logistic(pd.DataFrame({"visits": visits}), outcome, logged=frozenset())

    assert model.encoder.blanks == ("visits",)
    assert auc_estimate(model.score(pd.DataFrame({"visits": visits})), outcome).value > 0.7


def test_features_blank_in_the_same_rows_are_marked_once():
    gap = np.where(np.arange(200) % 3 == 0, np.nan, np.arange(200.0))
    encoder = learn_encoder(pd.DataFrame({"a": gap, "b": gap * 2}), logged=frozenset())

    assert encoder.blanks == ("a",)


def test_a_feature_that_separates_completely_gives_finite_scores():
    x = np.r_[np.zeros(200), np.ones(200)]
    model = fit_logistic(pd.DataFrame({"x": x}), x.astype(int), logged=frozenset())

    assert np.isfinite(model.weights).all()
    assert model.score(pd.DataFrame({"x": [0.0, 1.0]})).tolist() == pytest.approx([0, 1], abs=0.05)


def test_the_order_of_the_rows_and_new_ids_change_no_weight(simulated):
    examples, _p, _tested = simulated
    frame, outcome = examples.features.head(4000), examples.outcome[:4000]
    mixed = np.random.default_rng(2).permutation(4000)
    a = fit_logistic(frame, outcome, logged=frozenset())
    b = fit_logistic(frame.iloc[mixed], outcome[mixed], logged=frozenset())

    assert a.weights == pytest.approx(b.weights, rel=1e-5, abs=1e-6)


def test_reasons_name_what_moves_the_score_with_its_value(simulated):
    examples, _p, tested = simulated
    frame = pd.DataFrame([[2.0, 0, 0, 0, 0, 0], [-2.0, 0, 0, 0, 0, 0]],
                         columns=examples.features.columns)  # fmt: skip
    up, down = reasons_of(tested.models[0][LOGISTIC], frame, {"x1": "visits"})

    assert up.startswith("+ visits: 2")
    assert down.startswith("- visits: -2")


def test_a_source_without_signal_adds_nothing_and_the_other_does(simulated):
    examples, _p, tested = simulated
    table = source_table(examples, tested).set_index("source")

    assert table.at["first", "low"] > 0.2
    assert table.at["first", "finding"] == "differs"
    assert abs(table.at["second", "adds"]) < 0.01


def test_a_right_score_is_left_as_it_is_and_a_bent_one_is_straightened():
    rng = np.random.default_rng(3)
    p = rng.uniform(0.02, 0.6, 20_000)
    outcome = (rng.random(20_000) < p).astype(int)
    assert calibrate(p, outcome).kind == "as it is"

    extreme = 1 / (1 + np.exp(-2 * logit(p)))
    few, many = calibrate(extreme[:1500], outcome[:1500]), calibrate(extreme, outcome)
    assert (few.kind, many.kind) == ("Platt", "isotonic")
    assert few.slope == pytest.approx(0.5, abs=0.08)
    fresh = (rng.random(20_000) < p).astype(int)
    assert calibration_error(extreme, fresh) > 0.05
    for found in (few, many):
        assert calibration_error(found.of(extreme), fresh) < 0.03
        assert calibration_slope(found.of(extreme), fresh).value == pytest.approx(1, abs=0.15)


def test_the_slope_of_a_right_score_is_one_and_of_one_value_unknown():
    rng = np.random.default_rng(4)
    p = rng.uniform(0.02, 0.6, 20_000)
    slope = calibration_slope(p, (rng.random(20_000) < p).astype(int))

    assert slope.low < 1 < slope.high
    assert np.isnan(calibration_slope(np.full(50, 0.2), np.tile([0, 1], 25)).value)


def test_the_calibration_table_holds_every_row_once_and_ties_together():
    table = calibration_table(
        np.r_[np.full(50, 0.1), np.linspace(0.2, 0.9, 50)], np.tile([0, 1], 50)
    )

    assert table["n"].sum() == 100
    assert table["n"].iloc[0] == 50
    assert table["bought"].sum() == 50


def test_all_three_models_are_tested_on_the_same_people():
    examples, _p = simulated_logit(1, rows=12_000)
    tested = evaluate(examples, models=(BASELINE, LOGISTIC, BOOSTING))

    assert set(tested.propensity) == {BASELINE, LOGISTIC, BOOSTING}
    assert tested.gain(BOOSTING, LOGISTIC).value < 0.01
    assert tested.chosen == LOGISTIC
