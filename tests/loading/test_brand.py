import colorsys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.loading.brand import contrast, hex_color, repair_contrast
from shared.loading.logo import logo_fault, media_type, svg_fault

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"{}>{}</svg>'
)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def hue(color):
    return colorsys.rgb_to_hls(*(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)))[0]


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#ffffff", "#ffffff") == 1
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


def test_a_readable_colour_stays_and_a_pale_one_is_darkened_within_its_hue():
    assert repair_contrast("#0b6e4f") == ("#0b6e4f", False)

    shade, repaired = repair_contrast("#f2c14e")
    assert repaired
    assert contrast(shade, "#ffffff") >= 4.5
    assert hue(shade) == pytest.approx(hue("#f2c14e"), abs=0.01)


@settings(max_examples=100, derandomize=True)
@given(COLORS, COLORS)
def test_every_colour_can_be_repaired_on_every_background(color, background):
    shade, repaired = repair_contrast(color, background)

    assert contrast(shade, background) >= 4.5
    assert repaired == (shade != color)


def test_colours_are_given_back_with_six_small_digits():
    assert hex_color("#0B6E4F") == "#0b6e4f"
    assert hex_color("#0be") == "#00bbee"


@pytest.mark.parametrize("value", ["green", "#0b6e4", "#0b6e4f80", "rgb(1,2,3)", "#٠٠٠", "0b6e4f"])
def test_what_is_no_hex_colour_is_refused(value):
    with pytest.raises(ValueError, match=r"such as|did you mean"):
        hex_color(value)


def test_pictures_are_known_by_their_bytes():
    assert media_type(PNG) == "image/png"
    assert media_type(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert media_type(b"\xef\xbb\xbf <?xml version='1.0'?><svg/>") == "image/svg+xml"
    assert media_type(b"GIF89a") is None


@pytest.mark.parametrize(
    "inner",
    [
        '<path d="M0 0"/><use xlink:href="#a"/><rect fill="url(#g)"/>',
        '<image href="data:image/png;base64,iVBORw0KGgo="/>',
        "<style>.a { fill: url(#g) }</style>",
        '<metadata about="C:\\logos" resource="http://purl.org/dc">x</metadata>',
    ],
)
def test_a_passive_svg_is_accepted(inner):
    assert svg_fault(SVG.format("", inner).encode()) == ""


@pytest.mark.parametrize(
    ("inner", "fault"),
    [
        ("<script>alert(1)</script>", "active element"),
        ("<x:script xmlns:x='http://www.w3.org/2000/svg'/>", "active element"),
        ("<foreignObject/>", "active element"),
        ("<animate attributeName='href' to='javascript:x'/>", "active element"),
        ("<rect onload='x()'/>", "event attribute"),
        ("<rect OnClick='x()'/>", "event attribute"),
        ("<image href='https://evil.example/x.png'/>", "outside itself"),
        ("<use xlink:href='other.svg#a'/>", "outside itself"),
        ("<a href=' java&#115;cript:x'/>", "outside itself"),
        ("<image href='data:image/svg+xml;base64,AAAA'/>", "outside itself"),
        ("<rect style='fill:url(http://evil.example)'/>", "outside itself"),
        ("<rect fill='url( \"//evil.example\")'/>", "outside itself"),
        ("<g xml:base='http://evil.example/'/>", "outside itself"),
        ("<style>@import 'x.css';</style>", "style sheet"),
        ("<style>a{b:u<!-- -->rl(//evil.example)}</style>", "style sheet"),
        ("<style>a{b:u\\72l(//evil.example)}</style>", "style sheet"),
        ("<path", "neither a whole svg"),
    ],
)
def test_an_svg_that_could_run_or_reach_out_is_refused(inner, fault):
    assert fault in svg_fault(SVG.format("", inner).encode())


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "entity"),
        (b'<?xml-stylesheet href="http://evil.example/a.css"?><svg/>', "style sheet outside"),
        (b"<html><svg/></html>", "no svg"),
        (b"<svg/><script/>", "neither a whole svg"),
        (b'<?xml version="1.0" encoding="nonsense"?><svg/>', "neither a whole svg"),
    ],
)
def test_a_document_around_an_svg_is_refused(content, fault):
    assert fault in svg_fault(content)


def test_a_drawing_programs_own_marks_are_accepted():
    head = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C" "svg11.dtd"><?xpacket?>'

    assert svg_fault((head + SVG.format("", "")).encode()) == ""


def test_a_logo_that_is_missing_a_folder_or_too_large_is_refused(tmp_path):
    (tmp_path / "large.png").write_bytes(PNG + b"\0" * 20_000_000)
    (tmp_path / "fine.png").write_bytes(PNG)
    (tmp_path / "page.svg").write_bytes(b"%PDF-1.7")

    assert logo_fault(tmp_path / "none.svg") == "is not there"
    assert logo_fault(tmp_path) == "is not a file"
    assert logo_fault(tmp_path / "large.png") == "has 19.1 MB; at most 1 MB"
    assert "neither svg, png nor jpg" in logo_fault(tmp_path / "page.svg")
    assert logo_fault(tmp_path / "fine.png") == ""
    assert logo_fault(tmp_path / ("x" * 5000)) == "cannot be read"
