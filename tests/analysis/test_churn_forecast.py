"""The forecast of churn: probabilities by hand, against a library, and held against what came."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

from shared.analysis.churn_forecast import backtest_churn, forecast_churn
from shared.loading.errors import NotSupportedByData

END = date(2024, 12, 31)


def to_lines(frame):
    return ibis.memtable(frame.assign(order_id=frame.index.astype(str), product_id="p"))


def shop(seed, *, customers=600, leave=0.25, gap=25.0, days=500):
    """Customers who order at random and may leave after each order, steadily over time."""
    rng = np.random.default_rng(seed)
    begin = pd.Timestamp(END) - pd.Timedelta(days=days)
    rows = []
    for who in range(customers):
        day = rng.uniform(0, days)
        while day < days:
            rows.append((f"c{who:04d}", begin + pd.Timedelta(days=int(day))))
            day = days if rng.random() < leave else day + 1 + rng.exponential(gap)
    return pd.DataFrame(rows, columns=["customer_id", "order_date"]).drop_duplicates()


@pytest.fixture(scope="module")
def orders():
    return shop(1)


def test_probabilities_equal_those_of_a_library(orders):
    got = forecast_churn(to_lines(orders), snapshot_date=END, window_days=90).customers

    days = orders.sort_values(["customer_id", "order_date"]).copy()
    days["n"] = days.groupby("customer_id").cumcount() + 1
    days["later"] = days.groupby("customer_id")["order_date"].shift(-1)
    first = days[days["n"] == 1]
    pause = (first["later"].fillna(pd.Timestamp(END)) - first["order_date"]).dt.days
    curve = KaplanMeierFitter().fit(pause, first["later"].notna())
    once = got[got["experience"] == "1 order"]

    silence = once["silence_days"].to_numpy()
    want = curve.predict(90) / curve.predict(np.maximum(silence - 1, 0)).to_numpy()
    assert len(once) > 20
    np.testing.assert_allclose(once["probability"], want, rtol=1e-9)


def test_longer_silence_means_more_risk_within_an_experience(orders):
    got = forecast_churn(to_lines(orders), snapshot_date=END, window_days=90).customers

    for _, part in got.groupby("experience"):
        ordered = part.sort_values("silence_days")["probability"]
        assert ordered.is_monotonic_increasing
    assert got["probability"].between(0, 1).all()


def test_only_customers_who_are_not_lost_yet_are_forecast(orders):
    got = forecast_churn(to_lines(orders), snapshot_date=END, window_days=90).customers

    assert got["silence_days"].max() <= 90
    assert (got["lost_on"] >= pd.Timestamp(END)).all()
    last = orders.groupby("customer_id")["order_date"].max()
    assert len(got) == int(((pd.Timestamp(END) - last).dt.days <= 90).sum())


def test_bands_add_up_to_the_whole(orders):
    got = forecast_churn(to_lines(orders), snapshot_date=END, window_days=90)

    assert got.bands["customers"].sum() == len(got.customers)
    assert got.bands["expected"].sum() == pytest.approx(got.expected.value)
    assert got.expected.low < got.expected.value < got.expected.high


def test_a_steady_shop_keeps_within_its_forecast():
    inside = 0
    for seed in range(20):
        got = backtest_churn(to_lines(shop(seed, customers=300)), snapshot_date=END, window_days=90)
        inside += got.is_inside

    assert inside >= 17


def test_the_forecast_beats_giving_everybody_the_same_share(orders):
    got = backtest_churn(to_lines(orders), snapshot_date=END, window_days=90)

    assert got.brier < got.brier_same
    assert got.bands["actual"].sum() == got.actual
    high = got.bands.set_index("band").loc["high"]
    assert high["low"] <= high["expected_share"] <= high["high"]


def test_the_backtest_knows_nothing_of_the_orders_after_its_day(orders):
    late = orders[orders["order_date"] < "2024-10-02"]
    past = forecast_churn(to_lines(late), snapshot_date=date(2024, 10, 2), window_days=90)
    tested = backtest_churn(to_lines(orders), snapshot_date=END, window_days=90)

    assert tested.as_of == date(2024, 10, 2)
    assert tested.expected == past.expected


def test_row_order_and_several_orders_a_day_change_nothing(orders):
    doubled = pd.concat([orders, orders]).sample(frac=1, random_state=3).reset_index(drop=True)

    first = forecast_churn(to_lines(orders), snapshot_date=END, window_days=90)
    again = forecast_churn(to_lines(doubled), snapshot_date=END, window_days=90)
    pd.testing.assert_frame_equal(first.customers, again.customers)


def test_three_customers_are_no_forecast():
    few = pd.DataFrame(
        {"customer_id": list("abc"), "order_date": pd.to_datetime(["2024-12-01"] * 3)}
    )
    with pytest.raises(NotSupportedByData, match="3 customers"):
        forecast_churn(to_lines(few), snapshot_date=END, window_days=90)


def test_nobody_lost_yet_is_no_forecast(orders):
    with pytest.raises(NotSupportedByData, match="0 pauses"):
        forecast_churn(to_lines(orders), snapshot_date=END, window_days=600)
