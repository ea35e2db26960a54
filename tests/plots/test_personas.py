import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from shared.plots import theme
from shared.plots.personas import MOST_POINTS, plot_apart, plot_content, plot_persona_map

WORDS = {"title": "Two kinds, 9 features", "source": "n = 9"}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def places(n):
    rng = np.random.default_rng(0)
    name = np.where(np.arange(n) % 3 == 0, "Small $ kind", "Large kind")
    shift = np.where(name == "Large kind", 0, 6)
    return pd.DataFrame({"x": rng.normal(size=n) + shift, "y": rng.normal(size=n), "name": name})


def middles(customers):
    return customers.groupby("name")[["x", "y"]].median().sort_index().reset_index()


def test_every_persona_has_a_colour_a_mark_and_its_name_on_the_map():
    drawn = places(300)
    ax = plot_persona_map(drawn, middles=middles(drawn), axes={"x": "a", "y": "b"}, **WORDS)

    assert sum(len(c.get_offsets()) for c in ax.collections) == 300
    marks = [(line.get_marker(), to_hex(line.get_color())) for line in ax.lines]
    assert len(set(marks)) == 2
    assert [text.get_text() for text in ax.texts] == ["Large kind", r"Small \$ kind"]


def test_above_five_thousand_customers_density_is_drawn_instead_of_points():
    drawn = places(MOST_POINTS + 1)
    ax = plot_persona_map(drawn, middles=middles(drawn), axes={"x": "a", "y": "b"}, **WORDS)

    assert sum(len(c.get_offsets()) for c in ax.collections if not c.get_paths()) == 0
    assert len(ax.collections) == 2


def test_the_sign_is_printed_and_not_left_to_the_colour():
    effects = pd.DataFrame({"feature": ["a", "b"], "One": [2.0, -1.0], "Two": [-2.0, np.nan]})
    ax = plot_apart(effects, **WORDS)

    assert [text.get_text() for text in ax.texts] == ["+2.0", "-2.0", "-1.0"]
    for text, cell in zip(ax.texts, ax.patches, strict=True):
        assert theme.contrast(to_hex(text.get_color()), to_hex(cell.get_facecolor())) >= 4.5


def test_a_darker_cell_is_a_larger_share():
    shares = pd.DataFrame(
        {"measure": ["tea", "cups"], "One": [0.5, 0.1], "Two": [0.3, 0.2],
         "explained": [0.1, 0.2], "reading": ["differs", "differs"]}
    )  # fmt: skip
    ax = plot_content(shares, **WORDS)

    lightness = [sum(cell.get_facecolor()[:3]) for cell in ax.patches]
    assert np.argsort(lightness).tolist() == np.argsort([-0.5, -0.3, -0.1, -0.2]).tolist()
    assert [text.get_text() for text in ax.texts] == ["50%", "30%", "10%", "20%"]
