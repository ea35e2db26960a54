"""Cluster vote: do the customers fall into natural clusters, and into how many?"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from shared.analysis.silhouettes import mean_silhouettes
from shared.loading.errors import NotSupportedByData

LEAST_CUSTOMERS = 50
MOST_CLUSTERS = 8
SAMPLE = 5000
STABLE, AS_STABLE = 0.85, 0.02
REFERENCES, RESAMPLES = 10, 20
# Of one known number more starts are worth their time: one that got stuck is no cluster lost.
STARTS, RESAMPLE_STARTS, STABILITY_STARTS = 5, 3, 10


@dataclass(frozen=True)
class ClusterVote:
    """What three criteria say about the number of clusters, and what follows from it.

    Attributes
    ----------
    table : pd.DataFrame
        One row per number of `clusters` from 1: `silhouette` (mean; blank for 1), `gap` and
        `gap_error` (gap statistic and its standard error), `stability` (Jaccard of the least
        stable cluster, 0 to 1; blank for 1), `mean_stability` (over all clusters), and `chosen_by`
        (the criteria that vote for this number, such as "silhouette, stability").
    silhouette, gap, stability : int
        The number each criterion votes for: the best mean silhouette, which cannot be that of 1;
        the first gap that the next one does not exceed by its standard error; the most stable
        number (the largest within 0.02 of the best), 1 where none reaches 0.85.
    one_cloud : bool
        Whether the gap statistic prefers one single cloud to every other number.
    natural : bool
        Whether at least two criteria vote for one number from 2 up, all its clusters are stable,
        and the gap statistic prefers it to one single cloud.
    clusters : int
        The natural number; else the largest number whose clusters all reach a stability of 0.85,
        at least 2: so many bands come back when other customers of the same kind are drawn.
    customers, sampled, different : int
        Rows given, rows the vote was held on, and how many of those differ. Fewer numbers are tried
        where there are not as many.
    """

    table: pd.DataFrame
    silhouette: int
    gap: int
    stability: int
    one_cloud: bool
    natural: bool
    clusters: int
    customers: int
    sampled: int
    different: int

    @property
    def tried(self) -> int:
        """The largest number tried."""
        return int(self.table["clusters"].max())

    @property
    def is_cut_short(self) -> bool:
        """Whether more could not be tried, because too few customers differ."""
        return self.tried == self.different - 1

    @property
    def votes(self) -> dict[str, int]:
        """The number that each criterion votes for, by its name."""
        return {
            "silhouette": self.silhouette,
            "gap": self.gap,
            "stability": self.stability,
        }


def cluster_vote(
    features: np.ndarray,
    *,
    most_clusters: int = MOST_CLUSTERS,
    sample: int = SAMPLE,
    seed: int = 0,
) -> ClusterVote:
    """Let silhouette, gap statistic and bootstrap stability vote on the number of clusters.

    No criterion suffices alone. Silhouette cannot say "one", k-means cuts a single cloud in half
    at the same place each time, so that stability is fooled as well, and the gap statistic follows
    outliers. The number is natural only where two of them name it, each of its clusters comes back
    in resamples (Jaccard of at least 0.85), and its gap exceeds that of a single cloud by more
    than the standard error.

    Parameters
    ----------
    features : numpy.ndarray
        One row per customer, one column per feature, on comparable scales (`standardised`).
    most_clusters : int
        Largest number tried; fewer are where not more than that many rows differ.
    sample : int
        Rows the vote is held on; of more, that many are drawn.
    seed : int
        Of the sample, the references and the resamples.

    Returns
    -------
    ClusterVote
        The same for any order of the rows and any number of threads.

    Raises
    ------
    NotSupportedByData
        If there are fewer than 50 rows, or fewer than 3 different ones.

    Notes
    -----
    The gap compares the logarithm of the sum of squares within clusters with that of points spread
    evenly over a box along the principal axes. The box has the variance of the data along each
    axis instead of their range, or a single odd customer would stretch it and with it the answer.
    Of two groups of very different size the smaller one (under about 15 %) can go unnoticed:
    k-means prefers even shares.

    References
    ----------
    Rousseeuw (1987), *Silhouettes*; Tibshirani, Walther and Hastie (2001), *Estimating the number
    of clusters via the gap statistic*; Hennig (2007), *Cluster-wise assessment of cluster
    stability*.
    """
    points = np.asarray(features, dtype=float)
    drawn = points[canonical_sample(points, sample, seed=seed)]
    different = len(np.unique(drawn, axis=0))
    if len(points) < LEAST_CUSTOMERS or different <= 2:
        raise NotSupportedByData(
            f"{len(points)} customers, {different} of them different",
            f"at least {LEAST_CUSTOMERS} customers, more than 2 of them different",
        )
    # As many clusters as different rows leave nothing within them to compare.
    tried = min(most_clusters, different - 1)
    # With several threads sums are added in another order, and another last digit can turn a vote.
    with threadpool_limits(limits=1):
        table = _criteria(drawn, tried, np.random.default_rng(seed))
    return count_votes(table, customers=len(points), sampled=len(drawn), different=different)


def canonical_sample(points: np.ndarray, size: int, *, seed: int = 0) -> np.ndarray:
    """Draw rows by number, sorted by their values: neither order nor names of customers matter."""
    order = np.lexsort(points.T[::-1])
    if len(order) <= size:
        return order
    drawn: np.ndarray = np.random.default_rng(seed).choice(len(order), size, replace=False)
    return order[np.sort(drawn)]


def standardised(values: np.ndarray) -> np.ndarray:
    """Bring each column to mean 0 and standard deviation 1; a constant column becomes 0."""
    ordered = np.sort(values, axis=0)  # the last digit of a sum depends on the order of the rows
    spread = ordered.std(axis=0)
    scaled: np.ndarray = (values - ordered.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return scaled


def fit_clusters(points: np.ndarray, clusters: int, *, seed: int = 0) -> KMeans:
    """Fit k-means with several starts, on one thread."""
    with threadpool_limits(limits=1):
        return KMeans(clusters, n_init=STARTS, random_state=seed).fit(points)


def cluster_stability(
    points: np.ndarray, labels: np.ndarray, clusters: int, *, sample: int = SAMPLE, seed: int = 0
) -> np.ndarray:
    """Tell of each cluster how much of it comes back when customers are drawn anew.

    Parameters
    ----------
    points, sample, seed
        As for `cluster_vote`.
    labels : numpy.ndarray of int
        The cluster of each row, from 0 to `clusters` - 1.

    Returns
    -------
    numpy.ndarray
        Mean Jaccard of each cluster over 20 resamples, 0 to 1.

    References
    ----------
    Hennig (2007), *Cluster-wise assessment of cluster stability*.
    """
    rows = canonical_sample(points, sample, seed=seed)
    rng = np.random.default_rng(seed)
    resamples = [_resample(len(rows), rng) for _ in range(RESAMPLES)]
    with threadpool_limits(limits=1):
        return _jaccard(points[rows], labels[rows], resamples, clusters, STABILITY_STARTS)


def _criteria(points: np.ndarray, most: int, rng: np.random.Generator) -> pd.DataFrame:
    centred = points - points.mean(axis=0)
    references = _references(centred, rng)
    resamples = [_resample(len(points), rng) for _ in range(RESAMPLES)]
    rows: list[dict[str, float]] = [{"clusters": 1, **_gap((centred**2).sum(), references, 1)}]
    partitions = {}
    for k in range(2, most + 1):
        fitted = fit_clusters(centred, k)
        partitions[k] = fitted.labels_
        jaccard = _jaccard(centred, fitted.labels_, resamples, k)
        stability = {"stability": jaccard.min(), "mean_stability": jaccard.mean()}
        rows.append({"clusters": k, **_gap(fitted.inertia_, references, k), **stability})
    table = pd.DataFrame(rows)
    table.insert(1, "silhouette", table["clusters"].map(mean_silhouettes(centred, partitions)))
    return table.round(6)


def _references(centred: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Spread points evenly over a box with the variance of the data on each principal axis."""
    spread = np.linalg.svd(centred, compute_uv=False) / np.sqrt(len(centred))
    half = np.sqrt(3) * spread  # a uniform distribution from -h to h has variance h²/3
    return [rng.uniform(-half, half, centred.shape) for _ in range(REFERENCES)]


