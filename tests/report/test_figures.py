"""A figure is a picture without words of its own frame, the same bytes every time."""

import re
from urllib.parse import unquote
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest

from shared.plots import theme
from shared.report import figures
from shared.report.compact_svg import compact
from shared.report.narrow import pictures


def picture(ax):
    return pictures(ax)[0]


def test_two_drawings_of_the_same_chart_are_the_same_bytes(bars):
    assert picture(bars()).svg == picture(bars()).svg


def test_title_and_source_leave_the_picture(bars):
    with_words, without = bars(), bars()
    drawn = picture(without)

    assert without.get_title(loc="left") == ""
    assert without.figure.get_supxlabel() == ""
    assert len(drawn.svg) < len(figures.picture_of(with_words.figure).svg)


def test_the_picture_names_no_maker_date_or_address(bars):
    svg = picture(bars()).svg.decode()
    for word in ("matplotlib", "metadata", "date", "<!--", "<text"):
        assert word not in svg.lower()


def test_the_size_is_that_of_the_figure_in_css_pixels(bars):
    drawn = picture(bars(size=(6.0, 3.0)))
    assert (drawn.width, drawn.height) == (576, 288)


def test_a_picture_says_on_what_width_its_smallest_text_still_reads(bars):
    ax = bars(size=(6.0, 3.0))
    ax.text(0.5, 0.5, "8", size=7.5)  # 10 CSS pixels: nine of them need nine tenths of the width

    assert picture(ax).least_width == 519  # 0.9 x 576, rounded up


def test_a_picture_too_wide_for_a_phone_scrolls_in_a_frame_that_takes_the_focus():
    around = {"title": "1 <b>", "alt": "a", "source": "s"}
    small = figures.Picture(b"", 403, 300, 312)
    large = figures.Picture(b"", 691, 300, 549)

    framed = figures.figure_markup("f", large, narrow=None, **around)
    frame = '<div class="scroll" tabindex="0" role="region" aria-label="Picture: 1 &lt;b&gt;">'
    assert frame in framed
    assert "min-width: 549px" in framed
    free = figures.figure_markup("f", large, narrow=small, **around)
    assert "scroll" not in free
    assert "min-width" not in free
    nearly = figures.Picture(b"", 403, 300, 366)  # of a column of 358: eight pixels are not cut off
    assert "min-width" not in figures.figure_markup("f", large, narrow=nearly, **around)


def test_many_marks_become_pixels_and_few_stay_sharp():
    for marks, is_raster in ((1500, False), (4000, True)):
        _, ax = plt.subplots()
        ax.scatter(np.arange(marks), np.arange(marks), s=4)
        svg = picture(theme.finish(ax, title="1", source="x")).svg

        assert (b"data:image/png" in svg) is is_raster
        assert len(svg) < 300_000


@pytest.mark.parametrize("name", ["$x$", "$x_$", r"$\frac{$", "$5 to $6"])
def test_dollars_that_nobody_escaped_are_drawn_as_dollars(bars, name):
    escaped = bars((theme.escape_mpl(name), "b"))
    assert picture(bars((name, "b"))).svg == picture(escaped).svg


def test_marks_are_counted_by_kind():
    _, ax = plt.subplots()
    counted = {
        "points": (ax.scatter([1, 2, 3], [1, 2, 3]), 3),
        "line": (ax.plot([1, 2, 3])[0], 1),
        "markers": (ax.plot([1, 2, 3], marker="o")[0], 3),
        "mesh": (ax.pcolormesh(np.ones((2, 5))), 10),
        "lines": (ax.hlines([1, 2], 0, 1), 2),
        "bar": (ax.bar([1], [1])[0], 1),
    }
    assert {name: figures.marks(artist) for name, (artist, _) in counted.items()} == {
        name: count for name, (_, count) in counted.items()
    }


@pytest.mark.parametrize("alt", ["", "A chart", "A chart of forty letters and more, but no figure"])
def test_an_alt_text_that_says_nothing_is_refused(alt):
    with pytest.raises(ValueError, match="needs 40 characters"):
        figures.check_alt(alt)


def test_words_around_the_picture_are_escaped(bars):
    html = figures.figure_markup(
        "f", picture(bars()), narrow=None, title="<b>1</b>", alt='"><script>', source="a&b"
    )
    assert "<script" not in html
    assert "<b>" not in html
    assert "a&amp;b" in html


@pytest.mark.filterwarnings("ignore:Glyph")  # as `theme.use` has it
def test_a_quote_in_a_label_that_stays_text_is_the_same_mark_on_the_page(bars):
    address = picture(bars(('12" 屏', "b"))).source

    assert "12&quot; 屏</text>" in unquote(address)
    assert '"' not in unquote(address)


def test_compact_keeps_every_path_and_reference(bars):
    ax = bars()
    svg = picture(ax).svg.decode()

    assert {*re.findall(r'href="#([^"]+)', svg)} <= {*re.findall(r' id="([^"]+)', svg)}
    path = (
        '<svg><style></style><path id="a" d="M 1.2345 2 \nL 1.2345 7.10 \nL 3 7.10 \nz\n"/></svg>'
    )
    assert compact(path) == '<svg><defs></defs><style></style><path d="M1.23,2v5.1h1.77z"/></svg>'


