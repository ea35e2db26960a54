"""The persuasion matrix: chance of a response without the campaign against the chance with it."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from shared.analysis.uplift_quadrants import DOGS, LOST, PERSUADABLE, SURE, TO_DO, TYPES
from shared.plots import theme

FIELDS = {PERSUADABLE: "#d9ebe0", SURE: "#8fa8b0", LOST: "#e6eaeb", DOGS: "#fbe0d5"}
LABEL = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}


def plot_matrix(
    cells: pd.DataFrame,
    *,
    moved: float,
    likely: float,
    shares: dict[str, float],
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw customers by both chances, larger marks for more of them, on the four fields.

    Parameters
    ----------
    cells : pd.DataFrame
        `without`, `with_it` (middle of the cell), `customers`.
    moved, likely : float
        Change and chance that part the fields.
    shares : dict of str to float
        Share of the customers predicted like each type.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(5.6, 5.6), layout="constrained")
    end = float(cells[["without", "with_it"]].max().max()) * 1.06
    line = np.array([0.0, end])
    right = np.array([likely, end])
    ax.fill_between(line, line - moved, line + moved, color=FIELDS[LOST], linewidth=0)
    ax.fill_between(right, right - moved, right + moved, color=FIELDS[SURE], linewidth=0)
    ax.fill_between(line, line + moved, end + moved, color=FIELDS[PERSUADABLE], linewidth=0)
    ax.fill_between(line, -moved, line - moved, color=FIELDS[DOGS], linewidth=0)
    for shift in (moved, -moved):
        ax.plot(line, line + shift, "-", color=theme.CONTEXT, linewidth=0.9)
    size = 4 + 150 * np.sqrt(cells["customers"] / cells["customers"].max())
    ax.scatter(cells["without"], cells["with_it"], s=size, color=theme.INK, alpha=0.45,
               linewidth=0)  # fmt: skip
    for name, x, y, turn in ((PERSUADABLE, 0.3, 0.72, 0), (DOGS, 0.72, 0.3, 0)):
        ax.annotate(name, (x, y), xycoords="axes fraction", ha="center", size=11, weight="bold",
                    rotation=turn, bbox=LABEL)  # fmt: skip
    fields = [
        Patch(
            facecolor=FIELDS[name],
            edgecolor=theme.CONTEXT,
            label=f"{name}: {theme.words().share(shares[name])}, {TO_DO[name]}",
        )
        for name in TYPES
    ]
    ax.legend(handles=fields, loc="lower left", bbox_to_anchor=(0, 1), borderpad=0)
    ax.set(xlim=(0, end), ylim=(0, end), xlabel="Predicted chance without the campaign",
           ylabel="Predicted chance with it")  # fmt: skip
    theme.write_axis(ax.xaxis, "share.0")
    theme.write_axis(ax.yaxis, "share.0")
    return theme.finish(ax, title=title, source=source)
