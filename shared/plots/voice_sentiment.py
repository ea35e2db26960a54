"""Chart of the mood of texts: five columns from -2 to +2."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from shared.analysis.intervals import Estimate
from shared.plots import theme

WIDTH = 6.4  # inches: narrower than the page, so that the text stays readable on a phone
# Red to green with the neutral lightest: the ends differ in luminance, and the labels say which.
COLORS = {-2: "#b3301c", -1: "#eb9a7c", 0: "#c9cfd1", 1: "#7fb08f", 2: "#0f5a33"}
HATCHES = {-2: "//", -1: "", 0: "", 1: "", 2: ""}
LETTERS = 14


def plot_sentiment(
    levels: pd.DataFrame,
    *,
    coverage: Estimate | float | None = None,
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many texts are of each mood, from -2 (red) to +2 (green).

    Parameters
    ----------
    levels : pd.DataFrame
        As from `sentiment_levels`: `sentiment`, `texts`, `share`, `low`, `high` and, where given,
        `label`, `from_score` and `to_score`.
    coverage : Estimate or float, optional
        Share of all texts that have a mood, printed below.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, 4.0), layout="constrained")
    words, x = theme.words(), np.arange(len(levels))
    for place, row in enumerate(levels.to_dict("records")):
        level = int(row["sentiment"])
        ax.bar(place, row["share"], width=0.82, color=COLORS[level], hatch=HATCHES[level],
               edgecolor="white", linewidth=0)  # fmt: skip
        if pd.isna(row["share"]):
            continue
        ax.vlines(place, row["low"], row["high"], color=theme.INK, linewidth=1.4)
        ax.annotate(f"{words.share(row['share'])}\nn = {words.count(row['texts'])}",
                    (place, row["high"]), xytext=(0, 4), textcoords="offset points", ha="center",
                    size=9, linespacing=1.3)  # fmt: skip
    ax.set_xticks(x, [_column_label(row) for row in levels.to_dict("records")], size=7.8)
    top = float(levels["high"].max()) if levels["high"].notna().any() else 1.0
    ax.set(ylim=(0, 1.22 * top), ylabel="Share of the texts with a sentiment")
    if coverage is not None:
        part = coverage.value if isinstance(coverage, Estimate) else coverage
        ax.set_xlabel(f"{words.share(part)} of all texts have a sentiment; line: 95% interval")
    ax.tick_params(axis="x", length=0)
    theme.write_measure(ax, "share.0")
    return theme.finish(ax, title=title, source=source)


def _column_label(row: dict) -> str:
    level = int(row["sentiment"])
    sign = "−" if level < 0 else "+" if level > 0 else ""
    lines = [f"{sign}{abs(level)}"]
    if row.get("label"):
        lines.append(fill(str(row["label"]), LETTERS))
    if "from_score" in row:
        lines.append(_cut_text(row["from_score"], row["to_score"]))
    return "\n".join(lines)


def _cut_text(low: float, high: float) -> str:
    """Say between which scores a level lies; a score on a cut belongs to the outer level."""
    write = theme.words().number
    signed = ["" if pd.isna(cut) else write(cut, 2).replace("-", "−") for cut in (low, high)]
    if pd.isna(low):
        return f"score ≤ {signed[1]}"
    if pd.isna(high):
        return f"score ≥ {signed[0]}"
    return f"{signed[0]}\nto {signed[1]}"
