import numpy as np
import pytest
from planted_journeys import paths_table, planted_paths
from sklearn.metrics import roc_auc_score

from shared.analysis.attribution_chain import states_of
from shared.analysis.attribution_counting import paths_from_table
from shared.analysis.attribution_memory import log_likelihood, memory_of, path_auc


def test_auc_equals_scikit_learn_and_its_interval_that_of_a_bootstrap():
    rng = np.random.default_rng(4)
    score = rng.integers(0, 12, 60) / 12
    sold, lost = rng.integers(0, 9, 60), rng.integers(0, 9, 60)
    truth = np.concatenate([np.ones(sold.sum()), np.zeros(lost.sum())])
    each = np.concatenate([np.repeat(score, sold), np.repeat(score, lost)])
    got = path_auc(score, sold.astype(float), lost.astype(float))

    drawn = []
    for _draw in range(400):
        again = rng.integers(0, len(truth), len(truth))
        drawn.append(roc_auc_score(truth[again], each[again]))
    assert got.value == pytest.approx(roc_auc_score(truth, each), abs=1e-12)
    assert (got.low, got.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.02)


def test_auc_of_one_kind_of_outcome_is_unknown():
    assert np.isnan(path_auc(np.array([0.1, 0.2]), np.array([3.0, 4.0]), np.zeros(2)).value)


def test_the_likelihood_is_that_of_every_step_multiplied():
    paths = paths_from_table(paths_table([("A > B", 1, 0), ("A", 0, 1), ("B", 2, 0)]))

    got, moves = log_likelihood(paths, states_of(paths, memory=1))

    # Start: A 2 of 4, B 2 ... ; after A: B 1 of 2, nothing 1 of 2; after B always a sale.
    start = 2 * np.log(2 / 4) + 2 * np.log(2 / 4)
    assert got == pytest.approx(start + 2 * np.log(1 / 2))
    assert moves == 5


def test_a_longer_memory_never_fits_its_own_journeys_worse():
    paths = planted_paths(1, journeys=2_000)
    table = memory_of(paths, longest=4).table

    assert (table["log_likelihood"].diff().dropna() > 0).all()
    assert (table["auc_seen"].diff().dropna() > 0).all()


def test_a_given_memory_is_used_and_the_chosen_one_still_told():
    memory = memory_of(planted_paths(1, journeys=5_000), memory=3)

    assert (memory.used, memory.chosen) == (3, 1)
    assert memory.table.loc[memory.table["used"], "memory"].tolist() == [3]
    assert memory.auc.n == memory.table["unseen"].iloc[0]
