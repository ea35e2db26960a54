"""The cohort matrix: a row per cohort, a column per age, what has not happened yet left blank."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from shared.plots import theme

MOST_ROWS, MOST_AGES = 24, 12
ROW_INCHES, COLUMN_INCHES, LABEL_INCHES, LETTER_INCHES = 0.27, 0.335, 1.25, 0.085
NOT_YET = "#c3cacd"
GAP = 0.45  # rows between the cohorts and the pooled row
SMALLEST = 0.005


def plot_retention(
    cells: pd.DataFrame,
    *,
    pooled: pd.DataFrame,
    title: str,
    source: str,
    step: str = "month",
    projected: pd.DataFrame | None = None,
    older: object = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of each cohort that came back, from white (0 %) to dark blue (100 %).

    Not begun is hatched; not over is dotted, with what is known so far in italics; a share of
    only those members who are old enough is in italics too.

    Parameters
    ----------
    cells : pd.DataFrame
        As from `retention_cells`; the last 24 cohorts and the ages 1 to 12 are drawn.
    pooled : pd.DataFrame
        As from `pooled_curve`; the row at the foot.
    step : str
        One step of age, for the axis.
    projected : pd.DataFrame, optional
        As from `projected_cells`; drawn with a dashed frame and a wave before the number.
    older : pd.Period or str, optional
        The cohort that may hold customers older than the data, and is not pooled; it gets a dagger.
    """
    rows, ages = _shown(cells)
    ax = _canvas(ax, rows=len(rows), columns=len(ages) + 1, legend=True)
    norm = Normalize(0, 1)
    known = cells[cells["cohort"].isin(rows) & cells["period_index"].isin(ages)]
    expected = _by_cell(projected, "projected")
    for cell in known.to_dict("records"):
        at = (int(cell["period_index"]), rows.index(cell["cohort"]))
        _retention_cell(ax, cell, at, norm=norm, guess=expected.get((cell["cohort"], at[0])))
    few = set(pooled.loc[pooled["few_cohorts"], "period_index"])
    foot = dict(zip(pooled["period_index"], pooled["retention"], strict=True))
    for age, share in foot.items():
        if age in ages:
            text = _percent(share) + "*" * (age in few)
            _filled(ax, (age, len(rows) + GAP), share, norm, text, weight="bold")
    _size_column(ax, known, rows, total=int(pooled["at_risk"].max()))
    _label(ax, rows, ages, step=step, pooled=True, older=older)
    partly = known["observation"] == "partly"
    notes = [("* ", "fewer than 3 cohorts", bool(few & set(ages)))]
    young = bool((partly & known["retention"].notna()).any())
    notes += [("", "italics: members old enough", young)]
    notes += [("† ", "older customers: not pooled", older in rows)]
    _retention_key(
        ax,
        [mark + text for mark, text, here in notes if here],
        has_partly=bool((partly & known["retention"].isna()).any()),
        has_guess=bool(expected),
    )
    return theme.finish(ax, title=title, source=source)


