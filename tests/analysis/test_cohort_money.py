from datetime import date
from itertools import pairwise

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis import _
from planted_cohorts import as_lines, order_lines, random_shop

from shared.analysis.cohort_activity import follow_cohorts
from shared.analysis.cohort_money import (
    follow_money,
    money_after,
    money_cells,
    pooled_money,
    valued_lines,
)


def in_pandas(lines, *, last, age, period="M"):
    """Sum each customer's money up to an age the plain way, customers old enough only."""
    frame = lines.to_pandas()
    number = frame["order_date"].dt.to_period(period).apply(lambda p: p.ordinal)
    first = number.groupby(frame["customer_id"]).transform("min")
    old = pd.Period(last, freq=period).ordinal - first >= age
    inside = old & (number - first <= age)
    people = frame.loc[old, "customer_id"].unique()
    return frame[inside].groupby("customer_id")["line_value"].sum().reindex(people).fillna(0)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), age=st.integers(0, 6))
def test_money_per_customer_equals_plain_pandas(seed, age):
    lines = random_shop(seed, customers=60)
    cohorts = follow_cohorts(lines, period="M", last_period="2023-12")

    got = money_after(pooled_money(follow_money(lines, cohorts), cohorts), age)

    before = lines.filter(_.order_date < pd.Timestamp("2024-01-01"))
    want = in_pandas(before, last="2023-12", age=age)
    half = 1.959964 * want.std() / np.sqrt(len(want))
    upto = [in_pandas(before, last="2023-12", age=k) for k in range(age + 1)]
    steps = [upto[0], *(b - a.reindex(b.index) for a, b in pairwise(upto))]
    added = sum(step.mean() for step in steps)
    assert (got.value, got.n) == (pytest.approx(added), len(want))
    assert (got.low, got.high) == pytest.approx((added - half, added + half), rel=1e-4)


def test_buyers_and_non_buyers_share_the_mean_and_what_has_not_ended_is_missing():
    rows = [("a", "2024-01-01", 10.0), ("b", "2024-01-02", 30.0), ("a", "2024-02-01", 8.0),
            ("c", "2024-02-02", 5.0)]  # fmt: skip
    lines = order_lines(rows)
    cohorts = follow_cohorts(lines, period="M", last_period="2024-02")

    cells = money_cells(follow_money(lines, cohorts), cohorts)

    assert cells["cohort"].astype(str).tolist() == ["2024-01", "2024-01", "2024-02"]
    assert cells["per_customer"].tolist() == [20.0, 4.0, 5.0]
    assert cells["cumulative_per_customer"].tolist() == [20.0, 24.0, 5.0]


def test_refunds_reduce_the_age_they_happen_in_and_all_money_is_accounted_for():
    frame = pd.DataFrame(
        [("a", "2024-01-01", 50.0, False), ("a", "2024-02-05", -20.0, True),
         ("ghost", "2024-01-09", -7.5, True), ("b", "2024-02-09", 9.0, False),
         ("b", "2024-01-09", -1.0, True), ("a", "2024-03-02", 4.0, False)],
        columns=["customer_id", "order_date", "line_value", "is_refund"],
    )  # fmt: skip
    lines = as_lines(frame)
    cohorts = follow_cohorts(
        lines, period="M", last_period="2024-02", snapshot_date=date(2024, 3, 10)
    )

    money = follow_money(lines, cohorts)

    cells = money_cells(money, cohorts)
    january = cells[cells["cohort"] == pd.Period("2024-01", freq="M")]
    assert january["per_customer"].tolist() == [50.0, -20.0]
    assert money.unplaced == -8.5
    assert money.steps["amount"].sum() + money.unplaced == frame["line_value"].sum()


def test_margin_comes_from_costs_where_they_cover_the_revenue():
    lines = order_lines([("a", "2024-01-01", 40.0), ("b", "2024-01-02", 60.0)])
    products = ibis.memtable({"product_id": ["P1"], "unit_cost": [25.0]})

    costed, what = valued_lines(lines, products=products)

    assert what == "margin"
    assert sorted(costed.to_pandas()["worth"].astype(float)) == [15.0, 35.0]


def test_without_costs_money_is_revenue_or_a_declared_share_and_without_prices_items():
    lines = order_lines([("a", "2024-01-01", 40.0)])
    few = lines.mutate(unit_cost=ibis.null("float64"))

    assert valued_lines(lines)[1] == valued_lines(few)[1] == "revenue"
    declared, what = valued_lines(lines, margin_share=0.25)
    assert (what, float(declared.worth.sum().execute())) == ("margin", 10.0)
    assert valued_lines(lines.drop("line_value"))[1] == "items bought"


def test_an_age_that_nobody_reached_has_no_mean():
    lines = order_lines([("a", "2024-01-01")])
    cohorts = follow_cohorts(lines, period="M", last_period="2024-02")

    assert np.isnan(money_after(pooled_money(follow_money(lines, cohorts), cohorts), 5).value)
