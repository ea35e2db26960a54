"""Pareto/NBD: customers buy at a rate of their own and may be lost at any moment."""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import digamma, expit, gammaln

from shared.analysis.purchase_histories import Histories

NODES, NEGLIGIBLE, CHUNK = 24, 45.0, 20_000
_PLACES, _WEIGHTS = leggauss(NODES)  # found once: each evaluation of the likelihood needs them


@dataclass(frozen=True)
class ParetoNbd:
    """Purchases by a gamma rate until the end of a life with a gamma rate of its own.

    References
    ----------
    Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987). Counting your customers.
    Fader, P. S. and Hardie, B. G. S. (2005). A note on deriving the Pareto/NBD model.
    """

    names = ("r", "alpha", "s", "beta")
    times = (False, True, False, True)
    starts = (
        (0.6, 0.1, 0.6, 0.1),
        (1.0, 0.2, 1.0, 0.4),
        (0.4, 0.05, 0.3, 0.1),
        (2.0, 0.2, 2.0, 0.9),
    )

    def log_likelihood(self, parameters: np.ndarray, rows: Histories) -> tuple[float, np.ndarray]:
        """Sum the log-likelihood over customers, with its gradient by the parameters."""
        r, alpha, s, beta = parameters
        value, slopes = 0.0, np.zeros(4)
        for start in range(0, len(rows.T), CHUNK):
            part = slice(start, start + CHUNK)
            added, gradient = self._part(
                parameters,
                rows.frequency[part],
                rows.recency[part],
                rows.T[part],
                rows.weight[part],
            )
            value, slopes = value + added, slopes + gradient
        shape = r + rows.counts
        customers = rows.customers_by_count
        value += customers @ (gammaln(shape) - gammaln(r) + r * np.log(alpha) + s * np.log(beta))
        slopes += [
            customers @ (digamma(shape) - digamma(r) + np.log(alpha)),
            rows.n * r / alpha,
            rows.n * np.log(beta),
            rows.n * s / beta,
        ]
        return float(value), slopes

    def p_alive(
        self, parameters: np.ndarray, frequency: np.ndarray, recency: np.ndarray, T: np.ndarray
    ) -> np.ndarray:
        """Give the probability that a customer's life has not ended by the age T."""
        r, alpha, s, beta = parameters
        alive = -(r + frequency) * np.log(alpha + T) - s * np.log(beta + T)
        lost = np.log(s) + log_overlap(r + frequency, s, alpha, beta, recency, T)
        return expit(alive - lost)

    def while_alive(
        self, parameters: np.ndarray, frequency: np.ndarray, T: np.ndarray, horizon: np.ndarray
    ) -> np.ndarray:
        """Expect the purchases in a horizon of a customer known to be alive at the age T."""
        r, alpha, s, beta = parameters
        rate = (r + frequency) / (alpha + T)
        return rate * _lifetime_within(s, beta + T, horizon)

    def silent_while_alive(
        self, parameters: np.ndarray, frequency: np.ndarray, T: np.ndarray, horizon: np.ndarray
    ) -> np.ndarray:
        """Give the probability of no purchase in a horizon, of a customer alive at the age T."""
        r, alpha, s, beta = parameters
        shape, now, life = r + frequency, alpha + T, beta + T
        stays = np.exp(-shape * np.log1p(horizon / now) - s * np.log1p(horizon / life))
        lost = log_overlap(shape, s, now, life, np.zeros(len(now)), horizon)
        lost += np.log(s) + shape * np.log(now) + s * np.log(life)
        return np.minimum(stays + np.exp(lost), 1.0)

    def of_new(self, parameters: np.ndarray, age: np.ndarray) -> np.ndarray:
        """Expect the repeat purchases of a new customer up to an age."""
        none = np.zeros(len(age))
        return self.while_alive(parameters, none, none, age)

    def draw_steps(
        self,
        parameters: np.ndarray,
        frequency: np.ndarray,
        T: np.ndarray,
        lengths: np.ndarray,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Draw purchases in successive steps for customers alive at T; a row per customer."""
        r, alpha, s, beta = parameters
        rate = rng.gamma(r + frequency) / (alpha + T)
        # Drawn as a Pareto life, because a gamma draw of a small shape underflows to rate 0.
        life = (beta + T) * np.expm1(np.minimum(rng.exponential(size=len(T)) / s, 700.0))
        begin = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
        lived = np.clip(life[:, None] - begin, 0.0, lengths)
        return rng.poisson(rate[:, None] * lived)

    def _part(
        self,
        parameters: np.ndarray,
        frequency: np.ndarray,
        recency: np.ndarray,
        T: np.ndarray,
        weight: np.ndarray,
    ) -> tuple[float, np.ndarray]:
        r, alpha, s, beta = parameters
        shape, to_age, life_age = r + frequency, alpha + T, beta + T
        log_lost, at, share = _overlap_nodes(shape, s, alpha, beta, recency, T)
        log_lost = np.log(s) + log_lost
        log_alive = -shape * np.log(to_age) - s * np.log(life_age)
        lost = expit(log_lost - log_alive)
        alive, lost = weight * (1 - lost), weight * lost

        def mean(values: np.ndarray) -> np.ndarray:
            return np.einsum("ij,ij->i", share, values)

        slope_r = -(alive @ np.log(to_age) + lost @ mean(np.log(alpha + at)))
        slope_alpha = -(alive * shape) @ (1 / to_age) - (lost * shape) @ mean(1 / (alpha + at))
        slope_s = -(alive @ np.log(life_age)) + lost @ (1 / s - mean(np.log(beta + at)))
        slope_beta = -s * (alive @ (1 / life_age)) - (s + 1) * (lost @ mean(1 / (beta + at)))
        value = weight @ np.logaddexp(log_alive, log_lost)
        return float(value), np.array([slope_r, slope_alpha, slope_s, slope_beta])


def log_overlap(
    shape: np.ndarray,
    s: float,
    alpha: np.ndarray | float,
    beta: np.ndarray | float,
    low: np.ndarray,
    high: np.ndarray,
) -> np.ndarray:
    """Integrate (alpha + u)^-shape (beta + u)^-(s + 1) over u from low to high; the logarithm.

    The difference of two hypergeometric functions in the published form cancels to 0 for heavy
    buyers; the integral of a positive function does not.
    """
    n = len(low)
    alpha, beta = np.broadcast_to(alpha, n), np.broadcast_to(beta, n)
    parts = [slice(start, start + CHUNK) for start in range(0, n, CHUNK)]
    found = [_overlap_nodes(shape[p], s, alpha[p], beta[p], low[p], high[p])[0] for p in parts]
    return np.concatenate(found) if found else np.zeros(0)


def _overlap_nodes(
    shape: np.ndarray,
    s: float,
    alpha: np.ndarray | float,
    beta: np.ndarray | float,
    low: np.ndarray,
    high: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the logarithm of the integral, and the points u with their shares of it.

    Gauss-Legendre on the logarithm of the smaller of (alpha + u) and (beta + u), from `low` to
    where the function has fallen to e^-45 of its start.
    """
    smaller, larger = np.minimum(alpha, beta), np.maximum(alpha, beta)
    first = np.log(smaller + low)
    swapped = np.less(alpha, beta)
    own, other = np.where(swapped, shape, s + 1), np.where(swapped, s + 1, shape)
    fall = own - 1 + other * (smaller + low) / (larger + low)
    width = np.log((smaller + high) / (smaller + low))
    width = np.where(fall > 0, np.minimum(width, NEGLIGIBLE / np.maximum(fall, 1e-9)), width)
    ahead = np.outer(width, (_PLACES + 1) / 2)
    at = np.exp(first[:, None] + ahead) - _column(smaller, len(low))
    at = np.maximum(at, low[:, None])
    log_value = -shape[:, None] * np.log(_column(alpha, len(low)) + at)
    log_value -= (s + 1) * np.log(_column(beta, len(low)) + at)
    log_value += first[:, None] + ahead
    peak = log_value.max(axis=1)
    value = np.exp(log_value - peak[:, None]) * _WEIGHTS
    total = value.sum(axis=1)
    with np.errstate(divide="ignore"):
        return peak + np.log(total * width / 2), at, value / total[:, None]


def _column(value: np.ndarray | float, n: int) -> np.ndarray:
    return np.broadcast_to(value, n)[:, None]


def _lifetime_within(s: float, beta: np.ndarray, horizon: np.ndarray) -> np.ndarray:
    """Expect the time lived within a horizon: a Pareto life of shape s and scale beta."""
    stretch = np.log1p(horizon / beta)
    if abs(s - 1) < 1e-9:
        return beta * stretch
    return -beta * np.expm1(-(s - 1) * stretch) / (s - 1)
