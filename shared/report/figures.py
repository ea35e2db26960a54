"""Figures: a chart as an SVG picture, with its title, alt text, source and numbers as text."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from math import ceil
from typing import Any
from urllib.parse import quote

import matplotlib as mpl
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PathCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from shared.plots.theme import FONT, HASH_SALT
from shared.report.compact_svg import compact
from shared.report.letters import leave_unknown_letters
from shared.report.mistakes import ReportMistake
from shared.report.words import word

MOST_MARKS = 2000  # above this many marks an SVG is heavier than its picture
HEAVY = 300  # marks of one artist that are worth turning into pixels
SHORTEST_ALT = 40
PIXELS_PER_INCH = 96
NARROW_SCREEN = "(max-width: 37.5em)"
SMALLEST_TEXT = 9  # CSS pixels; a picture whose digits would be smaller scrolls in its own frame
PHONE_COLUMN = 358  # CSS pixels; what a phone of 390 has for a picture
NEARLY = 0.97  # of the least width, which will do: a picture cut by a few pixels looks broken
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_NO_LAYOUT: dict[Any, Any] = {"figure.constrained_layout.use": False, "figure.autolayout": False}
_DOLLAR = re.compile(r"(?<!\\)\$")
_QUOTE_IN_TEXT = re.compile(r'>[^<"]*"[^<]*<')


@dataclass(frozen=True)
class Picture:
    """An SVG file with its natural size and the least width on which it reads, in CSS pixels."""

    svg: bytes
    width: int
    height: int
    least_width: int = 0

    @property
    def source(self) -> str:
        """The picture as a data address, which cannot run or load anything."""
        # Of a third more bytes, base64 would spare the reader nothing.
        svg = self.svg.decode("utf-8").replace('"', "'")
        return "data:image/svg+xml," + quote(svg, safe=" '()*+,-./:;={}")


def laid_out(ax: Axes) -> Figure:
    """Give the figure of a chart without its title and source, everything in its place."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ReportMistake("the chart has no figure any more")
    ax.set_title("", loc="left")
    figure.supxlabel("")
    disarm_dollars(figure)
    leave_unknown_letters(figure)
    rasterize_heavy_marks(figure)
    figure.draw_without_rendering()
    return figure


def picture_of(figure: Figure) -> Picture:
    """Draw a figure whose parts are in their place, the same bytes every time."""
    width, height = figure.get_size_inches() * PIXELS_PER_INCH
    drawn = smallest_text(figure) * PIXELS_PER_INCH / 72
    least = min(ceil(width * SMALLEST_TEXT / drawn), round(width)) if drawn else 0
    return Picture(svg_of(figure), round(width), round(height), least)


def smallest_text(figure: Figure) -> float:
    """Give the size of a figure's smallest text in points; 0 without any."""
    shown = (text for text in figure.findobj(Text) if text.get_visible())
    sizes = [float(text.get_fontsize()) for text in shown if text.get_text().strip()]
    return min(sizes, default=0)


def svg_of(figure: Figure) -> bytes:
    """Write a figure as SVG with text as outlines, no date and no maker's name."""
    buffer = io.BytesIO()
    fixed: dict[Any, Any] = {
        "svg.hashsalt": HASH_SALT,
        "svg.fonttype": "path",
        "savefig.bbox": None,
    }
    with mpl.rc_context(fixed), _as_it_is(figure):
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
    svg = buffer.getvalue().decode("utf-8")
    # A quote in a text, 12" say, is a letter; around an attribute it becomes another mark later.
    svg = compact(_QUOTE_IN_TEXT.sub(lambda text: text[0].replace('"', "&quot;"), svg))
    # Only texts that are left to the reader's fonts name one.
    return svg.replace(f"'{FONT}'", f"'{FONT}',Verdana,sans-serif").encode("utf-8")


@contextmanager
def _as_it_is(figure: Figure) -> Iterator[None]:
    """Lay nothing out again: matplotlib draws a figure twice that has an engine for it."""
    engine = figure.get_layout_engine()
    # "none" would leave an engine that does nothing, and is one.
    with mpl.rc_context(_NO_LAYOUT):
        figure.set_layout_engine(None)
    try:
        yield
    finally:
        if engine is not None:
            figure.set_layout_engine(engine)


