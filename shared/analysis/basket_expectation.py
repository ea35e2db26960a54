"""What chance would give: co-purchases if only basket sizes, or months and promotions, spoke."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.analysis.basket import Baskets

CHUNK = 200_000  # pairs at once, so that memory does not grow with their number
TOLERANCE, MOST_ROUNDS = 1e-6, 500


@dataclass(frozen=True)
class SizeModel:
    """How likely a basket of each size is to hold each item, by popularity alone.

    Attributes
    ----------
    chances : np.ndarray
        One row per basket size, one column per item.
    weights : np.ndarray
        Baskets of that size, scaled so that they hold exactly as many pairs as they do.
    """

    chances: np.ndarray
    weights: np.ndarray


def size_model(baskets: Baskets) -> SizeModel:
    """Fit how popular items fill baskets of each size.

    Large baskets hold many pairs of anything; that alone makes most lifts exceed 1 (and many small
    baskets make them fall below). The model keeps how often each item is bought and how large the
    baskets are, and leaves the rest to chance.

    References
    ----------
    Squartini, T. and Garlaschelli, D. (2011). Analytical maximum-likelihood method to detect
    patterns in real networks. Gionis, A. et al. (2007). Assessing data mining results via swap
    randomization.
    """
    sizes = baskets.filled[baskets.filled["size"] > 0]
    size, count = sizes["size"].to_numpy(float), sizes["baskets"].to_numpy(float)
    held = baskets.items["baskets"].to_numpy(float)
    chances = _fit(size, count, held)
    pairs = (chances.sum(axis=1) ** 2 - (chances**2).sum(axis=1)) / 2
    real = count * size * (size - 1) / 2
    return SizeModel(chances, real / np.where(pairs > 0, pairs, 1.0))


def expected_by_size(model: SizeModel, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Give the co-purchases of items a and b (numbers) that basket sizes would give."""
    weighted = model.chances * model.weights[:, None]
    return _in_chunks(lambda x, y: np.einsum("si,si->i", weighted[:, x], model.chances[:, y]), a, b)


def expected_by_stratum(
    held: pd.DataFrame, baskets: pd.Series, a: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """Give the co-purchases that chance would give within each month, promotion or place.

    Parameters
    ----------
    held : pd.DataFrame
        Baskets with the item, index `item`, columns the strata.
    baskets : pd.Series
        Baskets of each stratum.
    a, b : array of int
        Item numbers.

    References
    ----------
    Mantel, N. and Haenszel, W. (1959). Statistical aspects of the analysis of data from
    retrospective studies.
    """
    counts = held.to_numpy(float).T
    sizes = baskets.reindex(held.columns).to_numpy(float)[:, None]
    return _in_chunks(lambda x, y: (counts[:, x] * counts[:, y] / sizes).sum(axis=0), a, b)


def _fit(size: np.ndarray, count: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Solve for chances x_s y_i / (1 + x_s y_i) that keep sizes and popularity."""
    scale = np.sqrt(held.sum())
    x, y = size / scale, held / scale
    for _ in range(MOST_ROUNDS):
        chances = _chances(x, y)
        x_next = x * size / chances.sum(axis=1)
        chances = _chances(x_next, y)
        y_next = y * held / (count @ chances)
        moved = max(np.abs(x_next / x - 1).max(), np.abs(y_next / y - 1).max())
        x, y = x_next, y_next
        if moved < TOLERANCE:
            break
    return _chances(x, y)


def _chances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    product = x[:, None] * y
    return np.asarray(product / (1 + product))


def _in_chunks(expected: object, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    starts = range(0, len(a), CHUNK)
    parts = [expected(a[s : s + CHUNK], b[s : s + CHUNK]) for s in starts]  # type: ignore[operator]
    return np.concatenate(parts) if parts else np.zeros(0)
