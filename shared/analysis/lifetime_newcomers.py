"""Customers yet to be won: how many come, what one brings, and so what winning one may cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.lifetime_forecast import Horizon
from shared.analysis.lifetime_spend import Spend
from shared.analysis.purchase_model import PurchaseModel, expected_purchases_of_new

LEVEL = 0.95


@dataclass(frozen=True)
class Newcomers:
    """Who joined lately, and what one more is worth.

    Attributes
    ----------
    won : int
        Customers whose first order fell into the months before the snapshot, as many as the
        horizon has.
    repeat_orders : Estimate
        Repeat orders expected of a new customer within the horizon after the first order.
    first_order : float
        Mean money of a first order.
    worth : Estimate
        Value of a new customer within the horizon, first order included: margin, discounted.
    cost : float
        Mean acquisition cost of the customers whose cost is known; NaN where none is.
    """

    won: int
    repeat_orders: Estimate
    first_order: float
    worth: Estimate
    cost: float


def newcomers(
    model: PurchaseModel,
    models: Sequence[PurchaseModel],
    spend: Spend,
    summary: pd.DataFrame,
    *,
    horizon: Horizon,
    share_kept: float,
    listed: ibis.Table | None = None,
) -> Newcomers:
    """Value a customer won today: the first order, and what the model expects to follow it.

    Parameters
    ----------
    model, models : PurchaseModel and its refits
        As for `forecast_base`.
    spend : Spend
        Its base mean prices the orders that follow.
    summary : pd.DataFrame
        As from `repeat_summary`.
    horizon : Horizon
        Months counted from the first order.
    share_kept : float
        Margin as a share of revenue.
    listed : ibis.Table, optional
        The client's customers, where `acquisition_cost` may stand.
    """
    joined = pd.to_datetime(summary["first_order_date"])
    won = int((joined >= pd.Timestamp(date_since(horizon))).sum())
    repeats = summary["frequency"] * summary["monetary_value"].fillna(0.0)
    firsts = (summary["total_value"] - repeats).to_numpy(dtype=float)
    n = len(firsts)
    orders = _steps(model, horizon)
    drawn = np.array([_steps(refit, horizon) for refit in models])
    rng = np.random.default_rng(0)
    first_drawn = firsts.mean() + rng.normal(size=len(models)) * firsts.std() / np.sqrt(n)
    means = (
        np.array([m.mean for m in spend.models]) if spend.models else np.array([spend.base_mean])
    )
    means = np.resize(means, len(models))
    worth = share_kept * (firsts.mean() + spend.base_mean * orders @ horizon.discount)
    worths = share_kept * (first_drawn + means * (drawn @ horizon.discount))
    return Newcomers(
        won=won,
        repeat_orders=_estimate(orders.sum(), drawn.sum(axis=1), n, "number"),
        first_order=float(firsts.mean()),
        worth=_estimate(worth, worths, n, "money"),
        cost=acquisition_cost(listed),
    )


def acquisition_cost(listed: ibis.Table | None) -> float:
    """Give the mean cost of winning a customer over those whose cost is known; NaN for none."""
    if listed is None or "acquisition_cost" not in listed.columns:
        return float("nan")
    mean = listed.acquisition_cost.mean().to_pandas()
    return float("nan") if pd.isna(mean) else float(mean)


def date_since(horizon: Horizon) -> date:
    """Give the day from which on newcomers are counted: a horizon before the snapshot."""
    begin = pd.Timestamp(horizon.starts[0]) - pd.DateOffset(months=horizon.months)
    return begin.date()


def _steps(model: PurchaseModel, horizon: Horizon) -> np.ndarray:
    return np.diff(expected_purchases_of_new(model, horizon.units), prepend=0.0)


def _estimate(value: float, drawn: np.ndarray, n: int, unit: str) -> Estimate:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(value), float(low), float(high), n, unit, LEVEL, "customers")
