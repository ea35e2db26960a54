"""Types of behaviour: do customers differ in kind by what they put into a basket?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.analysis.cluster_vote import (
    LEAST_CUSTOMERS,
    ClusterVote,
    cluster_vote,
    fit_clusters,
    standardised,
)
from shared.analysis.portfolio import REGULAR_ORDERS
from shared.analysis.segment_rules import ENOUGH_CUSTOMERS, nearest_centre
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

# What is in a basket, never how many baskets nor how large in money: those make the segments.
BASKET = {
    "discount_share": ("Taken off by discounts", "share"),
    "refund_rate": ("Sent back", "share"),
    "top_category_share": ("From the main category", "share"),
    "positions_per_order": ("Products in an order", "number.1"),
    "units_per_order": ("Units in an order", "number.1"),
    "units_per_position": ("Units of a product", "number.1"),
}
LOGARITHMIC = ("units_per_order", "units_per_position")
LEAST_MEASURES = 4
KNOWN_SHARE = 0.95


@dataclass(frozen=True)
class BehaviourTypes:
    """What customers of several orders have in common in their baskets.

    Attributes
    ----------
    vote, shuffled : ClusterVote
        The vote on the number of types, and the same vote after the measures were shuffled among
        the customers, each by itself: what it finds then lies in the shape of single measures.
    measures : tuple of str
        Keys of `BASKET` that are known and differ.
    table : pd.DataFrame
        One row per type, the largest first: `type` (number), `customers`, `customer_share`, the
        mean of each measure, and `apart` (the measure in which it is furthest from the rest).
    everyone : pd.Series
        The mean of each measure over all of them.
    assignments : pd.DataFrame
        `customer_id` and `type`; who ordered too seldom is not in it.
    customers : int
        All customers of the profile, those who ordered too seldom included.
    """

    vote: ClusterVote
    shuffled: ClusterVote
    measures: tuple[str, ...]
    table: pd.DataFrame
    everyone: pd.Series
    assignments: pd.DataFrame
    customers: int

    @property
    def natural(self) -> bool:
        """Whether these are types: enough customers, a natural vote, and none by shuffling."""
        enough = len(self.assignments) >= ENOUGH_CUSTOMERS
        return self.vote.natural and not self.shuffled.natural and enough


def behaviour_types(profile: pd.DataFrame, *, seed: int = 0) -> BehaviourTypes:
    """Look for types of customers in what they put into a basket.

    A share of one or two orders is chance, so only customers with three orders or more are read.
    K-means runs on the standardised measures; `cluster_vote` decides whether its groups are types.

    Parameters
    ----------
    profile : pd.DataFrame
        One row per customer: `customer_id`, `frequency` and the basket metrics of the customer
        profile. A metric that over 5 % of them lack is left out; who lacks another one is not read.
    seed : int
        Of samples, starts and shuffles.

    Raises
    ------
    NotSupportedByData
        If under 50 customers ordered three times, fewer than four measures are known and differ,
        or nearly all customers are alike.
    """
    regulars = profile[profile["frequency"] >= REGULAR_ORDERS]
    if len(regulars) < LEAST_CUSTOMERS:
        raise NotSupportedByData(
            f"{len(regulars)} customers with {REGULAR_ORDERS} orders or more",
            f"at least {LEAST_CUSTOMERS} of them",
        )
    read, values = _measured(regulars)
    points = standardised(
        values.assign(**{m: np.log(values[m]) for m in LOGARITHMIC if m in values}).to_numpy()
    )
    vote = cluster_vote(points, seed=seed)
    shuffled = cluster_vote(_shuffled(points, seed=seed), seed=seed)
    fitted = fit_clusters(points[np.lexsort(points.T)], vote.clusters, seed=seed)
    numbers = _by_size(nearest_centre(points, fitted.cluster_centers_))
    return BehaviourTypes(
        vote,
        shuffled,
        tuple(values.columns),
        _described(values, points, numbers),
        values.mean(),
        pd.DataFrame({"customer_id": read.to_numpy(), "type": numbers}),
        len(profile),
    )


def types_said(found: BehaviourTypes) -> list[Reason]:
    """Answer: are there types of behaviour, and what sets each apart?"""
    values = {
        **found.vote.votes,
        "types": len(found.table),
        "n": len(found.assignments),
        "all": found.customers,
        "least": REGULAR_ORDERS,
        "enough": ENOUGH_CUSTOMERS,
    }
    judged = " Read were the {n} of {all} customers with {least} orders or more. Of three "
    judged += "criteria, two of which have to agree, silhouette names {silhouette}, the gap "
    judged += "statistic {gap} and stability {stability}. "
    if found.vote.natural and found.vote.gap != found.vote.clusters:
        judged += "The gap statistic is outvoted. "
    judged += "With each measure shuffled "
    judged += "types appear too." if found.shuffled.natural else "no types appear."
    if found.natural:
        first = Reason(
            "{types} types, told apart by the basket and not by recency, orders or money." + judged,
            values,
        )
        return [first, _apart(found)]
    few = " Under {enough} customers no group is called a type." if found.vote.natural else ""
    return [Reason(f"No types of behaviour are found.{judged}{few}", values)]


def types_columns(found: BehaviourTypes) -> dict[str, tuple[str, str]]:
    """Name the columns of the table of types, and how each is written."""
    return {
        "type": ("Type", "count"),
        "customers": ("Customers", "count"),
        "customer_share": ("Share", "share"),
        **{measure: BASKET[measure] for measure in found.measures},
    }


def _measured(regulars: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """Take the measures that are known and differ, and the customers of whom all are known."""
    filled = regulars.assign(
        units_per_position=regulars["units_per_order"] / regulars["positions_per_order"]
    )
    known = [
        measure
        for measure in BASKET
        if filled[measure].notna().mean() >= KNOWN_SHARE and filled[measure].nunique() > 1
    ]
    if len(known) < LEAST_MEASURES:
        names = ", ".join(BASKET[measure][0].lower() for measure in known) or "none"
        raise NotSupportedByData(
            f"{len(known)} of {len(BASKET)} measures of baskets are known and differ: {names}",
            "discounts, refunds or categories in the order lines",
        )
    positive = [measure for measure in LOGARITHMIC if measure in known]
    whole = filled[known].notna().all(axis=1) & (filled[positive] > 0).all(axis=1)
    return filled.loc[whole, "customer_id"], filled.loc[whole, known].astype("float64")


def _shuffled(points: np.ndarray, *, seed: int) -> np.ndarray:
    """Shuffle each measure by itself: the same values, and nothing that goes together."""
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.permutation(np.sort(column)) for column in points.T])


def _by_size(clusters: np.ndarray) -> np.ndarray:
    """Give the largest cluster the number 1, and so on."""
    order = pd.Series(clusters).value_counts(sort=True).index
    places = {cluster: place for place, cluster in enumerate(order, start=1)}
    return np.array([places[cluster] for cluster in clusters])


def _described(values: pd.DataFrame, points: np.ndarray, numbers: np.ndarray) -> pd.DataFrame:
    away = pd.DataFrame(points, columns=values.columns).groupby(numbers).mean()
    table = values.groupby(numbers).mean()
    sizes = pd.Series(numbers).value_counts().reindex(table.index)
    table.insert(0, "customers", sizes)
    table.insert(1, "customer_share", sizes / len(numbers))
    return table.rename_axis("type").reset_index().assign(apart=away.abs().idxmax(axis=1).tolist())


def _apart(found: BehaviourTypes) -> Reason:
    """Name for each type the measure in which it is furthest from the rest."""
    said: list[str] = []
    values: dict[str, object] = {"n": len(found.assignments)}
    for row in found.table.to_dict("records"):
        number, measure = row["type"], row["apart"]
        label, spec = BASKET[measure]
        said.append(
            f"Type {number}, {{share_{number}:share}} of these customers, stands out in "
            f"“{label.lower()}”: {{here_{number}:{spec}}} on average against "
            f"{{all_{number}:{spec}}} among all {{n:count}} of them."
        )
        values |= {
            f"share_{number}": row["customer_share"],
            f"here_{number}": row[measure],
            f"all_{number}": found.everyone[measure],
        }
    return Reason(" ".join(said), values)
