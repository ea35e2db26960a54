"""Charts of the discovered segments: the vote on their number, and what each is like."""

from collections.abc import Callable
from functools import partial

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from shared.plots import theme

WIDTH = 5.6  # inches: narrower than the page, so that the text stays readable on a phone
ONE_DECADE = 30  # up to this ratio a logarithmic axis also names the 2 and the 5
CRITERIA = {
    "silhouette": ("Silhouette", "higher: customers nearer to their own cluster"),
    "gap": ("Gap", "higher: more than even points would show"),
    "stability": ("Stability", "above the dashes all clusters come back"),
}


def plot_vote(
    vote: pd.DataFrame,
    *,
    votes: dict[str, int],
    stable: float,
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw what three criteria say of each number of clusters, and mark what each votes for.

    Parameters
    ----------
    vote : pd.DataFrame
        As `ClusterVote.table`.
    votes : dict of str to int
        The number that "silhouette", "gap" and "stability" vote for.
    stable : float
        Stability from which on a cluster counts as one; drawn as a line.
    ax : Axes, optional
        The uppermost of three panels; the other two are made below it, on its figure.
    """
    panels = _stack(ax, len(CRITERIA))
    for panel, (criterion, (name, meaning)) in zip(panels, CRITERIA.items(), strict=True):
        known = vote[vote[criterion].notna()]
        panel.plot(known["clusters"], known[criterion], "-o", color=theme.CONTEXT, ms=4.5, lw=1.4)
        if criterion == "gap":
            panel.errorbar(known["clusters"], known["gap"], yerr=known["gap_error"], fmt="none",
                           ecolor=theme.CONTEXT, elinewidth=1, capsize=2)  # fmt: skip
        if criterion == "stability":
            panel.axhline(stable, color=theme.NEGATIVE, ls="--", lw=1)
        chosen = known[known["clusters"] == votes[criterion]]
        panel.plot(chosen["clusters"], chosen[criterion], "o", ms=10, color=theme.POSITIVE)
        panel.annotate(f"{name}: {votes[criterion]}", (0, 1.06), xycoords="axes fraction",
                       weight="bold", size=9)  # fmt: skip
        panel.annotate(meaning, (1, 1.06), xycoords="axes fraction", ha="right", size=8,
                       color=theme.MUTED)  # fmt: skip
        panel.set_xlim(vote["clusters"].min() - 0.4, vote["clusters"].max() + 0.4)
        panel.margins(y=0.2)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.yaxis.set_major_locator(MaxNLocator(nbins=3))
        theme.write_axis(panel.yaxis, "number")
        panel.grid(axis="y")
        panel.tick_params(labelbottom=panel is panels[-1])
        panel.spines["left"].set_visible(False)
    panels[-1].set_xlabel("Number of clusters; the dark mark is the vote")
    return _finish(panels[0], title=title, source=source)


def plot_discovered(
    profiles: pd.DataFrame, *, title: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw for each discovered segment the median and the middle half of its customers.

    Parameters
    ----------
    profiles : pd.DataFrame
        As `Discovered.profiles`, best segment first.
    ax : Axes, optional
        The uppermost of three panels; the other two are made below it, on its figure.
    """
    words = theme.words()
    digits = words.money_digits(float(profiles["monetary"].max()))
    money = theme.of_money("Spend so far", items="Items bought")
    measures: dict[str, tuple[str, Callable[[float], str]]] = {
        "recency_days": ("Days since the last order", words.count),
        "frequency": ("Orders", words.count),
        "monetary": (money, partial(words.money, compact=True, digits=digits)),
    }
    panels = _stack(ax, len(measures), height=0.27 * len(profiles) + 0.75)
    rows = range(len(profiles))
    names = [
        f"{segment}, {words.share(share)}"
        for segment, share in zip(profiles["segment"], profiles["customer_share"], strict=True)
    ]
    for panel, (measure, (label, write)) in zip(panels, measures.items(), strict=True):
        low, middle, high = (profiles[f"{measure}{end}"] for end in ("_low", "", "_high"))
        positive = bool((low > 0).all())
        panel.hlines(rows, low, high, color=theme.CONTEXT, lw=7, alpha=0.45)
        panel.plot(middle, rows, "o", color=theme.POSITIVE, ms=7)
        for row, value, end in zip(rows, middle, high, strict=True):
            panel.annotate(theme.escape_mpl(write(float(value))), (end, row),
                           xytext=(6, 0), textcoords="offset points", va="center",
                           size=8.5)  # fmt: skip
        panel.set_xscale("log" if positive else "symlog")
        wide = not positive or float(high.max() / low.min()) > ONE_DECADE
        panel.xaxis.set_major_locator(LogLocator(subs=(1,) if wide else (1, 2, 5), numticks=6))
        panel.xaxis.set_minor_formatter(NullFormatter())
        panel.margins(x=0.16)
        panel.set_yticks(rows, names)
        panel.set_ylim(len(profiles) - 0.5, -0.5)
        panel.tick_params(axis="y", length=0)
        panel.annotate(label, (0, 1.05), xycoords="axes fraction", weight="bold", size=9)
        panel.xaxis.set_major_formatter(_ticks(write))
        panel.grid(axis="x")
        panel.spines["left"].set_visible(False)
    panels[-1].set_xlabel("Mark and figure: median; bar: the middle half of the customers")
    return _finish(panels[0], title=title, source=source)


def _ticks(write: Callable[[float], str]) -> FuncFormatter:
    return FuncFormatter(lambda value, _: theme.escape_mpl(write(float(value))))


def _stack(ax: Axes | None, count: int, *, height: float = 1.5) -> list[Axes]:
    """Make panels below each other, the first of them the given one if there is one."""
    if ax is None:
        _, panels = plt.subplots(
            count, 1, figsize=(WIDTH, height * count + 0.3), layout="constrained"
        )
        return list(panels)
    grid = ax.figure.add_gridspec(count, 1)
    ax.set_subplotspec(grid[0])
    return [ax, *(ax.figure.add_subplot(grid[i]) for i in range(1, count))]


def _finish(ax: Axes, *, title: str, source: str) -> Axes:
    """Lift the title above the name of the first panel."""
    finished = theme.finish(ax, title=title, source=source)
    finished.set_title(finished.get_title(loc="left"), loc="left", pad=26)
    return finished
