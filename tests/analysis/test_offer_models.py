"""Models: the cosine by hand and by the library, lists without what is blocked, no future seen."""

import numpy as np
import pytest
from planted_preferences import HOLDOUT_DAYS, SNAPSHOT, preference_lines
from scipy.sparse import csr_matrix, random
from sklearn.metrics.pairwise import cosine_similarity

from shared.analysis.nearest_customers import (
    nearest_customers,
    rarity_weighted,
    reference_customers,
)
from shared.analysis.offer_ladder import fill_lists
from shared.analysis.offer_matrix import known_on, read_purchases
from shared.analysis.offer_models import (
    AGAIN,
    CATEGORY,
    NEIGHBOURS,
    RECENT,
    fit_models,
    item_cosines,
    top_products,
)


@pytest.fixture(scope="module")
def base():
    lines = preference_lines(3, users=400, items=60)
    return read_purchases(lines, snapshot_date=SNAPSHOT, holdout_days=HOLDOUT_DAYS)


def test_the_cosine_matrix_equals_the_hand_example():
    # ana tea and jam, ben all three, cat tea: tea 3 customers, jam 2, pie 1.
    bought = csr_matrix(np.array([[1, 1, 0], [1, 1, 1], [1, 0, 0]], dtype=float))

    want = np.array(
        [
            [0, 2 / np.sqrt(3 * 2), 1 / np.sqrt(3 * 1)],
            [2 / np.sqrt(3 * 2), 0, 1 / np.sqrt(2 * 1)],
            [1 / np.sqrt(3 * 1), 1 / np.sqrt(2 * 1), 0],
        ]
    )
    assert np.abs(item_cosines(bought) - want).max() < 1e-12


def test_the_cosine_matrix_equals_that_of_the_library():
    bought = random(300, 40, density=0.1, format="csr", random_state=0, data_rvs=np.ones)

    want = cosine_similarity(bought.T)
    np.fill_diagonal(want, 0)

    assert np.abs(item_cosines(bought) - want).max() < 1e-12


def test_a_product_that_nobody_bought_has_no_neighbours():
    bought = csr_matrix(np.array([[1, 0], [1, 0]], dtype=float))

    assert item_cosines(bought).tolist() == [[0, 0], [0, 0]]


def test_neighbours_are_scored_by_the_sum_over_what_a_customer_has(base):
    history = known_on(base, cut=True)
    models = fit_models(history, base.products, repeatable=np.zeros(len(base.products), bool))
    cosines = item_cosines(history.bought)
    customer = int(np.diff(history.counts.indptr).argmax())
    owned = history.bought[customer].indices

    got = models.scorers[NEIGHBOURS](np.array([customer]))[0]

    assert np.abs(got - cosines[owned].sum(axis=0)).max() < 1e-12


def test_bestsellers_are_the_same_for_all_and_own_categories_are_not(base):
    history = known_on(base, cut=True)
    models = fit_models(history, base.products, repeatable=np.zeros(len(base.products), bool))
    rows = np.array([0, 1, 2])

    recent = models.scorers[RECENT](rows)

    assert (recent == recent[0]).all()
    assert recent[0].argmax() == history.recent.argmax()
    assert not (models.scorers[CATEGORY](rows)[0] == models.scorers[CATEGORY](rows)[1]).all()
    assert AGAIN not in models.scorers


def test_own_products_go_before_bestsellers_the_fresh_and_frequent_first(base):
    history = known_on(base, cut=False)
    models = fit_models(history, base.products, repeatable=np.ones(len(base.products), bool))
    customer = int(np.diff(history.counts.indptr).argmax())
    owned = set(history.bought[customer].indices)

    best, _ = top_products(
        models.scorers[AGAIN](np.array([customer])), np.zeros((1, len(base.products)), bool),
        k=len(owned),
    )  # fmt: skip

    assert set(best[0]) == owned


def test_a_list_holds_the_best_that_is_not_blocked_and_ties_go_to_more_buyers():
    scores = np.array([[0.5, 0.9, 0.5, 0.1], [0.0, 0.0, 0.0, 0.0]])
    blocked = np.array([[False, True, False, False], [False, False, True, True]])

    best, values = top_products(scores, blocked, k=3)

    assert best.tolist() == [[0, 2, 3], [0, 1, -1]]
    assert values[0].tolist() == [0.5, 0.5, 0.1]
    assert np.isnan(values[1, 2])


def test_a_list_longer_than_the_range_is_the_range():
    best, _ = top_products(np.array([[1.0, 2.0]]), np.zeros((1, 2), bool), k=10)

    assert best.tolist() == [[1, 0]]


def test_the_nearest_customers_are_found_and_nobody_is_near_to_herself():
    bought = csr_matrix(np.array([[1, 1, 1, 0], [1, 1, 1, 0], [0, 1, 1, 1], [1, 0, 0, 0.0]]))
    references = reference_customers(bought)

    near, alike = nearest_customers(rarity_weighted(bought), np.arange(4), references, k=2)

    assert references.tolist() == [0, 1, 2]
    assert near[0].tolist() == [1, 2]
    assert near[1].tolist() == [0, 2]
    assert alike[0, 0] == pytest.approx(1)
    assert near[3].tolist() == [0, 1]


def test_shuffled_rows_of_the_matrix_give_the_same_scores(base):
    history = known_on(base, cut=True)
    none = np.zeros(len(base.products), bool)
    scores = fit_models(history, base.products, repeatable=none).scorers[NEIGHBOURS]
    rows = np.arange(len(base.customers))

    turned = scores(rows[::-1])[::-1]

    assert np.abs(np.asarray(scores(rows)) - turned).max() < 1e-12


def test_lists_are_filled_by_the_same_steps_where_they_are_judged_and_delivered():
    rows, blocked = np.array([0, 1]), np.zeros((2, 4), bool)
    scorers = {
        NEIGHBOURS: lambda _: np.array([[0.0, 0.0, 0.0, 0.9], [0.0, 0.0, 0.0, 0.0]]),
        CATEGORY: lambda _: np.array([[0.0, 0.2, 0.0, 0.4], [0.0, 0.0, 0.0, 0.0]]),
        RECENT: lambda _: np.array([[0.5, 0.2, 0.3, 0.4]] * 2),
    }

    chosen, worth, source = fill_lists(scorers, rows, blocked, method=NEIGHBOURS, k=3)

    assert chosen.tolist() == [[3, 1, 0], [0, 3, 2]]
    assert worth[0].tolist() == [0.9, 0.2, 0.5]
    assert source.tolist() == [[NEIGHBOURS, CATEGORY, RECENT], [RECENT] * 3]


def test_what_stands_behind_own_products_is_named_a_bestseller():
    scorers = {AGAIN: lambda _: np.array([[0.3, 2.5, 0.0, 1.2]])}

    chosen, _worth, source = fill_lists(
        scorers, np.array([0]), np.zeros((1, 4), bool), method=AGAIN, k=4
    )

    assert chosen.tolist() == [[1, 3, 0, -1]]
    assert source.tolist() == [[AGAIN, AGAIN, RECENT, ""]]