def test_steps_that_go_straight_on_are_one_and_the_line_ends_where_it_ended():
    stairs = "M 1 1 L 3 1 L 4 1 L 4 2 L 4 5 L 2 5 L 3 5 L 3 5"
    got = compact(f'<svg><style></style><path d="{stairs}"/></svg>')

    # Back and forth is no going on.
    assert 'd="M1,1h3v4h-2h1"' in got


def test_a_smooth_curve_leaves_out_the_handle_that_mirrors_the_one_before():
    bends = "M 0 0 Q 1 2 3 2 Q 5 2 6 0 Q 9 0 9 3"
    got = compact(f'<svg><style></style><path d="{bends}"/></svg>')

    assert 'd="M0,0q1,2,3,2t3-2q3,0,3,3"' in got


def test_a_curve_of_many_steps_is_written_to_a_tenth_of_a_point_without_drift():
    rng = np.random.default_rng(1)
    places = np.cumsum(rng.uniform(0.01, 0.7, (400, 2)), axis=0)
    line = "M" + " L ".join(f"{x:.4f} {y:.4f}" for x, y in places)
    got = compact(f'<svg><style></style><path d="{line}"/></svg>')

    steps = re.findall(r"([Mhvl])([^Mhvl]*)", re.search(r' d="([^"]*)"', got)[1])
    end = np.zeros(2)
    for letter, numbers in steps:
        moves = [float(n) for n in re.findall(r"-?[\d.]+", numbers)]
        end += {"h": [*moves, 0], "v": [0, *moves]}.get(letter, moves)
    assert end == pytest.approx(places[-1], abs=0.05)


def test_compact_writes_a_style_once_and_leaves_the_fill_with_its_mark():
    mark = '<path clip-path="url(#p)" style="fill: #0b3d2a; stroke: #ffffff"/>'
    defs = '<clipPath id="p"/>'
    assert compact(f"<svg><style></style>{defs}{mark}{mark}</svg>") == (
        "<svg><defs></defs><style>.c0{stroke:#ffffff;clip-path:url(#a)}</style>"
        '<clipPath id="a"/>' + '<path class="c0" fill="#0b3d2a"/>' * 2 + "</svg>"
    )


def test_the_address_of_a_picture_is_data(bars):
    drawn = picture(bars())
    head, _, data = drawn.source.partition(",")

    assert head == "data:image/svg+xml"
    assert not set('"<>#&\n') & set(data)
    assert unquote(data) == drawn.svg.decode().replace('"', "'")
    markup = figures.figure_markup("f", drawn, narrow=drawn, title="1", alt="", source="")
    listed = re.search(r'srcset="([^"]+)"', markup)
    assert " " not in listed[1]  # it would end the address
    assert unquote(listed[1].partition(",")[2]) == unquote(data)


LETTERS = (
    '<g transform="translate(1 2) scale(0.095 -0.095)"><defs>'
    '<path id="DejaVuSans-31" d="M 160 16 L 1600 16 z" transform="scale(0.015625)"/>'
    '<path id="DejaVuSans-20" transform="scale(0.015625)"/></defs>'
    '<use xlink:href="#DejaVuSans-31"/>'
    '<use xlink:href="#DejaVuSans-20" transform="translate(63.6 0)"/>'
    '<use xlink:href="#DejaVuSans-31" transform="translate(95.4 0)"/>{}</g>'
)


def test_compact_writes_letters_in_whole_units_of_one_size_and_leaves_out_blanks():
    got = compact(f"<svg><style></style>{LETTERS.format('')}</svg>")

    # A letter of 1,600 units of 6,400 is 100 of 400; its line counts 95.4 hundredths as 382 of 400.
    assert got == (
        '<svg><defs><path id="a" d="M10,1h90z"/></defs><style></style>'
        '<g transform="translate(1,2) scale(.02375,-.02375)"><use href="#a"/>'
        '<use href="#a" x="382"/></g></svg>'
    )


def test_compact_keeps_the_units_of_all_letters_where_one_is_raised():
    raised = '<use xlink:href="#DejaVuSans-31" transform="translate(9 38) scale(0.7)"/>'

    got = compact(f"<svg><style></style>{LETTERS.format(raised)}</svg>")

    assert 'scale(0.095,-0.095)"' in got
    assert 'd="M160,16h1440z" transform="scale(0.015625)"' in got
    assert 'transform="translate(9,38) scale(0.7)"' in got


@pytest.mark.parametrize("text", ["\nabc", "abc\n\ndef", "\n"])
def test_an_empty_line_of_a_text_leaves_a_picture_that_can_be_read(bars, text):
    ax = bars()
    ax.text(0.5, 0.5, text)

    ElementTree.fromstring(picture(ax).svg)
