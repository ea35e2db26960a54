"""Margins: what remains of each customer's money after the cost of the goods?"""

from dataclasses import dataclass
from datetime import date, datetime, time

import ibis
import pandas as pd
from ibis import _

from shared.analysis.customer_summary import EXACT, money, money_column
from shared.analysis.intervals import Estimate
from shared.analysis.portfolio import Portfolio, share_held
from shared.loading.errors import NotSupportedByData

LEAST_COSTED_SHARE = 0.95


@dataclass(frozen=True)
class DiscountCost:
    """What a discount on everything a segment bought so far would have cost.

    Attributes
    ----------
    margin_share : Estimate
        Share of the whole margin that the segment holds.
    cost : float
        Money given away, had they bought the same.
    cost_share : float
        That money as a share of the segment's margin; NaN where there is no margin to share.
    """

    margin_share: Estimate
    cost: float
    cost_share: float


def customer_margins(
    order_lines: ibis.Table, *, snapshot_date: date, products: ibis.Table | None = None
) -> pd.Series:
    """Sum each customer's revenue less cost of goods, refunds netted, in the engine.

    Parameters
    ----------
    order_lines : ibis.Table
        As for `customer_summary`, with `line_value` and `quantity`.
    snapshot_date : datetime.date
        As of when; later lines are left out.
    products : ibis.Table, optional
        Where `unit_cost` is looked up if the lines do not carry it.

    Returns
    -------
    pd.Series
        Margin by `customer_id`.

    Raises
    ------
    NotSupportedByData
        If costs are unknown for over 5 % of the revenue: the rest would be a guess.
    """
    lines = costed_lines(order_lines, products).filter(
        _.order_date < datetime.combine(snapshot_date, time())
    )
    cost = (_.quantity * _.unit_cost).cast(EXACT)
    margins = (
        lines.mutate(money=money(lines))
        .group_by("customer_id")
        .aggregate(
            margin=(_.money - cost).sum().cast("float64"),
            revenue=_.money.sum().cast("float64"),
            costed=_.money.sum(where=_.unit_cost.notnull()).cast("float64"),
        )
        .to_pandas()
        .set_index("customer_id")
    )
    costed_share = margins["costed"].sum() / (margins["revenue"].sum() or float("nan"))
    if not costed_share >= LEAST_COSTED_SHARE:
        raise NotSupportedByData(
            "unit costs are known for too little of the revenue to speak of margin",
            f"the cost of the goods for at least {LEAST_COSTED_SHARE:.0%} of the revenue",
        )
    return margins["margin"].fillna(0.0)


def discount_cost(
    base: Portfolio, margins: pd.Series, *, segment: str, discount_share: float
) -> DiscountCost:
    """Set a blanket discount for a segment against the margin that the segment brings."""
    inside = base.customers["segment"] == segment
    margin = base.customers["customer_id"].map(margins).fillna(0.0)
    cost = discount_share * float(base.customers.loc[inside, "monetary"].sum())
    held = float(margin[inside].sum())
    return DiscountCost(share_held(margin, inside), cost, cost / held if held > 0 else float("nan"))


def costed_lines(order_lines: ibis.Table, products: ibis.Table | None) -> ibis.Table:
    """Give every line a `unit_cost`, from itself or from the table of products."""
    priced = money_column(order_lines) == "line_value" and "quantity" in order_lines.columns
    if priced and "unit_cost" in order_lines.columns:
        return order_lines
    if not priced or products is None or "unit_cost" not in products.columns:
        raise NotSupportedByData(
            "the export has no unit costs", "the cost of each product, mapped to unit_cost"
        )
    # One row per product, or a product listed twice would double its lines.
    costs = products.group_by("product_id").aggregate(unit_cost=_.unit_cost.max())
    return order_lines.left_join(costs, "product_id").drop("product_id_right")
