from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.legend import Legend
from matplotlib.patches import PathPatch
from matplotlib.transforms import Bbox

from shared.analysis.basket_groups import APART, CROSS_SELL
from shared.plots import theme
from shared.plots.basket import (
    plot_bundles,
    plot_companions,
    plot_cross_sell_map,
    plot_groups,
    plot_readings,
    plot_stock_link,
)

WORDS = {"title": "12 pairs are robust", "source": "Orders, n = 1,000 baskets"}
LONG = "Harbour House Espresso with a very long name 250 g"


@pytest.fixture(autouse=True)
def _page_style():
    with mpl.rc_context(theme.STYLE):
        yield
    plt.close("all")


def pairs(n, *, products=26, groups=6):
    """Make n pairs among so many products, their lifts from 1.2 upwards."""
    chosen = list(combinations(range(products), 2))
    ring = [(i, (i + 1) % products) for i in range(products)]
    chosen = (ring + [c for c in chosen if c not in ring])[:n]
    return pd.DataFrame(
        [
            {"product_a": f"{LONG} {a:02d}"[-40:], "product_b": f"{LONG} {b:02d}"[-40:],
             "category_a": f"Group {a % groups}", "category_b": f"Group {b % groups}",
             "lift": 1.2 + 0.35 * i}
            for i, (a, b) in enumerate(chosen)
        ]
    )  # fmt: skip


def bands():
    return pd.DataFrame({"band": ["below 1", "1 to 2", "2 and more"], "pairs": [40, 20, 5],
                         "robust": [0, 3, 4], "doubtful": [0, 2, 1],
                         "chance": [40, 15, 0]})  # fmt: skip


def companions():
    return pd.DataFrame({"product_a": ["Tea", LONG], "product_b": ["Cup", "Pot"],
                         "confidence": [0.2, 0.1], "low": [0.15, 0.05], "high": [0.26, 0.2],
                         "base": [0.08, 0.04]})  # fmt: skip


def bundles():
    return pd.DataFrame({"product_a": ["Tea", LONG], "product_b": ["Cup", "Pot"],
                         "cost": [5.0, 7.0], "floor_price": [8.0, 9.5],
                         "list_price": [10.0, 12.0]})  # fmt: skip


def groups():
    return pd.DataFrame({"group_a": ["A", "B", "C"], "group_b": ["D", "E", "F"],
                         "size_lift": [1.4, 1.05, 0.5], "size_low": [1.2, 0.9, 0.4],
                         "size_high": [1.6, 1.2, 0.6],
                         "reading": [CROSS_SELL, "not settled", APART]})  # fmt: skip


def weeks(lag=3):
    index = pd.period_range("2024-01-01", periods=60, freq="W", name="week")
    core = np.sin(np.arange(60) / 5)
    moved = np.where(np.arange(60) < 60 - lag, core * 2, np.nan)
    return pd.DataFrame({"core": core, "consumable": moved}, index=index)


def draw_all(axes=None):
    ax = axes if axes is not None else [None] * 6
    return [
        plot_readings(bands(), ax=ax[0], **WORDS),
        plot_cross_sell_map(pairs(8, products=8), ax=ax[1], **WORDS),
        plot_companions(companions(), ax=ax[2], **WORDS),
        plot_bundles(bundles(), ax=ax[3], **WORDS),
        plot_groups(groups(), ax=ax[4], **WORDS),
        plot_stock_link(weeks(), core="Press", consumable="Filter", lag_weeks=3, ax=ax[5], **WORDS),
    ]


def widths(ax):
    return np.array([p.get_linewidth() for p in ax.patches if isinstance(p, PathPatch)])


def turned_boxes(ax):
    """Give each label as the rectangle it takes, in its own turned frame, and the turn."""
    renderer = ax.figure.canvas.get_renderer()
    found = []
    for text in ax.texts:
        turn = text.get_rotation()
        text.set_rotation(0)
        box = text.get_window_extent(renderer)
        text.set_rotation(turn)
        pivot = ax.transData.transform(text.get_position())
        found.append((box, pivot, np.radians(turn)))
    return found


