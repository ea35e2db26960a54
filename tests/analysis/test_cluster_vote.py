import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from pandas.testing import assert_frame_equal
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from shared.analysis.cluster_vote import (
    cluster_vote,
    count_votes,
    fit_clusters,
    standardised,
)
from shared.loading.errors import NotSupportedByData

# Fewer numbers are tried in the long versions, which draw more often. With all up to 8,
# none of 100 draws of each null was called natural.
MOST_OF_NULL, MOST_OF_PLANTED = 4, 6


def planted(rng, n=1000):
    """Plant four centres in eight dimensions, at least 7 apart, with unit noise."""
    centres = np.zeros((4, 8))
    while min(np.linalg.norm(a - b) for i, a in enumerate(centres) for b in centres[:i]) < 7:
        centres = rng.normal(0, 2.2, (4, 8))
    kind = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    return centres[kind] + rng.normal(size=(n, 8)), kind


def gaussian(rng, n):
    return rng.normal(size=(n, 8))


def log_normal(rng, n):
    return np.exp(log_of_log_normal(rng, n))


def log_of_log_normal(rng, n):
    return rng.multivariate_normal(np.zeros(4), 0.9 * np.eye(4) + 0.1, n)


def rfm(rng, n):
    """Draw one cloud with the means and the covariance of a retailer's log R, F and M."""
    covariance = [[1.9, -0.65, -0.65], [-0.65, 0.8, 0.85], [-0.65, 0.85, 1.55]]
    return rng.multivariate_normal([3.9, 0.95, 6.55], covariance, n)


def rfm_in_whole_days_and_orders(rng, n):
    """Cut the cloud as a shop sees it: whole days up to a year, whole orders from one."""
    days, orders, money = np.exp(rfm(rng, n)).T
    return np.log(
        np.column_stack([np.clip(np.ceil(days), 1, 374), np.maximum(1, orders.round()), money])
    )


NULLS = [gaussian, log_normal, log_of_log_normal, rfm, rfm_in_whole_days_and_orders]
DRAWN_OFTEN = [gaussian, log_normal, rfm_in_whole_days_and_orders]


def natural(draw, seeds, **options):
    votes = [
        cluster_vote(standardised(draw(np.random.default_rng(seed), 600)), **options)
        for seed in seeds
    ]
    return sum(vote.natural for vote in votes)


def votes_for_four(seeds, **options):
    found = []
    for seed in seeds:
        points, kind = planted(np.random.default_rng(seed))
        vote = cluster_vote(standardised(points), **options)
        labels = fit_clusters(standardised(points), vote.clusters).labels_
        found.append(
            vote.natural and vote.clusters == 4 and adjusted_rand_score(kind, labels) >= 0.95
        )
    return sum(found)


