import ibis
import numpy as np
import pandas as pd
import pytest
from planted_campaigns import ASSIGNED, SNAPSHOT, hand_picked, planted

from shared.analysis.uplift_balance import balance_p_value, standardised_differences
from shared.analysis.uplift_campaign import read_campaign
from shared.analysis.uplift_checks import CheckReading, check_campaign, sample_ratio_p
from shared.analysis.uplift_features import campaign_features
from shared.loading.errors import NotSupportedByData


def checked(table, *, planned=(), randomised=True, **options):
    campaign = read_campaign(table, snapshot_date=SNAPSHOT, **options)
    features = campaign_features(campaign, tables={})
    return check_campaign(campaign, features, planned=planned, randomised=randomised)


def readings(checks):
    return dict(zip(checks.table["check"], checks.table["reading"], strict=True))


def sized(treated, control):
    flags = np.repeat([1, 0], [treated, control])
    return pd.DataFrame(
        {"customer_id": np.arange(len(flags)).astype(str), "treatment": flags,
         "outcome": np.arange(len(flags)) % 2}
    )  # fmt: skip


def test_fifty_against_forty_nine_thousand_has_p_of_0015():
    assert sample_ratio_p([49_000, 50_000], [1, 1]) == pytest.approx(0.0015, abs=0.00005)
    assert sample_ratio_p([1, 3], [1, 3]) == 1.0


def test_that_ratio_is_warned_of_and_a_worse_one_stops_the_page():
    checks = checked(ibis.memtable(sized(50_000, 49_000)), planned=[1, 1])
    assert checks.sample_ratio_p == pytest.approx(0.0015, abs=0.00005)
    assert readings(checks)["Sizes of the arms as planned"] == CheckReading.CARE
    # The same without a stated plan: nobody plans 49.5 to 50.5.
    assert checked(ibis.memtable(sized(50_000, 49_000))).sample_ratio_p == checks.sample_ratio_p

    with pytest.raises(NotSupportedByData, match="48,600") as stopped:
        checked(ibis.memtable(sized(50_000, 48_600)), planned=[1, 1])
    assert "not as large as drawn" in stopped.value.reason


def test_sizes_are_held_against_the_plan_and_not_against_halves():
    table = ibis.memtable(sized(9000, 1000))
    checks = checked(table, planned=[1, 9])
    assert checks.sample_ratio_p == 1
    assert checks.plan_stated
    with pytest.raises(NotSupportedByData, match="were planned"):
        checked(table, planned=[1, 4])
    with pytest.raises(NotSupportedByData, match="3 planned sizes for 2 arms"):
        checked(table, planned=[1, 1, 1])


def test_an_unusual_share_without_a_stated_plan_cannot_be_checked():
    checks = checked(ibis.memtable(sized(5700, 4300)))

    assert np.isnan(checks.sample_ratio_p)
    assert readings(checks)["Sizes of the arms as planned"] == CheckReading.NOT_CHECKED


def test_standardised_differences_by_hand():
    matrix = np.array([[0.0], [2.0], [3.0], [5.0]])
    treated = np.array([False, False, True, True])

    # Means 1 and 4, both with a variance of 1.
    assert standardised_differences(matrix, treated) == pytest.approx([3.0])
    assert standardised_differences(np.ones((4, 1)), treated) == pytest.approx([0.0])


def test_arms_drawn_by_lot_are_alike_and_the_p_value_is_even():
    values = []
    for seed in range(60):
        made = planted(seed, n=600)
        values.append(balance_p_value(made.x, made.treated == 1))

    assert np.mean(values) == pytest.approx(0.5, abs=0.12)
    assert np.mean(np.array(values) < 0.05) <= 0.15


def test_treated_who_were_chosen_are_seen_and_features_are_listed_by_their_difference():
    checks = checked(hand_picked(0).table(), planned=[1, 1])

    assert not checks.randomised
    assert checks.unbalanced["feature"].tolist() == ["x1"]
    assert checks.balance["difference"].is_monotonic_decreasing
    sides = checks.overlap[["treated", "control"]].to_numpy()
    assert sides.sum() == 6000
    assert not ((sides > 0) & (sides < 10)).any()
    assert checks.overlap["high"].iloc[:-1].tolist() == checks.overlap["low"].iloc[1:].tolist()


def test_the_client_may_say_that_they_were_chosen_and_then_no_plan_is_asked():
    checks = checked(planted(0, n=2000).table(), randomised=False)

    assert not checks.randomised
    assert np.isnan(checks.sample_ratio_p)


def test_arms_assigned_on_different_days_ask_for_care():
    made = planted(1, n=2000)
    later = ASSIGNED + pd.to_timedelta(7 * made.treated, unit="D")

    assert readings(checked(made.table(assigned_at=later)))["Arms assigned on the same days"] == (
        CheckReading.CARE
    )
    drawn = np.random.default_rng(0).integers(0, 5, 2000)
    spread = ASSIGNED + pd.to_timedelta(drawn, unit="D")
    assert readings(checked(made.table(assigned_at=spread)))["Arms assigned on the same days"] == (
        CheckReading.PASSED
    )


def test_customers_in_two_arms_ask_for_care():
    made = planted(2, n=2000)
    frame = made.table().to_pandas()
    both = frame.head(60).assign(treatment=1 - frame["treatment"].head(60))
    checks = checked(ibis.memtable(pd.concat([frame, both])))
    assert readings(checks)["Customers in two arms, left out"] == CheckReading.CARE
