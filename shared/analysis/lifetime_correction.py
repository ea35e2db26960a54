"""The forecast by segment, corrected by what the backtest missed in each class of customers."""

import numpy as np
import pandas as pd

from shared.analysis.lifetime_backtest import Backtest
from shared.analysis.lifetime_order_classes import class_of_orders
from shared.analysis.lifetime_outlook import Outlook
from shared.analysis.lifetime_segments import segment_values


def corrected_segments(ahead: Outlook, test: Backtest) -> pd.DataFrame:
    """Sum up past and future value by segment, the future corrected by what the backtest missed.

    Parameters
    ----------
    ahead : Outlook
        The forecast by customer and segment.
    test : Backtest
        Its `by_orders` gives the factor of each class.

    Returns
    -------
    pd.DataFrame
        As from `segment_values`; intervals of value are scaled as the value is.
    """
    customers = ahead.customers
    value = customers["clv"] * correction(customers["frequency"], test.by_orders)
    raw, mended = (
        part.groupby(customers["segment"], observed=True).sum()
        for part in (customers["clv"], value)
    )
    bounds = ahead.forecast.group_bounds.copy()
    scale = bounds["segment"].map((mended / raw.where(raw > 0)).to_dict()).astype(float)
    for side in ("value_low", "value_high"):
        bounds[side] = bounds[side] * scale
    return segment_values(customers.assign(clv=value), bounds)


def correction(frequency: pd.Series, by_orders: pd.DataFrame) -> pd.Series:
    """Give each customer the factor by which orders placed differed from those predicted.

    Only a class whose prediction lies outside the interval of what was placed has a factor other
    than 1: a miss that chance explains corrects nothing.
    """
    low, high, told = (by_orders[name] for name in ("low", "high", "predicted"))
    off = ((told < low) | (told > high)) & (told > 0)
    factor = np.where(off, by_orders["actual"] / told.where(told > 0, 1.0), 1.0)
    by_class = dict(zip(by_orders["orders"], factor, strict=True))
    classes = class_of_orders(frequency.to_numpy())
    return pd.Series([by_class.get(name, 1.0) for name in classes], index=frequency.index)
