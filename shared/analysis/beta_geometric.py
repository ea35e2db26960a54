"""BG/NBD and MBG/NBD: customers buy at a rate of their own and may drop out after a purchase."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.special import digamma, expit, gammaln

from shared.analysis.purchase_histories import Histories

FEWEST_NODES, MOST_NODES, DIGITS, CHUNK = 24, 240, 12, 20_000


@dataclass(frozen=True)
class BetaGeometric:
    """Purchases by a gamma rate, drop-out after each with a beta probability.

    Attributes
    ----------
    at_once : bool
        Whether a customer may drop out right after the first purchase (MBG/NBD); if not, one-time
        buyers are alive for certain (BG/NBD).

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the easy way.
    Batislam, E. P., Denizel, M. and Filiztekin, A. (2007). Empirical validation and comparison of
    models for customer base analysis.
    """

    at_once: bool

    names = ("r", "alpha", "a", "b")
    times = (False, True, False, False)
    starts = (
        (1.0, 0.1, 1.0, 1.0),
        (0.3, 0.05, 0.5, 2.0),
        (2.0, 0.1, 0.1, 5.0),
        (0.6, 0.2, 3.0, 9.0),
    )

    def log_likelihood(self, parameters: np.ndarray, rows: Histories) -> tuple[float, np.ndarray]:
        """Sum the log-likelihood over customers, with its gradient by the parameters."""
        r, alpha, a, b = parameters
        counts, customers = rows.counts, rows.customers_by_count
        c, shape = b + self.at_once, r + counts
        by_count = (
            gammaln(shape) - gammaln(r) + gammaln(c + counts) - gammaln(a + c + counts)
            + r * np.log(alpha) + gammaln(a + b) - gammaln(b)
        )  # fmt: skip
        to_age, to_last = alpha + rows.T, alpha + rows.recency
        log_age = np.log(to_age)
        stretch = log_age - np.log(to_last)
        total = shape[rows.count_index]
        odds = self._log_odds_gone(parameters, rows.frequency, stretch)
        gone = expit(odds) * rows.weight
        value = customers @ by_count + rows.weight @ (np.logaddexp(0, odds) - total * log_age)
        gone_by_count = np.bincount(rows.count_index, gone, minlength=len(counts))
        together = digamma(a + b) - digamma(a + c + counts)
        remaining = np.maximum(c + counts - 1, 1e-300)
        slope_r = customers @ (digamma(shape) - digamma(r) + np.log(alpha))
        slope_r += gone @ stretch - rows.weight @ log_age
        slope_alpha = rows.n * r / alpha - (rows.weight * total) @ (1 / to_age)
        slope_alpha += (gone * total) @ (1 / to_age - 1 / to_last)
        slope_a = customers @ together + gone.sum() / a
        slope_b = customers @ (together + digamma(c + counts) - digamma(b))
        slope_b -= gone_by_count @ (1 / remaining)
        return float(value), np.array([slope_r, slope_alpha, slope_a, slope_b])

    def p_alive(
        self, parameters: np.ndarray, frequency: np.ndarray, recency: np.ndarray, T: np.ndarray
    ) -> np.ndarray:
        """Give the probability that a customer has not dropped out by the age T."""
        alpha = parameters[1]
        stretch = np.log(alpha + T) - np.log(alpha + recency)
        return expit(-self._log_odds_gone(parameters, frequency, stretch))

    def while_alive(
        self, parameters: np.ndarray, frequency: np.ndarray, T: np.ndarray, horizon: np.ndarray
    ) -> np.ndarray:
        """Expect the purchases in a horizon of a customer known to be alive at the age T.

        The mean of (1 - exp(-rate p horizon)) / p over the gamma rate is a smooth function of p;
        its mean over the beta probability p is taken by Gauss-Jacobi quadrature. The closed form
        with a hypergeometric function loses its digits for heavy buyers and where a is near 1.
        """
        r, alpha, a, b = parameters
        expected = np.zeros(len(frequency))
        stretch = horizon / (alpha + T)
        for count in np.unique(frequency):
            mine = np.flatnonzero(frequency == count)
            kinds, back = np.unique(stretch[mine], return_inverse=True)
            p, share = beta_nodes(a, b + count + self.at_once, _nodes_for(kinds.max()))
            means = np.empty(len(kinds))
            for part in range(0, len(kinds), CHUNK):
                of = slice(part, part + CHUNK)
                bought = -np.expm1(-(r + count) * np.log1p(np.outer(kinds[of], p)))
                means[of] = np.einsum("ij,j->i", bought, share / p)
            expected[mine] = means[back]
        return expected

    def silent_while_alive(
        self, parameters: np.ndarray, frequency: np.ndarray, T: np.ndarray, horizon: np.ndarray
    ) -> np.ndarray:
        """Give the probability of no purchase in a horizon, of a customer alive at the age T."""
        r, alpha = parameters[:2]
        return np.exp(-(r + frequency) * np.log1p(horizon / (alpha + T)))

    def of_new(self, parameters: np.ndarray, age: np.ndarray) -> np.ndarray:
        """Expect the repeat purchases of a new customer up to an age."""
        none = np.zeros(len(age))
        b = parameters[3]
        stays = b / (parameters[2] + b) if self.at_once else 1.0
        return stays * self.while_alive(parameters, none, none, age)

    def draw_steps(
        self,
        parameters: np.ndarray,
        frequency: np.ndarray,
        T: np.ndarray,
        lengths: np.ndarray,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Draw purchases in successive steps for customers alive at T; a row per customer."""
        r, alpha, a, b = parameters
        rate = rng.gamma(r + frequency) / (alpha + T)
        p = rng.beta(a, b + frequency + self.at_once)
        # Where a drawn p is 0 the customer never leaves, and the geometric draw would fail.
        last = rng.geometric(np.clip(p, 1e-15, 1.0))
        so_far = rng.poisson(rate[:, None] * lengths).cumsum(axis=1)
        return np.diff(np.minimum(so_far, last[:, None]), axis=1, prepend=0)

    def _log_odds_gone(
        self, parameters: np.ndarray, frequency: np.ndarray, stretch: np.ndarray
    ) -> np.ndarray:
        r, _, a, b = parameters
        remaining = b + self.at_once + frequency - 1
        certain = (frequency == 0) & (not self.at_once)
        safe = np.where(certain, 1.0, remaining)
        odds = np.log(a) - np.log(safe) + (r + frequency) * stretch
        return np.where(certain, -np.inf, odds)


