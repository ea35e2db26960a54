"""Segment rules: which segments does the base form by itself, and which rules describe them?"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from shared.analysis.cluster_vote import (
    LEAST_CUSTOMERS,
    ClusterVote,
    canonical_sample,
    cluster_vote,
    fit_clusters,
    standardised,
)
from shared.analysis.intervals import Estimate
from shared.analysis.rfm_scores import MEASURES
from shared.analysis.tree_rules import tree_rules
from shared.loading.errors import NotSupportedByData

ENOUGH_CUSTOMERS = 500
FITTED = 20_000
FAITHFUL = 0.90


class Finding(StrEnum):
    """What the vote comes to; the value is the word in the findings."""

    NATURAL = "natural clusters"
    ONE_CLOUD = "one cloud"
    DISAGREEMENT = "criteria disagree"
    BY_DEFINITION = "one order or several"
    TOO_FEW = "too few customers"


@dataclass(frozen=True)
class Discovered:
    """The segments that the base forms by itself, and how well rules describe them.

    Attributes
    ----------
    finding : Finding
        Whether they are natural clusters; if not, they are bands, and why.
    vote : ClusterVote
        The vote of all customers.
    assignments : pd.DataFrame
        `customer_id` and `discovered_segment`: D1 has the highest typical money, and so on. Equal
        customers share a segment.
    profiles : pd.DataFrame
        One row per discovered segment: `customers`, `customer_share`, `revenue`, `revenue_share`,
        `once_share` (of them, with one order), and of each measure the median and the quartiles
        (`recency_days_low`, `recency_days`, `recency_days_high` and so on).
    rules : pd.DataFrame
        As from `tree_rules`, for all three measures; a customer meets exactly one of them.
    fidelity : Estimate
        Share of held-out customers whom the rules put into their own segment.
    likeness : float
        Adjusted Rand index with the imposed segments: 1 the same, 0 as by chance.
    left_out : tuple of str
        Measures that do not vary and so do not count.
    without_money : int
        Customers without positive money: they take no part in finding the segments and join
        the one nearest to the smallest amount.
    """

    finding: Finding
    vote: ClusterVote
    assignments: pd.DataFrame
    profiles: pd.DataFrame
    rules: pd.DataFrame
    fidelity: Estimate
    likeness: float
    left_out: tuple[str, ...]
    without_money: int

    @property
    def described(self) -> bool:
        """Whether the rules describe the segments: at least 90 % of held-out customers."""
        return self.fidelity.value >= FAITHFUL


def discover_segments(customers: pd.DataFrame, *, clusters: int = 0, seed: int = 0) -> Discovered:
    """Find the segments that recency, orders and money form by themselves, and rules for them.

    K-means runs on the standardised logarithms of the three measures; the number comes from
    `cluster_vote`. A shallow tree learns the segments from 70 % of the customers in the client's
    units, its bounds are rounded so that they can be said, and the rest of the customers tell how
    often the rounded rules are right.

    Parameters
    ----------
    customers : pd.DataFrame
        One row per customer with an order: `customer_id`, `recency_days`, `frequency`, `monetary`
        and `segment` (the imposed one).
    clusters : int
        Number of segments; 0 lets the vote decide.
    seed : int
        Of samples, starts and the split.

    Returns
    -------
    Discovered
        The same for any order of the rows and any names of the customers.

    Raises
    ------
    NotSupportedByData
        If fewer than 50 customers have positive money, or nearly all are alike.

    Notes
    -----
    Orders are whole numbers, and whoever ordered once shares one value: that band stands apart by
    definition, whatever the customers are like. Clusters are therefore called natural only if
    those who ordered more than once fall into natural clusters too.
    """
    customers = customers.reset_index(drop=True)
    # In the order of their values, so that no sum and no draw depends on the order of the rows.
    ordered = customers.sort_values(list(MEASURES), kind="stable")
    measures = _varying(ordered)
    paid = (ordered["monetary"] > 0).to_numpy()
    logs = _logs(ordered, measures)
    vote = cluster_vote(standardised(logs[paid]), seed=seed)
    drawn = np.flatnonzero(paid)[canonical_sample(logs[paid], FITTED, seed=seed)]
    points = (logs - logs[drawn].mean(axis=0)) / logs[drawn].std(axis=0)
    fitted = fit_clusters(points[drawn], clusters or vote.clusters, seed=seed)
    labels = _named(ordered, nearest_centre(points, fitted.cluster_centers_))
    rules, fidelity = tree_rules(ordered[list(MEASURES)], labels, rows=drawn, seed=seed)
    return Discovered(
        finding=_finding(vote, ordered[paid], measures, seed=seed),
        vote=vote,
        assignments=customers[["customer_id"]].assign(discovered_segment=labels),
        profiles=_profiles(ordered, labels),
        rules=rules,
        fidelity=fidelity,
        likeness=float(adjusted_rand_score(ordered["segment"].astype(str), labels)),
        left_out=tuple(m for m in MEASURES if m not in measures),
        without_money=int((~paid).sum()),
    )


def discovered_against_imposed(customers: pd.DataFrame, found: Discovered) -> pd.DataFrame:
    """Cross the imposed segments, one row each, with the discovered ones: customers in both."""
    imposed = customers["segment"].reset_index(drop=True)
    table = pd.crosstab(imposed, found.assignments["discovered_segment"], dropna=False)
    return table.rename_axis(columns=None).reset_index().astype({"segment": str})


def nearest_centre(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Give each point the number of its nearest centre, a column at a time for a million rows."""
    distances = np.zeros((len(points), len(centres)))
    for column, centre in zip(points.T, centres.T, strict=True):
        distances += (column[:, None] - centre) ** 2
    nearest: np.ndarray = distances.argmin(axis=1)
    return nearest


