"""Purchase histories: what a model of purchases sees of customers, each history counted once."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shared.analysis.repeat_summary import weighted_rows


@dataclass(frozen=True)
class Histories:
    """Distinct histories as arrays, with how many customers share each.

    Attributes
    ----------
    frequency, recency, T : np.ndarray
        Repeat purchases, age at the last purchase and age, the ages in one unit of time.
    weight : np.ndarray
        Customers with that history.
    counts : np.ndarray
        The distinct frequencies; `count_index` finds each history's among them.
    customers_by_count : np.ndarray
        Customers of each of `counts`.
    """

    frequency: np.ndarray
    recency: np.ndarray
    T: np.ndarray
    weight: np.ndarray
    counts: np.ndarray
    count_index: np.ndarray
    customers_by_count: np.ndarray

    @property
    def n(self) -> float:
        """Customers."""
        return float(self.weight.sum())

    @property
    def repeat_buyers(self) -> float:
        """Customers with at least one repeat purchase."""
        return float(self.weight[self.frequency > 0].sum())

    def reweighted(self, weight: np.ndarray) -> "Histories":
        """Give the same histories with other numbers of customers."""
        by_count = np.bincount(self.count_index, weight, minlength=len(self.counts))
        return replace(self, weight=weight, customers_by_count=by_count)

    def thinned(self, most: int) -> "Histories":
        """Give every k-th history, so that at most `most` are left."""
        keep = slice(None, None, 1 + (len(self.T) - 1) // most)
        return _indexed(self.frequency[keep], self.recency[keep], self.T[keep], self.weight[keep])

    def in_units(self, unit: float) -> "Histories":
        """Give the same histories with times divided by a unit."""
        return replace(self, recency=self.recency / unit, T=self.T / unit)


def histories(rows: pd.DataFrame) -> Histories:
    """Check and index histories, as `weighted_rows` gives them or one row per customer.

    Raises
    ------
    ValueError
        If a history is blank, negative, or its last purchase is later than its age.
    """
    counted = weighted_rows(rows)
    x, recency, T, weight = (
        counted[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T", "weight")
    )
    wrong = ~(np.isfinite(x) & np.isfinite(T) & (x >= 0) & (recency >= 0) & (recency <= T))
    # A customer without a repeat purchase has the last one at age 0.
    wrong |= (x == 0) & (recency > 0)
    if wrong.any():
        raise ValueError(f"{int(wrong.sum())} of {len(x)} histories are blank or impossible")
    return _indexed(x, recency, T, weight)


def _indexed(
    frequency: np.ndarray, recency: np.ndarray, T: np.ndarray, weight: np.ndarray
) -> Histories:
    counts, index = np.unique(frequency, return_inverse=True)
    customers = np.bincount(index, weight, minlength=len(counts))
    return Histories(frequency, recency, T, weight, counts, index, customers)
