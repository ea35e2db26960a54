"""Letters that the charts' own font lacks: they are left to the fonts of whoever reads the page."""

from collections.abc import Callable
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text

from shared.plots.theme import FONT

# A line break is drawn by beginning a new line, the others by nothing.
_NEVER_DRAWN = frozenset("\n\r\t")


def leave_unknown_letters(figure: Figure) -> None:
    """Have texts with letters that the font lacks written as text, where outlines would be boxes.

    All other texts stay outlines, the same on every screen.
    """
    for text in figure.findobj(Text):
        if unknown_letters(text.get_text()) and "draw" not in vars(text):
            vars(text)["draw"] = _as_text(text.draw)


def unknown_letters(text: str) -> str:
    """Give the letters of a text that the charts' font cannot draw, each once."""
    known = _known()
    return "".join(sorted(one for one in set(text) - _NEVER_DRAWN if ord(one) not in known))


def _as_text(draw: Callable[..., None]) -> Callable[..., None]:
    def drawn(renderer: Any) -> None:
        """Draw with the reader's fonts, whatever the rest of the figure is drawn with."""
        with mpl.rc_context({"svg.fonttype": "none"}):
            draw(renderer)

    return drawn


@cache
def _known() -> frozenset[int]:
    font = get_font(findfont(FontProperties(family=FONT)))
    return frozenset(font.get_charmap())
