"""Charts of cohorts: who comes back at which age, who differs, and when the money is back."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import MaxNLocator

from shared.plots import theme
from shared.plots.cohort_matrix import cohort_name, plot_cohort_values, plot_retention

__all__ = [
    "plot_calendar_effects",
    "plot_churn",
    "plot_cohort_values",
    "plot_differences",
    "plot_payback",
    "plot_pooled_curve",
    "plot_promotions",
    "plot_retention",
]

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
MOST_AGES, MOST_ROWS = 24, 24
BAND = 0.18


def plot_pooled_curve(
    pooled: pd.DataFrame,
    *,
    title: str,
    source: str,
    step: str = "month",
    drop: pd.Series | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the pooled share by age with its interval; ages on few cohorts are dashed.

    Parameters
    ----------
    pooled : pd.DataFrame
        As from `pooled_curve`.
    drop : pd.Series, optional
        As from `steepest_drop`: the step to point at.
    """
    shown = pooled[pooled["period_index"].between(1, MOST_AGES)]
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.3), layout="constrained")
    ages = shown["period_index"]
    firm = shown[~shown["few_cohorts"]]
    ax.fill_between(ages, shown["low"], shown["high"], color=theme.POSITIVE, alpha=BAND, lw=0)
    ax.plot(ages, shown["retention"], color=theme.POSITIVE, ls=(0, (2, 2)), lw=1.6)
    ax.plot(firm["period_index"], firm["retention"], "o-", color=theme.POSITIVE, ms=5)
    if drop is not None:
        ends = [drop["from_index"], drop["to_index"]]
        level = shown.set_index("period_index")["retention"].reindex(ends)
        ax.plot(ends, level, color=theme.NEGATIVE, lw=3.5, zorder=3)
        ax.annotate("steepest drop", (ends[1], level.iloc[1]), xytext=(6, 8),
                    textcoords="offset points", color=theme.NEGATIVE, weight="bold",
                    size=9)  # fmt: skip
    if len(firm) < len(shown):
        ax.annotate("dashed: fewer than 3 cohorts", (1, 0.04), xycoords="axes fraction",
                    ha="right", size=8.5, color=theme.MUTED)  # fmt: skip
    ax.set_ylim(0, min(1.0, 1.15 * float(shown["high"].max())))
    ax.set_xticks(*_age_ticks(shown))
    ax.set_xlabel(f"{step.capitalize()}s since the first order; below, customers followed so long")
    _write_shares(ax.yaxis)
    ax.grid(axis="y")
    return theme.finish(ax, title=title, source=source)


def plot_churn(rates: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw, per calendar period, the share of the last period's buyers who stayed away.

    Parameters
    ----------
    rates : pd.DataFrame
        As from `period_rates`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 2.9), layout="constrained")
    x = np.arange(len(rates))
    ax.fill_between(x, rates["low"], rates["high"], color=theme.NEGATIVE, alpha=BAND, lw=0)
    ax.plot(x, rates["churn_rate"], "s-", color=theme.NEGATIVE, ms=4.5, label="stayed away")
    ax.plot(x, rates["retention_rate"], "o--", color=theme.POSITIVE, ms=4.5, label="bought again")
    ax.set_ylim(0, 1)
    _period_ticks(ax, rates["period"])
    _write_shares(ax.yaxis)
    ax.grid(axis="y")
    ax.figure.legend(loc="outside lower center", ncols=2)
    return theme.finish(ax, title=title, source=source)


