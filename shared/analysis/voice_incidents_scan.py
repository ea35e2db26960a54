"""Runs of weeks with more complaints than their texts make likely, and how surprising they are."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import gumbel_r

SIMULATED = 499
LONGEST_PART = 4  # a run within the series is at most a quarter of it
DRAWN_RANGES, LEAST_RANGES = 200, 8
Z_LIMIT = 3.0


@dataclass(frozen=True)
class Run:
    """A run of periods that stands out.

    Attributes
    ----------
    first, last : int
        Numbers of its first and last period.
    ratio : float
        Times as many complaints as expected from the others.
    gain : float
        Log-likelihood gained, after overdispersion.
    p_value : float
        Chance of such a run anywhere in the series, were the share constant.
    """

    first: int
    last: int
    ratio: float
    gain: float
    p_value: float


def strongest_run(counts: np.ndarray, expected: np.ndarray, *, spread: float, seed: int) -> Run:
    """Find the run of periods that gains most, and how often chance alone has one as strong.

    Any run within the series is looked at up to a quarter of its length, and any that reaches one
    of its ends. Where one that lasts to the end, or from the beginning, gains nearly as much, it is
    taken: the run within has one more end to choose (Schwarz's penalty).

    Parameters
    ----------
    counts : array of int
        Complaints by period.
    expected : array of float
        Complaints expected by period, with the same sum.
    spread : float
        Standard deviation of the periods in units of chance, 1 or more (Laney's sigma).
    seed : int
        Of the 499 series drawn with the same sum.

    References
    ----------
    Kulldorff, M. (1997). A spatial scan statistic. Abrams, A., Kleinman, K. and Kulldorff, M.
    (2010). Gumbel based p-value approximations for spatial scan statistics.
    """
    gain, first, last = _best(counts[None, :], expected)
    edge, edge_first, edge_last = _best(counts[None, :], expected, edges_only=True)
    if edge[0] > gain[0] - np.log(len(counts)):
        first, last = edge_first, edge_last
    total = int(counts.sum())
    drawn = np.random.default_rng(seed).multinomial(total, expected / expected.sum(), SIMULATED)
    by_chance = _best(drawn, expected)[0]
    strength = float(gain[0]) / spread**2
    location, scale = gumbel_r.fit(by_chance)
    a, b = int(first[0]), int(last[0])
    inside = float(expected[a : b + 1].sum())
    ratio = _ratio(float(counts[a : b + 1].sum()), inside, float(counts.sum()))
    p_value = float(gumbel_r.sf(strength, location, scale))
    return Run(a, b, ratio, strength, max(p_value, 1e-300))


def laney_spread(
    counts: np.ndarray, exposure: np.ndarray, expected: np.ndarray, *, seed: int
) -> float:
    """Give the spread of the periods beyond chance, at least 1.

    The median moving range of the standardised shares, over the one that series drawn at the
    expected counts have: of small counts it is not that of a normal.

    References
    ----------
    Laney, D. B. (2002). Improved control charts for attributes.
    """
    used = (exposure > 0) & (expected > 0)
    if used.sum() < LEAST_RANGES:
        return 1.0
    base, n = expected[used], exposure[used]
    draws = np.random.default_rng(seed).poisson(base, (DRAWN_RANGES, int(used.sum())))
    series = np.vstack([counts[used], draws])
    sd = np.sqrt(np.maximum(base * (1 - np.minimum(base / n, 0.999)), 1e-12))
    ranges = np.median(np.abs(np.diff((series - base) / sd, axis=1)), axis=1)
    return max(1.0, float(ranges[0] / max(ranges[1:].mean(), 1e-9)))


def upper_limit(exposure: np.ndarray, expected: np.ndarray, spread: float) -> np.ndarray:
    """Give the share of complaints above which a period stands out: 3 Laney sigmas."""
    n = np.where(exposure > 0, exposure, np.nan)
    share = expected / n
    return np.minimum(1.0, share + Z_LIMIT * spread * np.sqrt(share * (1 - share) / n))


def _best(
    series: np.ndarray, expected: np.ndarray, *, edges_only: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give for each series the best gain, and the first and last period of its run."""
    rows, periods = series.shape
    zero = np.zeros((rows, 1))
    seen = np.hstack([zero, np.cumsum(series, axis=1)])
    base = np.concatenate([[0.0], np.cumsum(expected)])
    total = seen[:, -1]
    best, first, last = np.zeros(rows), np.zeros(rows, int), np.zeros(rows, int)
    for length in range(1, periods):
        starts = np.arange(periods - length + 1)
        inner = (starts > 0) & (starts + length < periods)
        if edges_only or length > periods // LONGEST_PART:
            starts = starts[~inner]
        k = seen[:, starts + length] - seen[:, starts]
        gain = _gain(k, base[starts + length] - base[starts], total[:, None])
        place = gain.argmax(axis=1)
        here = gain[np.arange(rows), place]
        better = here > best
        best = np.where(better, here, best)
        first = np.where(better, starts[place], first)
        last = np.where(better, starts[place] + length - 1, last)
    return best, first, last


def _gain(k: np.ndarray, e: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Log-likelihood ratio of a higher rate inside a run; 0 where it is not higher."""
    rest, expected_rest = total - k, total - e
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(k > 0, k * np.log(k / e), 0.0)
        outside = np.where(rest > 0, rest * np.log(rest / expected_rest), 0.0)
    return np.where((k > e) & (e > 0) & (expected_rest > 0), inside + outside, 0.0)


def _ratio(k: float, expected: float, total: float) -> float:
    rest = (total - k) / max(total - expected, 1e-9)
    return (k / max(expected, 1e-9)) / rest if rest > 0 else float("inf")
