"""Periods below a chart: the last one is always named, and none twice."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from shared.plots.period_axis import label_periods


def labelled(periods, *, most):
    _, ax = plt.subplots()
    label_periods(ax, list(periods), most=most)
    names = [label.get_text() for label in ax.get_xticklabels()]
    places = ax.get_xticks().tolist()
    plt.close("all")
    return places, names


def test_months_are_named_from_the_last_one_back():
    places, names = labelled(pd.period_range("2024-01", periods=7, freq="M"), most=3)

    assert places == [0, 3, 6]
    assert names == ["Jan\n2024", "Apr\n2024", "Jul\n2024"]


def test_a_week_is_named_by_the_day_it_begins_on():
    places, names = labelled(pd.period_range("2024-01-01", periods=6, freq="W-SUN"), most=6)

    assert places == [1, 3, 5]
    assert names[-1] == "5 Feb 2024"


@pytest.mark.parametrize("count", range(1, 30))
def test_never_more_names_than_fit_and_the_last_one_among_them(count):
    places, names = labelled(pd.period_range("2022-01", periods=count, freq="M"), most=4)

    assert len(names) == len(set(names)) <= 4
    assert places[-1] == count - 1
