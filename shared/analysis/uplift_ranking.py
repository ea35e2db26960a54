"""Ranking customers by predicted uplift: one half teaches and chooses, the other half judges."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from shared.analysis.multiple_testing import SETTLED
from shared.analysis.uplift_campaign import Campaign
from shared.analysis.uplift_learners import (
    LEARNERS,
    Learner,
    cross_fitted,
    fit_chances,
    fit_response,
    folds,
)
from shared.analysis.uplift_qini import QiniResult, qini_result, qini_value
from shared.loading.errors import NotSupportedByData

LEAST_OUTCOMES = 20  # responses, and customers without one, in each arm, to fit a model


@dataclass(frozen=True)
class Contrast:
    """One arm against the control, as arrays.

    Attributes
    ----------
    arm : str
        The treated arm.
    at : np.ndarray
        Places of these customers in `Campaign.rows`.
    x : np.ndarray
        Features.
    treated, outcome : np.ndarray
        1 or 0.
    value, cost : np.ndarray
        Money within the window and cost of the contact; NaN where not known.
    """

    arm: str
    at: np.ndarray
    x: np.ndarray
    treated: np.ndarray
    outcome: np.ndarray
    value: np.ndarray
    cost: np.ndarray

    @property
    def n(self) -> int:
        """Customers in both arms."""
        return len(self.at)


@dataclass(frozen=True)
class Ranking:
    """Customers of a contrast ranked by predicted uplift, none by a model that saw them.

    Attributes
    ----------
    learner : str
        The learner chosen.
    candidates : pd.DataFrame
        `learner` and its `training_qini`, cross-fitted on the training half; the best first.
    is_test : np.ndarray
        Customers of the test half, as a mask over the contrast.
    score : np.ndarray
        Predicted uplift of every customer of the contrast; on the training half cross-fitted.
    without, with_it : np.ndarray
        Predicted chance of a response without and with the campaign, in the same way.
    response_score : np.ndarray
        Predicted response of a treated customer: what a response model ranks by.
    result, response : QiniResult
        Of the uplift score and of the response score, on the test half.
    """

    learner: str
    candidates: pd.DataFrame
    is_test: np.ndarray
    score: np.ndarray
    without: np.ndarray
    with_it: np.ndarray
    response_score: np.ndarray
    result: QiniResult
    response: QiniResult

    @property
    def is_found(self) -> bool:
        """Whether the ranking is better than chance at 1 %."""
        return self.result.qini.value > 0 and self.result.p < SETTLED


def contrast_of(campaign: Campaign, matrix: np.ndarray, *, arm: str) -> Contrast:
    """Take the customers of one arm and of the control."""
    at = np.flatnonzero(campaign.rows["arm"].isin([arm, campaign.control]))
    rows = campaign.rows.iloc[at]
    return Contrast(
        arm, at, matrix[at], (rows["arm"] == arm).to_numpy().astype(int),
        rows["outcome"].to_numpy(float).astype(int), rows["value"].to_numpy(float),
        rows["cost"].to_numpy(float),
    )  # fmt: skip


def rank_customers(
    contrast: Contrast,
    *,
    test_share: float = 0.5,
    draws: int = 500,
    seed: int = 0,
    learners: tuple[Learner, ...] = LEARNERS,
) -> Ranking:
    """Choose a learner on the training part, and judge its ranking on the test part.

    Parameters
    ----------
    contrast : Contrast
        As from `contrast_of`.
    test_share : float
        Share of each arm that is kept to judge.
    draws, seed
        As for `qini_result`; the seed draws the parts too.
    learners : tuple of Learner
        Among which to choose.

    Raises
    ------
    NotSupportedByData
        If an arm has fewer than 20 responses, or nothing was known before the campaign.
    """
    _require_enough(contrast)
    # One thread: sums of several threads differ in the last digit from run to run.
    with threadpool_limits(1):
        return _ranked(contrast, test_share, draws, seed, learners)


def _ranked(
    contrast: Contrast, test_share: float, draws: int, seed: int, learners: tuple[Learner, ...]
) -> Ranking:
    x, treated, outcome = contrast.x, contrast.treated, contrast.outcome
    is_test = held_out(treated, share=test_share, seed=seed)
    train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    seen = (x[train], treated[train], outcome[train])
    scored = [cross_fitted(one.fit, *seen, seed=seed) for one in learners]
    # Chosen here and judged once there: a choice among several on the test half would flatter.
    qinis = [qini_value(score, *seen[1:]) for score in scored]
    best = int(np.argmax(qinis))
    chosen = learners[best]
    score = np.empty(contrast.n)
    score[train], score[test] = scored[best], chosen.fit(*seen)(x[test])
    chances = np.empty((contrast.n, 2))
    chances[train] = _cross_fitted_chances(chosen.base, *seen, seed=seed)
    chances[test] = np.column_stack(fit_chances(*seen, base=chosen.base)(x[test]))
    response = np.empty(contrast.n)
    response[train] = cross_fitted(fit_response, *seen, seed=seed)
    response[test] = fit_response(*seen)(x[test])
    candidates = pd.DataFrame({"learner": [one.name for one in learners], "training_qini": qinis})
    return Ranking(
        chosen.name,
        candidates.sort_values("training_qini", ascending=False, ignore_index=True),
        is_test, score, chances[:, 0], chances[:, 1], response,
        qini_result(score[test], treated[test], outcome[test], draws=draws, seed=seed),
        qini_result(response[test], treated[test], outcome[test], draws=draws, seed=seed),
    )  # fmt: skip


def held_out(treated: np.ndarray, *, share: float, seed: int = 0) -> np.ndarray:
    """Draw the customers that judge: the same share of each arm, by lot."""
    rng = np.random.default_rng(seed)
    is_test = np.zeros(len(treated), dtype=bool)
    for arm in (0, 1):
        members = np.flatnonzero(treated == arm)
        drawn = rng.permutation(len(members))[: round(share * len(members))]
        is_test[members[drawn]] = True
    return is_test


def contacted(score: np.ndarray, share: float) -> np.ndarray:
    """Mark the customers to contact: the first share of the ranking, but none predicted to lose."""
    return np.asarray((place_share(score) < share) & (score > 0))


def place_share(score: np.ndarray) -> np.ndarray:
    """Give each customer's place in a ranking as a share, the best near 0; equal scores tie."""
    place = pd.Series(-score).rank(method="average").to_numpy()
    return np.asarray((place - 0.5) / len(score))


def _cross_fitted_chances(
    base: str, x: np.ndarray, treated: np.ndarray, outcome: np.ndarray, *, seed: int
) -> np.ndarray:
    chances = np.empty((len(x), 2))
    for train, held in folds(treated, outcome, seed=seed):
        fitted = fit_chances(x[train], treated[train], outcome[train], base=base)
        chances[held] = np.column_stack(fitted(x[held]))
    return chances


def _require_enough(contrast: Contrast) -> None:
    if not contrast.x.shape[1]:
        raise NotSupportedByData(
            "nothing is known of the customers before the campaign: nobody can be told apart",
            "columns of the campaign, orders or visits of earlier days",
        )
    for arm in (0, 1):
        seen = contrast.outcome[contrast.treated == arm]
        if min(seen.sum(), len(seen) - seen.sum()) < LEAST_OUTCOMES:
            raise NotSupportedByData(
                f"{int(seen.sum())} of {len(seen)} customers of an arm responded: too few or too "
                "many to learn whom the campaign moves",
                f"at least {LEAST_OUTCOMES} customers with and without a response in each arm",
            )
