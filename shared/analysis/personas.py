"""Personas: are there types of customers, and where does each customer stand among them?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.analysis.cluster_vote import (
    LEAST_CUSTOMERS,
    ClusterVote,
    cluster_stability,
    cluster_vote,
    fit_clusters,
)
from shared.analysis.personas_base import PersonaBase
from shared.analysis.personas_categories import add_categories
from shared.analysis.personas_features import Features, choose_features, parse_features, shuffled
from shared.analysis.segment_rules import ENOUGH_CUSTOMERS, nearest_centre
from shared.analysis.verdicts import Reason, Verdict, judge
from shared.loading.errors import ConfigError, NotSupportedByData

ENOUGH_FEATURES, LEAST_FEATURES = 5, 2
BORDER = 0.9
UNSTABLE, DOUBTFUL, HIGHLY = 0.6, 0.75, 0.85


@dataclass(frozen=True)
class Personas:
    """The groups that were found, whether they are types, and who is in them.

    Attributes
    ----------
    features : Features
        What the distance is made of.
    vote, shuffled_vote : ClusterVote
        The vote on the number of types, and the same after every feature was dealt out anew by
        itself: what that finds lies in single features and makes no types.
    natural : bool
        Whether these are types; if not they are bands, cut where k-means happens to cut.
    assignments : pd.DataFrame
        Index `customer_id` of the eligible customers: `persona` (1 is the largest), `border`
        (nearly as near to another one), `next_persona` (that other one) and `learnt` (in the half
        from which the centres were learnt).
    stability : pd.Series
        Jaccard of each persona over resamples, index `persona`.
    place : pd.DataFrame
        `x` and `y` of each eligible customer on the map of two principal components.
    explained : tuple of float
        Share of the variance on each of the two axes.
    loadings : pd.DataFrame
        Index feature: what each axis of the map is made of.
    placebo : bool
        Whether the features were dealt out anew on purpose.
    """

    features: Features
    vote: ClusterVote
    shuffled_vote: ClusterVote
    natural: bool
    assignments: pd.DataFrame
    stability: pd.Series
    place: pd.DataFrame
    explained: tuple[float, float]
    loadings: pd.DataFrame
    placebo: bool

    @property
    def clusters(self) -> int:
        """How many there are."""
        return len(self.stability)

    @property
    def silhouette(self) -> float:
        """Mean silhouette of this number, on the rows of the vote."""
        table = self.vote.table.set_index("clusters")
        return float(table["silhouette"].get(self.clusters, np.nan))


def find_personas(
    base: PersonaBase,
    *,
    features: str = "",
    k_min: int = 2,
    k_max: int = 8,
    placebo: bool = False,
    seed: int = 0,
) -> Personas:
    """Look for types of customers by what they do.

    K-means on scaled features; `cluster_vote` decides on the number and whether the groups are
    natural. The centres are learnt from every second customer (in the order of their values), so
    that the other half can tell what the personas are like.

    Parameters
    ----------
    base : PersonaBase
        The customers.
    features : str
        As for `parse_features`.
    k_min, k_max : int
        Fewest personas worth having, and most that are tried.
    placebo : bool
        Deals each feature out anew by itself: nothing may be found then.
    seed : int
        Of samples, starts and shuffles.

    Raises
    ------
    ConfigError
        If `k_min` exceeds `k_max`, or a feature is not known.
    NotSupportedByData
        If under 50 customers are eligible, under two features are usable, or nearly all are alike.
    """
    if k_min > k_max:
        raise ConfigError(
            "E-PARA-72", "k_min", f"{k_min} exceeds k_max, {k_max}", fix="k_min up to k_max"
        )
    placed = base.customers[base.eligible.to_numpy()]
    if len(placed) < LEAST_CUSTOMERS:
        orders = f" with {base.least_orders} orders or more" if base.least_orders else ""
        raise NotSupportedByData(
            f"{len(placed)} {base.noun}{orders}", f"at least {LEAST_CUSTOMERS} of them"
        )
    of_categories = {column for columns in base.nominal.values() for column in columns}
    numbers = [column for column in placed.columns if column not in of_categories]
    wanted = parse_features(features, known=numbers, usual=base.usual)
    named = features.strip() not in ("", "all")
    chosen = choose_features(placed, wanted=wanted, asked_for=named)
    chosen = add_categories(chosen, placed, base.nominal)
    if chosen.count < LEAST_FEATURES:
        raise NotSupportedByData(
            f"of {len(wanted) + len(base.nominal)} features that could tell customers apart "
            f"{chosen.count or 'none'} is known and differs",
            f"at least {LEAST_FEATURES}, such as discounts, refunds, channels or visits",
        )
    if placebo:
        chosen = shuffled(chosen, seed=seed + 1)
    return _found(chosen, placed.index, k_min=k_min, k_max=k_max, placebo=placebo, seed=seed)


def _found(
    chosen: Features, ids: pd.Index, *, k_min: int, k_max: int, placebo: bool, seed: int
) -> Personas:
    points = chosen.points
    vote = cluster_vote(points, most_clusters=k_max, seed=seed)
    against = cluster_vote(shuffled(chosen, seed=seed).points, most_clusters=k_max, seed=seed)
    enough = len(points) >= ENOUGH_CUSTOMERS and chosen.count >= ENOUGH_FEATURES
    natural = vote.natural and not against.natural and enough and vote.clusters >= k_min
    clusters = max(vote.clusters, k_min)
    order = np.lexsort(points.T[::-1])
    learnt = np.zeros(len(points), dtype=bool)
    learnt[order[::2]] = True
    centres = fit_clusters(points[order[::2]], clusters, seed=seed).cluster_centers_
    sizes = np.bincount(nearest_centre(points, centres), minlength=clusters)
    # The largest is the first; of two equal ones the one with the smaller centre.
    rank = np.lexsort((*centres.T[::-1], -sizes))
    centres = centres[rank]
    assigned = _assigned(points, centres)
    stability = cluster_stability(points, assigned["persona"].to_numpy() - 1, clusters, seed=seed)
    place, explained, loadings = _map(points, chosen.names)
    return Personas(
        features=chosen,
        vote=vote,
        shuffled_vote=against,
        natural=bool(natural),
        assignments=assigned.assign(learnt=learnt).set_axis(ids),
        stability=pd.Series(stability, index=range(1, clusters + 1), name="stability"),
        place=place.set_axis(ids),
        explained=explained,
        loadings=loadings,
        placebo=placebo,
    )


def personas_verdict(base: PersonaBase, found: Personas) -> Verdict:
    """Judge how far the page carries."""
    n, features = len(found.assignments), found.features.count
    worst = float(found.stability.min())
    doubts: list[tuple[bool, str, dict[str, object]]] = [
        (n < ENOUGH_CUSTOMERS, "Only {n:count} {noun}: {enough:count} tell types from chance, so "
         "bands are all there is.", {"n": n, "noun": base.noun, "enough": ENOUGH_CUSTOMERS}),
        (features < ENOUGH_FEATURES, "Only {n:count} usable features: {enough:count} are the least "
         "for types.", {"n": features, "enough": ENOUGH_FEATURES}),
        (not found.natural,
         "No natural types: the bands below are useful cuts, not types of people.", {}),
        (found.natural and worst < DOUBTFUL, "The least stable persona "
         "comes back with a Jaccard of {worst:number} only.",
         {"worst": worst}),
        (found.placebo, "This is the placebo.", {}),
    ]  # fmt: skip
    return judge([Reason(template, values) for doubt, template, values in doubts if doubt])


def stability_reading(jaccard: float) -> str:
    """Read a Jaccard index as Hennig (2007) proposes."""
    if jaccard < UNSTABLE:
        return "unstable"
    if jaccard <= DOUBTFUL:
        return "doubtful"
    return "highly stable" if jaccard > HIGHLY else "stable"


def _assigned(points: np.ndarray, centres: np.ndarray) -> pd.DataFrame:
    distances = np.sqrt(
        np.column_stack([((points - centre) ** 2).sum(axis=1) for centre in centres])
    )
    by_distance = np.argsort(distances, axis=1, kind="stable")
    rows = np.arange(len(points))
    first, second = distances[rows, by_distance[:, 0]], distances[rows, by_distance[:, 1]]
    return pd.DataFrame(
        {
            "persona": by_distance[:, 0] + 1,
            "border": first > BORDER * second,
            "next_persona": by_distance[:, 1] + 1,
        }
    )


def _map(
    points: np.ndarray, names: list[str]
) -> tuple[pd.DataFrame, tuple[float, float], pd.DataFrame]:
    """Lay the customers on two principal components; the sign is that of the largest loading."""
    order = np.lexsort(points.T[::-1])
    _u, sizes, axes = np.linalg.svd(points[order] - points[order].mean(axis=0), full_matrices=False)
    two = axes[:2] * np.sign(axes[:2][np.arange(2), np.abs(axes[:2]).argmax(axis=1)])[:, None]
    place = pd.DataFrame(points @ two.T, columns=["x", "y"])
    shares = sizes**2 / (sizes**2).sum()
    return place, (float(shares[0]), float(shares[1])), pd.DataFrame(two.T, names, ["x", "y"])
