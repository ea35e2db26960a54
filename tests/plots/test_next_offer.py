import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from shared.loading.brand import contrast
from shared.plots import next_offer as draw
from shared.plots import theme

WORDS = {"title": "34 more orders", "source": "Orders, n = 3"}
METHODS = pd.DataFrame(
    {
        "method": ["own", "recent", "random"],
        "name": ["Own products again", "Recent bestsellers", "Random products"],
        "hit_rate": [0.8, 0.5, 0.1],
        "hit_rate_low": [0.75, 0.45, 0.08],
        "hit_rate_high": [0.85, 0.55, 0.12],
        "wins": [True, False, False],
    }
)
PAIRS = pd.DataFrame(
    {
        "group": ["tea", "tea", "cup"],
        "other_group": ["cup", "jam", "jam"],
        "lift": [2.0, 1.5, 3.0],
        "q": [0.001, 0.03, 0.2],
    }
)
PRICES = pd.DataFrame(
    {
        "category": ["tea", "cups"],
        "up": [0.5, 0.3],
        "same": [0.2, 0.4],
        "down": [0.3, 0.3],
        "finding": ["differs", "no difference found"],
    }
)


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    plt.close("all")


def moves():
    names = ["tea", "cup", "All others"]
    cells = [(a, b) for a in names for b in names]
    frame = pd.DataFrame(cells, columns=["from_group", "to_group"])
    return frame.assign(transition_probability=[0.5, 0.3, 0.2, 0.1, 0.6, 0.3, 0.2, 0.002, 0.798],
                        lift=[1.5, 1.4, 0.5, 0.6, 2.0, 0.9, 0.8, 0.1, 1.2],
                        q=[0.001, 0.02, np.nan, 0.9, 0.001, np.nan, np.nan, 0.9,
                           np.nan])  # fmt: skip


def texts(ax):
    return [text.get_text() for text in ax.texts]


def fills(ax):
    """Give the colour of each cell by row and column."""
    cells = [p for p in ax.patches if isinstance(p, Rectangle)]
    return {(round(p.get_y() + 0.5), round(p.get_x() + 0.5)): to_hex(p.get_facecolor())
            for p in cells}  # fmt: skip


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_the_given_axes_come_back_and_title_and_source_are_kept():
    _, ax = plt.subplots()

    assert draw.plot_hit_rates(METHODS, baseline="recent", ax=ax, **WORDS) is ax
    assert theme.chart_words(ax).title == WORDS["title"]
    for plot, data in ((draw.plot_affinity, PAIRS), (draw.plot_next_purchase, moves()),
                       (draw.plot_price_moves, PRICES)):  # fmt: skip
        _, ax = plt.subplots()
        assert plot(data, ax=ax, **WORDS) is ax
        assert theme.chart_words(ax).source == WORDS["source"]


def test_methods_stand_best_on_top_and_the_line_is_the_baseline():
    ax = draw.plot_hit_rates(METHODS, baseline="recent", **WORDS)

    assert labels(ax.yaxis) == ["Random products", "Recent bestsellers", "Own products again"]
    assert ax.lines[0].get_xdata()[0] == 0.5
    assert texts(ax) == ["10%", "50%", "80%"]
    filled, hollow = ax.lines[1], ax.lines[2]
    assert filled.get_xdata().tolist() == [0.8]
    assert hollow.get_markerfacecolor() == "white"


def test_pairs_without_evidence_are_white_and_the_map_is_symmetric():
    ax = draw.plot_affinity(PAIRS, **WORDS)

    color = fills(ax)
    assert color[0, 1] == color[1, 0] != "#ffffff"  # tea and cup, reliable
    assert color[1, 2] == color[2, 1] == "#ffffff"  # cup and jam: lift 3, but q above 5 %
    assert color[0, 2] not in ("#ffffff", color[0, 1])  # weaker, so paler
    assert color[0, 0] == color[1, 1] == draw.MASKED
    written = texts(ax)
    assert sorted(written) == ["1.5°", "1.5°", "2.0", "2.0", "3.0", "3.0"]
    assert labels(ax.xaxis) == ["1", "2", "3"]
    assert [label.split()[-1] for label in labels(ax.yaxis)] == ["1", "2", "3"]


def test_darker_is_stronger_and_every_number_can_be_read():
    stops = draw.GREENS_STOPS

    steps = [contrast(pale, "#000000") for pale in stops]
    assert steps == sorted(steps, reverse=True)
    assert contrast(stops[0], stops[-1]) > 7
    for color in [*stops, draw.MASKED, "#ffffff"]:
        assert contrast(theme.ink_on(color), color) >= 4.5


def test_the_next_purchase_has_its_diagonal_masked_and_small_shares_are_no_zero():
    ax = draw.plot_next_purchase(moves(), **WORDS)

    color = fills(ax)
    assert {color[i, i] for i in range(3)} == {draw.MASKED}
    assert color[0, 1] not in ("#ffffff", draw.MASKED)
    assert color[1, 0] == color[0, 2] == "#ffffff"
    written = texts(ax)
    assert "<1" in written
    assert "30°" in written
    assert ax.get_ylabel() == "Bought before"


def test_moves_in_price_fill_the_bar_and_a_drift_is_starred():
    ax = draw.plot_price_moves(PRICES, **WORDS)

    ends = [bar.get_x() + bar.get_width() for bar in ax.containers[-1]]
    assert ends == pytest.approx([1, 1])
    assert labels(ax.yaxis) == ["cups", "tea *"]
    assert "* up and down differ" in ax.get_xlabel()
    assert "30%" in texts(ax)


def test_weeks_are_bars_and_overdue_stands_apart():
    weeks = pd.DataFrame({"week": [0, 1, 2], "due": [1200, 30, 0]})

    ax = draw.plot_due(weeks, **WORDS)

    assert [bar.get_height() for bar in ax.patches] == [1200, 30, 0]
    assert texts(ax) == ["1,200", "30", "0"]
    assert labels(ax.xaxis) == ["overdue", "week 1", "week 2"]
    assert to_hex(ax.patches[0].get_facecolor()) == theme.NEGATIVE
    assert to_hex(ax.patches[1].get_facecolor()) == theme.POSITIVE


def test_names_with_dollars_are_names_and_long_ones_are_shortened():
    pairs = PAIRS.assign(group="$x$ a name that is far too long to stand beside a row")

    ax = draw.plot_affinity(pairs, **WORDS)

    first = labels(ax.yaxis)[0]
    assert first.startswith(r"\$x\$")
    assert "…" in first


def test_nothing_reliable_is_drawn_all_white():
    ax = draw.plot_affinity(PAIRS.assign(q=np.nan), **WORDS)

    off = [color for (i, j), color in fills(ax).items() if i != j]
    assert set(off) == {"#ffffff"}


def test_a_column_without_a_row_is_named_below_and_rare_moves_get_a_decimal():
    table = moves()
    table = table[table["from_group"] != "All others"].assign(
        transition_probability=[0.012, 0.004, 0.984, 0.03, 0.0002, 0.9698], lift=1.0
    )

    ax = draw.plot_next_purchase(table, **WORDS)

    assert "3: all others." in ax.get_xlabel()
    assert ax.get_legend() is None
    written = [text.get_text() for text in ax.texts]
    assert written == ["1.2", "0.4", "98", "3.0", "<0.1", "97"]
