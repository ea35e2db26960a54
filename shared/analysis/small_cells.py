"""Small cells: counts under ten are withheld, and with them what would give them away."""

from collections.abc import Sequence

import pandas as pd

FEWEST = 10  # customers of a cell that is counted


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
