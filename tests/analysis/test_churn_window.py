from datetime import date

import numpy as np
import pandas as pd
import pytest
from planted_cohorts import as_lines, order_lines, random_shop

from shared.analysis.churn_window import churn_window
from shared.analysis.lifecycle import closed_gaps
from shared.analysis.lifespans import lifespans
from shared.analysis.survival_curve import shift_back, survival_curve
from shared.loading.errors import ConfigError, NotSupportedByData

END = date(2024, 3, 5)


def steady(gap_days, customers=60, orders=4, end="2024-03-05"):
    """Let all customers order at the same distance, the last time on different days."""
    last = np.datetime64(end) - 1 - np.arange(customers) % 30
    rows = [(f"c{i}", last[i] - gap_days * k) for i in range(customers) for k in range(orders)]
    return order_lines(rows)


def test_the_window_is_the_gap_that_19_of_20_do_not_exceed():
    rows = []
    for i in range(100):  # gaps of 1 to 100 days
        rows += [(f"c{i}", np.datetime64("2023-01-01")), (f"c{i}", np.datetime64("2023-01-02") + i)]

    found = churn_window(order_lines(rows), snapshot_date=END)

    assert (found.days, found.quantile, found.gaps) == (95, 0.95, 100)
    assert not found.given


def test_two_orders_of_a_day_and_refunds_make_no_gap():
    frame = steady(30).to_pandas().assign(is_refund=False)
    refunds = frame.assign(order_date=frame["order_date"] + pd.Timedelta(days=7), is_refund=True)
    later = frame.assign(order_date=frame["order_date"] + pd.Timedelta(hours=5))
    lines = as_lines(frame)
    noisy = as_lines(pd.concat([frame, refunds, later]))

    got, want = (churn_window(table, snapshot_date=END) for table in (noisy, lines))

    assert (got.days, got.gaps) == (want.days, want.gaps) == (30, 180)


def test_a_window_that_was_asked_for_is_taken_and_its_quantile_told():
    lines = random_shop(0)

    estimated = churn_window(lines, snapshot_date=END)
    given = churn_window(lines, snapshot_date=END, days=45)

    assert given.days == 45
    assert given.given
    gaps = closed_gaps(lines, before=END)
    inside = gaps.loc[gaps["gap_days"] <= 45, "gaps"].sum()
    assert given.quantile == pytest.approx(inside / gaps["gaps"].sum())
    assert given.days < estimated.days


def test_a_longer_window_loses_fewer_customers_and_fewer_of_them_come_back():
    found = churn_window(random_shop(1, customers=800), snapshot_date=END)

    table = found.sensitivity
    assert table["window_days"].is_monotonic_increasing
    assert table["lost"].is_monotonic_decreasing
    assert table["came_back"].is_monotonic_decreasing
    assert table.loc[table["chosen"], "window_days"].tolist() == [found.days]
    chosen = table[table["chosen"]].iloc[0]
    assert found.came_back.n == chosen["came_back"] + chosen["lost"]
    assert found.came_back.value == pytest.approx(chosen["came_back_share"])


def test_each_row_of_the_sensitivity_is_what_that_window_gives():
    lines = random_shop(2, customers=500)

    table = churn_window(lines, snapshot_date=END).sensitivity

    for row in table.to_dict("records"):
        frame = lifespans(lines, snapshot_date=END, window=row["window_days"])
        curve = survival_curve(frame["duration"].to_numpy(), frame["observed"].to_numpy())
        assert row["lost"] == frame["observed"].sum()
        assert row["came_back"] == frame["came_back"].sum()
        median = shift_back(curve, row["window_days"]).median.days
        assert median == row["median"] or (median is None and np.isnan(row["median"]))


def test_three_customers_or_no_repeat_buyer_cannot_tell_a_window():
    three = order_lines([(c, f"2024-01-{d:02}") for c in "abc" for d in (1, 9)])
    once = order_lines([(f"c{i}", "2024-01-01") for i in range(100)])

    with pytest.raises(NotSupportedByData, match="only 3 pauses"):
        churn_window(three, snapshot_date=END)
    with pytest.raises(NotSupportedByData, match="only 0 pauses"):
        churn_window(once, snapshot_date=END)
    assert np.isnan(churn_window(once, snapshot_date=END, days=30).quantile)


def test_a_window_longer_than_the_data_is_refused():
    with pytest.raises(NotSupportedByData, match="lost after 400"):
        churn_window(steady(30), snapshot_date=END, days=400)


@pytest.mark.parametrize("options", [{"quantile": 1.0}, {"quantile": 0.0}, {"days": -3}])
def test_impossible_parameters_are_refused(options):
    with pytest.raises(ConfigError, match="E-PARA-2"):
        churn_window(steady(30), snapshot_date=END, **options)


@pytest.mark.datasets
def test_the_window_of_the_public_wholesaler_is_155_days(online_retail_bought):
    found = churn_window(online_retail_bought, snapshot_date=date(2011, 12, 10))

    assert (found.days, found.gaps) == (155, 12425)
    chosen = found.sensitivity[found.sensitivity["chosen"]].iloc[0]
    assert (chosen["customers"], chosen["lost"]) == (4338, 1018)
    assert np.isnan(chosen["median"])
