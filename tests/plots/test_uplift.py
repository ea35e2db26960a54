import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from shared.analysis.uplift_quadrants import TYPES
from shared.plots import theme
from shared.plots.uplift import (
    plot_bounds,
    plot_deciles,
    plot_effects,
    plot_matrix,
    plot_overlap,
    plot_profit,
    plot_qini,
)

WORDS = {"title": "8 more in 100 responded", "source": "Campaigns, n = 1,000 customers"}


@pytest.fixture(autouse=True)
def _page_style():
    with mpl.rc_context(theme.STYLE):
        yield
    plt.close("all")


def deciles():
    rng = np.random.default_rng(0)
    control = np.round(rng.uniform(0.1, 0.3, 10), 3)
    treated = np.round(control + np.linspace(0.3, -0.1, 10), 3)
    made = {"decile": np.arange(10, 0, -1), "treated": 100 + np.arange(10), "control": 90}
    for side, rate in (("treated", treated), ("control", control)):
        made |= {f"{side}_rate": rate, f"{side}_low": rate - 0.02, f"{side}_high": rate + 0.02}
    return pd.DataFrame(made).assign(uplift=treated - control)


def test_the_tenth_decile_stands_at_the_far_left_and_bars_are_as_high_as_the_table():
    table = deciles()
    ax = plot_deciles(table, **WORDS)
    treated, control = ax.containers

    assert [round(bar.get_height(), 3) for bar in treated] == table["treated_rate"].tolist()
    assert [round(bar.get_height(), 3) for bar in control] == table["control_rate"].tolist()
    assert ax.get_xticklabels()[0].get_text().split("\n") == ["10", "100", "90"]
    assert to_hex(treated[0].get_facecolor()) == theme.HIGHLIGHT
    red, green, blue = mpl.colors.to_rgb(control[0].get_facecolor())
    assert max(red, green, blue) - min(red, green, blue) < 0.06  # grey
    assert control[0].get_hatch()
    assert not treated[0].get_hatch()


def test_each_bar_of_a_decile_has_its_interval_and_each_pair_its_difference():
    table = deciles()
    ax = plot_deciles(table, **WORDS)

    drawn = sorted(round(float(s[0, 1]), 3) for c in ax.collections for s in c.get_segments())
    wanted = sorted([*table["treated_low"].round(3), *table["control_low"].round(3)])
    assert drawn == pytest.approx(wanted)
    texts = [t.get_text() for t in ax.texts]
    assert texts[0] == "+30.0"
    assert texts[-1] == "-10.0"
    assert len(texts) == 10


def segments(n=3):
    return pd.DataFrame({"segment": [f"Segment {i}" for i in range(n)],
                         "uplift": np.linspace(0.2, -0.05, n), "low": np.linspace(0.1, -0.1, n),
                         "high": np.linspace(0.3, 0.02, n),
                         "finding": ["differs", *["not settled"] * (n - 1)]})  # fmt: skip


def test_segments_stand_in_the_order_given_and_unsettled_ones_are_hollow():
    ax = plot_effects(segments(), **WORDS)
    found, other = [line for line in ax.lines if line.get_marker() == "o"]

    assert found.get_xdata().tolist() == [20.0]
    assert len(other.get_xdata()) == 2
    assert other.get_markerfacecolor() == "white"
    assert ax.get_yticklabels()[0].get_text() == "Segment 0"
    assert ax.get_yticks()[0] == 2


def test_the_qini_curve_has_its_band_and_a_dashed_line_by_lot():
    share = np.linspace(0, 1, 5)
    curve = pd.DataFrame({"share": share, "gain": 80 * np.sqrt(share), "random": 80 * share,
                          "low": 60 * share, "high": 99 * np.sqrt(share)})  # fmt: skip
    ax = plot_qini(curve, **WORDS)
    ranked, lot = ax.lines

    assert ranked.get_ydata().tolist() == curve["gain"].tolist()
    assert (ranked.get_linestyle(), lot.get_linestyle()) == ("-", "--")
    assert len(ax.collections) == 1


def test_the_matrix_puts_the_chance_without_across_and_the_chance_with_upwards():
    cells = pd.DataFrame({"without": [0.1, 0.5], "with_it": [0.4, 0.2], "customers": [90, 10]})
    shares = dict(zip(TYPES, [0.5, 0.1, 0.3, 0.1], strict=True))
    ax = plot_matrix(cells, moved=0.02, likely=0.3, shares=shares, **WORDS)

    marks = ax.collections[-1]
    assert marks.get_offsets().tolist() == [[0.1, 0.4], [0.5, 0.2]]
    assert marks.get_sizes()[0] > marks.get_sizes()[1]
    assert "without" in ax.get_xlabel()
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert [name.split(":")[0] for name in named] == list(TYPES)
    assert "50%" in named[0]
    assert "target" in named[0]
    placed = {t.get_text(): t.xy for t in ax.texts}
    assert placed["Persuadables"][1] > placed["Persuadables"][0]
    assert placed["Sleeping Dogs"][1] < placed["Sleeping Dogs"][0]


def test_bounds_profit_and_overlap_draw_the_numbers_given():
    bounds = pd.DataFrame({"type": TYPES, "low": [0.07, 0, 0.71, 0],
                           "high": [0.18, 0.11, 0.82, 0.11],
                           "outer_low": [0.05, 0, 0.7, 0],
                           "outer_high": [0.2, 0.12, 0.85, 0.12]})  # fmt: skip
    ax = plot_bounds(bounds, **WORDS)
    assert [round(bar.get_width(), 2) for bar in ax.containers[0]] == [0.11, 0.11, 0.11, 0.11]
    assert ax.texts[0].get_text() == "7% to 18%"

    curve = pd.DataFrame({"share": [0.5, 1.0], "profit": [900.0, 100.0], "low": [500.0, -300.0],
                          "high": [1300.0, 500.0], "response_profit": [200.0, 100.0]})  # fmt: skip
    ax = plot_profit(curve, best_share=0.5, **WORDS)
    profit = next(line for line in ax.lines if line.get_label() == "by predicted uplift")
    assert profit.get_ydata().tolist() == [0, 900, 100]
    assert [float(x.get_xdata()[0]) for x in ax.lines if x.get_marker() == "D"] == [0.5]

    overlap = pd.DataFrame({"low": [0.0, 0.5], "high": [0.5, 1.0], "treated": [1, 9],
                            "control": [8, 2]})  # fmt: skip
    ax = plot_overlap(overlap, **WORDS)
    assert [bar.get_height() for bar in ax.containers[0]] == [1, 9]
    assert [bar.get_height() for bar in ax.containers[1]] == [-8, -2]
    assert not any("-" in t.get_text() or "\u2212" in t.get_text() for t in ax.get_yticklabels())


def test_given_axes_come_back():
    _figure, ax = plt.subplots()

    assert plot_deciles(deciles(), ax=ax, **WORDS) is ax
