from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_segments import lines_of, planted_shop, steady_base
from scipy.stats import ttest_1samp

from shared.analysis.multiple_testing import Finding
from shared.analysis.portfolio import portfolio
from shared.analysis.segment_history import segment_history
from shared.analysis.segment_movement import (
    base_drift,
    drift_steps,
    mean_change,
    movement_since,
    period_end_before,
)
from shared.loading.errors import NotSupportedByData

SNAPSHOT = date(2024, 7, 10)


def base_and_lines():
    """Make 80 customers; customer k orders k % 5 more times in February, every other in June."""
    rows = [
        (f"c{k:02d}", f"{k}-{day}", f"2024-{day}", 10.0 + k)
        for k in range(80)
        for day in ["01-05", *(f"02-{10 + i}" for i in range(k % 5)), *(["06-20"] * (k % 2))]
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "order_date", "line_value"])
    lines = ibis.memtable(frame.assign(order_date=pd.to_datetime(frame["order_date"])))
    return portfolio(lines, snapshot_date=SNAPSHOT), lines


@pytest.mark.parametrize(
    ("period", "periods", "end"),
    [
        ("M", 1, "2024-06-01"),
        ("M", 12, "2023-07-01"),
        ("Q", 1, "2024-04-01"),
        ("W", 1, "2024-07-01"),
    ],
)
def test_a_period_ends_on_the_first_day_after_it(period, periods, end):
    assert str(period_end_before(SNAPSHOT, period=period, periods=periods)) == end


def test_members_of_then_are_looked_up_now_and_each_is_in_one_place():
    now, lines = base_and_lines()

    got = movement_since(lines, now, segment="Champions", period="M", periods=4)

    before = portfolio(lines, snapshot_date=date(2024, 3, 1)).customers
    champions = before.loc[before["segment"] == "Champions", "customer_id"]
    still = now.customers.set_index("customer_id").loc[champions, "segment"] == "Champions"
    assert got.as_of == date(2024, 3, 1)
    assert got.members == len(champions) > 0
    assert got.stayed.value == still.mean()
    assert got.stayed.value + got.slipped.value <= 1


def test_later_orders_do_not_change_who_was_a_member_then():
    now, lines = base_and_lines()
    early = lines.filter(lines.order_date < pd.Timestamp("2024-03-01").to_pydatetime())

    with_later = movement_since(lines, now, segment="Champions", period="M", periods=4)
    without = movement_since(early, now, segment="Champions", period="M", periods=4)

    assert with_later == without


def test_before_the_data_begin_nothing_is_said():
    now, lines = base_and_lines()

    with pytest.raises(NotSupportedByData, match="begin after 2023-12-01"):
        movement_since(lines, now, segment="Champions", period="M", periods=7)


def test_a_small_base_then_is_not_compared():
    now, lines = base_and_lines()
    few = lines.filter(lines.customer_id < "c40")

    with pytest.raises(NotSupportedByData, match="40 customers had ordered"):
        movement_since(few, now, segment="Champions", period="M", periods=4)


def test_an_empty_segment_then_is_not_compared():
    now, lines = base_and_lines()
    once = lines.filter(lines.order_date == pd.Timestamp("2024-01-05").to_pydatetime())

    with pytest.raises(NotSupportedByData, match="nobody was in Champions"):
        movement_since(once, now, segment="Champions", period="M", periods=4)


def drift_of(lines, *, until="2024-02-26", weeks=12):
    history = segment_history(
        lines, snapshot_date=date.fromisoformat(until), period="W", periods=weeks
    )
    return history, base_drift(history)


def test_up_down_and_stayed_add_up_and_agree_with_plain_pandas():
    history, got = drift_of(planted_shop(2, rates=np.full(300, 8.0)))

    then, now = (history.at(end)["priority"] for end in (got.since, got.until))
    change = now.reindex(then.index) - then
    assert got.customers == len(then)
    assert got.up.value == pytest.approx((change > 0).mean())
    assert got.down.value == pytest.approx((change < 0).mean())
    assert got.up.value + got.down.value + got.stayed.value == pytest.approx(1)
    assert got.up.low < got.up.value < got.up.high


