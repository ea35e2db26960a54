"""The history of each customer as the models of purchases take it: three arrays."""

import numpy as np
import pandas as pd

History = tuple[np.ndarray, np.ndarray, np.ndarray]


def history_of(summary: pd.DataFrame) -> History:
    """Give frequency, recency and T of each row, as from `repeat_summary`."""
    frequency, recency, age = (
        summary[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T")
    )
    return frequency, recency, age


def distinct(history: History) -> tuple[History, np.ndarray]:
    """Give the distinct histories, and for each customer the place of their own among them."""
    known, back = np.unique(np.column_stack(history), axis=0, return_inverse=True)
    frequency, recency, age = known.T
    return (frequency, recency, age), back.ravel()
