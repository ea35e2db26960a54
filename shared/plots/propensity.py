"""Charts of propensity: ROC, calibration, tenths, cost per buyer, profit and drivers."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from shared.plots import theme

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
BLUE = "#2f6fb0"
TIMES = (1, 1.5, 2, 3, 5, 10, 30, 100)  # marks of the axis of odds
LETTERS = 34  # of a line of a label beside the chart


def plot_roc(
    curve: pd.DataFrame, *, auc: str, alone: str, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw the ROC curve in blue, chance as a grey diagonal, one column alone as dashes.

    Parameters
    ----------
    curve : pd.DataFrame
        `others`, `reached`, `alone`: shares.
    auc : str
        The AUC with its interval, written.
    alone : str
        What the simplest score is.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 4.6), layout="constrained")
    ax.plot([0, 1], [0, 1], color=theme.CONTEXT, linewidth=1.2, label="chance")
    ax.plot(curve["others"], curve["alone"], "--", color=theme.MUTED, linewidth=1.4,
            label=theme.escape_mpl(fill(alone, 48)))  # fmt: skip
    ax.plot(curve["others"], curve["reached"], color=BLUE, linewidth=2.6, label="the score")
    ax.annotate(auc, (0.98, 0.06), ha="right", size=11, color=BLUE, weight="bold")
    ax.set(xlim=(0, 1), ylim=(0, 1.01), aspect="equal")
    ax.set(xlabel="Share of the others reached", ylabel="Share of those who did it reached")
    theme.write_axis(ax.xaxis, "share.0")
    theme.write_axis(ax.yaxis, "share.0")
    ax.grid(color=theme.GRID)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1, borderpad=0)
    return theme.finish(ax, title=title, source=source)


def plot_calibration(
    classes: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw observed against promised rates with intervals, and the diagonal they should lie on.

    Parameters
    ----------
    classes : pd.DataFrame
        `propensity`, `rate`, `low`, `high`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 4.2), layout="constrained")
    top = 1.06 * float(np.nanmax(classes[["propensity", "high"]].to_numpy()))
    ax.plot([0, top], [0, top], color=theme.CONTEXT, linewidth=1.2, label="promise kept")
    ax.vlines(classes["propensity"], classes["low"], classes["high"], color=theme.INK,
              linewidth=1.2)  # fmt: skip
    ax.plot(classes["propensity"], classes["rate"], "o", color=BLUE, markersize=7,
            label="observed, with its 95% interval")  # fmt: skip
    ax.set(xlim=(0, top), ylim=(0, top), xlabel="Promised rate", ylabel="Observed rate")
    theme.write_axis(ax.xaxis, "share.0")
    theme.write_axis(ax.yaxis, "share.0")
    ax.grid(color=theme.GRID)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
    return theme.finish(ax, title=title, source=source)


def plot_tenths(tenths: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw the observed rate of each tenth, and above it the share of all reached so far.

    Parameters
    ----------
    tenths : pd.DataFrame
        `decile`, `rate`, `low`, `high`, `propensity`, `gain`; the best first.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.6), layout="constrained")
    x = tenths["decile"].to_numpy()
    ax.bar(x, tenths["rate"], color="#9fc0de", width=0.78, label="observed, with its 95% interval")
    ax.vlines(x, tenths["low"], tenths["high"], color=theme.INK, linewidth=1.2)
    ax.plot(x, tenths["propensity"], "D", color=BLUE, markersize=5, label="promised")
    for place, row in zip(x, tenths.to_dict("records"), strict=True):
        top = max(row["high"], row["propensity"])
        ax.annotate(theme.words().share(row["gain"]), (place, top), xytext=(0, 5),
                    textcoords="offset points", ha="center", size=8.5)  # fmt: skip
    ax.set_xticks(x)
    ax.set(xlabel="Tenth by score, 1 the best\nabove the bars: share of all reached so far",
           ylabel="Rate")  # fmt: skip
    ax.margins(y=0.12)
    theme.write_measure(ax, "share.0")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
    return theme.finish(ax, title=title, source=source)


def plot_cost(curve: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw the cost per buyer by share contacted, likeliest first, with its interval.

    Parameters
    ----------
    curve : pd.DataFrame
        `contacted`, `cost_per_buyer`, `cost_low`, `cost_high`; blank without a buyer.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    x = curve["contacted"]
    ax.fill_between(x, curve["cost_low"], curve["cost_high"], color="#d6e4f2", linewidth=0)
    ax.plot(x, curve["cost_per_buyer"], color=BLUE, label="likeliest first")
    everybody = float(curve["cost_per_buyer"].iloc[-1])
    ax.axhline(everybody, color=theme.CONTEXT, linewidth=1.2, linestyle="--", label="random order")
    ax.set(xlim=(0, 1), ylim=(0, None), xlabel="Share contacted", ylabel="Cost per buyer")
    theme.write_axis(ax.xaxis, "share.0")
    theme.write_measure(ax, "money.2")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
    return theme.finish(ax, title=title, source=source)


def plot_profit(
    curve: pd.DataFrame, *, cut: float, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw profit by share contacted, with the cut at which a contact just pays.

    Parameters
    ----------
    curve : pd.DataFrame
        `contacted`, `profit`, `profit_random`.
    cut : float
        Share contacted at that cut.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    x = np.append(0, curve["contacted"])
    ax.axhline(0, color=theme.CONTEXT, linewidth=0.8)
    ax.plot(x, np.append(0, curve["profit_random"]), "--", color=theme.CONTEXT, linewidth=1.2,
            label="random order")  # fmt: skip
    ax.plot(x, np.append(0, curve["profit"]), color=BLUE, label="likeliest first")
    ax.axvline(cut, color=theme.NEGATIVE, linewidth=1.4, linestyle=":",
               label="a contact just pays")  # fmt: skip
    ax.set(xlim=(0, 1), xlabel="Share contacted", ylabel="Profit, all buyers counted")
    theme.write_axis(ax.xaxis, "share.0")
    theme.write_measure(ax, "money.compact")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, columnspacing=1.0, borderpad=0)
    return theme.finish(ax, title=title, source=source)


def plot_drivers(drivers: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw how far each feature moves the score; its direction stands behind the bar.

    Parameters
    ----------
    drivers : pd.DataFrame
        `name`, `strength`, `direction`; the strongest first.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.36 * len(drivers) + 1.2), layout="constrained")
    y = np.arange(len(drivers))[::-1]
    signs = {"more with more": "+", "less with more": "−"}
    ax.barh(y, drivers["strength"], color="#9fc0de", height=0.68)
    for place, row in zip(y, drivers.to_dict("records"), strict=True):
        ax.annotate(signs.get(row["direction"], "±"), (row["strength"], place), xytext=(4, 0),
                    textcoords="offset points", va="center", size=10, weight="bold")  # fmt: skip
    ax.set_yticks(y, [theme.escape_mpl(fill(str(name), LETTERS)) for name in drivers["name"]],
                  size=8.5)  # fmt: skip
    ax.set(ylim=(-0.6, len(drivers) - 0.4))
    ax.set_xlabel("Usual differences change the odds, times\n(+ up, − down, ± either way)")
    top = max(float(drivers["strength"].max()), 0.0)
    ax.set_xlim(0, 1.14 * top or 1)  # room for the signs
    marks = [m for m in TIMES if np.log(m) <= 1.1 * top]
    ax.set_xticks(np.log(marks), [theme.words().number(m, int(m != round(m))) for m in marks])
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
    return theme.finish(ax, title=title, source=source)
