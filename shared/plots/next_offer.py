"""Charts of the next offer: which list wins, what goes with what, what comes next, what is due."""

from textwrap import shorten

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm, to_hex
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from shared.analysis.multiple_testing import LEANING, SETTLED
from shared.plots import theme

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
GREENS_STOPS = ("#dcecd9", "#a9cfa5", "#6aa96f", "#2f7a45", "#0b3d2a")
GREENS = LinearSegmentedColormap.from_list("pale_to_dark_green", GREENS_STOPS)
LETTERS = 24  # of a product's name
MASKED = "#eceff0"
NOT_SETTLED = "°"
RARE = 0.1  # shares of single products, all below it, are written with a decimal
SMALLEST_WHOLE = 0.0995  # of them the larger ones would not fit their cell


def plot_hit_rates(
    methods: pd.DataFrame, *, baseline: str, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw the share of customers who bought something from their list, by method.

    Parameters
    ----------
    methods : pd.DataFrame
        `method`, `name`, `hit_rate` with `hit_rate_low` and `hit_rate_high`, and `wins`; best
        first.
    baseline : str
        The method to beat, drawn as a line.
    """
    shown = methods.iloc[::-1].reset_index(drop=True)
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.36 * len(shown) + 1.3), layout="constrained")
    y = np.arange(len(shown))
    level = shown.loc[shown["method"] == baseline, "hit_rate"].iloc[0]
    ax.axvline(level, color=theme.INK, lw=1, ls="--")
    ax.hlines(y, shown["hit_rate_low"], shown["hit_rate_high"], color=theme.CONTEXT, lw=2)
    wins = shown["wins"].astype(bool)
    for mask, marker, color, face in (
        (wins, "o", theme.POSITIVE, theme.POSITIVE), (~wins, "o", theme.CONTEXT, "white"),
    ):  # fmt: skip
        ax.plot(shown.loc[mask, "hit_rate"], y[mask], marker, ms=8, mfc=face, mec=color, mew=1.6,
                ls="", zorder=3)  # fmt: skip
    for at, (rate, high) in enumerate(zip(shown["hit_rate"], shown["hit_rate_high"], strict=True)):
        text = theme.words().format(float(rate), "share")
        ax.annotate(text, (high, at), xytext=(6, 0), va="center",
                    textcoords="offset points", size=9, color=theme.INK,
                    bbox={"fc": "white", "ec": "none", "pad": 1})  # fmt: skip
    ax.set_yticks(y, [_short(name, 30) for name in shown["name"]])
    ax.set_ylim(-0.6, len(shown) - 0.4)
    ax.set_xlim(0, min(1.08, 1.15 * float(shown["hit_rate_high"].max())))
    ax.set_xlabel("Customers who bought something\nfrom the list; line: bestsellers,\n"
                  "filled: beats them beyond chance")  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    theme.write_axis(ax.xaxis, "share.0")
    ax.tick_params(axis="y", length=0, labelcolor=theme.INK)
    ax.grid(axis="x")
    return theme.finish(ax, title=title, source=source)


def plot_affinity(
    affinity: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw which groups belong to the same customers: green is reliable, white no evidence.

    Parameters
    ----------
    affinity : pd.DataFrame
        As from `group_affinity`, each pair once: `group`, `other_group`, `lift`, `q`.
    """
    names = list(dict.fromkeys([*affinity["group"], *affinity["other_group"]]))
    turned = affinity.rename(columns={"group": "other_group", "other_group": "group"})
    cells = pd.concat([affinity, turned])
    values = dict(zip(zip(cells["group"], cells["other_group"], strict=True),
                      zip(cells["lift"], cells["q"], cells["lift"], strict=True),
                      strict=True))  # fmt: skip
    ax = _matrix(ax, names, names, values, spec="number.1")
    ax.set_xlabel(f"Buyers of both: times as many as expected.\n{_key()}")
    return theme.finish(ax, title=title, source=source)


def plot_next_purchase(
    transitions: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw what the next order holds after a purchase: rows before, columns next.

    Parameters
    ----------
    transitions : pd.DataFrame
        `from_group`, `to_group`, `transition_probability`, `lift`, `q`; rows sum to 1.
    """
    columns = list(dict.fromkeys(transitions["to_group"]))
    rows = [name for name in columns if name in set(transitions["from_group"])]
    values = {
        (cell["from_group"], cell["to_group"]):
            (cell["lift"], cell["q"], cell["transition_probability"])
        for cell in transitions.to_dict("records")
    }  # fmt: skip
    moves = transitions[transitions["q"].notna()
                        & (transitions["from_group"] != transitions["to_group"])]  # fmt: skip
    rare = len(moves) > 0 and moves["transition_probability"].max() < RARE
    ax = _matrix(ax, rows, columns, values, spec="share.1" if rare else "share")
    ax.set_ylabel("Bought before")
    without_row = "".join(f"{columns.index(name) + 1}: {_short(name, LETTERS).lower()}.\n"
                          for name in columns if name not in rows)  # fmt: skip
    ax.set_xlabel(f"Per cent of the next order;\na row adds up to 100.\n{without_row}{_key()}")
    return theme.finish(ax, title=title, source=source)


def plot_price_moves(
    prices: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw, for each category, the shares of moves up, level and down in price.

    Parameters
    ----------
    prices : pd.DataFrame
        As from `price_moves`.
    """
    shown = prices.head(12).iloc[::-1].reset_index(drop=True)
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 0.34 * len(shown) + 1.2), layout="constrained")
    y, start = np.arange(len(shown)), np.zeros(len(shown))
    parts = (("up", "up", theme.POSITIVE, ""), ("same", "same level", "#cfd6d8", ""),
             ("down", "down", theme.NEGATIVE, "//"))  # fmt: skip
    for name, label, color, hatch in parts:
        width = shown[name].to_numpy()
        ax.barh(y, width, left=start, color=color, hatch=hatch, edgecolor="white", label=label)
        for at, (left, wide) in enumerate(zip(start, width, strict=True)):
            if wide > 0.07 and not hatch:
                ax.text(left + wide / 2, at, theme.words().share(wide), ha="center", va="center",
                        size=8.5, color=theme.ink_on(color))  # fmt: skip
            elif wide > 0.07:
                ax.text(left + wide / 2, at, theme.words().share(wide), ha="center", va="center",
                        size=8.5, bbox={"fc": "white", "ec": "none", "pad": 1})  # fmt: skip
        start = start + width
    marks = [" *" * (finding == "differs") for finding in shown["finding"]]
    names = [_short(name, LETTERS) + mark for name, mark in zip(shown["category"], marks,
                                                                 strict=True)]  # fmt: skip
    ax.set_yticks(y, names)
    ax.set_xlim(0, 1)
    star = ";\n* up and down differ by more than chance" if any(marks) else ""
    ax.set_xlabel(f"Next purchase, by price level{star}")
    theme.write_axis(ax.xaxis, "share.0")
    ax.tick_params(axis="y", length=0, labelcolor=theme.INK)
    ax.figure.legend(loc="outside lower center", ncols=3)
    return theme.finish(ax, title=title, source=source)


