"""The forecast: months, sums, intervals that cover what then happens.

Coverage runs over 20 seeds, and with `CRM_DRAWS=100` over 100.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from planted_lifetimes import bg_nbd_customers, spend_means

from shared.analysis.lifetime_forecast import (
    expected_by_month,
    forecast_base,
    months_ahead,
    one_step,
    simulate_base,
)
from shared.analysis.lifetime_history import history_of
from shared.analysis.lifetime_models import refitted_models
from shared.analysis.lifetime_spend import spend_per_order
from shared.analysis.purchase_model import expected_purchases, fit_purchase_model
from shared.analysis.repeat_summary import weighted_rows

TRUTH = {"r": 0.55, "alpha": 5.5, "a": 0.7, "b": 4.6}
REFITS = 60 if DRAWS < 100 else 100
SPEND = {"p": 4.0, "q": 3.6, "gamma": 39.0}


def base_of(seed, *, n=1500, holdout=26.0):
    """A planted base as `repeat_summary` gives it, and what it bought in the holdout."""
    planted = bg_nbd_customers(seed, n=n, truth=TRUTH, holdout=holdout)
    summary = planted.histories.astype({"frequency": "int64"})
    rng = np.random.default_rng(seed + 10_000)
    scale = rng.gamma(SPEND["q"], 1 / SPEND["gamma"], n)
    x = summary["frequency"].to_numpy()
    mean = np.full(n, np.nan)
    mean[x > 0] = rng.gamma(SPEND["p"] * x[x > 0]) / scale[x > 0] / x[x > 0]
    first = rng.gamma(SPEND["p"], size=n) / scale
    spent = np.zeros(n)
    bought = planted.future > 0
    spent[bought] = rng.gamma(SPEND["p"] * planted.future[bought]) / scale[bought]
    summary = summary.assign(
        customer_id=[f"c{i:05d}" for i in range(n)],
        monetary_value=mean,
        purchases=x + 1,
        total_value=first + np.nan_to_num(mean) * x,
    )
    return summary, planted.future, spent


def forecast_of(summary, *, refits=60, horizon=None, **options):
    rows = weighted_rows(summary)
    model = fit_purchase_model(rows)
    models, _ = refitted_models(rows, model, refits=refits)
    horizon = horizon or months_ahead(date(2024, 7, 1), months=6, unit_days=7, discount_rate=0.1)
    spend = spend_per_order(summary, refits=refits)
    return forecast_base(model, spend, summary, horizon=horizon, models=models, **options)


@pytest.fixture(scope="module")
def planted():
    return base_of(1)


@pytest.fixture(scope="module")
def forecast(planted):
    groups = pd.Series(pd.Categorical(np.where(planted[0]["frequency"] > 0, "back", "once")))
    return forecast_of(planted[0], share_kept=0.4, groups=groups)


def test_months_follow_the_snapshot_date_and_are_discounted_at_their_middle():
    horizon = months_ahead(date(2024, 1, 31), months=3, unit_days=1.0, discount_rate=0.1)

    assert horizon.starts == (date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31))
    assert horizon.ends == (date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30))
    assert horizon.units.tolist() == [29.0, 60.0, 90.0]
    assert horizon.discount == pytest.approx(1.1 ** (-np.array([14.5, 44.5, 75.0]) / 365.25))


def test_a_holdout_is_one_step_without_a_discount():
    step = one_step(date(1997, 9, 30), 273, unit_days=7.0)

    assert (step.starts, step.ends) == ((date(1997, 10, 1),), (date(1998, 7, 1),))
    assert (step.length, step.discount.tolist()) == (39.0, [1.0])


def test_customers_values_sum_to_the_monthly_cash_flow(forecast):
    flow, customers = forecast.cash_flow, forecast.customers

    assert customers["clv"].sum() == pytest.approx(flow["value"].sum(), abs=0.01)
    assert customers["expected_revenue"].sum() == pytest.approx(flow["revenue"].sum(), abs=0.01)
    assert customers["expected_orders"].sum() == pytest.approx(flow["orders"].sum(), abs=0.01)
    assert forecast.value.value == pytest.approx(flow["value"].sum(), abs=0.01)


def test_no_value_is_negative_blank_or_infinite(forecast):
    numbers = forecast.customers.drop(columns="customer_id").to_numpy(dtype=float)

    assert np.isfinite(numbers).all()
    assert (numbers >= 0).all()
    assert forecast.customers["chance_to_order"].le(1).all()


def test_months_add_up_to_the_whole_horizon(planted):
    summary, _, _ = planted
    model = fit_purchase_model(weighted_rows(summary))
    horizon = months_ahead(date(2024, 7, 1), months=6, unit_days=7)
    history = history_of(summary)

    got = expected_by_month(model, history, horizon)

    want = expected_purchases(model, *history, horizon.length)
    assert got.shape == (len(summary), 6)
    assert got.sum(axis=1) == pytest.approx(want)


def test_value_is_margin_and_discount_of_revenue(forecast):
    flow, horizon = forecast.cash_flow, forecast.horizon

    assert flow["value"].to_numpy() == pytest.approx(
        flow["revenue"].to_numpy() * 0.4 * horizon.discount
    )


def test_intervals_hold_their_values_and_those_of_the_whole_are_narrower_than_the_sum(forecast):
    flow = forecast.cash_flow

    for name in ("orders", "revenue"):
        assert (flow[f"{name}_low"] < flow[name]).all()
        assert (flow[name] < flow[f"{name}_high"]).all()
    sums = (flow["orders_high"] - flow["orders_low"]).sum()
    assert forecast.orders.high - forecast.orders.low < sums


def test_the_interval_joins_parameters_and_chance(planted):
    summary, _, _ = planted
    rows = weighted_rows(summary)
    model = fit_purchase_model(rows)
    models, moving = refitted_models(rows, model, refits=200)
    horizon = months_ahead(date(2024, 7, 1), months=6, unit_days=7)
    spend, history = spend_per_order(summary, refits=200), history_of(summary)

    both = simulate_base(models, spend, history, horizon=horizon).orders.sum(axis=1)
    chance = simulate_base([model] * 200, spend, history, horizon=horizon).orders.sum(axis=1)
    parameters = [expected_purchases(m, *history, horizon.length).sum() for m in models]

    assert moving
    joined = np.hypot(np.std(chance), np.std(parameters))
    assert np.std(both) == pytest.approx(joined, rel=0.2)
    assert np.std(both) > 1.1 * max(np.std(chance), np.std(parameters))


def test_groups_share_the_value_between_them(planted, forecast):
    once = planted[0]["frequency"] == 0
    bounds = forecast.group_bounds.set_index("segment")

    for name, rows in (("once", once), ("back", ~once)):
        value = forecast.customers.loc[rows, "clv"].sum()
        assert bounds.loc[name, "value_low"] < value < bounds.loc[name, "value_high"]


def test_the_seed_decides_the_interval_to_the_last_digit(planted):
    first, again = (forecast_of(planted[0], refits=20) for _ in range(2))

    assert first.orders == again.orders
    pd.testing.assert_frame_equal(first.cash_flow, again.cash_flow)


def test_drawn_money_has_the_mean_that_is_expected(planted):
    summary, _, _ = planted
    spend = spend_per_order(summary, refits=20)
    rng = np.random.default_rng(0)
    rows = np.arange(len(summary))
    counts = np.ones((len(summary), 1))

    drawn = np.mean([spend.draw(counts, rows, b, rng).sum() for b in range(200)])

    assert drawn == pytest.approx(spend.expected.sum(), rel=0.03)


def test_where_spend_has_no_finite_mean_every_order_gets_the_mean_of_all():
    planted = bg_nbd_customers(3, n=800, truth=TRUTH)
    summary = planted.histories.assign(
        monetary_value=spend_means(3, planted.histories["frequency"], p=4, q=0.91, gamma=15),
        purchases=planted.histories["frequency"] + 1,
    )
    summary["total_value"] = summary["monetary_value"].fillna(20) * summary["purchases"]

    spend = spend_per_order(summary, refits=20)

    assert spend.model is None
    assert spend.doubts
    mean = summary["total_value"].sum() / summary["purchases"].sum()
    assert np.unique(spend.expected) == pytest.approx([mean])


@pytest.mark.slow
def test_the_portfolio_interval_covers_orders_and_revenue_that_then_come():
    orders = revenue = 0
    for seed in range(DRAWS):
        summary, future, spent = base_of(seed, n=800)
        told = forecast_of(
            summary, refits=REFITS, horizon=one_step(date(2024, 6, 30), 182, unit_days=7)
        )
        orders += told.orders.low <= future.sum() <= told.orders.high
        revenue += told.revenue.low <= spent.sum() <= told.revenue.high
    print("covered orders", orders, "revenue", revenue, "of", DRAWS)
    for covered in (orders, revenue):
        assert covered >= DRAWS - 2 * FEW
        assert covered < DRAWS or DRAWS < 100
