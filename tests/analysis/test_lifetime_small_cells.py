"""Small cells: nothing under ten is shown, and nothing gives it away by subtraction."""

import numpy as np
import pandas as pd
import pytest

from shared.analysis.lifetime_small_cells import shown_idle, shown_ranks
from shared.analysis.small_cells import withheld


def matrix(counts):
    size = len(counts)
    rows = [(a + 1, b + 1, counts[a][b]) for a in range(size) for b in range(size)]
    table = pd.DataFrame(rows, columns=["fifth_now", "fifth_future", "customers"])
    return table.assign(share=table["customers"] / 100)


def test_a_single_small_cell_takes_one_of_its_row_and_of_its_column_along():
    got = shown_ranks(matrix([[3, 40, 50], [60, 20, 30], [70, 80, 90]]))

    blank = got["customers"].isna().to_numpy().reshape(3, 3)
    assert blank.tolist() == [[True, True, False], [True, True, False], [False] * 3]
    assert got["share"].isna().equals(got["customers"].isna())


@pytest.mark.parametrize("seed", range(5))
def test_no_row_or_column_withholds_one_cell_alone(seed):
    counts = np.random.default_rng(seed).poisson(14, (5, 5))

    blank = shown_ranks(matrix(counts))["customers"].isna().to_numpy().reshape(5, 5)

    assert blank[(counts > 0) & (counts < 10)].all()
    assert 1 not in {*blank.sum(axis=0), *blank.sum(axis=1)}


def test_without_small_cells_all_are_shown():
    assert not shown_ranks(matrix([[10, 0], [0, 10]]))["customers"].isna().any()


def test_a_row_of_one_small_cell_hides_a_zero_with_it():
    hidden = withheld(pd.Series([5, 0, 0]), [pd.Series([0, 0, 0])])

    assert hidden.tolist() == [True, True, False]


def test_money_of_few_idle_customers_is_blank_and_so_is_the_next_segment():
    idle = pd.DataFrame({"segment": ["A", "B", "C"], "customers": [90, 80, 70], "idle": [2, 30, 12],
                         **dict.fromkeys(["idle_share", "low", "high", "idle_past_value",
                                          "idle_past_share", "idle_value"], 1.0)})  # fmt: skip

    got = shown_idle(idle).set_index("segment")

    assert got["idle"].isna().tolist() == [True, False, True]
    assert got["idle_past_value"].isna().tolist() == [True, False, True]
    assert got["customers"].tolist() == [90, 80, 70]
