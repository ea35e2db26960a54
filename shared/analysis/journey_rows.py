"""Rows of the tables on the journey, read as estimates and picked out."""

import pandas as pd

from shared.analysis.intervals import Estimate, in_points
from shared.analysis.journey_clusters import LEAST_CELL

COUNTS = {"n", "customers", "other_n", "other_customers", "without_n", "answers", "reviews"}


def without_small_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Blank how many cases or customers a cell has where they are 1 to 9, as its figures are."""
    kept = table.copy()
    for name in COUNTS & set(table):
        few = table[name].between(1, LEAST_CELL - 1)
        if few.any():
            kept[name] = table[name].astype("float64").mask(few)
    return kept


def share_of(row: pd.Series, *, of: str) -> Estimate:
    """Read a row of `clustered_shares` as an estimate; `of` names what its n counts."""
    return Estimate(
        float(row["share"]), float(row["low"]), float(row["high"]), int(row["n"]), "share", of=of
    )


def difference_of(row: pd.Series, *, of: str) -> Estimate:
    """Read the difference of a share to the other groups of a row, in percentage points."""
    value, low, high = (float(row[f"difference{end}"]) for end in ("", "_low", "_high"))
    return in_points(Estimate(value, low, high, int(row["n"]), "share", of=of))


def highest(table: pd.DataFrame, column: str) -> pd.Series:
    """Give the row with the highest figure in a column, the first of several; blanks are passed."""
    return table.iloc[int(table[column].fillna(-float("inf")).to_numpy().argmax())]


def lowest(table: pd.DataFrame, column: str) -> pd.Series:
    """Give the row with the lowest figure in a column, the first of several; blanks are passed."""
    return table.iloc[int(table[column].fillna(float("inf")).to_numpy().argmin())]


def row_of(table: pd.DataFrame, column: str, value: object) -> pd.Series:
    """Give the first row with a value in a column; there has to be one."""
    return table[table[column] == value].iloc[0]