@lru_cache(maxsize=4096)
def beta_nodes(a: float, b: float, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Give points and shares of a Beta(a, b), so that sums over them are means of smooth functions.

    References
    ----------
    Golub, G. H. and Welsch, J. H. (1969). Calculation of Gauss quadrature rules.
    """
    k = np.arange(nodes, dtype=float)
    both = a + b - 2
    total = 2 * k + both
    # The general term is 0/0 at k = 0 where a + b = 2, and for k = 1 where a + b = 1.
    centre = np.empty(nodes)
    centre[0] = (a - b) / (both + 2)
    centre[1:] = (a - b) * both / (total[1:] * (total[1:] + 2))
    j = k[1:]
    spread = np.empty(nodes - 1)
    spread[0] = 4 * a * b / ((both + 2) ** 2 * (both + 3))
    j, t = j[1:], total[2:]
    spread[1:] = 4 * j * (j + a - 1) * (j + b - 1) * (j + both) / (t**2 * (t + 1) * (t - 1))
    points, vectors = eigh_tridiagonal(centre, np.sqrt(spread))
    return np.clip((1 + points) / 2, 1e-300, 1.0), vectors[0] ** 2


def _nodes_for(stretch: float) -> int:
    """Choose the nodes by how near the function's pole, at p = -1 / stretch, comes to 0."""
    pole = 2 / max(stretch, 1e-9)
    ease = np.log1p(pole + np.sqrt(pole * (pole + 2)))
    return int(np.clip(np.ceil(DIGITS * np.log(10) / (2 * ease)), FEWEST_NODES, MOST_NODES))
