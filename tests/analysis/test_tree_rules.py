import numpy as np
import pandas as pd
import pytest

from shared.analysis.tree_rules import tree_rules


def test_a_rule_of_one_question_is_learned_and_checked():
    orders = pd.DataFrame({"frequency": np.tile(np.arange(1, 11), 20)})
    segment = pd.Series(np.where(orders["frequency"] > 4, "many", "few"))

    rules, fidelity = tree_rules(orders, segment)

    assert rules["rule"].tolist() == ["frequency <= 4", "frequency > 4"]
    assert rules["segment"].tolist() == ["few", "many"]
    assert rules["customers"].tolist() == [80, 120]
    assert (fidelity.value, fidelity.n) == (1.0, 60)


def test_rules_of_pure_chance_are_right_by_chance():
    rng = np.random.default_rng(9)
    measures = pd.DataFrame(rng.normal(size=(3000, 2)), columns=["a", "b"])

    _, fidelity = tree_rules(measures, pd.Series(rng.choice(["x", "y"], 3000)))

    assert fidelity.value == pytest.approx(0.5, abs=0.05)


def test_one_segment_needs_no_question():
    rules, fidelity = tree_rules(pd.DataFrame({"a": np.arange(100.0)}), pd.Series(["x"] * 100))

    assert rules["rule"].tolist() == ["TRUE"]
    assert fidelity.value == 1.0


def test_only_the_given_rows_are_learned_from_and_checked():
    measures = pd.DataFrame({"a": np.arange(200.0)})
    segments = pd.Series(np.where(measures["a"] < 50, "low", "high"))
    segments[100:] = "odd"

    rules, fidelity = tree_rules(measures, segments, rows=np.arange(100))

    assert rules["segment"].tolist() == ["high", "low"]
    assert rules["customers"].sum() == 200
    assert (rules["held_out"].sum(), fidelity.n) == (30, 30)


def test_a_rule_that_rounding_leaves_without_customers_is_dropped():
    rng = np.random.default_rng(0)
    money = 10_000 + rng.uniform(0, 10, 300)  # three digits are too coarse to cut here
    segments = pd.Series(np.where(money < 10_005, "low", "high"))

    rules, fidelity = tree_rules(pd.DataFrame({"monetary": money}), segments)

    assert rules["customers"].tolist() == [300]
    assert fidelity.value == pytest.approx(0.5, abs=0.15)
