"""Behaviour of customers in kind, not in amount: how they buy, return, browse and by which way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.loading.errors import NotSupportedByData

MOST_CHANNELS, LEAST_CHANNEL_SHARE = 4, 0.05
MOST_CATEGORIES, LEAST_CATEGORY_SHARE = 10, 0.02
WEB_SUMS = {
    "duration_seconds": "minutes_per_visit",
    "product_views": "products_viewed_per_visit",
    "cart_adds": "baskets_filled_per_visit",
    "bounced": "bounced_visits",
}


@dataclass(frozen=True)
class Behaviour:
    """One row per customer with an order, and how each column reads.

    Attributes
    ----------
    customers : pd.DataFrame
        Index `customer_id`, sorted; `orders` and `lines` (purchases), then one column per
        behaviour. Blank where it was never seen, such as the minutes of a visit that never was.
    labels : dict of str to (str, str)
        What a column is called on the page, and how it is written.
    channels, categories : dict of str to str
        The columns that hold shares of channels and of categories, and whose share it is.
    """

    customers: pd.DataFrame
    labels: dict[str, tuple[str, str]]
    channels: dict[str, str]
    categories: dict[str, str]


def customer_behaviour(tables: Mapping[str, ibis.Table], *, snapshot_date: date) -> Behaviour:
    """Measure how each customer buys, in the engine; how much stays out.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        `order_lines` with `customer_id`, `order_id` and `order_date`; of `discount`, `channel`,
        `category`, `quantity` whatever there is; `web_sessions` where supplied, `products` for the
        category of a product.
    snapshot_date : datetime.date
        As of when; later rows are left out.

    Raises
    ------
    NotSupportedByData
        If no order before the date names its customer.
    """
    lines = _before(_named(tables["order_lines"]), "order_date", snapshot_date)
    lines = _with_category(lines, tables.get("products"))
    bought = lines.filter(~_.is_refund)
    counts = _counts(bought, lines)
    if counts.empty:
        raise NotSupportedByData(f"no order before {snapshot_date}", "orders of customers")
    labels: dict[str, tuple[str, str]] = {}
    columns = [counts[["orders", "lines"]], _baskets(counts, labels)]
    by_channel, channels = _shares(bought, counts, "channel", labels)
    by_category, categories = _shares(bought, counts, "category", labels)
    visits = _visits(tables.get("web_sessions"), counts, snapshot_date, labels)
    columns += [by_channel, by_category, visits]
    return Behaviour(pd.concat(columns, axis=1), labels, channels, categories)


def _named(lines: ibis.Table) -> ibis.Table:
    if "customer_id" not in lines.columns:
        raise NotSupportedByData(
            "no order line names a customer", "the customer of each order, as customer_id"
        )
    return lines.filter(_.customer_id.notnull())


def _before(rows: ibis.Table, clock: str, day: date) -> ibis.Table:
    return rows.filter(rows[clock] < datetime.combine(day, time()))


def _with_category(lines: ibis.Table, products: ibis.Table | None) -> ibis.Table:
    """Look the category up where the lines do not name it."""
    if "category" in lines.columns or products is None or "category" not in products.columns:
        return lines
    if "product_id" not in lines.columns:
        return lines
    return lines.left_join(products.select("product_id", "category"), "product_id")


def _counts(bought: ibis.Table, lines: ibis.Table) -> pd.DataFrame:
    """Count per customer; whole numbers, so that the order of rows leaves no trace."""
    discounted = (_.discount > 0).fill_null(False) if "discount" in bought.columns else None
    units = _.quantity.cast("decimal(38, 6)") if "quantity" in bought.columns else None
    orders = bought.group_by("customer_id", "order_id").aggregate(
        lines=_.count(),
        positions=_.product_id.nunique() if "product_id" in bought.columns else ibis.null("int64"),
        units=units.sum().cast("float64") if units is not None else ibis.null("float64"),
        discounted=discounted.sum() if discounted is not None else ibis.null("int64"),
    )
    totals = orders.group_by("customer_id").aggregate(
        orders=_.count(),
        lines=_.lines.sum(),
        positions=_.positions.sum(),
        units=_.units.sum(),
        discounted=_.discounted.sum(),
    )
    refunds = lines.filter(_.is_refund).group_by("customer_id").aggregate(refunded=_.count())
    table = totals.left_join(refunds, "customer_id").to_pandas()
    plain = table[["customer_id", *totals.columns[1:], "refunded"]].set_index("customer_id")
    return plain.astype("float64").sort_index()


def _baskets(counts: pd.DataFrame, labels: dict[str, tuple[str, str]]) -> pd.DataFrame:
    refunded = counts["refunded"].fillna(0) if counts["refunded"].notna().any() else np.nan
    made = {
        "discounted_lines": (counts["discounted"] / counts["lines"], "Bought at a discount"),
        "refunded_lines": (
            (refunded / counts["lines"]).clip(upper=1.0)
            if isinstance(refunded, pd.Series)
            else pd.Series(np.nan, counts.index),
            "Sent back",
        ),
        "units_per_line": (counts["units"] / counts["lines"], "Units of a product"),
        "products_per_order": (counts["positions"] / counts["orders"], "Products in an order"),
    }
    shares = {"discounted_lines", "refunded_lines"}
    for name, (_values, label) in made.items():
        labels[name] = (label, "share" if name in shares else "number.1")
    return pd.DataFrame({name: values for name, (values, _) in made.items()})


def _shares(
    bought: ibis.Table, counts: pd.DataFrame, column: str, labels: dict[str, tuple[str, str]]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Give the share of a customer's lines by channel or category, for those that are not rare."""
    if column not in bought.columns:
        return pd.DataFrame(index=counts.index), {}
    known = bought.filter(bought[column].notnull())
    long = known.group_by("customer_id", column).aggregate(lines=_.count()).to_pandas()
    all_lines = long.groupby(column)["lines"].sum().sort_index()
    of_all = (all_lines / all_lines.sum()).sort_values(ascending=False, kind="stable")
    most, least = (
        (MOST_CHANNELS, LEAST_CHANNEL_SHARE)
        if column == "channel"
        else (MOST_CATEGORIES, LEAST_CATEGORY_SHARE)
    )
    kept = of_all[of_all >= least].index[:most]
    if len(of_all) < 2:
        return pd.DataFrame(index=counts.index), {}
    wide = long.pivot_table(index="customer_id", columns=column, values="lines", fill_value=0)
    # The largest last: of shares that sum to one the last says nothing more.
    kept = [*kept[1:], kept[0]]
    shares = wide.div(wide.sum(axis=1), axis=0).reindex(counts.index)[kept]
    named = as_columns(column, [str(name) for name in kept])
    word = "Bought by" if column == "channel" else "Share of"
    for feature, name in named.items():
        labels[feature] = (f"{word} {name}", "share")
    return shares.set_axis(list(named), axis=1), named


