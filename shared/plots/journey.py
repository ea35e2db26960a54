"""Charts of the journey: clicks and views, frequency, arrivals, and the funnel of stages."""

from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from shared.analysis.multiple_testing import Finding
from shared.plots import theme

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
LETTERS = 22  # of a line of a label beside the chart


def plot_clicks(groups: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw the share of conversions after a click, after a mere view, and after neither.

    Parameters
    ----------
    groups : pd.DataFrame
        `group`, `conversions`, `share`, `low`, `high`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.5 * len(groups) + 1.3), layout="constrained")
    y = np.arange(len(groups))[::-1]
    colors = [theme.POSITIVE, "#9fc0de", "#dfe4e5"][: len(groups)]
    ax.barh(y, groups["share"], color=colors, height=0.62)
    ax.hlines(y, groups["low"], groups["high"], color=theme.INK, linewidth=1.2)
    for place, row in zip(y, groups.to_dict("records"), strict=True):
        share = theme.words().share(row["share"], digits=1)
        text = f"{share} ({theme.words().count(row['conversions'])})"
        ax.annotate(text, (max(row["share"], row["high"]), place), xytext=(5, 0), va="center",
                    size=8.5, textcoords="offset points", annotation_clip=False)  # fmt: skip
    ax.set_yticks(y, [_wrapped(name) for name in groups["group"]])
    ax.set(xlim=(0, 1.32), ylim=(-0.6, len(groups) - 0.4))
    ax.set_xticks([0, 0.5, 1])
    theme.write_axis(ax.xaxis, "share.0")
    ax.set_xlabel("Share of sales; beside it, their number")
    ax.tick_params(axis="y", length=0)
    return theme.finish(ax, title=title, source=source)


def plot_frequency(
    by_contacts: pd.DataFrame,
    *,
    contacts: str = "contacts",
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of journeys that convert, by number of contacts, with intervals.

    Parameters
    ----------
    by_contacts : pd.DataFrame
        `label`, `share`, `low`, `high`, `n`, `finding`.
    contacts : str
        What is counted.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    x = np.arange(len(by_contacts))
    ax.vlines(x, by_contacts["low"], by_contacts["high"], color=theme.INK, linewidth=1.4)
    _marks(ax, x, by_contacts["share"], by_contacts["finding"])
    ticks = [f"{label}\n{theme.words().count(n)}" for label, n in
             zip(by_contacts["label"], by_contacts["n"], strict=True)]  # fmt: skip
    ax.set_xticks(x, ticks, size=7.8)
    ax.set(xlim=(-0.5, len(x) - 0.5), ylim=(0, None), ylabel="Journeys that convert")
    ax.set_xlabel(f"{contacts.capitalize()} in the journey; below, the journeys")
    theme.write_measure(ax, "share.0")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, handletextpad=0.3, borderpad=0,
              handlelength=1, columnspacing=1)  # fmt: skip
    return theme.finish(ax, title=title, source=source)


def plot_arrivals(
    arrivals: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw the share of visits that a conversion follows, by channel, with intervals.

    Parameters
    ----------
    arrivals : pd.DataFrame
        `channel`, `share`, `low`, `high`, `finding`; the highest share first.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.4 * len(arrivals) + 1.5), layout="constrained")
    y = np.arange(len(arrivals))[::-1]
    ax.hlines(y, arrivals["low"], arrivals["high"], color=theme.INK, linewidth=1.4)
    _marks(ax, arrivals["share"], y, arrivals["finding"])
    ax.set_yticks(y, [_wrapped(name) for name in arrivals["channel"]])
    ax.set(xlim=(0, None), ylim=(-0.6, len(arrivals) - 0.4))
    ax.set_xlabel("Visits that a sale follows")
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    theme.write_axis(ax.xaxis, "share.0")
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, handletextpad=0.3, borderpad=0,
              handlelength=1, columnspacing=1)  # fmt: skip
    return theme.finish(ax, title=title, source=source)


