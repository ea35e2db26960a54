"""The heat map of lifetime value: how many orders to expect, and where customers lie."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm, to_hex

from shared.plots import theme

WIDTH = 5.8  # inches
SHADE = 0.45  # small expectations are most of the map and must still differ
FEWEST_SHOWN = 10
NO_CELL = "#f3f5f5"


def plot_heat_map(
    cells: pd.DataFrame,
    *,
    unit: str,
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw expected orders by repeat orders so far (x) and age at the last order (y, upwards).

    Parameters
    ----------
    cells : pd.DataFrame
        As in `HeatMap.cells`; a blank expectation is a cell that cannot occur. Below it a cell
        counts the customers in it, of any age; a blank or fewer than 10 show as a dot.
    unit : str
        Unit of age, such as "week".
    """
    columns, bands = int(cells["column"].max()) + 1, int(cells["band"].max()) + 1
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.52 * bands + 1.5), layout="constrained")
    values = cells.pivot(index="band", columns="column", values="expected_orders").to_numpy()
    norm = PowerNorm(SHADE, 0, float(np.nanmax(values)))
    ax.set_facecolor(NO_CELL)
    edges_x, edges_y = np.arange(columns + 1) - 0.5, np.arange(bands + 1) - 0.5
    ax.pcolormesh(edges_x, edges_y, np.ma.masked_invalid(values), cmap=theme.SEQUENTIAL, norm=norm,
                  edgecolor="white", linewidth=1.5)  # fmt: skip
    for cell in cells.to_dict("records"):
        if not pd.isna(cell["expected_orders"]):
            color = to_hex(theme.SEQUENTIAL(norm(cell["expected_orders"])))
            ax.annotate(_text(cell), (cell["column"], cell["band"]), ha="center", va="center",
                        size=8, linespacing=1.25, color=theme.ink_on(color))  # fmt: skip
    _label_axes(ax, cells, unit=unit)
    return theme.finish(ax, title=title, source=source)


def _text(cell: dict) -> str:
    words = theme.words()
    value = cell["expected_orders"]
    shown = words.number(value, 1 if value >= 0.95 else 2)
    n = cell["customers"]
    lies = "•" if pd.isna(n) or 0 < n < FEWEST_SHOWN else words.count(n) if n else ""
    return f"{shown}\n{lies}".rstrip()


def _label_axes(ax: Axes, cells: pd.DataFrame, *, unit: str) -> None:
    across = cells.drop_duplicates("column").sort_values("column")
    up = cells.drop_duplicates("band").sort_values("band")
    ax.set_xticks(across["column"], [_span(row) for row in across.to_dict("records")])
    ends = [0.0, *up["recency_high"]]
    ax.set_yticks(np.arange(len(ends)) - 0.5, [theme.words().count(end) for end in ends])
    ax.set_xlabel("Repeat orders so far")
    ax.set_ylabel(f"{unit.capitalize()}s from first to last order")
    ax.tick_params(length=0)


def _span(row: dict) -> str:
    low, high = row["frequency_low"], row["frequency_high"]
    if pd.isna(high):
        return f"{theme.words().count(low)}+"
    first, last = theme.words().count(low), theme.words().count(high)
    return first if low == high else f"{first}–{last}"