def as_columns(column: str, names: list[str]) -> dict[str, str]:
    """Make of each name a column that a database can have, such as channel_web."""
    made: dict[str, str] = {}
    for name in names:
        slug = re.sub(r"\W+", "_", name.casefold()).strip("_") or "other"
        feature = f"{column}_{slug}"
        made[feature if feature not in made else f"{feature}_{len(made)}"] = name
    return made


def _visits(
    sessions: ibis.Table | None,
    counts: pd.DataFrame,
    snapshot_date: date,
    labels: dict[str, tuple[str, str]],
) -> pd.DataFrame:
    """Give visits per 30 days of the web data, and what a visit is like; 0 visits are seen."""
    empty = pd.DataFrame(index=counts.index)
    if sessions is None or "customer_id" not in sessions.columns:
        return empty
    rows = _before(_named(sessions), "started_at", snapshot_date)
    first = rows.started_at.min().to_pandas()
    if pd.isna(first):
        return empty
    days = max((pd.Timestamp(snapshot_date) - pd.Timestamp(first)).days, 1)
    present = [column for column in WEB_SUMS if column in rows.columns]
    sums = {c: rows[c].cast("decimal(38, 6)").sum().cast("float64") for c in present}
    seen = rows.group_by("customer_id").aggregate(visits=_.count(), **sums).to_pandas()
    seen = seen.set_index("customer_id").reindex(counts.index)
    made = pd.DataFrame({"visits_per_month": seen["visits"].fillna(0.0) / days * 30})
    labels["visits_per_month"] = ("Visits in 30 days", "number.1")
    words = {
        "minutes_per_visit": ("Minutes of a visit", "number.1"),
        "products_viewed_per_visit": ("Products viewed in a visit", "number.1"),
        "baskets_filled_per_visit": ("Products put into the basket in a visit", "number"),
        "bounced_visits": ("Visits left at once", "share"),
    }
    for column in present:
        name = WEB_SUMS[column]
        scale = 60 if column == "duration_seconds" else 1
        made[name] = seen[column] / seen["visits"] / scale
        labels[name] = words[name]
    return made
