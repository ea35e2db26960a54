"""Fewer than ten customers are never told on the page on personas, nor can they be worked out."""

import numpy as np
import pandas as pd

from shared.analysis.personas_small_cells import (
    shown_drift,
    shown_effects,
    shown_personas,
    shown_rules,
)


def personas(customers, *, border=0.2, channel=0.5):
    n = len(customers)
    table = pd.DataFrame({"persona": range(1, n + 1), "name": list("abcdef")[:n]})
    table = table.assign(customers=customers, customer_share=np.array(customers) / sum(customers),
                         revenue=1.0, revenue_share=1 / n, median_gap_days=30.0,
                         border_share=border, channel_share=channel)  # fmt: skip
    return table.astype({"persona": "Int64"})


def test_a_small_persona_is_blank_and_the_next_smallest_with_it():
    got = shown_personas(personas([300, 60, 7]))

    assert got["customers"].isna().tolist() == [False, True, True]
    assert got["revenue"].isna().tolist() == [False, True, True]
    assert got["name"].notna().all()


def test_a_share_that_stands_for_few_on_either_side_is_blank():
    """Of 300 customers 2 % are 6; of 60, 20 % are 12; of 100, 95 % leave 5."""
    got = shown_personas(personas([300, 100, 60], border=[0.02, 0.95, 0.2], channel=[0.02, 0.5, 1]))

    assert got["border_share"].isna().tolist() == [True, True, False]
    assert got["channel_share"].isna().tolist() == [True, False, False]


def test_one_blank_border_does_not_stand_alone_beside_the_sum():
    got = shown_personas(personas([300, 100, 60], border=[0.02, 0.5, 0.2]))

    assert got["border_share"].isna().tolist() == [True, False, True]


def test_random_sizes_cannot_be_counted_back():
    rng = np.random.default_rng(0)
    for _draw in range(60):
        sizes = rng.integers(1, 40, rng.integers(3, 7)).tolist()
        got = shown_personas(personas(sizes))["customers"]
        assert not got.between(1, 9).any()
        assert got.isna().sum() != 1


def test_few_held_out_customers_tell_no_effect():
    told = dict.fromkeys(["mean", "mean_of_others", "effect", "low", "high"], 1.0)
    got = shown_effects(
        pd.DataFrame([{"persona": 1, "n": 9, **told}, {"persona": 2, "n": 10, **told}])
    )

    assert got["effect"].isna().tolist() == [True, False]
    assert got["mean"].isna().tolist() == [True, False]


def test_a_rule_that_few_meet_goes_and_its_twin_keeps_no_count():
    rules = pd.DataFrame({"segment": ["a", "a", "a", "b", "b"], "rule": list("vwxyz"),
                          "customers": [100, 40, 5, 80, 70], "customer_share": 0.1,
                          "held_out": [30, 12, 2, 20, 8], "fidelity": 0.9})  # fmt: skip
    got = shown_rules(rules).set_index("rule")

    assert got.index.tolist() == list("vwyz")
    assert got["customers"].isna().tolist() == [False, True, False, False]
    assert got["fidelity"].isna().tolist() == [False, True, False, True]


def test_who_stayed_is_not_told_where_few_went():
    drift = pd.DataFrame({"name": list("abc"), "customers_then": [200, 90, 80], "share_then": 0.3,
                          "customers_now": [210, 95, 5], "share_now": 0.3,
                          "followed": [200, 90, 80], "stayed": [0.97, 0.5, 0.6],
                          "stayed_low": 0.4, "stayed_high": 0.99})  # fmt: skip
    got = shown_drift(drift)

    assert got["stayed"].isna().tolist() == [True, True, False]  # 6 went; 45 are fewer than 48
    assert got["customers_now"].isna().tolist() == [False, True, True]
    assert got["customers_then"].notna().all()
