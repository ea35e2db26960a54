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
ROUNDING = 1e-9  # of the bound, a float; the sums are exact


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
        That money as a share of the segment's margin, over the members whose margin is known; NaN
        where there is no margin to share.
    unknown : int
        Members of the segment whose margin is not known.
    """

    margin_share: Estimate
    cost: float
    cost_share: float
    unknown: int


def customer_margins(
    order_lines: ibis.Table, *, snapshot_date: date, products: ibis.Table | None = None
) -> pd.Series:
    """Sum each customer's revenue less cost of goods, refunds netted, in the engine.

    Margin is what a customer brought less quantity times unit cost. A line without a cost keeps
    its revenue; that is let pass up to 5 % of a customer's purchases (`costs_known`).

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
        Margin by `customer_id` in the client's currency; blank where costs are unknown for over
        5 % of what the customer bought.

    Raises
    ------
    NotSupportedByData
        If costs are unknown for over 5 % of the revenue: the rest would be a guess.
    """
    lines = costed_lines(order_lines, products).filter(
        _.order_date < datetime.combine(snapshot_date, time())
    )
    cost = (_.quantity * _.unit_cost).cast(EXACT)
    bought = ~lines.is_refund if "is_refund" in lines.columns else ibis.literal(True)
    costed = _.unit_cost.notnull()
    margins = (
        lines.mutate(money=money(lines), bought=bought)
        .group_by("customer_id")
        .aggregate(
            margin=(_.money.sum() - cost.sum().fill_null(0)).cast("float64"),
            revenue=_.money.sum().cast("float64"),
            costed=_.money.sum(where=costed).cast("float64"),
            gross=_.money.sum(where=_.bought).fill_null(0),
            costed_gross=_.money.sum(where=_.bought & costed).fill_null(0),
        )
        .mutate(known=costs_known(_.gross, _.costed_gross))
        .drop("gross", "costed_gross")
        .to_pandas()
        .set_index("customer_id")
    )
    costed_share = margins["costed"].sum() / (margins["revenue"].sum() or float("nan"))
    if not costed_share >= LEAST_COSTED_SHARE:
        raise NotSupportedByData(
            "unit costs are known for too little of the revenue to speak of margin",
            f"the cost of the goods for at least {LEAST_COSTED_SHARE:.0%} of the revenue",
        )
    return margins["margin"].where(margins["known"].astype(bool))


def costs_known(gross: ibis.Value, costed: ibis.Value) -> ibis.Value:
    """Say whether costs are known for at least 95 % of the money of a customer's purchases."""
    missing = (gross - costed).cast("float64").abs()
    return missing <= (1 - LEAST_COSTED_SHARE) * gross.cast("float64").abs() + ROUNDING


def discount_cost(
    base: Portfolio, margins: pd.Series, *, segment: str, discount_share: float
) -> DiscountCost:
    """Set a blanket discount for a segment against the margin that the segment brings."""
    inside = base.customers["segment"] == segment
    margin = base.customers["customer_id"].map(margins)
    told = margin.notna()
    money = base.customers["monetary"]
    left, held = float(money[inside & told].sum()), float(margin[inside & told].sum())
    return DiscountCost(
        share_held(margin[told], inside[told]),
        discount_share * float(money[inside].sum()),
        discount_share * left / held if held > 0 else float("nan"),
        int((inside & ~told).sum()),
    )


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
