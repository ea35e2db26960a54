"""Charts of the segments over time: sizes, moves, and who bought again."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from shared.analysis.intervals import Estimate
from shared.plots import theme
from shared.plots.period_axis import label_periods

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
MOST_TICKS = 4
NAME_LINE = 0.052  # of the height of the axes: two names at the edge do not touch
LEAST_SHOWN = 0.005


def plot_segment_sizes(
    history: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw the customers of each segment at each period end as stacked areas, the best on top.

    Parameters
    ----------
    history : pd.DataFrame
        `period`, `segment` and `customers`, one row each, as from `history_table` without the row
        for all customers.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 4.2), layout="constrained")
    sizes = history.pivot(index="segment", columns="period", values="customers")
    sizes = sizes.loc[history["segment"].drop_duplicates()].iloc[::-1]
    colors = theme.SEQUENTIAL(np.linspace(0, 1, len(sizes)))
    x = np.arange(len(sizes.columns))
    ax.stackplot(x, sizes.to_numpy(), colors=colors, edgecolor="white", linewidth=0.8,
                 labels=sizes.index)  # fmt: skip
    _name_areas(ax, sizes.iloc[:, -1])
    label_periods(ax, pd.PeriodIndex(sizes.columns), most=MOST_TICKS)
    ax.set(xlim=(0, x[-1]), ylabel="Customers at the end of the period")
    ax.set_ylim(0, float(sizes.sum().max()))
    theme.write_axis(ax.yaxis, "count")
    return theme.finish(ax, title=title, source=source)


def plot_transitions(
    shares: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw from where (rows) to where (columns) customers went, as shares of each row.

    Parameters
    ----------
    shares : pd.DataFrame
        As from `transition_matrix`; shares under half a per cent stay unwritten, and a row whose
        name is no column (newcomers) is set apart at the foot.
    """
    rows, columns = shares.shape
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.3 * rows + 1.7), layout="constrained")
    ax.pcolormesh(np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5, shares.to_numpy(),
                  cmap=theme.BLUES, vmin=0, vmax=1, edgecolor="white", linewidth=1.5)  # fmt: skip
    for row, name in enumerate(shares.index):
        for column, target in enumerate(shares.columns):
            share = float(shares.to_numpy()[row, column])
            if name == target:
                ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False,
                                           edgecolor=theme.INK, linewidth=1))  # fmt: skip
            if share >= LEAST_SHOWN:
                ink = theme.ink_on(theme.BLUES(share))
                ax.annotate(_percent(share), (column, row), ha="center", va="center", size=8,
                            color=ink)  # fmt: skip
    strangers = [row for row, name in enumerate(shares.index) if name not in shares.columns]
    for row in strangers:
        ax.axhline(row - 0.5, color=theme.INK, linewidth=1.2)
    ax.set_xticks(range(columns), shares.columns, rotation=45, ha="left", rotation_mode="anchor")
    ax.set_yticks(range(rows), shares.index)
    ax.xaxis.tick_top()
    ax.set_xlabel("To (per cent of the row; framed: the same segment)")
    ax.set_ylabel("From")
    ax.invert_yaxis()
    ax.tick_params(length=0)
    theme.finish(ax, title=title, source=source)
    ax.spines["bottom"].set_visible(False)
    return ax


def plot_repurchase(
    table: pd.DataFrame,
    *,
    everyone: Estimate,
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw each segment's share that bought in the next period with its interval.

    Parameters
    ----------
    table : pd.DataFrame
        As from `holdout_table`; filled dots differ from all others, hollow ones do not.
    everyone : Estimate
        Share of all customers, drawn as a line.
    """
    shown = table[table["customers"] > 0].iloc[::-1]
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.3 * len(shown) + 1.5), layout="constrained")
    rows = np.arange(len(shown))
    ax.axvline(everyone.value, color=theme.CONTEXT, linestyle="--", linewidth=1.2)
    ax.annotate("all customers", (everyone.value, len(shown) - 0.45), ha="center", va="bottom",
                size=8.5, color=theme.MUTED, annotation_clip=False)  # fmt: skip
    ax.hlines(rows, shown["low"], shown["high"], color=theme.POSITIVE, linewidth=2)
    differs = (shown["finding"] == "differs").to_numpy()
    for inside, face in ((differs, theme.POSITIVE), (~differs, "white")):
        ax.plot(shown["share"].to_numpy()[inside], rows[inside], "o", mfc=face, mec=theme.POSITIVE,
                mew=1.6, ms=7)  # fmt: skip
    names = [
        f"{name} (n = {theme.words().count(n)})"
        for name, n in zip(shown["segment"], shown["customers"], strict=True)
    ]
    ax.set_yticks(rows, names)
    ax.set_ylim(-0.6, len(shown) - 0.4)
    ax.set_xlim(0, min(1.0, 1.06 * float(shown["high"].max())))
    ax.set_xlabel("Share that bought, with 95% interval\n"
                  "Hollow: no settled difference from the others", linespacing=1.5)  # fmt: skip
    theme.write_axis(ax.xaxis, "share.0")
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
    return theme.finish(ax, title=title, source=source)


def _name_areas(ax: Axes, last: pd.Series) -> None:
    """Write each segment's name beside its area; names that would touch step aside."""
    shown = last[last > 0]
    ends = shown.cumsum().to_numpy()
    total = float(ends[-1])
    middle = (ends - shown.to_numpy() / 2) / total
    places = _apart(middle, NAME_LINE)
    for name, y, place in zip(shown.index, middle, places, strict=True):
        ax.annotate(
            str(name),
            (1, y),
            xytext=(1.05, place),
            xycoords="axes fraction",
            textcoords="axes fraction",
            va="center",
            size=8.5,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": theme.CONTEXT, "lw": 0.7, "shrinkA": 1,
                        "shrinkB": 0},
        )  # fmt: skip


def _apart(places: np.ndarray, gap: float) -> np.ndarray:
    """Push ascending places apart to a least gap, keeping them within 0 and 1."""
    moved = places.copy()
    for i in range(1, len(moved)):
        moved[i] = max(moved[i], moved[i - 1] + gap)
    moved[-1] = min(moved[-1], 1.0)
    for i in range(len(moved) - 2, -1, -1):
        moved[i] = min(moved[i], moved[i + 1] - gap)
    return moved


def _percent(share: float) -> str:
    return theme.words().share(share).rstrip(" %\u00a0\u202f").lstrip("%\u00a0")
