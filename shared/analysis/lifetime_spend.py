"""Money per order of each customer: the Gamma-Gamma mean, or the mean of all where that fails."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.analysis.gamma_gamma import (
    FitFailed,
    SpendModel,
    bootstrap_spend,
    drawn_spend,
    expected_spend,
    fit_gamma_gamma,
)
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

MOST_REFITTED = 50_000  # repeat customers; above, models are drawn from their covariance


@dataclass(frozen=True)
class Spend:
    """What an order of each customer is worth.

    Attributes
    ----------
    expected : np.ndarray
        Mean money of a customer's next order, one per row of the summary; never negative.
    base_mean : float
        What customers without a repeat purchase are expected to pay per order.
    model : SpendModel or None
        The Gamma-Gamma model; None where everybody gets the mean of all orders.
    models : tuple of SpendModel
        Its refits, for intervals.
    frequency, money : np.ndarray
        Repeat purchases with a known mean, and that mean, as the model uses them.
    doubts : tuple of Reason
        Why there is no model; empty where there is one.
    """

    expected: np.ndarray
    base_mean: float
    model: SpendModel | None
    models: tuple[SpendModel, ...]
    frequency: np.ndarray
    money: np.ndarray
    doubts: tuple[Reason, ...] = ()

    def draw(
        self, counts: np.ndarray, rows: np.ndarray, number: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Draw the money of future orders.

        Parameters
        ----------
        counts : np.ndarray
            Orders by customer and month.
        rows : np.ndarray
            Which customers of the summary they are.
        number : int
            Number of the refit whose parameters are used.
        rng : numpy.random.Generator
            Source of chance.

        Returns
        -------
        np.ndarray
            Money in the shape of `counts`. A customer's mean comes from the gamma distribution
            that the model gives it, and orders vary around it.
        """
        if not self.models:
            return counts * self.expected[rows][:, None]
        spend = self.models[number % len(self.models)]
        x, money = self.frequency[rows], self.money[rows]
        rate = rng.gamma(spend.p * x + spend.q) / (spend.gamma + x * money)
        drawn = np.zeros(counts.shape)
        bought = counts > 0
        drawn[bought] = rng.gamma(spend.p * counts[bought])
        return drawn / rate[:, None]


def spend_per_order(summary: pd.DataFrame, *, refits: int, seed: int = 0) -> Spend:
    """Fit the money of orders and expect that of each customer.

    Parameters
    ----------
    summary : pd.DataFrame
        `frequency`, `monetary_value`, `purchases` and `total_value`, one row per customer, as
        from `repeat_summary`.
    refits : int
        Models for intervals.
    seed : int
        Seed of the drawing.

    Raises
    ------
    NotSupportedByData
        If the orders sum up to no positive money at all.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2013). The Gamma-Gamma model of monetary value.
    """
    x = summary["frequency"].to_numpy(dtype=float)
    money = summary["monetary_value"].fillna(0.0).to_numpy(dtype=float)
    seen = (x > 0) & (money > 0)
    used_x, used_money = np.where(seen, x, 0.0), np.where(seen, money, 0.0)
    try:
        model = fit_gamma_gamma(x, money)
        models = tuple(_refits(x, money, model, refits=refits, seed=seed))
    except FitFailed as failure:
        mean = summary["total_value"].sum() / summary["purchases"].sum()
        if not mean > 0:
            raise NotSupportedByData(
                "the orders sum up to no money once refunds are taken off",
                "orders with positive amounts",
            ) from failure
        everybody = np.full(len(summary), float(mean))
        return Spend(everybody, float(mean), None, (), used_x, used_money, tuple(failure.reasons))
    expected = expected_spend(model, x, money)
    return Spend(expected, model.mean, model, models, used_x, used_money)


def _refits(
    x: np.ndarray, money: np.ndarray, model: SpendModel, *, refits: int, seed: int
) -> Sequence[SpendModel]:
    if model.n > MOST_REFITTED:
        return drawn_spend(model, draws=refits, seed=seed)
    return bootstrap_spend(x, money, model, refits=refits, seed=seed)
