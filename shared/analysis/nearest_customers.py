"""The customers nearest to a customer by what they bought; among a sample where they are many."""

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

MOST_REFERENCES = 5000  # customers among whom the nearest are looked for
LEAST_PRODUCTS = 3  # with fewer products two customers are alike by accident
BATCH = 512
DENSE = 2000  # products; with as few it is faster to multiply the zeros too, to the same digits


def broad_customers(bought: csr_matrix) -> np.ndarray:
    """Give the positions of customers with at least 3 different products."""
    return np.flatnonzero(np.diff(bought.indptr) >= LEAST_PRODUCTS)


def reference_customers(bought: csr_matrix) -> np.ndarray:
    """Give the customers among whom is looked: every so many of the broad ones, 5,000 at most."""
    broad = broad_customers(bought)
    every = max(1, -(-len(broad) // MOST_REFERENCES))
    return broad[::every]


def rarity_weighted(bought: csr_matrix) -> csr_matrix:
    """Weigh products by rarity, as words in text search, and give each customer length 1."""
    buyers = np.maximum(np.asarray(bought.sum(axis=0)).ravel(), 1)
    weighted = bought.multiply(np.log(bought.shape[0] / buyers) + 1).tocsr()
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    length[length == 0] = 1
    return weighted.multiply(1 / length[:, None]).tocsr()


def nearest_customers(
    weighted: csr_matrix, rows: np.ndarray, references: np.ndarray, *, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest references of some customers, never the customer itself.

    Parameters
    ----------
    weighted : csr_matrix
        As from `rarity_weighted`.
    rows, references : np.ndarray
        Positions of the customers asked for, and of those among whom is looked.
    k : int
        How many.

    Returns
    -------
    tuple of np.ndarray
        Positions of the nearest, and their cosines, nearest first.
    """
    # The farthest first, so that no matrix has to be turned round to find the nearest.
    columns = -weighted[references].T.tocsr()
    columns = columns.toarray() if columns.shape[0] <= DENSE else columns
    place = pd.Series(np.arange(len(references)), index=references)
    k = min(k, len(references) - 1)
    nearest, alike = [], []
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        apart = weighted[some] @ columns
        apart = apart if isinstance(apart, np.ndarray) else apart.toarray()
        here = place.reindex(some)
        listed = np.flatnonzero(here.notna())
        apart[listed, here.iloc[listed].astype("int64")] = 1
        best = np.argpartition(apart, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(apart, best, axis=1)
        order = np.lexsort((best, values), axis=1)
        nearest.append(references[np.take_along_axis(best, order, axis=1)])
        alike.append(0.0 - np.take_along_axis(values, order, axis=1))  # never -0.0
    return np.concatenate(nearest), np.concatenate(alike)
