"""The cloud: words of complaints, larger the more texts hold them, coloured by department."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from wordcloud.wordcloud import IntegralOccupancyMap  # type: ignore[import-untyped]

from shared.plots import theme

WIDTH = 7.2  # inches
CANVAS = (980, 460)  # of the packing
LARGEST, SMALLEST = 115, 24  # height of the letters on it
SCALES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
MARGIN, SEED = 2, 0
FONT = font_manager.FontProperties(family="DejaVu Sans")
GREY = theme.CATEGORIES[-1]
OTHER = "no department"
DEPARTMENTS = (
    "production", "pricing", "logistics", "after-sales", "stores", "assortment", "website",
)  # fmt: skip


@dataclass(frozen=True)
class Placed:
    """A word on the canvas: its letters' height and the upper left corner of its box."""

    word: str
    height: float
    x: float
    y: float


def plot_words(words: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw words whose height grows with their number of texts, coloured by department.

    Parameters
    ----------
    words : pd.DataFrame
        `term`, `complaints`, `department`; the most frequent first.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.75), layout="constrained")
    words = words.drop_duplicates("term")
    colors = department_colors(list(words["department"]))
    owner = dict(zip(words["term"], words["department"], strict=True))
    for one in placed_words(words):
        ax.add_patch(PathPatch(_letters(one), color=colors[owner[one.word]], linewidth=0))
    ax.set(xlim=(0, CANVAS[0]), ylim=(CANVAS[1], 0), xticks=[], yticks=[], aspect="equal")
    ax.spines["bottom"].set_visible(False)
    handles = [Patch(color=color, label=theme.escape_mpl(name)) for name, color in colors.items()]
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=4,
              columnspacing=1.0, handlelength=1.0, borderpad=0)  # fmt: skip
    return theme.finish(ax, title=title, source=source)


def placed_words(words: pd.DataFrame) -> list[Placed]:
    """Pack the words without overlap, the same places each time.

    Heights are linear in the number of texts. Where not all words find a place, all of them become
    smaller by the same factor.
    """
    counts = words["complaints"].to_numpy(dtype=float)
    heights = dict(zip(words["term"].astype(str), word_heights(counts), strict=True))
    found: list[Placed] = []
    for scale in SCALES:
        found = _packed({word: height * scale for word, height in heights.items()})
        if len(found) == len(heights):
            break
    return found


def word_heights(counts: np.ndarray) -> np.ndarray:
    """Give the height of the letters: linear in the number of texts between two bounds."""
    low, high = counts.min(), counts.max()
    if high == low:
        return np.full(len(counts), (LARGEST + SMALLEST) / 2)
    return SMALLEST + (LARGEST - SMALLEST) * (counts - low) / (high - low)


def department_colors(departments: Sequence[str]) -> dict[str, str]:
    """Give each department its colour, the same for every client; grey for none.

    A client's own departments take, by name, what the usual ones on the page leave over.
    """
    palette = theme.CATEGORIES[:-1]
    usual = dict(zip(DEPARTMENTS, palette, strict=True))
    named = [name for name in dict.fromkeys(departments) if name != OTHER]
    taken = {usual[name] for name in named if name in usual}
    free = [color for color in palette if color not in taken] or palette
    own = sorted(set(named) - set(usual))
    usual |= {name: free[place % len(free)] for place, name in enumerate(own)}
    colors = {name: usual[name] for name in named}
    return colors | ({OTHER: GREY} if OTHER in departments else {})


def _packed(heights: dict[str, float]) -> list[Placed]:
    """Place the words, largest first, each in a free box drawn at random but always the same.

    The library's own layout draws a word lower than the box that it looked for, so that letters may
    touch; of it, only the search for a free box is used.
    """
    chance, free = Random(SEED), IntegralOccupancyMap(CANVAS[1], CANVAS[0], None)
    taken = np.zeros((CANVAS[1], CANVAS[0]), dtype=np.uint32)
    placed = []
    for word, height in sorted(heights.items(), key=lambda item: (-item[1], item[0])):
        box = TextPath((0, 0), word, size=height, prop=FONT, usetex=False).get_extents()
        rows, columns = (int(np.ceil(side)) + 2 * MARGIN for side in (box.height, box.width))
        place = free.sample_position(rows, columns, chance)
        if place is None:
            break
        row, column = place
        placed.append(Placed(word, height, column + MARGIN, row + MARGIN))
        taken[row : row + rows, column : column + columns] = 1
        free.update(taken, row, column)
    return placed


def _letters(one: Placed) -> Path:
    """Draw a word with its upper left corner at its place; the vertical axis points down."""
    path = TextPath((0, 0), one.word, size=one.height, prop=FONT, usetex=False)
    box = path.get_extents()
    move = Affine2D().translate(-box.x0, -box.y1).scale(1, -1).translate(one.x, one.y)
    return move.transform_path(path)
