"""Charts of the lifecycle: stages per period, who went where, who fell asleep, what may come."""

from itertools import pairwise
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm, to_hex

from shared.analysis.lifecycle import STAGES
from shared.analysis.lifecycle_columns import NAMES
from shared.analysis.lifecycle_flows import NOT_YET
from shared.plots import theme
from shared.plots.period_axis import label_periods

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
# Bottom to top: those awake, those about to sleep, those asleep. Neighbours differ in luminance.
STAGE_COLORS = {
    "active": theme.POSITIVE,
    "recovered": "#7d9a4b",
    "new": "#2f7a45",
    "one_order": "#c9a75a",
    "falling_asleep": theme.NEGATIVE,
    "asleep": "#b9c1c4",
    "one_order_asleep": "#dfe4e5",
}
BAR = 0.86
MOST_LABELS = 13
MOST_TICKS = 6
SHADE = PowerNorm(0.6, 0, 1)  # small flows matter too
LABEL_GAP = 0.062  # of the height of the chart, between two labels at the end of the stack


def plot_stages(
    stages: pd.DataFrame,
    *,
    unsettled: list[pd.Period],
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw the customers by stage at the end of each period, stacked; the last one labelled.

    Parameters
    ----------
    stages : pd.DataFrame
        `period`, `stage`, `customers`, as in `Lifecycle.stages`.
    unsettled : list of pd.Period
        Periods in which customers older than the data look new; they are hatched.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 4.2), layout="constrained")
    wide = stages.pivot(index="period", columns="stage", values="customers")
    x, base = np.arange(len(wide)), np.zeros(len(wide))
    for stage, color in STAGE_COLORS.items():
        heights = wide[stage].to_numpy()
        ax.bar(x, heights, bottom=base, width=BAR, color=color, edgecolor="white", linewidth=0.6,
               label=NAMES[stage])  # fmt: skip
        base = base + heights
    hatched = [place for place, period in enumerate(wide.index) if period in unsettled]
    for place in hatched:
        ax.bar(place, base[place], width=BAR, facecolor="none", edgecolor="white", hatch="///",
               linewidth=0, label="_hatch")  # fmt: skip
    _label_stack(ax, wide.iloc[-1], bars=len(wide), top=float(base.max()))
    label_periods(ax, list(wide.index), most=MOST_TICKS // 2)
    if hatched:
        ax.set_xlabel("Hatched: customers older than the data look new")
    ax.set(ylabel="Customers", xlim=(-0.6, len(wide) - 0.4))
    theme.write_measure(ax, "count")
    return theme.finish(ax, title=title, source=source)


def plot_flow_matrix(
    flows: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw who went from which stage to which, darker for a larger share of the stage before.

    Parameters
    ----------
    flows : pd.DataFrame
        `from_stage`, `to_stage`, `customers`, `share`, as from `flow_matrix`; a pair that is
        missing cannot occur and gets a dash.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 4.9), layout="constrained")
    rows = [NOT_YET, *STAGES]
    known = {(row["from_stage"], row["to_stage"]): row for row in flows.to_dict("records")}
    for y, old in enumerate(rows):
        for x, new in enumerate(STAGES):
            _flow_cell(ax, known.get((old, new)), x, y)
    ax.set(xlim=(-0.5, len(STAGES) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    ax.set_yticks(range(len(rows)), [fill(NAMES[stage], 11) for stage in rows])
    ax.set_xticks(range(len(STAGES)), [_broken(NAMES[stage]) for stage in STAGES], size=8)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines["bottom"].set_visible(False)
    ax.set_xlabel("In each cell: customers, and their share of the stage before (left)")
    return theme.finish(ax, title=title, source=source)


def plot_flow_history(
    history: pd.DataFrame,
    *,
    ylabel: str = "Share of active customers",
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw one flow per period as a share with its interval; the count stands on the bar.

    Parameters
    ----------
    history : pd.DataFrame
        As from `flow_history`; a blank share leaves its place empty.
    ylabel : str
        What the share is of.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.4), layout="constrained")
    x = np.arange(len(history))
    known = history["share"].notna().to_numpy()
    last = x == len(history) - 1
    colors = np.where(last, theme.NEGATIVE, "#f0b48f")
    ax.bar(x[known], history.loc[known, "share"], width=0.8, color=colors[known])
    ax.vlines(x[known], history.loc[known, "low"], history.loc[known, "high"], color=theme.INK,
              linewidth=1.2, label="95% interval")  # fmt: skip
    crowded = len(history) > MOST_LABELS
    for place, row in zip(x[known], history[known].to_dict("records"), strict=True):
        if not crowded or last[place]:
            ax.annotate(theme.words().count(row["customers"]), (place, row["high"]), size=8.5,
                        xytext=(0, 3), textcoords="offset points", ha="center")  # fmt: skip
    ax.set_ylim(0, 1.12 * float(history["high"].max()) if known.any() else 1)
    ax.set(xlim=(-0.6, len(history) - 0.4), ylabel=ylabel)
    ax.set_xlabel("On the bar: customers; the line is the 95% interval of the share")
    label_periods(ax, list(history["period"]), most=MOST_TICKS)
    theme.write_measure(ax, "share.0")
    return theme.finish(ax, title=title, source=source)


def plot_projection(
    projection: pd.DataFrame,
    *,
    now: pd.Series,
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw each stage now and at the end of the projection, with its interval.

    Parameters
    ----------
    projection : pd.DataFrame
        As in `Projection.table`; its last period is drawn.
    now : pd.Series
        Customers by stage, as from `Lifecycle.counts`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.9), layout="constrained")
    end = projection["period"].iloc[-1]
    then = projection[projection["period"] == end].set_index("stage")
    words = theme.words()
    order = list(STAGE_COLORS)
    ends = []
    for y, stage in enumerate(order):
        expected, low, high = then.loc[stage, ["customers", "low", "high"]].astype(float)
        assumed = pd.isna(low)
        low, high = (expected, expected) if assumed else (low, high)
        ax.plot([low, high], [y, y], color=theme.HIGHLIGHT, linewidth=5, alpha=0.45,
                solid_capstyle="butt")  # fmt: skip
        ax.plot(now[stage], y, "o", ms=8, markerfacecolor="white", markeredgecolor=theme.INK)
        ax.plot(expected, y, "D", ms=6, color=theme.HIGHLIGHT)
        text = f"{words.count(now[stage])} → {words.count(expected)}"
        text += " assumed" if assumed else f"\n({words.count(low)} to {words.count(high)})"
        ends.append(max(float(now[stage]), high))
        ax.annotate(text, (ends[-1], y), xytext=(9, 0), textcoords="offset points", va="center",
                    size=8.5, linespacing=1.25)  # fmt: skip
    ax.plot([], [], "o", ms=8, markerfacecolor="white", markeredgecolor=theme.INK,
            label=f"End of {words.month(_one_before(projection))}")  # fmt: skip
    ax.plot(
        [], [], "D-", ms=6, color=theme.HIGHLIGHT, label=f"Projected, end of {words.month(end)}"
    )
    ax.set_yticks(range(len(order)), [NAMES[stage] for stage in order])
    ax.set(xlim=(0, 1.3 * max(ends)), ylim=(len(order) - 0.5, -0.5), xlabel="Customers")
    ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.16), ncols=2)
    ax.tick_params(axis="y", length=0)
    theme.write_axis(ax.xaxis, "count")
    ax.grid(axis="x")
    return theme.finish(ax, title=title, source=source)


