"""Customers whom nobody sees leave: the last model before the historical value alone."""

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from shared.analysis.model_ladder import FEWEST_REPEAT_BUYERS, Ladder, Step, fit_ladder
from shared.analysis.purchase_fit import PurchaseModel, best_log_likelihood
from shared.analysis.purchase_histories import Histories, histories
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

NO_LEAVING = "no drop-out"
# a and b: drop-out so rare that no silence, however long after however many orders, tells of it
NEVER, CERTAIN = 1e-300, 1.0
LARGEST_SHAPE = 1e4


def choose_model(rows: pd.DataFrame) -> Ladder:
    """Climb the ladder of models; where it ends at none, try the one in which nobody leaves.

    Where customers are not seen to leave, the likelihood is flat in the parameters of leaving and
    no fit of them can be believed. The orders to come are known all the same: the model is then
    BG/NBD at the edge where its drop-out is zero, which is the NBD of purchase counts.

    Parameters
    ----------
    rows : pd.DataFrame
        As from `weighted_rows`.

    Raises
    ------
    NotSupportedByData
        If fewer than 30 customers bought again, or leaving does show and still no model fits.

    References
    ----------
    Ehrenberg, A. S. C. (1959). The pattern of consumer purchases.
    Schwarz, G. (1978). Estimating the dimension of a model.
    """
    try:
        return fit_ladder(rows)
    except NotSupportedByData:
        known = histories(rows)
        if known.repeat_buyers < FEWEST_REPEAT_BUYERS:
            raise
        model = fit_without_leaving(known)
        # Two parameters of leaving must earn half of log n each (Schwarz): if they do, the edge
        # would hide customers who are lost.
        highest = best_log_likelihood(rows, name="BG/NBD")
        if model is None or highest - model.log_likelihood > np.log(known.n):
            raise
    tried = Step("BG/NBD, BG/NBD with penaliser and MBG/NBD", 0.0,
                 Reason("how customers leave cannot be told"))  # fmt: skip
    return Ladder(model, [tried, Step("BG/NBD", 0.0, Reason("fits with no drop-out"))])


def model_name(model: PurchaseModel) -> str:
    """Name a model as the page does."""
    return f"{model.name} without drop-out" if model.method == NO_LEAVING else model.name


def fit_without_leaving(known: Histories) -> PurchaseModel | None:
    """Fit the rate of purchases alone by maximum likelihood; None where it runs away.

    The model comes as a BG/NBD whose drop-out is next to zero, so that everything that knows
    BG/NBD knows it and calls everybody alive; its `method` says so.
    """
    x, age, weight = known.frequency, known.T, known.weight

    def objective(logs: np.ndarray) -> tuple[float, np.ndarray]:
        r, alpha = np.exp(logs)
        later = np.log(alpha + age)
        value = gammaln(r + x) - gammaln(r) + r * logs[1] - (r + x) * later
        slope_r = digamma(r + x) - digamma(r) + logs[1] - later
        slope_alpha = r / alpha - (r + x) / (alpha + age)
        gradient = np.array([r * weight @ slope_r, alpha * weight @ slope_alpha])
        return -(weight @ value) / known.n, -gradient / known.n

    start = np.log([1.0, max(float(age.max()) / 10, 1e-3)])
    found = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=[(-18, 18)] * 2)
    r, alpha = (float(value) for value in np.exp(found.x))
    if not (found.success and r < LARGEST_SHAPE):
        return None
    parameters = {"r": r, "alpha": alpha, "a": NEVER, "b": CERTAIN}
    return PurchaseModel(
        name="BG/NBD",
        parameters=parameters,
        log_likelihood=-float(found.fun) * known.n,
        n=round(known.n),
        standard_errors=dict.fromkeys(parameters, float("nan")),
        penaliser=0.0,
        covariance=np.full((4, 4), np.nan),
        method=NO_LEAVING,
    )
