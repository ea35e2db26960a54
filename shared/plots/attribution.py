"""Charts of the attribution report: models compared, channels switched off, roles and returns."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from shared.plots import theme
from shared.plots.attribution_map import plot_channel_map

__all__ = [
    "plot_channel_map",
    "plot_feeds",
    "plot_models",
    "plot_removal",
    "plot_returns",
    "plot_roles",
]

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
LETTERS = 24
MODEL_COLORS = ("#d6e4f2", "#9fc0de", "#5b93c3", "#0d3560")
ROLE_COLORS = ("#9fc0de", "#c9a75a", "#0b3d2a")


def plot_models(models: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw the share of conversions that each model gives each channel, with intervals.

    Parameters
    ----------
    models : pd.DataFrame
        `channel`, `model` (as to be written), `share`, `low`, `high`; in the order to be drawn,
        at most four models.
    """
    channels = list(dict.fromkeys(models["channel"]))
    kinds = list(dict.fromkeys(models["model"]))
    if ax is None:
        height = 0.2 * len(models) + 0.12 * len(channels) + 1.4
        _, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    thick = 0.84 / len(kinds)
    for place, (kind, color) in enumerate(zip(kinds, MODEL_COLORS, strict=False)):
        rows = models[models["model"] == kind].set_index("channel").reindex(channels)
        y = np.arange(len(channels))[::-1] + 0.42 - thick * (place + 0.5)
        ax.barh(y, rows["share"], height=thick, color=color, edgecolor="white", linewidth=0.4,
                label=kind)  # fmt: skip
        ax.hlines(y, rows["low"], rows["high"], color=theme.INK, linewidth=1.2)
    ax.set_yticks(np.arange(len(channels))[::-1], [_wrapped(name) for name in channels])
    ax.set(xlim=(0, None), ylim=(-0.6, len(channels) - 0.4), xlabel="Share of all sales")
    _shares(ax)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, columnspacing=1.2, borderpad=0)
    return theme.finish(ax, title=title, source=source)


def plot_removal(removal: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw what the model loses without each channel, beside what being met as often would do.

    Parameters
    ----------
    removal : pd.DataFrame
        `channel`, `removal_effect`, `low`, `high`, `by_presence`; the largest first.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.4 * len(removal) + 1.6), layout="constrained")
    y = np.arange(len(removal))[::-1]
    ax.barh(y, removal["removal_effect"], color="#9fc0de", height=0.6, label="the chain's figure")
    ax.hlines(y, removal["low"], removal["high"], color=theme.INK, linewidth=1.6,
              label="95% interval")  # fmt: skip
    ax.plot(removal["by_presence"], y, "D", markerfacecolor="white", markeredgecolor=theme.NEGATIVE,
            markersize=5.5, linestyle="none", label="if all paths converted alike")  # fmt: skip
    ax.set_yticks(y, [_wrapped(name) for name in removal["channel"]])
    ax.set(xlim=(0, None), ylim=(-0.7, len(removal) - 0.3))
    ax.set_xlabel("Share of sales that the model loses without the channel")
    _shares(ax)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, columnspacing=1, borderpad=0)
    return theme.finish(ax, title=title, source=source)


def plot_roles(roles: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw for each channel how many conversions it opened, assisted and closed.

    Parameters
    ----------
    roles : pd.DataFrame
        `channel`, `opens`, `assists`, `closes`; in the order to be drawn.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.62 * len(roles) + 1.4), layout="constrained")
    y = np.arange(len(roles))[::-1]
    kinds = ("opens", "assists", "closes")
    for place, (kind, color) in enumerate(zip(kinds, ROLE_COLORS, strict=True)):
        spot = y + 0.27 - 0.27 * place
        ax.barh(spot, roles[kind], height=0.26, color=color, label=kind)
        for at, count in zip(spot, roles[kind], strict=True):
            ax.annotate(theme.words().count(count), (count, at), xytext=(3, 0), va="center",
                        size=7.5, textcoords="offset points")  # fmt: skip
    ax.set_yticks(y, [_wrapped(name) for name in roles["channel"]])
    ax.set(ylim=(-0.6, len(roles) - 0.4), xlabel="Sales")
    ax.margins(x=0.16)
    theme.write_axis(ax.xaxis, "count")
    ax.tick_params(axis="y", length=0)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, columnspacing=1.2, borderpad=0)
    return theme.finish(ax, title=title, source=source)


def plot_feeds(feeds: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw where contacts through one channel lead next, beside where others usually lead.

    Parameters
    ----------
    feeds : pd.DataFrame
        `source`, `target`, `transition_probability`, `low`, `high`, `usual`; the first on top.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.42 * len(feeds) + 1.6), layout="constrained")
    y = np.arange(len(feeds))[::-1]
    ax.hlines(y, feeds["usual"], feeds["transition_probability"], color=theme.GRID, linewidth=5)
    ax.hlines(y, feeds["low"], feeds["high"], color=theme.INK, linewidth=1.4)
    ax.plot(feeds["usual"], y, "D", markerfacecolor="white", markeredgecolor=theme.MUTED,
            markersize=5.5, linestyle="none", label="after other channels")  # fmt: skip
    ax.plot(feeds["transition_probability"], y, "o", color=theme.HIGHLIGHT, markersize=7,
            linestyle="none", label="after this channel, 95% interval")  # fmt: skip
    names = [f"{_short(row['source'])} → {_short(row['target'])}"
             for row in feeds.to_dict("records")]  # fmt: skip
    ax.set_yticks(y, names, size=8.5)
    ax.set(xlim=(0, None), ylim=(-0.7, len(feeds) - 0.3))
    ax.xaxis.set_major_locator(MaxNLocator(3))  # with more, a phone would not show it whole
    ax.set_xlabel("Share of its contacts that lead there next")
    _shares(ax)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), handletextpad=0.3, borderpad=0)
    return theme.finish(ax, title=title, source=source)


def plot_returns(returns: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw each channel's share of all cost beside its share of the credit.

    Parameters
    ----------
    returns : pd.DataFrame
        `channel`, `cost_share`, `credit_share`; in the order to be drawn.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.42 * len(returns) + 1.5), layout="constrained")
    y = np.arange(len(returns))[::-1]
    ax.hlines(y, returns["cost_share"], returns["credit_share"], color=theme.GRID, linewidth=5)
    ax.plot(returns["cost_share"], y, "s", color=theme.NEGATIVE, markersize=7, linestyle="none",
            label="share of cost")  # fmt: skip
    ax.plot(returns["credit_share"], y, "o", color=theme.POSITIVE, markersize=7, linestyle="none",
            label="share of credited sales")  # fmt: skip
    ax.set_yticks(y, [_wrapped(name) for name in returns["channel"]])
    ax.set(ylim=(-0.7, len(returns) - 0.3), xlabel="Share of the total")
    ax.margins(x=0.06)
    _shares(ax)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, handletextpad=0.3, borderpad=0)
    return theme.finish(ax, title=title, source=source)


def _wrapped(name: object) -> str:
    return theme.escape_mpl(fill(str(name), LETTERS, max_lines=2, placeholder="…"))


def _short(name: object) -> str:
    return theme.escape_mpl(fill(str(name), 16, max_lines=1, placeholder="…"))


def _shares(ax: Axes) -> None:
    theme.write_axis(ax.xaxis, "share.0")
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
