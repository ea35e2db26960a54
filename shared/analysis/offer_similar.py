"""Who are the most similar customers, and what do their purchases and their pace suggest?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.stats import rankdata

from shared.analysis.intervals import Estimate
from shared.analysis.nearest_customers import (
    LEAST_PRODUCTS,
    broad_customers,
    nearest_customers,
    rarity_weighted,
    reference_customers,
)
from shared.analysis.offer_matrix import History, OfferBase
from shared.loading.errors import NotSupportedByData

PEERS = 10
BATCH = 512
SLOW = 0.5  # who buys at less than half the pace of the peers


@dataclass(frozen=True)
class SimilarCustomers:
    """Each customer's nearest others, and what they tell.

    Attributes
    ----------
    table : pd.DataFrame
        One row per customer with at least 3 products: `customer_id`, `peers` (the ids of the
        nearest three), `similarity` (mean cosine of the ten nearest), `orders_a_year` (days with a
        purchase), `peers_orders_a_year` (median), `favourite` and `peers_favourite` (group most
        bought), `suggestion` (the product that most peers have and the customer has not) and
        `peers_with_it`.
    same_favourite, by_chance : Estimate
        Share of peers with the same favourite group, and the share among all customers.
    pace : Estimate
        Rank correlation of own pace and that of the peers, at equal numbers of products bought:
        who has few is like others who have few.
    references : int
        Customers among whom peers were looked for.
    """

    table: pd.DataFrame
    same_favourite: Estimate
    by_chance: float
    pace: Estimate
    references: int

    @property
    def slow(self) -> pd.DataFrame:
        """Customers who buy at less than half the pace of their peers."""
        return self.table[self.table["orders_a_year"] < SLOW * self.table["peers_orders_a_year"]]


def similar_customers(
    base: OfferBase, history: History, groups: pd.Series, *, pace: pd.Series
) -> SimilarCustomers:
    """Find each customer's ten nearest others by the products bought (cosine).

    Rare products count for more than those that everybody has (weights as in text search).

    Parameters
    ----------
    base : OfferBase
        From `read_purchases`.
    history : History
        From `known_on`.
    groups : pd.Series
        Group of each product, None for the rest.
    pace : pd.Series
        Orders a year by position of the customer; blank where too young to tell.

    Raises
    ------
    NotSupportedByData
        If fewer than 50 customers bought 3 different products.
    """
    bought = history.bought
    broad = broad_customers(bought)
    if len(broad) < 50:
        raise NotSupportedByData(
            f"{len(broad)} customers have bought {LEAST_PRODUCTS} different products",
            "at least 50 such customers",
        )
    references = reference_customers(bought)
    near, alike = nearest_customers(rarity_weighted(bought), broad, references, k=PEERS)
    favourite = _favourites(history, groups)
    peers_pace = np.nanmedian(_filled(pace.to_numpy(dtype=float))[near], axis=1)
    own = pace.to_numpy(dtype=float)[broad]
    same = (favourite[near] == favourite[broad][:, None]) & (favourite[broad] != None)[:, None]  # noqa: E711
    suggestion, having = _suggested(bought, broad, near)
    ids = base.customers.to_numpy()
    table = pd.DataFrame(
        {
            "customer_id": ids[broad],
            "peers": [" ".join(ids[row[:3]]) for row in near],
            "similarity": alike.mean(axis=1).round(4),
            "orders_a_year": own.round(2),
            "peers_orders_a_year": peers_pace.round(2),
            "favourite": favourite[broad],
            "peers_favourite": _most_common(favourite, near),
            "suggestion": base.products["product_id"].to_numpy()[suggestion],
            "suggested_name": base.products["product_name"].to_numpy()[suggestion],
            "peers_with_it": having,
        }
    )
    known = np.array([name is not None for name in favourite[broad]])
    return SimilarCustomers(
        table,
        _mean_share(same[known].mean(axis=1)),
        _chance_of_same(favourite[references]),
        _correlation(own, peers_pace, np.diff(bought.indptr)[broad]),
        len(references),
    )


def _favourites(history: History, groups: pd.Series) -> np.ndarray:
    """Name the group that each customer bought most often; None without one."""
    codes, names = pd.factorize(groups)
    inside = np.flatnonzero(codes >= 0)
    member = csr_matrix((np.ones(len(inside)), (inside, codes[inside])),
                        shape=(len(groups), max(len(names), 1)))  # fmt: skip
    counts = (history.counts @ member).toarray()
    named = np.array([*names, None], dtype=object)
    return named[np.where(counts.max(axis=1) > 0, counts.argmax(axis=1), len(names))]


def _suggested(
    bought: csr_matrix, broad: np.ndarray, near: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the product that most peers have and the customer has not, and how many have it."""
    products, having = [], []
    for start in range(0, len(broad), BATCH):
        rows, peers = broad[start : start + BATCH], near[start : start + BATCH]
        pick = csr_matrix(
            (np.ones(peers.size), (np.repeat(np.arange(len(rows)), peers.shape[1]), peers.ravel())),
            shape=(len(rows), bought.shape[0]),
        )
        votes = (pick @ bought).toarray()
        votes[bought[rows].toarray() > 0] = -1
        products.append(votes.argmax(axis=1))
        having.append(votes.max(axis=1))
    return np.concatenate(products), np.concatenate(having).astype("int64")