def plot_due(weeks: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None) -> Axes:
    """Draw the consumables that are overdue and that fall due in each of the next weeks.

    Parameters
    ----------
    weeks : pd.DataFrame
        `week` (0 is overdue) and `due`.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 2.7), layout="constrained")
    x = np.arange(len(weeks))
    colors = [theme.NEGATIVE if week == 0 else theme.POSITIVE for week in weeks["week"]]
    ax.bar(x, weeks["due"], width=0.72, color=colors)
    for at, due in zip(x, weeks["due"], strict=True):
        ax.annotate(theme.words().count(due), (at, due), xytext=(0, 3), ha="center",
                    textcoords="offset points", size=9, color=theme.INK)  # fmt: skip
    labels = ["overdue" if week == 0 else f"week {theme.words().count(week)}"
              for week in weeks["week"]]  # fmt: skip
    ax.set_xticks(x, labels)
    ax.set_ylim(0, 1.15 * max(float(weeks["due"].max()), 1.0))
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    theme.write_axis(ax.yaxis, "count")
    ax.set_ylabel("Consumables due")
    ax.grid(axis="y")
    return theme.finish(ax, title=title, source=source)


def _matrix(
    ax: Axes | None,
    rows: list[str],
    columns: list[str],
    values: dict[tuple[str, str], tuple[float, float, float]],
    *,
    spec: str,
) -> Axes:
    """Fill a heat map: colour by lift where there is evidence, the number in every cell."""
    if ax is None:
        size = (WIDTH, 0.29 * len(rows) + 1.7)
        _, ax = plt.subplots(figsize=size, layout="constrained")
    seen = [lift for lift, q, _ in values.values() if q < LEANING and lift > 1]
    norm = PowerNorm(0.6, 1.0, max([2.0, *seen]))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            lift, q, value = values.get((row, column), (np.nan, np.nan, np.nan))
            green = q < LEANING and lift > 1
            face = MASKED if row == column else GREENS(norm(lift)) if green else "white"
            ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, fc=face, ec=theme.GRID, lw=0.8))
            if pd.notna(value):
                per_cent = spec.startswith("share")
                text = _percent(value, spec) if per_cent else theme.words().format(value, spec)
                unsure = NOT_SETTLED if green and q >= SETTLED and row != column else ""
                ink = theme.ink_on(to_hex(face)) if green else theme.MUTED
                ax.text(j, i, text + unsure, ha="center", va="center", size=8.5, color=ink)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    numbers = [str(j + 1) for j in range(len(columns))]
    ax.set_xticks(range(len(columns)), numbers)
    place = dict(zip(columns, numbers, strict=True))
    ax.set_yticks(range(len(rows)), [f"{_short(name, LETTERS)}  {place[name]}" for name in rows])
    ax.xaxis.tick_top()
    ax.tick_params(length=0, labelcolor=theme.INK, labelsize=8.5)
    return ax


def _percent(share: float, spec: str) -> str:
    """Write a share in per cent without the sign; what is not zero never reads as 0."""
    digits = int(spec == "share.1" and share < SMALLEST_WHOLE)
    least = 0.5 * 0.1**digits
    if 0 < 100 * share < least:
        return "<" + theme.words().number(2 * least, digits)
    return theme.words().number(100 * share, digits)


def _key() -> str:
    return f"Green: reliable, darker stronger;\n{NOT_SETTLED} not settled; white: no evidence"


def _short(name: object, letters: int) -> str:
    return theme.escape_mpl(shorten(str(name), letters, placeholder="…") or str(name)[:letters])
