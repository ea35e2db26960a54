import numpy as np
import pytest
from draws import DRAWS, FEW
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from shared.analysis.propensity_auc import auc_estimate, auc_gain


def test_a_hand_made_auc_counts_pairs_and_halves_ties():
    got = auc_estimate(np.array([0.9, 0.4, 0.4, 0.1]), np.array([1, 1, 0, 0]))

    assert got.value == pytest.approx(3.5 / 4)


def test_it_equals_that_of_scikit_learn_with_ties():
    rng = np.random.default_rng(0)
    score, outcome = rng.integers(0, 9, 500) / 9, rng.integers(0, 2, 500)

    assert auc_estimate(score, outcome).value == pytest.approx(roc_auc_score(outcome, score))


@pytest.mark.parametrize("outcome", [[0, 0, 0], [1, 1, 1]])
def test_one_class_gives_no_figure(outcome):
    assert np.isnan(auc_estimate(np.array([0.1, 0.2, 0.3]), np.array(outcome)).value)


def test_a_perfect_and_a_constant_score_stand_at_the_edges():
    outcome = np.array([0, 0, 1, 1])

    assert auc_estimate(np.arange(4.0), outcome).value == 1
    assert auc_estimate(np.ones(4), outcome).value == 0.5


def naive_delong(score, outcome):
    """DeLong's variance by its definition, over all pairs."""
    up, down = score[outcome == 1], score[outcome == 0]
    psi = (up[:, None] > down) + 0.5 * (up[:, None] == down)
    return psi.mean(axis=1).var(ddof=1) / len(up) + psi.mean(axis=0).var(ddof=1) / len(down)


def test_the_interval_is_that_of_delong():
    rng = np.random.default_rng(1)
    outcome = (rng.random(400) < 0.3).astype(int)
    score = np.round(rng.normal(outcome, 1), 1)
    got = auc_estimate(score, outcome)

    half = norm.ppf(0.975) * np.sqrt(naive_delong(score, outcome))
    assert (got.high - got.low) / 2 == pytest.approx(half, rel=1e-9)


def test_the_interval_is_near_that_of_the_bootstrap():
    rng = np.random.default_rng(2)
    outcome = (rng.random(600) < 0.3).astype(int)
    score = rng.normal(outcome, 1)
    drawn = [rng.integers(0, 600, 600) for _ in range(500)]
    spread = np.std([roc_auc_score(outcome[i], score[i]) for i in drawn])

    got = auc_estimate(score, outcome)
    assert (got.high - got.low) / 2 / 1.96 == pytest.approx(spread, rel=0.12)


def test_the_gain_of_a_score_over_itself_is_zero_and_over_noise_is_not():
    rng = np.random.default_rng(3)
    outcome = (rng.random(800) < 0.3).astype(int)
    score, noise = rng.normal(outcome, 1), rng.normal(size=800)

    assert auc_gain(score, score, outcome).high == pytest.approx(0, abs=1e-12)
    assert auc_gain(score, noise, outcome).low > 0.1


def test_rows_that_repeat_a_person_do_not_make_the_interval_narrower():
    rng = np.random.default_rng(4)
    outcome = (rng.random(300) < 0.3).astype(int)
    score = rng.normal(outcome, 1)
    once = auc_estimate(score, outcome, person=np.arange(300))
    four = auc_estimate(np.tile(score, 4), np.tile(outcome, 4), person=np.tile(np.arange(300), 4))

    assert four.high - four.low == pytest.approx(once.high - once.low, rel=0.02)
    alone = auc_estimate(np.tile(score, 4), np.tile(outcome, 4))
    assert alone.high - alone.low < 0.6 * (once.high - once.low)


def test_the_order_of_the_rows_changes_nothing():
    rng = np.random.default_rng(5)
    outcome = (rng.random(200) < 0.4).astype(int)
    score = np.round(rng.normal(outcome, 1), 1)
    mixed = rng.permutation(200)

    a, b = auc_estimate(score, outcome), auc_estimate(score[mixed], outcome[mixed])
    assert (a.value, a.low) == pytest.approx((b.value, b.low), abs=1e-12)


def test_the_interval_covers_the_truth_in_90_to_99_of_100_draws():
    truth = norm.cdf(1 / np.sqrt(2))
    many = 10 * DRAWS
    inside = 0
    for seed in range(many):
        rng = np.random.default_rng([seed, 7])
        outcome = (rng.random(500) < 0.2).astype(int)
        got = auc_estimate(rng.normal(outcome, 1), outcome)
        inside += got.low <= truth <= got.high

    assert 0.90 * many <= inside <= 0.99 * many, inside


def test_the_clustered_interval_covers_the_truth_too():
    truth, inside, many = norm.cdf(1 / np.sqrt(2)), 0, 5 * DRAWS
    for seed in range(many):
        rng = np.random.default_rng([seed, 8])
        person = np.repeat(np.arange(200), 4)
        outcome = (rng.random(800) < 0.25).astype(int)
        own = rng.normal(size=200)[person]  # of a person, in all rows
        score = outcome + np.sqrt(0.6) * own + np.sqrt(0.4) * rng.normal(size=800)
        got = auc_estimate(score, outcome, person=person)
        inside += got.low <= truth <= got.high

    assert inside >= 0.90 * many - FEW, inside
