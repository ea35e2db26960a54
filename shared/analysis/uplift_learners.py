"""Learners of uplift: four ways to predict by how much a contact moves each customer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import StratifiedKFold

Scorer = Callable[[np.ndarray], np.ndarray]
FOLDS = 3
LINEAR, TREES = "logistic", "trees"


@dataclass(frozen=True)
class Learner:
    """A way to predict uplift.

    Attributes
    ----------
    name : str
        As on the page.
    fit : callable
        Takes features, arm (1 or 0) and outcome (1 or 0), and gives a function from features to
        predicted uplift.
    base : str
        "logistic" or "trees".
    """

    name: str
    fit: Callable[[np.ndarray, np.ndarray, np.ndarray], Scorer]
    base: str


def fit_s(x: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> Scorer:
    """Fit one model with the arm among its features: the S-learner.

    References
    ----------
    Künzel, S. R. and others (2019). Metalearners for estimating heterogeneous treatment effects.
    """
    model = _fitted(TREES, np.column_stack([x, treated]), outcome)

    def uplift(new: np.ndarray) -> np.ndarray:
        with_it, without = (np.column_stack([new, np.full(len(new), arm)]) for arm in (1, 0))
        return _chance(model, with_it) - _chance(model, without)

    return uplift


def fit_chances(
    x: np.ndarray, treated: np.ndarray, outcome: np.ndarray, *, base: str = LINEAR
) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Fit one model per arm, and give each customer's chances without and with the campaign."""
    models = [_fitted(base, x[treated == arm], outcome[treated == arm]) for arm in (0, 1)]
    return lambda new: (_chance(models[0], new), _chance(models[1], new))


def fit_t(x: np.ndarray, treated: np.ndarray, outcome: np.ndarray, *, base: str = LINEAR) -> Scorer:
    """Fit one model per arm and take the difference: the T-learner."""
    chances = fit_chances(x, treated, outcome, base=base)

    def uplift(new: np.ndarray) -> np.ndarray:
        without, with_it = chances(new)
        return with_it - without

    return uplift


def fit_x(x: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> Scorer:
    """Model the effects that the other arm's model imputes, each in its arm: the X-learner.

    The models of the outcome are cross-fitted, so that no customer's own outcome imputes it.

    References
    ----------
    Künzel, S. R. and others (2019). Metalearners for estimating heterogeneous treatment effects.
    """
    imputed = np.empty(len(x))
    for train, held in folds(treated, outcome):
        without, with_it = fit_chances(x[train], treated[train], outcome[train])(x[held])
        seen = outcome[held]
        imputed[held] = np.where(treated[held] == 1, seen - without, with_it - seen)
    effects = [Ridge(1.0).fit(x[treated == arm], imputed[treated == arm]) for arm in (0, 1)]
    share = float(treated.mean())

    def uplift(new: np.ndarray) -> np.ndarray:
        of_control, of_treated = (model.predict(new) for model in effects)
        return np.asarray(share * of_control + (1 - share) * of_treated)

    return uplift


def fit_transformed(x: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> Scorer:
    """Fit one model of the class "responded if treated, or did not if not": class transformation.

    Customers are weighted by one over the share of their arm, so that any plan will do.

    References
    ----------
    Jaskowski, M. and Jaroszewicz, S. (2012). Uplift modeling for clinical trial data.
    """
    share = float(treated.mean())
    agrees = (treated == outcome).astype(int)
    weight = np.where(treated == 1, 0.5 / share, 0.5 / (1 - share))
    model = LogisticRegression(max_iter=500).fit(x, agrees, sample_weight=weight)
    return lambda new: 2 * _chance(model, new) - 1


def fit_t_trees(x: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> Scorer:
    """Fit the T-learner on trees."""
    return fit_t(x, treated, outcome, base=TREES)


def fit_response(x: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> Scorer:
    """Fit what is usually done instead: who of the treated responds, whatever the cause."""
    model = _fitted(LINEAR, x[treated == 1], outcome[treated == 1])
    return lambda new: _chance(model, new)


LEARNERS = (
    Learner("T-learner, logistic", fit_t, LINEAR),
    Learner("X-learner, logistic", fit_x, LINEAR),
    Learner("class transformation, logistic", fit_transformed, LINEAR),
    Learner("S-learner, trees", fit_s, TREES),
    Learner("T-learner, trees", fit_t_trees, TREES),
)


def folds(
    treated: np.ndarray, outcome: np.ndarray, *, seed: int = 0
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split customers into parts with the same share of arms and outcomes."""
    cells = 2 * np.asarray(treated).astype(int) + np.asarray(outcome).astype(int)
    parts = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return list(parts.split(np.zeros((len(cells), 1)), cells))


def cross_fitted(
    fit: Callable[[np.ndarray, np.ndarray, np.ndarray], Any],
    x: np.ndarray,
    treated: np.ndarray,
    outcome: np.ndarray,
    *,
    seed: int = 0,
) -> np.ndarray:
    """Score each customer by a model that has not seen this customer."""
    scores = np.empty(len(x))
    for train, held in folds(treated, outcome, seed=seed):
        scores[held] = fit(x[train], treated[train], outcome[train])(x[held])
    return scores


def _fitted(base: str, x: np.ndarray, outcome: np.ndarray) -> Any:
    if base == LINEAR:
        return LogisticRegression(max_iter=500).fit(x, outcome)
    return HistGradientBoostingClassifier(
        max_iter=60, learning_rate=0.08, max_leaf_nodes=8, early_stopping=False, random_state=0,
        min_samples_leaf=max(20, len(x) // 100),
    ).fit(x, outcome)  # fmt: skip


def _chance(model: Any, x: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict_proba(x)[:, 1])
