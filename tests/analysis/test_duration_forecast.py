"""Leaving read from durations: by hand, against a library, and held against what came."""

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

from shared.analysis.duration_forecast import churn_by_age, forecast_durations
from shared.analysis.survival_curve import survival_curve
from shared.loading.errors import NotSupportedByData


def frame(durations, observed, **more):
    ids = [f"c{i:04d}" for i in range(len(durations))]
    table = pd.DataFrame({"customer_id": ids, "duration": np.asarray(durations, dtype=float),
                          "observed": np.asarray(observed, dtype=bool)})  # fmt: skip
    return table.assign(**more)


def drawn(seed, *, n=600, mean=20.0):
    rng = np.random.default_rng(seed)
    life, seen = rng.exponential(mean, n), rng.uniform(0, 40, n)
    return life, seen, frame(np.minimum(life, seen), life <= seen)


def test_probabilities_are_those_of_a_library_given_the_age():
    _, _, table = drawn(1)
    got = forecast_durations(table, ahead=5.0).customers

    fitted = KaplanMeierFitter().fit(table["duration"], table["observed"])
    age = got["duration"].to_numpy()
    want = 1 - fitted.predict(age + 5).to_numpy() / fitted.predict(age).to_numpy()
    np.testing.assert_allclose(got["probability"], want, atol=1e-9)


def test_who_has_reached_ages_that_nobody_was_followed_beyond_has_no_forecast():
    table = frame([*range(1, 61), 100], [i % 2 for i in range(60)] + [0])
    got = forecast_durations(table.iloc[:60].assign(observed=lambda f: f.index < 10), ahead=10)

    assert got.unknown == 10
    assert len(got.customers) == 40


def test_groups_have_curves_of_their_own_and_add_up():
    _, _, short = drawn(2, mean=5.0)
    _, _, long = drawn(3, mean=100.0)
    both = pd.concat([short.assign(plan="short"), long.assign(plan="long")], ignore_index=True)
    got = forecast_durations(both, by="plan", ahead=3.0)

    share = got.groups.set_index("band")["expected"] / got.groups.set_index("band")["customers"]
    assert share["short"] > 3 * share["long"]
    assert got.groups["expected"].sum() == pytest.approx(got.expected.value)
    assert got.groups["customers"].sum() == len(got.customers)


def test_the_interval_holds_what_then_happens():
    inside = 0
    for seed in range(20):
        life, seen, table = drawn(seed)
        got = forecast_durations(table, ahead=4.0)
        ids = set(got.customers["customer_id"])
        there = np.array([name in ids for name in table["customer_id"]])
        left = int((there & (life > seen) & (life <= seen + 4)).sum())
        inside += got.expected.low <= left <= got.expected.high

    assert inside >= 17


def test_too_few_still_there_is_no_forecast():
    with pytest.raises(NotSupportedByData, match="still there"):
        forecast_durations(frame(range(1, 50), [1] * 49), ahead=5)


def test_churn_by_age_by_hand():
    # Of ten, two leave in the first stretch and one of eight in the second.
    ages, gone = [1, 2, 7, *[12] * 17], [1, 1, 1, *[0] * 17]
    got = churn_by_age(survival_curve(np.array(ages, float), np.array(gone, bool)), step=5)

    assert list(got["start"]) == [20, 18]
    assert list(got["lost"]) == [2, 1]
    assert got["churn_rate"].tolist() == pytest.approx([2 / 20, 1 / 18])
    assert (got["retention_rate"] + got["churn_rate"]).tolist() == pytest.approx([1, 1])
    assert (got["low"] <= got["churn_rate"]).all()
    assert (got["churn_rate"] <= got["high"]).all()


def test_rates_by_age_multiply_to_the_curve():
    _, _, table = drawn(5)
    curve = survival_curve(table["duration"].to_numpy(), table["observed"].to_numpy())
    got = churn_by_age(curve, step=6)

    end = got["ends"].iloc[-1]
    assert got["retention_rate"].prod() == pytest.approx(curve.at(end).value)


def test_a_group_without_losses_gets_no_forecast_and_never_the_promise_that_nobody_leaves():
    _, _, table = drawn(6)
    loyal = frame(range(1, 81), [0] * 80).assign(customer_id=lambda f: "z" + f["customer_id"])
    both = pd.concat([table.assign(plan="short"), loyal.assign(plan="long")], ignore_index=True)
    got = forecast_durations(both, by="plan", ahead=3.0)

    assert list(got.groups["band"]) == ["short"]
    assert got.unknown >= 80
    with pytest.raises(NotSupportedByData, match="lost 10"):
        forecast_durations(loyal.assign(plan="long"), by="plan", ahead=3.0)
