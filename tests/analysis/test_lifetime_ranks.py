"""Ranks, tiers and moves: by hand, with ties, and at the edges."""

import numpy as np
import pandas as pd
import pytest

from shared.analysis.lifetime_ranks import (
    TIERS,
    leaders_kept,
    rank_matrix,
    rank_moves,
    tier_table,
    value_distribution,
    with_ranks,
)

CUTS = (0.05, 0.2, 0.5)


def base(monetary, clv, **columns):
    n = len(monetary)
    frame = pd.DataFrame(
        {"customer_id": [f"c{i}" for i in range(n)], "monetary": monetary, "clv": clv,
         "orders": 2, "recency_days": 10, "chance_to_order": 0.5, "is_idle": False}
    )  # fmt: skip
    return with_ranks(frame.assign(**columns), tier_cuts=CUTS)


@pytest.fixture
def crossed():
    """Ten customers; the best so far will bring least, everybody else moves up one place."""
    return base([100, 90, 80, 70, 60, 50, 40, 30, 20, 10], [0, 9, 8, 7, 6, 5, 4, 3, 2, 1])


def test_the_first_can_become_the_last(crossed):
    first = crossed.iloc[0]

    assert (first["rank_now"], first["rank_future"], first["rank_change"]) == (1, 10, -9)
    assert crossed["rank_change"].iloc[1:].tolist() == [1] * 9
    assert crossed["fifth_now"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert crossed["fifth_future"].tolist() == [5, 1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert crossed["move"].tolist() == [
        "down", "same fifth", "up", "same fifth", "up", "same fifth", "up", "same fifth", "up",
        "same fifth",
    ]  # fmt: skip


def test_equal_values_share_the_better_rank_and_the_tier():
    got = base([5] * 20, [1.0] * 20)

    assert set(got["rank_now"]) == set(got["rank_future"]) == {1}
    assert set(got["tier"]) == {"Top"}


def test_tiers_end_at_their_shares_of_customers():
    n = 200
    got = tier_table(base(np.ones(n), np.arange(n, 0, -1.0)))

    assert got["tier"].tolist() == list(TIERS)
    assert got["customers"].tolist() == [10, 30, 60, 100]
    assert got["value"].sum() == n * (n + 1) / 2
    assert got["value_share"].sum() == pytest.approx(1)
    assert got["lowest_value"].tolist() == [191, 161, 101, 1]
    assert (got["low"] <= got["value_share"]).all()
    assert (got["value_share"] <= got["high"]).all()


def test_a_tier_without_a_customer_has_blanks_and_no_zero():
    got = tier_table(base([5] * 20, [1.0] * 20)).set_index("tier")

    assert got.loc["Low", "customers"] == 0
    assert pd.isna(got.loc["Low", "mean_value"])


def test_the_matrix_and_the_moves_count_everybody_once(crossed):
    matrix, moves = rank_matrix(crossed), rank_moves(crossed).set_index("move")

    assert matrix["customers"].sum() == 10
    assert matrix.groupby("fifth_now")["share"].sum().tolist() == pytest.approx([1] * 5)
    assert moves["customers"].to_dict() == {
        "up": 4, "same fifth": 5, "down": 1, "up, but idle": 0,
    }  # fmt: skip
    assert moves.loc["down", "mean_past_value"] == 100
    assert moves["value"].sum() == crossed["clv"].sum()


def test_leaders_are_kept_where_future_follows_past_and_lost_where_it_turns(crossed):
    same = base(np.arange(50.0), np.arange(50.0))

    assert leaders_kept(same).value == 1
    assert leaders_kept(crossed).value == 0
    assert leaders_kept(same).n == 5


def test_an_idle_customer_who_rises_by_one_fifth_does_not_move_up():
    past, future = np.arange(10, 0, -1.0), np.array([10, 9, 8, 7, 4, 3, 6, 5, 1, 2.0])
    idle = np.array([False] * 6 + [True, False, False, False])

    got = base(past, future, is_idle=idle)

    assert got["move"].iloc[[6, 7]].tolist() == ["up, but idle", "up"]
    moves = rank_moves(got).set_index("move")
    assert moves.loc["up, but idle", "customers"] == 1
    assert moves["customers"].sum() == 10


def test_an_idle_customer_who_rises_by_more_than_a_fifth_moves_up():
    past, future = np.arange(10, 0, -1.0), np.array([10, 9, 2, 1, 6, 5, 8, 7, 4, 3.0])

    got = base(past, future, is_idle=past == 4)

    assert got["fifth_now"].iloc[6] - got["fifth_future"].iloc[6] == 2
    assert got["move"].iloc[6] == "up"


def test_nobody_moves_where_future_is_past():
    got = base(np.arange(50.0), np.arange(50.0) / 7)

    assert set(got["move"]) == {"same fifth"}


def test_the_distribution_counts_everybody_in_round_steps():
    rng = np.random.default_rng(0)
    customers = base(np.ones(500), rng.lognormal(2, 1.5, 500))

    got = value_distribution(customers)

    assert got["customers"].sum() == 500
    steps = got.drop_duplicates("value_from")
    assert steps["value_to"].iloc[:-1].tolist() == steps["value_from"].iloc[1:].tolist()
    digits = {f"{edge:e}"[0] for edge in steps["value_to"]}
    assert digits <= {"1", "2", "5"}
    assert steps["value_from"].iloc[0] == 0
    assert steps["value_to"].iloc[-1] > customers["clv"].max()


@pytest.mark.parametrize("value", [0.0, 3.7])
def test_one_value_for_all_is_one_bar(value):
    got = value_distribution(base(np.ones(12), np.full(12, value)))

    assert got["customers"].sum() == 12
    assert (got.groupby("value_from")["customers"].sum() > 0).sum() == 1
