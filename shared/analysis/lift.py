"""Lift: how many times more often than by chance two things come together, and how surely."""

import numpy as np
from scipy.special import gammaln
from scipy.stats import chi2, norm

DROPPED = 1e-17  # a term this far below the sum no longer changes it
FEW = 5  # co-purchases below which the interval is the exact one of a count


def lift_of(together: np.ndarray, a: np.ndarray, b: np.ndarray, n: float) -> np.ndarray:
    """Give the share of baskets with both as a multiple of what chance would give."""
    return np.asarray(together) * float(n) / (np.asarray(a, float) * np.asarray(b, float))


def lift_interval(
    together: np.ndarray, a: np.ndarray, b: np.ndarray, n: float, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Give the interval of a lift.

    The logarithm of the lift is taken as normal, with the variance that the delta method gives for
    the three shares of one multinomial sample; below 5 co-purchases the count itself is taken as
    Poisson and its exact bounds are used.

    Parameters
    ----------
    together, a, b : array of int
        Baskets with both, with the first, with the second.
    n : float
        All baskets.
    level : float
        Coverage.

    References
    ----------
    Agresti, A. (2013). Categorical Data Analysis, section 16.1 (delta method).
    Garwood, F. (1936). Fiducial limits for the Poisson distribution.
    """
    k, a, b = (np.asarray(x, float) for x in (together, a, b))
    lift = lift_of(k, a, b, n)
    # Rounding may leave a tiny negative number where two items always come together.
    variance = np.maximum(1 / np.maximum(k, 1) - 1 / a - 1 / b + (2 * lift - 1) / n, 0)
    reach = norm.ppf(0.5 + level / 2) * np.sqrt(variance)
    low, high = lift * np.exp(-reach), lift * np.exp(reach)
    exact_low, exact_high = poisson_bounds(k, level=level)
    expected = a * b / n
    few = k < FEW
    return np.where(few, exact_low / expected, low), np.where(few, exact_high / expected, high)


def poisson_bounds(count: np.ndarray, *, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Give the exact bounds of a Poisson mean from a count; the lower one of 0 is 0."""
    count = np.asarray(count, float)
    outside = (1 - level) / 2
    low = np.where(count > 0, chi2.ppf(outside, 2 * np.maximum(count, 1)) / 2, 0.0)
    return low, chi2.ppf(1 - outside, 2 * count + 2) / 2


def ratio_interval(
    observed: np.ndarray, expected: np.ndarray, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give an observed count over its expectation, with the bounds of a Poisson count.

    The bounds are wide rather than narrow: a co-purchase varies less than Poisson.
    """
    observed, expected = np.asarray(observed, float), np.asarray(expected, float)
    low, high = poisson_bounds(observed, level=level)
    safe = np.where(expected > 0, expected, np.nan)
    return observed / safe, low / safe, high / safe


def chance_p_value(
    together: np.ndarray, a: np.ndarray, b: np.ndarray, n: float | np.ndarray
) -> np.ndarray:
    """Give the exact one-sided p-value of so many co-purchases or more, at given margins.

    Fisher's test, as a sum of hypergeometric terms from the observed count outwards: many pairs
    at once, and as exact far out in the tail as near the middle.

    References
    ----------
    Fisher, R. A. (1935). The logic of inductive inference.
    """
    k, a, b, n = np.broadcast_arrays(*(np.asarray(x, float) for x in (together, a, b, n)))
    mean = a * b / n
    upper = k > mean
    p = np.ones(k.shape)
    p[upper] = _tail(k[upper], a[upper], b[upper], n[upper], step=1)
    below = ~upper & (k > np.maximum(0, a + b - n))
    p[below] = 1 - _tail(k[below] - 1, a[below], b[below], n[below], step=-1)
    return np.clip(p, 0.0, 1.0)


def yule_q(together: np.ndarray, a: np.ndarray, b: np.ndarray, n: float) -> np.ndarray:
    """Give Yule's Q: -1 never together, 0 independent, 1 one never without the other.

    References
    ----------
    Yule, G. U. (1900). On the association of attributes in statistics.
    """
    k, a, b = (np.asarray(x, float) for x in (together, a, b))
    same, crossed = k * (n - a - b + k), (a - k) * (b - k)
    return (same - crossed) / np.where(same + crossed > 0, same + crossed, np.nan)


def zhang(support: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Give Zhang's measure of a rule from shares of baskets: -1 to 1, 0 at independence.

    References
    ----------
    Zhang, T. (2000). Association rules.
    """
    support, a, b = (np.asarray(x, float) for x in (support, a, b))
    gain = support - a * b
    scale = np.maximum(support * (1 - a), a * (b - support))
    return gain / np.where(scale > 0, scale, np.nan)


def conviction(confidence: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Give the conviction of a rule; blank where it never fails.

    References
    ----------
    Brin, S., Motwani, R., Ullman, J. and Tsur, S. (1997). Dynamic itemset counting.
    """
    missed = 1 - np.asarray(confidence, float)
    return (1 - np.asarray(b, float)) / np.where(missed > 0, missed, np.nan)


def _tail(k: np.ndarray, a: np.ndarray, b: np.ndarray, n: np.ndarray, *, step: int) -> np.ndarray:
    """Sum the hypergeometric probabilities of k and everything further out."""
    term = np.exp(_log_choose(a, k) + _log_choose(n - a, b - k) - _log_choose(n, b))
    total, at = term.copy(), k.copy()
    running = term > 0
    while running.any():
        i, x = np.flatnonzero(running), at[running]
        neither = n[i] - a[i] - b[i] + x
        if step > 0:
            ratio = (a[i] - x) * (b[i] - x) / ((x + 1) * (neither + 1))
        else:
            ratio = x * neither / ((a[i] - x + 1) * (b[i] - x + 1))
        term[i] *= np.maximum(ratio, 0)
        total[i] += term[i]
        at[i] += step
        running[i] = term[i] > DROPPED * total[i]
    return total


def _log_choose(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
