"""One number of a small table, and three numbers as an estimate."""

from typing import Any

import pandas as pd

from shared.analysis.intervals import Estimate


def cell(table: pd.DataFrame, row: object, column: str) -> float:
    """Give one number of a table by the label of its row."""
    found: Any = table.at[row, column]
    return float(found)


def estimate_of(
    value: float, low: float, high: float, *, n: int, unit: str, scale: float = 1.0,
    of: str = "customers",
) -> Estimate:  # fmt: skip
    """Wrap a value and its 95 % bounds, times a scale."""
    return Estimate(scale * value, scale * low, scale * high, n, unit, of=of)