def plot_stages(
    stages: pd.DataFrame,
    *,
    things: str = "journeys",
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw the funnel: a bar per stage, what goes on and what is lost, and satisfaction beside it.

    Parameters
    ----------
    stages : pd.DataFrame
        In order: `stage`, `journeys`, `conversion`, `drop_off`; `satisfaction` where known.
        The last row counts conversions; its conversion is blank.
    things : str
        What passes through the stages.
    """
    has_answers = "satisfaction" in stages and bool(stages["satisfaction"].notna().any())
    if ax is None:
        height = 0.62 * len(stages) + 1.6
        _, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    y = np.arange(len(stages))[::-1]
    widest = float(stages["journeys"].max())
    # The last row is the conversions: they are all kept.
    stay = (stages["journeys"] * stages["conversion"].fillna(1)).to_numpy()
    ax.barh(y, stages["journeys"], color="#f0b48f", height=0.68, label="lost here", hatch="///",
            edgecolor="white", linewidth=0)  # fmt: skip
    ax.barh(y, stay, color=theme.HIGHLIGHT, height=0.68, label="go on")
    for place, row in zip(y, stages.to_dict("records"), strict=True):
        ax.annotate(_stage_words(row), (row["journeys"], place), xytext=(5, 0), va="center",
                    size=8, textcoords="offset points", annotation_clip=False)  # fmt: skip
        if has_answers and not np.isnan(row["satisfaction"]):
            ax.annotate(theme.words().format(float(row["satisfaction"]), "number.1"),
                        (1.0, place), xycoords=("axes fraction", "data"), ha="right",
                        va="center", size=9.5, weight="bold", color=theme.INK)  # fmt: skip
    if has_answers:
        ax.annotate("satisfaction", (1.0, len(stages) - 0.5),
                    xycoords=("axes fraction", "data"), ha="right", va="bottom", size=8,
                    color=theme.MUTED, annotation_clip=False)  # fmt: skip
    ax.set_yticks(y, [_wrapped(name) for name in stages["stage"]])
    ax.set(xlim=(0, widest * (2.1 if has_answers else 1.6)), ylim=(-0.6, len(stages) - 0.4))
    ticks = MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]).tick_values(0, widest)
    ax.set_xticks([tick for tick in ticks if tick <= widest])
    theme.write_axis(ax.xaxis, "count")
    ax.set_xlabel(f"{things.capitalize()} at the stage")
    ax.tick_params(axis="y", length=0)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, handletextpad=0.4, borderpad=0)
    return theme.finish(ax, title=title, source=source)


def _stage_words(row: dict[Any, Any]) -> str:
    """Write the number at a stage, and the shares that go on and drop off, where they are known."""
    words = theme.words()
    number = words.count(row["journeys"])
    if np.isnan(row["conversion"]):
        return number
    onward, lost = (words.share(row[name], digits=0) for name in ("conversion", "drop_off"))
    return f"{number}\n{onward} go on, {lost} lost"


def _marks(
    ax: Axes, x: pd.Series | np.ndarray, y: pd.Series | np.ndarray, findings: pd.Series
) -> None:
    """Draw filled marks where a row differs from all others, hollow ones elsewhere."""
    differs = (findings == Finding.DIFFERS.value).to_numpy()
    across, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    looks = ((differs, theme.HIGHLIGHT, "differs from the others"),
             (~differs, "white", "no settled difference"))  # fmt: skip
    for here, color, label in looks:
        if here.any():
            ax.plot(across[here], up[here], "o", color=color, linestyle="none", markersize=7,
                    markeredgecolor=theme.INK, markeredgewidth=0.9, label=label)  # fmt: skip


def _wrapped(name: object) -> str:
    return theme.escape_mpl(fill(str(name), LETTERS, max_lines=2, placeholder="…"))
