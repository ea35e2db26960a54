"""Charts of the portfolio: the RFM grid, silence, due days, and who carries the revenue."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from shared.plots import theme
from shared.plots.treemap import spend_norm

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
CLASS_COLORS = {"A": theme.POSITIVE, "B": "#c9a75a", "C": "#f0b48f"}


def plot_rfm_grid(
    grid: pd.DataFrame,
    *,
    x_axis: str,
    title: str,
    source: str,
    by_orders: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw customers and mean spend by recency, always vertical with recent on top, and x.

    Parameters
    ----------
    grid : pd.DataFrame
        As from `rfm_grid`; a blank count is a cell that cannot occur and stays empty.
    x_axis : str
        "frequency" or "monetary": what the horizontal axis is.
    by_orders : bool
        Whether recency and frequency count orders, or else days with any interaction.
    """
    scores = int(grid["x_score"].max())
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.72 * scores + 0.9), layout="constrained")
    spend = grid["mean_spend"]
    colors = grid.pivot(index="r_score", columns="x_score", values="mean_spend").to_numpy()
    norm = spend_norm(spend)
    digits = theme.words().money_digits(float(spend.max()) if spend.notna().any() else 0.0)
    edges = [score - 0.5 for score in range(1, scores + 2)]
    ax.pcolormesh(edges, edges, colors, cmap=theme.SEQUENTIAL, norm=norm, edgecolor="white",
                  linewidth=1.5)  # fmt: skip
    for cell in grid.to_dict("records"):
        color = "#ffffff" if pd.isna(cell["mean_spend"]) else theme.SEQUENTIAL(
            norm(cell["mean_spend"])
        )  # fmt: skip
        ax.annotate(_cell_text(cell, digits), (cell["x_score"], cell["r_score"]), ha="center",
                    va="center", size=9, color=theme.ink_on(color), linespacing=1.35)  # fmt: skip
    _label_scores(ax, grid, x_axis=x_axis, scores=scores, by_orders=by_orders)
    return theme.finish(ax, title=title, source=source)


def plot_silence(months: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw customers by the months since their last order, the lost ones set apart.

    Parameters
    ----------
    months : pd.DataFrame
        `months_silent`, `customers` and `lost`, one row per month.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.2), layout="constrained")
    others = months["customers"] - months["lost"]
    ax.bar(months["months_silent"], others, width=0.86, color=theme.POSITIVE, label="Not lost")
    ax.bar(months["months_silent"], months["lost"], bottom=others, width=0.86, hatch="///",
           facecolor="#f0b48f", edgecolor=theme.NEGATIVE, linewidth=0.5, label="Lost")  # fmt: skip
    ax.set(xlabel="Months since the last order (30 days each)", ylabel="Customers")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    theme.write_measure(ax, "count")
    ax.legend(loc="upper right")
    return theme.finish(ax, title=title, source=source)


