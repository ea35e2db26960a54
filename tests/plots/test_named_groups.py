import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from shared.plots import theme
from shared.plots.named_groups import plot_groups, plot_response

WORDS = {"title": "85 lost customers", "source": "Orders, n = 4,338 customers"}
GROUPS = pd.DataFrame(
    {
        "group": ["Best", "Regulars", "Lost best", "Biggest spenders, bought once"],
        "customers": [798.0, np.nan, 85.0, 7.0],
        "customer_share": [0.184, np.nan, 0.02, 0.002],
        "low": [0.173, np.nan, 0.016, 0.001],
        "high": [0.196, np.nan, 0.024, 0.004],
        "revenue_share": [0.62, np.nan, 0.035, np.nan],
        "unknown": ["", "the map of segments has no Loyal", "", ""],
    }
)
RESPONSE = pd.DataFrame(
    {
        "segment": ["Champions", "Loyal", "New", "Lost"],
        "treated": [305, 138, 4, 149],
        "response": [0.38, 0.22, np.nan, 0.04],
        "low": [0.33, 0.16, np.nan, 0.02],
        "high": [0.44, 0.30, np.nan, 0.09],
        "control_response": [0.33, 0.12, np.nan, 0.01],
        "control_low": [0.28, 0.07, np.nan, 0.0],
        "control_high": [0.39, 0.18, np.nan, 0.05],
    }
)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def marks(ax, label):
    (line,) = [line for line in ax.lines if line.get_label().startswith(label)]
    return line.get_xdata()


def names(ax):
    return [t.get_text().replace("\n", " ") for t in ax.get_yticklabels()]


def test_groups_stand_in_order_from_the_top_without_those_that_cannot_be_told():
    ax = plot_groups(GROUPS, **WORDS)

    assert names(ax) == ["Biggest spenders, bought once", "Lost best", "Best"]
    assert [t.get_text() for t in ax.texts] == ["n = 7", "n = 85", "n = 798"]


def test_both_shares_are_drawn_and_hidden_money_has_no_mark():
    ax = plot_groups(GROUPS, **WORDS)

    assert list(marks(ax, "Share of customers")) == [0.002, 0.02, 0.184]
    money = marks(ax, "Share of revenue")
    assert np.isnan(money[0])
    assert list(money[1:]) == [0.035, 0.62]


def test_the_intervals_are_those_of_the_table():
    ax = plot_groups(GROUPS, **WORDS)

    segments = [segment for lines in ax.collections for segment in lines.get_segments()]
    drawn = {tuple(segment[:, 0]) for segment in segments if len(segment)}
    assert {(0.173, 0.196), (0.016, 0.024), (0.001, 0.004)} <= drawn


def test_the_answer_of_each_segment_stands_beside_the_control_group():
    ax = plot_response(RESPONSE, **WORDS)

    assert names(ax) == ["Lost", "Loyal", "Champions"]
    assert list(marks(ax, "Got it")) == [0.04, 0.22, 0.38]
    assert list(marks(ax, "Control group")) == [0.01, 0.12, 0.33]


def test_without_a_control_group_only_the_answers_are_drawn():
    alone = RESPONSE.assign(control_response=np.nan, control_low=np.nan, control_high=np.nan)

    ax = plot_response(alone, **WORDS)

    assert [line.get_label()[:6] for line in ax.lines] == ["Got it"]


@pytest.mark.parametrize(("plot", "data"), [(plot_groups, GROUPS), (plot_response, RESPONSE)])
def test_one_row_is_drawn_on_the_given_axes_and_no_label_leaves_the_picture(plot, data):
    _, ax = plt.subplots(figsize=(5.6, 3))

    assert plot(data.head(1), ax=ax, **WORDS) is ax
    assert theme.chart_words(ax).source == WORDS["source"]
    figure = plot(data, **WORDS).get_figure()
    figure.draw_without_rendering()
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
