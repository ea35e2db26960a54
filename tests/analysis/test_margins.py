from datetime import date
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest

from shared.analysis.customer_profile import customer_profile
from shared.analysis.margins import customer_margins, discount_cost
from shared.loading.errors import NotSupportedByData

SNAPSHOT = date(2024, 7, 1)


def lines(unit_cost=None):
    frame = pd.DataFrame(
        {
            "customer_id": ["ana", "ana", "ben"],
            "product_id": ["P1", "P2", "P1"],
            "order_date": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]),
            "quantity": [2.0, 1.0, -1.0],
            "line_value": [20.0, 5.0, -10.0],
        }
    )
    return ibis.memtable(frame if unit_cost is None else frame.assign(unit_cost=unit_cost))


def products(*costs):
    return ibis.memtable(pd.DataFrame(costs, columns=["product_id", "unit_cost"]))


def test_margin_is_revenue_less_cost_and_a_refund_takes_both_back():
    got = customer_margins(lines([6.0, 4.0, 6.0]), snapshot_date=SNAPSHOT)

    assert got.sort_index().to_dict() == {"ana": 9.0, "ben": -4.0}


def some_uncosted():
    """Give ana 96 of 100 with costs, ben 90 of 100, cem two lines and a refund without a cost."""
    frame = pd.DataFrame(
        {
            "customer_id": ["ana", "ana", "ben", "ben", "cem", "cem", "cem"],
            "order_id": ["1", "2", "3", "4", "5", "6", "R5"],
            "product_id": ["P1", "P2", "P1", "P2", "P1", "P1", "P2"],
            "order_date": pd.to_datetime(["2024-01-01"] * 7),
            "quantity": [1.0] * 6 + [-1.0],
            "line_value": [96.0, 4.0, 90.0, 10.0, 1000.0, 1000.0, -10.0],
            "unit_cost": [60.0, None, 60.0, None, 600.0, 600.0, None],
            "is_refund": [False] * 6 + [True],
        }
    )
    return ibis.memtable(frame)


def test_a_line_without_a_cost_keeps_its_revenue_up_to_a_twentieth_of_the_purchases():
    got = customer_margins(some_uncosted(), snapshot_date=SNAPSHOT)

    assert got[["ana", "cem"]].tolist() == [100 - 60, 1990 - 1200]
    assert np.isnan(got["ben"])


def test_the_profile_reckons_the_margin_by_the_same_rule():
    lines = some_uncosted()

    profile = customer_profile({"order_lines": lines}, snapshot_date=SNAPSHOT).customers

    got = customer_margins(lines, snapshot_date=SNAPSHOT)
    told = profile.set_index("customer_id")["margin"].sort_index()
    pd.testing.assert_series_equal(told, got.sort_index(), check_names=False)


def test_a_discount_is_set_against_the_margin_of_those_whose_margin_is_known():
    customers = pd.DataFrame(
        {"customer_id": ["a", "b", "c"], "segment": ["Best", "Best", "Rest"],
         "monetary": [100.0, 60.0, 40.0]}
    )  # fmt: skip
    base = SimpleNamespace(customers=customers)
    margins = pd.Series({"a": 40.0, "b": np.nan, "c": 10.0})

    cost = discount_cost(base, margins, segment="Best", discount_share=0.1)

    assert (cost.cost, cost.cost_share, cost.unknown) == (16.0, 10 / 40, 1)
    assert cost.margin_share.value == 40 / 50


def test_costs_are_looked_up_in_the_products_and_a_product_listed_twice_counts_once():
    listed = products(("P1", 6.0), ("P1", 6.0), ("P2", 4.0))

    got = customer_margins(lines(), snapshot_date=SNAPSHOT, products=listed)

    assert got.sort_index().to_dict() == {"ana": 9.0, "ben": -4.0}


def test_costs_unknown_for_over_a_twentieth_of_the_revenue_are_no_margin():
    with pytest.raises(NotSupportedByData, match="too little of the revenue"):
        customer_margins(lines(), snapshot_date=SNAPSHOT, products=products(("P1", 6.0)))


def test_without_any_costs_the_need_is_named():
    with pytest.raises(NotSupportedByData, match="no unit costs"):
        customer_margins(lines(), snapshot_date=SNAPSHOT)
    with pytest.raises(NotSupportedByData, match="no unit costs"):
        customer_margins(lines([1.0] * 3).drop("line_value"), snapshot_date=SNAPSHOT)
