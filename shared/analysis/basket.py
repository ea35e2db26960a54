"""Baskets: which products were in which basket, when and where, counted in the engine."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import ibis
import pandas as pd
from ibis import _

from shared.analysis.basket_counting import (
    STRATA,
    Level,
    basket_sizes,
    bought_lines,
    filled_sizes,
    incidence_of,
    items_by_stratum,
    orders_of,
    placed_baskets,
    positions_of,
    split_day,
    stratum_sizes,
)
from shared.analysis.basket_items import basket_items
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

FEWEST_BASKETS = 100  # of two or more items: refused below
LEAST_TOGETHER = 5  # co-purchases; fewer are no pattern whatever the test says
MOST_VALUES = 60  # of a column that a pair may be stratified by


@dataclass(frozen=True)
class Baskets:
    """Baskets as the engine counted them; single lines stay in the engine.

    Attributes
    ----------
    incidence : ibis.Table
        One row per item in a basket: `basket` and `item` (numbers), `later` (1 in the second
        half), `filled` (rows of the basket), a column per stratum, and `customer_id` where
        customers are known. Items in fewer baskets than `least` are not in it.
    items : pd.DataFrame
        Index `item` (number); `item_id`, `label`, `category`, `is_service`, `baskets`,
        `later_baskets`, as from `basket_items`.
    n, later_n : int
        Baskets counted, and those of the second half.
    sizes : pd.DataFrame
        `size` (different items of all kinds in the basket), `baskets`; the large ones included.
    filled : pd.DataFrame
        `size` (items in the incidence), `baskets`: what the incidence really holds.
    strata : dict of str to pd.DataFrame
        Per stratifying column: index `stratum`, columns `baskets` and `later_baskets`.
    by_stratum : dict of str to pd.DataFrame
        Per stratifying column: baskets with the item, index `item`, columns the strata.
    split : datetime.date or None
        First day of the second half; None where there are no days and baskets alternate.
    level : str
        "product" or "category": what an item is.
    max_items, least : int
        Larger baskets and rarer items were set aside.
    counted : dict of str to int
        What was set aside: `kinds` of items before that, `large` baskets and their `large_items`,
        `left_out` lines, `rare` items, `unnamed` lines without order or product, `renamed`
        products with more than one name.
    """

    incidence: ibis.Table = field(repr=False)
    items: pd.DataFrame = field(repr=False)
    n: int
    later_n: int
    sizes: pd.DataFrame = field(repr=False)
    filled: pd.DataFrame = field(repr=False)
    strata: dict[str, pd.DataFrame] = field(repr=False)
    by_stratum: dict[str, pd.DataFrame] = field(repr=False)
    split: date | None
    level: str
    max_items: int
    least: int
    counted: dict[str, int]

    @property
    def of_two(self) -> int:
        """Baskets of two items or more, the large ones left out."""
        kept = self.sizes[self.sizes["size"].between(2, self.max_items)]
        return int(kept["baskets"].sum())

    @property
    def has_customers(self) -> bool:
        """Whether the export knows whose basket it was."""
        return "customer_id" in self.incidence.columns


def baskets_of(
    lines: ibis.Table,
    *,
    snapshot_date: date,
    products: ibis.Table | None = None,
    level: Level = "product",
    max_items: int = 50,
    leave_out: Iterable[str] = (),
    least: int = LEAST_TOGETHER,
) -> Baskets:
    """Count baskets and what is in them, in the engine.

    Parameters
    ----------
    lines : ibis.Table
        One row per product in an order: `order_id`, `product_id`; guests count. Refunds are no
        purchase. `order_date` dates the basket, `campaign`, `channel` and `country` place it.
    snapshot_date : datetime.date
        The first day that is left out.
    products : ibis.Table, optional
        Where names and categories are looked up if the lines do not carry them.
    level : str
        "product", or "category" to count product groups.
    max_items : int
        Baskets with more different items are wholesale and set aside, counted: one of them would
        make thousands of pairs.
    leave_out : iterable of str
        Product ids that are no products, such as postage.
    least : int
        Items in fewer baskets cannot make a pattern.

    Raises
    ------
    NotSupportedByData
        Below 100 baskets of two or more items, or without the category asked for.
    """
    require_columns(lines, ["order_id", "product_id"], analysis="Baskets")
    bought, counted = bought_lines(lines, before=snapshot_date, leave_out=list(leave_out))
    names, renamed = basket_items(bought, products=products, level=level)
    positions = positions_of(bought, products, level)
    orders = orders_of(positions)
    sizes = basket_sizes(orders)
    kept = orders.filter(_.size <= max_items)
    _gate(sizes, max_items)
    split = split_day(kept)
    placed = placed_baskets(kept, split).cache()
    incidence, items = incidence_of(positions, placed, names, least)
    strata = {
        name: stratum_sizes(placed, name) for name in ("month", *STRATA) if name in placed.columns
    }
    strata = {name: table for name, table in strata.items() if 2 <= len(table) <= MOST_VALUES}
    totals = placed.aggregate(n=_.count(), later=_.later.sum()).to_pandas().iloc[0]
    large = sizes[sizes["size"] > max_items]
    return Baskets(
        incidence=incidence,
        items=items,
        n=int(totals["n"]),
        later_n=int(totals["later"]),
        sizes=sizes,
        filled=filled_sizes(incidence),
        strata=strata,
        by_stratum={name: items_by_stratum(incidence, name) for name in strata},
        split=split,
        level=level,
        max_items=max_items,
        least=least,
        counted=counted
        | {
            "large": int(large["baskets"].sum()),
            "large_items": int((large["size"] * large["baskets"]).sum()),
            "kinds": len(names),
            "rare": len(names) - len(items),
            "renamed": renamed,
        },
    )


def items_noun(baskets: Baskets) -> str:
    """Say what an item is: products, or product groups."""
    return "products" if baskets.level == "product" else "product groups"


def in_words(template: str, baskets: Baskets) -> str:
    """Write {items} out as products or product groups: words, which a page does not set in bold."""
    return template.replace("{items}", items_noun(baskets))


def period_word(baskets: Baskets) -> str:
    """Name the part in which pairs are confirmed: the later half, or every second basket."""
    return "every second basket" if baskets.split is None else "the later half"


def _gate(sizes: pd.DataFrame, max_items: int) -> None:
    several = int(sizes.loc[sizes["size"].between(2, max_items), "baskets"].sum())
    if several < FEWEST_BASKETS:
        large = int(sizes.loc[sizes["size"] > max_items, "baskets"].sum())
        aside = f"; {large:,} of more than {max_items} are set aside" if large else ""
        raise NotSupportedByData(
            f"{several:,} baskets hold two products or more{aside}",
            f"at least {FEWEST_BASKETS} baskets of 2 to {max_items} products, with their order_id"
            + (", or a larger max_items" if large else ""),
        )