def corners(box, pivot, turn):
    x = np.array([[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]]) - pivot
    c, s = np.cos(turn), np.sin(turn)
    return x @ np.array([[c, s], [-s, c]]) + pivot


def overlap(first, second):
    """Tell whether two turned rectangles meet: no line separates them."""
    for one, other in ((first, second), (second, first)):
        for i in range(4):
            edge = one[(i + 1) % 4] - one[i]
            normal = np.array([-edge[1], edge[0]])
            a, b = one @ normal, other @ normal
            if a.max() <= b.min() + 1e-9 or b.max() <= a.min() + 1e-9:
                return False
    return True


def test_the_given_axes_come_back():
    _, axes = plt.subplots(6)

    assert all(a is b for a, b in zip(draw_all(axes), axes, strict=True))


@pytest.mark.parametrize("lifts", [[1.5, 2.0, 4.0], [1.1, 30.0, 760.0]])
def test_the_width_of_a_line_is_linear_in_the_lift(lifts):
    drawn = pairs(3, products=4).assign(lift=lifts)

    got = widths(plot_cross_sell_map(drawn, **WORDS))

    slope, start = np.polyfit(lifts, got, 1)
    assert got == pytest.approx(start + slope * np.array(lifts), rel=0.02)
    assert slope > 0
    assert got[0] >= 0.7


def test_the_legend_shows_three_widths_on_the_same_line():
    drawn = pairs(12, products=12)

    ax = plot_cross_sell_map(drawn, **WORDS)

    legend = next(c for c in ax.get_children() if isinstance(c, Legend)
                  and "lift" in c.get_texts()[0].get_text())  # fmt: skip
    shown = [float(t.get_text().split()[1]) for t in legend.get_texts()]
    thick = [line.get_linewidth() for line in legend.get_lines()]
    slope, start = np.polyfit(drawn["lift"], widths(ax), 1)
    assert len(shown) == 3
    assert thick == pytest.approx([start + slope * x for x in shown], rel=0.02)


@pytest.mark.parametrize("products", [2, 8, 20, 26])
@pytest.mark.parametrize("write", [str.title, str.upper])
def test_no_label_of_the_map_overlaps_another_or_leaves_the_picture(products, write):
    drawn = pairs(min(30, products), products=products)
    for side in ("product_a", "product_b"):
        drawn[side] = drawn[side].map(write)
    ax = plot_cross_sell_map(drawn, **WORDS)
    ax.figure.draw_without_rendering()

    boxes = [corners(*found) for found in turned_boxes(ax)]

    assert len(boxes) == products
    for first, second in combinations(boxes, 2):
        assert not overlap(first, second)
    top = max(c.get_window_extent().y1 for c in ax.get_children() if isinstance(c, Legend))
    page = Bbox.from_extents(0, top, *ax.figure.bbox.size)
    assert all(page.contains(*corner) for box in boxes for corner in box)


def test_long_names_that_begin_alike_are_told_apart_by_their_ends():
    drawn = pairs(1, products=2).assign(
        product_a="GARDENERS KNEELING PAD CUP OF TEA", product_b="GARDENERS KNEELING PAD KEEP CALM"
    )

    ax = plot_cross_sell_map(drawn, **WORDS)

    assert [t.get_text() for t in ax.texts] == ["GARDENERS\n…CUP OF TEA", "GARDENERS\n…KEEP CALM"]


@pytest.mark.parametrize("plot", [plot_companions, plot_bundles])
def test_long_names_leave_a_narrow_picture_its_marks(plot):
    drawn = {plot_companions: companions, plot_bundles: bundles}[plot]()
    drawn["product_a"] = "PINK REGENCY TEACUP AND SAUCER"
    ax = plot(drawn, **WORDS)

    ax.figure.set_size_inches(4.2, 4)
    ax.figure.draw_without_rendering()  # a warning, and so an error, where the axes collapse

    assert ax.get_window_extent().width > 0.25 * ax.figure.bbox.width