def plot_due_states(
    states: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw for each segment how many customers are past their own date, near it, and before it."""
    shown = states[states["customers"] > 0].iloc[::-1]
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.38 * len(shown) + 1.3), layout="constrained")
    left = pd.Series(0.0, index=shown.index)
    for column, label, color, hatch in (
        ("overdue", "Past their date", theme.NEGATIVE, "///"),
        ("due_soon", "Due soon", "#c9a75a", ""),
        ("due_later", "Later", "#e9edee", ""),
    ):
        ax.barh(shown["segment"].astype(str), shown[column], left=left, height=0.72, label=label,
                color=color, hatch=hatch, edgecolor=theme.MUTED, linewidth=0.6)  # fmt: skip
        left = left + shown[column]
    for row, (total, overdue) in enumerate(zip(left, shown["overdue"], strict=True)):
        text = theme.words().count(overdue)
        ax.annotate(text, (total, row), xytext=(5, 0), textcoords="offset points", va="center")
    ax.set_xlim(0, 1.12 * float(left.max()))
    ax.set_xlabel("Customers; the figure at the bar counts those past their date")
    theme.write_axis(ax.xaxis, "count")
    ax.tick_params(axis="y", length=0)
    ax.legend(loc="upper center", bbox_to_anchor=(0.4, -1.4 / len(shown)), ncols=3)
    return theme.finish(ax, title=title, source=source)


def plot_due_calendar(
    calendar: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw how many messages fall due on each day."""
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.0), layout="constrained")
    days = range(len(calendar))
    ax.bar(days, calendar["customers"], width=0.84, color=theme.HIGHLIGHT)
    ticks = [0, (len(calendar) - 1) // 2, len(calendar) - 1]
    dates = calendar["due_date"].dt.date
    ax.set_xticks(ticks, [theme.words().date(dates[day]) for day in ticks])
    ax.set(xlabel="Day on which the silence becomes unusual", ylabel="Messages due")
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    theme.write_measure(ax, "count")
    return theme.finish(ax, title=title, source=source)


def plot_pareto(
    curve: pd.DataFrame,
    classes: pd.DataFrame,
    *,
    members: str,
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of revenue that the largest members hold together, with the classes.

    Parameters
    ----------
    curve : pd.DataFrame
        As from `pareto_curve`.
    classes : pd.DataFrame
        As from `abc_table`: where A, B and C end.
    members : str
        "customers" or "products".
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 3.8), layout="constrained")
    ends = classes["member_share"].cumsum().tolist()
    for name, start, end in zip(classes["abc_class"], [0.0, *ends], ends, strict=False):
        ax.axvspan(start, end, color=CLASS_COLORS[name], alpha=0.28, linewidth=0)
        if end > start:
            ax.annotate(_class_text(classes, name), ((start + end) / 2, 0.04), ha="center",
                        size=9, linespacing=1.3)  # fmt: skip
    for start, end in zip(ends, classes["revenue_share"].cumsum(), strict=True):
        ax.plot([start], [end], "o", color=theme.POSITIVE, ms=6, zorder=3, clip_on=False)
        ax.axvline(start, color=theme.CONTEXT, linewidth=0.8)
    ax.plot(curve["member_share"], curve["revenue_share"], color=theme.POSITIVE)
    ax.plot([0, 1], [0, 1], color=theme.CONTEXT, linestyle="--", linewidth=1)
    ax.annotate("all alike", (0.62, 0.6), color=theme.MUTED, size=8.5, va="top")
    money = theme.of_money("revenue", items="items bought")
    ax.set(xlim=(0, 1), ylim=(0, 1.03), xlabel=f"Share of {members}, largest first",
           ylabel=f"Share of {money}")  # fmt: skip
    theme.write_axis(ax.xaxis, "share.0")
    theme.write_axis(ax.yaxis, "share.0")
    return theme.finish(ax, title=title, source=source)


def _class_text(classes: pd.DataFrame, name: str) -> str:
    row = classes.set_index("abc_class").loc[name]
    return f"{name}\n{theme.words().count(row['members'])}"


def _cell_text(cell: dict, digits: int) -> str:
    if pd.isna(cell["customers"]):
        return "–"
    words = theme.words()
    spend = words.money(cell["mean_spend"], compact=True, digits=digits)
    return theme.escape_mpl(f"n = {words.count(cell['customers'])}\n{spend}".rstrip())


def _label_scores(
    ax: Axes, grid: pd.DataFrame, *, x_axis: str, scores: int, by_orders: bool
) -> None:
    """Write under each score the values it stands for."""
    spec = "count" if x_axis == "frequency" else "money.compact"
    recency = grid.drop_duplicates("r_score").set_index("r_score").to_dict("index")
    x = grid.drop_duplicates("x_score").set_index("x_score").to_dict("index")
    levels = list(range(1, scores + 1))
    days = [_range(recency[s], "recency", "count") for s in levels]
    values = [_range(x[s], "x", spec, last=s == scores) for s in levels]
    ax.set_yticks(levels, [f"{text} days" if text else "" for text in days])
    ax.set_xticks(levels, values)
    often = "Orders" if by_orders else "Active days"
    noun = {"frequency": often, "monetary": theme.of_money("Spend", items="Items")}
    mean = theme.of_money("mean spend", items="mean items")
    meaning = f"In each cell: customers and {mean}"
    ax.set_xlabel(f"{noun[x_axis]} per customer\n{meaning}", linespacing=1.6)
    last = "order" if by_orders else "interaction"
    ax.set_ylabel(f"Since the last {last} (recent on top)")
    ax.tick_params(length=0)


def _range(ends: dict, axis: str, spec: str, *, last: bool = False) -> str:
    """Write the values of a score; the highest has no upper end worth reading."""
    low, high = ends[f"{axis}_low"], ends[f"{axis}_high"]
    if pd.isna(low):
        return ""
    first, end = (theme.words().format(float(value), spec) for value in (low, high))
    gap = " " if spec == "count" else "\n"  # two amounts are too wide for one line
    text = first if first == end else f"{first} +" if last else f"{first} –{gap}{end}"
    return theme.escape_mpl(text)
