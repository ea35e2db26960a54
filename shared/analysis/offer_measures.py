"""How good a list of offers was: hits, recall, order, breadth, and orders won over bestsellers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.special import gammaln
from scipy.stats import binomtest

from shared.analysis.intervals import wilson
from shared.analysis.multiple_testing import false_discovery_q, reading
from shared.analysis.offer_models import BESTSELLERS

DRAWS = 2000
Z = 1.959963984540054  # half-width of a 95 % normal interval in standard errors
RANDOM = "random"


@dataclass(frozen=True)
class Lists:
    """The lists of some customers by one method, and what came of them.

    Attributes
    ----------
    best : np.ndarray
        Positions of the products offered, best first; -1 where too few may be offered.
    bought : np.ndarray of bool
        Whether each was bought in the hold-out.
    wanted : np.ndarray
        Products each customer bought in the hold-out that could have been offered.
    """

    best: np.ndarray
    bought: np.ndarray
    wanted: np.ndarray


def measure_lists(lists: Lists, *, products: int, sellers: np.ndarray) -> dict[str, float]:
    """Measure lists of customers who bought something: means over customers, with bounds.

    Parameters
    ----------
    lists : Lists
        Each with at least one product wanted.
    products : int
        Size of the range, for the coverage.
    sellers : np.ndarray
        Positions of the top sellers.

    Returns
    -------
    dict of str to float
        `hit_rate` (Wilson), `recall`, `ndcg` with 1 for a purchase and 0 else (Järvelin and
        Kekäläinen, 2002), `top_share` (normal) and `coverage` (jackknife over customers), each
        with `_low` and `_high`; `customers` and `hits`.
    """
    hits = lists.bought
    discount = 1 / np.log2(np.arange(hits.shape[1]) + 2)
    longest = np.minimum(lists.wanted, hits.shape[1]).astype(int)
    ideal = np.cumsum(discount)[longest - 1]
    offered = np.maximum((lists.best >= 0).sum(axis=1), 1)
    any_hit = hits.any(axis=1)
    hit = wilson(int(any_hit.sum()), len(hits))
    return {
        "customers": len(hits),
        "hits": int(any_hit.sum()),
        **_bounds("hit_rate", hit.value, hit.low, hit.high),
        **_mean("recall", hits.sum(axis=1) / lists.wanted),
        **_mean("ndcg", (hits * discount).sum(axis=1) / ideal),
        **_coverage(lists.best, products),
        **_mean("top_share", np.isin(lists.best, sellers).sum(axis=1) / offered),
    }


def compare_with_bestsellers(
    hits: dict[str, np.ndarray], *, baseline: str, base_customers: int, seed: int = 0
) -> pd.DataFrame:
    """Set each method's hits against those of a list of bestsellers, customer by customer.

    Parameters
    ----------
    hits : dict of str to np.ndarray of bool
        By method, whether each customer's list held something bought; the same customers in all.
    baseline : str
        The list of bestsellers to beat.
    base_customers : int
        All who would have got a list, later buyers or not.
    seed : int
        Of the resampling.

    Returns
    -------
    pd.DataFrame
        `method`, `difference` (of hit rates, `_low` and `_high`), `gained_per_1000` (orders per
        1,000 customers of the base, a hit counted as one order, with bounds from resampling
        customers), `q` (exact McNemar test, Benjamini and Hochberg over the methods) and
        `finding`; nothing for bestsellers.

    References
    ----------
    McNemar, Q. (1947). Note on the sampling error of the difference between correlated
    proportions.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for method, hit in hits.items():
        if method in BESTSELLERS:
            continue
        won = int((hit & ~hits[baseline]).sum())
        lost = int((hits[baseline] & ~hit).sum())
        p = float(binomtest(won, won + lost).pvalue) if won + lost else 1.0
        # Resampling customers is drawing how many of three kinds come up: won, lost, neither.
        rows.append(
            {
                "method": method,
                "won": won,
                "lost": lost,
                **_resampled("difference", won, lost, len(hit), 1.0, rng),
                **_resampled("gained_per_1000", won, lost, base_customers, 1000.0, rng),
                "p": p,
            }
        )
    table = pd.DataFrame(rows)
    table["q"] = false_discovery_q(table["p"].to_numpy())
    table["finding"] = [str(reading(q)) for q in table["q"]]
    return table


def random_hit_rate(
    wanted: csr_matrix, owned: csr_matrix, offerable: np.ndarray, *, k: int
) -> dict[str, float]:
    """Give the hit rate of k products drawn at random, as the exact mean over all draws.

    Parameters
    ----------
    wanted, owned : csr_matrix
        What each customer bought in the hold-out, and what must not be offered to each.
    offerable : np.ndarray of bool
        The range that is drawn from.
    """
    held, good = (
        np.asarray(part[:, np.flatnonzero(offerable)].sum(axis=1)).ravel()
        for part in (owned, wanted)
    )
    free = offerable.sum() - held
    drawn, bad = np.minimum(k, free), free - good
    # All drawn from the others: C(bad, k) of C(free, k) draws; none where too few others exist.
    some = np.maximum(bad, drawn)
    log_miss = gammaln(some + 1) - gammaln(some - drawn + 1)
    log_miss -= gammaln(free + 1) - gammaln(free - drawn + 1)
    chance = 1 - np.where(bad >= drawn, np.exp(log_miss), 0.0)
    return {"customers": len(chance), **_mean("hit_rate", chance)}


def _bounds(name: str, value: float, low: float, high: float) -> dict[str, float]:
    return {name: float(value), f"{name}_low": float(low), f"{name}_high": float(high)}


def _mean(name: str, values: np.ndarray) -> dict[str, float]:
    half = Z * values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    mean = float(values.mean())
    return _bounds(name, mean, max(mean - half, 0.0), min(mean + half, 1.0))


def _coverage(best: np.ndarray, products: int) -> dict[str, float]:
    """Share of products in any list; a customer left out takes those offered to nobody else."""
    shown = best >= 0
    times = np.bincount(best[shown], minlength=products)
    alone = ((times[np.maximum(best, 0)] == 1) & shown).sum(axis=1)
    n, value = len(best), float((times > 0).sum()) / products
    half = Z * np.sqrt((n - 1) / n * ((alone - alone.mean()) ** 2).sum()) / products
    return _bounds("coverage", value, max(value - half, 0.0), min(value + half, 1.0))


def _resampled(
    name: str, won: int, lost: int, n: int, times: float, rng: np.random.Generator
) -> dict[str, float]:
    shares = [won / n, lost / n, 1 - (won + lost) / n]
    drawn = rng.multinomial(n, shares, size=DRAWS)
    low, high = np.quantile((drawn[:, 0] - drawn[:, 1]) / n, [0.025, 0.975]) * times
    return _bounds(name, times * (won - lost) / n, low, high)
