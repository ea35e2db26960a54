"""A chart is redrawn for a phone only where its labels still fit."""

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

from shared.plots import theme
from shared.report.narrow import narrow_picture


def test_a_chart_with_short_labels_is_redrawn_on_less_width(bars):
    drawn = narrow_picture(bars(size=(7.2, 4)))
    assert (drawn.width, drawn.height) == (403, 384)


def test_a_chart_that_is_narrow_already_stays(bars):
    assert narrow_picture(bars(size=(4.5, 3))) is None


def test_labels_that_would_touch_keep_the_wide_picture(bars):
    names = [f"a rather long name {i}" for i in range(4)]
    assert narrow_picture(bars(names, size=(7.2, 4))) is None


def test_a_label_must_stay_inside_its_field():
    def treemap(label):
        _, ax = plt.subplots(figsize=(7.2, 4), layout="constrained")
        ax.add_patch(Rectangle((0, 0), 0.4, 1, fill=False))
        ax.text(0.01, 0.5, label)
        ax.axis("off")
        return theme.finish(ax, title="1", source="x")

    assert narrow_picture(treemap("Lost")) is not None
    assert narrow_picture(treemap("a label that is as wide as the field")) is None


def test_a_long_label_of_an_axis_is_broken_into_lines(bars):
    ax = bars(size=(7.2, 4))
    ax.set_xlabel("A label below the axis, far too long for a phone, and yet all of it reads")

    assert narrow_picture(ax) is not None
    assert "\n" in ax.get_xlabel()
