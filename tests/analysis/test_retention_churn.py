"""Retention and churn per period: the customer base must add up, and blanks stay blank."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from shared.analysis.retention_churn import pooled_churn, retention_churn
from shared.loading.errors import NotSupportedByData


def lines(*orders):
    rows = [(who, f"{who}-{day}", pd.Timestamp(day), "p") for who, day in orders]
    names = ["customer_id", "order_id", "order_date", "product_id"]
    return ibis.memtable(pd.DataFrame(rows, columns=names))


def by_hand():
    """Ana stays; ben is lost on 11 March and returns in April; cat is lost on 1 April."""
    return lines(
        ("ana", "2024-01-05"), ("ana", "2024-02-20"), ("ana", "2024-04-01"), ("ana", "2024-05-01"),
        ("ben", "2024-01-11"), ("ben", "2024-04-20"),
        ("cat", "2024-02-01"), ("cat", "2024-02-01"),
    )  # fmt: skip


def random_lines(seed, *, customers=60, days=300):
    rng = np.random.default_rng(seed)
    rows = [
        (f"c{who:03d}", str((pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(day))).date()))
        for who in range(customers)
        for day in rng.choice(days, size=rng.integers(1, 9), replace=False)
    ]
    return lines(*rows), rows


def test_a_hand_made_base_is_counted_month_by_month():
    got = retention_churn(by_hand(), snapshot_date=date(2024, 6, 1), window_days=60)

    assert list(got["period"].astype(str)) == [f"2024-0{m}" for m in range(1, 6)]
    assert list(got["start"]) == [0, 2, 3, 2, 2]
    assert list(got["won"]) == [2, 1, 0, 0, 0]
    assert list(got["returned"]) == [0, 0, 0, 1, 0]
    assert list(got["lost"]) == [0, 0, 1, 1, 0]
    assert list(got["end"]) == [2, 3, 2, 2, 2]


def test_rates_are_blank_until_everybody_could_be_lost():
    got = retention_churn(by_hand(), snapshot_date=date(2024, 6, 1), window_days=60)

    # The first order is of 5 January: from 5 March on a customer can be lost, in all of April.
    assert got["churn_rate"].isna().tolist() == [True, True, True, False, False]
    assert got["churn_rate"].iloc[3] == pytest.approx(1 / 2)
    assert got["retention_rate"].iloc[3] == pytest.approx(1 / 2)


def test_a_month_that_is_not_over_is_left_out():
    got = retention_churn(by_hand(), snapshot_date=date(2024, 5, 31), window_days=60)

    assert str(got["period"].iloc[-1]) == "2024-04"


def test_buying_again_is_counted_as_on_the_cohort_page():
    got = retention_churn(by_hand(), snapshot_date=date(2024, 6, 1), window_days=60)

    assert list(got["bought_before"].iloc[1:]) == [2, 2, 0, 2]
    assert list(got["bought_again"].iloc[1:]) == [1, 0, 0, 1]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("window", [10, 45])
def test_every_period_adds_up_and_agrees_with_a_plain_count(seed, window):
    table, rows = random_lines(seed)
    got = retention_churn(table, snapshot_date=date(2024, 10, 1), window_days=window)

    assert (got["start"] + got["won"] + got["returned"] - got["lost"] == got["end"]).all()
    history = pd.DataFrame(rows, columns=["who", "day"])
    history["day"] = pd.to_datetime(history["day"])
    history = history[history["day"] < "2024-10-01"]
    for row in got.to_dict("records"):
        start, stop = row["period"].start_time, (row["period"] + 1).start_time
        at_start = {who for who, days in history.groupby("who")["day"]
                    if _is_customer(days, start, window)}  # fmt: skip
        gone = {
            who for who in at_start
            if any(start <= day < stop for day in _losses(history, who, window, stop))
        }  # fmt: skip
        assert row["start"] == len(at_start)
        assert row["lost_of_start"] == len(gone)


def _is_customer(days, at, window):
    """Whether the last order before a moment is recent enough that silence has not won."""
    past = days[days < at]
    return bool(len(past)) and past.max() + pd.Timedelta(days=window) >= at


def _losses(history, who, window, stop):
    days = sorted(history.loc[history["who"] == who, "day"])
    for day, later in zip(days, [*days[1:], pd.Timestamp.max], strict=True):
        lost_on = day + pd.Timedelta(days=window)
        if later > lost_on and lost_on < stop:
            yield lost_on


def test_neither_row_order_nor_names_matter():
    table, rows = random_lines(1)
    renamed = lines(*[(f"z{who[::-1]}", day) for who, day in rows[::-1]])
    options = {"snapshot_date": date(2024, 10, 1), "window_days": 30}

    pd.testing.assert_frame_equal(
        retention_churn(table, **options), retention_churn(renamed, **options)
    )


def test_a_window_as_long_as_the_history_is_refused_with_a_remedy():
    with pytest.raises(NotSupportedByData, match="nobody could be lost"):
        retention_churn(by_hand(), snapshot_date=date(2024, 6, 1), window_days=120)


def test_the_pooled_rate_adds_customers_and_never_averages_percentages():
    got = retention_churn(by_hand(), snapshot_date=date(2024, 6, 1), window_days=60)
    pooled = pooled_churn(got)

    assert pooled.n == 4
    assert pooled.value == pytest.approx(1 / 4)


def test_the_interval_of_the_pooled_rate_holds_the_scatter_between_periods():
    even = pd.DataFrame({"start": [1000] * 12, "lost_of_start": [100] * 12, "churn_rate": 0.1})
    uneven = even.assign(lost_of_start=[20, 180] * 6)

    calm, wild = pooled_churn(even), pooled_churn(uneven)

    assert calm.value == wild.value == pytest.approx(0.1)
    assert calm.high - calm.low < 0.012
    # By hand: residuals of 80 each, t of 11 degrees 2.201, 80 * sqrt(12 * 12 / 11) / 12,000.
    assert wild.high - wild.value == pytest.approx(2.201 * 80 * np.sqrt(144 / 11) / 12000, rel=1e-3)


def test_the_intake_that_most_of_the_lost_came_in_is_named():
    rows = [(f"nov{i}", "2023-11-10") for i in range(20)] + [("dec", "2023-12-05")]
    rows += [("stays", f"2023-{month:02}-01") for month in range(9, 13)]
    rows += [("stays", f"2024-{month:02}-01") for month in range(1, 5)]

    got = retention_churn(lines(*rows), snapshot_date=date(2024, 4, 1), window_days=90)

    row = got.set_index("period").loc["2024-02"]
    assert (row["lost_of_start"], str(row["lost_came_in"]), row["lost_that_came"]) == (
        20, "2023-11", 20,
    )  # fmt: skip
