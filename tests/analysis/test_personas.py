"""Personas against planted kinds, clouds without kinds, and whatever must not matter."""

import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from planted_personas import base_of, gaussian, log_normal, planted
from sklearn.metrics import adjusted_rand_score

from shared.analysis.personas import find_personas, personas_verdict, stability_reading
from shared.analysis.verdicts import Level
from shared.loading.errors import ConfigError, NotSupportedByData

TRIED = 5  # numbers tried; fewer than the 8 of the page, to be quick


def found_kinds(seeds, **options):
    right = 0
    for seed in seeds:
        values, kind = planted(np.random.default_rng(seed), customers=1500)
        got = find_personas(base_of(values), **options)
        agreed = adjusted_rand_score(kind, got.assignments["persona"])
        right += got.natural and got.clusters == 4 and agreed >= 0.95 and min(got.stability) >= 0.95
    return right


@pytest.fixture(scope="module")
def four():
    values, kind = planted(np.random.default_rng(1), customers=1000)
    base = base_of(values)
    return base, kind, find_personas(base, k_max=TRIED)


def test_four_planted_kinds_are_found_with_their_customers(four):
    _, kind, got = four

    assert got.natural
    assert got.clusters == 4
    assert adjusted_rand_score(kind, got.assignments["persona"]) >= 0.95
    assert got.stability.min() >= 0.95
    assert got.assignments["persona"].value_counts().is_monotonic_decreasing
    assert got.assignments["learnt"].mean() == pytest.approx(0.5, abs=0.001)


@pytest.mark.slow
def test_four_planted_kinds_are_found_in_19_of_20_draws():
    assert found_kinds(range(DRAWS), k_max=TRIED) >= DRAWS - FEW


@pytest.mark.parametrize("draw", [gaussian, log_normal])
def test_one_cloud_has_no_kinds_but_bands(draw):
    base = base_of(draw(np.random.default_rng(3)))
    got = find_personas(base, k_max=4)

    assert not got.natural
    assert got.clusters >= 2
    verdict = personas_verdict(base, got)
    assert verdict.level is Level.CARE
    assert "No natural types" in verdict.reasons[0].template


@pytest.mark.slow
@pytest.mark.parametrize("draw", [gaussian, log_normal])
def test_one_cloud_has_no_kinds_in_19_of_20_draws(draw):
    draws = [base_of(draw(np.random.default_rng(seed))) for seed in range(DRAWS)]

    assert sum(find_personas(base, k_max=4).natural for base in draws) <= FEW


def test_neither_order_nor_names_of_customers_matter(four):
    base, _, got = four
    mixed = np.random.default_rng(0).permutation(len(base.customers))
    shuffled = base_of(base.customers.to_numpy()[mixed])

    again = find_personas(shuffled, k_max=TRIED)

    assert again.assignments["persona"].tolist() == got.assignments["persona"].iloc[mixed].tolist()
    assert again.stability.tolist() == got.stability.tolist()
    assert again.place["x"].to_numpy() == pytest.approx(got.place["x"].iloc[mixed].to_numpy())


def test_one_per_cent_more_customers_change_no_persona(four):
    base, _, got = four
    values = base.customers.to_numpy()
    more = values[::100] + np.random.default_rng(2).normal(size=(10, 8))
    again = find_personas(base_of(np.vstack([values, more])), k_max=TRIED)

    kept = again.assignments["persona"].iloc[:1000]
    assert adjusted_rand_score(got.assignments["persona"], kept) >= 0.99
    assert again.clusters == got.clusters


def test_the_placebo_finds_nothing_where_there_are_kinds(four):
    base, _, _ = four
    got = find_personas(base, placebo=True, k_max=4)

    assert not got.natural
    assert [r.template for r in personas_verdict(base, got).reasons][-1] == "This is the placebo."


def test_single_features_in_two_heaps_are_no_kinds():
    """Each feature alone has two heaps; nothing goes together, and shuffling tells so."""
    rng = np.random.default_rng(4)
    heaps = rng.integers(0, 2, (800, 5)) * 8 + rng.normal(size=(800, 5))

    assert not find_personas(base_of(heaps), k_max=4).natural


def test_gates_fifty_customers_five_hundred_and_five_features():
    values, _ = planted(np.random.default_rng(2), customers=499)
    few = find_personas(base_of(values), k_max=4)
    assert not few.natural
    assert few.vote.natural
    narrow = find_personas(base_of(np.vstack([values[:, :4]] * 2)), k_max=4)
    assert not narrow.natural
    with pytest.raises(NotSupportedByData, match="49 customers"):
        find_personas(base_of(values[:49]))
    with pytest.raises(NotSupportedByData, match=r"of 1 features .* apart 1 is known"):
        find_personas(base_of(values[:, :1]))


def test_fewest_and_most_personas_are_kept_to(four):
    base, _, _ = four

    assert find_personas(base, k_max=3).clusters <= 3
    many = find_personas(base, k_min=5, k_max=TRIED)
    assert many.clusters == 5
    assert not many.natural  # four are natural, and fewer than five are not wanted
    with pytest.raises(ConfigError, match="E-PARA-72"):
        find_personas(base, k_min=5, k_max=4)


def test_the_map_is_that_of_principal_components(four):
    from sklearn.decomposition import PCA

    _, _, got = four
    reference = PCA(2).fit(got.features.points)

    assert got.explained == pytest.approx(reference.explained_variance_ratio_)
    placed = np.abs(reference.transform(got.features.points))
    assert np.abs(got.place.to_numpy()) == pytest.approx(placed, abs=1e-8)


def test_a_border_is_where_another_centre_is_nearly_as_close():
    near = np.repeat([[0.0] * 5, [10.0] * 5], 300, axis=0)
    near += np.random.default_rng(5).normal(size=near.shape) * 0.3
    near[0] = 4.9
    got = find_personas(base_of(near), k_max=3)

    assert got.assignments["border"].sum() == 1
    assert got.assignments["border"].iloc[0]


def test_stability_is_read_as_hennig_proposes():
    assert [stability_reading(j) for j in (0.59, 0.6, 0.76, 0.86)] == [
        "unstable", "doubtful", "stable", "highly stable",
    ]  # fmt: skip


def test_all_equal_customers_are_refused():
    with pytest.raises(NotSupportedByData, match="known and differ"):
        find_personas(base_of(np.ones((600, 6))))


def test_everyone_unknown_is_refused_not_guessed():
    values = pd.DataFrame(np.nan, index=range(600), columns=range(6)).to_numpy()
    with pytest.raises(NotSupportedByData, match=r"of 6 features .* apart none is known"):
        find_personas(base_of(values))