def _varying(customers: pd.DataFrame) -> list[str]:
    """List the measures that tell customers apart."""
    paid = customers[customers["monetary"] > 0]
    if len(paid) < LEAST_CUSTOMERS:
        raise NotSupportedByData(
            f"{len(paid)} customers with positive money",
            f"at least {LEAST_CUSTOMERS} customers with positive money",
        )
    measures = [measure for measure in MEASURES if paid[measure].nunique() > 1]
    if not measures:
        raise NotSupportedByData(
            "all customers are alike in recency, orders and money", "customers who differ"
        )
    return measures


def _logs(customers: pd.DataFrame, measures: list[str]) -> np.ndarray:
    """Take logarithms; an order of today counts as one day, no money as the smallest amount."""
    money = customers["monetary"]
    floors = {"recency_days": 1, "frequency": 1, "monetary": money[money > 0].min()}
    return np.log(
        np.column_stack(
            [customers[m].clip(lower=floors[m]).to_numpy(dtype=float) for m in measures]
        )
    )


def _named(customers: pd.DataFrame, clusters: np.ndarray) -> pd.Series:
    """Name the clusters D1, D2 … by their typical money, then orders, then recency."""
    typical = customers[list(MEASURES)].groupby(clusters).median()
    order = typical.sort_values(
        ["monetary", "frequency", "recency_days"], ascending=[False, False, True]
    ).index
    names = {cluster: f"D{place}" for place, cluster in enumerate(order, start=1)}
    return pd.Series(clusters, index=customers.index).map(names)


def _finding(vote: ClusterVote, paid: pd.DataFrame, measures: list[str], *, seed: int) -> Finding:
    if len(paid) < ENOUGH_CUSTOMERS:
        return Finding.TOO_FEW
    if not vote.natural:
        return Finding.ONE_CLOUD if vote.one_cloud else Finding.DISAGREEMENT
    once = paid["frequency"] == 1
    if not once.any() or "frequency" not in measures:
        return Finding.NATURAL
    enough = (~once).sum() >= LEAST_CUSTOMERS
    rest = paid[~once] if enough else paid
    others = measures if enough else [m for m in measures if m != "frequency"]
    try:
        again = cluster_vote(standardised(_logs(rest, others)), seed=seed)
    except NotSupportedByData:
        return Finding.BY_DEFINITION
    return Finding.NATURAL if again.natural else Finding.BY_DEFINITION


def _profiles(customers: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    groups = customers.groupby(labels)
    table = groups.agg(customers=("customer_id", "size"), revenue=("monetary", "sum"))
    total = table["revenue"].sum()
    table.insert(1, "customer_share", table["customers"] / len(customers))
    table["revenue_share"] = table["revenue"] / (total or np.nan)
    table["once_share"] = (customers["frequency"] == 1).groupby(labels).mean()
    for measure in MEASURES:
        for end, share in (("_low", 0.25), ("", 0.5), ("_high", 0.75)):
            table[f"{measure}{end}"] = groups[measure].quantile(share)
    return table.rename_axis("segment").reset_index()
