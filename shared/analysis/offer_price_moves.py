"""Up or down in price: what do customers take the next time they buy from the same category?"""

from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import norm

from shared.analysis.customer_summary import exact_sum
from shared.analysis.multiple_testing import false_discovery_q, reading
from shared.analysis.purchases import purchases
from shared.loading.errors import NotSupportedByData

ALIKE = 1.10  # prices within this factor are the same level
LEAST_CUSTOMERS = 30
WHOLE_RANGE = "whole range"


def price_moves(
    order_lines: ibis.Table, products: pd.DataFrame, *, snapshot_date: date
) -> pd.DataFrame:
    """Compare the price level of successive purchases in a category, in the engine.

    The level of a product is its mean price over all its sales, so that a discount or a dearer
    year is no move; that of a purchase is the mean of its products. Each customer counts once.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id`, `product_id` and `order_date`.
    products : pd.DataFrame
        `product_id`, `price` and `category`; without categories the whole range is one.
    snapshot_date : datetime.date
        The first day that is not in the data.

    Returns
    -------
    pd.DataFrame
        One row per category with at least 30 customers who bought in it twice, most customers
        first: `category`, `customers`, `up`, `same`, `down` (shares of their moves, sum 1),
        `net_up` (up less down) with `net_up_low` and `net_up_high`, `q` and `finding`.

    Raises
    ------
    NotSupportedByData
        If prices are unknown, or no category has enough customers.
    """
    priced = products.loc[products["price"] > 0, ["product_id", "price", "category"]]
    if priced.empty:
        raise NotSupportedByData("the export has no prices", "a price per unit or per line")
    if priced["category"].isna().all():
        priced = priced.assign(category=WHOLE_RANGE)
    known = priced.dropna().astype({"product_id": str, "category": str})
    lines = purchases(order_lines, before=snapshot_date, analysis="Moves in price")
    found = _moves(lines, ibis.memtable(known)).to_pandas()
    table = found[found["customers"] >= LEAST_CUSTOMERS].copy()
    if table.empty:
        raise NotSupportedByData(
            f"in no category {LEAST_CUSTOMERS} customers bought on two days",
            "a longer history, or broader categories",
        )
    n = table["customers"]
    table["same"] = 1 - table["up"] - table["down"]
    table["net_up"] = table["up"] - table["down"]
    spread = np.sqrt((table["squares"] - table["net_up"] ** 2).clip(lower=0) / (n - 1))
    table["net_up_low"] = table["net_up"] - 1.96 * spread
    table["net_up_high"] = table["net_up"] + 1.96 * spread
    z = table["net_up"] / spread.where(spread > 0)
    table["q"] = false_discovery_q(2 * norm.sf(np.abs(z.to_numpy())))
    table["finding"] = [str(reading(q)) for q in table["q"]]
    order = ["category", "customers", "up", "same", "down", "net_up", "net_up_low",
             "net_up_high", "q", "finding"]  # fmt: skip
    return table[order].sort_values(
        ["customers", "category"], ascending=[False, True], ignore_index=True
    )


def _moves(lines: ibis.Table, known: ibis.Table) -> ibis.Table:
    """Average each customer's moves in each category, and customers in the category."""
    days = lines.select("customer_id", "product_id", day=lines.order_date.date()).distinct()
    levels = (
        days.inner_join(known, "product_id")
        .group_by("customer_id", "category", "day")
        .aggregate(level=_.price.mean())
    )
    before = levels.level.lag().over(
        group_by=[levels.customer_id, levels.category], order_by=levels.day
    )
    ratio = _.level / _.before
    each = (
        levels.mutate(before=before)
        .filter(_.before.notnull())
        .mutate(up=(ratio > ALIKE).cast("float64"), down=(ratio < 1 / ALIKE).cast("float64"))
        .group_by("customer_id", "category")
        .aggregate(up=_.up.mean(), down=_.down.mean())
    )
    return each.group_by("category").aggregate(
        customers=_.count(),
        up=exact_sum(_.up, decimals=15) / _.count(),
        down=exact_sum(_.down, decimals=15) / _.count(),
        squares=exact_sum((_.up - _.down) * (_.up - _.down), decimals=15) / _.count(),
    )
