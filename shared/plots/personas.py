"""Charts of the personas: where they lie on a map, what sets them apart, what they buy."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.patches import Rectangle

from shared.plots import theme

MOST_POINTS, CONTOUR_LEVELS = 5000, 4
# Of the map's width and height: what a name takes, and how far from its mark it stands.
LABEL_WIDE, LABEL_HIGH, LABEL_OFF = 0.38, 0.1, 0.07
ROW_INCHES, FEATURE_LETTERS, NAME_LETTERS = 0.36, 18, 10
# Both ends dark and the middle pale: the sign is printed, so that colour is not alone.
DIVERGING = LinearSegmentedColormap.from_list(
    "orange_to_green", [theme.NEGATIVE, "#f6d9cc", "#ffffff", "#cfe0d6", theme.POSITIVE]
)
SHARES = LinearSegmentedColormap.from_list("white_to_green", ["#ffffff", theme.POSITIVE])


def plot_persona_map(
    customers: pd.DataFrame,
    *,
    middles: pd.DataFrame,
    axes: dict[str, str],
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw every customer on two principal components, a colour and a mark per persona.

    Parameters
    ----------
    customers : pd.DataFrame
        `x`, `y` and `name` of each; above 5,000 the densest parts are drawn as contours.
    middles : pd.DataFrame
        `name`, `x` and `y` of each persona, the largest first; its name stands there.
    axes : dict of str to str
        What the axes "x" and "y" are made of.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(theme.WIDTH, 5.4), layout="constrained")
    for number, row in enumerate(middles.to_dict("records")):
        mine = customers[customers["name"] == row["name"]]
        colour = theme.CATEGORIES[number % len(theme.CATEGORIES)]
        if len(customers) > MOST_POINTS:
            _contours(ax, mine, colour)
        else:
            marker = theme.MARKERS[number % len(theme.MARKERS)]
            ax.scatter(mine["x"], mine["y"], s=6, marker=marker, color=colour,
                       linewidths=0, rasterized=True)  # fmt: skip
    sides = _name_sides(middles, customers)
    for number, row in enumerate(middles.to_dict("records")):
        colour = theme.CATEGORIES[number % len(theme.CATEGORIES)]
        marker = theme.MARKERS[number % len(theme.MARKERS)]
        ax.plot(row["x"], row["y"], marker, ms=11, color=colour, mec="white", mew=1.5)
        words = theme.escape_mpl(textwrap.fill(str(row["name"]), 22))
        side = sides[str(row["name"])]
        ax.annotate(words, (row["x"], row["y"]), xytext=(0, 11 * side),
                    textcoords="offset points", ha="center", va="bottom" if side > 0 else "top",
                    weight="bold", size=9, color=theme.INK,
                    bbox={"facecolor": "white", "edgecolor": colour, "alpha": 0.88,
                          "boxstyle": "round,pad=0.25"})  # fmt: skip
    ax.set(xlabel=textwrap.fill(axes["x"], 70), ylabel=textwrap.fill(axes["y"], 46))
    ax.set_xticks([])
    ax.set_yticks([])
    ax.margins(0.06)
    return theme.finish(ax, title=title, source=source)


def _name_sides(middles: pd.DataFrame, customers: pd.DataFrame) -> dict[str, int]:
    """Choose for each name whether it stands above (1) or below (-1) its mark, clear of others."""
    wide, high = (float(np.ptp(customers[axis])) or 1.0 for axis in ("x", "y"))
    taken: list[tuple[float, float]] = []
    sides = {}
    for row in middles.sort_values("y", ascending=False, kind="stable").to_dict("records"):
        spots = {side: (row["x"] / wide, row["y"] / high + side * LABEL_OFF) for side in (1, -1)}
        met = {
            side: sum(abs(x - a) < LABEL_WIDE and abs(y - b) < LABEL_HIGH for a, b in taken)
            for side, (x, y) in spots.items()
        }
        side = 1 if met[1] <= met[-1] else -1
        sides[str(row["name"])] = side
        taken.append(spots[side])
    return sides


def plot_apart(effects: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw how far each persona stands from all others, a row per feature.

    Parameters
    ----------
    effects : pd.DataFrame
        `feature` in words, and a column per persona with standard deviations above (green) or
        below (orange) the others.
    """
    values = effects.set_index("feature")
    reach = float(np.nanmax(np.abs(values.to_numpy())))
    norm = TwoSlopeNorm(0, -max(min(reach, 3.0), 0.5), max(min(reach, 3.0), 0.5))
    ax = _matrix(values, ax, norm=norm, colours=DIVERGING, spec="number.1", signed=True)
    ax.set_xlabel("Standard deviations above (green) or below (orange) all others")
    return theme.finish(ax, title=title, source=source)


def plot_content(shares: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw what share of a persona's lines each category is.

    Parameters
    ----------
    shares : pd.DataFrame
        `measure` (the category), `explained` and `reading`, and a column per persona.
    """
    values = shares.set_index("measure").drop(columns=["explained", "reading"])
    norm = TwoSlopeNorm(
        float(np.nanmax(values.to_numpy())) / 2, 0, float(np.nanmax(values.to_numpy()))
    )
    ax = _matrix(values, ax, norm=norm, colours=SHARES, spec="share.0", signed=False)
    ax.set_xlabel("Mean share of a customer's order lines")
    return theme.finish(ax, title=title, source=source)


def _contours(ax: Axes, points: pd.DataFrame, colour: str) -> None:
    counts, x, y = np.histogram2d(points["x"], points["y"], bins=40)
    middle_x, middle_y = (x[:-1] + x[1:]) / 2, (y[:-1] + y[1:]) / 2
    levels = np.unique(np.quantile(counts[counts > 0], np.linspace(0.3, 0.95, CONTOUR_LEVELS)))
    if len(levels) > 1:
        ax.contour(middle_x, middle_y, counts.T, levels=levels, colors=colour, linewidths=1.1)


def _matrix(
    values: pd.DataFrame,
    ax: Axes | None,
    *,
    norm: TwoSlopeNorm,
    colours: Colormap,
    spec: str,
    signed: bool,
) -> Axes:
    """Draw a table of cells with the value printed in each."""
    rows, columns = values.shape
    if ax is None:
        height = ROW_INCHES * rows + 1.5
        _, ax = plt.subplots(figsize=(theme.WIDTH, height), layout="constrained")
    for row, line in enumerate(values.to_numpy(dtype=float)):
        for column, value in enumerate(line):
            if np.isnan(value):
                continue
            colour = colours(norm(value))
            ax.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=colour,
                                   edgecolor="white", linewidth=1.5))  # fmt: skip
            written = theme.words().format(value, spec)
            text = f"+{written}" if signed and value > 0 else written
            ax.text(column, row, theme.escape_mpl(text), ha="center", va="center", size=9.5,
                    color=theme.ink_on(colour))  # fmt: skip
    names = [theme.escape_mpl(textwrap.fill(str(n), NAME_LETTERS)) for n in values.columns]
    labels = [theme.escape_mpl(textwrap.fill(str(n), FEATURE_LETTERS)) for n in values.index]
    ax.set_xticks(range(columns), names, size=8.5)
    ax.set_yticks(range(rows), labels, size=8.5)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("bottom")
    ax.tick_params(length=0)
    ax.set_xlim(-0.5, columns - 0.5)
    ax.set_ylim(rows - 0.5, -0.5)
    ax.spines["bottom"].set_visible(False)
    return ax
