"""A chart is redrawn for a phone only where its labels still fit."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from shared.plots import theme
from shared.report import narrow
from shared.report.narrow import _collisions, pictures


def test_a_chart_with_short_labels_is_redrawn_on_less_width(bars):
    drawn = pictures(bars(size=(7.2, 4)))[1]
    assert (drawn.width, drawn.height) == (403, 384)


def test_a_picture_of_a_fixed_shape_leaves_no_bands_where_it_is_smaller():
    _, ax = plt.subplots(figsize=(7.2, 3.75), layout="constrained")
    ax.set(xlim=(0, 980), ylim=(0, 460), xticks=[], yticks=[], aspect="equal")

    drawn = pictures(ax)[1]

    assert drawn.width / drawn.height == pytest.approx(980 / 460, rel=0.05)


def test_a_chart_that_is_narrow_already_stays(bars):
    assert pictures(bars(size=(4.5, 3)))[1] is None


def test_labels_that_would_touch_keep_the_wide_picture(bars):
    names = [f"a rather long name {i}" for i in range(4)]
    assert pictures(bars(names, size=(7.2, 4)))[1] is None


@pytest.mark.parametrize(("gap", "touch"), [(1, True), (4, False)])
def test_numbers_side_by_side_touch_where_they_would_read_as_one(gap, touch):
    left, right = (Bbox.from_extents(x, 0, x + 30, 10) for x in (0, 30 + gap))

    assert bool(_collisions([(Text(), left), (Text(), right)])) == touch


def test_a_legend_below_the_chart_must_fit_the_screen_too(bars):
    def with_legend(*names):
        ax = bars(size=(7.2, 4))
        for name in names:
            ax.plot([], [], label=name)
        ax.figure.legend(loc="outside lower center", ncols=3)
        return ax

    assert pictures(with_legend("seen", "expected"))[1] is not None
    assert pictures(with_legend(*(f"a long name of line {i}" for i in range(3))))[1] is None


def test_a_label_must_stay_inside_its_field():
    def treemap(label):
        _, ax = plt.subplots(figsize=(7.2, 4), layout="constrained")
        ax.add_patch(Rectangle((0, 0), 0.4, 1, fill=False))
        ax.text(0.01, 0.5, label)
        ax.axis("off")
        return theme.finish(ax, title="1", source="x")

    assert pictures(treemap("Lost"))[1] is not None
    assert pictures(treemap("a label that is as wide as the field"))[1] is None


def test_a_long_label_of_an_axis_is_broken_into_lines(bars):
    ax = bars(size=(7.2, 4))
    ax.set_xlabel("A label below the axis, far too long for a phone, and yet all of it reads")

    assert pictures(ax)[1] is not None
    assert "\n" in ax.get_xlabel()


@pytest.mark.parametrize(("limit", "value"), [("HEAVIEST", 2_000), ("MOST_LABELS", 5)])
def test_a_second_picture_too_heavy_or_with_too_many_labels_is_not_worth_it(
    bars, monkeypatch, limit, value
):
    assert pictures(bars(size=(7.2, 4)))[1] is not None

    monkeypatch.setattr(narrow, limit, value)
    assert pictures(bars(size=(7.2, 4)))[1] is None


def test_the_least_width_on_which_no_label_touches_another_is_taken(bars):
    drawn = [
        pictures(bars([letters * i for i in ("a", "b", "c", "d")], size=(7.2, 4)))[1]
        for letters in range(1, 19)
    ]
    widths = [picture.width for picture in drawn if picture is not None]

    assert widths == sorted(widths)
    assert {round(inches * 96) for inches in narrow.WIDTHS} >= set(widths)
    assert len(set(widths)) > 1
    assert drawn[-1] is None


def test_a_tick_beyond_the_limits_of_its_axis_cuts_nothing(bars):
    ax = bars(size=(7.2, 4))
    low, high = ax.get_ylim()
    ax.set_yticks(
        [low, high, 40 * high], ["0", "all", "a label far above, wider than the page" * 3]
    )
    ax.set_ylim(low, high)

    assert pictures(ax)[1] is not None
