"""The look of charts: what a colour means survives grey print; data are never a formula."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from shared.loading.brand import Brand, contrast
from shared.plots import theme
from shared.plots.locales import Wording

# Viénot, Brettel, Mollon (1999): what a deuteranope and a protanope see of linear RGB.
DEUTERANOPE = [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]
PROTANOPE = [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]]
EYES = {"normal": np.eye(3), "deuteranope": DEUTERANOPE, "protanope": PROTANOPE}


@pytest.fixture(autouse=True)
def _clean():
    with mpl.rc_context():
        yield
    plt.close("all")
    theme._current = Wording()


def luminances(colors, eye):
    rgb = np.array([mpl.colors.to_rgb(color) for color in colors])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.clip(linear @ np.array(EYES[eye]).T, 0, 1) @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("colors", [theme.SEQUENTIAL, theme.BLUES], ids=["green", "blue"])
def test_a_scale_gets_darker_all_the_way_and_far_enough_for_every_eye(colors, eye):
    light = luminances(colors(np.linspace(0, 1, 50)), eye)

    assert (np.diff(light) < 0).all()
    assert (light[0] + 0.05) / (light[-1] + 0.05) >= 7


def test_colours_of_marks_stand_off_the_paper():
    for color in (theme.POSITIVE, theme.NEGATIVE, theme.HIGHLIGHT, theme.CONTEXT,
                  *theme.CATEGORIES):  # fmt: skip
        assert contrast(color, "#ffffff") >= 3


def test_good_and_bad_differ_for_every_eye():
    for eye in EYES:
        dark, light = sorted(luminances([theme.POSITIVE, theme.NEGATIVE], eye))
        assert (light + 0.05) / (dark + 0.05) >= 2.4


def test_every_category_has_a_marker_and_a_dash_of_its_own():
    assert len(set(theme.CATEGORIES)) == len(set(theme.MARKERS)) == len(theme.DASHES) == 8


def test_ink_can_be_read_on_every_shade():
    for color in theme.SEQUENTIAL(np.linspace(0, 1, 30)):
        assert contrast(theme.ink_on(color), to_hex(color)) >= 4.5


def test_finish_titles_left_and_gives_the_axes_back():
    _, ax = plt.subplots()

    assert theme.finish(ax, title="34 % come back", source="Orders, n = 9") is ax
    assert ax.get_title(loc="left") == "34 % come back"
    assert ax.figure.get_supxlabel() == "Orders, n = 9"
    assert theme.chart_words(ax) == theme.ChartWords("34 % come back", "Orders, n = 9")


def test_a_chart_that_was_not_finished_is_refused():
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match=r"theme\.finish"):
        theme.chart_words(ax)


@pytest.mark.parametrize("name", ["$x$", "$x_$", r"\frac{", "a $5 b $6", "{{b}}", "<b>"])
def test_any_name_can_be_a_label(name):
    figure, ax = plt.subplots()
    ax.set_xlabel(theme.escape_mpl(name))

    theme.finish(ax, title=name, source=name)
    figure.draw_without_rendering()


def test_use_sets_the_locale_of_the_charts():
    theme.use(Wording("tr", "TRY"), Brand())
    figure, ax = plt.subplots()
    theme.write_axis(ax.yaxis, "share")
    figure.draw_without_rendering()

    assert theme.words().share(0.5) == "%50"
    assert ax.get_yticklabels()[-1].get_text().startswith("%")


def test_ticks_in_steps_of_a_quarter_are_written_with_the_decimals_they_need():
    theme.use(Wording("en_GB", "EUR"), Brand())
    written = {}
    for spec, ticks in (("number.1", [0.25, 0.5, 1]), ("number.1", [0.5, 1]),
                        ("share.0", [0.025, 0.05]), ("money.0", [2.5, 5]),
                        ("number.0", [1 / 3, 1])):  # fmt: skip
        figure, ax = plt.subplots()
        ax.set_xticks(ticks)
        theme.write_axis(ax.xaxis, spec)
        figure.draw_without_rendering()
        written[spec, ticks[0]] = [label.get_text() for label in ax.get_xticklabels()]

    assert written["number.1", 0.25] == ["0.25", "0.50", "1.00"]
    assert written["number.1", 0.5] == ["0.5", "1.0"]
    assert written["share.0", 0.025] == ["2.5%", "5.0%"]
    assert written["money.0", 2.5] == ["€2.50", "€5.00"]
    assert written["number.0", 1 / 3] == ["0", "1"]


def test_dejavu_has_every_currency_and_letter_that_is_promised():
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = get_font(findfont(FontProperties(family="DejaVu Sans")))
    missing = [c for c in "₺₽€£İıŞşĞğЖщё–…\u00a0" if not font.get_char_index(ord(c))]

    assert missing == []
