"""Charts of leaving: who is due, groups compared, the forecast by risk."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from shared.plots import theme

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
TICKS = 6
MOST_LETTERS = 22
ROW = 0.3  # inches, of one group


def plot_due(weeks: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw how many customers reach the critical day in each of the next weeks.

    Parameters
    ----------
    weeks : pd.DataFrame
        `week` (1 is the next one), `begins` and `customers`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 2.8), layout="constrained")
    x = np.arange(len(weeks))
    colors = [theme.NEGATIVE] + ["#f0b48f"] * (len(weeks) - 1)
    ax.bar(x, weeks["customers"], width=0.8, color=colors)
    for place, n in zip(x, weeks["customers"], strict=True):
        ax.annotate(theme.words().count(n), (place, n), size=8.5, xytext=(0, 3),
                    textcoords="offset points", ha="center")  # fmt: skip
    step = -(-len(weeks) // TICKS)
    names = [theme.words().date(day).rsplit(" ", 1)[0] for day in weeks["begins"]]
    ax.set_xticks(x[::step], names[::step])
    ax.set(ylabel="Customers", ylim=(0, max(1.12 * float(weeks["customers"].max()), 1)))
    ax.set_xlabel("Week that begins on")
    theme.write_axis(ax.yaxis, "count")
    ax.grid(axis="y")
    return theme.finish(ax, title=title, source=source)


def plot_groups(
    groups: pd.DataFrame,
    *,
    everyone: float,
    day: float,
    unit: str = "days",
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share still there of each group with its interval, against that of everybody.

    Parameters
    ----------
    groups : pd.DataFrame
        `group`, `customers`, `survival`, `low`, `high`, `differs`; filled marks differ from the
        rest by more than chance. Blank shares keep their row.
    everyone : float
        The share of everybody, as a line.
    day, unit : float, str
        The age at which the share is read.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 1.35 + ROW * len(groups)), layout="constrained")
    words = theme.words()
    for y, row in enumerate(groups.to_dict("records")):
        if pd.isna(row["survival"]):
            continue
        better = row["survival"] >= everyone
        color = theme.CONTEXT if not row["differs"] else theme.POSITIVE if better else \
            theme.NEGATIVE  # fmt: skip
        ax.plot([row["low"], row["high"]], [y, y], color=color, linewidth=2)
        ax.plot(row["survival"], y, "o" if better else "s", ms=7, color=color,
                markerfacecolor=color if row["differs"] else "white")  # fmt: skip
        ax.annotate(words.share(row["survival"]), (row["high"], y), xytext=(6, 0), size=8.5,
                    textcoords="offset points", va="center",
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip
    if not pd.isna(everyone):
        ax.axvline(everyone, color=theme.INK, linewidth=1.2, linestyle=":", zorder=0)
    names = [
        f"{fill(str(row['group']), MOST_LETTERS)} ({words.count(row['customers'])})"
        for row in groups.to_dict("records")
    ]
    ax.set_yticks(range(len(groups)), [theme.escape_mpl(name) for name in names])
    ax.set(ylim=(len(groups) - 0.4, -0.6), xlim=(0, 1.12))
    ax.set_xlabel(f"Still customers after {words.count(day)} {unit}; dotted: all customers")
    ax.set_xticks(np.arange(0, 1.01, 0.25))
    ax.tick_params(axis="y", length=0)
    theme.write_axis(ax.xaxis, "share.0")
    ax.grid(axis="x")
    return theme.finish(ax, title=title, source=source)


def plot_forecast(bands: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw the customers of each band of risk or group, and the losses expected among them.

    Parameters
    ----------
    bands : pd.DataFrame
        `band`, `customers`, `expected`, `low`, `high`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 1.4 + 0.4 * len(bands)), layout="constrained")
    words, y = theme.words(), np.arange(len(bands))
    ax.barh(y, bands["customers"], color="#dfe4e5", label="Not lost yet")
    ax.barh(y, bands["expected"], color=theme.NEGATIVE, label="Expected lost")
    ax.hlines(y, bands["low"], bands["high"], color=theme.INK, linewidth=1.4, label="95% interval")
    for place, row in zip(y, bands.to_dict("records"), strict=True):
        text = f"{words.count(row['expected'])} of {words.count(row['customers'])}"
        ax.annotate(text, (row["customers"], place), xytext=(6, 0), size=8.5,
                    textcoords="offset points", va="center")  # fmt: skip
    ax.set_yticks(y, [theme.escape_mpl(fill(str(band), MOST_LETTERS)) for band in bands["band"]])
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.25 * max(float(bands["customers"].max()), 1)), xlabel="Customers")
    ax.tick_params(axis="y", length=0)
    theme.write_axis(ax.xaxis, "count")
    ax.grid(axis="x")
    ax.figure.legend(loc="outside lower center", ncols=3)
    return theme.finish(ax, title=title, source=source)