def plot_calendar_effects(
    effects: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw how far each calendar period lies off what is expected from age and cohort.

    Parameters
    ----------
    effects : pd.DataFrame
        As from `calendar_effects`; filled marks differ, hollow ones do not.
    """
    known = effects[effects["difference"].notna()].reset_index(drop=True)
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.0), layout="constrained")
    x = np.arange(len(known))
    sides = ["difference", "low", "high"]
    known[sides] = 100 * known[sides]
    differs = known["finding"] == "differs"
    ax.axhline(0, color=theme.INK, lw=1)
    ax.vlines(x, known["low"], known["high"], color=theme.CONTEXT, lw=2)
    for mask, face in ((~differs, "white"), (differs, None)):
        for sign, color, marker in ((1, theme.POSITIVE, "^"), (-1, theme.NEGATIVE, "v")):
            here = mask & (np.sign(known["difference"]) == sign)
            ax.plot(x[here], known.loc[here, "difference"], marker, ls="", ms=7, zorder=3,
                    mfc=face or color, mec=color, mew=1.6)  # fmt: skip
    _period_ticks(ax, known["period"])
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=True))
    theme.write_axis(ax.yaxis, "number.0")
    ax.set_ylabel("Share who buy: points off expected")
    ax.grid(axis="y")
    return theme.finish(ax, title=title, source=source)


def plot_differences(
    tests: pd.DataFrame,
    *,
    title: str,
    source: str,
    overall: float,
    within: str = "in the calendar month after their first",
    older: object = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each cohort's share that came back with its interval, and all together as a line.

    Parameters
    ----------
    tests : pd.DataFrame
        As from `cohort_differences`.
    overall : float
        The share of all customers that count, drawn as a line.
    within : str
        The follow-up in words, for the axis.
    older : pd.Period or str, optional
        The cohort that may hold customers older than the data; it gets a dagger and a grey mark,
        and the line goes without it.
    """
    shown = tests[tests["at_risk"] > 0].tail(MOST_ROWS).iloc[::-1].reset_index(drop=True)
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.27 * len(shown) + 1.0), layout="constrained")
    ax.axvline(overall, color=theme.INK, lw=1, ls="--")
    line = "all but †" if older in set(shown["cohort"]) else "all"
    ax.annotate(line, (overall, len(shown) - 0.1), xytext=(0, 2), textcoords="offset points",
                ha="center", va="bottom", size=9, annotation_clip=False)  # fmt: skip
    y = np.arange(len(shown))
    ax.hlines(y, shown["low"], shown["high"], color=theme.CONTEXT, lw=2)
    apart = shown["cohort"] == older
    ax.plot(shown.loc[apart, "retention"], y[apart], "o", ms=7, color=theme.CONTEXT, zorder=3)
    below = shown["difference"] < 0
    differs = shown["finding"] == "differs"
    for side, color, marker in ((below, theme.NEGATIVE, "v"), (~below, theme.POSITIVE, "^")):
        for mask, face in ((differs, color), (~differs, "white")):
            here = (side & mask & ~apart).to_numpy()
            ax.plot(shown.loc[here, "retention"], y[here], marker, ms=7, mfc=face, mec=color,
                    mew=1.5, ls="", zorder=3)  # fmt: skip
    ax.set_yticks(y, [cohort_name(cohort) + " †" * (cohort == older) for cohort in shown["cohort"]])
    ax.set_ylim(-0.6, len(shown) - 0.1)
    ax.set_xlim(left=0)
    dagger = "\n† may hold older customers: not compared" if older in set(shown["cohort"]) else ""
    ax.set_xlabel(f"Share that came back {within};\nfilled: differs from the rest{dagger}")
    _write_shares(ax.xaxis)
    ax.tick_params(axis="y", length=0, labelcolor=theme.INK)
    ax.grid(axis="x")
    return theme.finish(ax, title=title, source=source)


