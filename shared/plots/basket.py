"""Charts of baskets: robust or chance, companions, bundles, groups, and sales that follow."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import blended_transform_factory

from shared.analysis.basket_groups import APART, CROSS_SELL
from shared.analysis.basket_pairs import Reading
from shared.plots import theme
from shared.plots.basket_map import plot_cross_sell_map

__all__ = [
    "plot_bundles",
    "plot_companions",
    "plot_cross_sell_map",
    "plot_groups",
    "plot_readings",
    "plot_stock_link",
]

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
LETTERS = 31  # of a line of a label beside the chart
READINGS = {
    Reading.ROBUST: theme.POSITIVE,
    Reading.DOUBTFUL: "#c9a75a",
    Reading.CHANCE: "#dfe4e5",
}


def plot_readings(bands: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw what became of the pairs of each band of lift: robust, doubtful or chance.

    Parameters
    ----------
    bands : pd.DataFrame
        `band`, `pairs` and a count per reading; the lowest lift first.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.42 * len(bands) + 1.9), layout="constrained")
    y, left = np.arange(len(bands)), np.zeros(len(bands))
    for reading, color in READINGS.items():
        share = (bands[reading.value] / bands["pairs"].clip(lower=1)).to_numpy()
        ax.barh(y, share, left=left, color=color, edgecolor="white", height=0.74,
                label=reading.value)  # fmt: skip
        left = left + share
    for place, row in zip(y, bands.to_dict("records"), strict=True):
        count, robust = (theme.words().count(row[c]) for c in ("pairs", Reading.ROBUST.value))
        ax.annotate(f"{robust} of {count}", (1, place), xytext=(4, 0), va="center", size=8.5,
                    textcoords="offset points", annotation_clip=False)  # fmt: skip
    ax.set_yticks(y, bands["band"])
    ax.set(xlim=(0, 1.22), ylim=(-0.6, len(bands) - 0.4), ylabel="Lift of the pair")
    ax.set_xticks([0, 0.5, 1])
    theme.write_axis(ax.xaxis, "share.0")
    ax.set_xlabel("Share of the pairs; beside it, robust pairs of all")
    ax.tick_params(length=0)
    _legend_above(ax, ncols=3)
    return theme.finish(ax, title=title, source=source)


def plot_companions(
    companions: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw how many baskets with A hold B too, beside the share that basket sizes would give.

    Parameters
    ----------
    companions : pd.DataFrame
        `product_a`, `product_b`, `confidence`, `low`, `high`, `base`; the best first.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.56 * len(companions) + 1.5), layout="constrained")
    y = np.arange(len(companions))[::-1]
    ax.hlines(y, companions["base"], companions["confidence"], color=theme.GRID, linewidth=5)
    ax.hlines(y, companions["low"], companions["high"], color=theme.INK, linewidth=1.2)
    ax.plot(companions["base"], y, "D", markerfacecolor="white", markeredgecolor=theme.MUTED,
            markersize=5.5, linestyle="none", label="expected of baskets of this size")  # fmt: skip
    ax.plot(companions["confidence"], y, "o", color=theme.HIGHLIGHT, markersize=7,
            linestyle="none", label="seen, with its 95% interval")  # fmt: skip
    names = [f"{_wrapped(row['product_a'])}\n+ {_wrapped(row['product_b'])}"
             for row in companions.to_dict("records")]  # fmt: skip
    ax.set_yticks(y, names, size=7.6, linespacing=1.05)
    ax.set(xlim=(0, 1.08 * float(companions["high"].max())), ylim=(-0.7, len(companions) - 0.3))
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.set_xlabel("Share of baskets\nwith the first product")
    _shares(ax)
    _legend_above(ax, ncols=1)
    return theme.finish(ax, title=title, source=source)


def plot_bundles(bundles: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw each bundle from its cost to its two list prices, with the floor between them.

    Parameters
    ----------
    bundles : pd.DataFrame
        `product_a`, `product_b`, `cost`, `floor_price`, `list_price`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.56 * len(bundles) + 1.6), layout="constrained")
    y = np.arange(len(bundles))[::-1]
    ax.barh(y, bundles["cost"], color="#dfe4e5", height=0.5, label="cost of both")
    ax.barh(y, bundles["list_price"] - bundles["cost"], left=bundles["cost"], color="#9fc0de",
            height=0.5, label="margin at list prices")  # fmt: skip
    ax.plot(bundles["floor_price"], y, "|", color=theme.NEGATIVE, markersize=18, markeredgewidth=3,
            linestyle="none", label="floor")  # fmt: skip
    for place, row in zip(y, bundles.to_dict("records"), strict=True):
        text = theme.escape_mpl(theme.words().money(row["floor_price"]))
        ax.annotate(text, (row["list_price"], place), xytext=(5, 0), va="center", size=8.5,
                    textcoords="offset points", color=theme.NEGATIVE, weight="bold")  # fmt: skip
    names = [f"{_wrapped(row['product_a'])}\n+ {_wrapped(row['product_b'])}"
             for row in bundles.to_dict("records")]  # fmt: skip
    ax.set_yticks(y, names, size=7.6, linespacing=1.05)
    ax.set(xlim=(0, 1.22 * float(bundles["list_price"].max())), ylim=(-0.7, len(bundles) - 0.3))
    theme.write_axis(ax.xaxis, "money.0")
    ax.set_xlabel("One unit of each;\nthe number is the floor price")
    ax.tick_params(axis="y", length=0)
    _legend_above(ax)
    return theme.finish(ax, title=title, source=source)


def plot_groups(groups: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw how many times more or less often two groups meet than their basket sizes would give.

    Parameters
    ----------
    groups : pd.DataFrame
        `group_a`, `group_b`, `size_lift`, `size_low`, `size_high`, `reading`; as to be drawn.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.52 * len(groups) + 1.5), layout="constrained")
    y = np.arange(len(groups))[::-1]
    looks = {
        CROSS_SELL: (theme.POSITIVE, "o", CROSS_SELL),
        APART: (theme.NEGATIVE, "s", APART),
        "": ("white", "D", "neither for sure"),
    }
    kinds = groups["reading"].where(groups["reading"].isin(looks), "").to_numpy()
    ax.axvline(1, color=theme.CONTEXT, linewidth=1)
    ax.hlines(y, groups["size_low"], groups["size_high"], color=theme.INK, linewidth=1.2)
    for kind, (color, marker, label) in looks.items():
        here = kinds == kind
        if here.any():
            ax.plot(groups["size_lift"][here], y[here], marker, color=color, linestyle="none",
                    markersize=7, markeredgecolor=theme.INK, markeredgewidth=0.6,
                    label=label)  # fmt: skip
    names = [f"{_wrapped(row['group_a'])}\n+ {_wrapped(row['group_b'])}"
             for row in groups.to_dict("records")]  # fmt: skip
    ax.set_yticks(y, names, size=7.6, linespacing=1.05)
    ax.set(ylim=(-0.7, len(groups) - 0.3))
    ax.margins(x=0.08)
    ax.set_xlabel("Times as often together as expected")
    theme.write_axis(ax.xaxis, "number.1")
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
    _legend_above(ax)
    return theme.finish(ax, title=title, source=source)


def plot_stock_link(
    weeks: pd.DataFrame, *, core: str, consumable: str, lag_weeks: int, title: str, source: str,
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw the sales of a core product and those of a consumable, moved back by the lag.

    Parameters
    ----------
    weeks : pd.DataFrame
        Index weeks, columns `core` and `consumable`: baskets more or fewer than usual, the
        consumable's already moved back by `lag_weeks`; blank where they are not seen yet.
    core, consumable : str
        Their names.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.3), layout="constrained")
    x = pd.PeriodIndex(weeks.index).to_timestamp()
    moved = f"{consumable}, {lag_weeks} {'week' if lag_weeks == 1 else 'weeks'} later"
    ax.axhline(0, color=theme.CONTEXT, linewidth=0.8)
    for column, name, color, dash in (("core", core, theme.POSITIVE, "-"),
                                      ("consumable", moved, theme.NEGATIVE, "--")):  # fmt: skip
        ax.plot(x, weeks[column], dash, color=color, linewidth=1.6,
                label=theme.escape_mpl(fill(name, 48)))  # fmt: skip
    ax.set_ylabel("Baskets a week,\nmore or fewer than usual")
    places, names = _month_ticks(x)
    ax.set_xticks(places, names)
    theme.write_axis(ax.yaxis, "count")
    _legend_above(ax, ncols=1, handlelength=2.6)
    return theme.finish(ax, title=title, source=source)


def _legend_above(ax: Axes, *, ncols: int = 2, handlelength: float = 1.8) -> None:
    """Put the legend above, from the left edge of the picture on.

    Begun at the axes it would push them off a narrow picture, where names take the left half.
    """
    across = blended_transform_factory(ax.figure.transFigure, ax.transAxes)
    ax.legend(loc="lower left", bbox_to_anchor=(0.01, 1), bbox_transform=across, ncols=ncols,
              columnspacing=1.2, handletextpad=0.4, handlelength=handlelength, markerscale=0.8,
              borderpad=0)  # fmt: skip


def _month_ticks(x: pd.DatetimeIndex) -> tuple[np.ndarray, list[str]]:
    months = pd.period_range(x[0], x[-1], freq="M")[1:]
    step = max(1, -(-len(months) // 5))
    shown = list(months[::step])
    return date2num([m.start_time for m in shown]), [
        theme.words().month(m).replace(" ", "\n").replace("\u00a0", "\n") for m in shown
    ]


def _wrapped(name: object) -> str:
    return theme.escape_mpl(fill(str(name), LETTERS, max_lines=1, placeholder="…"))


def _shares(ax: Axes) -> None:
    theme.write_axis(ax.xaxis, "share.0")
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
