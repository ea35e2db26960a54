import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from shared.analysis.multiple_testing import (
    Finding,
    false_discovery_q,
    reading,
    share_difference,
    share_p_value,
)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_q_values_equal_those_of_scipy(p_values):
    assert false_discovery_q(np.array(p_values)) == pytest.approx(
        false_discovery_control(np.array(p_values))
    )


def test_what_was_not_tested_stays_blank_and_counts_for_no_test():
    got = false_discovery_q(np.array([0.01, np.nan, 0.04]))

    assert got[[0, 2]].tolist() == [0.02, 0.04]
    assert np.isnan(got[1])


def test_a_verdict_needs_one_per_cent():
    assert [reading(q) for q in (0.009, 0.02, 0.2, float("nan"))] == [
        Finding.DIFFERS,
        Finding.NOT_SETTLED,
        Finding.NOTHING,
        Finding.TOO_FEW,
    ]


def test_the_difference_of_shares_has_newcombes_published_interval():
    got = share_difference(56, 70, 48, 80)

    assert (round(got.low, 4), round(got.high, 4)) == (0.0524, 0.3339)
    assert (got.value, got.n) == (pytest.approx(0.2), 150)


def test_an_empty_side_gives_neither_difference_nor_p_value():
    assert np.isnan(share_difference(0, 0, 3, 9).value)
    assert np.isnan(share_p_value(0, 0, 3, 9))
    assert share_p_value(5, 10, 5, 10) == 1.0
