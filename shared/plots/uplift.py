"""Charts of a campaign: effects by segment, Qini, deciles, the four types, profit, overlap."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from shared.analysis.multiple_testing import Finding
from shared.plots import theme
from shared.plots.uplift_matrix import plot_matrix

__all__ = ["plot_bounds", "plot_deciles", "plot_effects", "plot_matrix", "plot_overlap",
           "plot_profit", "plot_qini"]  # fmt: skip

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
UNTREATED = "#b3babd"


def plot_effects(
    segments: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw the effect in each segment with its interval; hollow where none is settled.

    Parameters
    ----------
    segments : pd.DataFrame
        `segment`, `uplift`, `low`, `high`, `finding`; the first on top.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.4 * len(segments) + 1.5), layout="constrained")
    y = np.arange(len(segments))[::-1]
    found = (segments["finding"] == Finding.DIFFERS).to_numpy()
    ax.axvline(0, color=theme.CONTEXT, linewidth=1)
    ax.hlines(y, 100 * segments["low"], 100 * segments["high"], color=theme.INK, linewidth=1.2)
    for mask, color, label in ((found, theme.HIGHLIGHT, "differs from 0"),
                               (~found, "white", "not settled, or nothing found")):  # fmt: skip
        if mask.any():
            ax.plot(100 * segments["uplift"][mask], y[mask], "o", color=color, markersize=7,
                    markeredgecolor=theme.INK, markeredgewidth=0.8, linestyle="none",
                    label=label)  # fmt: skip
    ax.set_yticks(y, [theme.escape_mpl(fill(str(name), 28)) for name in segments["segment"]])
    ax.set(ylim=(-0.7, len(segments) - 0.3), xlabel="More responses in 100 customers")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    theme.write_axis(ax.xaxis, "number.0")
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, columnspacing=1.0,
              handletextpad=0.3, borderpad=0)  # fmt: skip
    return theme.finish(ax, title=title, source=source)


def plot_qini(curve: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw the responses gained by contacting ever more customers, against doing so by lot.

    Parameters
    ----------
    curve : pd.DataFrame
        `share`, `gain`, `low`, `high`, `random`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.6), layout="constrained")
    ax.fill_between(curve["share"], curve["low"], curve["high"], color=theme.HIGHLIGHT, alpha=0.18,
                    linewidth=0, label="95% interval")  # fmt: skip
    ax.plot(curve["share"], curve["gain"], "-", color=theme.HIGHLIGHT, label="by predicted uplift")
    ax.plot(curve["share"], curve["random"], "--", color=theme.MUTED, label="by lot")
    ax.set(xlim=(0, 1), xlabel="Share contacted, highest uplift first",
           ylabel="Further responses\nper 1,000 treated")  # fmt: skip
    theme.write_axis(ax.xaxis, "share.0")
    theme.write_measure(ax, "number.0")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, columnspacing=1.0)
    return theme.finish(ax, title=title, source=source)


def plot_deciles(deciles: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw both arms' response rates by group, group 10 at the far left.

    Parameters
    ----------
    deciles : pd.DataFrame
        `decile`, `treated`, `control`, `treated_rate`, `control_rate` with `treated_low` and so
        on, `uplift`; in the order to be drawn.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(theme.WIDTH, 4.6), layout="constrained")
    x = np.arange(len(deciles))
    sides = (("treated", -0.2, theme.HIGHLIGHT, ""), ("control", 0.2, UNTREATED, "//"))
    for side, move, color, hatch in sides:
        rate = deciles[f"{side}_rate"]
        name = "with the campaign" if side == "treated" else "without"
        ax.bar(x + move, rate, 0.38, color=color, hatch=hatch, edgecolor="white", label=name)
        ax.vlines(x + move, deciles[f"{side}_low"], deciles[f"{side}_high"], color=theme.INK,
                  linewidth=1.1)  # fmt: skip
    top = deciles[["treated_high", "control_high"]].max(axis=1)
    for place, height, gap in zip(x, top, deciles["uplift"], strict=True):
        text = theme.words().number(100 * gap, 1)
        ax.annotate(f"+{text}" if gap > 0 else text, (place, height), xytext=(0, 4), ha="center",
                    textcoords="offset points", size=9, weight="bold",
                    color=theme.POSITIVE if gap > 0 else theme.NEGATIVE)  # fmt: skip
    names = [
        f"{d}\n{theme.words().count(t)}\n{theme.words().count(c)}"
        for d, t, c in zip(deciles["decile"], deciles["treated"], deciles["control"], strict=True)
    ]
    ax.set_xticks(x, names)
    ax.set(ylim=(0, 1.12 * float(top.max())), ylabel="Share who responded")
    ax.set_xlabel("Group by predicted uplift; below it, customers with and without the campaign")
    theme.write_measure(ax, "share.0")
    ax.tick_params(axis="x", length=0)
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2,
        title="Above: more or fewer responses in 100 customers",
        alignment="left",
    )
    return theme.finish(ax, title=title, source=source)


def plot_bounds(bounds: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw the range in which the size of each type lies; thin where sampling error adds to it.

    Parameters
    ----------
    bounds : pd.DataFrame
        `type`, `low`, `high`, `outer_low`, `outer_high`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 2.9), layout="constrained")
    y = np.arange(len(bounds))[::-1]
    ax.hlines(y, bounds["outer_low"], bounds["outer_high"], color=theme.INK, linewidth=1.2,
              label="with sampling error")  # fmt: skip
    ax.barh(y, bounds["high"] - bounds["low"], left=bounds["low"], height=0.42,
            color=theme.HIGHLIGHT, label="range of the true size")  # fmt: skip
    for place, row in zip(y, bounds.to_dict("records"), strict=True):
        low, high = (theme.words().share(row[c]) for c in ("low", "high"))
        ax.annotate(f"{low} to {high}", (max(row["outer_high"], row["high"]), place), va="center",
                    xytext=(6, 0), textcoords="offset points", size=9)  # fmt: skip
    ax.set_yticks(y, bounds["type"])
    ax.set(xlim=(0, 1.15), ylim=(-0.6, len(bounds) - 0.4), xlabel="Share of all customers")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    theme.write_axis(ax.xaxis, "share.0")
    ax.tick_params(axis="y", length=0)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, columnspacing=1.0)
    return theme.finish(ax, title=title, source=source)


def plot_profit(
    curve: pd.DataFrame, *, best_share: float, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw net profit by the share contacted, beside targeting by response.

    Parameters
    ----------
    curve : pd.DataFrame
        `share`, `profit`, `low`, `high`, `response_profit`.
    best_share : float
        Share that was best on the training half; 0 draws no mark.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.7), layout="constrained")
    x = np.append(0, curve["share"])
    lines = {c: np.append(0, curve[c]) for c in ("profit", "low", "high", "response_profit")}
    ax.axhline(0, color=theme.CONTEXT, linewidth=1)
    ax.fill_between(x, lines["low"], lines["high"], color=theme.HIGHLIGHT, alpha=0.18, linewidth=0,
                    label="95% interval")  # fmt: skip
    ax.plot(x, lines["profit"], "-", color=theme.HIGHLIGHT, label="by predicted uplift")
    ax.plot(x, lines["response_profit"], "--", color=theme.NEGATIVE, label="by predicted response")
    if best_share > 0:
        ax.plot(best_share, float(np.interp(best_share, x, lines["profit"])), "D", markersize=8,
                color=theme.INK, label="best on the training half")  # fmt: skip
    ax.set(xlim=(0, 1.02), xlabel="Share of customers contacted",
           ylabel="Money per\n1,000 customers")  # fmt: skip
    theme.write_axis(ax.xaxis, "share.0")
    theme.write_measure(ax, "money.0")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, columnspacing=1.0)
    return theme.finish(ax, title=title, source=source)


def plot_overlap(overlap: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw treated customers above and others below a line, by predicted chance of treatment.

    Parameters
    ----------
    overlap : pd.DataFrame
        `low`, `high`, `treated`, `control`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    width = (overlap["high"] - overlap["low"]) * 0.9
    middle = (overlap["low"] + overlap["high"]) / 2
    ax.bar(middle, overlap["treated"], width, color=theme.HIGHLIGHT, label="treated")
    ax.bar(middle, -overlap["control"], width, color=UNTREATED, hatch="//", edgecolor="white",
           label="others")  # fmt: skip
    ax.axhline(0, color=theme.INK, linewidth=1)
    ax.set(xlim=(0, 1), xlabel="Predicted chance of being treated", ylabel="Customers")
    theme.write_axis(ax.xaxis, "share.0")
    theme.write_measure(ax, "count")
    ticks = ax.get_yticks()
    ax.set_yticks(ticks, [theme.words().count(abs(tick)) for tick in ticks])
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return theme.finish(ax, title=title, source=source)
