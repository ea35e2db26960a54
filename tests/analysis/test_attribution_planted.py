"""Planted chains (G9): ranking, coverage, memory, and nothing found where nothing is."""

import numpy as np
import pytest
from draws import DRAWS, FEW
from planted_journeys import known_effects, planted_paths
from scipy.stats import spearmanr

from shared.analysis.attribution import shuffled_outcomes
from shared.analysis.attribution_chain import fitted_chain, removal_effects
from shared.analysis.attribution_intervals import presence, removal_table, resampled
from shared.analysis.attribution_memory import memory_of
from shared.analysis.multiple_testing import Finding

pytestmark = pytest.mark.slow
SETS = 150  # redrawn sets of journeys, fewer than the page draws: their number is not tested


@pytest.fixture(scope="module")
def large():
    return [planted_paths(seed, journeys=50_000) for seed in range(DRAWS)]


def test_removal_effects_are_ranked_as_planted(large):
    known = known_effects()
    ranked = [
        spearmanr(removal_effects(fitted_chain(paths), channels=6), known).statistic
        for paths in large
    ]

    assert sum(rho < 0.95 for rho in ranked) <= FEW
    assert np.mean(ranked) > 0.97


def test_intervals_of_removal_effects_hold_the_planted_ones(large):
    known, held = known_effects(), []
    for seed, paths in enumerate(large):
        drawn = resampled(paths, draws=SETS, seed=seed)
        low, high = np.quantile(drawn.removal, [0.025, 0.975], axis=0)
        held.append((low <= known) & (known <= high))

    assert 0.90 <= np.mean(held) <= (0.99 if DRAWS >= 100 else 1)


@pytest.mark.parametrize("memory", [1, 2])
def test_the_planted_memory_is_found(memory):
    found = [
        memory_of(planted_paths(seed, journeys=12_000, memory=memory), longest=3).chosen
        for seed in range(DRAWS)
    ]

    assert sum(one == memory for one in found) >= 0.9 * DRAWS


def test_few_journeys_of_memory_1_are_seldom_given_a_longer_one():
    found = [memory_of(planted_paths(seed, journeys=300), longest=3, seed=seed).chosen
             for seed in range(DRAWS)]  # fmt: skip

    assert sum(one == 1 for one in found) >= 0.9 * DRAWS


def test_where_outcomes_are_dealt_anew_no_channel_differs_and_no_path_predicts():
    paths = planted_paths(1, journeys=10_000)
    alarms, predicted = 0, 0
    for seed in range(DRAWS):
        dealt = shuffled_outcomes(paths, seed=seed)
        alarms += (presence(dealt)["finding"] == Finding.DIFFERS.value).any()
        predicted += memory_of(dealt, memory=1, longest=1, seed=seed).predicts

    assert alarms <= FEW
    assert predicted <= FEW


def test_without_the_placebo_the_same_journeys_differ_and_predict():
    paths = planted_paths(1, journeys=10_000)

    assert (presence(paths)["finding"] == Finding.DIFFERS.value).all()
    assert memory_of(paths, memory=1, longest=1).predicts


def test_a_channel_met_often_that_sells_nothing_more_stays_at_what_presence_does():
    paths = shuffled_outcomes(planted_paths(2, journeys=20_000), seed=3)
    table = removal_table(paths, resampled(paths, draws=SETS))

    inside = (table["low"] <= table["by_presence"]) & (table["by_presence"] <= table["high"])
    assert inside.sum() >= 5
