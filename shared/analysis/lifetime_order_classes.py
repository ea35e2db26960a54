"""Classes of customers by repeat orders so far, and how the backtest fared in each."""

import numpy as np
import pandas as pd

CLASSES = ((0, 0), (1, 1), (2, 2), (3, 4), (5, 9), (10, None))


def class_of_orders(frequency: np.ndarray) -> np.ndarray:
    """Name the class of each customer by repeat orders: 0, 1, 2, 3–4, 5–9 or 10+."""
    starts = [low for low, _high in CLASSES]
    names = np.array([_name(low, high) for low, high in CLASSES])
    return names[np.searchsorted(starts, frequency, side="right") - 1]


def orders_by_class(x: np.ndarray, ordered: np.ndarray, predicted: np.ndarray) -> pd.DataFrame:
    """Compare orders placed and predicted by repeat orders before.

    Parameters
    ----------
    x, ordered, predicted : np.ndarray
        Repeat orders known, orders placed afterwards and orders predicted, one per customer.

    Returns
    -------
    pd.DataFrame
        `orders` (the class), `customers`, `actual` and `predicted` per customer, `low` and `high`
        (95 %) of the actual mean; a class without a customer has no row.
    """
    rows = []
    classes = class_of_orders(x)
    for bounds in CLASSES:
        name = _name(*bounds)
        inside = classes == name
        n = int(inside.sum())
        if not n:
            continue
        mean = float(ordered[inside].mean())
        error = 1.96 * float(ordered[inside].std()) / np.sqrt(n)
        rows.append((name, n, mean, max(mean - error, 0.0), mean + error, predicted[inside].mean()))
    return pd.DataFrame(rows, columns=["orders", "customers", "actual", "low", "high", "predicted"])


def _name(low: int, high: int | None) -> str:
    return f"{low}+" if high is None else f"{low}" if low == high else f"{low}–{high}"
