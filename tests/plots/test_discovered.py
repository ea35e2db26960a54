import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from shared.plots import theme
from shared.plots.discovered import plot_discovered, plot_vote
from shared.plots.locales import Wording
from shared.report.narrow import pictures

WORDS = {"title": "4 bands", "source": "Orders, n = 100 customers"}
VOTE = pd.DataFrame(
    {"clusters": [1, 2, 3], "silhouette": [np.nan, 0.5, 0.4], "gap": [0.0, -0.1, -0.2],
     "gap_error": [0.01, 0.02, 0.01], "stability": [np.nan, 0.99, 0.7]}
)  # fmt: skip
VOTES = {"silhouette": 2, "gap": 1, "stability": 2}
PROFILES = pd.DataFrame(
    {"segment": ["D1", "D2"], "customer_share": [0.25, 0.75],
     "recency_days_low": [3.0, 60.0], "recency_days": [8.0, 90.0], "recency_days_high": [20.0, 300],
     "frequency_low": [5.0, 1.0], "frequency": [9.0, 1.0], "frequency_high": [14.0, 1.0],
     "monetary_low": [500.0, 20.0], "monetary": [900.0, 35.0], "monetary_high": [1500.0, 50.0]}
)  # fmt: skip


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def vote_axes(**given):
    return plot_vote(VOTE, votes=VOTES, stable=0.85, **WORDS, **given)


def texts(ax):
    return [t.get_text() for t in ax.texts]


def test_each_criterion_has_a_panel_that_names_its_vote_and_marks_it():
    panels = vote_axes().figure.axes

    assert [texts(p)[0] for p in panels] == ["Silhouette: 2", "Gap: 1", "Stability: 2"]
    marked = [p.lines[-1].get_xydata().tolist() for p in panels]
    assert marked == [[[2, 0.5]], [[1, 0.0]], [[2, 0.99]]]


def test_a_criterion_that_does_not_know_one_cluster_is_not_drawn_there():
    silhouette, gap, stability = vote_axes().figure.axes

    assert silhouette.lines[0].get_xdata().tolist() == [2, 3]
    assert gap.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert silhouette.get_xlim() == gap.get_xlim() == stability.get_xlim()


def test_the_least_stability_is_drawn_as_a_line():
    stability = vote_axes().figure.axes[2]

    assert [0.85, 0.85] in [list(line.get_ydata()) for line in stability.lines]


def test_each_measure_shows_the_middle_half_and_writes_the_median():
    panels = plot_discovered(PROFILES, **WORDS).figure.axes

    assert [texts(p)[-1] for p in panels] == ["Days since the last order", "Orders", "Spend so far"]
    assert texts(panels[2])[:2] == ["€900", "€35"]
    bars = [segment[:, 0].tolist() for segment in panels[0].collections[0].get_segments()]
    assert bars == [[3, 20], [60, 300]]
    assert panels[0].lines[0].get_xdata().tolist() == [8, 90]


def test_the_best_segment_is_on_top_with_its_share():
    ax = plot_discovered(PROFILES, **WORDS)

    assert [t.get_text() for t in ax.get_yticklabels()] == ["D1, 25%", "D2, 75%"]
    assert ax.yaxis_inverted()


def test_items_stand_for_money_where_there_are_no_prices():
    theme.use(Wording("en_GB", "EUR", "items"), brand=None)

    ax = plot_discovered(PROFILES, **WORDS)

    theme.use(Wording(), brand=None)
    assert texts(ax.figure.axes[2])[-1] == "Items bought"


def test_customers_without_money_do_not_stop_the_chart():
    low = PROFILES.assign(monetary_low=[500.0, -5.0])

    pictures(plot_discovered(low, **WORDS))


@pytest.mark.parametrize("plot", [vote_axes, lambda ax: plot_discovered(PROFILES, **WORDS, ax=ax)])
def test_the_given_axes_come_back_with_title_and_source(plot):
    _, ax = plt.subplots(layout="constrained")

    assert plot(ax=ax) is ax
    assert theme.chart_words(ax) == theme.ChartWords(**WORDS)
    assert len(ax.figure.axes) == 3


def test_the_picture_is_the_same_each_time():
    assert pictures(vote_axes()) == pictures(vote_axes())
