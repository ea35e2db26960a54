"""Charts of lifetime value: the backtest, the months ahead, tiers, and when orders come."""

from datetime import date

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from shared.plots import theme
from shared.plots.lifetime_heatmap import plot_heat_map
from shared.plots.lifetime_segments import (
    money_spec,
    plot_idle_assets,
    plot_rank_moves,
    plot_segment_shift,
    plot_segment_worth,
)

__all__ = [
    "plot_backtest",
    "plot_by_orders",
    "plot_cash_flow",
    "plot_heat_map",
    "plot_idle_assets",
    "plot_next_orders",
    "plot_rank_moves",
    "plot_segment_shift",
    "plot_segment_worth",
    "plot_spend_by_orders",
    "plot_tiers",
    "plot_tracking",
]

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
TIER_COLORS = dict(zip(("Top", "High", "Middle", "Low"),
                       (theme.POSITIVE, "#7d9a4b", "#c9a75a", "#f0b48f"), strict=True))  # fmt: skip
MOST_MONTHS = 8
LONG = 1e6  # amounts that do not fit over a bar when written out
OFFSET = 0.13


def plot_backtest(table: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw what each way of forecasting predicted for the days held out, beside what happened.

    Parameters
    ----------
    table : pd.DataFrame
        As in `Backtest.table`; the chosen model is dark, the naive ways are hatched.
    """
    shown = table.iloc[::-1].reset_index(drop=True)
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.5 * len(shown) + 1.5), layout="constrained")
    words, actual = theme.words(), float(shown["actual"].iloc[0])
    for y, row in enumerate(shown.to_dict("records")):
        color = theme.POSITIVE if row["is_chosen"] else "#e9edee" if row["is_naive"] else "#9fbfa8"
        ax.barh(y, row["predicted"], height=0.66, color=color, edgecolor=theme.MUTED,
                linewidth=0.6, hatch="///" if row["is_naive"] else "")  # fmt: skip
        text = f"{words.count(row['predicted'])} ({words.share(row['ratio'])})"
        ax.annotate(text, (max(row["predicted"], actual), y), xytext=(6, 0), size=9, va="center",
                    textcoords="offset points")  # fmt: skip
    ax.vlines(actual, -0.6, len(shown) - 0.5, color=theme.NEGATIVE, linewidth=2, linestyle="--")
    ax.annotate(f"placed: {words.count(actual)}", (actual, len(shown) - 0.45), ha="center",
                va="bottom", size=9, color=theme.NEGATIVE, weight="bold",
                annotation_clip=False)  # fmt: skip
    names = [row["way"] + " (chosen)" * row["is_chosen"] for row in shown.to_dict("records")]
    ax.set_yticks(range(len(shown)), names)
    ax.set(xlim=(0, 1.42 * float(shown["predicted"].max())), ylim=(-0.6, len(shown) - 0.05))
    ax.set_xlabel("Repeat orders in the days held out\nIn brackets: as a share of those placed",
                  linespacing=1.5)  # fmt: skip
    theme.write_axis(ax.xaxis, "count")
    ax.tick_params(axis="y", length=0)
    return theme.finish(ax, title=title, source=source)


def plot_tracking(
    tracking: pd.DataFrame,
    *,
    calibration_end: date,
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw repeat orders added up week by week: those placed, and those the model expects.

    Parameters
    ----------
    tracking : pd.DataFrame
        As in `Backtest.tracking`.
    calibration_end : date
        Last day the model knew: what lies after it is shaded.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.4), layout="constrained")
    days = mdates.date2num(pd.to_datetime(tracking["week_ends"]))
    end = float(mdates.date2num(calibration_end))
    ax.axvspan(end, float(days[-1]), color="#e9edee", linewidth=0)
    ax.plot(days, tracking["actual"], color=theme.INK, linewidth=2.2, label="placed")
    ax.plot(days, tracking["expected"], color=theme.NEGATIVE, linestyle="--", linewidth=2.2,
            label="expected by the model")  # fmt: skip
    top = float(tracking[["actual", "expected"]].to_numpy().max())
    ax.annotate("held out", (end, top), xytext=(5, -4), textcoords="offset points", size=9,
                color=theme.MUTED, va="top")  # fmt: skip
    places = [0, len(days) // 2, len(days) - 1]
    names = [theme.words().date(tracking["week_ends"].iloc[place]) for place in places]
    ax.set_xticks(days[places], names)
    ax.set(ylim=(0, 1.05 * top), ylabel="Repeat orders so far")
    theme.write_axis(ax.yaxis, "count")
    ax.grid(axis="y")
    ax.legend(loc="upper left")
    return theme.finish(ax, title=title, source=source)


def plot_by_orders(table: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw orders per customer in the days held out, placed and predicted, by orders before.

    Parameters
    ----------
    table : pd.DataFrame
        As in `Backtest.by_orders`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    x = np.arange(len(table))
    ax.vlines(x - OFFSET, table["low"], table["high"], color=theme.CONTEXT, linewidth=2)
    ax.plot(x - OFFSET, table["actual"], "o", color=theme.INK, ms=7, label="placed, 95% interval")
    ax.plot(x + OFFSET, table["predicted"], "D", color=theme.NEGATIVE, ms=6.5, label="predicted")
    counts = [f"{name}\nn = {theme.words().count(n)}" for name, n in
              zip(table["orders"], table["customers"], strict=True)]  # fmt: skip
    ax.set_xticks(x, counts)
    ax.set(xlabel="Repeat orders before the days held out", ylabel="Orders per customer")
    ax.set_ylim(bottom=0)
    theme.write_axis(ax.yaxis, "number.1")
    ax.grid(axis="y")
    ax.legend(loc="upper left")
    return theme.finish(ax, title=title, source=source)


def plot_cash_flow(
    cash_flow: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw the expected money of each month with its interval; the orders stand in the bar.

    Parameters
    ----------
    cash_flow : pd.DataFrame
        As in `Forecast.cash_flow`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.5), layout="constrained")
    words, x = theme.words(), np.arange(len(cash_flow))
    crowded, most = len(cash_flow) > MOST_MONTHS, float(cash_flow["revenue"].max())
    ax.bar(x, cash_flow["revenue"], width=0.8, color=theme.POSITIVE)
    ax.vlines(x, cash_flow["revenue_low"], cash_flow["revenue_high"], color=theme.NEGATIVE,
              linewidth=2.4)  # fmt: skip
    for place, row in zip(x, cash_flow.to_dict("records"), strict=True):
        if crowded:
            break
        text = f"{words.count(row['orders'])}\norders"
        ax.annotate(text, (place, 0.06 * most), ha="center", size=9,
                    color="#ffffff", linespacing=1.2)  # fmt: skip
        # Short forms drop zeros, so that 46.5K would stand beside 46.51K: written out they align.
        text = words.money(row["revenue"], compact=most >= LONG, digits=words.money_digits(most))
        ax.annotate(theme.escape_mpl(text), (place, row["revenue_high"]), xytext=(0, 4),
                    textcoords="offset points", ha="center", size=9)  # fmt: skip
    every = 1 + (len(cash_flow) - 1) // 6 if crowded else 1
    ax.set_xticks(x[::every], [_month(day) for day in cash_flow["starts"].iloc[::every]])
    ax.set_ylim(0, 1.14 * float(cash_flow["revenue_high"].max()))
    ax.set_ylabel(theme.of_money("Revenue expected", items="Items expected"))
    ax.set_xlabel("Month; the line in each bar is the 95% interval")
    theme.write_axis(ax.yaxis, money_spec(ax.get_ylim()[1]))
    ax.grid(axis="y")
    return theme.finish(ax, title=title, source=source)


def plot_tiers(
    distribution: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw how many customers have which future value, in steps of equal ratio, by tier.

    Parameters
    ----------
    distribution : pd.DataFrame
        As from `value_distribution`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.5), layout="constrained")
    wide = distribution.pivot(index="value_from", columns="tier", values="customers")
    x, base = np.arange(len(wide)), np.zeros(len(wide))
    for tier, color in TIER_COLORS.items():
        heights = wide[tier].to_numpy(dtype=float)
        ax.bar(x, heights, bottom=base, width=0.92, color=color, edgecolor="white",
               linewidth=0.5)  # fmt: skip
        base = base + heights
    edges = distribution.drop_duplicates("value_from")
    marks = [*edges["value_from"], edges["value_to"].iloc[-1]]
    places = np.arange(0, len(marks), 1 + len(marks) // 9)
    # A round number needs no cents.
    specs = [money_spec(max(marks[at], 5.0 * (marks[at] % 1 == 0))) for at in places]
    texts = [
        theme.escape_mpl(theme.words().format(float(marks[at]), spec))
        for at, spec in zip(places, specs, strict=True)
    ]
    ax.set_xticks(places - 0.5, texts)
    noun = theme.of_money("Value", items="Items")
    ax.set(xlabel=f"{noun} to come per customer", ylabel="Customers")
    theme.write_axis(ax.yaxis, "count")
    ax.grid(axis="y")
    ax.legend(handles=[Patch(color=c, label=f"{t} tier") for t, c in TIER_COLORS.items()],
              loc="upper right")  # fmt: skip
    return theme.finish(ax, title=title, source=source)


def plot_next_orders(
    calendar: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw how many customers are expected to order again within so many days.

    Parameters
    ----------
    calendar : pd.DataFrame
        As from `order_calendar`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.1), layout="constrained")
    words, x = theme.words(), np.arange(len(calendar))
    ax.bar(x, calendar["customers"], width=0.72, color=theme.HIGHLIGHT)
    ax.vlines(x, calendar["low"], calendar["high"], color=theme.NEGATIVE, linewidth=2.4)
    for place, row in zip(x, calendar.to_dict("records"), strict=True):
        text = f"{words.count(row['customers'])}\n{words.share(row['share'])}"
        ax.annotate(text, (place, row["high"]), xytext=(0, 4), textcoords="offset points",
                    ha="center", size=9, linespacing=1.25)  # fmt: skip
    ax.set_xticks(x, [words.count(days) for days in calendar["days"]])
    ax.set_ylim(0, 1.25 * float(calendar["high"].max()))
    ax.set(xlabel="Days from now; the line is the 95% interval", ylabel="Customers with an order")
    theme.write_axis(ax.yaxis, "count")
    ax.grid(axis="y")
    return theme.finish(ax, title=title, source=source)


def plot_spend_by_orders(
    table: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw mean spend per order of customers by how often they came back.

    Parameters
    ----------
    table : pd.DataFrame
        As in `Independence.table`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.0), layout="constrained")
    x = np.arange(len(table))
    ax.vlines(x, table["low"], table["high"], color=theme.CONTEXT, linewidth=2.4)
    ax.plot(x, table["mean_spend"], "o", color=theme.POSITIVE, ms=8)
    words = theme.words()
    for place, mean in zip(x, table["mean_spend"], strict=True):
        ax.annotate(theme.escape_mpl(words.money(mean)), (place, mean), xytext=(8, 0),
                    textcoords="offset points", va="center", size=9)  # fmt: skip
    ax.set_xticks(x, [f"{name}\nn = {words.count(n)}" for name, n in
                      zip(table["orders"], table["customers"], strict=True)])  # fmt: skip
    ax.set(xlim=(-0.4, len(table) - 0.3), ylim=(0, 1.15 * float(table["high"].max())))
    noun = theme.of_money("Spend", items="Items")
    ax.set(xlabel="Repeat orders; the line is the 95% interval", ylabel=f"{noun} per order")
    theme.write_axis(ax.yaxis, money_spec(ax.get_ylim()[1]))
    ax.grid(axis="y")
    return theme.finish(ax, title=title, source=source)


def _month(day: date) -> str:
    """Name a month by its calendar name, or by its first day where it is no calendar month."""
    words = theme.words()
    if pd.Timestamp(day).day == 1:
        return words.month(pd.Period(day, freq="M")).replace(" ", "\n").replace("\u00a0", "\n")
    return "from\n" + words.date(day).rsplit(" ", 1)[0]