def _flow_cell(ax: Axes, flow: dict | None, x: int, y: int) -> None:
    """Draw one cell: a dash where the flow cannot occur, else customers and their share."""
    words, color, text = theme.words(), "#ffffff", "–"
    if flow is not None:
        color, text = "#e9edee", words.count(flow["customers"])
        # All new customers come from nowhere: their row has no share worth a colour.
        if flow["from_stage"] != NOT_YET and not pd.isna(flow["share"]):
            color = to_hex(theme.BLUES(SHADE(flow["share"])))
            text += f"\n{words.share(flow['share'], 0)}"
    ax.bar(x, 0.94, bottom=y - 0.47, width=0.94, color=color, label="_cell")
    ink = theme.CONTEXT if flow is None else theme.ink_on(color)
    ax.annotate(text, (x, y), ha="center", va="center", size=8.5, linespacing=1.3, color=ink)


def _one_before(projection: pd.DataFrame) -> pd.Period:
    return projection["period"].iloc[0] - 1


def _label_stack(ax: Axes, last: pd.Series, *, bars: int, top: float) -> None:
    """Write the stages beside the last bar, moved apart where the layers are thin."""
    layers = last[list(STAGE_COLORS)]
    middles = (layers.cumsum() - layers / 2).to_numpy()
    places = _apart(middles / top, gap=LABEL_GAP) * top
    edge = bars - 1 + BAR / 2
    for (stage, color), middle, place in zip(STAGE_COLORS.items(), middles, places, strict=True):
        line = {"arrowstyle": "-", "color": color, "linewidth": 2, "shrinkA": 1, "shrinkB": 0}
        text = f"{NAMES[stage]} {theme.words().count(last[stage])}"
        ax.annotate(text, (edge, middle), xytext=(edge + 0.045 * bars, place), va="center",
                    size=8.5, color=theme.INK, annotation_clip=False, arrowprops=line)  # fmt: skip


def _apart(places: np.ndarray, *, gap: float) -> np.ndarray:
    """Move ascending places apart until neighbours keep the gap, each as little as needed."""
    moved = places.copy()
    for _ in range(100):
        for low, high in pairwise(range(len(moved))):
            lack = gap - (moved[high] - moved[low])
            if lack > 0:
                moved[low], moved[high] = moved[low] - lack / 2, moved[high] + lack / 2
    return moved + max(0.0, gap / 2 - moved[0])


def _broken(name: str) -> str:
    """Break a name of two words or more into lines."""
    return name.replace(", ", ",\n").replace(" ", "\n")
