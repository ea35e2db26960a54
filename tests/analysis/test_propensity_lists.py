import numpy as np
import pytest

from shared.analysis.propensity_lists import bands, deciles, ranked, sure_list
from shared.analysis.propensity_profit import (
    discount_bound,
    discount_table,
    needed_effect,
    profit_curve,
)

PEOPLE = np.char.mod("p%03d", np.arange(100)).astype(object)


def test_the_tenths_hold_all_rows_and_the_first_holds_the_best():
    propensity = np.linspace(1, 0.01, 100)
    outcome = (np.arange(100) < 20).astype(int)
    table = deciles(propensity, outcome, PEOPLE)

    assert table["n"].tolist() == [10] * 10
    assert table["rate"].tolist() == [1, 1] + [0] * 8
    assert table["gain"].tolist() == [0.5] + [1] * 9
    assert table["lift"].iloc[0] == pytest.approx(5)


def test_equal_scores_are_ordered_by_a_hash_and_not_by_their_rows():
    same, mixed = np.full(100, 0.3), np.random.default_rng(0).permutation(100)

    a = PEOPLE[ranked(same, PEOPLE)]
    b = PEOPLE[mixed][ranked(same, PEOPLE[mixed])]
    assert a.tolist() == b.tolist()


def test_bands_count_today_and_the_test():
    table = bands(np.array([0.1, 0.5, 0.9, 0.95]), np.array([0, 1, 1, 0]), np.array([0.2, 0.7]))

    assert table["today"].tolist() == [1, 0, 1]
    assert table["n"].tolist() == [1, 1, 2]
    assert table["rate"].tolist() == [0, 1, 0.5]
    assert (table["low"] <= table["rate"]).all()


def test_those_above_80_are_counted_once_with_wilsons_interval():
    propensity = np.r_[np.full(40, 0.9), np.full(60, 0.2)]
    outcome = np.r_[np.ones(30), np.zeros(70)].astype(int)
    got = sure_list(propensity, outcome, PEOPLE, np.arange(100))

    assert (got.rate.n, got.rate.value, got.reading) == (40, 0.75, "counted")
    assert (got.rate.low, got.rate.high) == pytest.approx((0.598, 0.858), abs=0.001)
    people = np.repeat(PEOPLE[:20], 5)
    again = sure_list(np.full(100, 0.9), outcome, people, np.arange(100))
    assert again.rate.n == 20


def test_fewer_than_30_above_80_are_too_few_to_judge():
    propensity = np.r_[np.full(29, 0.81), np.full(71, 0.2)]
    outcome = np.ones(100, dtype=int)

    got = sure_list(propensity, outcome, PEOPLE, np.arange(100))
    assert (got.rate.n, got.reading) == (29, "too few to judge")


def test_nobody_above_80_leaves_the_best_reachable_precision():
    propensity = np.r_[np.full(30, 0.5), np.full(70, 0.1)]
    outcome = np.r_[np.ones(15), np.zeros(85)].astype(int)
    got = sure_list(propensity, outcome, PEOPLE, np.arange(100))

    assert got.rate.n == 0
    assert np.isnan(got.rate.value)
    assert (got.best.value, got.best_size, got.highest) == (0.5, 30, 0.5)


def test_exactly_80_is_not_above_80():
    got = sure_list(np.full(100, 0.8), np.ones(100, dtype=int), PEOPLE, np.arange(100))

    assert got.rate.n == 0


def test_profit_and_cost_of_a_hand_made_base():
    propensity = np.r_[np.full(20, 0.6), np.full(80, 0.05)]
    outcome = np.r_[np.ones(12), np.zeros(8), np.ones(4), np.zeros(76)].astype(int)
    curve = profit_curve(propensity, outcome, PEOPLE, contact_cost=1.0, margin=5.0)

    assert curve.break_even == pytest.approx(0.2)
    assert (curve.cut_n, curve.cut_bought) == (20, 12)
    assert curve.cut.value == pytest.approx(12 * 5 - 20)
    assert curve.everybody.value == pytest.approx(16 * 5 - 100)
    row = curve.table.set_index("n").loc[20]
    assert row["cost_per_buyer"] == pytest.approx(20 / 12)
    assert row["profit"] == pytest.approx(40)
    assert row["profit_random"] == pytest.approx((5 * 0.16 - 1) * 20)
    assert (
        curve.spared.value == pytest.approx(80 - 4 * 5) == curve.cut.value - curve.everybody.value
    )
    assert not curve.all_are_worth_it


