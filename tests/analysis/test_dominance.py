import numpy as np
import pandas as pd
import pytest

from shared.analysis.dominance import largest_share


def test_the_largest_share_counts_a_net_refund_as_nothing():
    assert largest_share(pd.Series([30.0, 50.0, 20.0, -40.0])) == pytest.approx(0.5)


def test_equal_members_are_none_of_them_dominant():
    assert largest_share(pd.Series([5.0] * 20)) == pytest.approx(0.05)


@pytest.mark.parametrize("money", [[], [0.0, 0.0], [-1.0, -2.0]])
def test_where_nothing_is_left_there_is_no_share(money):
    assert np.isnan(largest_share(pd.Series(money, dtype=float)))
