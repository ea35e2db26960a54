"""Matrix of contribution by steadiness: ABC across XYZ."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm

from shared.plots import theme

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
STEADINESS = {
    "X": "X\nsteady",
    "Y": "Y\nchanging",
    "Z": "Z\nby fits and starts",
    "not rated": "not rated\ntoo few periods",
}


def plot_abc_xyz(
    matrix: pd.DataFrame, *, members: str, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw A, B and C against X, Y and Z; darkness is the share of revenue, printed in the cell.

    Parameters
    ----------
    matrix : pd.DataFrame
        As from `abc_xyz_table`; a blank share or count is withheld and its cell white, and members
        not rated stand apart on the right.
    members : str
        "customers" or "products".
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.4), layout="constrained")
    rows = {name: place for place, name in enumerate(("C", "B", "A"))}
    columns = {name: place + 0.15 * (place == 3) for place, name in enumerate(STEADINESS)}
    norm = PowerNorm(0.5, vmin=0, vmax=max(float(matrix["revenue_share"].max()), 0.01))
    for cell in matrix.to_dict("records"):
        x, y = columns[cell["xyz_class"]], rows[cell["abc_class"]]
        blank = pd.isna(cell["revenue_share"]) or not cell["members"]
        color = "#ffffff" if blank else theme.SEQUENTIAL(norm(cell["revenue_share"]))
        ax.add_patch(plt.Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=color,
                                   edgecolor=theme.GRID, linewidth=1.5))  # fmt: skip
        ax.annotate(_cell_text(cell), (x, y), ha="center", va="center", size=9.5,
                    color=theme.ink_on(color), linespacing=1.35)  # fmt: skip
    ax.set_xlim(-0.52, columns["not rated"] + 0.52)
    ax.set_ylim(-0.52, 2.52)
    ax.set_xticks(list(columns.values()), list(STEADINESS.values()))
    ax.set_yticks(list(rows.values()), list(rows))
    money = theme.of_money("revenue", items="items bought")
    ax.set_xlabel(f"In each cell: {members} and share of all {money}")
    ax.set_ylabel("Contribution, the largest on top")
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(length=0)
    return theme.finish(ax, title=title, source=source)


def _cell_text(cell: dict) -> str:
    words = theme.words()
    if pd.isna(cell["members"]):
        return "withheld"
    count = f"n = {words.count(cell['members'])}"
    share = "" if not cell["members"] else words.format(cell["revenue_share"], "share")
    return f"{count}\n{share}".rstrip()
