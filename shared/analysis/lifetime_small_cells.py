"""Small cells: counts under ten are withheld, and with them what would give them away."""

from collections.abc import Sequence

import pandas as pd

from shared.analysis.lifetime_heatmap import HeatMap

FEWEST = 10  # customers of a cell that is counted
IDLE_FIGURES = ("idle_share", "low", "high", "idle_past_value", "idle_past_share", "idle_value")


def withheld(counts: pd.Series, lines: Sequence[pd.Series]) -> pd.Series:
    """Tell which counts are withheld: those from 1 to 9, and those that would give one away.

    Where a line of cells with a known total withholds one cell only, subtraction would tell it:
    the next smallest of that line is withheld with it (complementary suppression).

    Parameters
    ----------
    counts : pd.Series
        Customers by cell.
    lines : sequence of pd.Series
        For each kind of line the line of every cell, such as its row and its column.

    References
    ----------
    Willenborg, L. and de Waal, T. (2001). Elements of statistical disclosure control.
    """
    hidden = counts.between(1, FEWEST - 1)
    changed = True
    while changed:
        changed = False
        for line in lines:
            for _name, cells in counts.groupby(line):
                rest = cells[~hidden[cells.index]]
                if len(cells) - len(rest) != 1 or rest.empty:
                    continue
                some = rest[rest > 0]
                hidden |= counts.index == (some if len(some) else rest).idxmin()
                changed = True
    return hidden


def shown_ranks(ranks: pd.DataFrame) -> pd.DataFrame:
    """Blank the small cells of the matrix of fifths, and those that would give them away."""
    hidden = withheld(ranks["customers"], [ranks["fifth_now"], ranks["fifth_future"]])
    return _blanked(ranks, hidden, ("customers", "share"))


def shown_idle(idle: pd.DataFrame) -> pd.DataFrame:
    """Blank the idle of segments where they are few, and their money."""
    whole = pd.Series(0, index=idle.index)
    return _blanked(idle, withheld(idle["idle"], [whole]), ("idle", *IDLE_FIGURES))


def shown_cells(heat: HeatMap) -> pd.DataFrame:
    """Blank the small counts of the heat map."""
    whole = pd.Series(0, index=heat.cells.index)
    return _blanked(heat.cells, withheld(heat.cells["customers"], [whole]), ("customers",))


def shown_distribution(distribution: pd.DataFrame) -> pd.DataFrame:
    """Blank the small counts of the distribution of value, and one more of a tier that needs it."""
    hidden = withheld(distribution["customers"], [distribution["tier"]])
    return _blanked(distribution, hidden, ("customers",))


def _blanked(table: pd.DataFrame, hidden: pd.Series, columns: Sequence[str]) -> pd.DataFrame:
    return table.assign(**{name: table[name].astype(float).mask(hidden) for name in columns})
