"""Charts of value by segment: past against future, worth of one customer, idle assets, moves."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from shared.plots import theme

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
DIFFERS, NOT_SETTLED = "differs", "not settled"


def plot_segment_shift(
    segments: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw each segment's share of past money and of the value to come, joined by an arrow.

    Parameters
    ----------
    segments : pd.DataFrame
        As from `segment_values`; a coloured diamond differs by more than chance, a hollow one is
        not settled, a grey one is no difference found.
    """
    shown = segments.iloc[::-1].reset_index(drop=True)
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.36 * len(shown) + 1.6), layout="constrained")
    y = np.arange(len(shown))
    up = (shown["shift"] > 0).to_numpy()
    differs, unsettled = ((shown["finding"] == word).to_numpy() for word in (DIFFERS, NOT_SETTLED))
    for side, color, style in ((up, theme.POSITIVE, "-"), (~up, theme.NEGATIVE, (0, (2, 1)))):
        for here, face, edge in (
            (side & differs, color, color), (side & unsettled, "white", color),
            (side & ~differs & ~unsettled, theme.CONTEXT, theme.CONTEXT),
        ):  # fmt: skip
            ax.hlines(y[here], shown["past_share"][here], shown["value_share"][here], color=edge,
                      linewidth=2.4, linestyle=style)  # fmt: skip
            ax.plot(shown["value_share"][here], y[here], "D", mfc=face, mec=edge, ms=7.5)
    ax.plot(shown["past_share"], y, "o", mfc="white", mec=theme.INK, ms=7)
    ends = shown[["past_share", "value_share"]].max(axis=1)
    for place, (end, share) in enumerate(zip(ends, shown["value_share"], strict=True)):
        ax.annotate(theme.words().format(share, "share"), (end, place), xytext=(9, 0),
                    textcoords="offset points", va="center", size=9)  # fmt: skip
    marks: list[tuple[str, Any, str, str, str]] = [
        ("o", "", "white", theme.INK, "share of money so far"),
        ("D", "-", theme.POSITIVE, theme.POSITIVE, "to come: more"),
        ("D", (0, (2, 1)), theme.NEGATIVE, theme.NEGATIVE, "to come: less"),
    ]
    if unsettled.any():
        marks.append(("D", "", "white", theme.INK, "to come: not settled"))
    if not (differs | unsettled).all():
        marks.append(("D", "", theme.CONTEXT, theme.CONTEXT, "to come: no difference found"))
    for mark, style, face, edge, label in marks:
        ax.plot([], [], marker=mark, linestyle=style, color=edge, mfc=face, mec=edge, ms=7,
                label=label)  # fmt: skip
    ax.set_yticks(y, shown["segment"])
    ax.set_xlim(0, 1.15 * float(ends.max()))
    ax.set_xlabel("Share of all segments")
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
        text = words.money(value, digits=words.money_digits(float(ends.max())))
        ax.annotate(theme.escape_mpl(text), (end, place), xytext=(6, 0),
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
        As from `idle_assets`; where the idle are blank they are too few to be shown.
    """
    shown = idle.iloc[::-1].reset_index(drop=True)
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.34 * len(shown) + 1.6), layout="constrained")
    y = np.arange(len(shown))
    live = (shown["past_value"] - shown["idle_past_value"].fillna(0)).clip(lower=0)
    ax.barh(y, live, height=0.68, color=theme.POSITIVE, label="not idle")
    some = (shown["idle_past_value"] > 0).to_numpy()
    ax.barh(y[some], shown["idle_past_value"][some], left=live[some], height=0.68, color="#f0b48f",
            hatch="///", edgecolor=theme.NEGATIVE, linewidth=0.5, label="idle")  # fmt: skip
    words = theme.words()
    for place, row in enumerate(shown.to_dict("records")):
        text = f"{words.count(row['idle'])} idle" if row["idle"] else "none"
        if row["idle"] and not pd.isna(row["idle_past_share"]):
            text += f", {words.share(row['idle_past_share'])} of it"
        text = "•" if pd.isna(row["idle"]) else text
        ax.annotate(text, (max(row["past_value"], 0), place), xytext=(6, 0), va="center", size=9,
                    textcoords="offset points")  # fmt: skip
    ax.set_yticks(y, shown["segment"])
    ax.set_xlim(0, 1.38 * max(float(shown["past_value"].max()), 1e-9))
    noun = theme.of_money("Revenue so far", items="Items so far")
    few = bool(shown["idle"].isna().any())
    ax.set_xlabel(noun + "\n• idle withheld: under 10, or it would give one away" * few)
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
        As from `rank_matrix`; a blank is withheld, the frame marks those who keep their fifth.
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
        text = "–" if row["customers"] == 0 else f"{words.count(row['customers'])}\n"
        text = "•" if pd.isna(row["customers"]) else text + words.share(share) * (text != "–")
        ax.annotate(text, (x, y), ha="center", va="center", size=9, linespacing=1.25,
                    color=theme.ink_on(color))  # fmt: skip
    names = ["top fifth", "2nd", "3rd", "4th", "last fifth"]
    ax.set_xticks(range(size), names)
    ax.set_yticks(range(size), names)
    ax.set(xlim=(-0.55, size - 0.45), ylim=(size - 0.45, -0.55))
    ax.xaxis.tick_top()
    ax.set_ylabel("By what they brought so far")
    few = bool(ranks["customers"].isna().any())
    note = "\n• withheld: under 10, or it would give one away" * few
    ax.set_xlabel("Columns: by value to come" + note)
    ax.tick_params(length=0)
    theme.finish(ax, title=title, source=source)
    ax.spines["bottom"].set_visible(False)
    return ax
