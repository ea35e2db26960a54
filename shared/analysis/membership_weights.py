"""Propensity weights: members and standard customers made alike in what was known beforehand."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from shared.analysis.intervals import Estimate
from shared.analysis.proportional_hazards import Z, hazard_model, robust_error

TRIMMED = (0.01, 0.99)
BALANCE = ("covariate", "difference", "difference_weighted")


def weighted_ratio(
    there: pd.DataFrame, covariates: pd.DataFrame | None
) -> tuple[Estimate | None, pd.DataFrame]:
    """Estimate the hazard ratio of members after weighting both sides to the same make-up.

    Parameters
    ----------
    there : pd.DataFrame
        `customer_id`, `duration`, `observed` and `member`, all still there on one day.
    covariates : pd.DataFrame or None
        Numeric columns known on that day, index `customer_id`; customers without a row or with a
        blank are left out.

    Returns
    -------
    Estimate or None
        In "ratio", with a robust interval; None without covariates or with nobody left.
    pd.DataFrame
        `covariate`, `difference` and `difference_weighted`: mean of members less that of standard
        customers, in standard deviations; beyond .1 the weights did not balance it.

    References
    ----------
    Austin, P. C. (2014). The use of propensity score methods with survival or time-to-event
    outcomes.
    """
    nothing = pd.DataFrame(columns=list(BALANCE))
    if covariates is None:
        return None, nothing
    known = there.set_index("customer_id").join(covariates, how="inner")
    known = known.dropna(subset=list(covariates.columns))
    x = known[covariates.columns].astype("float64")
    x = x.loc[:, x.std() > 0]
    member = known["member"].to_numpy(dtype=bool)
    if x.empty or not 0 < member.sum() < len(member):
        return None, nothing
    standard = ((x - x.mean()) / x.std()).to_numpy()
    weight = _weights(standard, member)
    balance = pd.DataFrame(
        {
            "covariate": x.columns,
            "difference": _difference(standard, member, np.ones(len(x))),
            "difference_weighted": _difference(standard, member, weight),
        }
    )
    return _ratio(known, member, weight), balance


def _weights(x: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Give stabilised weights of inverse propensity, trimmed at the first and last percent."""
    model = LogisticRegression(C=100, max_iter=1000).fit(x, member)
    chance = model.predict_proba(x)[:, 1]
    share = member.mean()
    weight = np.where(member, share / chance, (1 - share) / (1 - chance))
    return np.clip(weight, *np.quantile(weight, TRIMMED))


def _difference(x: np.ndarray, member: np.ndarray, weight: np.ndarray) -> np.ndarray:
    members = np.average(x[member], axis=0, weights=weight[member])
    return np.asarray(members - np.average(x[~member], axis=0, weights=weight[~member]))


def _ratio(known: pd.DataFrame, member: np.ndarray, weight: np.ndarray) -> Estimate:
    stop, left = known["duration"].to_numpy(dtype=float), known["observed"].to_numpy(dtype=bool)
    model = hazard_model(stop, left, {"member": member}, weights=weight)
    centre = float(model.coefficients[0])
    error = robust_error(stop, left, member, weights=weight, coefficient=centre)
    low, value, high = np.exp([centre - Z * error, centre, centre + Z * error])
    return Estimate(float(value), float(low), float(high), len(known), "ratio")
