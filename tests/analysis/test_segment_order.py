import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact, spearmanr

from shared.analysis.segment_order import inversions, rank_order


def table_of(**bought):
    """Make segments of 100 customers each; the value is how many of them bought."""
    n = list(bought.values())
    return pd.DataFrame({"segment": list(bought), "customers": 100, "bought": n}).assign(
        share=lambda t: t["bought"] / t["customers"]
    )


def test_the_correlation_is_that_of_spearman_with_its_interval_around_it():
    table = table_of(a=70, b=40, c=45, d=20, e=20)

    got = rank_order(table, -np.arange(5))

    assert got.value == pytest.approx(spearmanr(-np.arange(5), table["bought"]).statistic)
    assert got.low <= got.value <= got.high
    assert got.n == 500


def test_the_same_order_is_one_and_the_opposite_minus_one():
    assert rank_order(table_of(a=90, b=50, c=10), -np.arange(3)).value == 1
    assert rank_order(table_of(a=10, b=50, c=90), -np.arange(3)).value == -1


def test_small_segments_are_left_out_and_two_are_no_order():
    table = table_of(a=90, b=50, c=10).assign(customers=[100, 100, 9])

    got = rank_order(table, -np.arange(3))

    assert np.isnan(got.value)
    assert got.n == 200


def test_equal_shares_have_no_order():
    assert np.isnan(rank_order(table_of(a=30, b=30, c=30), -np.arange(3)).value)


def test_only_pairs_beyond_chance_are_called_inverted_the_widest_first():
    got = inversions(table_of(a=20, b=50, c=52, d=69))

    assert got[["above", "below"]].to_numpy().tolist() == [["a", "d"], ["a", "c"], ["a", "b"]]
    p = [fisher_exact([[k, 100 - k], [m, 100 - m]]).pvalue
         for k, m in ((20, 69), (20, 52), (20, 50), (50, 69), (52, 69), (50, 52))]  # fmt: skip
    assert p[3] < 0.01  # by itself it would be found; among six pairs it is not
    assert got["q"].iloc[0] == pytest.approx(6 * p[0])


def test_names_in_their_order_have_no_inversion():
    assert inversions(table_of(a=80, b=50, c=20)).empty
