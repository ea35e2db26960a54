"""What a score is worth: the chance that a customer buys a product of that score."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.isotonic import IsotonicRegression

from shared.analysis.offer_models import Scorer

MOST_CUSTOMERS = 1000
BINS, LEAST_IN_BIN = 60, 50  # a chance from fewer customers would be a story of one of them


@dataclass(frozen=True)
class ChanceCurve:
    """Chance of a purchase by score, never falling.

    Attributes
    ----------
    score, chance : np.ndarray
        Points of the curve; between them it is straight, beyond them flat.
    """

    score: np.ndarray
    chance: np.ndarray

    def of(self, scores: np.ndarray) -> np.ndarray:
        """Give the chance for any scores; blank stays blank."""
        known = np.interp(scores, self.score, self.chance)
        return np.where(np.isnan(scores), np.nan, known)


def chance_curve(
    scorer: Scorer,
    known: np.ndarray,
    *,
    owned: csr_matrix,
    wanted: csr_matrix,
    offerable: np.ndarray,
) -> ChanceCurve:
    """Learn the chance from what customers bought in the hold-out, by a monotone fit.

    Parameters
    ----------
    scorer : callable
        The method, fitted on what was known at the cut.
    known : np.ndarray
        Positions of the customers known at the cut, whether they bought later or not; every so
        many of them are used.
    owned, wanted : csr_matrix
        Of these customers, what must not be offered, and what they bought in the hold-out.
    offerable : np.ndarray of bool
        Products that could be offered.

    References
    ----------
    Zadrozny, B. and Elkan, C. (2002). Transforming classifier scores into accurate multiclass
    probability estimates.
    """
    taken = np.unique(np.linspace(0, len(known) - 1, min(MOST_CUSTOMERS, len(known))).astype(int))
    scores = np.asarray(scorer(known[taken]))
    free = ~(owned[taken].toarray() > 0) & offerable
    score, bought = scores[free], (wanted[taken].toarray() > 0)[free]
    # Fine bins at the top, where lists are made; the many low scores are one.
    smallest = min(LEAST_IN_BIN / len(score), 1.0)
    edges = np.quantile(score, 1 - np.geomspace(smallest, 1, BINS))
    place = np.searchsorted(np.unique(edges), score, side="right")
    count = np.bincount(place)
    filled = count > 0
    middle = np.bincount(place, weights=score)[filled] / count[filled]
    rate = np.bincount(place, weights=bought)[filled] / count[filled]
    fit = IsotonicRegression(y_min=0, y_max=1).fit(middle, rate, sample_weight=count[filled])
    return ChanceCurve(middle, fit.predict(middle))
