"""A number with its uncertainty: value, interval, n and unit, made together and never apart."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm


@dataclass(frozen=True)
class Estimate:
    """A value with its interval and the number of observations behind it.

    Attributes
    ----------
    value, low, high : float
        Point and bounds in `unit`; NaN for all three when there is nothing to estimate from.
    n : int
        Observations behind the value.
    unit : str
        "share" (0 to 1), "count", "money", "days", "ratio" or "number".
    level : float
        Coverage of the interval; 1.0 where the value is an exact count and low = value = high.
    of : str
        What n counts, such as "customers" or "orders"; "" is not said. A finding says it.
    """

    value: float
    low: float
    high: float
    n: int
    unit: str
    level: float = 0.95
    of: str = ""


def exact(value: float, *, n: int, unit: str, of: str = "") -> Estimate:
    """Wrap a plain count or sum of the whole base, which has no sampling error."""
    return Estimate(float(value), float(value), float(value), int(n), unit, level=1.0, of=of)


def in_points(share: Estimate) -> Estimate:
    """Turn a difference of two shares into percentage points."""
    value, low, high = (100 * part for part in (share.value, share.low, share.high))
    return Estimate(value, low, high, share.n, "number", share.level, of=share.of)


def wilson(successes: float, n: float, *, level: float = 0.95, of: str = "") -> Estimate:
    """Estimate a share with Wilson's score interval; n = 0 gives NaN, never 0.

    `of` names what is counted, such as "customers".

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    """
    if not n:
        return Estimate(float("nan"), float("nan"), float("nan"), 0, "share", level, of)
    z = norm.ppf(0.5 + level / 2)
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Estimate(float(share), float(low), float(high), int(n), "share", level, of)


def bootstrap(
    statistic: Callable[[np.ndarray], float],
    n: int,
    *,
    unit: str,
    draws: int = 500,
    level: float = 0.95,
    seed: int = 0,
    of: str = "",
) -> Estimate:
    """Estimate a statistic of n rows with a percentile interval.

    Parameters
    ----------
    statistic : callable
        Takes an integer array of n row numbers and returns the figure for these rows.
    n : int
        Rows of the sample.
    unit : str
        Unit of the figure, as in `Estimate`.
    draws : int
        Resamples with replacement.
    level : float
        Coverage.
    seed : int
        Seed of the resampling, so that two runs agree to the last digit.
    of : str
        What a row is, such as "customers".
    """
    if n == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), 0, unit, level, of)
    rng = np.random.default_rng(seed)
    values = [statistic(rng.integers(0, n, n)) for _ in range(draws)]
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    value = statistic(np.arange(n))
    return Estimate(float(value), float(low), float(high), n, unit, level, of)
