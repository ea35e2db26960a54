from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from shared.analysis.intervals import wilson
from shared.analysis.segment_transitions import NOT_YET
from shared.analysis.segments import SEGMENTS
from shared.plots.segment_history import plot_repurchase, plot_segment_sizes, plot_transitions

WORDS = {"title": "100 customers", "source": "Orders, n = 100 customers"}
NAMES = list(SEGMENTS)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def sizes_of(counts, periods=4):
    months = pd.period_range("2024-01", periods=periods, freq="M")
    return pd.DataFrame(
        [(month, name, n) for month in months for name, n in zip(NAMES, counts, strict=True)],
        columns=["period", "segment", "customers"],
    )


def test_the_areas_are_stacked_to_the_counts_with_the_best_segment_on_top():
    counts = [400, 250, 180, 120, 90, 60, 50, 40, 3, 200, 100]

    ax = plot_segment_sizes(sizes_of(counts), **WORDS)

    areas = {area.get_label(): area for area in ax.collections}
    for name, n in zip(NAMES, counts, strict=True):
        y = areas[name].get_paths()[0].vertices[:, 1]
        assert y.max() - y.min() == n
    tops = [areas[name].get_paths()[0].vertices[:, 1].max() for name in NAMES]
    assert tops == sorted(tops, reverse=True)
    assert tops[0] == sum(counts)


@pytest.mark.parametrize("small", [0, 1])
def test_every_area_is_named_beside_it_and_no_two_names_touch(small):
    ax = plot_segment_sizes(sizes_of([400, *[small] * 9, 100]), **WORDS)
    ax.get_figure().draw_without_rendering()

    named = [text for text in ax.texts if text.get_text() in NAMES]
    assert [t.get_text() for t in named] == ([NAMES[-1], NAMES[0]] if not small else NAMES[::-1])
    # The extent of an annotation holds its leader line too.
    boxes = sorted((Text.get_window_extent(text) for text in named), key=lambda box: box.y0)
    for lower, upper in pairwise(boxes):
        assert lower.y1 <= upper.y0 + 1
    assert boxes[-1].y1 <= ax.get_figure().bbox.y1


@pytest.mark.parametrize("periods", [2, 4, 7, 37])
def test_a_few_periods_are_written_the_last_one_among_them(periods):
    ax = plot_segment_sizes(sizes_of([10] * 11, periods=periods), **WORDS)

    ticks = [label.get_text() for label in ax.get_xticklabels()]
    last = pd.period_range("2024-01", periods=periods, freq="M")[-1].strftime("%b %Y")
    assert 2 <= len(ticks) <= 4
    assert ticks[-1].replace("\n", " ") == last.replace("Sep ", "Sept ")


def matrix(n=3):
    names = NAMES[:n]
    shares = pd.DataFrame(np.eye(n) * 0.7 + 0.3 / n, index=names, columns=names)
    shares.loc[NOT_YET] = [1.0] + [0.0] * (n - 1)
    return shares


def test_the_heat_table_writes_each_share_and_frames_those_who_stay():
    ax = plot_transitions(matrix(), **WORDS)

    assert texts(ax).count("80") == 3
    assert texts(ax).count("10") == 6
    assert texts(ax).count("100") == 1
    assert len(ax.patches) == 3
    assert [t.get_text() for t in ax.get_yticklabels()] == [*NAMES[:3], NOT_YET]
    assert [t.get_text() for t in ax.get_xticklabels()] == NAMES[:3]
    assert ax.yaxis_inverted()


def test_shares_that_are_blank_or_next_to_nothing_stay_unwritten():
    shares = matrix(2)
    shares.iloc[0] = [0.004, np.nan]

    assert len(texts(plot_transitions(shares, **WORDS))) == 3


def test_newcomers_are_set_apart_by_a_line():
    with_them, without = (
        plot_transitions(matrix(), **WORDS),
        plot_transitions(matrix().drop(NOT_YET), **WORDS),
    )

    assert len(with_them.lines) == 1
    assert not without.lines


def holdout():
    shares = [wilson(k, n) for k, n in ((70, 100), (0, 0), (20, 80), (9, 90))]
    return pd.DataFrame(
        {
            "segment": ["Champions", "Loyal", "New", "Lost"],
            "customers": [100, 0, 80, 90],
            "share": [s.value for s in shares],
            "low": [s.low for s in shares],
            "high": [s.high for s in shares],
            "finding": ["differs", "too few customers", "no difference found", "differs"],
        }
    )


def test_dots_lie_at_the_shares_with_the_best_segment_on_top_and_empty_ones_left_out():
    ax = plot_repurchase(holdout(), everyone=wilson(99, 270), **WORDS)

    line, filled, hollow = ax.lines
    assert line.get_xdata()[0] == pytest.approx(99 / 270)
    assert sorted(filled.get_xdata()) == pytest.approx([0.1, 0.7])
    assert hollow.get_xdata() == pytest.approx([0.25])
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["Lost (n = 90)", "New (n = 80)", "Champions (n = 100)"]
    assert dict(zip(filled.get_ydata(), filled.get_xdata(), strict=True)) == {0: 0.1, 2: 0.7}


def test_the_intervals_are_drawn_from_low_to_high():
    ax = plot_repurchase(holdout(), everyone=wilson(99, 270), **WORDS)

    (bars,) = ax.collections
    drawn = sorted((segment[0][0], segment[1][0]) for segment in bars.get_segments())
    want = sorted(zip(*holdout().dropna()[["low", "high"]].to_numpy().T, strict=True))
    assert np.array(drawn) == pytest.approx(np.array(want))


def test_given_axes_come_back():
    _, axes = plt.subplots(1, 3)

    assert plot_segment_sizes(sizes_of([5] * 11), ax=axes[0], **WORDS) is axes[0]
    assert plot_transitions(matrix(), ax=axes[1], **WORDS) is axes[1]
    assert plot_repurchase(holdout(), everyone=wilson(1, 2), ax=axes[2], **WORDS) is axes[2]
