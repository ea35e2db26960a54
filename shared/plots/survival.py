"""Charts of survival: curves with the numbers at risk, and the hazard with its critical day."""

from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from shared.plots import theme

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
BAND = 0.14
TICKS = 6
LEAST_APART = 0.12  # of the axis, between two medians written at one height
LOWEST = 0.09  # of the height, above the word landmark
LINE = 13  # points between two lines of numbers at risk
LABEL_GAP = 0.075  # of the height, between two labels at the line ends
MOST_LETTERS = 22


def plot_survival(
    curves: pd.DataFrame,
    *,
    medians: pd.DataFrame | None = None,
    unit: str = "Days",
    since: str = "first order",
    landmark: float | None = None,
    struck: str = "",
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw survival as steps with 95 % bands, names at the line ends, numbers at risk below.

    Parameters
    ----------
    curves : pd.DataFrame
        One row per group and time: `group`, `duration`, `survival`, `low`, `high`, `at_risk`; the
        first group that appears is green and solid, the second red and dashed.
    medians : pd.DataFrame, optional
        `group` and `median`, marked in its colour where the line crosses one half; blank for not
        reached.
    unit, since : str
        What the axis counts, and from when.
    landmark : float, optional
        The age from which the curves run, marked.
    struck : str
        A reason why the picture misleads: it is then crossed out and the reason written on it.
    """
    groups = list(dict.fromkeys(curves["group"]))
    if ax is None:
        height = 3.5 + 0.2 * len(groups)
        _, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    last = float(curves["duration"].max())
    ends = []
    for place, name in enumerate(groups):
        part, color, dash = curves[curves["group"] == name], *_look(place, alone=len(groups) == 1)
        x, y = part["duration"].to_numpy(float), part["survival"].to_numpy(float)
        ax.fill_between(x, part["low"], part["high"], step="post", color=color, alpha=BAND, lw=0)
        # Who leaves at once makes a step at the very start: the line begins at all customers.
        x, y = np.append(x[:1], x), np.append(1.0, y)
        ax.step(x, y, where="post", color=color, linestyle=dash, label=name)
        ends.append((x[-1], float(part["survival"].iloc[-1]), name, color))
    if medians is not None:
        _mark_medians(ax, medians, groups, last=last)
    if landmark is not None:
        ax.axvline(landmark, color=theme.CONTEXT, linewidth=1.2, linestyle=":")
        ax.annotate("landmark", (landmark, 0.02), xytext=(4, 0), textcoords="offset points",
                    size=8.5, color=theme.MUTED)  # fmt: skip
    _label_ends(ax, ends, last=last, alone=len(groups) == 1)
    ax.set(ylim=(0, 1.02), xlim=(0, max(last * 1.02, 1)), ylabel="Still customers")
    _count_below(ax, curves, groups, last=last)
    ax.set_xlabel(f"{unit} since {since}; below: customers still followed")
    theme.write_axis(ax.yaxis, "share.0")
    ax.grid(axis="y")
    if struck:
        _strike(ax, struck)
    return theme.finish(ax, title=title, source=source)


def plot_hazard(
    hazard: pd.DataFrame,
    *,
    peak: float | None = None,
    peak_low: float | None = None,
    peak_high: float | None = None,
    unit: str = "Days",
    since: str = "first order",
    per: str = "per 30 days",
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw the risk of leaving over time with its band, the peak and the interval of its place.

    Parameters
    ----------
    hazard : pd.DataFrame
        `duration`, `hazard`, `low`, `high`: share of those still there who leave.
    peak, peak_low, peak_high : float, optional
        Where the risk peaks, if it does, and its interval.
    per : str
        The time that the share is of.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    x = hazard["duration"].to_numpy(float)
    ax.fill_between(x, hazard["low"], hazard["high"], color=theme.NEGATIVE, alpha=BAND, lw=0)
    ax.plot(x, hazard["hazard"], color=theme.NEGATIVE)
    top = float(np.nanmax(hazard["high"].to_numpy(float), initial=0.01))
    if peak is not None and not pd.isna(peak):
        if peak_low is not None and peak_high is not None and not pd.isna(peak_low):
            ax.axvspan(peak_low, peak_high, color=theme.CONTEXT, alpha=0.25, lw=0)
        ax.axvline(peak, color=theme.INK, linewidth=1.4, linestyle=":")
        left = peak > x[-1] * 0.6
        ax.annotate(
            f"{unit.rstrip('s')} {theme.words().count(peak)}", (peak, top), size=9,
            xytext=(-5 if left else 5, -2), textcoords="offset points",
            ha="right" if left else "left", va="top", weight="bold",
        )  # fmt: skip
    ax.set(ylim=(0, top * 1.05), xlim=(0, float(x[-1])), ylabel=f"Leave {per}")
    ax.set_xlabel(f"{unit} since {since}; the band is the 95% interval")
    theme.write_axis(ax.xaxis, "count")
    theme.write_axis(ax.yaxis, "share.1")
    ax.grid(axis="y")
    return theme.finish(ax, title=title, source=source)


def _look(place: int, *, alone: bool) -> tuple[str, object]:
    """Give colour and line style: green solid, red dashed, then colours that differ in grey."""
    if alone:
        return theme.HIGHLIGHT, "-"
    return theme.CATEGORIES[place % len(theme.CATEGORIES)], theme.DASHES[place % len(theme.DASHES)]


def _mark_medians(ax: Axes, medians: pd.DataFrame, groups: list[str], *, last: float) -> None:
    """Draw the way from one half on the left axis to each curve, and down to its day."""
    known = medians[medians["group"].isin(groups) & medians["median"].notna()]
    if known.empty:
        return
    ax.plot([0, known["median"].max()], [0.5, 0.5], ":", color=theme.INK, lw=1.1, label="_half")
    before, height = -np.inf, LOWEST
    for row in known.sort_values("median").to_dict("records"):
        color = _look(groups.index(row["group"]), alone=len(groups) == 1)[0]
        ax.plot([row["median"]] * 2, [0, 0.5], ":", color=color, linewidth=1.1, label="_half")
        ax.plot(row["median"], 0.5, "o", ms=5, color=color)
        # Numbers of medians close together stand above each other, each in the colour of its line.
        close = row["median"] < before + LEAST_APART * last
        before, height = row["median"], height + LABEL_GAP if close else LOWEST
        ax.annotate(theme.words().count(row["median"]), (row["median"], height), size=9,
                    xytext=(4, 0), textcoords="offset points", weight="bold",
                    color=color, va="center",
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3})  # fmt: skip


def _label_ends(
    ax: Axes, ends: list[tuple[float, float, str, str]], *, last: float, alone: bool
) -> None:
    """Write each group's name and last share beside its line, labels moved apart."""
    order = sorted(ends, key=lambda end: end[1])
    places = _apart(np.array([end[1] for end in order]), gap=LABEL_GAP)
    for (x, y, name, color), place in zip(order, places, strict=True):
        share = theme.words().share(y)
        text = share if alone else f"{theme.escape_mpl(fill(name, MOST_LETTERS))} {share}"
        ax.annotate(text, (x, y), xytext=(max(last, 1) * 1.035, place), va="center", size=9,
                    color=color, weight="bold", annotation_clip=False)  # fmt: skip


def _apart(places: np.ndarray, *, gap: float) -> np.ndarray:
    moved = places.copy()
    for i in range(1, len(moved)):
        moved[i] = max(moved[i], moved[i - 1] + gap)
    return moved - max(0.0, float(moved[-1]) - 1.0 if len(moved) else 0.0)


def _count_below(ax: Axes, curves: pd.DataFrame, groups: list[str], *, last: float) -> None:
    """Write the numbers at risk under the ticks of the axis, a line for each group."""
    ticks = [t for t in ax.get_xticks() if 0 <= t <= last * 1.001]
    ticks = ticks[:: -(-len(ticks) // TICKS)]
    ax.set_xticks(ticks, [theme.words().count(tick) for tick in ticks])
    ax.xaxis.labelpad = 4 + LINE * len(groups)
    for line, name in enumerate(groups):
        part = curves[curves["group"] == name]
        below: dict[str, Any] = {
            "size": 8.5, "color": theme.MUTED, "va": "top", "annotation_clip": False,
            "textcoords": "offset points",
        }  # fmt: skip
        down = -18 - LINE * line
        for tick in ticks:
            left = part.loc[part["duration"] >= tick, "at_risk"].head(1)
            followed = len(left) and tick >= part["duration"].min()
            text = theme.words().count(left.iloc[0]) if followed else "–"
            place = (tick, 0)
            ax.annotate(text, place, xycoords=("data", "axes fraction"), xytext=(0, down),
                        ha="center", **below)  # fmt: skip
        if len(groups) > 1:
            ax.annotate(theme.escape_mpl(name), (0, 0), xycoords="axes fraction", ha="right",
                        xytext=(-22, down), **below)  # fmt: skip


def _strike(ax: Axes, reason: str) -> None:
    """Cross the picture out and say why."""
    ax.plot([0, 1], [0, 1], transform=ax.transAxes, color=theme.INK, linewidth=2.4, label="_strike")
    ax.plot([0, 1], [1, 0], transform=ax.transAxes, color=theme.INK, linewidth=2.4, label="_strike")
    ax.annotate(
        theme.escape_mpl(fill(reason, 34)), (0.5, 0.5), xycoords="axes fraction", ha="center",
        va="center", size=9, weight="bold",
        bbox={"facecolor": "white", "edgecolor": theme.INK, "boxstyle": "round,pad=0.5"},
    )  # fmt: skip
