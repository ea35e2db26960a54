import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from shared.plots import theme
from shared.plots.journey import plot_arrivals, plot_clicks, plot_frequency, plot_stages
from shared.report.figures import PHONE_COLUMN
from shared.report.narrow import pictures

WORDS = {"title": "12% of visits convert", "source": "Contacts, n = 1,000"}
NAN = float("nan")
SIZES = [8_305, 4_564, 2_078, 932, 424, 182, 93, 62]  # journeys by number of contacts


@pytest.fixture(autouse=True)
def _page_style():
    with mpl.rc_context(theme.STYLE):
        yield
    plt.close("all")


def groups():
    return pd.DataFrame(
        {"group": ["after a click", "after a view only", "neither"], "conversions": [70, 20, 10],
         "share": [0.7, 0.2, 0.1], "low": [0.6, 0.13, 0.05], "high": [0.78, 0.29, 0.17]}
    )  # fmt: skip


def marks(key, names):
    n = len(names)
    share = np.linspace(0.5, 0.1, n)
    return pd.DataFrame(
        {key: names, "share": share, "low": share - 0.05, "high": share + 0.05,
         "n": [100] * n, "finding": (["differs", "no difference found"] * n)[:n]}
    )  # fmt: skip


def stages(**more):
    frame = pd.DataFrame(
        {"stage": ["view", "a $ cart with a name that goes on and on", "conversion"],
         "journeys": [1000, 400, 100], "conversion": [0.4, 0.25, NAN],
         "drop_off": [0.6, 0.75, NAN]}
    )  # fmt: skip
    return frame.assign(**more)


@pytest.mark.parametrize(
    ("plot", "data"),
    [
        (plot_clicks, groups()),
        (plot_frequency, marks("label", ["1", "2", "3+"])),
        (plot_arrivals, marks("channel", ["Ads", "Mail $5", "Search"])),
        (plot_stages, stages(satisfaction=[4.0, 3.0, NAN])),
    ],
)
def test_a_chart_draws_on_the_given_axes_and_carries_its_words(plot, data):
    _, ax = plt.subplots()
    before = data.copy()

    got = plot(data, ax=ax, **WORDS)

    assert got is ax
    assert theme.chart_words(ax).title == WORDS["title"]
    pd.testing.assert_frame_equal(data, before)
    ax.get_figure().draw_without_rendering()


def test_bars_are_as_long_as_the_shares_and_labelled_with_their_number():
    ax = plot_clicks(groups(), **WORDS)

    assert [bar.get_width() for bar in ax.patches] == [0.7, 0.2, 0.1]
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["70.0% (70)", "20.0% (20)", "10.0% (10)"]


def test_what_differs_is_filled_and_the_rest_is_hollow():
    for ax, axis in ((plot_frequency(marks("label", ["1", "2", "3"]), **WORDS), 1),
                     (plot_arrivals(marks("channel", ["a", "b", "c"]), **WORDS), 0)):  # fmt: skip
        filled, hollow = ax.lines[:2]
        assert filled.get_xydata()[:, axis].tolist() == pytest.approx([0.5, 0.1])
        assert hollow.get_xydata()[:, axis].tolist() == pytest.approx([0.3])
        assert filled.get_color() == theme.HIGHLIGHT
        assert hollow.get_color() == "white"
        # In a grey print the fill tells them apart, and the legend says what it means.
        labels = [text.get_text() for text in ax.get_legend().get_texts()]
        assert labels == ["differs from the others", "no settled difference"]


def test_intervals_are_drawn_beside_every_mark():
    ax = plot_arrivals(marks("channel", ["a", "b"]), **WORDS)

    segments = ax.collections[0].get_segments()
    assert [line[:, 0].tolist() for line in segments] == [
        pytest.approx([0.45, 0.55]), pytest.approx([0.05, 0.15])
    ]  # fmt: skip


def test_the_funnel_shows_what_goes_on_what_is_lost_and_the_conversions():
    ax = plot_stages(stages(), **WORDS)

    reached, stay = ax.containers
    assert [bar.get_width() for bar in reached] == [1000, 400, 100]
    assert [bar.get_width() for bar in stay] == [400, 100, 100]
    assert [text.get_text() for text in ax.texts] == [
        "1,000\n40% go on, 60% lost", "400\n25% go on, 75% lost", "100"
    ]  # fmt: skip
    # Loss has a second encoding beside its colour.
    assert {bar.get_hatch() for bar in reached} == {"///"}


def test_satisfaction_stands_beside_the_stages_that_have_answers():
    ax = plot_stages(stages(satisfaction=[4.0, NAN, NAN]), **WORDS)

    texts = [text.get_text() for text in ax.texts]
    assert "4.0" in texts
    assert "satisfaction" in texts
    assert "nan" not in " ".join(texts)


def test_names_from_data_are_no_formula_and_wrap():
    ax = plot_stages(stages(), **WORDS)

    name = ax.get_yticklabels()[1].get_text()
    assert r"\$" in name
    assert "\n" in name


@pytest.mark.parametrize(
    ("plot", "data"),
    [
        (plot_frequency, marks("label", [*"1234567", "8+"]).assign(n=SIZES)),
        (plot_stages, stages(satisfaction=[4.2, 3.0, NAN], stage=["discover", "checkout", "sale"])
         .assign(journeys=[16_640, 9_343, 8_675])),
    ],
)  # fmt: skip
def test_a_phone_shows_the_whole_chart(plot, data):
    ax = plot(data, **WORDS)

    assert 0 < pictures(ax)[1].least_width <= PHONE_COLUMN
