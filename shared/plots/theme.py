"""How every chart looks: colours with a meaning, sizes, and the one exit that titles it."""

import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.rcsetup import cycler
from matplotlib.ticker import Formatter

from shared.loading.brand import Brand, contrast
from shared.plots.locales import Wording

# Pale red to dark green: red reads as poor and green as good, yet the luminance falls all the way,
# so that it survives a grey print and both red-green deficiencies.
SEQUENTIAL_STOPS = ("#fbd3c6", "#f0b48f", "#c9a75a", "#7d9a4b", "#2f7a45", "#0b3d2a")
SEQUENTIAL = LinearSegmentedColormap.from_list("pale_red_to_dark_green", SEQUENTIAL_STOPS)
BLUES_STOPS = ("#ffffff", "#d6e4f2", "#9fc0de", "#5b93c3", "#2b659c", "#0d3560")
BLUES = LinearSegmentedColormap.from_list("white_to_dark_blue", BLUES_STOPS)

POSITIVE = "#0b3d2a"
NEGATIVE = "#d9603b"
HIGHLIGHT = "#0f6b4f"
CONTEXT = "#8a9498"
INK = "#1b2427"
MUTED = "#566065"
GRID = "#e2e6e7"
# Neighbours differ in luminance, so that a grey print keeps them apart; markers and dashes help.
CATEGORIES = [
    "#0b3d2a", "#d9603b", "#7b3f8c", "#2f6fb0", "#4a2a5e", "#8a6d00", "#8b1e3f", "#6b7b80",
]  # fmt: skip
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<"]
DASHES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)), (0, (3, 1, 1, 1)), (0, (8, 2))]

WIDTH = 7.2  # inches; the column of the page, so that text keeps the size set here
HASH_SALT = "crm-report-suite"
TITLE_SIZE = 11.5
FONT = "DejaVu Sans"  # comes with matplotlib, so that every machine draws the same letters
STYLE: dict[Any, Any] = {
    "font.family": FONT,
    "font.size": 9.5,
    "text.color": INK,
    "figure.figsize": (WIDTH, 4.0),
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "savefig.dpi": 150,
    "svg.hashsalt": HASH_SALT,
    "svg.fonttype": "path",
    "axes.titlesize": TITLE_SIZE,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.labelsize": 9.5,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": CONTEXT,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=CATEGORIES),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": CONTEXT,
    "ytick.color": CONTEXT,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 2,
}

_current = Wording()


@dataclass(frozen=True)
class ChartWords:
    """What a chart says around the picture; the report writes both as text of the page."""

    title: str
    source: str


_words: WeakKeyDictionary[Axes, ChartWords] = WeakKeyDictionary()


def use(wording: Wording, brand: Brand) -> None:
    """Set the look and the locale of all charts of this process, once, by the report.

    A brand's colours stay off the charts: there colour carries meaning, and two brand colours
    seldom stand far enough apart. The brand shows in the frame of the page.
    """
    global _current  # noqa: PLW0603
    del brand
    _current = wording
    mpl.rcParams.update(STYLE)
    # Such letters are drawn by the fonts of the reader: shared/report/letters.py.
    warnings.filterwarnings("ignore", message=r"Glyph \d+ .*missing from")


def words() -> Wording:
    """How numbers and dates are written on the charts of this run."""
    return _current


def of_money(money: str, *, items: str) -> str:
    """Choose the words for money, or those for items bought where the export has no prices."""
    return items if words().money_unit == "items" else money


def finish(ax: Axes, *, title: str, source: str) -> Axes:
    """Give a chart its title (the finding, left) and its source (below), and no frame.

    The report takes both off the picture again and writes them as text of the page; in a plain
    window they stay.
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("a chart without a figure cannot be finished")
    if figure.get_layout_engine() is None:
        figure.set_layout_engine("constrained")
    _words[ax] = ChartWords(title, source)
    letters = max(int(figure.get_figwidth() * 72 / (TITLE_SIZE * 0.64)), 30)
    ax.set_title(escape_mpl(textwrap.fill(title, letters)), loc="left")
    below = escape_mpl(textwrap.fill(source, int(letters * 1.4)))
    figure.supxlabel(below, x=0.01, ha="left", fontsize=8, color=MUTED)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    return ax


def chart_words(ax: Axes) -> ChartWords:
    """Title and source that `finish` gave to this chart, or to another one on its figure."""
    figure = ax.get_figure(root=True)
    for candidate in [ax, *(figure.axes if figure else [])]:
        if candidate in _words:
            return _words[candidate]
    raise ValueError("the chart has no title and source: end its plot function with theme.finish")


def escape_mpl(text: object) -> str:
    """Make text from data safe for matplotlib: a dollar sign is a dollar sign, never a formula."""
    return str(text).replace("$", r"\$")


def ink_on(color: Any) -> str:
    """Black or white, whichever reads better on a colour; never below a contrast of 4.5."""
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, to_hex(color)))


def write_axis(axis: Axis, spec: str) -> None:
    """Write the numbers along an axis as the client's locale does, by a spec of `Wording`.

    Steps finer than its decimals get more of them: ticks at 0.25 and 0.5 do not read 0.2 and 0.5.
    """
    axis.set_major_formatter(_Written(spec))


class _Written(Formatter):
    """Writes all ticks of an axis alike."""

    def __init__(self, spec: str) -> None:
        self.spec = spec

    def __call__(self, x: float, pos: int | None = None) -> str:  # noqa: ARG002 - as called
        return words().format(float(x), self.spec)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        spec = _fine(self.spec, values)
        return [words().format(float(value), spec) for value in values]


def _fine(spec: str, ticks: Sequence[float]) -> str:
    """Give a spec as many decimals as its ticks need, up to two more than it has."""
    name, _, digits = spec.partition(".")
    if name not in ("number", "ratio", "share", "money") or not digits.isdigit():
        return spec
    shown = np.asarray(ticks, dtype=float) * (100 if name == "share" else 1)
    for more in range(3):
        if np.allclose(np.round(shown, int(digits) + more), shown, rtol=0, atol=1e-7):
            # Amounts have no decimals or those of a coin.
            return f"{name}.{2 if name == 'money' and more else int(digits) + more}"
    return spec


def write_measure(ax: Axes, spec: str) -> None:
    """Write the numbers of the axis that bars or lines rise along, with a line across at each."""
    write_axis(ax.yaxis, spec)
    ax.grid(axis="y")
