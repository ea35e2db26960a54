import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from shared.plots import propensity as draw

SAID = {"title": "Title with 1", "source": "Source"}


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def curve():
    share = np.linspace(0, 1, 5)
    return pd.DataFrame({"others": share, "reached": share**0.4, "alone": share**0.8})


def steps():
    share = np.array([0.25, 0.5, 0.75, 1.0])
    return pd.DataFrame(
        {"contacted": share, "cost_per_buyer": [np.nan, 2.0, 3.0, 4.0],
         "cost_low": [np.nan, 1.5, 2.5, 3.5], "cost_high": [np.nan, 2.5, 3.5, 4.5],
         "profit": [3.0, 5.0, 4.0, 1.0], "profit_random": share}
    )  # fmt: skip


def test_the_roc_curve_is_blue_the_diagonal_grey_and_the_auc_printed():
    _, given = plt.subplots()
    ax = draw.plot_roc(curve(), auc="AUC 0.80", alone="recency", ax=given, **SAID)
    diagonal, alone, score = ax.lines

    assert ax is given
    assert score.get_color() == draw.BLUE
    assert np.allclose(score.get_ydata(), curve()["reached"])
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == [0, 1]
    assert alone.get_linestyle() == "--"
    assert "AUC 0.80" in [text.get_text() for text in ax.texts]


def test_every_class_of_the_calibration_has_a_dot_and_an_interval():
    classes = pd.DataFrame({"propensity": [0.1, 0.3], "rate": [0.12, 0.28], "low": [0.1, 0.2],
                            "high": [0.2, 0.4]})  # fmt: skip
    ax = draw.plot_calibration(classes, **SAID)

    assert list(ax.lines[1].get_ydata()) == [0.12, 0.28]
    assert len(ax.collections[0].get_segments()) == 2
    assert ax.get_xlim() == ax.get_ylim()


def test_the_tenths_show_rate_promise_and_share_reached():
    tenths = pd.DataFrame({"decile": [1, 2], "rate": [0.4, 0.1], "low": [0.3, 0.05],
                           "high": [0.5, 0.2], "propensity": [0.38, 0.12],
                           "gain": [0.8, 1.0]})  # fmt: skip
    ax = draw.plot_tenths(tenths, **SAID)

    assert [bar.get_height() for bar in ax.patches] == [0.4, 0.1]
    assert [text.get_text() for text in ax.texts][:2] == ["80%", "100%"]


def test_a_cost_without_a_buyer_is_not_drawn():
    ax = draw.plot_cost(steps(), **SAID)

    drawn = ax.lines[0].get_ydata()
    assert np.isnan(drawn[0])
    assert list(drawn[1:]) == [2, 3, 4]
    assert list(ax.lines[1].get_ydata()) == [4, 4]


def test_profit_starts_at_nothing_and_the_cut_is_marked():
    ax = draw.plot_profit(steps(), cut=0.6, **SAID)
    by_label = {line.get_label(): line for line in ax.lines}

    assert list(by_label["likeliest first"].get_ydata()) == [0, 3, 5, 4, 1]
    assert list(by_label["a contact just pays"].get_xdata()) == [0.6, 0.6]


def test_drivers_carry_their_direction_as_a_sign():
    drivers = pd.DataFrame({"name": ["visits $", "recency", "city"], "strength": [0.8, 0.4, 0.1],
                            "direction": ["more with more", "less with more",
                                          "by category"]})  # fmt: skip
    ax = draw.plot_drivers(drivers, **SAID)

    assert [text.get_text() for text in ax.texts] == ["+", "−", "±"]
    assert [bar.get_width() for bar in ax.patches] == [0.8, 0.4, 0.1]
    assert ax.get_yticklabels()[0].get_text() == r"visits \$"