def plot_promotions(
    promotions: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw, for each promotion, the share that came back beside that of its neighbours.

    Parameters
    ----------
    promotions : pd.DataFrame
        As from `compare_promotions`; one without neighbours is not drawn.
    """
    shown = promotions[promotions["neighbours_back"].notna()].iloc[::-1].reset_index(drop=True)
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.62 * len(shown) + 1.3), layout="constrained")
    y = np.arange(len(shown), dtype=float)
    sides = (
        ("neighbours_back", "neighbours_low", "neighbours_high", -0.16, "o", theme.CONTEXT,
         "neighbours"),
        ("came_back", "low", "high", 0.16, "s", theme.NEGATIVE, "promotion"),
    )  # fmt: skip
    for value, low, high, shift, marker, color, label in sides:
        ax.hlines(y + shift, shown[low], shown[high], color=color, lw=2)
        ax.plot(shown[value], y + shift, marker, color=color, ms=7, ls="", label=label, zorder=3)
        for at, share in zip(y + shift, shown[value], strict=True):
            top = float(shown[high].iloc[round(at - shift)])
            ax.annotate(theme.words().share(share), (top, at), xytext=(5, 0), va="center",
                        textcoords="offset points", size=9, color=theme.INK)  # fmt: skip
    names = [
        f"{cohort_name(name)}\n{theme.words().count(n)}, {theme.words().days(days)}"
        for name, n, days in zip(
            shown["promotion"], shown["customers"], shown["followup_days"], strict=True
        )
    ]
    ax.set_yticks(y, names)
    ax.set_ylim(-0.6, len(shown) - 0.4)
    ax.set_xlim(0, min(1.0, 1.15 * float(shown[["high", "neighbours_high"]].max().max())))
    ax.set_xlabel("Share that came back; at the left, customers and days followed", x=0.3)
    _write_shares(ax.xaxis)
    ax.tick_params(axis="y", length=0, labelcolor=theme.INK)
    ax.grid(axis="x")
    ax.figure.legend(loc="outside lower center", ncols=2)
    return theme.finish(ax, title=title, source=source)


def plot_payback(
    curves: pd.DataFrame,
    *,
    title: str,
    source: str,
    step: str = "month",
    ax: Axes | None = None,
) -> Axes:
    """Draw what a customer of each source has brought beyond its cost; zero is break-even.

    Parameters
    ----------
    curves : pd.DataFrame
        As `Payback.curves`: `net` per customer, drawn where `is_readable`.
    """
    shown = curves[curves["is_readable"] & (curves["period_index"] <= MOST_AGES)]
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.6), layout="constrained")
    ax.axhline(0, color=theme.INK, lw=1.2)
    ends = []
    for i, (name, part) in enumerate(shown.groupby("cohort", sort=False)):
        look = i % len(theme.CATEGORIES)
        ax.plot(part["period_index"], part["net"], color=theme.CATEGORIES[look], lw=1.8,
                ls=theme.DASHES[look], marker=theme.MARKERS[look], ms=4.5)  # fmt: skip
        last = part.iloc[-1]
        ends.append((float(last["period_index"]), float(last["net"]), cohort_name(name), look))
    _label_ends(ax, ends)
    ax.annotate("break-even", (1, 0), xycoords=("axes fraction", "data"), xytext=(0, 3),
                textcoords="offset points", ha="right", size=9)  # fmt: skip
    ax.set_xticks(*_age_ticks(shown.drop_duplicates("period_index"), counts=False))
    ax.set_xlabel(f"{step.capitalize()}s since the first order")
    theme.write_measure(ax, "money.0")
    return theme.finish(ax, title=title, source=source)


def _label_ends(ax: Axes, ends: list[tuple[float, float, str, int]]) -> None:
    """Name each line at its end, moved apart where two lines end together."""
    bottom, top = ax.get_ylim()
    apart, at = 0.065 * (top - bottom), bottom - top
    right = max(x for x, *_rest in ends)
    for x, y, name, look in sorted(ends, key=lambda end: end[1]):
        at = max(y, at + apart)
        ax.annotate(name, (x, y), xytext=(right + 0.03 * right + 0.1, at), textcoords="data",
                    va="center", size=9, color=theme.CATEGORIES[look],
                    arrowprops={"arrowstyle": "-", "lw": 0.6, "color": theme.CONTEXT,
                                "shrinkB": 3})  # fmt: skip


def _age_ticks(shown: pd.DataFrame, *, counts: bool = True) -> tuple[list[int], list[str]]:
    """Label ages, every second one where they are many, with the customers behind each below."""
    every = 1 if len(shown) <= 12 else 2 if len(shown) <= 18 else 3
    kept = shown.iloc[::every]
    ages = kept["period_index"].astype(int).tolist()
    if not counts:
        return ages, [theme.words().count(age) for age in ages]
    labels = [
        f"{theme.words().count(age)}\n{theme.words().count(n)}"
        for age, n in zip(ages, kept["at_risk"], strict=True)
    ]
    return ages, labels


def _write_shares(axis: Axis) -> None:
    # Only steps of whole per cent: a tick at 2.5 % would be written 2 %.
    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    theme.write_axis(axis, "share.0")


def _period_ticks(ax: Axes, periods: pd.Series) -> None:
    most = 4 if len(periods) and periods.iloc[0].freqstr.startswith("W") else 6
    at = list(range(0, len(periods), max(1, -(-len(periods) // most))))
    ax.set_xticks(at, [cohort_name(periods.iloc[i]) for i in at])
