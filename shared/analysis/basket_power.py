"""Power: which pairs of items could these baskets have shown to be robust at all?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import poisson

from shared.analysis.basket import Baskets
from shared.analysis.multiple_testing import LEANING, SETTLED

CLEAR_LIFT, OFTEN = 3.0, 0.8  # a lift that nobody should miss, found 4 times in 5
RARE, MANY = 1e-4, 1e4  # co-purchases between which every answer lies


@dataclass(frozen=True)
class Power:
    """What a search among pairs would have found, had it been there.

    Attributes
    ----------
    findable, possible : int
        Pairs so frequent that a lift of 3 would have made them robust 4 times in 5, and all pairs
        in the family of tests.
    item_a, item_b : int
        The two most frequent items.
    expected : float
        Baskets with both by chance.
    least_lift : float
        The lift from which these two would have been found 4 times in 5; NaN where even always
        together would not do.
    """

    findable: int
    possible: int
    item_a: int
    item_b: int
    expected: float
    least_lift: float


def pair_power(baskets: Baskets, *, family: int, least: int) -> Power:
    """Tell which pairs could have become robust.

    A pair is taken to be found if it is in enough baskets, in each half and beyond chance in the
    later one, to pass the strictest test of the family alone (Bonferroni), which is where the
    procedure of Benjamini and Hochberg starts. Co-purchases are taken as Poisson.

    Parameters
    ----------
    baskets : Baskets
        From `baskets_of`, with two items or more.
    family, least : int
        As in `Pairs`: tests allowed for, and co-purchases below which nothing is a pattern.

    References
    ----------
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences: found 4 times in 5.
    """
    chance = _Chance(family, least, baskets.later_n / baskets.n, _pairs_beyond_chance(baskets))
    merchandise = baskets.items[~baskets.items["is_service"].astype(bool)]
    ranked = merchandise["baskets"].sort_values(ascending=False, kind="stable")
    held = ranked.to_numpy(float)
    expected = held[0] * held[1] / baskets.n
    return Power(
        findable=_pairs_expecting(held, baskets.n, _smallest(chance, CLEAR_LIFT)),
        possible=family,
        item_a=int(ranked.index[0]),
        item_b=int(ranked.index[1]),
        expected=float(expected),
        least_lift=_least_lift(chance, expected, most=held[1] / expected),
    )


@dataclass(frozen=True)
class _Chance:
    """What a pair has to beat: the family, 5 baskets in each half, chance at basket sizes."""

    family: int
    least: int
    later: float
    by_size: float

    def found(self, expected: float, lift: float) -> float:
        """Give the probability that a pair of this lift is found, of so many expected baskets."""
        by_chance, mean = expected * max(1.0, self.by_size), expected * lift
        enough = int(poisson.isf(SETTLED / self.family, by_chance)) + 1
        in_later = max(self.least, int(poisson.isf(LEANING, by_chance * self.later)) + 1)
        reach = int(poisson.isf(1e-9, mean * self.later)) + in_later + 1
        later = np.arange(in_later, reach)
        earlier = np.maximum(self.least, enough - later)
        ahead = poisson.sf(earlier - 1, mean * (1 - self.later))
        return float((poisson.pmf(later, mean * self.later) * ahead).sum())


def _pairs_beyond_chance(baskets: Baskets) -> float:
    """Give the pairs that the baskets hold as a multiple of what baskets of one size would."""
    size, count = (baskets.filled[c].to_numpy(float) for c in ("size", "baskets"))
    return float(baskets.n * (count * size * (size - 1)).sum() / (count * size).sum() ** 2)


def _smallest(chance: _Chance, lift: float) -> float:
    """Find the expected co-purchases from which a lift is found often enough; inf if never."""
    # Baskets of very unequal size bring any two together more often than that.
    if chance.found(MANY, lift) < OFTEN:
        return float("inf")
    return _crossing(lambda log: chance.found(np.exp(log), lift), np.log(RARE), np.log(MANY))


def _least_lift(chance: _Chance, expected: float, *, most: float) -> float:
    if chance.found(expected, most) < OFTEN:
        return float("nan")
    return _crossing(lambda log: chance.found(expected, np.exp(log)), 0.0, np.log(most))


def _crossing(found: Callable[[float], float], low: float, high: float) -> float:
    """Find, on the log scale, where a probability rises above 4 in 5."""
    if found(low) >= OFTEN:
        return float(np.exp(low))
    # Counts are whole, so the probability has small steps: any of its crossings is near enough.
    return float(np.exp(brentq(lambda at: found(at) - OFTEN, low, high, xtol=1e-3)))


def _pairs_expecting(held: np.ndarray, n: int, least: float) -> int:
    """Count the pairs of items (most frequent first) that chance brings together so often."""
    reach = np.searchsorted(-held, -(least * n / held), side="right")
    return int(np.maximum(reach - np.arange(len(held)) - 1, 0).sum())
