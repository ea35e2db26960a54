"""RFM grid: how does the base lie on recency by frequency or money, and on the cells of the map?"""

from dataclasses import dataclass

import pandas as pd

from shared.analysis.dominance import REVEALING
from shared.analysis.portfolio import Portfolio
from shared.analysis.rfm_scores import MEASURES, occurring_scores, possible_cells


@dataclass(frozen=True)
class Collapsed:
    """Scores and cells that nobody can have, because cut points are equal.

    Attributes
    ----------
    missing : dict of str to list of int
        Missing scores of each measure that has any, such as {"f_score": [2]}.
    cells, impossible_cells : int
        All cells of R, F and M, and those that cannot occur.
    unreachable_segments : list of str
        Segments all of whose cells cannot occur.
    """

    missing: dict[str, list[int]]
    cells: int
    impossible_cells: int
    unreachable_segments: list[str]


def rfm_grid(base: Portfolio, *, x_axis: str, smallest_cell: int = 10) -> pd.DataFrame:
    """Count the customers in each cell of recency by frequency, or by money.

    Parameters
    ----------
    base : Portfolio
        The placed customers.
    x_axis : str
        "frequency" or "monetary".
    smallest_cell : int
        A cell of fewer customers shows no mean spend, nor does one where a single customer
        brings more than half: nobody's spend can be read.

    Returns
    -------
    pd.DataFrame
        `r_score` and `x_score`, every pair, best recency first; `recency_low`,
        `recency_high`, `x_low`, `x_high` (the values observed in that score, blank where the score
        cannot occur because cut points are equal); `customers` (blank there, else 0 or more) and
        `mean_spend`.
    """
    x_score, columns = MEASURES[x_axis], base.cuts.scoring.columns
    levels = range(1, base.cuts.scores + 1)
    cells = pd.MultiIndex.from_product([levels[::-1], levels], names=["r_score", "x_score"])
    by_cell = base.customers.groupby(["r_score", x_score])["monetary"]
    counts = by_cell.agg(
        customers="size", mean_spend="mean", largest="max", total="sum"
    ).rename_axis(cells.names)
    dominated = counts["largest"] > REVEALING * counts["total"]
    shown = (counts["customers"] >= smallest_cell) & ~dominated
    counts["mean_spend"] = counts["mean_spend"].where(shown)
    grid: pd.DataFrame = counts.drop(columns=["largest", "total"]).reindex(cells).reset_index()
    for axis, score, measure in (("recency", "r_score", "recency_days"), ("x", x_score, x_axis)):
        seen = base.customers.groupby(score)[columns[measure]].agg(["min", "max"])
        column = "r_score" if axis == "recency" else "x_score"
        grid[f"{axis}_low"] = grid[column].map(seen["min"])
        grid[f"{axis}_high"] = grid[column].map(seen["max"])
    occurs = grid["recency_low"].notna() & grid["x_low"].notna()
    grid["customers"] = grid["customers"].fillna(0).where(occurs)
    return grid


def cell_table(base: Portfolio) -> pd.DataFrame:
    """List all cells: `cell` such as "545", `segment`, `customers` and `can_occur`."""
    table = pd.DataFrame(base.segment_by_cell.items(), columns=["cell", "segment"])
    return table.assign(
        customers=table["cell"].map(base.customers["cell"].value_counts()).fillna(0).astype(int),
        can_occur=table["cell"].isin(possible_cells(base.customers)),
    )


def collapsed_scores(base: Portfolio) -> Collapsed:
    """Tell which scores and cells cannot occur, and which segments are empty for that reason."""
    cells = cell_table(base)
    levels = set(range(1, base.cuts.scores + 1))
    missing = {
        s: sorted(levels - set(seen)) for s, seen in occurring_scores(base.customers).items()
    }
    reached = cells.loc[cells["can_occur"], "segment"].unique()
    return Collapsed(
        missing={score: absent for score, absent in missing.items() if absent},
        cells=len(cells),
        impossible_cells=int((~cells["can_occur"]).sum()),
        unreachable_segments=[s for s in base.segments if s not in reached],
    )


def months_silent(base: Portfolio) -> pd.DataFrame:
    """Count customers by the months of 30 days since their last order, the lost ones apart.

    Returns
    -------
    pd.DataFrame
        `months_silent` (0 is the last 30 days), `customers` and `lost`; a month that nobody is
        silent for is 0.
    """
    months = ((base.customers["recency_days"] - 1).clip(lower=0) // 30).rename("months_silent")
    counts = (
        base.customers.assign(lost=base.customers["segment"] == "Lost")
        .groupby(months)
        .agg(customers=("customer_id", "size"), lost=("lost", "sum"))
    )
    every_month = pd.RangeIndex(months.max() + 1, name="months_silent")
    return counts.reindex(every_month, fill_value=0).reset_index()
