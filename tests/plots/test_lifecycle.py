from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from shared.analysis.lifecycle import MAY_BECOME, STAGES
from shared.analysis.lifecycle_flows import NOT_YET
from shared.loading.brand import contrast
from shared.plots import theme
from shared.plots.lifecycle import (
    STAGE_COLORS,
    plot_flow_history,
    plot_flow_matrix,
    plot_projection,
    plot_stages,
)
from shared.report.narrow import pictures

WORDS = {"title": "100 customers are active", "source": "Orders, n = 100 customers"}
MONTHS = pd.period_range("2024-01", periods=8, freq="M")
SIZES = dict(zip(STAGES, [300, 440, 870, 3, 1331, 530, 502], strict=True))


@pytest.fixture(autouse=True)
def _page_style():
    with mpl.rc_context(theme.STYLE):
        yield
    plt.close("all")


def stages(periods=MONTHS):
    rows = [(p, stage, n + 10 * i) for i, p in enumerate(periods) for stage, n in SIZES.items()]
    return pd.DataFrame(rows, columns=["period", "stage", "customers"])


def flows():
    rows = [(NOT_YET, "new", 323, 1.0)]
    rows += [(old, new, 10, 1 / len(may)) for old, may in MAY_BECOME.items() for new in may]
    return pd.DataFrame(rows, columns=["from_stage", "to_stage", "customers", "share"])


def history(periods=MONTHS):
    share = np.linspace(0.2, 0.3, len(periods))
    share[0] = np.nan
    return pd.DataFrame(
        {"period": periods, "before": 1000, "customers": 200 + np.arange(len(periods)),
         "share": share, "low": share - 0.03, "high": share + 0.03}
    )  # fmt: skip


def projection():
    rows = [
        (MONTHS[-1] + step, stage, n + 20.0 * step, n + 5.0 * step, n + 40.0 * step)
        for step in (1, 2)
        for stage, n in SIZES.items()
    ]
    table = pd.DataFrame(rows, columns=["period", "stage", "customers", "low", "high"])
    table.loc[table["stage"] == "new", ["low", "high"]] = np.nan
    return table


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def draw_all():
    return [
        plot_stages(stages(), unsettled=[], **WORDS),
        plot_flow_matrix(flows(), **WORDS),
        plot_flow_history(history(), ylabel="Share of active customers", **WORDS),
        plot_projection(projection(), now=pd.Series(SIZES), **WORDS),
    ]


def test_the_given_axes_come_back():
    _, axes = plt.subplots(4)

    drawn = [
        plot_stages(stages(), unsettled=[], ax=axes[0], **WORDS),
        plot_flow_matrix(flows(), ax=axes[1], **WORDS),
        plot_flow_history(history(), ylabel="Share", ax=axes[2], **WORDS),
        plot_projection(projection(), now=pd.Series(SIZES), ax=axes[3], **WORDS),
    ]

    assert all(ax is given for ax, given in zip(drawn, axes, strict=True))


def test_every_bar_is_as_high_as_the_base_and_the_last_one_is_labelled_with_its_stages():
    ax = plot_stages(stages(), unsettled=[], **WORDS)

    tops = {}
    for bar in ax.patches:
        tops[round(bar.get_x(), 2)] = max(
            tops.get(round(bar.get_x(), 2), 0), bar.get_y() + bar.get_height()
        )
    want = stages().groupby("period")["customers"].sum()
    assert list(tops.values()) == want.tolist()
    assert sorted(texts(ax)) == sorted(
        ["Active 1,401", "Asleep 572", "Falling asleep 600", "New 370", "One order 510",
         "One order, asleep 940", "Recovered 73"]
    )  # fmt: skip


def test_periods_with_customers_older_than_the_data_are_hatched_and_the_axis_says_so():
    ax = plot_stages(stages(), unsettled=list(MONTHS[:3]), **WORDS)
    plain = plot_stages(stages(), unsettled=[], **WORDS)

    hatched = [bar for bar in ax.patches if bar.get_hatch()]
    assert [round(bar.get_x() + bar.get_width() / 2) for bar in hatched] == [0, 1, 2]
    assert "older than the data" in ax.get_xlabel()
    assert not [bar for bar in plain.patches if bar.get_hatch()]
    assert not plain.get_xlabel()


def test_neighbouring_layers_differ_in_luminance():
    colors = [to_hex(color) for color in STAGE_COLORS.values()]

    steps = [contrast(a, b) for a, b in pairwise(colors)]
    assert min(steps) > 1.25
    assert set(STAGE_COLORS) == set(STAGES)


