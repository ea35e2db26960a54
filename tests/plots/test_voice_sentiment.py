import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb

from shared.analysis.intervals import wilson
from shared.analysis.voice_sentiment_levels import sentiment_levels
from shared.plots import theme
from shared.plots.voice_sentiment import plot_sentiment

WORDS = {"title": "52% of the texts are +2", "source": "Reviews, n = 100 texts"}
SCORED = pd.DataFrame(
    {"sentiment": pd.array([-2] * 5 + [-1] * 15 + [1] * 30 + [2] * 50 + [None], dtype="Int8")}
)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def test_five_columns_stand_from_minus_two_to_plus_two_with_share_and_count():
    ax = plot_sentiment(sentiment_levels(SCORED), **WORDS)

    assert [bar.get_height() for bar in ax.patches] == [0.05, 0.15, 0, 0.30, 0.50]
    assert [text.get_text() for text in ax.texts] == [
        "5%\nn = 5", "15%\nn = 15", "0%\nn = 0", "30%\nn = 30", "50%\nn = 50"
    ]  # fmt: skip
    assert theme.chart_words(ax).title == WORDS["title"]


def test_each_column_is_labelled_with_its_level_meaning_and_cuts():
    ax = plot_sentiment(sentiment_levels(SCORED), **WORDS)
    labels = [tick.get_text() for tick in ax.get_xticklabels()]

    assert labels[0] == "−2\nurgent\ncomplaint\nscore ≤ −0.45"
    assert labels[2].startswith("0\nneutral or not")
    assert labels[4] == "+2\nexpectations\nmet\nscore ≥ 0.45"


def test_plus_two_is_green_minus_two_red_and_their_luminance_differs_from_neutral():
    ax = plot_sentiment(sentiment_levels(SCORED), **WORDS)
    red, *_, green = (to_rgb(bar.get_facecolor()) for bar in ax.patches)
    neutral = ax.patches[2].get_facecolor()

    assert red[0] > 2 * red[1]
    assert green[1] > 2 * green[0]
    assert to_hex(neutral) not in {to_hex(red), to_hex(green)}
    assert sum(neutral[:3]) > max(sum(red), sum(green))
    assert ax.patches[0].get_hatch() != ax.patches[4].get_hatch()


def test_coverage_is_printed_from_a_share_or_an_estimate():
    levels = sentiment_levels(SCORED)

    for coverage in (0.99, wilson(99, 100)):
        ax = plot_sentiment(levels, coverage=coverage, **WORDS)
        assert ax.get_xlabel() == "99% of all texts have a sentiment; line: 95% interval"
    assert plot_sentiment(levels, **WORDS).get_xlabel() == ""


def test_the_axes_given_come_back_and_levels_of_nothing_draw_no_number():
    _, ax = plt.subplots()
    nothing = sentiment_levels(SCORED.tail(1))

    assert plot_sentiment(nothing, ax=ax, **WORDS) is ax
    assert not ax.texts
