"""Models of repeat purchases: who is still a customer, and how many orders will come?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from shared.analysis.likelihood_fit import FitFailed
from shared.analysis.purchase_fit import (
    MODELS,
    PurchaseModel,
    bootstrap_models,
    drawn_models,
    fit_purchase_model,
)

__all__ = [
    "MODELS",
    "FitFailed",
    "PurchaseModel",
    "bootstrap_models",
    "drawn_models",
    "expected_purchases",
    "expected_purchases_of_new",
    "fit_purchase_model",
    "p_alive",
    "p_zero",
    "simulate_purchases",
    "simulate_steps",
]


def expected_purchases(
    model: PurchaseModel,
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    horizon: ArrayLike,
) -> np.ndarray:
    """Expect each customer's purchases in the next `horizon` units of time, given the history."""
    x, last, age, ahead = _aligned(frequency, recency, T, horizon)
    kind = MODELS[model.name]
    alive = kind.p_alive(model.values, x, last, age)
    return alive * kind.while_alive(model.values, x, age, ahead)


def expected_purchases_of_new(model: PurchaseModel, t: ArrayLike) -> np.ndarray:
    """Expect the repeat purchases of a customer up to `t` units after the first purchase."""
    return MODELS[model.name].of_new(model.values, *_aligned(t))


def p_alive(
    model: PurchaseModel, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
) -> np.ndarray:
    """Give the probability that a customer may still buy; 1 for one-time buyers under BG/NBD."""
    return MODELS[model.name].p_alive(model.values, *_aligned(frequency, recency, T))


def p_zero(
    model: PurchaseModel,
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    horizon: ArrayLike,
) -> np.ndarray:
    """Give the probability that a customer buys nothing in the next `horizon` units of time."""
    x, last, age, ahead = _aligned(frequency, recency, T, horizon)
    kind = MODELS[model.name]
    alive = kind.p_alive(model.values, x, last, age)
    return 1 - alive * (1 - kind.silent_while_alive(model.values, x, age, ahead))


def simulate_purchases(
    model: PurchaseModel,
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    horizon: float,
    *,
    rng: np.random.Generator,
    draws: int = 1,
) -> np.ndarray:
    """Draw each customer's purchases in a horizon, given the history; shape (draws, customers).

    Whether the customer is alive, the rate and the drop-out are drawn from their exact
    distributions given the history, then the purchases from these.
    """
    steps = simulate_steps(model, frequency, recency, T, [horizon], rng=rng, draws=draws)
    return steps[:, :, 0]


def simulate_steps(
    model: PurchaseModel,
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    ends: Sequence[float] | np.ndarray,
    *,
    rng: np.random.Generator,
    draws: int = 1,
) -> np.ndarray:
    """Draw purchases in successive steps, such as months; shape (draws, customers, steps).

    Parameters
    ----------
    model : PurchaseModel
        Parameters taken as known; draw from `bootstrap_models` to let them vary as well.
    frequency, recency, T : array-like
        Histories, one per customer.
    ends : sequence of float
        Where each step ends, in units of time from now, increasing.
    rng : np.random.Generator
        The source of chance.
    draws : int
        Repetitions.
    """
    x, last, age = _aligned(frequency, recency, T)
    lengths = np.diff(np.asarray(ends, dtype=float), prepend=0.0)
    kind = MODELS[model.name]
    alive = kind.p_alive(model.values, x, last, age)
    # A customer is alive or not for the whole of a draw, so that the steps of it hang together.
    counts = np.zeros((draws, len(x), len(lengths)), dtype=np.int64)
    for draw in counts:
        here = np.flatnonzero(rng.random(len(x)) < alive)
        draw[here] = kind.draw_steps(model.values, x[here], age[here], lengths, rng)
    return counts


def _aligned(*columns: ArrayLike) -> tuple[np.ndarray, ...]:
    arrays = [np.atleast_1d(np.asarray(column, dtype=float)) for column in columns]
    return tuple(np.broadcast_arrays(*arrays))
