import numpy as np
import pytest
from scipy.stats import poisson

from shared.analysis.uplift_qini import (
    areas,
    poisson_weights,
    qini_result,
    qini_value,
    ranked,
)

# scikit-uplift 0.5.1 calls what scikit-learn 1.9 is about to remove.
reference = pytest.mark.filterwarnings("ignore:.*stable_cumsum:FutureWarning")


def auuc_value(score, treated, outcome):
    return areas(ranked(score, treated, outcome))[1]


def drawn(seed=0, n=3000, *, digits=None, share=0.5):
    rng = np.random.default_rng(seed)
    score = rng.normal(size=n)
    treated = (rng.random(n) < share).astype(int)
    chance = 0.2 + 0.15 * treated * (score > 0)
    score = score if digits is None else score.round(digits)
    return score, treated, (rng.random(n) < chance).astype(int)


def test_four_customers_by_hand():
    # Ranked: treated buys, control does not, treated does not, control buys. The curve after each
    # customer is 1, 1, 1 (0 x 2 / 1), 0 (1 x 2 / 2); its trapezia are .5, 1, 1, .5 quarters.
    score = np.array([4.0, 3.0, 2.0, 1.0])
    treated, outcome = np.array([1, 0, 1, 0]), np.array([1, 0, 0, 1])

    assert qini_value(score, treated, outcome) == pytest.approx(((0.5 + 1 + 1 + 0.5) / 4 - 0) / 2)
    # Uplift curve: 1 x 1 / 4, (1 - 0) x 2 / 4, (1/2 - 0) x 3 / 4, 0.
    assert auuc_value(score, treated, outcome) == pytest.approx(
        (0.125 + 0.375 + 0.4375 + 0.1875) / 4
    )


def test_equal_scores_for_all_have_a_qini_of_zero_whatever_the_order_of_the_rows():
    _score, treated, outcome = drawn()
    same = np.ones(len(treated))

    assert qini_value(same, treated, outcome) == pytest.approx(0, abs=1e-15)
    assert qini_value(same, treated[::-1], outcome[::-1]) == pytest.approx(0, abs=1e-15)
    gap = outcome[treated == 1].mean() - outcome[treated == 0].mean()
    assert auuc_value(same, treated, outcome) == pytest.approx(gap / 2)


@reference
@pytest.mark.parametrize("digits", [None, 1, 0])
@pytest.mark.parametrize("share", [0.5, 0.2])
def test_curves_and_areas_are_those_of_scikit_uplift_but_for_its_unit(digits, share):
    metrics = pytest.importorskip("sklift.metrics", reason="scikit-uplift is a test reference")
    from sklearn.metrics import auc

    score, treated, outcome = drawn(3, digits=digits, share=share)
    n, n1 = len(score), treated.sum()
    x, y = metrics.qini_curve(outcome, score, treated)
    qini, auuc, curve = areas(ranked(score, treated, outcome), grid=x / n)

    np.testing.assert_allclose(curve, y / n1, atol=1e-12)
    assert qini == pytest.approx((auc(x, y) - n * y[-1] / 2) / n / n1)
    x, y = metrics.uplift_curve(outcome, score, treated)
    assert auuc == pytest.approx(auc(x, y) / n**2)


@reference
def test_scikit_uplift_divides_by_the_perfect_ranking_so_that_the_ratio_is_one_for_all_scores():
    metrics = pytest.importorskip("sklift.metrics", reason="scikit-uplift is a test reference")
    score, treated, outcome = drawn(4)
    rng = np.random.default_rng(5)
    ratios = [
        qini_value(s, treated, outcome) / metrics.qini_auc_score(outcome, s, treated)
        for s in (score, -score, score + 2 * rng.normal(size=len(score)))
    ]

    np.testing.assert_allclose(ratios, ratios[0])
    assert 0 < ratios[0] < 1


def test_only_the_order_of_the_score_counts():
    score, treated, outcome = drawn(6)
    shuffled = np.random.default_rng(0).permutation(len(score))

    wanted = qini_value(score, treated, outcome)
    assert qini_value(np.exp(score), treated, outcome) == wanted
    assert qini_value(score[shuffled], treated[shuffled], outcome[shuffled]) == pytest.approx(
        wanted, abs=1e-15
    )
    assert qini_value(-score, treated, outcome) < 0 < wanted


def test_money_in_place_of_responses_scales_the_qini():
    score, treated, outcome = drawn(7)

    assert qini_value(score, treated, 25.0 * outcome) == pytest.approx(
        25 * qini_value(score, treated, outcome)
    )


def test_bootstrap_weights_are_poisson_of_mean_one():
    weights = poisson_weights(np.random.default_rng(0), 200_000)
    shares = np.bincount(weights, minlength=8)[:8] / len(weights)

    np.testing.assert_allclose(shares, poisson(1).pmf(np.arange(8)), atol=0.004)


def test_the_bootstrap_by_weights_spreads_as_drawing_rows_with_replacement_does():
    score, treated, outcome = drawn(8, digits=2)
    rng = np.random.default_rng(1)
    n = len(score)
    slow = []
    for _ in range(300):
        rows = rng.integers(0, n, n)
        slow.append(qini_value(score[rows], treated[rows], outcome[rows]))
    fast = qini_result(score, treated, outcome, draws=300).draws

    assert fast.mean() == pytest.approx(np.mean(slow), abs=4 * np.std(slow) / np.sqrt(300))
    assert fast.std() == pytest.approx(np.std(slow), rel=0.15)


def test_weights_count_a_customer_so_often():
    score, treated, outcome = drawn(9, n=200)
    weights = np.random.default_rng(2).integers(0, 4, 200)
    order = np.argsort(-score, kind="stable")
    people = ranked(score, treated, outcome)
    rows = np.repeat(np.arange(200), weights)

    got = areas(people, weights[order].astype(np.int32))
    # Repeated customers share a place, so that their copies count as one step.
    assert got[0] == pytest.approx(qini_value(score[rows], treated[rows], outcome[rows]), abs=1e-12)


def test_the_same_seed_gives_the_same_digits():
    score, treated, outcome = drawn(10, n=500)
    one, other = (qini_result(score, treated, outcome, draws=50) for _ in range(2))

    assert one.qini == other.qini
    assert one.curve.equals(other.curve)
    assert one.curve["gain"].iloc[-1] == pytest.approx(one.curve["random"].iloc[-1])
