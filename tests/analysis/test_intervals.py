import math

import numpy as np
import pytest
from scipy.stats import binomtest

from shared.analysis.intervals import bootstrap, exact, wilson


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (1, 10), (362, 948), (10, 10), (3, 7)])
def test_wilson_equals_the_reference(successes, n):
    want = binomtest(successes, n).proportion_ci(0.95, method="wilson")
    got = wilson(successes, n)

    assert (got.value, got.n) == (successes / n, n)
    assert (got.low, got.high) == pytest.approx((want.low, want.high), abs=1e-12)


def test_a_share_of_nobody_is_blank_and_not_zero():
    got = wilson(0, 0)

    assert got.n == 0
    assert all(math.isnan(x) for x in (got.value, got.low, got.high))


def test_an_exact_figure_has_no_width():
    got = exact(18_532, n=4_338, unit="count")

    assert got.low == got.value == got.high == 18_532
    assert got.level == 1.0


def test_the_bootstrap_interval_of_a_mean_is_near_the_normal_one_and_repeats_itself():
    values = np.random.default_rng(1).normal(10, 2, 400)
    first, second = (bootstrap(lambda i: values[i].mean(), 400, unit="number") for _ in range(2))
    half = 1.96 * values.std(ddof=1) / math.sqrt(400)

    assert first == second
    assert first.value == pytest.approx(values.mean())
    assert (first.low, first.high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=0.15 * half
    )


def test_the_bootstrap_of_nothing_is_blank():
    assert math.isnan(bootstrap(lambda i: 1 / len(i), 0, unit="number").value)
