import numpy as np
import pytest
from scipy.stats import hypergeom

from shared.analysis.lift import (
    chance_p_value,
    conviction,
    lift_interval,
    lift_of,
    poisson_bounds,
    ratio_interval,
    yule_q,
    zhang,
)


def test_the_lift_of_a_hand_made_case_is_shares_over_shares():
    # 2 of 10 baskets with both, 4 with one, 4 with the other: .2 / (.4 × .4)
    assert lift_of(np.array([2]), np.array([4]), np.array([4]), 10) == pytest.approx([1.25])


def test_the_exact_p_value_is_the_one_of_scipy_also_far_out():
    rng = np.random.default_rng(0)
    a, b = rng.integers(1, 3000, (2, 4000))
    k = np.minimum(np.minimum(a, b), rng.poisson(a * b / 9835 * rng.choice([0.3, 1, 2, 5], 4000)))

    got = chance_p_value(k, a, b, 9835)

    want = hypergeom.sf(k - 1, 9835, a, b)
    assert got == pytest.approx(want, rel=1e-7, abs=1e-9)
    assert (want < 1e-30).any()


def test_nothing_together_has_a_p_value_of_one_and_always_together_the_smallest_possible():
    assert chance_p_value(np.array([0]), np.array([5]), np.array([5]), 20) == [1.0]
    assert chance_p_value(np.array([5]), np.array([5]), np.array([5]), 20) == pytest.approx(
        [1 / 15504]
    )


def test_a_margin_that_forces_a_meeting_makes_it_certain():
    # 8 and 8 of 10 baskets must share at least 6.
    assert chance_p_value(np.array([6]), np.array([8]), np.array([8]), 10) == pytest.approx([1.0])


def test_the_interval_of_lift_covers_the_truth_nineteen_times_in_twenty():
    rng = np.random.default_rng(1)
    cells = np.array([0.01, 0.04, 0.04, 0.91])  # lift 4
    both, a, b, _ = rng.multinomial(20_000, cells, 4000).T

    low, high = lift_interval(both, a + both, b + both, 20_000)

    assert 0.94 < np.mean((low <= 4) & (high >= 4)) < 0.96


def test_two_items_that_always_meet_have_a_lift_of_one_over_their_share():
    low, high = lift_interval(np.array([50]), np.array([50]), np.array([50]), 1000)

    assert low < 20 < high
    assert high < 30


def test_no_meeting_at_all_has_an_upper_bound_above_nothing():
    low, high = lift_interval(np.array([0]), np.array([100]), np.array([100]), 1000)

    assert low == [0]
    assert high == pytest.approx([3.689 / 10], abs=1e-3)


def test_poisson_bounds_are_the_tabulated_ones():
    low, high = poisson_bounds(np.array([0, 1, 10]))

    assert low == pytest.approx([0, 0.0253, 4.7954], abs=1e-4)
    assert high == pytest.approx([3.6889, 5.5716, 18.3904], abs=1e-4)


def test_an_observed_count_is_set_against_its_expectation():
    got = np.concatenate(ratio_interval(np.array([10]), np.array([5.0])))

    assert got == pytest.approx([2, 0.959, 3.678], abs=1e-3)


def test_measures_of_association_have_their_landmarks():
    # never together, independent, one never without the other
    q = yule_q(np.array([0, 4, 20]), np.array([20, 20, 20]), np.array([20, 20, 40]), 100)
    assert q == pytest.approx([-1, 0, 1])
    z = zhang(np.array([0.0, 0.06, 0.2]), np.array([0.2, 0.2, 0.2]), np.array([0.3, 0.3, 0.2]))
    assert z == pytest.approx([-1, 0, 1])
    assert conviction(np.array([0.5, 0.2]), np.array([0.2, 0.2])) == pytest.approx([1.6, 1.0])
    assert np.isnan(conviction(np.array([1.0]), np.array([0.2])))
