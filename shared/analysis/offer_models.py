"""Models of the next offer: bestsellers, neighbours of products, factors, and bought again."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD

from shared.analysis.nearest_customers import (
    nearest_customers,
    rarity_weighted,
    reference_customers,
)
from shared.analysis.offer_matrix import History

Scorer = Callable[[np.ndarray], np.ndarray]

RECENT, ALL_TIME, CATEGORY = "recent_bestsellers", "all_time_bestsellers", "own_categories"
NEIGHBOURS, FACTORS, AGAIN = "neighbours", "factors", "buy_again"
PEERS = "similar_customers"
BESTSELLERS = (RECENT, ALL_TIME)
LADDER = (CATEGORY, RECENT, ALL_TIME)  # what fills a list where the chosen method has no answer
OWN = 1.0  # a score of buying again above it is that of an own product, else of a bestseller
METHOD_NAMES = {
    RECENT: "Recent bestsellers",
    ALL_TIME: "All-time bestsellers",
    CATEGORY: "Bestsellers of own categories",
    NEIGHBOURS: "Similar products",
    FACTORS: "Matrix factorisation",
    PEERS: "Similar customers",
    AGAIN: "Own products, then bestsellers",
    "random": "Random products",
}
NEAREST = 50  # customers who vote on what is offered
REMEMBERED = 400  # batches of customers whose nearest are kept, some 160 MB
# As a sentence goes on: "a list of their own, made of …".
METHOD_PHRASES = {
    RECENT: "what sells best lately",
    ALL_TIME: "what sold best so far",
    CATEGORY: "bestsellers of the categories they buy",
    NEIGHBOURS: "products like those they have",
    FACTORS: "matrix factorisation",
    PEERS: "what similar customers have",
    AGAIN: "what they bought before, then bestsellers",
}
TIE = 1e-9  # of equal scores the product with more buyers goes first


@dataclass(frozen=True)
class Models:
    """All models on one history.

    Attributes
    ----------
    scorers : dict of str to callable
        By method: takes positions of customers and gives a row of scores for each, a column per
        product; higher is better, and no score means nothing by itself.
    cosines : np.ndarray
        As from `item_cosines`.
    """

    scorers: dict[str, Scorer]
    cosines: np.ndarray


def fit_models(
    history: History,
    products: pd.DataFrame,
    *,
    repeatable: np.ndarray,
    factors: int = 32,
    window_days: int = 45,
    methods: Collection[str] | None = None,
) -> Models:
    """Fit every model on a history, and on nothing later.

    Parameters
    ----------
    history : History
        From `known_on`.
    products : pd.DataFrame
        As from `product_facts`; `category` is used where known.
    repeatable : np.ndarray of bool
        As from `bought_again`; without such a product there is no model of buying again.
    factors : int
        Rank of the matrix factorisation.
    window_days : int
        After so many days an own purchase has lost half of its freshness.
    methods : collection of str, optional
        Which methods to fit; all unless given.
    """
    bought = history.bought
    cosines = item_cosines(bought)
    recent = _share(history.recent if history.recent.any() else history.popularity)
    wanted = set(METHOD_PHRASES if methods is None else methods)
    scorers: dict[str, Scorer] = {
        RECENT: _same_for_all(recent),
        ALL_TIME: _same_for_all(_share(history.popularity)),
        NEIGHBOURS: lambda rows: bought[rows] @ cosines,
    }
    if products["category"].nunique() > 1:
        scorers[CATEGORY] = _by_category(history.counts, products["category"], recent)
    rank = min(factors, min(bought.shape) - 1)
    if rank >= 1 and FACTORS in wanted:
        scorers[FACTORS] = _factor_scores(bought, rank)
    references = reference_customers(bought)
    if len(references) > NEAREST and PEERS in wanted:
        scorers[PEERS] = _peer_scores(bought, references)
    if repeatable.any():
        scorers[AGAIN] = _again(history, repeatable, recent, window_days=window_days)
    return Models({name: part for name, part in scorers.items() if name in wanted}, cosines)


def item_cosines(bought: csr_matrix) -> np.ndarray:
    """Measure how alike products are in who buys them: 0 nobody in common, 1 the same customers.

    Parameters
    ----------
    bought : csr_matrix
        Customers by products, 1 where bought.

    Returns
    -------
    np.ndarray
        Products by products: customers of both over the root of the product of the customers of
        each. The diagonal is 0, for a product is no neighbour of itself; so is the row of a
        product that nobody bought.

    References
    ----------
    Linden, G., Smith, B. and York, J. (2003). Amazon.com recommendations: item-to-item
    collaborative filtering. Sarwar, B. et al. (2001). Item-based collaborative filtering.
    """
    length = np.sqrt(np.asarray(bought.sum(axis=0)).ravel())
    unit = bought.multiply(1 / np.maximum(length, 1.0)).tocsr()
    cosines = (unit.T @ unit).toarray(order="C")  # else each product with it copies it first
    np.fill_diagonal(cosines, 0.0)
    return cosines


def top_products(
    scores: np.ndarray, blocked: np.ndarray, *, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Give the k best products of each row of scores, best first.

    Parameters
    ----------
    scores : np.ndarray
        Customers by products.
    blocked : np.ndarray of bool
        What must not be offered, of the same shape.
    k : int
        Length of a list.

    Returns
    -------
    tuple of np.ndarray
        Positions of the products, -1 where a customer has too few that may be offered; and
        their scores, NaN there.
    """
    k = min(k, scores.shape[1])
    behind = TIE * np.arange(scores.shape[1]) - scores  # the best first, so that nothing is turned
    behind[blocked] = np.inf
    best = np.argpartition(behind, k - 1, axis=1)[:, :k]
    order = np.argsort(np.take_along_axis(behind, best, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(best, order, axis=1)
    missing = np.isposinf(np.take_along_axis(behind, best, axis=1))
    values = np.where(missing, np.nan, np.take_along_axis(scores, best, axis=1))
    return np.where(missing, -1, best), values


def _same_for_all(score: np.ndarray) -> Scorer:
    return lambda rows: np.broadcast_to(score, (len(rows), len(score)))


def _by_category(counts: csr_matrix, category: pd.Series, recent: np.ndarray) -> Scorer:
    """Score by recent sales times the share of the customer's purchases in that category."""
    codes, names = pd.factorize(category)
    codes = np.where(codes < 0, len(names), codes)
    at = (np.arange(len(codes)), codes)
    member = csr_matrix((np.ones(len(codes)), at), shape=(len(codes), len(names) + 1))
    tastes = (counts @ member).toarray()
    tastes /= np.maximum(tastes.sum(axis=1, keepdims=True), 1.0)
    return lambda rows: tastes[rows][:, codes] * recent


def _factor_scores(bought: csr_matrix, rank: int) -> Scorer:
    """Rebuild the matrix from a few factors (PureSVD; Cremonesi, Koren and Turrin, 2010)."""
    svd = TruncatedSVD(n_components=rank, random_state=0, n_iter=4)
    people = svd.fit_transform(bought)
    return lambda rows: people[rows] @ svd.components_


def _peer_scores(bought: csr_matrix, references: np.ndarray) -> Scorer:
    """Let the nearest customers vote, by how near they are (Resnick et al., 1994)."""
    weighted = rarity_weighted(bought)
    found: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}

    def scores(rows: np.ndarray) -> np.ndarray:
        # Lists, stock and launches ask for the same customers again, batch by batch.
        asked = rows.tobytes()
        near, alike = found.get(asked) or nearest_customers(weighted, rows, references, k=NEAREST)
        if len(found) < REMEMBERED:
            found[asked] = near, alike
        line = np.repeat(np.arange(len(rows)), near.shape[1])
        votes = csr_matrix((alike.clip(min=0).ravel(), (line, near.ravel())),
                           shape=(len(rows), bought.shape[0]))  # fmt: skip
        return np.asarray((votes @ bought).todense())

    return scores


def _again(
    history: History, repeatable: np.ndarray, recent: np.ndarray, *, window_days: int
) -> Scorer:
    """Score own products by how often and how lately they were bought; behind them bestsellers."""
    own = history.pairs[repeatable[history.pairs["product"]]]
    age = history.day - own["last"].to_numpy(dtype=float)
    score = own["count"].to_numpy(dtype=float) * 0.5 ** (age / window_days) + own["count"] / 100
    at = (own["customer"].to_numpy(), own["product"].to_numpy())
    mine = csr_matrix((OWN + np.asarray(score), at), shape=history.counts.shape)
    return lambda rows: mine[rows].toarray() + recent


def _share(sales: np.ndarray) -> np.ndarray:
    return sales / max(float(sales.sum()), 1.0)
