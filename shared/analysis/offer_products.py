"""Products as an offer needs them: name, group, price, margin, stock, and whether bought again."""

from typing import Literal

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.customer_summary import exact_sum
from shared.analysis.product_names import usual_values
from shared.loading.errors import ConfigError, NotSupportedByData

# Above this share of purchases that repeat an earlier one, a shop sells what is bought again.
REPEATED_SHARE = 0.05
Repeatable = Literal["auto", "all", "none"]


def product_facts(lines: ibis.Table, products: ibis.Table | None = None) -> pd.DataFrame:
    """Gather what is known of each product that was bought, from its lines and the product table.

    Parameters
    ----------
    lines : ibis.Table
        Purchases, with `product_id`; `product_name`, `category`, `line_value`, `quantity` and
        `unit_cost` where the export has them.
    products : ibis.Table, optional
        `category`, `unit_cost`, `stock` and `repeatable` from here go before those of the lines.

    Returns
    -------
    pd.DataFrame
        `product_id`, `product_name` (the id where there is none; of several the most frequent),
        `category` (None where unknown), `price` (mean paid for a unit), `unit_cost`, `margin`
        (price less cost), `stock` (units) and `repeatable` (1 or 0); blank where unknown.
    """
    facts = _prices(lines).to_pandas()
    for name in ("product_name", "category"):
        facts[name] = facts["product_id"].map(usual_values(lines, name)[0])
    if products is not None:
        listed = _listed(products)
        for name in listed.columns:
            told = facts["product_id"].map(listed[name])
            facts[name] = told.where(told.notna(), facts[name]) if name in facts else told
    for name in ("unit_cost", "stock", "repeatable"):
        facts[name] = pd.to_numeric(facts[name]) if name in facts else np.nan
    facts["product_name"] = facts["product_name"].fillna(facts["product_id"]).astype(str)
    facts["category"] = facts["category"].astype(object).where(facts["category"].notna(), None)
    facts["margin"] = facts["price"] - facts["unit_cost"]
    order = ["product_id", "product_name", "category", "price", "unit_cost", "margin", "stock",
             "repeatable"]  # fmt: skip
    return facts[order]


def bought_again(products: pd.DataFrame, pairs: pd.DataFrame, rule: Repeatable) -> np.ndarray:
    """Decide for each product whether who has it may be offered it again.

    Parameters
    ----------
    products : pd.DataFrame
        As from `product_facts`.
    pairs : pd.DataFrame
        `days` of purchase of each customer and product.
    rule : str
        "all" or "none"; "auto" goes by `repeatable` of the product, and where that is unknown by
        what customers do: yes if one in twenty purchases repeats an earlier one.

    Raises
    ------
    ConfigError
        If the rule is none of these.
    """
    if rule not in ("auto", "all", "none"):
        raise ConfigError(
            "E-PARA-31", "repeatable", f"{rule!r} is no rule", fix="auto, all or none"
        )
    if rule != "auto":
        return np.full(len(products), rule == "all")
    told = products["repeatable"]
    usual = repeated_share(pairs) >= REPEATED_SHARE
    return np.where(told.notna(), told.fillna(0) > 0, usual)


def repeated_share(pairs: pd.DataFrame) -> float:
    """Give the share of purchases of a product that its customer had bought before."""
    total = float(pairs["days"].sum())
    return 1 - len(pairs) / total if total else 0.0


def groups_of(products: pd.DataFrame, *, group_by: str, most: int = 10) -> tuple[pd.Series, str]:
    """Put products into groups: their categories, or the most sold ones each by itself.

    Parameters
    ----------
    products : pd.DataFrame
        As from `product_facts`, those with most buyers first.
    group_by : str
        "category", "product", or "auto": categories where most products have one.
    most : int
        How many products, or categories, stand by themselves; the rest are together.

    Returns
    -------
    tuple of pd.Series and str
        Name of the group of each product, None for the rest; and what a group is, "category" or
        "product".

    Raises
    ------
    NotSupportedByData
        If categories are asked for and none is known.
    """
    categories = products["category"]
    known = categories.notna().mean() > 0.5 and categories.nunique() >= 3
    if group_by == "category" and not categories.notna().any():
        raise NotSupportedByData("no product has a category", "map category, or set product")
    if group_by == "category" or (group_by == "auto" and known):
        buyers = products.groupby("category")["buyers"].sum()
        shown = buyers.sort_values(ascending=False, kind="stable").head(most).index
        return categories.where(categories.isin(shown), None), "category"
    names = products["product_name"].where(np.arange(len(products)) < most, None)
    return told_apart(names, products["product_id"]), "product"


def told_apart(names: pd.Series, ids: pd.Series) -> pd.Series:
    """Put its id behind each name that several products carry; no name stays none."""
    doubled = names.notna() & names.duplicated(keep=False)
    return names.mask(doubled, names + " " + ids)


def _prices(lines: ibis.Table) -> ibis.Table:
    """Average price and cost of a unit over all purchases of a product."""
    columns = set(lines.columns)
    measures = {"lines": _.count()}
    if {"line_value", "quantity"} <= columns:
        units = _.quantity.sum().cast("float64").nullif(0)
        measures["price"] = exact_sum(_.line_value) / units
    if {"unit_cost", "quantity"} <= columns:
        spent = exact_sum(_.unit_cost * _.quantity)
        units = _.quantity.sum(where=_.unit_cost.notnull()).cast("float64").nullif(0)
        measures["unit_cost"] = spent / units
    table = lines.group_by("product_id").aggregate(**measures).drop("lines")
    return table if "price" in measures else table.mutate(price=ibis.null("float64"))


def _listed(products: ibis.Table) -> pd.DataFrame:
    """Read the product table, one row per product even if it lists one twice."""
    wanted = ["product_name", "category", "unit_cost", "stock", "repeatable"]
    have = [name for name in wanted if name in products.columns]
    greatest = {name: products[name].max() for name in have}
    if not greatest:
        return pd.DataFrame(index=pd.Index([], name="product_id"))
    return products.group_by("product_id").aggregate(**greatest).to_pandas().set_index("product_id")
