from datetime import date

import ibis
import pandas as pd
import pytest

from shared.analysis.margins import customer_margins
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
