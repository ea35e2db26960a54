"""Maximum likelihood of positive parameters: search, polish, and reasons not to believe it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from shared.analysis.verdicts import Reason

# Beyond e^18 a parameter has run away; the search stops there instead of overflowing.
LARGEST_LOG, POLISH, STEP = 18.0, 6, 1e-4
FLAT_GRADIENT, FLAT_TOP = 1e-5, 1e-8

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]


class FitFailed(Exception):
    """A fit ended, but its parameters cannot be believed; `reasons` says why in words."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return "; ".join(_plainly(reason) for reason in self.reasons)


@dataclass(frozen=True)
class Optimum:
    """Where a search for the smallest mean negative log-likelihood ended.

    Attributes
    ----------
    logs : np.ndarray
        Logarithms of the parameters.
    value : float
        The objective there, per customer.
    gradient : np.ndarray
        Per customer and log-parameter.
    hessian : np.ndarray
        Per customer; its inverse over n is the covariance of the log-parameters.
    """

    logs: np.ndarray
    value: float
    gradient: np.ndarray
    hessian: np.ndarray


def search(objective: Objective, starts: Sequence[np.ndarray]) -> np.ndarray:
    """Give the logarithms of the parameters with the smallest objective over several starts."""
    found = [_descend(objective, start) for start in starts]
    return min(found, key=lambda end: end[1])[0]


def settle(objective: Objective, start: np.ndarray) -> Optimum:
    """Search from one start and polish with Newton steps until the gradient is flat."""
    logs, _ = _descend(objective, start)
    value, gradient = objective(logs)
    hessian = curvature(objective, logs)
    for _ in range(POLISH):
        if np.abs(gradient).max() < FLAT_GRADIENT * 1e-4 or not _is_bowl(hessian):
            break
        # Newton: the search itself stops at about four digits along a long ridge.
        step = np.linalg.solve(hessian, gradient)
        tried = logs - step * min(1.0, 1.0 / np.abs(step).max())
        tried_value, tried_gradient = objective(tried)
        if not tried_value <= value:
            break
        logs, value, gradient = tried, tried_value, tried_gradient
        hessian = curvature(objective, logs)
    return Optimum(logs, value, gradient, hessian)


def curvature(objective: Objective, logs: np.ndarray) -> np.ndarray:
    """Differentiate the analytic gradient once more, by central differences."""
    columns = []
    for i in range(len(logs)):
        step = np.zeros(len(logs))
        step[i] = STEP
        columns.append((objective(logs + step)[1] - objective(logs - step)[1]) / (2 * STEP))
    hessian = np.array(columns)
    return (hessian + hessian.T) / 2


def covariance(optimum: Optimum, *, n: float) -> np.ndarray:
    """Give the covariance of the log-parameters; blank where the top is flat."""
    if not _is_bowl(optimum.hessian):
        return np.full_like(optimum.hessian, np.nan)
    return np.linalg.inv(optimum.hessian) / n


def doubts(optimum: Optimum) -> list[Reason]:
    """List what speaks against an optimum: nothing computed, a slope left, or a flat top."""
    if not np.isfinite(optimum.value) or not np.isfinite(optimum.gradient).all():
        return [Reason("the likelihood cannot be computed")]
    # "Converged" is not "sensible": along a flat ridge any search stops, somewhere.
    if not _is_bowl(optimum.hessian):
        return [Reason("the likelihood is flat: many sets of parameters explain the data equally")]
    if np.abs(optimum.gradient).max() > FLAT_GRADIENT:
        return [Reason("the search did not reach a maximum of the likelihood")]
    return []


def _plainly(reason: Reason) -> str:
    """Write a reason without a locale, for an exception that nobody caught."""

    def written(found: re.Match[str]) -> str:
        value, spec = reason.values[found[1]], found[2] or ""
        if "|" in spec:
            return spec.split("|")[value != 1]
        return f"{value:.4g}" if isinstance(value, float) else str(value)

    return re.sub(r"\{(\w+)(?::([^}]*))?\}", written, reason.template)


def _is_bowl(hessian: np.ndarray) -> bool:
    return bool(np.isfinite(hessian).all() and np.linalg.eigvalsh(hessian).min() > FLAT_TOP)


def _descend(objective: Objective, start: np.ndarray) -> tuple[np.ndarray, float]:
    bounds = [(-LARGEST_LOG, LARGEST_LOG)] * len(start)
    options = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8}
    found = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return found.x, float(found.fun)
