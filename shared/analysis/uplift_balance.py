"""Balance of the arms: are treated and control alike in what was known before?"""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2
from sklearn.linear_model import LogisticRegression

from shared.analysis.uplift_campaign import Campaign
from shared.analysis.uplift_effects import LEAST_IN_ARM
from shared.analysis.uplift_features import Features

Bin = dict[Any, float]
OVERLAP = (0.05, 0.95)
BINS = 20


def standardised_differences(matrix: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """Give the difference of the means of two arms per column, in pooled standard deviations.

    References
    ----------
    Austin, P. C. (2009). Balance diagnostics for comparing the distribution of baseline covariates.
    """
    one, other = matrix[treated], matrix[~treated]
    spread = np.sqrt((one.var(axis=0) + other.var(axis=0)) / 2)
    gap = one.mean(axis=0) - other.mean(axis=0)
    return np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)


def balance_p_value(matrix: np.ndarray, treated: np.ndarray) -> float:
    """Test the means of all columns together: Hotelling's statistic on its large-sample scale.

    References
    ----------
    Hansen, B. B. and Bowers, J. (2008). Covariate balance in simple, stratified and clustered
    comparative studies.
    """
    if not matrix.shape[1]:
        return float("nan")
    n, n1 = len(matrix), int(treated.sum())
    gap = matrix[treated].mean(axis=0) - matrix[~treated].mean(axis=0)
    scatter = np.atleast_2d(np.cov(matrix, rowvar=False))
    inverse = np.linalg.pinv(scatter, hermitian=True)
    statistic = n1 * (n - n1) / n * gap @ inverse @ gap
    return float(chi2.sf(statistic, np.linalg.matrix_rank(scatter, hermitian=True)))


def feature_balance(campaign: Campaign, features: Features) -> tuple[pd.DataFrame, float]:
    """Compare every arm with the control, feature by feature and all together.

    Returns
    -------
    pd.DataFrame
        As `Checks.balance`.
    float
        As `Checks.balance_p`.
    """
    arm, control = campaign.rows["arm"].to_numpy(), campaign.control
    found, p_values = [], []
    for other in campaign.arms:
        both = (arm == control) | (arm == other)
        matrix, treated = features.matrix[both], arm[both] == other
        if matrix.shape[1]:
            found.append(np.abs(standardised_differences(matrix, treated)))
            p_values.append(balance_p_value(matrix, treated))
    if not found:
        return pd.DataFrame({"feature": [], "difference": [], "level": []}), float("nan")
    table = pd.DataFrame(
        {"feature": features.source, "difference": np.max(found, axis=0),
         "level": features.columns}
    )  # fmt: skip
    worst = table.sort_values(["difference", "level"], ascending=[False, True])
    # Of several arms the worst one counts, so its p-value is multiplied by their number.
    p = min(1.0, float(np.min(p_values)) * len(p_values))
    return worst.drop_duplicates("feature").reset_index(drop=True), p


def treatment_overlap(matrix: np.ndarray, treated: np.ndarray) -> tuple[pd.DataFrame, float]:
    """Count customers of both sides by their predicted chance of being treated.

    Returns
    -------
    pd.DataFrame
        As `Checks.overlap`; small bins are joined to their neighbours.
    float
        Share of customers whose chance is between 5 % and 95 %; blank where an arm was planned
        smaller than that.
    """
    edges = np.linspace(0, 1, BINS + 1)
    if matrix.shape[1]:
        chance = treatment_chance(matrix, treated)
    else:
        chance = np.full(len(treated), treated.mean())
    counts = [np.histogram(chance[side], edges)[0] for side in (treated, ~treated)]
    table = pd.DataFrame(
        {"low": edges[:-1], "high": edges[1:], "treated": counts[0], "control": counts[1]}
    )
    share = float(((chance >= OVERLAP[0]) & (chance <= OVERLAP[1])).mean())
    # An arm that was planned small has a small chance everywhere: that is no lack of overlap.
    planned_small = not OVERLAP[0] <= treated.mean() <= OVERLAP[1]
    return _without_small_bins(table), float("nan") if planned_small else share


def _without_small_bins(bins: pd.DataFrame) -> pd.DataFrame:
    """Join neighbours until no bin shows fewer than 10 customers of a side but none."""
    kept: list[Bin] = []
    for row in bins.to_dict("records"):
        if kept and _is_small(kept[-1]):
            kept[-1] = _joined(kept[-1], row)
        else:
            kept.append(row)
    while len(kept) > 1 and _is_small(kept[-1]):
        kept[-2:] = [_joined(*kept[-2:])]
    return pd.DataFrame(kept).astype({"treated": int, "control": int})


def _is_small(row: Bin) -> bool:
    return any(0 < row[side] < LEAST_IN_ARM for side in ("treated", "control"))


def _joined(one: Bin, other: Bin) -> Bin:
    sums = {side: one[side] + other[side] for side in ("treated", "control")}
    return {"low": one["low"], "high": other["high"], **sums}


def treatment_chance(matrix: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """Predict each customer's chance of being treated from what was known before."""
    model = LogisticRegression(C=1.0, max_iter=500).fit(matrix, treated)
    return np.asarray(model.predict_proba(matrix)[:, 1])
