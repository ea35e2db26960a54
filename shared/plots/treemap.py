"""The treemap of the portfolio: area counts customers, darkness shows what one of them spends."""

from dataclasses import dataclass
from functools import cache

import matplotlib.pyplot as plt
import pandas as pd
import squarify
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from shared.plots import theme

# One unit of the axes is one point of print, so that the fit of a label can be measured.
# A narrow figure: on a phone, where it is scaled to the screen, the text stays readable.
WIDTH, MAP_HEIGHT, LINE = 345.0, 340.0, 12.0
SIZE, SMALL, PAD = 9.0, 8.7, 5.0
KEY_INDENT = 13.0
LEGEND_LINES, LEGEND_STEPS, LEGEND_SQUARE = 5, 60, 1000.0


@dataclass(frozen=True)
class _Box:
    """One rectangle: its place (from the top left), colour, and what is to be said in it."""

    x: float
    top: float
    width: float
    height: float
    color: tuple[float, ...]
    name: str
    figures: list[str]


def plot_treemap(
    segments: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw one rectangle per segment: area = customers, darkness = mean spend per customer.

    Parameters
    ----------
    segments : pd.DataFrame
        `segment`, `customers`, `customer_share`, `revenue_share` and `mean_spend`. A segment
        without customers has no rectangle.
    title, source : str
        The finding, and where the numbers come from.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        With one patch per segment, labelled with its name. A rectangle too small for its label
        carries a number, with its name where that fits, and the key below the map says the rest.
    """
    shown = segments[segments["customers"] > 0]
    norm = spend_norm(shown["mean_spend"])
    boxes = _boxes(shown.sort_values("customers", ascending=False, kind="stable"), norm)
    labels = [_fitting_lines(box) for box in boxes]
    too_small = [box for box, label in zip(boxes, labels, strict=True) if not label]
    key = [line for n, box in enumerate(too_small, start=1) for line in _key_lines(box, n)]
    height = MAP_HEIGHT + (LEGEND_LINES + len(key)) * LINE
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH / 72, height / 72), layout="constrained")
    for box, label in zip(boxes, labels, strict=True):
        _draw_box(ax, box, base=height)
        if label:
            _write(ax, label, x=box.x + PAD, y=height - box.top - PAD, ink=theme.ink_on(box.color))
    for number, box in enumerate(too_small, start=1):
        name = _fitting_name(box, number)
        middle = (box.x + box.width / 2, height - box.top - box.height / 2 + len(name) * LINE / 2)
        _write(ax, name, x=middle[0], y=middle[1], ink=theme.ink_on(box.color), ha="center")
    for row, (mark, text) in enumerate(key):
        y = height - MAP_HEIGHT - (row + 0.6) * LINE
        ax.annotate(mark, (PAD, y), va="top", size=SMALL, weight="bold")
        ax.annotate(theme.escape_mpl(text), (PAD + KEY_INDENT, y), va="top", size=SMALL)
    _write_legends(ax, norm, customers=int(shown["customers"].sum()))
    ax.set(xlim=(0, WIDTH), ylim=(0, height))
    ax.set_axis_off()
    for written in ax.texts:
        written.set_in_layout(False)  # measured to fit; the map takes the whole width
    return theme.finish(ax, title=title, source=source)


def spend_norm(spend: pd.Series) -> Normalize:
    """Scale spend to darkness, by the logarithm where it can be.

    On a plain scale one segment of big spenders would make all others equally pale.
    """
    low, high = float(spend.min()), float(spend.max())
    if low > 0 and high > low:
        return LogNorm(low, high)
    return Normalize(low, high) if high > low else Normalize(low - 1, low + 1)


def _boxes(shown: pd.DataFrame, norm: Normalize) -> list[_Box]:
    sizes = squarify.normalize_sizes(shown["customers"], WIDTH, MAP_HEIGHT)
    places = squarify.squarify(sizes, 0, 0, WIDTH, MAP_HEIGHT)
    digits = theme.words().money_digits(float(shown["mean_spend"].max()))
    return [
        _Box(place["x"], place["y"], place["dx"], place["dy"],
             theme.SEQUENTIAL(norm(row["mean_spend"])), row["segment"], _figures(row, digits))
        for place, row in zip(places, shown.to_dict("records"), strict=True)
    ]  # fmt: skip


def _figures(row: dict, digits: int) -> list[str]:
    words = theme.words()
    revenue = theme.of_money("revenue", items="items")
    return [
        f"n = {words.count(row['customers'])}",
        f"{words.format(row['customer_share'], 'share')} of customers",
        f"{words.format(row['revenue_share'], 'share')} of {revenue}",
        f"{words.money(row['mean_spend'], digits=digits)} each",
    ]


def _fitting_lines(box: _Box) -> list[tuple[str, str]]:
    """Lay out the label as (text, weight), the name on one line or two; empty if none fits."""
    for name in ([box.name], box.name.rsplit(" ", 1)):
        lines = [*((part, "bold") for part in name), *((text, "normal") for text in box.figures)]
        wide_enough = max(_width(*line) for line in lines) + 2 * PAD <= box.width
        if wide_enough and len(lines) * LINE + PAD <= box.height:
            return lines
    return []


def _fitting_name(box: _Box, number: int) -> list[tuple[str, str]]:
    """Lay out the number in the key with the name, on one line or two; else the number alone."""
    named = f"{number} {box.name}"
    for parts in ([named], named.rsplit(" ", 1), [str(number), *box.name.rsplit(" ", 1)]):
        wide_enough = max(_width(part, "bold") for part in parts) + PAD <= box.width
        if wide_enough and len(parts) * LINE + PAD / 2 <= box.height:
            return [(part, "bold") for part in parts]
    return [(str(number), "bold")]


@cache
def _width(text: str, weight: str) -> float:
    size = SIZE if weight == "bold" else SMALL
    properties = FontProperties(family="DejaVu Sans", weight=weight)
    return float(TextPath((0, 0), text, size=size, prop=properties).get_extents().width)


def _draw_box(ax: Axes, box: _Box, *, base: float) -> None:
    corner = (box.x, base - box.top - box.height)
    ax.add_patch(Rectangle(corner, box.width, box.height, facecolor=box.color, edgecolor="white",
                           linewidth=1.5, label=box.name))  # fmt: skip


def _write(ax: Axes, lines: list[tuple[str, str]], *, x: float, y: float, ink: str,
           ha: str = "left") -> None:  # fmt: skip
    for i, (text, weight) in enumerate(lines):
        ax.annotate(theme.escape_mpl(text), (x, y - i * LINE), va="top", ha=ha, color=ink,
                    weight=weight, size=SIZE if weight == "bold" else SMALL)  # fmt: skip


def _key_lines(box: _Box, number: int) -> list[tuple[str, str]]:
    """Lay out the label of a rectangle that is too small as one line of the key, or two."""
    room = WIDTH - KEY_INDENT - 2 * PAD
    line = f"{box.name}: {', '.join(box.figures)}"
    if _width(line, "normal") <= room:
        return [(str(number), line)]
    half = len(box.figures) // 2
    return [
        (str(number), f"{box.name}: {', '.join(box.figures[:half])},"),
        ("", ", ".join(box.figures[half:])),
    ]


def _write_legends(ax: Axes, norm: Normalize, *, customers: int) -> None:
    """Explain both encodings: a square of so many customers, and a bar of mean spend."""
    words, middle = theme.words(), 1.7 * LINE
    digits = words.money_digits(float(norm.vmax or 0.0))
    per_customer = WIDTH * MAP_HEIGHT / customers
    in_square = _round_number(LEGEND_SQUARE / per_customer)
    side = (in_square * per_customer) ** 0.5
    ax.add_patch(Rectangle((1, middle - side / 2), side, side, facecolor="none",
                           edgecolor=theme.INK, linewidth=1, label="_area"))  # fmt: skip
    noun = "customer" if in_square == 1 else "customers"
    ax.annotate(f"= {words.count(in_square)} {noun}", (side + 2 * PAD, middle), size=SMALL,
                va="center")  # fmt: skip
    left, right = WIDTH * 0.5, WIDTH - 3 * PAD
    step = (right - left) / LEGEND_STEPS
    for i in range(LEGEND_STEPS):
        color = theme.SEQUENTIAL(i / (LEGEND_STEPS - 1))
        ax.add_patch(Rectangle((left + i * step, middle), step, 9, facecolor=color,
                               edgecolor=color, linewidth=0.3, label="_darkness"))  # fmt: skip
    spend = theme.of_money("Mean spend per customer", items="Items per customer")
    ax.annotate(spend, (left, middle + 12), size=SMALL, va="bottom")
    for share, side_of_tick in ((0.0, "left"), (0.5, "center"), (1.0, "right")):
        amount = theme.escape_mpl(
            words.money(float(norm.inverse(share)), compact=True, digits=digits)
        )
        ax.annotate(amount, (left + share * (right - left), middle - 4), size=SMALL, va="top",
                    ha=side_of_tick)  # fmt: skip


def _round_number(most: float) -> int:
    """Find the largest of 1, 2, 5, 10, 20, 50 … that is not above a number; at least 1."""
    steps = [factor * 10**power for power in range(8) for factor in (1, 2, 5)]
    return max([step for step in steps if step <= most], default=1)
