"""Charts of survival: at-risk counts under the axis, direct labels, and a picture struck out."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from shared.plots import theme
from shared.plots.churn import plot_due, plot_forecast, plot_groups
from shared.plots.survival import plot_hazard, plot_survival
from shared.report.compact_svg import compact
from shared.report.figures import svg_of
from shared.report.narrow import pictures

WORDS = {"title": "Half of the customers are lost after 40 days", "source": "Orders, n = 300"}


@pytest.fixture(autouse=True)
def _page_style():
    with mpl.rc_context(theme.STYLE):
        yield
    plt.close("all")


def curve(name, *, rate=0.01, start=0, days=120):
    day = np.arange(0, days)
    share = np.exp(-rate * day)
    return pd.DataFrame(
        {"group": name, "duration": day + start, "survival": share, "low": share * 0.95,
         "high": np.minimum(share * 1.05, 1), "at_risk": (300 * share).astype(int)}
    )  # fmt: skip


def pair(**more):
    return pd.concat([curve("Members", **more), curve("Standard", rate=0.02, **more)])


def texts(ax):
    ax.figure.draw_without_rendering()
    return [t.get_text() for t in ax.figure.findobj(Text) if t.get_text()]


def lines(ax, label):
    return [line for line in ax.lines if line.get_label() == label]


def test_the_given_axes_come_back_with_title_and_source():
    _, ax = plt.subplots()

    assert plot_survival(curve("All customers"), ax=ax, **WORDS) is ax
    assert theme.chart_words(ax).title == WORDS["title"]


def test_members_are_green_and_solid_and_others_red_and_dashed_with_labels():
    ax = plot_survival(pair(), **WORDS)

    members, standard = lines(ax, "Members")[0], lines(ax, "Standard")[0]
    assert (to_hex(members.get_color()), members.get_linestyle()) == (theme.POSITIVE, "-")
    assert (to_hex(standard.get_color()), standard.get_linestyle()) == (theme.NEGATIVE, "--")
    assert {"Members 30%", "Standard 9%"} <= set(texts(ax))


def test_the_numbers_at_risk_under_the_axis_are_those_of_the_curve():
    data = pair()
    ax = plot_survival(data, **WORDS)

    written = texts(ax)
    for _, part in data.groupby("group"):
        for tick in ax.get_xticks():
            left = part.loc[part["duration"] >= tick, "at_risk"]
            assert (f"{left.iloc[0]:,}" if len(left) else "–") in written


def test_before_the_landmark_nobody_is_counted():
    ax = plot_survival(pair(start=90), landmark=90.0, **WORDS)

    assert "landmark" in texts(ax)
    assert texts(ax).count("–") == 2 * sum(tick < 90 for tick in ax.get_xticks())


def test_the_line_of_those_who_leave_at_once_begins_at_all_customers():
    data = curve("All customers").assign(survival=lambda c: c["survival"] * 0.7)
    ax = plot_survival(data, **WORDS)

    x, y = lines(ax, "All customers")[0].get_data()
    assert (x[0], y[0]) == (0, 1)
    assert (x[1], y[1]) == (0, 0.7)


def test_a_median_is_marked_and_one_not_reached_is_not():
    medians = pd.DataFrame({"group": ["Members", "Standard"], "median": [np.nan, 35.0]})
    ax = plot_survival(pair(), medians=medians, **WORDS)

    assert "35" in texts(ax)
    assert len(lines(ax, "_half")) == 2
    without = plot_survival(pair(), medians=medians.assign(median=np.nan), **WORDS)
    assert not lines(without, "_half")


def test_medians_close_together_are_all_written_in_the_colours_of_their_lines():
    medians = pd.DataFrame({"group": ["Members", "Standard"], "median": [36.0, 35.0]})
    ax = plot_survival(pair(), medians=medians, **WORDS)
    written = {one.get_text(): one for one in ax.texts if one.get_text() in ("35", "36")}

    assert set(written) == {"35", "36"}
    assert written["35"].get_color() != written["36"].get_color()
    assert written["35"].xy[1] != written["36"].xy[1]


def test_a_misleading_picture_is_crossed_out_and_says_why():
    ax = plot_survival(pair(), struck="Members had to stay until they joined", **WORDS)

    assert len(lines(ax, "_strike")) == 2
    assert any("had to stay" in text for text in texts(ax))
    assert not lines(plot_survival(pair(), **WORDS), "_strike")


@pytest.mark.parametrize("groups", [1, 2, 5])
def test_labels_at_the_line_ends_do_not_touch(groups):
    data = pd.concat([curve(f"Group {i}", rate=0.01 + i * 1e-4) for i in range(groups)])
    ax = plot_survival(data, **WORDS)
    ax.figure.draw_without_rendering()

    ends = [t.get_window_extent() for t in ax.texts if t.get_text().endswith("%")]
    assert len(ends) == groups
    for i, one in enumerate(ends):
        for other in ends[i + 1 :]:
            assert not (one.y0 < other.y1 - 2 and other.y0 < one.y1 - 2)


@pytest.mark.parametrize("struck", ["", "No fair comparison"])
def test_the_picture_is_sound_svg_and_gets_a_narrow_one(struck):
    from xml.dom import minidom

    ax = plot_survival(pair(start=90), struck=struck, landmark=90.0, **WORDS)
    minidom.parseString(svg_of(ax.figure))
    assert compact
    assert pictures(ax)[1] is not None


def test_a_base_that_leaves_on_the_first_day_can_be_drawn():
    once = pd.DataFrame({"group": ["All"], "duration": [0.0], "survival": [0.0], "low": [0.0],
                         "high": [0.1], "at_risk": [300]})  # fmt: skip
    assert "0%" in texts(plot_survival(once, **WORDS))


def hazard():
    day = np.arange(1, 200)
    rate = np.where(day < 90, 0.02, 0.06)
    return pd.DataFrame({"duration": day, "hazard": rate, "low": rate / 2, "high": rate * 2})


def test_the_critical_day_is_marked_with_its_interval():
    ax = plot_hazard(hazard(), peak=90.0, peak_low=85.0, peak_high=96.0, **WORDS)

    assert "Day 90" in texts(ax)
    assert len(ax.patches) == 1
    assert "Day 90" not in texts(plot_hazard(hazard(), **WORDS))


def test_bars_of_the_due_list_are_as_many_and_as_high_as_the_weeks():
    weeks = pd.DataFrame({"week": [1, 2, 3], "customers": [5, 0, 12],
                          "begins": pd.date_range("2024-07-01", periods=3, freq="7D")})  # fmt: skip
    ax = plot_due(weeks, **WORDS)

    assert [bar.get_height() for bar in ax.patches] == [5, 0, 12]
    plot_due(weeks.assign(customers=0), **WORDS)


def groups():
    return pd.DataFrame(
        {"group": ["Search", "<b>$x$</b> a rather long name of a channel", "New"],
         "customers": [300, 200, 50], "survival": [0.7, 0.4, np.nan], "low": [0.6, 0.3, np.nan],
         "high": [0.8, 0.5, np.nan], "differs": [True, False, False]}
    )  # fmt: skip


def test_a_group_that_differs_is_filled_and_a_blank_one_keeps_its_row():
    ax = plot_groups(groups(), everyone=0.5, day=365, **WORDS)

    marks = [line for line in ax.lines if line.get_marker() in ("o", "s")]
    assert [to_hex(m.get_markerfacecolor()) for m in marks] == [theme.POSITIVE, "#ffffff"]
    assert len(ax.get_yticks()) == 3
    assert any(r"\$x\$" in text for text in texts(ax))


def test_the_forecast_shows_expected_losses_within_each_band():
    bands = pd.DataFrame({"band": ["low", "medium", "high"], "customers": [100, 50, 20],
                          "expected": [10.0, 25.0, 18.0], "low": [5.0, 20.0, 15.0],
                          "high": [15.0, 30.0, 20.0]})  # fmt: skip
    ax = plot_forecast(bands, **WORDS)

    assert [bar.get_width() for bar in ax.patches] == [100, 50, 20, 10, 25, 18]
    assert "25 of 50" in texts(ax)
