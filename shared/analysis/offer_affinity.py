"""Which groups of products belong to the same customers, more than their buying much explains?"""

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.stats import norm

from shared.analysis.multiple_testing import false_discovery_q, reading
from shared.analysis.offer_matrix import History

LEAST_TOGETHER = 10
STRATA = 10


def group_affinity(history: History, groups: pd.Series) -> pd.DataFrame:
    """Test every pair of groups for customers who bought from both.

    Who buys much buys of everything, and any two groups then look related. So customers are
    compared with those who bought equally many products, and the layers are put together.

    Parameters
    ----------
    history : History
        From `known_on`.
    groups : pd.Series
        Name of the group of each product, None for those left out.

    Returns
    -------
    pd.DataFrame
        One row per pair, each once: `group`, `other_group`, `customers` (bought both), `expected`
        (if the two had nothing to do with each other), `lift` (their ratio), `share_of_group`
        (of the buyers of `group`, who have `other_group` too), `q` (one-sided, Benjamini and
        Hochberg; blank under 10 customers) and `finding`.

    References
    ----------
    Mantel, N. and Haenszel, W. (1959). Statistical aspects of the analysis of data from
    retrospective studies of disease.
    """
    codes, names = pd.factorize(groups)
    inside = np.flatnonzero(codes >= 0)
    member = csr_matrix((np.ones(len(inside)), (inside, codes[inside])),
                        shape=(len(groups), len(names)))  # fmt: skip
    bought = history.bought
    has = (bought @ member).toarray() > 0
    breadth = np.diff(bought.indptr)
    both, expected, variance = _layered(has[breadth > 0], breadth[breadth > 0])
    pairs = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    rows = []
    for i, j in pairs:
        z = (both[i, j] - expected[i, j]) / np.sqrt(variance[i, j]) if variance[i, j] else np.nan
        rows.append(
            {
                "group": names[i],
                "other_group": names[j],
                "customers": int(both[i, j]),
                "expected": expected[i, j],
                "lift": both[i, j] / expected[i, j] if expected[i, j] else np.nan,
                "share_of_group": both[i, j] / max(both[i, i], 1),
                "z": z,
                "p": norm.sf(z) if both[i, j] >= LEAST_TOGETHER else np.nan,
            }
        )
    table = pd.DataFrame(rows, columns=["group", "other_group", "customers", "expected", "lift",
                                        "share_of_group", "z", "p"])  # fmt: skip
    table["q"] = false_discovery_q(table["p"].to_numpy(dtype=float))
    table["finding"] = [str(reading(q)) for q in table["q"]]
    return table


def _layered(has: np.ndarray, breadth: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum over layers of equal breadth: customers of both, expected ones and their variance."""
    size = has.shape[1]
    both, expected, variance = (np.zeros((size, size)) for _ in range(3))
    for layer in _layers(breadth):
        part = has[layer].astype(float)
        n, each = len(part), part.sum(axis=0)
        both += part.T @ part
        expected += np.outer(each, each) / n
        if n > 1:
            variance += np.outer(each * (n - each), each * (n - each)) / (n * n * (n - 1))
    return both, expected, variance


def _layers(breadth: np.ndarray) -> list[np.ndarray]:
    """Put customers into layers of equal breadth, wider ones where few are left."""
    cuts = np.unique(np.quantile(breadth, np.linspace(0, 1, 3 * STRATA + 1)))
    layer = np.searchsorted(cuts, breadth, side="left")
    return [np.flatnonzero(layer == number) for number in np.unique(layer)]