def test_a_steady_closed_base_drifts_nowhere_although_more_scores_fall_than_rise():
    found = [drift_of(steady_base(seed))[1] for seed in range(8)]

    # Nobody joins, so that one customer's rise is another's fall.
    assert max(abs(drift.standing.value) for drift in found) < 1e-9
    assert {drift.standing_finding for drift in found} == {Finding.NOTHING}
    assert Finding.DIFFERS not in {drift.rate_finding for drift in found}


def test_equal_rates_are_called_a_drift_in_at_most_five_of_100_draws():
    def differs(seed):
        rng = np.random.default_rng(seed)
        change = pd.Series(rng.poisson(0.5, 300) - rng.poisson(0.5, 300), dtype=float)
        return mean_change(change, unit="number")[1] < 0.01

    assert sum(differs(seed) for seed in range(100)) <= 5


@pytest.mark.parametrize(("change", "sign"), [(0.4, -1), (2.0, 1)])
def test_a_planted_change_of_the_order_rate_is_found_with_its_direction(change, sign):
    _, got = drift_of(steady_base(1, change=change, change_week=52), weeks=14)

    truth = 0.5 * (change - 1)
    assert got.rate_finding is Finding.DIFFERS
    assert np.sign(got.rate_change.value) == sign
    assert got.rate_change.low <= truth <= got.rate_change.high
    assert got.rate_now.value - got.rate_then.value == pytest.approx(got.rate_change.value)


def test_newcomers_on_top_push_those_of_before_down():
    old = [(f"a{k:03d}", f"{k}-{m}", f"2023-{m}-1{k % 9}", 10.0) for k in range(100)
           for m in ("06", "07")]  # fmt: skip
    new = [(f"b{k:03d}", f"{k}-{n}", f"2023-12-1{n}", 90.0) for k in range(100) for n in range(4)]
    history = segment_history(
        lines_of(old + new), snapshot_date=date(2024, 1, 1), period="M", periods=3
    )

    whole = drift_steps(history).iloc[-1]

    assert whole["change"] == pytest.approx(-0.25)  # from the mean of all to that of the lower half
    assert whole["finding"] is Finding.DIFFERS


def test_the_first_steps_are_tested_together_and_the_whole_span_by_itself():
    history, _ = drift_of(planted_shop(3, rates=np.full(200, 8.0)), weeks=5)

    got = drift_steps(history)

    assert len(got) == 6
    assert (got["since"].iloc[-1], got["until"].iloc[-1]) == (history.ends[0], history.ends[-1])
    assert got["q"].iloc[-1] == got["p"].iloc[-1]
    assert (got["q"] >= got["p"] - 1e-15).all()


def test_newcomers_of_the_first_period_are_left_out_of_the_order_rate():
    history, got = drift_of(planted_shop(4, rates=np.full(300, 4.0)))

    then = history.at(got.since)
    assert got.rate_then.n == (then["frequency"] > then["period_orders"]).sum() < len(then)


def test_without_customers_from_before_the_first_period_no_rate_is_compared():
    rows = [(f"c{k:02d}", f"{k}-{m}", f"2023-{m}-05", 10.0) for k in range(60)
            for m in ("11", "12")]  # fmt: skip
    history = segment_history(lines_of(rows), snapshot_date=date(2024, 1, 1), period="M", periods=3)

    with pytest.raises(NotSupportedByData, match="0 customers had joined before 2023-11"):
        base_drift(history)


def test_a_mean_change_has_the_interval_of_student():
    values = pd.Series([1.0, 2.0, 4.0, 5.0])

    got, p = mean_change(values, unit="number")

    want = ttest_1samp(values, 0)
    assert (got.low, got.high) == pytest.approx(tuple(want.confidence_interval(0.95)))
    assert p == pytest.approx(want.pvalue)
    assert mean_change(pd.Series([0.0, 0.0]), unit="number")[1] == 1
    assert np.isnan(mean_change(pd.Series([3.0]), unit="number")[1])
