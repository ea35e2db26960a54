import numpy as np
import pandas as pd
import pytest

from shared.analysis.intervals import wilson
from shared.analysis.revenue_at_risk import money_lost, total_at_risk, with_risk

NAMES = ["Big", "Small", "Empty"]


def members(money_before, bought, *, segment="Big", so_far=1.0):
    return pd.DataFrame(
        {
            "segment": pd.Categorical([segment] * len(bought), categories=NAMES),
            "period_orders": np.asarray(bought, dtype=float),
            "money_before": np.asarray(money_before, dtype=float),
            "monetary": so_far,
        }
    )


def test_who_spent_most_and_came_back_takes_the_money_out_of_risk():
    # Ten of twenty are gone, but they brought 10 of every 100.
    got = money_lost(members([90] * 10 + [10] * 10, [1] * 10 + [0] * 10))

    assert got.value == pytest.approx(0.1)
    assert got.low < 0.1 < got.high < 0.5
    assert got.n == 20


def test_equal_spenders_are_weighed_like_heads():
    got = money_lost(members([30] * 200, [1] * 150 + [0] * 50))
    heads = wilson(50, 200)

    assert got.value == heads.value
    assert (got.low, got.high) == pytest.approx((heads.low, heads.high), abs=0.02)


@pytest.mark.parametrize("back", [0, 1])
def test_members_who_all_did_the_same_leave_an_interval_of_heads(back):
    got = money_lost(members([30] * 40, [back] * 40))

    want = wilson(40 * (1 - back), 40)
    assert (got.value, got.low, got.high) == (want.value, want.low, want.high)
    assert got.low < got.high


def test_money_so_far_stands_in_where_few_brought_any_before():
    silent = members([100] * 3 + [0] * 37, [1] * 3 + [0] * 37, so_far=[5.0] * 20 + [15.0] * 20)

    # Of 400 so far, 15 came from the three who returned.
    assert money_lost(silent).value == pytest.approx(385 / 400)


def test_without_any_money_heads_are_counted_and_without_members_nothing_is_known():
    penniless = members([0] * 30, [1] * 10 + [0] * 20, so_far=0.0)

    assert money_lost(penniless).value == pytest.approx(20 / 30)
    assert np.isnan(money_lost(penniless.iloc[:0]).value)


def test_what_is_at_risk_is_the_money_of_today_times_the_share_lost():
    watched = pd.concat([
        members([90] * 10 + [10] * 10, [1] * 10 + [0] * 10),
        members([30] * 40, [1] * 30 + [0] * 10, segment="Small"),
    ])  # fmt: skip
    now = pd.DataFrame(
        {"segment": pd.Categorical(["Big", "Big", "Small", "Empty"], categories=NAMES),
         "period_revenue": [600.0, 400.0, -50.0, 0.0]}
    )  # fmt: skip

    got = with_risk(pd.DataFrame({"segment": NAMES, "customers": [20, 40, 0]}), watched, now)

    assert got["lost_share"].tolist()[:2] == pytest.approx([0.1, 0.25])
    # Refunds outweigh what the small brought, and the empty brought nothing.
    assert got["revenue_at_risk"].tolist() == pytest.approx([100, 0, 0])
    assert got["revenue_now"].tolist() == [1000, -50, 0]
    assert got["members_now"].tolist() == [2, 1, 1]
    total = total_at_risk(got)
    assert (total.value, total.n) == (pytest.approx(100), 60)
    assert (total.low, total.high) == pytest.approx((got["at_risk_low"][0], got["at_risk_high"][0]))


def test_the_order_of_the_members_changes_no_share():
    rng = np.random.default_rng(4)
    some = members(rng.gamma(1, 50, 60), rng.integers(0, 2, 60))

    assert money_lost(some).value == pytest.approx(money_lost(some.iloc[::-1]).value, rel=1e-12)


def test_the_interval_covers_the_share_of_the_money_in_most_draws():
    # Everybody leaves with probability one half whatever they spend: half of the money is lost.
    covered = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        got = money_lost(members(rng.gamma(2, 50, 150), rng.integers(0, 2, 150)))
        covered += got.low <= 0.5 <= got.high

    assert covered >= 34
