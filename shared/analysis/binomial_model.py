"""A binomial model of counted cells: log-odds by factors, with the scatter that cells show."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.special import expit

ITERATIONS, RIDGE, TINY, ENOUGH = 50, 1e-3, 1e-8, 1e-6


@dataclass(frozen=True)
class Fit:
    """A binomial model of the cells, its spread scaled by how much the cells really scatter.

    Attributes
    ----------
    coefficients, covariance : np.ndarray
        On the log-odds scale; the covariance carries the dispersion.
    deviance, dispersion : float
        Dispersion is at least 1: cells never count as quieter than chance.
    freedom, rank : int
        Residual degrees of freedom, and parameters that the cells can tell apart.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    deviance: float
    dispersion: float
    freedom: int
    rank: int


def factors(
    cells: pd.DataFrame, columns: list[str], *, levels_of: pd.DataFrame | None = None
) -> np.ndarray:
    """Build an intercept and one column per level but the first of each factor."""
    source = cells if levels_of is None else levels_of
    parts = [np.ones((len(cells), 1))]
    for column in columns:
        levels = np.sort(source[column].unique())[1:]
        parts.append((cells[column].to_numpy()[:, None] == levels).astype(float))
    return np.hstack(parts)


def without_trend(cells: pd.DataFrame, column: str) -> np.ndarray:
    """Build the columns of a factor that hold neither a level nor a straight trend."""
    levels, place = np.unique(cells[column], return_inverse=True)
    trend = np.column_stack([np.ones(len(levels)), levels - levels.mean()])
    shapes = np.linalg.svd(trend, full_matrices=True)[0][:, 2:]
    return shapes[place]


def fit_binomial(design: np.ndarray, cells: pd.DataFrame, *, start: Fit | None = None) -> Fit:
    """Fit log-odds by iterated least squares.

    Parameters
    ----------
    design : np.ndarray
        One row per cell, the intercept first.
    cells : pd.DataFrame
        `customers` of `at_risk` in each cell.
    start : Fit, optional
        A fit of the first columns of `design`, to begin from.
    """
    k, n = (cells[name].to_numpy(dtype=float) for name in ("customers", "at_risk"))
    sparse = csr_array(design)
    beta = np.zeros(design.shape[1])
    beta[0] = np.log((k.sum() + 0.5) / (n.sum() - k.sum() + 0.5))
    if start is not None:
        beta[: len(start.coefficients)] = start.coefficients
    # A whisper of ridge keeps a level without a single buyer finite.
    ridge = RIDGE * np.ones(len(beta))
    ridge[0] = 0.0
    for _ in range(ITERATIONS):
        p = np.clip(expit(sparse @ beta), 1e-6, 1 - 1e-6)
        hessian = _information(sparse, n * p * (1 - p)) + np.diag(ridge + TINY)
        step = np.linalg.solve(hessian, sparse.T @ (k - n * p) - ridge * beta)
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < ENOUGH:
            break
    p = np.clip(expit(sparse @ beta), 1e-6, 1 - 1e-6)
    rank = _rank(sparse)
    freedom = len(cells) - rank
    pearson = float(np.sum((k - n * p) ** 2 / (n * p * (1 - p))))
    dispersion = max(pearson / freedom, 1.0) if freedom > 0 else 1.0
    covariance = np.linalg.inv(hessian) * dispersion
    return Fit(beta, covariance, _deviance(k, n, p), dispersion, freedom, rank)


def _information(sparse: csr_array, weight: np.ndarray) -> np.ndarray:
    # Designs of factors are nearly all zeros: 100 weekly cohorts would take minutes if dense.
    return np.asarray((sparse.T.multiply(weight) @ sparse).todense())


def _rank(sparse: csr_array) -> int:
    spectrum = np.linalg.eigvalsh(_information(sparse, np.ones(sparse.shape[0])))
    return int((spectrum > 1e-9 * spectrum.max()).sum())


def _deviance(k: np.ndarray, n: np.ndarray, p: np.ndarray) -> float:
    bought = np.where(k > 0, k * np.log(np.where(k > 0, k, 1) / (n * p)), 0.0)
    rest = n - k
    silent = np.where(rest > 0, rest * np.log(np.where(rest > 0, rest, 1) / (n * (1 - p))), 0.0)
    return float(2 * np.sum(bought + silent))
