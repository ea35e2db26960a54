"""The control charts: the share of complaints by week, a panel per topic, with its limit."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from shared.plots import theme

WIDTH = 5.6
PANEL = 1.55  # inches


def plot_incidents(weeks: pd.DataFrame, *, title: str, source: str) -> Axes:
    """Draw for each topic the share of complaints, its course and the limit for a single period.

    Parameters
    ----------
    weeks : pd.DataFrame
        `topic`, `kind`, `start`, `share`, `expected`, `limit`, `in_run`; topics in their order.
    """
    topics = list(dict.fromkeys(weeks["topic"]))
    _, grid = plt.subplots(
        len(topics), 1, figsize=(WIDTH, PANEL * len(topics) + 1.1), sharex=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    axes = [row[0] for row in grid]
    for ax, topic in zip(axes, topics, strict=True):
        _panel(ax, weeks[weeks["topic"] == topic], topic)
    handles, names = axes[0].get_legend_handles_labels()
    axes[0].legend(handles, names, loc="lower left", bbox_to_anchor=(-0.02, 1.2), ncols=2,
                   columnspacing=1.0, handlelength=1.8, borderpad=0)  # fmt: skip
    places, labels = _month_ticks(pd.DatetimeIndex(weeks["start"].unique()))
    axes[-1].set_xticks(places, labels)
    axes[len(axes) // 2].set_ylabel("Share of texts that complain")
    for ax in axes[1:]:
        for side in ("top", "right", "left"):
            ax.spines[side].set_visible(False)
    return theme.finish(axes[0], title=title, source=source)


def _panel(ax: Axes, weeks: pd.DataFrame, topic: str) -> None:
    x = date2num(weeks["start"])
    inside = weeks["in_run"].to_numpy(dtype=bool)
    ax.vlines(x, 0, weeks["share"], color=np.where(inside, theme.NEGATIVE, theme.CONTEXT),
              linewidth=1.8)  # fmt: skip
    ax.plot(x[inside], weeks["share"][inside], "s", color=theme.NEGATIVE, markersize=3.5,
            label="in a run that stands out")  # fmt: skip
    ax.plot(x, weeks["expected"], color=theme.INK, linewidth=1.2, drawstyle="steps-mid",
            label="usual share, by the course found")  # fmt: skip
    ax.plot(x, weeks["limit"], color=theme.MUTED, linewidth=0.9, linestyle=":",
            label="limit for one period")  # fmt: skip
    kind = str(weeks["kind"].iloc[0])
    name = theme.escape_mpl(fill(f"{topic}: {kind}", 60))
    ax.annotate(name, (0, 1), xycoords="axes fraction", xytext=(0, 3),
                textcoords="offset points", size=9, weight="bold", color=theme.INK)  # fmt: skip
    top = float(np.nanmax([weeks["share"].max(), weeks["expected"].max(), 0.02]))
    ax.set(ylim=(0, 1.15 * top))
    ax.locator_params(axis="y", nbins=3)
    theme.write_measure(ax, "share.0")


def _month_ticks(x: pd.DatetimeIndex) -> tuple[np.ndarray, list[str]]:
    months = pd.period_range(x.min(), x.max(), freq="M")[1:]
    shown = list(months[:: max(1, -(-len(months) // 5))])
    words = [theme.words().month(month).replace(" ", "\n") for month in shown]
    return date2num([month.start_time for month in shown]), words