@pytest.mark.parametrize("tiny", [["recovered"], ["recovered", "new", "one_order", "asleep"]])
def test_labels_of_thin_layers_do_not_overlap(tiny):
    table = stages()
    table.loc[table["stage"].isin(tiny), "customers"] = 1
    ax = plot_stages(table, unsettled=[], **WORDS)

    ax.figure.draw_without_rendering()
    # An annotation's own extent would hold the line to its layer too.
    boxes = sorted((Text.get_window_extent(t) for t in ax.texts), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 1.5 for low, high in pairwise(boxes))


def test_the_flow_matrix_has_a_figure_in_every_possible_cell_and_a_dash_in_the_thirty_others():
    ax = plot_flow_matrix(flows(), **WORDS)

    said = texts(ax)
    assert len(said) == 8 * 7
    assert sum(text.startswith("10\n") for text in said) == 19
    assert said.count("323") == 1
    assert said.count("–") == 30 + 6
    assert ax.get_yticklabels()[0].get_text() == "Not yet a\ncustomer"


def test_a_stage_nobody_was_in_before_has_counts_without_shares():
    table = flows()
    row = table["from_stage"] == "asleep"
    table.loc[row, "customers"], table.loc[row, "share"] = 0, np.nan

    said = texts(plot_flow_matrix(table, **WORDS))

    assert said.count("0") == 2


def test_darker_cells_hold_larger_shares_and_their_figures_stay_readable():
    ax = plot_flow_matrix(flows(), **WORDS)

    by_cell = {(round(b.get_x() + b.get_width() / 2), round(b.get_y() + b.get_height() / 2)): b
               for b in ax.patches}  # fmt: skip
    for text in ax.texts:
        cell = by_cell[tuple(round(v) for v in text.xy)]
        if "\n" in text.get_text():
            assert contrast(to_hex(cell.get_facecolor()), to_hex(text.get_color())) >= 4.5
    half = contrast(to_hex(by_cell[4, 5].get_facecolor()), "#000000")
    quarter = contrast(to_hex(by_cell[4, 2].get_facecolor()), "#000000")
    assert half < quarter


def test_the_history_draws_a_bar_per_known_share_with_its_interval_and_count():
    ax = plot_flow_history(history(), ylabel="Share of active customers", **WORDS)

    known = history().dropna()
    assert [bar.get_height() for bar in ax.patches] == known["share"].tolist()
    (lines,) = ax.collections
    assert [(s[0][1], s[1][1]) for s in lines.get_segments()] == [
        *known[["low", "high"]].itertuples(index=False, name=None)
    ]
    assert texts(ax) == [str(n) for n in known["customers"]]


def test_a_long_history_labels_the_last_bar_only():
    long = history(pd.period_range("2022-01", periods=24, freq="M"))

    assert texts(plot_flow_history(long, ylabel="Share", **WORDS)) == ["223"]


def test_a_history_without_any_share_is_an_empty_chart():
    empty = history().assign(share=np.nan, low=np.nan, high=np.nan)

    ax = plot_flow_history(empty, ylabel="Share", **WORDS)

    assert len(ax.patches) == 0


def test_the_projection_shows_now_then_and_the_interval_and_calls_new_customers_assumed():
    ax = plot_projection(projection(), now=pd.Series(SIZES), **WORDS)

    said = dict(zip(STAGE_COLORS, texts(ax), strict=True))
    assert said["active"] == "1,331 → 1,371\n(1,341 to 1,411)"
    assert said["new"] == "300 → 340 assumed"
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["End of Aug 2024", "Projected, end of Oct 2024"]


@pytest.mark.parametrize("freq", ["M", "Q", "W"])
def test_period_labels_do_not_touch(freq):
    for count in (2, 6, 12, 24, 30):
        periods = pd.period_range("2022-01-03", periods=count, freq=freq)
        for ax in (
            plot_stages(stages(periods), unsettled=[], **WORDS),
            plot_flow_history(history(periods), ylabel="Share", **WORDS),
        ):
            ax.figure.draw_without_rendering()
            boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
            assert all(a.x1 < b.x0 for a, b in pairwise(boxes))
            plt.close(ax.figure)


def test_every_chart_has_a_narrow_version_for_a_phone():
    for ax in draw_all():
        assert pictures(ax)[1] is not None
