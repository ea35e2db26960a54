"""Charts of customers' voice: topics, disruption, launch, wishes and buying again."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from shared.plots import theme
from shared.plots.voice_incidents import plot_incidents
from shared.plots.voice_words import plot_words

__all__ = [
    "plot_event",
    "plot_incidents",
    "plot_launch",
    "plot_repeat",
    "plot_topics",
    "plot_wishes",
    "plot_words",
]

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
LETTERS = 24


def plot_topics(topics: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw complaints to the left and praise to the right of a line, a bar per topic.

    Parameters
    ----------
    topics : pd.DataFrame
        `topic`, `complaint_share`, `low`, `high`, `praise_share`, `praise_low`, `praise_high`;
        most complaints first.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.42 * len(topics) + 1.7), layout="constrained")
    y = np.arange(len(topics))[::-1]
    ax.barh(y, -topics["complaint_share"], color=theme.NEGATIVE, height=0.66, hatch="//",
            edgecolor="white", linewidth=0, label="complain of it")  # fmt: skip
    ax.barh(y, topics["praise_share"], color=theme.POSITIVE, height=0.66, label="are pleased")
    ax.hlines(y, -topics["high"], -topics["low"], color=theme.INK, linewidth=1.1)
    ax.hlines(y, topics["praise_low"], topics["praise_high"], color=theme.CONTEXT, linewidth=1.1)
    for place, row in zip(y, topics.to_dict("records"), strict=True):
        complain, praise = (theme.words().format(float(row[f"{kind}_share"]), "share.1")
                            for kind in ("complaint", "praise"))  # fmt: skip
        ax.annotate(complain, (-row["high"], place), ha="right", va="center", size=8,
                    xytext=(-4, 0), textcoords="offset points")  # fmt: skip
        ax.annotate(praise, (row["praise_high"], place), ha="left", va="center", size=8,
                    xytext=(4, 0), textcoords="offset points")  # fmt: skip
    ax.axvline(0, color=theme.CONTEXT, linewidth=0.8)
    ax.set_yticks(y, [_wrapped(name) for name in topics["topic"]])
    reach = 1.5 * float(max(topics["high"].max(), topics["praise_high"].max(), 0.01))
    ax.set(xlim=(-reach, reach), ylim=(-0.6, len(topics) - 0.4))
    ax.set_xticks([])
    ax.set_xlabel("Share of all texts, with 95% intervals")
    ax.tick_params(length=0)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, columnspacing=1.2)
    return theme.finish(ax, title=title, source=source)


def plot_event(phases: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw the mean sentiment before, during and after a disruption, with intervals.

    Parameters
    ----------
    phases : pd.DataFrame
        `phase`, `texts`, `mean`, `low`, `high`, `negative_share`; in time order.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    x = np.arange(len(phases))
    looks = [theme.CONTEXT, theme.NEGATIVE, theme.HIGHLIGHT]
    ax.plot(x, phases["mean"], color=theme.GRID, linewidth=2, zorder=1)
    ax.vlines(x, phases["low"], phases["high"], color=theme.INK, linewidth=1.4)
    for place, color, marker, row in zip(x, looks, ("o", "s", "D"), phases.to_dict("records"),
                                         strict=True):  # fmt: skip
        ax.plot(place, row["mean"], marker, color=color, markersize=9)
        share = theme.words().format(float(row["negative_share"]), "share.0")
        ax.annotate(f"{theme.words().number(row['mean'], 2)}\n{share} negative",
                    (place, row["mean"]), xytext=(11, 0), textcoords="offset points", va="center",
                    size=8.5)  # fmt: skip
    names = [f"{row['phase']}\n{theme.words().count(row['texts'])} texts"
             for row in phases.to_dict("records")]  # fmt: skip
    ax.set_xticks(x, names)
    ax.set(xlim=(-0.5, len(phases) - 0.25), ylabel="Mean sentiment (−2 to +2)")
    theme.write_measure(ax, "number.1")
    ax.tick_params(axis="x", length=0)
    return theme.finish(ax, title=title, source=source)


def plot_launch(
    groups: pd.DataFrame, *, measure: str, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw the mean of the launch and of what it is compared with, with intervals.

    Parameters
    ----------
    groups : pd.DataFrame
        `group`, `texts`, `mean`, `low`, `high`; the launch first.
    measure : str
        "stars" or "sentiment".
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 2.3), layout="constrained")
    y = np.arange(len(groups))[::-1]
    ax.hlines(y, groups["low"], groups["high"], color=theme.INK, linewidth=1.4)
    for place, color, marker, row in zip(y, (theme.NEGATIVE, theme.CONTEXT), ("s", "o"),
                                         groups.to_dict("records"), strict=True):  # fmt: skip
        ax.plot(row["mean"], place, marker, color=color, markersize=9)
        ax.annotate(theme.words().number(row["mean"], 2), (row["mean"], place), xytext=(0, 9),
                    textcoords="offset points", ha="center", size=9)  # fmt: skip
    names = [f"{_wrapped(row['group'])}\n{theme.words().count(row['texts'])} texts"
             for row in groups.to_dict("records")]  # fmt: skip
    ax.set_yticks(y, names)
    ax.set(ylim=(-0.5, len(groups) - 0.3))
    ax.set_xlabel("Mean stars" if measure == "stars" else "Mean sentiment (−2 to +2)")
    ax.margins(x=0.15)
    ax.locator_params(axis="x", nbins=6, steps=[1, 2, 5, 10])
    theme.write_axis(ax.xaxis, "number.1")
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
    return theme.finish(ax, title=title, source=source)


def plot_wishes(wishes: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw how many texts ask for what, with intervals of the share.

    Parameters
    ----------
    wishes : pd.DataFrame
        `label`, `texts`, `share`, `low`, `high`; most wished first.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.4 * len(wishes) + 1.3), layout="constrained")
    y = np.arange(len(wishes))[::-1]
    ax.barh(y, wishes["share"], color=theme.HIGHLIGHT, height=0.62)
    ax.hlines(y, wishes["low"], wishes["high"], color=theme.INK, linewidth=1.1)
    for place, row in zip(y, wishes.to_dict("records"), strict=True):
        ax.annotate(theme.words().count(row["texts"]), (row["high"], place), xytext=(5, 0),
                    textcoords="offset points", va="center", size=8.5)  # fmt: skip
    ax.set_yticks(y, [_wrapped(name) for name in wishes["label"]])
    ax.set(xlim=(0, 1.15 * float(wishes["high"].max())), ylim=(-0.6, len(wishes) - 0.4))
    ax.set_xlabel("Share of the texts with a wish; beside it, texts")
    theme.write_axis(ax.xaxis, "share.0")
    ax.tick_params(axis="y", length=0)
    return theme.finish(ax, title=title, source=source)


def plot_repeat(topics: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw the matched difference in buying again by topic of complaint, with intervals.

    Parameters
    ----------
    topics : pd.DataFrame
        `topic`, `complainers`, and in percentage points `difference`, `difference_low`,
        `difference_high`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.44 * len(topics) + 1.3), layout="constrained")
    y = np.arange(len(topics))[::-1]
    ax.axvline(0, color=theme.CONTEXT, linewidth=1)
    ax.hlines(y, topics["difference_low"], topics["difference_high"], color=theme.INK,
              linewidth=1.3)  # fmt: skip
    ax.plot(topics["difference"], y, "o", color=theme.HIGHLIGHT, markersize=7, linestyle="none")
    names = [f"{_wrapped(row['topic'])} ({theme.words().count(row['complainers'])})"
             for row in topics.to_dict("records")]  # fmt: skip
    ax.set_yticks(y, names)
    ax.set(ylim=(-0.6, len(topics) - 0.4))
    ax.set_xlabel("Who buy again: points above others like them")
    theme.write_axis(ax.xaxis, "number.0")
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
    return theme.finish(ax, title=title, source=source)


def _wrapped(name: object) -> str:
    return theme.escape_mpl(fill(str(name), LETTERS))