def test_leaving_out_a_handful_who_cost_next_to_nothing_is_no_settled_gain():
    propensity = np.r_[np.full(90, 0.5), np.full(10, 0.01)]
    outcome = np.r_[np.tile([0, 1], 45), np.zeros(9), 1].astype(int)
    curve = profit_curve(propensity, outcome, PEOPLE, contact_cost=0.5, margin=20.0)

    assert curve.spared.value == pytest.approx(10 * 0.5 - 20)
    assert curve.spared.low < 0 < curve.spared.high
    assert curve.spared.high == pytest.approx(-15 + 1.96 * 20 * np.sqrt(10 * 0.1 * 0.9), abs=0.01)
    assert curve.all_are_worth_it
    nobody = profit_curve(propensity, 0 * outcome, PEOPLE, contact_cost=0.5, margin=20.0)
    assert not nobody.all_are_worth_it


def test_where_nobody_is_below_the_cut_nothing_is_spared():
    curve = profit_curve(
        np.full(100, 0.5), np.arange(100) % 2, PEOPLE, contact_cost=1.0, margin=9.0
    )

    assert curve.cut_n == 100
    assert np.isnan(curve.spared.value)
    assert curve.all_are_worth_it


def test_bands_of_a_discount_hold_ten_people_or_more_and_everybody_once():
    propensity = np.r_[np.full(40, 0.05), np.full(9, 0.15), np.full(20, 0.55), 0.85, 0.95]
    table = discount_table(propensity, margin_share=0.4, discount=0.1)

    assert table[["low", "high", "n"]].to_numpy().tolist() == [[0, 0.5, 49], [0.5, 1, 22]]
    assert table["needed"].iloc[0] == pytest.approx(np.mean([0.05] * 40 + [0.15] * 9) / 3)


def test_a_handful_of_people_are_one_band_and_those_above_the_bound_none_that_pays():
    few = discount_table(np.array([0.1, 0.9]), margin_share=0.4, discount=0.1)
    sure = discount_table(np.full(12, 0.9), margin_share=0.4, discount=0.1)

    assert few[["low", "high", "n"]].to_numpy().tolist() == [[0, 1, 2]]
    assert sure["n"].tolist() == [12]
    assert np.isnan(sure["needed"].iloc[-1])


def test_without_a_margin_cost_per_buyer_stands_and_profit_is_blank():
    curve = profit_curve(
        np.linspace(1, 0, 100), np.arange(100) % 2, PEOPLE, contact_cost=1.0, margin=0.0
    )

    assert curve.table["profit"].isna().all()
    assert curve.table["cost_per_buyer"].iloc[-1] == pytest.approx(2)
    assert not curve.knows_margin


def test_no_buyer_among_the_first_leaves_the_cost_per_buyer_blank():
    outcome = (np.arange(100) >= 90).astype(int)
    curve = profit_curve(np.linspace(1, 0, 100), outcome, PEOPLE, contact_cost=1.0, margin=3.0)

    assert np.isnan(curve.table["cost_per_buyer"].iloc[0])
    assert np.isfinite(curve.table["cost_per_buyer"].iloc[-1])


def test_above_the_bound_no_effect_of_a_discount_is_large_enough():
    bound = discount_bound(margin_share=0.4, discount=0.1)

    assert bound == pytest.approx(0.75)
    at_it = needed_effect(bound, margin_share=0.4, discount=0.1)
    assert at_it == pytest.approx(1 - bound)
    assert np.isnan(needed_effect(bound + 0.01, margin_share=0.4, discount=0.1))
    assert needed_effect(0.3, margin_share=0.4, discount=0.1) == pytest.approx(0.1)


def test_a_discount_that_eats_the_margin_never_pays():
    assert discount_bound(margin_share=0.1, discount=0.1) == 0
    assert np.isnan(needed_effect(0.2, margin_share=0.1, discount=0.1))