@pytest.mark.parametrize("draw", NULLS)
def test_one_cloud_has_no_natural_clusters(draw):
    assert natural(draw, range(1 if draw in DRAWN_OFTEN else 3)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("draw", DRAWN_OFTEN)
def test_one_cloud_has_no_natural_clusters_in_19_of_20_draws(draw):
    assert natural(draw, range(DRAWS), most_clusters=MOST_OF_NULL) <= FEW


def test_four_planted_centres_are_found():
    assert votes_for_four([0]) == 1  # with all numbers up to 8; 20 draws stand below


@pytest.mark.slow
def test_four_planted_centres_are_found_in_19_of_20_draws():
    assert votes_for_four(range(DRAWS), most_clusters=MOST_OF_PLANTED) >= DRAWS - FEW


def test_every_cluster_of_four_planted_centres_is_stable():
    points, _ = planted(np.random.default_rng(5))

    by_number = cluster_vote(standardised(points)).table.set_index("clusters")

    assert by_number.loc[4, "stability"] >= 0.95


def test_silhouette_and_stability_are_fooled_by_one_cloud_and_the_gap_is_not():
    points = standardised(rfm(np.random.default_rng(0), 1000))

    vote = cluster_vote(points)

    assert (vote.silhouette, vote.stability, vote.gap) == (2, 2, 1)
    assert vote.table.set_index("clusters").loc[2, "stability"] > 0.9
    assert vote.one_cloud
    assert not vote.natural


def test_evenly_spread_points_have_no_gap():
    even = np.linspace(0, 1, 1500)[:, None]

    table = cluster_vote(standardised(even), most_clusters=4).table

    assert table["gap"].abs().max() < 0.1


def test_the_gap_of_two_far_groups_is_that_of_the_formula():
    # Two points at -1 and 1, 500 customers each, with noise of 0.01: the variance within is 1e-4 of
    # the whole. Two halves of an even spread keep a quarter. log(1/4) - log(1e-4) = 7.82.
    rng = np.random.default_rng(3)
    points = np.repeat([[-1.0], [1.0]], 500, axis=0) + 0.01 * rng.normal(size=(1000, 1))

    table = cluster_vote(points, most_clusters=3).table.set_index("clusters")

    assert table.loc[2, "gap"] - table.loc[1, "gap"] == pytest.approx(7.82, abs=0.1)
    assert table.loc[2, "stability"] == 1.0
    assert table.loc[2, "chosen_by"] == "silhouette, gap, stability"


def criteria(silhouette, gap, stability, error=0.01):
    n = len(gap)
    return pd.DataFrame(
        {"clusters": range(1, n + 1), "silhouette": [np.nan, *silhouette], "gap": gap,
         "gap_error": [error] * n, "stability": [np.nan, *stability]}
    )  # fmt: skip


def test_two_of_three_decide_where_the_gap_beats_one_cloud():
    table = criteria([0.3, 0.5, 0.4], [0.0, 0.2, 0.5, 0.6], [0.9, 0.95, 0.7])

    vote = count_votes(table, customers=9, sampled=9, different=9)

    assert (vote.silhouette, vote.gap, vote.stability) == (3, 4, 3)
    assert (vote.natural, vote.clusters) == (True, 3)
    assert vote.table["chosen_by"].tolist() == ["", "", "silhouette, stability", "gap"]


def test_two_of_three_do_not_decide_against_one_cloud():
    table = criteria([0.5, 0.4, 0.3], [0.0, -0.1, -0.2, -0.3], [0.99, 0.95, 0.9])

    vote = count_votes(table, customers=9, sampled=9, different=9)

    assert (vote.silhouette, vote.gap, vote.stability) == (2, 1, 2)
    assert (vote.natural, vote.one_cloud) == (False, True)
    assert vote.clusters == 4  # the largest number of bands that come back


def test_three_numbers_from_three_criteria_are_no_natural_clusters():
    table = criteria([0.5, 0.4, 0.3], [0.0, 0.1, 0.3, 0.5], [0.86, 0.95, 0.7])

    vote = count_votes(table, customers=9, sampled=9, different=9)

    assert (vote.silhouette, vote.gap, vote.stability) == (2, 4, 3)
    assert (vote.natural, vote.one_cloud) == (False, False)


def test_without_a_stable_number_stability_votes_for_one_and_two_bands_are_left():
    table = criteria([0.5, 0.4], [0.0, 0.5, 0.4], [0.5, 0.6])

    vote = count_votes(table, customers=9, sampled=9, different=9)

    assert (vote.stability, vote.natural, vote.clusters) == (1, False, 2)


def test_neither_the_order_of_the_rows_nor_the_threads_matter():
    points = rfm(np.random.default_rng(4), 800)
    shuffled = np.random.default_rng(5).permutation(points)

    with threadpool_limits(limits=1):
        first = cluster_vote(standardised(points), most_clusters=4, sample=600)
    with threadpool_limits(limits=4):
        second = cluster_vote(standardised(shuffled), most_clusters=4, sample=600)

    assert_frame_equal(first.table, second.table, check_exact=True)
    assert (first.customers, first.sampled) == (800, 600)


def test_one_odd_customer_does_not_turn_the_vote():
    points = rfm(np.random.default_rng(6), 800)
    odd = np.vstack([points, [[5.0, 0.0, 25.0]]])  # one order, a hundred million times the money

    before, after = (cluster_vote(standardised(p), most_clusters=5) for p in (points, odd))

    assert (before.natural, after.natural) == (False, False)
    assert (before.gap, after.gap) == (1, 1)


def test_under_fifty_customers_nobody_votes():
    with pytest.raises(NotSupportedByData, match="49 customers"):
        cluster_vote(np.random.default_rng(0).normal(size=(49, 2)))


def test_customers_who_are_alike_are_not_voted_on():
    with pytest.raises(NotSupportedByData, match="1 of them different"):
        cluster_vote(np.ones((600, 3)))


def test_da33_no_more_clusters_are_tried_than_rows_differ():
    kinds = np.random.default_rng(8).integers(0, 2, (300, 2)).astype(float)

    vote = cluster_vote(standardised(kinds))

    assert (vote.different, vote.tried, vote.is_cut_short) == (4, 3, True)
    assert np.isfinite(vote.table["gap"]).all()


def test_a_constant_column_is_scaled_to_nothing():
    assert standardised(np.array([[1.0, 5.0], [3.0, 5.0]])).tolist() == [[-1.0, 0.0], [1.0, 0.0]]