def check_alt(alt: str) -> None:
    """Refuse an alt text that a listener could not do without the picture.

    Raises
    ------
    ValueError
        If it is shorter than 40 characters or holds no number.
    """
    if len(alt) < SHORTEST_ALT or not re.search(r"\d", alt):
        raise ReportMistake(
            f"the alt text {alt!r} needs {SHORTEST_ALT} characters or more and a number: "
            "the kind of chart, its range, the one comparison that matters"
        )


def check_title(title: str) -> None:
    """Refuse a title that states no number.

    Raises
    ------
    ValueError
        If it holds no digit.
    """
    if not re.search(r"\d", title):
        raise ReportMistake(f"the title {title!r} states no number: say what the chart shows")


def check_behind(data: pd.DataFrame | None) -> None:
    """Refuse a table behind a chart that lists customers.

    Raises
    ------
    ValueError
        If it has a column or an index of customer ids.
    """
    if data is not None and "customer_id" in {*data.columns, *data.index.names}:
        raise ReportMistake("the table behind a chart must not list customers: aggregate it")


def figure_markup(
    id_: str, wide: Picture, *, narrow: Picture | None, title: str, alt: str, source: str
) -> str:
    """Write the caption, the picture, also for a narrow screen, and the source of a figure."""
    least = (narrow or wide).least_width
    # Only in a frame of its own may a picture be wider than the screen.
    framed = least * NEARLY > PHONE_COLUMN
    style = f'style="min-width: {least}px" ' if framed else ""
    image = (
        f'<img alt="{escape(alt)}" width="{wide.width}" height="{wide.height}" '
        f'{style}src="{wide.source}">'
    )
    if narrow is not None:
        image = (
            f'<picture><source media="{NARROW_SCREEN}" width="{narrow.width}" '
            f'height="{narrow.height}" srcset="{_without_spaces(narrow.source)}">{image}</picture>'
        )
    if framed:
        label = escape(word("picture_of", title=title))
        image = f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{image}</div>'
    return (
        f'<figcaption><h3 id="{id_}">{escape(title)}</h3></figcaption>{image}'
        f'<p class="source">{escape(source)}</p>'
    )


def _without_spaces(address: str) -> str:
    """Write an address for a list of addresses, in which a space ends one."""
    return address.replace(" ", "%20")


def disarm_dollars(figure: Figure) -> None:
    """Let a dollar sign that nobody escaped be drawn as itself: data are never a formula."""
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            axis.get_ticklabels(which="both")  # makes the labels, so that the search finds them
    for text in figure.findobj(Text):
        written = text.get_text()
        if _DOLLAR.search(written) and r"\mathdefault" not in written:
            text.set_parse_math(False)


def rasterize_heavy_marks(figure: Figure) -> None:
    """Turn crowded marks into pixels, so that size stays bounded; text stays sharp."""
    crowds = {artist: marks(artist) for artist in _drawn(figure)}
    if sum(crowds.values()) > MOST_MARKS:
        for artist, count in crowds.items():
            if count >= HEAVY or isinstance(artist, Patch | Line2D):
                artist.set_rasterized(True)


def marks(artist: Artist) -> int:
    """Count the marks that an artist draws."""
    if isinstance(artist, PathCollection):
        return len(artist.get_offsets())  # type: ignore[arg-type]
    if isinstance(artist, QuadMesh):
        return int(artist.get_array().size)  # type: ignore[union-attr]
    if isinstance(artist, LineCollection):
        return len(artist.get_segments())
    if isinstance(artist, Collection):
        return len(artist.get_paths())
    if isinstance(artist, Line2D):
        has_markers = artist.get_marker() not in ("None", "", " ", None)
        return len(artist.get_xdata()) if has_markers else 1  # type: ignore[arg-type]
    return 1


def _drawn(figure: Figure) -> Iterator[Artist]:
    for ax in figure.axes:
        yield from (*ax.collections, *ax.lines, *ax.patches)
