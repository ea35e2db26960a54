"""Counting baskets in the engine: from order lines to numbered items in numbered baskets."""

from datetime import date, datetime, time
from typing import Literal

import ibis
import pandas as pd
from ibis import _

from shared.loading.errors import NotSupportedByData

Level = Literal["product", "category"]
STRATA = ("campaign", "channel", "country")
NONE = "(none)"


def bought_lines(
    lines: ibis.Table, *, before: date, leave_out: list[str]
) -> tuple[ibis.Table, dict[str, int]]:
    """Keep purchases of named products in numbered orders; count what is left out."""
    if "is_refund" in lines.columns:
        lines = lines.filter(~_.is_refund)
    if "order_date" in lines.columns:
        lines = lines.filter(_.order_date < datetime.combine(before, time()))
    known = _.order_id.notnull() & _.product_id.notnull()
    refused = _.product_id.isin(leave_out) if leave_out else ibis.literal(False)
    counts = lines.aggregate(
        unnamed=_.count(where=~known), left_out=_.count(where=refused)
    ).to_pandas()
    kept = lines.filter(known, ~refused) if leave_out else lines.filter(known)
    return kept, {name: int(counts[name].iloc[0]) for name in counts.columns}


def positions_of(bought: ibis.Table, products: ibis.Table | None, level: Level) -> ibis.Table:
    """Give each different item of an order once, with what dates and places the order."""
    if level == "category" and "category" not in bought.columns:
        bought = with_category(bought, products)
    item = bought.product_id if level == "product" else bought.category
    known = [name for name in ("order_date", "customer_id", *STRATA) if name in bought.columns]
    return (
        bought.mutate(item_id=item)
        .filter(_.item_id.notnull())
        .group_by("order_id", "item_id")
        .aggregate(**{name: _[name].min() for name in known})
    )


def with_category(lines: ibis.Table, products: ibis.Table | None) -> ibis.Table:
    """Look the product group up in the table of products where the lines do not carry it."""
    if "category" in lines.columns:
        return lines
    if products is None or "category" not in products.columns:
        raise NotSupportedByData(
            "the export has no product groups", "the group of each product, mapped to category"
        )
    groups = products.group_by("product_id").aggregate(category=_.category.max())
    return lines.left_join(groups, "product_id").drop("product_id_right")


def orders_of(positions: ibis.Table) -> ibis.Table:
    """Give one row per basket: its size, day, customer and places."""
    known = [name for name in ("customer_id", *STRATA) if name in positions.columns]
    dated = {"order_date": _.order_date.min()} if "order_date" in positions.columns else {}
    return positions.group_by("order_id").aggregate(
        size=_.count(), **dated, **{name: _[name].max() for name in known}
    )


def basket_sizes(orders: ibis.Table) -> pd.DataFrame:
    """Count the baskets of each size: `size`, `baskets`."""
    sizes = orders.group_by("size").aggregate(baskets=_.count()).order_by("size").to_pandas()
    return sizes.astype("int64")


def split_day(orders: ibis.Table) -> date | None:
    """Find the day that parts the baskets in halves; None without days, or with one day only."""
    if "order_date" not in orders.columns:
        return None
    days = (
        orders.group_by(day=_.order_date.date()).aggregate(baskets=_.count()).to_pandas().dropna()
    )
    if len(days) < 2:
        return None
    days = days.sort_values("day")
    before = days["baskets"].cumsum() - days["baskets"]
    nearest = int((before / days["baskets"].sum() - 0.5).abs().to_numpy()[1:].argmin()) + 1
    return pd.Timestamp(days["day"].iloc[nearest]).date()


def placed_baskets(orders: ibis.Table, split: date | None) -> ibis.Table:
    """Give each basket a number, a half and its strata."""
    number = ibis.row_number().over(order_by=orders.order_id).cast("int64")
    placed = orders.mutate(basket=number)
    if split is None:
        placed = placed.mutate(later=_.basket % 2)
    else:
        moment = datetime.combine(split, time())
        placed = placed.mutate(later=(_.order_date >= moment).cast("int64").fill_null(0))
        placed = placed.mutate(month=_.order_date.strftime("%Y-%m").fill_null(NONE))
    filled = {name: _[name].fill_null(NONE) for name in STRATA if name in orders.columns}
    return placed.mutate(**filled).drop("size", *({"order_date"} & set(placed.columns)))


def incidence_of(
    positions: ibis.Table, placed: ibis.Table, names: pd.DataFrame, least: int
) -> tuple[ibis.Table, pd.DataFrame]:
    """Give the items of each basket as numbers, and how many baskets hold each item."""
    rows = positions.select("order_id", "item_id").join(placed, "order_id").drop("order_id")
    counts = (
        rows.group_by("item_id")
        .aggregate(baskets=_.count(), later_baskets=_.later.sum())
        .filter(_.baskets >= least)
    )
    # Numbered in the engine: Spark cannot keep what is joined with a table from memory.
    numbers = counts.mutate(item=ibis.row_number().over(order_by=counts.item_id).cast("int64"))
    known = numbers.to_pandas().set_index("item").sort_index()
    if known.empty:
        raise NotSupportedByData(
            f"no product is in {least} baskets", "more baskets, or product groups: set level"
        )
    items = known.join(names.set_index("item_id"), on="item_id", validate="one_to_one")
    items[["baskets", "later_baskets"]] = items[["baskets", "later_baskets"]].astype("int64")
    numbered = rows.join(numbers.select("item_id", "item"), "item_id").drop("item_id")
    return numbered.mutate(filled=_.count().over(group_by="basket")).cache(), items


def filled_sizes(incidence: ibis.Table) -> pd.DataFrame:
    """Count the baskets by the items that the incidence holds of them: `size`, `baskets`."""
    rows = incidence.group_by(size="filled").aggregate(rows=_.count()).order_by("size").to_pandas()
    return pd.DataFrame({"size": rows["size"], "baskets": rows["rows"] // rows["size"]}).astype(
        "int64"
    )


def stratum_sizes(placed: ibis.Table, name: str) -> pd.DataFrame:
    """Count the baskets of each stratum: index `stratum`, `baskets`, `later_baskets`."""
    table = placed.group_by(stratum=_[name]).aggregate(
        baskets=_.count(), later_baskets=_.later.sum()
    )
    return table.order_by("stratum").to_pandas().set_index("stratum").astype("int64")


def items_by_stratum(incidence: ibis.Table, name: str) -> pd.DataFrame:
    """Count the baskets with each item by stratum: index `item`, columns the strata."""
    counts = incidence.group_by("item", stratum=_[name]).aggregate(baskets=_.count()).to_pandas()
    wide = counts.pivot(index="item", columns="stratum", values="baskets")
    return wide.fillna(0).astype("int64").sort_index()
