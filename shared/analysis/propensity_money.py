"""Money of an order: what it brings, and how much of that is margin."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import ibis
from ibis import _

from shared.analysis.customer_summary import EXACT
from shared.analysis.margins import LEAST_COSTED_SHARE, costed_lines
from shared.analysis.purchases import purchases
from shared.loading.errors import NotSupportedByData

LATELY_DAYS = 365


@dataclass(frozen=True)
class OrderMoney:
    """Means of the orders of the last year.

    Attributes
    ----------
    value, margin : float
        Of an order, in the client's currency; margin is NaN where costs are not known.
    orders : int
        Orders behind them.
    """

    value: float
    margin: float
    orders: int

    @property
    def margin_share(self) -> float:
        """Margin as a share of the price."""
        return self.margin / self.value if self.value > 0 else float("nan")


def order_money(tables: Mapping[str, ibis.Table], *, snapshot_date: date) -> OrderMoney:
    """Average value and margin of the orders of the last year, in the engine.

    Lines without a cost count with the margin of the others; if costs are known for less than
    95 % of the money, the margin is not known.

    Raises
    ------
    NotSupportedByData
        Without prices or orders.
    """
    lines = tables["order_lines"]
    if "line_value" not in lines.columns:
        raise NotSupportedByData("the export has no prices", "unit_price or line_value")
    since = datetime.combine(snapshot_date, time()) - timedelta(days=LATELY_DAYS)
    bought = purchases(lines, before=snapshot_date, analysis="The value of an order")
    bought = bought.filter(_.order_date >= since, _.customer_id.notnull())
    number = "order_id" if "order_id" in bought.columns else "order_date"
    total = bought.aggregate(
        money=_.line_value.cast(EXACT).sum().cast("float64"), orders=_[number].nunique()
    ).to_pandas().iloc[0]  # fmt: skip
    orders = int(total["orders"])
    if not orders:
        raise NotSupportedByData("no orders in the last year", "orders")
    value = float(total["money"]) / orders
    return OrderMoney(value, value * _margin_share(bought, tables.get("products")), orders)


def _margin_share(bought: ibis.Table, products: ibis.Table | None) -> float:
    try:
        costed = costed_lines(bought, products)
    except NotSupportedByData:
        return float("nan")
    known = costed.filter(_.unit_cost.notnull())
    sums = known.aggregate(
        money=_.line_value.cast(EXACT).sum().cast("float64"),
        cost=(_.quantity * _.unit_cost).cast(EXACT).sum().cast("float64"),
    ).to_pandas().iloc[0]  # fmt: skip
    total = float(bought.line_value.cast(EXACT).sum().cast("float64").to_pandas())
    if not total > 0 or not sums["money"] >= LEAST_COSTED_SHARE * total:
        return float("nan")
    return float(1 - sums["cost"] / sums["money"])
