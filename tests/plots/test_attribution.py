import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from shared.plots import theme
from shared.plots.attribution import (
    plot_channel_map,
    plot_feeds,
    plot_models,
    plot_removal,
    plot_returns,
    plot_roles,
)
from shared.plots.attribution_map import NOTHING, SALE, line_width
from shared.report.figures import PHONE_COLUMN
from shared.report.narrow import pictures

WORDS = {"title": "A closes 40% of the sales", "source": "Contacts, n = 1,000 journeys"}
ROWS = [
    ("", "A", "start", 0.6), ("", "SALES", "start", 0.4), ("A", "SALES", "move", 0.3),
    ("SALES", "A", "move", 0.2), ("A", "", "sale", 0.4), ("SALES", "", "sale", 0.1),
    ("A", "", "end", 0.3), ("SALES", "", "end", 0.7),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _page_style():
    with mpl.rc_context(theme.STYLE):
        yield
    plt.close("all")


def arrows():
    return pd.DataFrame(ROWS, columns=["source", "target", "kind", "transition_probability"])


def shapes(ax, kind):
    return [patch for patch in ax.patches if type(patch) is kind]


def test_the_map_has_a_green_square_for_sales_a_grey_disc_for_nothing_and_a_node_per_channel():
    ax = plot_channel_map(arrows(), **WORDS)
    (square,) = shapes(ax, Rectangle)
    faces = [to_hex(disc.get_facecolor()) for disc in shapes(ax, Circle)]

    assert to_hex(square.get_facecolor()) == SALE
    assert square.get_width() == square.get_height()
    assert len(faces) == 2 + 2  # start and nothing, and two channels
    assert "#d3d8da" in faces
    said = [text.get_text() for text in ax.texts]
    assert said.count("SALES") == 1  # a channel, and not an end
    assert {"start", "sale", "no sale"} <= set(said)


def test_arrows_are_as_wide_as_their_probability_in_a_straight_line():
    ax = plot_channel_map(arrows(), **WORDS)
    widths = sorted(arrow.get_linewidth() for arrow in shapes(ax, FancyArrowPatch))
    wanted = sorted(line_width(p) for p in arrows()["transition_probability"])
    steps = np.diff([line_width(p) for p in (0.1, 0.2, 0.3, 0.4)])

    assert widths == pytest.approx(wanted)
    assert steps == pytest.approx(np.full(3, steps[0]))


def test_arrows_into_sales_are_green_and_those_into_nothing_grey_and_dashed():
    ax = plot_channel_map(arrows(), **WORDS)
    kinds = {}
    for arrow in shapes(ax, FancyArrowPatch):
        key = (to_hex(arrow.get_edgecolor()), arrow.get_linestyle())
        kinds[key] = kinds.get(key, 0) + 1

    assert kinds[SALE, "solid" if (SALE, "solid") in kinds else "-"] == 2
    assert kinds[NOTHING, "dashed" if (NOTHING, "dashed") in kinds else "--"] == 2


def test_names_from_data_are_no_formula_and_long_ones_are_cut():
    frame = arrows().replace({"SALES": "$ale$ of a very very long channel name indeed"})
    ax = plot_channel_map(frame, **WORDS)
    ax.figure.canvas.draw()

    assert any("…" in text.get_text() for text in ax.texts)


def test_a_name_breaks_at_its_underscore_and_a_phone_shows_the_whole_map():
    ax = plot_channel_map(arrows().replace({"A": "paid_search"}), **WORDS)

    assert "paid_\nsearch" in [text.get_text() for text in ax.texts]
    assert 0 < pictures(ax)[0].least_width <= PHONE_COLUMN


def test_where_contacts_lead_next_fits_a_phone():
    frame = pd.DataFrame(
        {"source": "Instagram", "target": ["Google Ads", "Organic Search", "Affiliate"],
         "transition_probability": [0.236, 0.205, 0.028], "low": [0.226, 0.195, 0.025],
         "high": [0.247, 0.215, 0.033], "usual": [0.102, 0.115, 0.058]}
    )  # fmt: skip

    ax = plot_feeds(frame, **WORDS)

    assert 0 < pictures(ax)[1].least_width <= PHONE_COLUMN


def charts():
    channels = ["Search", "Social"]
    models = pd.DataFrame(
        [(c, m, 0.5, 0.4, 0.6) for c in channels for m in ("First touch", "Markov chain")],
        columns=["channel", "model", "share", "low", "high"],
    )
    removal = pd.DataFrame({"channel": channels, "removal_effect": [0.5, 0.2], "low": [0.4, 0.1],
                            "high": [0.6, 0.3], "by_presence": [0.45, 0.3]})  # fmt: skip
    roles = pd.DataFrame({"channel": channels, "opens": [5, 3], "assists": [2, 6],
                          "closes": [7, 1]})  # fmt: skip
    feeds = pd.DataFrame({"source": ["Social"], "target": ["Search"], "low": [0.2], "high": [0.3],
                          "transition_probability": [0.25], "usual": [0.1]})  # fmt: skip
    returns = pd.DataFrame({"channel": channels, "cost_share": [0.8, 0.2],
                            "credit_share": [0.4, 0.6]})  # fmt: skip
    return [(plot_models, models), (plot_removal, removal), (plot_roles, roles),
            (plot_feeds, feeds), (plot_returns, returns)]  # fmt: skip


@pytest.mark.parametrize("place", range(5))
def test_a_chart_takes_the_given_axes_and_keeps_its_words(place):
    plot, frame = charts()[place]
    _, ax = plt.subplots()

    assert plot(frame, **WORDS, ax=ax) is ax
    assert theme.chart_words(ax).title == WORDS["title"]
    ax.figure.canvas.draw()


def test_bars_are_as_long_as_their_figures():
    (models, removal, roles, _feeds, _returns) = charts()

    assert [bar.get_width() for bar in models[0](models[1], **WORDS).patches] == [0.5] * 4
    assert [bar.get_width() for bar in removal[0](removal[1], **WORDS).patches] == [0.5, 0.2]
    assert sorted(bar.get_width() for bar in roles[0](roles[1], **WORDS).patches) == [
        1,
        2,
        3,
        5,
        6,
        7,
    ]


def test_the_interval_of_a_feeding_pair_is_drawn_from_low_to_high():
    plot, frame = charts()[3]
    ax = plot(frame, **WORDS)
    spans = [segment[:, 0].tolist() for lines in ax.collections for segment in lines.get_segments()]

    assert [0.2, 0.3] in spans
    assert [0.1, 0.25] in spans
