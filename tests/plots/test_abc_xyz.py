import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from shared.loading.brand import Brand, contrast
from shared.plots import theme
from shared.plots.abc_xyz import STEADINESS, plot_abc_xyz
from shared.plots.locales import Wording

WORDS = {"title": "61 A customers", "source": "Orders, n = 4,338 customers"}
MATRIX = pd.DataFrame(
    {
        "abc_class": np.repeat(["A", "B", "C"], 4),
        "xyz_class": list(STEADINESS) * 3,
        "members": [61, 406, 628, 38, 17, 136, 1123, 193, 1, 33, 1211, 0],
        "revenue_share": [0.082, 0.361, 0.342, 0.014, 0.002, 0.015, 0.114, 0.018, np.nan, np.nan,
                          0.035, 0.0],
    }
)  # fmt: skip


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def drawn(matrix=MATRIX, **options):
    return plot_abc_xyz(matrix, **{"members": "customers", **WORDS, **options})


def cells(ax):
    return {t.get_position(): t for t in ax.texts if t.get_text().startswith("n = ")}


def test_each_of_the_twelve_cells_prints_its_members_and_share():
    said = [t.get_text() for t in cells(drawn()).values()]

    assert len(said) == 12
    assert {"n = 61\n8.2%", "n = 406\n36%", "n = 1,123\n11%", "n = 33", "n = 0"} <= set(said)


def test_a_count_that_is_withheld_is_not_drawn():
    few = MATRIX.assign(members=MATRIX["members"].astype(float).where(MATRIX["members"] != 1))

    ax = drawn(few)

    assert len(cells(ax)) == 11
    assert [t.get_text() for t in ax.texts].count("withheld") == 1


def test_a_is_on_top_and_those_not_rated_stand_apart_on_the_right():
    ax = drawn()

    place = {t.get_text().split("\n")[0]: where for where, t in cells(ax).items()}
    assert place["n = 61"] == (0, 2)
    assert place["n = 1"] == (0, 0)
    assert place["n = 38"][0] > 3
    assert [t.get_text() for t in ax.get_yticklabels()] == ["C", "B", "A"]


def test_darkness_rises_with_the_share_of_revenue_and_hidden_cells_are_white():
    ax = drawn()
    light = {p.get_xy(): contrast(to_hex(p.get_facecolor()), "#000000") for p in ax.patches}

    by_share = MATRIX[MATRIX["members"] > 0].dropna().sort_values("revenue_share")
    rows, columns = {"C": 0, "B": 1, "A": 2}, {n: i for i, n in enumerate(STEADINESS)}
    lights = [
        light[(columns[x] + 0.15 * (x == "not rated") - 0.5, rows[a] - 0.5)]
        for a, x in zip(by_share["abc_class"], by_share["xyz_class"], strict=True)
    ]
    assert lights == sorted(lights, reverse=True)
    assert light[(0 - 0.5, 0 - 0.5)] == contrast("#ffffff", "#000000")


def test_all_text_in_the_cells_reads_on_its_ground():
    ax = drawn()
    for patch, text in zip(ax.patches, cells(ax).values(), strict=True):
        assert contrast(to_hex(text.get_color()), to_hex(patch.get_facecolor())) >= 4.5


def test_a_matrix_without_revenue_and_the_given_axes_are_drawn():
    _, ax = plt.subplots()

    assert drawn(MATRIX.assign(revenue_share=np.nan), ax=ax) is ax
    assert theme.chart_words(ax).title == WORDS["title"]


def test_items_bought_are_named_where_there_are_no_prices():
    theme.use(Wording(money_unit="items"), Brand())
    try:
        assert "share of all items bought" in drawn(members="products").get_xlabel()
    finally:
        theme.use(Wording(), Brand())
