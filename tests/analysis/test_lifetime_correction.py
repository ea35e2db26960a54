"""The correction by the backtest: whom it touches, and what becomes of a segment's share."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from shared.analysis.lifetime_correction import corrected_segments, correction
from shared.analysis.lifetime_order_classes import class_of_orders, orders_by_class
from shared.analysis.multiple_testing import Finding

BY_ORDERS = pd.DataFrame(
    {"orders": ["0", "1", "2"], "actual": [0.5, 0.8, 1.0], "low": [0.4, 0.7, 0.8],
     "high": [0.6, 0.9, 1.2], "predicted": [1.0, 0.85, 0.5]}
)  # fmt: skip


def test_classes_have_no_gap():
    frequency = np.array([0, 1, 2, 3, 4, 5, 9, 10, 400])

    assert class_of_orders(frequency).tolist() == [
        "0", "1", "2", "3–4", "3–4", "5–9", "5–9", "10+", "10+",
    ]  # fmt: skip


def test_classes_by_hand():
    got = orders_by_class(np.array([0, 0, 3]), np.array([0.0, 2.0, 5.0]), np.array([1.0, 2.0, 4.0]))

    assert got["orders"].tolist() == ["0", "3–4"]
    assert got["customers"].tolist() == [2, 1]
    assert got["actual"].tolist() == [1.0, 5.0]
    assert got["predicted"].tolist() == [1.5, 4.0]


def test_only_a_class_outside_its_interval_is_corrected():
    got = correction(pd.Series([0, 1, 2, 7]), BY_ORDERS)

    assert got.tolist() == pytest.approx([0.5, 1.0, 2.0, 1.0])


def outlook(frequency_of_new):
    n, rng = 400, np.random.default_rng(0)
    segment = np.repeat(["Champions", "New"], n)
    customers = pd.DataFrame(
        {"segment": pd.Categorical(segment), "frequency": np.repeat([1, frequency_of_new], n),
         "monetary": rng.lognormal(3, 0.5, 2 * n), "expected_orders": 1.0,
         "expected_revenue": 1.0, "probability_alive": 1.0, "chance_to_order": 0.5}
    )  # fmt: skip
    customers["clv"] = customers["monetary"] * np.repeat([1.0, 1.8], n)
    bounds = pd.DataFrame({"segment": ["Champions", "New"], "value_low": [90.0, 160.0],
                           "value_high": [110.0, 200.0]})  # fmt: skip
    return SimpleNamespace(customers=customers, forecast=SimpleNamespace(group_bounds=bounds))


def test_a_segment_that_rises_by_the_miss_alone_rises_no_more():
    test = SimpleNamespace(by_orders=BY_ORDERS)

    missed = corrected_segments(outlook(0), test).set_index("segment")
    sound = corrected_segments(outlook(1), test).set_index("segment")

    assert missed.loc["New", "shift"] < 0
    assert missed.loc["New", ["value_low", "value_high"]].tolist() == pytest.approx([80, 100])
    assert sound.loc["New", "finding"] == Finding.DIFFERS
    assert sound.loc["New", "shift"] > 0
