"""Uplift: who buys because of the campaign, and can these data tell?"""

import numpy as np
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.uplift_balance import treatment_chance
from shared.analysis.uplift_campaign import Campaign
from shared.analysis.uplift_checks import Checks
from shared.analysis.uplift_learners import Scorer, cross_fitted, fit_chances, folds
from shared.analysis.verdicts import Reason, Verdict, judge
from shared.loading.errors import NotSupportedByData

LEAST_PER_ARM, ENOUGH_PER_ARM, ENOUGH_OUTCOMES = 100, 1000, 100
TRIMMED = (0.05, 0.95)  # chance of treatment, outside of which customers have no like


def require_arms(campaign: Campaign) -> None:
    """Stop where an arm is too small to compare.

    Raises
    ------
    NotSupportedByData
        If an arm has fewer than 100 customers.
    """
    for arm in (campaign.control, *campaign.arms):
        if campaign.size(arm) < LEAST_PER_ARM:
            raise NotSupportedByData(
                f"the arm {arm} has {campaign.size(arm)} customers",
                f"at least {LEAST_PER_ARM} customers in each arm",
            )


def uplift_verdict(campaign: Campaign, checks: Checks) -> Verdict:
    """Tell how far the page can be relied on: sizes, outcomes, and what the checks found."""
    return judge([*_small_arms(campaign), *_doubts(checks), *_placebo(campaign)])


def adjusted_difference(
    matrix: np.ndarray, treated: np.ndarray, outcome: np.ndarray
) -> tuple[Estimate, float]:
    """Compare arms that were chosen: the difference left when like is compared with like.

    Doubly robust over cross-fitted models of response and of treatment, among customers whose
    chance of treatment is between 5 % and 95 %. What is not recorded can still explain it, so it
    is an association.

    Returns
    -------
    Estimate
        Share; n counts the customers compared.
    float
        p-value of no difference.

    Raises
    ------
    NotSupportedByData
        If fewer than 100 customers of either side have a like on the other.

    References
    ----------
    Robins, J. M., Rotnitzky, A. and Zhao, L. P. (1994). Estimation of regression coefficients when
    some regressors are not always observed. Crump, R. K. and others (2009). Dealing with limited
    overlap.
    """
    if not matrix.shape[1]:
        raise NotSupportedByData(
            "the treated were chosen, and nothing else is known of the customers",
            "features from before the campaign, or a control group drawn by lot",
        )
    chance = cross_fitted(_treatment_model, matrix, treated, outcome)
    inside = (treatment_chance(matrix, treated == 1) >= TRIMMED[0]) & (chance >= TRIMMED[0])
    inside &= chance <= TRIMMED[1]
    x, arm, y, e = matrix[inside], treated[inside], outcome[inside], chance[inside]
    if min(arm.sum(), (1 - arm).sum()) < LEAST_PER_ARM:
        raise NotSupportedByData(
            "hardly any treated customer has a like among the others: the groups do not overlap",
            "a control group drawn by lot",
        )
    without, with_it = np.empty(len(x)), np.empty(len(x))
    for train, held in folds(arm, y):
        without[held], with_it[held] = fit_chances(x[train], arm[train], y[train])(x[held])
    part = with_it - without + arm * (y - with_it) / e - (1 - arm) * (y - without) / (1 - e)
    value, error = float(part.mean()), float(part.std(ddof=1) / np.sqrt(len(part)))
    half = norm.ppf(0.975) * error
    p = float(2 * norm.sf(abs(value) / error))
    return Estimate(value, value - half, value + half, len(part), "share", of="customers"), p


def _treatment_model(x: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> Scorer:
    """Fit the chance of being treated; the outcome must not have a say in it."""
    del outcome
    model = LogisticRegression(max_iter=500).fit(x, treated)
    return lambda new: np.asarray(model.predict_proba(new)[:, 1])


def _small_arms(campaign: Campaign) -> list[Reason]:
    said = []
    for arm in (campaign.control, *campaign.arms):
        seen = campaign.rows.loc[campaign.rows["arm"] == arm, "outcome"]
        rate = wilson(float(seen.sum()), len(seen), of="customers")
        values = {"arm": arm, "n": len(seen), "k": int(seen.sum()), "rate": rate,
                  "low": rate.low, "high": rate.high}  # fmt: skip
        if len(seen) < ENOUGH_PER_ARM:
            said.append(Reason(
                "The arm {arm} has only {n:count} customers; {rate:share.1} of them responded, "
                "{low:share.1} to {high:share.1}.", values,
            ))  # fmt: skip
        elif seen.sum() < ENOUGH_OUTCOMES:
            said.append(Reason("In the arm {arm} only {k:count} of {n:count} customers responded.",
                               values))  # fmt: skip
    return said


def _doubts(checks: Checks) -> list[Reason]:
    said = []
    if not checks.randomised:
        said.append(Reason(
            "The treated were not drawn by lot"
            + (": they differ from the others as no lot would make them" if checks.stated else "")
            + ". Every difference is an association, not an effect of the campaign."
        ))  # fmt: skip
    for name in checks.warned:
        if checks.randomised or not name.startswith(("Features", "Sizes", "Overlap")):
            said.append(Reason("A check asks for care: {name}.", {"name": name.lower()}))
    return said


def _placebo(campaign: Campaign) -> list[Reason]:
    if not campaign.is_placebo:
        return []
    return [Reason("This is a placebo: the arms were dealt anew, so that nothing may be found.")]
