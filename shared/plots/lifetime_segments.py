"""Charts of value by segment: past against future, worth of one customer, idle assets, moves."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from shared.plots import theme

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
FEWEST_SHOWN = 10


def plot_segment_shift(
    segments: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw each segment's share of past money and of the value to come, joined by an arrow.

    Parameters
    ----------
    segments : pd.DataFrame
        As from `segment_values`; a filled diamond differs by more than chance.
    """
    shown = segments.iloc[::-1].reset_index(drop=True)
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.36 * len(shown) + 1.6), layout="constrained")
    y = np.arange(len(shown))
    up = (shown["shift"] > 0).to_numpy()
    differs = (shown["finding"] == "differs").to_numpy()
    for side, color in ((up, theme.POSITIVE), (~up, theme.NEGATIVE)):
        ax.hlines(y[side], shown["past_share"][side], shown["value_share"][side], color=color,
                  linewidth=2.4, linestyle="-" if color == theme.POSITIVE else "--")  # fmt: skip
        for settled, face in ((differs, color), (~differs, "white")):
            here = side & settled
            ax.plot(shown["value_share"][here], y[here], "D", mfc=face, mec=color, ms=7.5)
    ax.plot(shown["past_share"], y, "o", mfc="white", mec=theme.INK, ms=7)
    ends = shown[["past_share", "value_share"]].max(axis=1)
    for place, (end, share) in enumerate(zip(ends, shown["value_share"], strict=True)):
        ax.annotate(theme.words().share(share), (end, place), xytext=(9, 0), va="center", size=9,
                    textcoords="offset points")  # fmt: skip
    ax.plot([], [], "o", mfc="white", mec=theme.INK, ms=7, label="Share of money so far")
    ax.plot([], [], "D", color=theme.POSITIVE, ms=7.5, label="Share of the value to come")
    ax.set_yticks(y, shown["segment"])
    ax.set_xlim(0, 1.15 * float(ends.max()))
    ax.set_xlabel("Hollow diamond: difference not settled")
    theme.write_axis(ax.xaxis, "share.0")
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    ax.figure.legend(loc="outside lower center", ncols=2)
    return theme.finish(ax, title=title, source=source)


def plot_segment_worth(
    segments: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw the value to come of one customer of each segment, with its interval.

    Parameters
    ----------
    segments : pd.DataFrame
        As from `segment_values`.
    """
    shown = segments.iloc[::-1].reset_index(drop=True)
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.34 * len(shown) + 1.2), layout="constrained")
    y = np.arange(len(shown))
    ax.barh(y, shown["value_per_customer"], height=0.68, color="#9fbfa8")
    ax.hlines(y, shown["per_customer_low"], shown["per_customer_high"], color=theme.POSITIVE,
              linewidth=2.4)  # fmt: skip
    ends = shown[["value_per_customer", "per_customer_high"]].max(axis=1)
    words = theme.words()
    for place, (end, value) in enumerate(zip(ends, shown["value_per_customer"], strict=True)):
        ax.annotate(theme.escape_mpl(words.money(value)), (end, place), xytext=(6, 0),
                    textcoords="offset points", va="center", size=9)  # fmt: skip
    ax.set_yticks(y, shown["segment"])
    ax.set_xlim(0, 1.2 * float(ends.max()))
    ax.set_xlabel("Per customer; the line is the 95% interval")
    theme.write_axis(ax.xaxis, money_spec(ax.get_xlim()[1]))
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    return theme.finish(ax, title=title, source=source)


def plot_idle_assets(
    idle: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw what each segment has brought so far, the part of customers now idle hatched.

    Parameters
    ----------
    idle : pd.DataFrame
        As from `idle_assets`.
    """
    shown = idle.iloc[::-1].reset_index(drop=True)
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.34 * len(shown) + 1.6), layout="constrained")
    y = np.arange(len(shown))
    live = (shown["past_value"] - shown["idle_past_value"]).clip(lower=0)
    ax.barh(y, live, height=0.68, color=theme.POSITIVE, label="may well order again")
    some = (shown["idle_past_value"] > 0).to_numpy()
    ax.barh(y[some], shown["idle_past_value"][some], left=live[some], height=0.68, color="#f0b48f",
            hatch="///", edgecolor=theme.NEGATIVE, linewidth=0.5, label="idle")  # fmt: skip
    words = theme.words()
    for place, row in enumerate(shown.to_dict("records")):
        text = f"{words.count(row['idle'])} idle" if row["idle"] else "none"
        if row["idle"] and not pd.isna(row["idle_past_share"]):
            text += f", {words.share(row['idle_past_share'])} of it"
        ax.annotate(text, (max(row["past_value"], 0), place), xytext=(6, 0), va="center", size=9,
                    textcoords="offset points")  # fmt: skip
    ax.set_yticks(y, shown["segment"])
    ax.set_xlim(0, 1.38 * max(float(shown["past_value"].max()), 1e-9))
    ax.set_xlabel("Items so far" if words.money_unit == "items" else "Revenue so far")
    theme.write_axis(ax.xaxis, money_spec(ax.get_xlim()[1]))
    ax.tick_params(axis="y", length=0)
    ax.figure.legend(loc="outside lower center", ncols=2)
    return theme.finish(ax, title=title, source=source)


def money_spec(largest: float) -> str:
    """Choose how the money along an axis is written: whole above 5, short above 1,000."""
    if theme.words().money_unit == "items":  # the label of the axis names the unit
        return "count.compact"
    return "money.compact" if largest >= 1000 else "money.0" if largest >= 5 else "money"


def plot_rank_moves(
    ranks: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw customers by their fifth so far (rows) and by value to come (columns), best first.

    Parameters
    ----------
    ranks : pd.DataFrame
        As from `rank_matrix`; the frame marks those who keep their fifth.
    """
    size = int(ranks["fifth_now"].max())
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.58 * size + 1.5), layout="constrained")
    words = theme.words()
    for row in ranks.to_dict("records"):
        x, y = row["fifth_future"] - 1, row["fifth_now"] - 1
        share = 0.0 if pd.isna(row["share"]) else row["share"]
        color = to_hex(theme.BLUES(share))
        keeps = x == y
        ax.bar(x, 0.94, bottom=y - 0.47, width=0.94, color=color, linewidth=1.8 if keeps else 0,
               edgecolor=theme.INK, label="_cell")  # fmt: skip
        n = int(row["customers"])
        text = f"{words.count(n)}\n{words.share(share)}" if n >= FEWEST_SHOWN else "•" if n else "–"
        ax.annotate(text, (x, y), ha="center", va="center", size=9, linespacing=1.25,
                    color=theme.ink_on(color))  # fmt: skip
    names = ["top fifth", "2nd", "3rd", "4th", "last fifth"]
    ax.set_xticks(range(size), names)
    ax.set_yticks(range(size), names)
    ax.set(xlim=(-0.55, size - 0.45), ylim=(size - 0.45, -0.55))
    ax.xaxis.tick_top()
    ax.set_ylabel("By what they brought so far")
    ax.set_xlabel("Columns: by value to come; • under 10")
    ax.tick_params(length=0)
    theme.finish(ax, title=title, source=source)
    ax.spines["bottom"].set_visible(False)
    return ax
