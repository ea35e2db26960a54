"""Change since an earlier delivery: how far did a figure move, and is that more than noise?"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from scipy.stats import norm

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import LEANING, SETTLED, false_discovery_q


class Movement(StrEnum):
    """What the change of a figure allows to say; the value is the wording on the page."""

    COUNTED = "counted in full, no noise"
    BEYOND = "more than noise"
    NOT_SETTLED = "not settled"
    NOISE = "within noise"


def change(before: Estimate, now: Estimate) -> Estimate:
    """Subtract an earlier estimate from a later one, with an interval made of both.

    The two are taken as independent. Deliveries share most of their data, so that the true
    interval is narrower: what is called more than noise here is so all the more.

    Parameters
    ----------
    before, now : Estimate
        The same figure at two dates, in the same unit; a full count has no noise of its own.

    Returns
    -------
    Estimate
        The difference in the unit of both (a share: a difference of shares, 0.01 is one point),
        95 % interval, `n` of the later one; level 1 where both are full counts.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures.
    """
    moved = now.value - before.value
    counted = not (_spread(before) or _spread(now))
    down = np.hypot(_half(now, low=True), _half(before, low=False))
    up = np.hypot(_half(now, low=False), _half(before, low=True))
    level = 1.0 if counted else 0.95
    return Estimate(moved, moved - down, moved + up, now.n, now.unit, level, now.of)


def movements(changes: Sequence[Estimate]) -> list[Movement]:
    """Read many changes at once, so that among many figures none is called moved by chance.

    Benjamini-Hochberg over all that have noise: beyond noise below 1 %, not settled below 5 %.
    """
    q = false_discovery_q(np.array([_p_value(one) for one in changes]))
    return [_reading(one, float(value)) for one, value in zip(changes, q, strict=True)]


def _reading(one: Estimate, q: float) -> Movement:
    if one.level >= 1:
        return Movement.COUNTED
    if q < SETTLED:
        return Movement.BEYOND
    return Movement.NOT_SETTLED if q < LEANING else Movement.NOISE


def _p_value(one: Estimate) -> float:
    if one.level >= 1:
        return np.nan
    # The side of the interval that faces zero decides.
    half = one.value - one.low if one.value > 0 else one.high - one.value
    return float(2 * norm.sf(abs(one.value) / half * norm.ppf(0.975))) if half > 0 else 1.0


def _spread(one: Estimate) -> float:
    return 0.0 if one.level >= 1 else one.high - one.low


def _half(one: Estimate, *, low: bool) -> float:
    """Give the distance to a bound, brought to the level of 95 %."""
    if not _spread(one):
        return 0.0
    distance = one.value - one.low if low else one.high - one.value
    return float(distance * norm.ppf(0.975) / norm.ppf(0.5 + one.level / 2))
