"""Revenue or profit: which share of the money remains, and how that is known."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import ibis

from shared.analysis.customer_summary import money_column
from shared.analysis.margins import customer_margins
from shared.analysis.portfolio import Portfolio
from shared.loading.errors import NotSupportedByData

COSTS, GIVEN, REVENUE, ITEMS = "unit costs", "parameter", "revenue", "items bought"


@dataclass(frozen=True)
class Margin:
    """What remains of money.

    Attributes
    ----------
    share : float
        Margin as a share of revenue; 1 where money stays revenue.
    basis : str
        "unit costs", "parameter", "revenue" (costs unknown) or "items bought" (prices unknown).
    """

    share: float
    basis: str

    @property
    def noun(self) -> str:
        """Say what the value is: margin, revenue or items bought."""
        return "margin" if self.is_profit else self.basis

    @property
    def is_profit(self) -> bool:
        """Whether the value is what may be spent: the cost of goods is taken off."""
        return self.basis in (COSTS, GIVEN)


def margin_of(
    order_lines: ibis.Table,
    base: Portfolio,
    *,
    tables: Mapping[str, ibis.Table],
    margin: float,
) -> Margin:
    """Find the share of revenue that remains after the cost of goods.

    One share for the whole base: what single customers left varies with what they happened to
    buy, and their next orders need not repeat that.

    Parameters
    ----------
    order_lines : ibis.Table
        As for `customer_margins`.
    base : Portfolio
        Gives the revenue and the date.
    tables : mapping of str to ibis.Table
        Where `products` may carry the costs.
    margin : float
        Share given by the consultant; 0 takes it from unit costs.
    """
    if money_column(order_lines) != "line_value":
        return Margin(1.0, ITEMS)
    if margin:
        return Margin(margin, GIVEN)
    try:
        margins = customer_margins(
            order_lines, snapshot_date=base.snapshot_date, products=tables.get("products")
        ).dropna()
    except NotSupportedByData:
        return Margin(1.0, REVENUE)
    # Both sums over the same customers: whose costs are unknown is in neither.
    told = base.customers["customer_id"].isin(margins.index)
    revenue = math.fsum(base.customers.loc[told, "monetary"]) + base.refund_only_revenue
    left = math.fsum(margins)  # the rows come in any order
    share = left / revenue if revenue > 0 else 0.0
    return Margin(share, COSTS) if share > 0 else Margin(1.0, REVENUE)
