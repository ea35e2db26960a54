"""A chart for a narrow screen: the same figure on less width, where its labels still fit."""

from collections.abc import Iterator
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox, BboxBase

from shared.report.figures import Picture, laid_out, picture_of

Labels = list[tuple[Text, Bbox]]

# Inches; on a phone the text of the first keeps nine tenths of its size, of the last eight.
WIDTHS = (4.2, 4.5, 4.8)
SLACK = 1.5  # pixels by which a label may stand over before it counts as cut
GAP = 2  # pixels between two labels on one line
MOST_LABELS = 400
HEAVIEST = 75_000  # bytes of a second picture that a page is worth
WIDEST_LABEL = 0.75  # of the figure's width, for the label of an axis


def pictures(ax: Axes) -> tuple[Picture, Picture | None]:
    """Draw a chart, and again on the least width on which no label touches another.

    A label that stood inside a rectangle, such as a field of a treemap, must stay inside it. The
    second is None where no width will do, or where the chart is narrow already.
    """
    figure = laid_out(ax)
    if figure.get_figwidth() <= WIDTHS[-1]:
        return picture_of(figure), None
    # Before anything is written: a file has dots of another size, and leaves labels at those.
    labels = list(_labels(figure))
    before, homes = _collisions(labels), _homes(figure, labels)
    wide = picture_of(figure)
    if len(labels) > MOST_LABELS:
        return wide, None
    height = figure.get_figheight()
    for width in WIDTHS:
        figure.set_size_inches(width, height)
        _without_bands(figure)
        _wrap_long_labels(figure)
        figure.draw_without_rendering()
        labels = list(_labels(figure))
        if _collisions(labels) <= before and _all_inside(figure, dict(labels), homes):
            narrow = picture_of(figure)
            return wide, narrow if len(narrow.svg) <= HEAVIEST else None
    return wide, None


def _without_bands(figure: Figure) -> None:
    """Take off the height that charts of a fixed shape cannot use any more on their new width."""
    fixed = [ax for ax in figure.axes if ax.get_aspect() != "auto"]
    if not fixed or len(fixed) < len(figure.axes):
        return
    figure.draw_without_rendering()
    share = min(ax.get_position(original=True).height - ax.get_position().height for ax in fixed)
    figure.set_figheight(figure.get_figheight() * (1 - max(share, 0)))


def _wrap_long_labels(figure: Figure) -> None:
    """Break what stands below an axis into lines that fit the figure."""
    for label in (ax.xaxis.label for ax in figure.axes):
        share = label.get_window_extent().width / figure.bbox.width
        if share > WIDEST_LABEL:
            text = " ".join(label.get_text().split())
            label.set_text(fill(text, max(int(len(text) * WIDEST_LABEL / share), 12)))


def _labels(figure: Figure) -> Iterator[tuple[Text, Bbox]]:
    """Every text that is drawn, with the place it takes."""
    for text, place in _texts(figure):
        if text.get_visible() and text.get_text().strip():
            yield text, text.get_window_extent() if place is None else place


def _texts(figure: Figure) -> Iterator[tuple[Text, Bbox | None]]:
    """Every text that may be drawn, with its place where that is known already."""
    yield from ((text, None) for text in figure.texts)
    yield from ((text, None) for legend in figure.legends for text in legend.get_texts())
    for ax in figure.axes:
        legend = ax.get_legend()
        yield from ((text, None) for text in ax.texts)
        yield from ((text, None) for text in (legend.get_texts() if legend else []))
        if not ax.axison:
            continue
        frame = ax.get_window_extent()
        for axis, side in ((ax.xaxis, "x"), (ax.yaxis, "y")):
            low, high = sorted(getattr(frame, f"interval{side}"))
            yield axis.label, None
            for label in axis.get_ticklabels(which="both"):
                # Ticks beyond the limits exist but are not drawn.
                place = label.get_window_extent()
                ends = getattr(place, f"interval{side}")
                if low - SLACK <= sum(ends) / 2 <= high + SLACK:
                    yield label, place


def _collisions(labels: Labels) -> set[frozenset[Text]]:
    x0, y0, x1, y1 = np.array([place.extents for _, place in labels]).reshape(-1, 4).T
    # The box of a text includes the air above and below its letters.
    air = (y1 - y0) * 0.15
    # Numbers side by side need a gap, or they read as one.
    apart = (x0[:, None] > x1 + GAP) | ((y0 + air)[:, None] > y1 - air)
    touching = np.triu(~(apart | apart.T), k=1)
    return {
        frozenset((labels[a][0], labels[b][0])) for a, b in zip(*touching.nonzero(), strict=True)
    }


def _homes(figure: Figure, labels: Labels) -> dict[Text, Rectangle]:
    """Give the smallest rectangle around each label that has one."""
    fields = [p for ax in figure.axes for p in ax.patches if isinstance(p, Rectangle)]
    if not fields:
        return {}
    # A treemap's legend alone has sixty fields: all are compared at once, as in `_holds`.
    x0, y0, x1, y1 = np.array([field.get_window_extent().extents for field in fields]).T
    areas, homes = (x1 - x0) * (y1 - y0), {}
    for text, place in labels:
        holds = (x0 - SLACK <= place.x0) & (x1 + SLACK >= place.x1)
        holds &= (y0 - SLACK <= place.y0) & (y1 + SLACK >= place.y1)
        if holds.any():
            homes[text] = fields[int(np.where(holds, areas, np.inf).argmin())]
    return homes


def _all_inside(figure: Figure, places: dict[Text, Bbox], homes: dict[Text, Rectangle]) -> bool:
    on_page = all(_holds(figure.bbox, place) for place in places.values())
    return on_page and all(
        _holds(patch.get_window_extent(), places[text]) for text, patch in homes.items()
    )


def _holds(outer: BboxBase, inner: BboxBase) -> bool:
    return (
        outer.x0 - SLACK <= inner.x0
        and outer.x1 + SLACK >= inner.x1
        and outer.y0 - SLACK <= inner.y0
        and outer.y1 + SLACK >= inner.y1
    )
