"""Charts of customers' voice: marks and labels are pinned to the data; words never overlap."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from shared.plots import theme
from shared.plots.voice import (
    plot_event,
    plot_incidents,
    plot_launch,
    plot_repeat,
    plot_topics,
    plot_wishes,
    plot_words,
)
from shared.plots.voice_words import department_colors, placed_words, word_heights

SAID = {"title": "Of 40 texts 4 complain", "source": "Reviews, n = 40"}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def words():
    rng = np.random.default_rng(1)
    letters = [chr(97 + i) for i in range(25)]
    terms = ["".join(rng.choice(letters, rng.integers(3, 11))) for _ in range(50)]
    counts = np.sort(rng.integers(3, 90, 50))[::-1]
    owners = rng.choice(["logistics", "pricing", "no department"], 50)
    return pd.DataFrame({"term": terms, "complaints": counts, "department": owners})


def test_words_are_as_many_as_the_data_and_none_touches_another(words):
    ax = plot_words(words, **SAID)
    boxes = [patch.get_path().get_extents() for patch in ax.patches]

    assert len(boxes) == len(words)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    low, high = sorted(ax.get_ylim())
    assert all(ax.get_xlim()[0] <= b.x0 and b.x1 <= ax.get_xlim()[1] for b in boxes)
    assert all(low <= min(b.y0, b.y1) and max(b.y0, b.y1) <= high for b in boxes)


def test_letters_grow_with_the_number_of_texts_and_equal_numbers_are_equal(words):
    heights = {one.word: one.height for one in placed_words(words)}
    drawn = words["term"].map(heights).to_numpy()

    assert (np.diff(drawn) <= 0).all()
    assert (np.diff(drawn)[np.diff(words["complaints"]) < 0] < 0).all()
    assert len(set(word_heights(np.array([7.0, 7.0])))) == 1


def test_the_same_words_stand_in_the_same_places(words):
    assert placed_words(words) == placed_words(words)


def test_colours_are_the_departments_and_stand_in_the_legend(words):
    ax = plot_words(words, **SAID)
    colors = department_colors(list(words["department"]))

    assert {text.get_text() for text in ax.get_legend().get_texts()} == set(words["department"])
    assert len(set(colors.values())) == 3
    assert colors["no department"] == theme.CATEGORIES[-1]


def test_complaints_go_left_and_praise_right_as_long_as_their_shares():
    topics = pd.DataFrame(
        {"topic": ["a", "b"], "complaint_share": [0.2, 0.1], "low": [0.1, 0.05],
         "high": [0.3, 0.2], "praise_share": [0.4, 0.5], "praise_low": [0.3, 0.4],
         "praise_high": [0.5, 0.6]}
    )  # fmt: skip
    ax = plot_topics(topics, **SAID)

    widths = [patch.get_width() for patch in ax.patches]
    assert widths == pytest.approx([-0.2, -0.1, 0.4, 0.5])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]


def test_control_charts_have_a_panel_per_topic_and_mark_the_weeks_that_stand_out():
    weeks = pd.DataFrame(
        {"topic": ["a"] * 30 + ["b"] * 30, "kind": ["isolated"] * 30 + ["steady"] * 30,
         "start": list(pd.date_range("2024-01-01", periods=30, freq="7D")) * 2, "share": 0.1,
         "expected": 0.1, "limit": 0.3, "in_run": [False] * 20 + [True] * 2 + [False] * 38}
    )  # fmt: skip
    ax = plot_incidents(weeks, **SAID)
    panels = ax.get_figure().axes

    assert len(panels) == 2
    marked = [line for line in ax.lines if line.get_marker() == "s"]
    assert len(marked[0].get_xdata()) == 2
    assert "a: isolated" in [text.get_text() for text in ax.texts]


def test_phases_launch_wishes_and_differences_show_each_row():
    means = {"mean": [1.0, -1.0, 0.5], "low": [0.5, -2.0, 0.1], "high": [1.5, 0.0, 0.9]}
    phases = pd.DataFrame(
        {"phase": ["before", "during", "after"], "texts": [9, 8, 7],
         "negative_share": [0.1, 0.9, 0.2], **means}
    )  # fmt: skip
    groups = phases.rename(columns={"phase": "group"}).head(2)
    wished = pd.DataFrame(
        {"label": ["refill"], "texts": [5], "share": [0.5], "low": [0.2], "high": [0.8]}
    )
    repeat = pd.DataFrame(
        {"topic": ["any", "price"], "complainers": [40, 20], "difference": [0.0, 0.1],
         "difference_low": [-0.1, -0.1], "difference_high": [0.1, 0.3]}
    )  # fmt: skip

    names = [label.get_text() for label in plot_event(phases, **SAID).get_xticklabels()]
    assert names == ["before\n9 texts", "during\n8 texts", "after\n7 texts"]
    launch = plot_launch(groups, measure="stars", **SAID)
    assert launch.get_xlabel() == "Mean stars"
    assert plot_wishes(wished, **SAID).patches[0].get_width() == pytest.approx(0.5)
    shown = plot_repeat(repeat, **SAID)
    assert [label.get_text() for label in shown.get_yticklabels()] == ["any (40)", "price (20)"]


def test_a_department_has_the_same_colour_for_every_client():
    demo = department_colors(["pricing", "after-sales", "logistics", "production"])
    other = department_colors(["after-sales", "production", "kitchen", "pricing", "no department"])

    assert all(demo[name] == other[name] for name in ("pricing", "after-sales", "production"))
    assert len(set(other.values())) == 5
