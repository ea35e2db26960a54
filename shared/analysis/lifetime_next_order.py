"""When is each customer's next order expected, if one comes at all?"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from shared.analysis.lifetime_history import distinct, history_of
from shared.analysis.purchase_model import PurchaseModel, p_zero

WITHIN_DAYS, SOON_DAYS = 365, 30
LEVEL = 0.95
QUANTILES = {
    "next_order_date": 0.5,
    "next_order_from": (1 - LEVEL) / 2,
    "next_order_until": (1 + LEVEL) / 2,
}
WINDOWS = (30, 60, 90, 180, 365)


def next_orders(
    model: PurchaseModel, summary: pd.DataFrame, *, snapshot_date: date, unit_days: float
) -> pd.DataFrame:
    """Date each customer's next order: the day by which half of those who will order have done so.

    Parameters
    ----------
    model : PurchaseModel
        Of the whole base.
    summary : pd.DataFrame
        `customer_id`, `frequency`, `recency` and `T`, one row per customer.
    snapshot_date : date
        The first day on which the next order can come.
    unit_days : float
        Days in one unit of time.

    Returns
    -------
    pd.DataFrame
        `customer_id`, `chance_within_30_days` and `chance_within_year` of an order within 30 and
        365 days, and, given that one comes within the year, `next_order_date` (even odds) with
        `next_order_from` and `next_order_until` (95 %).
        A chance under 1 % leaves the dates blank.
    """
    kinds, back = distinct(history_of(summary))
    # Steps that grow: the first days matter to the day, the last to the fortnight.
    days = np.unique(np.round(np.geomspace(1, WITHIN_DAYS, 60)).astype(int))
    ordered = np.column_stack([1 - p_zero(model, *kinds, day / unit_days) for day in days])
    chance = ordered[:, -1]
    marks = {name: _reached(ordered, days, q) for name, q in QUANTILES.items()}
    found = pd.DataFrame({"customer_id": summary["customer_id"].to_numpy()})
    soon = 1 - p_zero(model, *kinds, SOON_DAYS / unit_days)
    found["chance_within_30_days"] = soon[back]
    found["chance_within_year"] = chance[back]
    begin = pd.Timestamp(snapshot_date)
    for name, day in marks.items():
        # The first day of the forecast is the snapshot date itself.
        dates = begin + pd.to_timedelta(np.ceil(day) - 1, unit="D")
        found[name] = np.where(chance >= 0.01, dates, np.datetime64("NaT"))[back]
    return found


def _reached(ordered: np.ndarray, days: np.ndarray, quantile: float) -> np.ndarray:
    """Give the day on which a share of those who order within the year has ordered."""
    wanted = quantile * ordered[:, -1]
    return np.array(
        [
            np.interp(target, [0.0, *row], [0.0, *days])
            for target, row in zip(wanted, ordered, strict=True)
        ]
    )


def order_calendar(
    model: PurchaseModel,
    summary: pd.DataFrame,
    *,
    unit_days: float,
    windows: Sequence[int] = WINDOWS,
) -> pd.DataFrame:
    """Count who orders again within so many days: the expected number, with its interval.

    Returns
    -------
    pd.DataFrame
        `days`, `customers` expected to have ordered at least once by then, `low` and `high`
        (chance of the single customers, the model taken as known) and `share` of the base.
    """
    history = history_of(summary)
    rows = []
    for days in windows:
        chance = 1 - p_zero(model, *history, days / unit_days)
        reach = 1.96 * np.sqrt((chance * (1 - chance)).sum())
        expected = chance.sum()
        low, high = max(expected - reach, 0.0), min(expected + reach, float(len(chance)))
        rows.append((days, expected, low, high, expected / len(chance)))
    return pd.DataFrame(rows, columns=["days", "customers", "low", "high", "share"])