def _gap(within: float, references: list[np.ndarray], k: int) -> dict[str, float]:
    if k == 1:
        sums = [((r - r.mean(axis=0)) ** 2).sum() for r in references]
    else:
        sums = [
            KMeans(k, n_init=1, random_state=seed).fit(r).inertia_
            for seed, r in enumerate(references)
        ]
    logs = np.log(sums)
    error = logs.std() * np.sqrt(1 + 1 / len(references))
    return {"gap": logs.mean() - np.log(within), "gap_error": error}


def _resample(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw n rows with replacement: which rows, and how often each."""
    rows, times = np.unique(rng.integers(0, n, n), return_counts=True)
    return rows, times


def _jaccard(
    centred: np.ndarray,
    labels: np.ndarray,
    resamples: list[tuple[np.ndarray, np.ndarray]],
    k: int,
    starts: int = RESAMPLE_STARTS,
) -> np.ndarray:
    """Give each cluster's mean Jaccard with its nearest match among the clusters of a resample."""
    total = np.zeros(k)
    for seed, (rows, times) in enumerate(resamples):
        again = KMeans(k, n_init=starts, random_state=seed).fit(centred[rows], sample_weight=times)
        pairs = labels[rows] * k + again.labels_
        both = np.bincount(pairs, minlength=k * k).reshape(k, k)
        either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
        total += (both / np.maximum(either, 1)).max(axis=1)
    return total / len(resamples)


def count_votes(
    table: pd.DataFrame, *, customers: int, sampled: int, different: int
) -> ClusterVote:
    """Count what the criteria say of each number of clusters, 1 first, as `ClusterVote` tells."""
    silhouette, gap, error, stability = (
        table[column].to_numpy() for column in ("silhouette", "gap", "gap_error", "stability")
    )
    numbers = table["clusters"].tolist()
    stable = [k for k, worst in zip(numbers, stability, strict=True) if worst >= STABLE]
    most_stable = np.flatnonzero(stability >= np.nanmax(stability) - AS_STABLE).max()
    votes = {
        "silhouette": numbers[int(np.nanargmax(silhouette))],
        "gap": numbers[_first_gap(gap, error)],
        "stability": numbers[most_stable] if stable else 1,
    }
    over_one = gap - error > gap[0]
    agreed, supporters = Counter(votes.values()).most_common(1)[0]
    natural = supporters > 1 and agreed in stable and over_one[agreed - 1]
    chosen_by = [", ".join(c for c, k in votes.items() if k == clusters) for clusters in numbers]
    return ClusterVote(
        table.assign(chosen_by=chosen_by),
        **votes,
        one_cloud=not over_one.any(),
        natural=bool(natural),
        clusters=agreed if natural else max([2, *stable]),
        customers=customers,
        sampled=sampled,
        different=different,
    )


def _first_gap(gap: np.ndarray, error: np.ndarray) -> int:
    """Find the first gap that the next one does not exceed by its standard error."""
    enough = np.flatnonzero(gap[:-1] >= gap[1:] - error[1:])
    return int(enough[0]) if len(enough) else len(gap) - 1