def _filled(pace: np.ndarray) -> np.ndarray:
    # A median over peers who are all too young to tell would warn; nobody's pace is blank then.
    return np.where(np.isnan(pace), np.nanmedian(pace) if (~np.isnan(pace)).any() else 0.0, pace)


def _most_common(favourite: np.ndarray, near: np.ndarray) -> np.ndarray:
    codes, names = pd.factorize(favourite)
    votes = np.zeros((len(near), max(len(names), 1)), dtype="int32")
    for column in codes[near].T:
        rows = np.flatnonzero(column >= 0)
        np.add.at(votes, (rows, column[rows]), 1)
    named = np.array([*names, None], dtype=object)
    return named[np.where(votes.max(axis=1) > 0, votes.argmax(axis=1), len(names))]


def _mean_share(values: np.ndarray) -> Estimate:
    if not len(values):
        return Estimate(np.nan, np.nan, np.nan, 0, "share")
    mean, half = float(values.mean()), 1.96 * float(values.std()) / np.sqrt(len(values))
    return Estimate(
        mean, max(mean - half, 0.0), min(mean + half, 1.0), len(values), "share", of="customers"
    )


def _chance_of_same(favourite: np.ndarray) -> float:
    """Give the chance that two customers drawn at random have the same favourite."""
    counts = pd.Series(favourite).dropna().value_counts().to_numpy(dtype=float)
    n = counts.sum()
    return float((counts * (counts - 1)).sum() / (n * (n - 1))) if n > 1 else float("nan")


def _correlation(own: np.ndarray, peers: np.ndarray, breadth: np.ndarray) -> Estimate:
    known = ~np.isnan(own)
    columns = [values[known] for values in (own, peers, breadth)]
    n = int(known.sum())
    if n < 10 or min(np.ptp(values) for values in columns) == 0:
        return Estimate(np.nan, np.nan, np.nan, n, "number")
    ranks = np.corrcoef([rankdata(values) for values in columns])
    own_peers, own_breadth, peers_breadth = ranks[0, 1], ranks[0, 2], ranks[1, 2]
    rest = np.sqrt(max((1 - own_breadth**2) * (1 - peers_breadth**2), 1e-12))
    rho = float(np.clip((own_peers - own_breadth * peers_breadth) / rest, -0.999999, 0.999999))
    # Fisher's z with the variance of Bonett and Wright (2000) for ranks, one more held constant.
    half = 1.96 * np.sqrt((1 + rho**2 / 2) / (n - 4))
    low, high = np.tanh(np.arctanh(rho) + np.array([-half, half]))
    return Estimate(rho, float(low), float(high), n, "number", of="customers")
