"""The channel map: channels as nodes, arrows as thick as the way is likely."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from shared.plots import theme

WIDTH, HEIGHT = 3.75, 3.3  # inches: a phone shows it whole, for no label may move
THINNEST, THICKEST = 0.5, 10.0  # points; the width is linear in the probability, from 0 on
SALE, NOTHING, NODE = "#2f7a45", "#8a9498", "#d6e4f2"
RADIUS = 0.31
START_AT, SALE_AT, NULL_AT = (-1.67, 0.0), (1.67, 0.66), (1.67, -0.66)


def plot_channel_map(
    arrows: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw channels on a circle between start, sale and nothing, with an arrow for each way.

    Parameters
    ----------
    arrows : pd.DataFrame
        `source`, `target` (channel names; "" for start and for an end), `kind` ("start", "move",
        "sale", "end"), `transition_probability`; at most some dozen channels, no arrow from a
        channel to itself.
    """
    names = sorted({*arrows["source"], *arrows["target"]} - {""})
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, HEIGHT), layout="constrained")
    # Turned by half a step, so that no channel stands between the start and the others.
    angle = np.pi - 2 * np.pi * (np.arange(len(names)) + 0.5) / max(len(names), 1)
    at = {name: (0.9 * np.cos(a), 1.12 * np.sin(a)) for name, a in zip(names, angle, strict=True)}
    for row in arrows.sort_values("transition_probability").to_dict("records"):
        _arrow(ax, row, at)
    _ends(ax)
    for name, place in at.items():
        ax.add_patch(Circle(place, RADIUS, facecolor=NODE, edgecolor=theme.INK, linewidth=0.8,
                            zorder=3))  # fmt: skip
        ax.text(*place, _label(name), ha="center", va="center", size=7, zorder=4)
    _widths(ax, float(arrows["transition_probability"].max()))
    ax.set(xlim=(-2.0, 2.0), ylim=(-1.86, 1.47), aspect="equal")
    ax.set_axis_off()
    return theme.finish(ax, title=title, source=source)


def line_width(probability: float) -> float:
    """Give the width of an arrow in points: linear in its probability."""
    return THINNEST + (THICKEST - THINNEST) * probability


def _arrow(ax: Axes, row: dict, at: dict[str, tuple[float, float]]) -> None:
    kind, probability = row["kind"], float(row["transition_probability"])
    begin = START_AT if kind == "start" else at[row["source"]]
    end = {"sale": SALE_AT, "end": NULL_AT}.get(kind) or at[row["target"]]
    color = {"sale": SALE, "end": NOTHING, "start": theme.INK}.get(kind, "#5b93c3")
    # Both ways between two channels bend to their own side, so that neither hides the other.
    bend = 0.16 if kind == "move" else 0.05
    width = line_width(probability)
    ax.add_patch(
        FancyArrowPatch(
            begin, end, connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", shrinkA=15,
            shrinkB=15, mutation_scale=7 + 1.6 * width, linewidth=width, color=color,
            alpha=0.85 if kind != "end" else 0.6, zorder=2 if kind != "end" else 1,
            linestyle="--" if kind == "end" else "-",
        )
    )  # fmt: skip
    if kind == "sale":
        # Beside its channel: at the square, where the arrows come together, no number is legible.
        near = min(0.55 / float(np.hypot(end[0] - begin[0], end[1] - begin[1])), 0.51)
        x, y = (b + near * (e - b) for b, e in zip(begin, end, strict=True))
        ax.text(x, y, theme.words().format(probability, "share.0"), size=7.5, color=SALE,
                ha="center", va="center", weight="bold", zorder=5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip


def _ends(ax: Axes) -> None:
    """Draw start, the green square of a sale and the grey disc of nothing."""
    side = 2 * RADIUS
    ax.add_patch(Circle(START_AT, RADIUS, facecolor="white", edgecolor=theme.INK, linewidth=1.2,
                        zorder=3))  # fmt: skip
    corner = (SALE_AT[0] - RADIUS, SALE_AT[1] - RADIUS)
    ax.add_patch(Rectangle(corner, side, side, facecolor=SALE, edgecolor=theme.INK, zorder=3))
    ax.add_patch(Circle(NULL_AT, RADIUS, facecolor="#d3d8da", edgecolor=NOTHING, zorder=3))
    for place, text, color in ((START_AT, "start", theme.INK), (SALE_AT, "sale", "white"),
                               (NULL_AT, "no sale", theme.INK)):  # fmt: skip
        ax.text(*place, text, ha="center", va="center", size=7.5, weight="bold", color=color,
                zorder=4)  # fmt: skip


def _widths(ax: Axes, largest: float) -> None:
    shown = [share for share in (0.05, 0.1, 0.2, 0.4, 0.8) if share <= max(largest, 0.05)][-3:]
    handles = [Line2D([], [], color="#5b93c3", linewidth=line_width(share),
                      label=theme.words().format(share, "share.0")) for share in shown]  # fmt: skip
    ax.legend(handles=handles, loc="lower center", ncols=3, handlelength=3.5, columnspacing=2,
              title="of those at a node go this way next", title_fontsize=7.5, fontsize=7.5,
              bbox_to_anchor=(0.5, -0.02))  # fmt: skip


def _label(name: str) -> str:
    # An underscore is a place to break, as a blank is: not "paid_searc" above "h".
    lines = fill(name.replace("_", "_ "), 10, max_lines=3, placeholder="…")
    return theme.escape_mpl(lines.replace("_ ", "_"))
