"""Value by segment: sums, shifts that are there and shifts that are not, idle assets."""

import numpy as np
import pandas as pd
import pytest

from shared.analysis.lifetime_segments import _shares_apart, idle_assets, segment_values
from shared.analysis.multiple_testing import Finding


def customers(segment, monetary, clv, *, idle=False):
    names = pd.Categorical(segment, categories=["Champions", "New", "Lost"])
    return pd.DataFrame(
        {"segment": names, "monetary": monetary, "clv": clv, "expected_orders": 1.0,
         "expected_revenue": clv, "probability_alive": 0.5, "chance_to_order": 0.4,
         "is_idle": idle}
    )  # fmt: skip


def random_base(seed, *, shifted=False, n=300):
    rng = np.random.default_rng(seed)
    segment = np.repeat(["Champions", "New"], n)
    past = rng.lognormal(3, 1, 2 * n)
    future = past * rng.lognormal(0, 0.5, 2 * n)
    return customers(segment, past, np.where((segment == "New") & shifted, 2 * future, future))


def test_three_customers_by_hand():
    base = customers(["Champions", "Champions", "New"], [60.0, 20.0, 20.0], [10.0, 10.0, 20.0])

    got = segment_values(base).set_index("segment")

    assert got.loc["Champions", ["past_share", "value_share", "shift"]].tolist() == pytest.approx(
        [0.8, 0.5, -0.3]
    )
    assert got.loc["New", "value_per_customer"] == 20
    assert got["value"].sum() == base["clv"].sum()
    assert set(got["finding"]) == {Finding.TOO_FEW}
    assert "Lost" not in got.index


def test_a_segment_that_doubles_is_found_and_one_that_follows_its_past_is_not():
    found = [set(segment_values(random_base(s, shifted=True))["finding"]) for s in range(10)]
    nothing = [set(segment_values(random_base(s))["finding"]) for s in range(20)]

    assert found == [{Finding.DIFFERS}] * 10
    assert sum(Finding.DIFFERS in one for one in nothing) <= 1


def test_the_error_of_a_shift_is_that_of_a_bootstrap_over_customers():
    base = random_base(3)
    past, future = base["monetary"].to_numpy(), base["clv"].to_numpy()
    inside = (base["segment"] == "New").to_numpy()
    rng = np.random.default_rng(0)

    def shift(rows):
        mine = inside[rows]
        return (future[rows][mine].sum() / future[rows].sum()
                - past[rows][mine].sum() / past[rows].sum())  # fmt: skip

    drawn = [shift(rng.integers(0, len(past), len(past))) for _ in range(1500)]

    assert _shares_apart(past, future, inside)[2] == pytest.approx(np.std(drawn), rel=0.1)


def test_refunds_below_zero_take_no_share():
    base = customers(["Champions", "New"], [100.0, -50.0], [1.0, 1.0])

    assert segment_values(base).set_index("segment").loc["New", "past_share"] == 0


def test_bounds_are_those_of_the_simulation_per_customer():
    base = customers(["Champions", "Champions", "New"], 1.0, 1.0)
    bounds = pd.DataFrame(
        {"segment": ["Champions", "New"], "value_low": [1.0, 0.5], "value_high": [4.0, 2.0]}
    )

    got = segment_values(base, bounds).set_index("segment")

    assert got.loc["Champions", ["per_customer_low", "per_customer_high"]].tolist() == [0.5, 2.0]


def test_idle_assets_by_hand():
    base = customers(["Champions", "Champions", "Lost"], [60.0, 20.0, 5.0], [10.0, 0.5, 0.1],
                     idle=[False, True, True])  # fmt: skip

    got = idle_assets(base).set_index("segment")

    assert got["idle"].to_dict() == {"Champions": 1, "Lost": 1}
    assert got.loc["Champions", "idle_past_share"] == pytest.approx(0.25)
    assert got["idle_value"].sum() == pytest.approx(0.6)
    assert got.loc["Champions", "low"] < 0.5 < got.loc["Champions", "high"]


def test_order_and_names_of_customers_change_nothing():
    base = random_base(5, shifted=True)
    mixed = base.sample(frac=1, random_state=2)

    pd.testing.assert_frame_equal(segment_values(mixed), segment_values(base))
