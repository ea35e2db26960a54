"""Silhouettes: how much nearer is each point to its own cluster than to the next one?"""

import numpy as np

BLOCK = 1000  # rows whose distances are held at a time


def mean_silhouettes(points: np.ndarray, partitions: dict[int, np.ndarray]) -> dict[int, float]:
    """Give the mean silhouette of each of several partitions of the same points.

    Parameters
    ----------
    points : numpy.ndarray
        One row per customer, one column per feature.
    partitions : dict of int to numpy.ndarray
        The cluster of each row, from 0 to k - 1, by the number k of clusters.

    Returns
    -------
    dict of int to float
        By k, -1 to 1; a row that is a cluster of its own counts as 0.

    Notes
    -----
    As `sklearn.metrics.silhouette_score`, which would take the distances anew for each partition.
    Here they are taken once, a block of rows at a time.

    References
    ----------
    Rousseeuw (1987), *Silhouettes*.
    """
    squares, totals = (points**2).sum(axis=1), dict.fromkeys(partitions, 0.0)
    for start in range(0, len(points), BLOCK):
        rows = slice(start, start + BLOCK)
        between = squares[rows, None] + squares - 2 * points[rows] @ points.T
        distances = np.sqrt(np.maximum(between, 0))
        distances[np.arange(len(distances)), np.arange(start, start + len(distances))] = 0
        for k, labels in partitions.items():
            totals[k] += _silhouette_sum(distances, labels[rows], np.eye(k)[labels])
    return {k: total / len(points) for k, total in totals.items()}


def _silhouette_sum(distances: np.ndarray, own: np.ndarray, member: np.ndarray) -> float:
    sizes, sums, rows = member.sum(axis=0), distances @ member, np.arange(len(own))
    within = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / np.maximum(sizes, 1)
    means[rows, own] = np.inf
    nearest = means.min(axis=1)
    larger = np.maximum(np.maximum(within, nearest), np.finfo(float).tiny)
    return float(np.where(sizes[own] > 1, (nearest - within) / larger, 0).sum())