def test_a_pair_within_one_group_has_its_colour_and_one_across_is_grey():
    drawn = pairs(2, products=4)
    drawn.loc[0, ["category_a", "category_b"]] = "Group 1"
    drawn.loc[1, ["category_a", "category_b"]] = ["Group 1", "Group 2"]

    lines = [p for p in plot_cross_sell_map(drawn, **WORDS).patches if isinstance(p, PathPatch)]

    colours = [mpl.colors.to_hex(line.get_edgecolor()) for line in lines]
    assert colours[0] in theme.CATEGORIES
    assert colours[1] == theme.CONTEXT


def test_more_groups_than_colours_share_the_last_one():
    ax = plot_cross_sell_map(pairs(20, products=20, groups=12), **WORDS)

    names = [t.get_text() for t in ax.get_legend().get_texts()]
    assert len(names) == len(theme.CATEGORIES)
    assert "Other groups" in names


def test_without_groups_the_map_has_one_mark_and_the_legend_of_widths():
    bare = pairs(6, products=6).assign(category_a=None, category_b=None)

    ax = plot_cross_sell_map(bare, **WORDS)

    assert "lift" in ax.get_legend().get_texts()[0].get_text()


def test_each_band_is_filled_and_tells_its_counts():
    ax = plot_readings(bands(), **WORDS)

    ends = {}
    for bar in ax.patches:
        ends[round(bar.get_y(), 2)] = bar.get_x() + bar.get_width()
    assert list(ends.values()) == pytest.approx([1, 1, 1])
    assert [t.get_text() for t in ax.texts] == ["0 of 40", "3 of 20", "4 of 5"]


def test_marks_of_companions_stand_at_what_was_seen_and_expected():
    ax = plot_companions(companions(), **WORDS)

    expected, seen = (sorted(line.get_xdata()) for line in ax.lines)
    assert expected == [0.04, 0.08]
    assert seen == [0.1, 0.2]


def test_a_bundle_reaches_from_cost_to_list_price_and_names_its_floor():
    ax = plot_bundles(bundles(), **WORDS)

    assert {round(b.get_x() + b.get_width(), 2) for b in ax.patches} == {5, 7, 10, 12}
    assert list(ax.lines[0].get_xdata()) == [8.0, 9.5]
    assert all(t.get_text() for t in ax.texts)


def test_settled_groups_are_filled_and_the_others_hollow():
    ax = plot_groups(groups(), **WORDS)

    marks = [line for line in ax.lines if len(line.get_xdata()) == 1]
    faces = {line.get_label(): line.get_markerfacecolor() for line in marks}
    assert faces["neither for sure"] == "white"
    assert faces["cross-sell"] == theme.POSITIVE
    assert faces["keep apart"] == theme.NEGATIVE


def test_the_lines_of_a_link_differ_in_dash_and_say_the_lag():
    ax = plot_stock_link(weeks(), core="Press", consumable="Filter", lag_weeks=1, **WORDS)

    drawn = [line for line in ax.lines if len(line.get_xdata()) > 2]
    assert len({line.get_linestyle() for line in drawn}) == 2
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["Press", "Filter, 1 week later"]


@pytest.mark.parametrize("name", ["Tea $5", "<b>", "a_b^c", "50 % {x}"])
def test_names_from_data_are_drawn_letter_for_letter(name):
    drawn = pairs(3, products=4)
    drawn.loc[:, "product_a"] = [name, "b", "c"]

    ax = plot_cross_sell_map(drawn, **WORDS)
    ax.figure.draw_without_rendering()

    assert name.replace("$", r"\$") in [t.get_text().replace("\u00a0", " ") for t in ax.texts]
