"""The plain formula and the historical value beside the model's."""

from datetime import date

import ibis
import pandas as pd
import pytest

from shared.analysis.intervals import Estimate
from shared.analysis.lifetime_formula import EXAMPLE, formula_value, plain_formula, three_values
from shared.analysis.lifetime_formula_answers import formula_check
from shared.loading.errors import NotSupportedByData

AS_OF = date(2024, 7, 1)


def lines(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "order_date", "line_value"])
    return ibis.memtable(frame.assign(order_date=pd.to_datetime(frame["order_date"])))


SHOP = lines(
    [
        ("ana", "1", "2023-01-05", 500.0),  # before the last year
        ("ana", "2", "2023-08-05", 60.0),
        ("ana", "2", "2023-08-05", 40.0),
        ("ana", "3", "2024-01-05", 100.0),
        ("ben", "4", "2024-03-05", 40.0),
    ]
)


def test_a_hundred_by_five_by_three_is_1500():
    assert formula_value(100, 5, 3) == 1500
    assert formula_check().values["product"] == formula_value(**EXAMPLE) == 1500


def test_the_formula_counts_the_orders_of_the_last_year_and_who_placed_them():
    got = plain_formula(SHOP, snapshot_date=AS_OF, money="line_value", years=3.0)

    assert (got.order_value, got.orders_a_year, got.customers) == (80.0, 1.5, 2)
    assert got.value == pytest.approx(80 * 1.5 * 3)


def test_a_history_shorter_than_a_year_is_scaled_up():
    short = SHOP.filter(SHOP.order_date >= pd.Timestamp("2024-01-01"))
    got = plain_formula(short, snapshot_date=AS_OF, money="line_value", years=1.0)

    days = (pd.Timestamp(AS_OF) - pd.Timestamp("2024-01-05")).days + 1  # from the first on
    assert got.orders_a_year == pytest.approx(2 / 2 * 365 / days)


def test_nobody_in_the_last_year_is_told():
    with pytest.raises(NotSupportedByData, match="last year"):
        plain_formula(SHOP, snapshot_date=date(2026, 1, 1), money="line_value", years=3.0)


def test_the_three_values_stand_side_by_side():
    formula = plain_formula(SHOP, snapshot_date=AS_OF, money="line_value", years=3.0)
    customers = pd.DataFrame({"monetary": [700.0, 40.0]})

    got = three_values(
        formula, customers, horizon_months=6, share_kept=0.5,
        expected=Estimate(100.0, 80.0, 120.0, 2, "money"),
    ).set_index(["way", "span"])  # fmt: skip

    assert got.loc[("Plain formula", "3 years"), "per_customer"] == pytest.approx(360)
    assert got.loc[("Plain formula", "6 months"), "per_customer"] == pytest.approx(60)
    assert got.loc[("Historical value", "so far"), "total"] == 740
    model = got.loc[("Model, revenue", "next 6 months")]
    assert model[["per_customer", "low", "high", "total"]].tolist() == [50, 40, 60, 100]
    assert got.loc[("Model, value", "next 6 months"), "total"] == 50


def test_without_a_model_the_other_two_remain():
    formula = plain_formula(SHOP, snapshot_date=AS_OF, money="line_value", years=3.0)

    got = three_values(formula, pd.DataFrame({"monetary": [1.0]}), horizon_months=6)

    assert got["way"].tolist() == ["Plain formula", "Plain formula", "Historical value"]
