"""Money of the profile: what has each customer brought, in what orders, on what goods?"""

from datetime import datetime, time

import ibis
import pandas as pd
from ibis import _

from shared.analysis.margins import costs_known
from shared.analysis.profile_sources import Sources, exact

TREND_ORDERS = 4
# 200 orders make 19,900 pairs; all pairs of a wholesale account's 20,000 would be 200 million.
MOST_ORDERS = 200
PARTS = "decimal(38, 9)"


def money_metrics(sources: Sources, *, last_period: pd.Period) -> ibis.Table:
    """Measure metrics 15 to 19, 21, 23, 24 and 26, in the engine.

    Parameters
    ----------
    sources : Sources
        Orders and refunds.
    last_period : pd.Period
        The last complete period.

    Returns
    -------
    ibis.Table
        One row per `customer`: the metrics and `gross`.
    """
    start, end = last_period.start_time, (last_period + 1).start_time
    # Gross is summed as a decimal and told as a float: equal customers stay equal.
    bought = sources.orders.group_by("customer").aggregate(
        orders=_.count(),
        gross=_.gross.sum(),
        median_order_value=_.gross.cast("float64").median(),
        largest_order_value=_.gross.max().cast("float64"),
        units=_.units.sum(),
        discount=_.discount.sum(),
        cost=_.cost.sum(),
        costed=_.costed.sum().fill_null(0),
        lately=_.gross.sum(where=(_.day >= start.date()) & (_.day < end.date())).fill_null(0),
    )
    inside = (_.order_date >= start.to_pydatetime()) & (
        _.order_date < datetime.combine(end.date(), time())
    )
    returned = sources.refunds.group_by("customer").aggregate(
        refund=_.money.sum(),
        refund_cost=exact(_.quantity * _.unit_cost).sum(),
        refund_lately=_.money.sum(where=inside),
    )
    joined = bought.left_join(returned, "customer").drop("customer_right")
    refund = _.refund.fill_null(0)
    costed = costs_known(_.gross, _.costed) & _.cost.notnull()
    margin = _.gross + refund - _.cost.fill_null(0) - _.refund_cost.fill_null(0)
    gross = _.gross.cast("float64")
    # A line without a discount has none, where the export tells discounts at all.
    told = "discount" in sources.known
    discount = (_.discount.fill_null(0) if told else _.discount).cast("float64")
    paid = ibis.ifelse(_.gross > 0, gross, None)
    return joined.select(
        "customer", "median_order_value", "largest_order_value",
        gross=gross,
        monetary=(_.gross + refund).cast("float64"),
        margin=ibis.ifelse(costed, margin.cast("float64"), None),
        average_order_value=gross / _.orders,
        revenue_last_period=(_.lately + _.refund_lately.fill_null(0)).cast("float64"),
        discount_share=ibis.ifelse(
            gross + discount > 0, discount / (gross + discount).nullif(0), None
        ),
        refund_rate=ibis.ifelse(
            ibis.literal(sources.has_refunds), (-refund).cast("float64") / paid, None
        ),
        units_per_order=_.units.cast("float64") / _.orders,
    )  # fmt: skip


def category_metrics(lines: ibis.Table) -> ibis.Table:
    """Measure metrics 22, 28 and 29 over the lines whose category is known, in the engine.

    A category whose purchases add up to nothing or less counts as bought and has no part.
    """
    parts = (
        lines.filter(_.category.notnull())
        .group_by("customer", "category")
        .aggregate(gross=_.money.sum())
        .mutate(part=ibis.ifelse(_.gross > 0, _.gross.cast("float64"), None))
    )
    sums = parts.group_by("customer").aggregate(
        distinct_categories=_.count(),
        total=_.gross.sum(where=_.gross > 0).cast("float64"),
        largest=_.part.max(),
        # Decimals again: the sum of floats would depend on the order of the rows.
        weighted=(_.part * _.part.ln()).cast(PARTS).sum().cast("float64"),
    )
    entropy = (_.total.ln() - _.weighted / _.total).clip(lower=0.0)
    return sums.select(
        "customer",
        "distinct_categories",
        top_category_share=_.largest / _.total,
        category_entropy=ibis.ifelse(_.largest == _.total, 0.0, entropy),
    )


def order_value_slopes(orders: ibis.Table) -> ibis.Table:
    """Measure the Theil-Sen slope of order value per order, in the engine.

    The slope is the median over all pairs of a customer's orders of the difference in gross by
    the difference in place; pairs of the last 200 orders only.

    Returns
    -------
    ibis.Table
        `customer` and `slope` (currency per order) of those with at least 4 orders.

    References
    ----------
    Theil, H. (1950). A rank-invariant method of linear and polynomial regression analysis.
    Sen, P. K. (1968). Estimates of the regression coefficient based on Kendall's tau.
    """
    recent = orders.filter(_.newest < MOST_ORDERS)
    later = recent.select("customer", later="newest", later_gross=_.gross.cast("float64"))
    earlier = recent.select(
        earlier_customer="customer", earlier="newest", earlier_gross=_.gross.cast("float64")
    )
    pairs = later.join(
        earlier,
        [later.customer == earlier.earlier_customer, later.later < earlier.earlier],
    )
    slope = (_.later_gross - _.earlier_gross) / (_.earlier - _.later)
    least = TREND_ORDERS * (TREND_ORDERS - 1) // 2
    return (
        pairs.group_by("customer")
        .aggregate(slope=slope.median(), pairs=_.count())
        .filter(_.pairs >= least)
        .select("customer", "slope")
    )
