"""Charts of the named groups and of the answer to a campaign: shares with their intervals."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from shared.plots import theme

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone


def plot_groups(groups: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw each group's share of customers, with interval, and its share of the money.

    Parameters
    ----------
    groups : pd.DataFrame
        As from `group_table`; groups that cannot be told are left out, a blank share of the money
        draws no mark.
    """
    shown = groups[groups["unknown"] == ""].iloc[::-1]
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.36 * len(shown) + 1.3), layout="constrained")
    money = theme.of_money("revenue", items="items bought")
    rows = range(len(shown))
    ax.hlines(rows, shown["customer_share"], shown["revenue_share"], color=theme.GRID, linewidth=4)
    ax.plot(shown["revenue_share"], rows, "D", color=theme.NEGATIVE, ms=6, clip_on=False,
            label=f"Share of {money}")  # fmt: skip
    _dots(ax, shown, ("customer_share", "low", "high"), color=theme.POSITIVE,
          label="Share of customers, with 95 % interval")  # fmt: skip
    ends = shown[["high", "revenue_share"]].max(axis=1)
    for row, end, n in zip(rows, ends, shown["customers"], strict=True):
        ax.annotate(f"n = {theme.words().count(n)}", (end, row), xytext=(9, 0), size=8.5,
                    textcoords="offset points", va="center", color=theme.MUTED)  # fmt: skip
    ax.set_yticks(rows, [theme.escape_mpl(name.replace(", ", ",\n")) for name in shown["group"]])
    ax.set_xlim(0, 1.22 * max(float(ends.max()), 0.01))
    return _finished(ax, len(shown), title=title, source=source)


def plot_response(
    response: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw who answered a campaign by segment, with the control group beside it.

    Parameters
    ----------
    response : pd.DataFrame
        The table of `campaign_response`, in the order to be drawn from the top; segments without a
        rate are left out.
    """
    shown = response.dropna(subset=["response"]).iloc[::-1]
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.42 * len(shown) + 1.4), layout="constrained")
    rows = range(len(shown))
    control = shown["control_response"].notna().any()
    if control:
        _dots(ax, shown, ("control_response", "control_low", "control_high"), color=theme.CONTEXT,
              label="Control group: did so anyway", marker="s", shift=-0.2)  # fmt: skip
    _dots(ax, shown, ("response", "low", "high"), color=theme.POSITIVE,
          label="Got it and answered, with 95 % interval", shift=0.12 * control)  # fmt: skip
    for row, end, n in zip(rows, shown["high"], shown["treated"], strict=True):
        ax.annotate(f"n = {theme.words().count(n)}", (end, row + 0.12 * control), size=8.5,
                    xytext=(6, 0), textcoords="offset points", va="center",
                    color=theme.MUTED)  # fmt: skip
    ax.set_yticks(rows, [theme.escape_mpl(name) for name in shown["segment"]])
    highest = shown[["high", "control_high"]].max().max()
    ax.set_xlim(0, 1.2 * float(highest))
    return _finished(ax, len(shown), title=title, source=source)


def _dots(
    ax: Axes,
    shown: pd.DataFrame,
    names: tuple[str, str, str],
    *,
    color: str,
    label: str,
    marker: str = "o",
    shift: float = 0.0,
) -> None:
    value, low, high = (shown[name] for name in names)
    rows = [row + shift for row in range(len(shown))]
    ax.hlines(rows, low, high, color=color, linewidth=1.8)
    ax.plot(value, rows, marker, color=color, ms=6, label=label, clip_on=False)


def _finished(ax: Axes, rows: int, *, title: str, source: str) -> Axes:
    theme.write_axis(ax.xaxis, "share.0")
    ax.set_ylim(-0.6, rows - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    ax.legend(loc="upper center", bbox_to_anchor=(0.35, -1.0 / max(rows, 1)), ncols=1)
    return theme.finish(ax, title=title, source=source)