def plot_cohort_values(
    cells: pd.DataFrame,
    *,
    column: str,
    spec: str,
    title: str,
    source: str,
    step: str = "month",
    label: str = "",
    pooled: pd.DataFrame | None = None,
    older: object = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a value per cohort and age, such as revenue per joined customer.

    Parameters
    ----------
    cells : pd.DataFrame
        One row per complete cell, with `cohort`, `period_index` and the value.
    column, spec : str
        The value, and how to write it: "number.1", "money" or "count".
    label : str
        The value in words, above the matrix.
    pooled : pd.DataFrame, optional
        `period_index` and the same value over the cohorts, for the row at the foot.
    older : pd.Period or str, optional
        As for `plot_retention`.
    """
    rows, ages = _shown(cells, first_age=int(cells["period_index"].min()))
    known = cells[cells["cohort"].isin(rows) & cells["period_index"].isin(ages)]
    letters = max(len(_short(value, spec)) for value in known[column])
    ax = _canvas(ax, rows=len(rows), columns=len(ages), legend=False, letters=letters)
    # Nobody who is active has fewer than one order: there the scale begins at the least value.
    least = 0.0 if spec.startswith("money") else float(np.floor(known[column].min()))
    norm = Normalize(least, max(float(known[column].max()), least + 1e-9))
    values = _by_cell(known, column)
    for row, cohort in enumerate(rows):
        for age in ages:
            value = values.get((cohort, age), np.nan)
            if pd.isna(value):
                _hatched(ax, (age, row), "////", NOT_YET)
            else:
                _filled(ax, (age, row), value, norm, _short(value, spec))
    if pooled is not None:
        foot = dict(zip(pooled["period_index"], pooled[column], strict=True))
        for age in (age for age in ages if age in foot):
            text = _short(foot[age], spec)
            _filled(ax, (age, len(rows) + GAP), foot[age], norm, text, weight="bold")
    _label(ax, rows, ages, step=step, pooled=pooled is not None, older=older)
    unit = f", {theme.words().unit_of_money}" if spec.startswith("money") else ""
    noted = "\n† older customers: not pooled" if older in rows else ""
    above = theme.escape_mpl(f"{label}{unit if label else ''}{noted}".strip())
    if above:
        ax.set_xlabel(f"{above}\n{ax.get_xlabel()}", linespacing=1.4)
    return theme.finish(ax, title=title, source=source)


def _shown(cells: pd.DataFrame, *, first_age: int = 1) -> tuple[list[object], list[int]]:
    """Choose the last cohorts (of groups: the first, largest ones) and the first ages."""
    begun = cells[cells["observation"] != "not yet"] if "observation" in cells else cells
    wide = begun[begun["period_index"] >= first_age]
    cohorts = list(wide["cohort"].unique())
    in_time = bool(cohorts) and isinstance(cohorts[0], pd.Period)
    rows = cohorts[-MOST_ROWS:] if in_time else cohorts[:MOST_ROWS]
    oldest = wide.loc[wide["cohort"].isin(rows), "period_index"].max()
    last = min(int(oldest) if pd.notna(oldest) else first_age, MOST_AGES - 1 + first_age)
    return rows, list(range(first_age, last + 1))


def _canvas(ax: Axes | None, *, rows: int, columns: int, legend: bool, letters: int = 3) -> Axes:
    if ax is not None:
        return ax
    width = LABEL_INCHES + max(COLUMN_INCHES, LETTER_INCHES * letters) * max(columns, 9)
    height = ROW_INCHES * (rows + 2) + 0.75 + 0.55 * legend
    _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax


def _retention_cell(
    ax: Axes,
    cell: Mapping[Any, Any],
    at: tuple[int, int],
    *,
    norm: Normalize,
    guess: float | None,
) -> None:
    share, state = float(cell["retention"]), cell["observation"]
    if state == "complete":
        _filled(ax, at, share, norm, _percent(share))
    elif not np.isnan(share):
        _filled(ax, at, share, norm, _percent(share), style="italic")
    elif state == "partly" and guess is None:
        so_far = float(cell["customers_so_far"]) / float(cell["cohort_size"])
        _hatched(ax, at, "..", NOT_YET)
        _write(ax, at, _percent(so_far), color=theme.MUTED, style="italic", backed=True)
    elif guess is not None:
        ax.add_patch(_box(at, facecolor="none", edgecolor=theme.MUTED, ls=(0, (3, 2)), inset=0.06))
        _write(ax, at, "~" + _percent(guess), color=theme.MUTED, style="italic")
    else:
        _hatched(ax, at, "////", NOT_YET)


def _size_column(ax: Axes, cells: pd.DataFrame, rows: list[object], *, total: int) -> None:
    sizes = dict(zip(cells["cohort"], cells["cohort_size"], strict=True))
    for row, cohort in enumerate(rows):
        _write(ax, (0, row), theme.words().count(sizes[cohort]), color=theme.INK)
    _write(ax, (0, len(rows) + GAP), theme.words().count(total), color=theme.INK)
    ax.annotate("Size", (0, -0.75), ha="center", va="center", size=9, color=theme.MUTED)


def _label(
    ax: Axes, rows: list[object], ages: list[int], *, step: str, pooled: bool, older: object
) -> None:
    first = 0 if "Size" in {text.get_text() for text in ax.texts} else ages[0]
    foot = [len(rows) + GAP] if pooled else []
    ax.set_xlim(first - 0.5, ages[-1] + 0.5)
    ax.set_ylim((foot or [len(rows) - 1])[0] + 0.5, -0.5)
    ax.set_xticks(ages, [theme.words().count(age) for age in ages])
    ax.set_yticks(
        [*range(len(rows)), *foot],
        [*(cohort_name(row) + " †" * (row == older) for row in rows), *["Pooled"][: len(foot)]],
    )
    ax.xaxis.set_ticks_position("top")
    ax.xaxis.set_label_position("top")
    ax.set_xlabel(f"{step.capitalize()}s since the first order")
    ax.tick_params(length=0, labelcolor=theme.INK)
    ax.spines["bottom"].set_visible(False)


def _retention_key(ax: Axes, notes: list[str], *, has_partly: bool, has_guess: bool) -> None:
    figure = ax.figure
    scale = ScalarMappable(Normalize(0, 1), theme.BLUES)
    bar = figure.colorbar(
        scale, ax=ax, location="bottom", shrink=0.5, aspect=32, pad=0.015, anchor=(0, 0)
    )
    bar.outline.set_edgecolor(theme.CONTEXT)
    bar.set_ticks([0, 0.5, 1])
    theme.write_axis(bar.ax.xaxis, "share.0")
    bar.ax.tick_params(length=0, labelsize=8.5)
    marks: list[Artist] = [
        Patch(facecolor="white", edgecolor=NOT_YET, hatch="////", label="not happened yet")
    ]
    if has_partly:
        dotted = Patch(facecolor="white", edgecolor=NOT_YET, hatch="...", label="not over: so far")
        marks.append(dotted)
    if has_guess:
        dashed = Patch(facecolor="white", edgecolor=theme.MUTED, ls=(0, (3, 2)), label="projected")
        marks.append(dashed)
    marks += [Line2D([], [], ls="", label=note) for note in notes]
    bar.ax.legend(handles=marks, loc="center left", bbox_to_anchor=(1.08, 0.2), ncols=1,
                  fontsize=8.5, labelspacing=0.25, borderpad=0)  # fmt: skip


def _filled(
    ax: Axes,
    at: tuple[float, float],
    value: float,
    norm: Normalize,
    text: str,
    **font: Any,
) -> None:
    color = theme.BLUES(norm(value))
    ax.add_patch(_box(at, facecolor=color, edgecolor="white"))
    _write(ax, at, text, color=theme.ink_on(color), **font)


def _hatched(ax: Axes, at: tuple[float, float], hatch: str, color: str) -> None:
    ax.add_patch(_box(at, facecolor="none", edgecolor=color, hatch=hatch, lw=0, inset=0.03))


def _box(at: tuple[float, float], *, inset: float = 0.0, **look: object) -> Rectangle:
    corner = (at[0] - 0.5 + inset, at[1] - 0.5 + inset)
    return Rectangle(corner, 1 - 2 * inset, 1 - 2 * inset, **{"lw": 0.8, **look})  # type: ignore[arg-type]


def _write(
    ax: Axes,
    at: tuple[float, float],
    text: str,
    *,
    color: str,
    backed: bool = False,
    **font: Any,
) -> None:
    behind = {"boxstyle": "square,pad=0.12", "fc": "white", "ec": "none"} if backed else None
    ax.annotate(text, at, ha="center", va="center", size=9, color=color, bbox=behind, **font)


def _by_cell(frame: pd.DataFrame | None, column: str) -> dict[tuple[object, int], float]:
    if frame is None or frame.empty:
        return {}
    keys = zip(frame["cohort"], frame["period_index"].astype(int), strict=True)
    return dict(zip(keys, frame[column].astype(float), strict=True))


def _percent(share: float) -> str:
    """Write a share as a bare number of per cent: the scale below carries the sign."""
    if 0 < share < SMALLEST:
        return "<" + theme.words().count(1)
    return theme.words().number(100 * share, 0)


def _short(value: float, spec: str) -> str:
    name, _, digits = spec.partition(".")
    if name == "money":
        return theme.words().count(value, compact=value >= 10_000)
    return theme.words().number(value, int(digits or 0))


def cohort_name(cohort: object) -> str:
    """Name a cohort in a chart: a period, a week by its first day, a trait by its own word."""
    if isinstance(cohort, pd.Period):
        if cohort.freqstr.startswith("W"):
            return theme.escape_mpl(theme.words().date(cohort.start_time.date()))
        return theme.escape_mpl(theme.words().month(cohort))
    text = str(cohort)
    return theme.escape_mpl(text if len(text) <= 22 else text[:21] + "…")
