"""Calibration: does a score of 80 mean that 80 in 100 buy?"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import chi2
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from shared.analysis.intervals import Estimate, wilson

Kind = Literal["as it is", "Platt", "isotonic"]
ENOUGH_FOR_ISOTONIC = 1000  # positives
LEAST_TO_BEND = 0.01  # p-value of the test that a score needs no correction
FLAT = 1e-6
BINS = 10
FARTHEST = 30.0  # of a logit; beyond it a probability is 0 or 1 to the last digit


@dataclass(frozen=True)
class Calibration:
    """How a raw score becomes a probability.

    Attributes
    ----------
    kind : str
        "as it is", "Platt" or "isotonic".
    p : float
        Of the test that the raw score is right as it is; NaN where it could not be tested.
    slope, intercept : float
        Of Platt's line on the logit.
    steps : tuple of np.ndarray or None
        Points of the isotonic curve.
    """

    kind: Kind
    p: float
    slope: float = 1.0
    intercept: float = 0.0
    steps: tuple[np.ndarray, np.ndarray] | None = None

    def of(self, score: np.ndarray) -> np.ndarray:
        """Give the probability of raw scores."""
        if self.steps is not None:
            return np.interp(score, *self.steps)
        if self.kind == "Platt":
            return np.asarray(expit(self.intercept + self.slope * logit(score)))
        return np.asarray(score)


def calibrate(score: np.ndarray, outcome: np.ndarray) -> Calibration:
    """Learn on rows that no model saw how a score has to be bent to be a probability.

    A score that a likelihood-ratio test lets pass stays as it is: every correction adds noise of
    its own. Else Platt's line, or with 1,000 positives an isotonic curve.

    References
    ----------
    Platt (1999); Zadrozny and Elkan (2002); Cox (1958), the test of slope and intercept.
    """
    positives = int(np.sum(outcome))
    if not 0 < positives < len(outcome) or np.ptp(score) < FLAT:
        return Calibration("as it is", float("nan"))
    slope, intercept = logistic_line(score, outcome)
    bent = expit(intercept + slope * logit(score))
    gained = 2 * (_log_likelihood(bent, outcome) - _log_likelihood(score, outcome))
    p = float(chi2.sf(max(gained, 0.0), 2))
    if p >= LEAST_TO_BEND or slope <= 0:
        return Calibration("as it is", p)
    if positives < ENOUGH_FOR_ISOTONIC:
        return Calibration("Platt", p, slope, intercept)
    fit = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(score, outcome)
    return Calibration("isotonic", p, slope, intercept, (fit.X_thresholds_, fit.y_thresholds_))


def logistic_line(score: np.ndarray, outcome: np.ndarray) -> tuple[float, float]:
    """Fit slope and intercept of the outcome on the logit of a score; (1, 0) is right as it is."""
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", max_iter=200).fit(
        logit(score)[:, None], outcome
    )
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def calibration_slope(
    propensity: np.ndarray, outcome: np.ndarray, *, level: float = 0.95
) -> Estimate:
    """Estimate the calibration slope: 1 is right, below 1 scores are too extreme.

    The interval is Wald's; NaN where all scores are the same.
    """
    n = len(outcome)
    if not 0 < np.sum(outcome) < n or np.ptp(propensity) < FLAT:
        return Estimate(float("nan"), float("nan"), float("nan"), n, "ratio", level, "tested rows")
    slope, intercept = logistic_line(propensity, outcome)
    x = logit(propensity)
    weight = (p := expit(intercept + slope * x)) * (1 - p)
    centre = np.average(x, weights=weight)
    half = float(1.96 / np.sqrt(np.sum(weight * (x - centre) ** 2)))
    return Estimate(slope, slope - half, slope + half, n, "ratio", level, "tested rows")


def calibration_table(
    propensity: np.ndarray, outcome: np.ndarray, *, bins: int = BINS
) -> pd.DataFrame:
    """Compare promised and observed rates in classes of equally many rows.

    Returns
    -------
    pd.DataFrame
        One row per class, lowest first: `class`, `n`, `propensity` (mean promised), `bought`,
        `rate`, `low`, `high` (Wilson 95 %). Equal scores are in one class.
    """
    place = pd.Series(propensity).rank(method="first", pct=True).to_numpy()
    cut = pd.Series(np.minimum((place * bins - 1e-12).astype(int), bins - 1))
    # Equal scores must not be told apart by the order of the rows.
    cut = cut.groupby(np.asarray(propensity)).transform("min")
    rows = pd.DataFrame({"place": cut, "propensity": propensity, "outcome": outcome})
    table = rows.groupby("place").agg(
        n=("outcome", "size"), propensity=("propensity", "mean"), bought=("outcome", "sum")
    )
    shares = [wilson(b, n) for b, n in zip(table["bought"], table["n"], strict=True)]
    return table.reset_index(drop=True).assign(
        rate=[s.value for s in shares], low=[s.low for s in shares], high=[s.high for s in shares]
    ).rename_axis("class").reset_index().assign(**{"class": lambda t: t["class"] + 1})  # fmt: skip


def calibration_error(propensity: np.ndarray, outcome: np.ndarray) -> float:
    """Give the mean distance of promised and observed rate over ten classes, weighted by size."""
    table = calibration_table(propensity, outcome)
    gap = (table["propensity"] - table["rate"]).abs()
    return float(np.average(gap, weights=table["n"]))


def logit(score: np.ndarray) -> np.ndarray:
    """Give the log odds, finite also at 0 and 1."""
    clipped = np.clip(score, 1e-12, 1 - 1e-12)
    return np.clip(np.log(clipped / (1 - clipped)), -FARTHEST, FARTHEST)


def _log_likelihood(p: np.ndarray, outcome: np.ndarray) -> float:
    clipped = np.clip(p, 1e-12, 1 - 1e-12)
    return float(np.sum(np.where(np.asarray(outcome) == 1, np.log(clipped), np.log1p(-clipped))))
