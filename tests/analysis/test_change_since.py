import numpy as np
import pytest

from shared.analysis.change_since import Movement, change, movements
from shared.analysis.intervals import Estimate, exact, wilson


def test_the_interval_of_a_difference_of_shares_is_newcombes():
    """Newcombe (1998), table II, row (a): 56 of 70 against 48 of 80 gives .0524 to .3339."""
    got = change(wilson(48, 80), wilson(56, 70))

    assert got.value == pytest.approx(0.2)
    assert (got.low, got.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_two_full_counts_differ_without_noise():
    got = change(exact(100, n=100, unit="count"), exact(130, n=130, unit="count"))

    assert (got.value, got.low, got.high, got.level) == (30, 30, 30, 1.0)
    assert movements([got]) == [Movement.COUNTED]


def test_an_interval_at_another_level_is_brought_to_the_same():
    wide = wilson(30, 100, level=0.99)
    half = (wide.value - wide.low) * 1.959964 / 2.575829
    full = exact(0.3, n=100, unit="share")

    assert change(full, wide).low == pytest.approx(-half, rel=1e-5)


def test_a_planted_change_is_seen_and_what_stays_is_noise():
    rng = np.random.default_rng(5)
    wrong = 0
    for _draw in range(40):
        before, now = rng.binomial(4000, 0.25, 30), rng.binomial(4000, 0.25, 30)
        now[0] = rng.binomial(4000, 0.33)
        pairs = zip(before, now, strict=True)
        read = movements([change(wilson(b, 4000), wilson(n, 4000)) for b, n in pairs])
        assert read[0] is Movement.BEYOND
        wrong += any(one is Movement.BEYOND for one in read[1:])
    assert wrong <= 2


def test_a_change_that_stands_between_is_not_settled():
    got = Estimate(0.05, 0.005, 0.095, 900, "share")

    assert movements([got]) == [Movement.NOT_SETTLED]
