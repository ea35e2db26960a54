"""Mean silhouettes of several partitions are those of scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from shared.analysis.silhouettes import BLOCK, mean_silhouettes


def test_silhouettes_are_those_of_scikit_learn_over_several_blocks_of_rows():
    rng = np.random.default_rng(1)
    points = rng.normal(size=(BLOCK + 200, 3)) + rng.integers(0, 3, (BLOCK + 200, 1)) * 4
    partitions = {k: rng.permutation(np.arange(len(points)) % k) for k in (2, 5)}
    partitions[3] = np.digitize(points.sum(axis=1), [6, 18])

    got = mean_silhouettes(points, partitions)

    for k, labels in partitions.items():
        assert got[k] == pytest.approx(silhouette_score(points, labels), abs=1e-9)


def test_a_row_that_is_a_cluster_of_its_own_counts_as_nothing():
    points = np.array([[0.0], [1.0], [9.0]])
    labels = np.array([0, 0, 1])

    assert mean_silhouettes(points, {2: labels})[2] == pytest.approx(
        silhouette_score(points, labels)
    )
