"""The circular cross-sell map: a line per robust pair of products, as thick as its lift."""

import re
from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from shared.plots import theme

WIDTH = 4.4  # inches: on a phone the text is as small as it may be, and nothing scrolls
TEXT = 8  # points, of labels and legends
LETTERS, CAPITALS, LINES = 18, 13, 2  # of a label; capitals are wider
THINNEST, THICKEST = 0.7, 7.0  # points
REACH = 2.14  # half the width of the picture, in radii: the rest is for the labels
LEGEND, ROW = 0.27, 0.17  # heights of the legend of widths, and of a row of groups, in radii
BEND = 0.25  # how far a line bends away from the straight one, towards the centre
OTHERS = "Other groups"


def plot_cross_sell_map(
    pairs: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw each product once on a circle and each pair as a line, its width linear in the lift.

    Parameters
    ----------
    pairs : pd.DataFrame
        `product_a`, `product_b`, `category_a`, `category_b` (None where unknown), `lift`; at most
        thirty pairs of 26 products, or the labels would touch.
    """
    groups = _groups(pairs)
    styles = _styles(groups)
    depth = LEGEND + ROW * (0 if set(styles) == {""} else (len(styles) + 1) // 2)
    if ax is None:
        height = WIDTH * (2 * REACH + depth) / (2 * REACH)
        _, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    names = sorted(groups, key=lambda name: (groups[name], name))
    angles = dict(zip(names, np.pi / 2 - 2 * np.pi * np.arange(len(names)) / len(names),
                      strict=True))  # fmt: skip
    width = line_width(pairs["lift"].to_numpy())
    for row, points in zip(pairs.to_dict("records"), width, strict=True):
        ends = [angles[row["product_a"]], angles[row["product_b"]]]
        same = groups[row["product_a"]] == groups[row["product_b"]]
        color = styles[groups[row["product_a"]]][0] if same else theme.CONTEXT
        ax.add_patch(_line(ends, color=color, points=points))
    for (name, angle), text in zip(angles.items(), _labels(names), strict=True):
        color, marker = styles[groups[name]]
        ax.plot(np.cos(angle), np.sin(angle), marker, color=color, markersize=5, zorder=3)
        _write(ax, text, angle)
    ax.set(xlim=(-REACH, REACH), ylim=(-REACH - depth, REACH), aspect="equal")
    ax.set_axis_off()
    _legends(ax, pairs["lift"].to_numpy(), styles)
    return theme.finish(ax, title=title, source=source)


def line_width(lift: np.ndarray) -> np.ndarray:
    """Give the width of each line in points, linear in the lift from 1 to the highest drawn."""
    return THINNEST + _slope(lift) * (np.asarray(lift, float) - 1)


def _slope(lift: np.ndarray) -> float:
    return (THICKEST - THINNEST) / max(float(np.max(lift)) - 1, 1e-9)


def _line(ends: list[float], *, color: str, points: float) -> PathPatch:
    (x0, x1), (y0, y1) = np.cos(ends), np.sin(ends)
    middle = (BEND * (x0 + x1) / 2, BEND * (y0 + y1) / 2)
    path = Path([(x0, y0), middle, (x1, y1)], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    return PathPatch(path, facecolor="none", edgecolor=color, linewidth=points, alpha=0.75,
                     capstyle="round")  # fmt: skip


def _write(ax: Axes, text: str, angle: float) -> None:
    """Write a label outwards along the radius, never upside down."""
    left = np.cos(angle) < -1e-9
    turned = np.degrees(angle) + (180 if left else 0)
    ax.text(1.06 * np.cos(angle), 1.06 * np.sin(angle), theme.escape_mpl(text), size=TEXT,
            rotation=turned, rotation_mode="anchor", ha="right" if left else "left", va="center",
            color=theme.INK, linespacing=1.0)  # fmt: skip


def _labels(names: list[str]) -> list[str]:
    """Fold names to two short lines; long ones that begin alike are told apart by their ends."""
    names = [" ".join(name.split()) for name in names]
    folded = [fill(_with_units(name), _letters(name), max_lines=LINES, placeholder="…")
              for name in names]  # fmt: skip
    alike = {text for text in folded if folded.count(text) > 1}
    return [_both_ends(name) if text in alike else text
            for name, text in zip(names, folded, strict=True)]  # fmt: skip


def _letters(name: str) -> int:
    return CAPITALS if name.isupper() else LETTERS


def _both_ends(name: str) -> str:
    """Keep the first words of a name and, in a second line, its last ones."""
    letters = _letters(name)
    first = fill(name, letters, max_lines=1, placeholder="")
    turned = fill(name[::-1], letters - 1, max_lines=1, placeholder="")
    return f"{first or name[:letters]}\n…{turned[::-1] or name[1 - letters :]}"


def _with_units(name: str) -> str:
    """Keep "250 g" in one line: a word of one or two letters stays with the one before it."""
    return re.sub(r" (\S{1,2})$", "\u00a0\\1", name)


def _groups(pairs: pd.DataFrame) -> dict[str, str]:
    """Put each product into its group; the groups that find no colour become one."""
    sides = [pairs[[f"product_{s}", f"category_{s}"]].set_axis(["product", "group"], axis=1)
             for s in "ab"]  # fmt: skip
    products = pd.concat(sides).drop_duplicates("product").set_index("product")["group"]
    products = products.astype(object).where(products.notna(), "")
    most = products.value_counts().index[: len(theme.CATEGORIES) - 1]
    return {str(name): group if group in most else OTHERS for name, group in products.items()}


def _styles(groups: dict[str, str]) -> dict[str, tuple[str, str]]:
    kinds = sorted(set(groups.values()), key=lambda group: (group == OTHERS, group))
    if kinds == [""]:
        return {"": (theme.HIGHLIGHT, "o")}
    return dict(zip(kinds, zip(theme.CATEGORIES, theme.MARKERS, strict=True), strict=False))


def _legends(ax: Axes, lift: np.ndarray, styles: dict[str, tuple[str, str]]) -> None:
    """Say what the widths mean, by three of them, and which mark is which group."""
    digits = 1 if lift.max() < 10 else 0
    shown = np.unique(np.round(np.linspace(lift.min(), lift.max(), 3), digits))
    slope = _slope(lift)
    handles = [
        Line2D([], [], color=theme.CONTEXT, linewidth=THINNEST + slope * (value - 1),
               label=f"lift {theme.words().number(value, digits)}")
        for value in shown
    ]  # fmt: skip
    at: dict[str, Any] = {"loc": "upper center", "bbox_transform": ax.transData, "borderpad": 0}
    box = ax.legend(handles=handles, ncols=3, handlelength=3, fontsize=TEXT, columnspacing=2,
                    bbox_to_anchor=(0, -REACH), **at)  # fmt: skip
    if set(styles) == {""}:
        return
    ax.add_artist(box)
    marks = [Line2D([], [], color=color, marker=marker, linestyle="none", markersize=6,
                    label=theme.escape_mpl(group or "No group"))
             for group, (color, marker) in styles.items()]  # fmt: skip
    ax.legend(handles=marks, ncols=2, columnspacing=1.5, handletextpad=0.4, fontsize=TEXT,
              bbox_to_anchor=(0, -REACH - LEGEND), **at)  # fmt: skip
