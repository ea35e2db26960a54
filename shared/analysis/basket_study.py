"""The basket study: everything one page tells about what is bought together, computed once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import pandas as pd

from shared.analysis.basket import Baskets, baskets_of, items_noun
from shared.analysis.basket_bundles import bundles
from shared.analysis.basket_counting import Level
from shared.analysis.basket_groups import group_pairs
from shared.analysis.basket_itemsets import Mined, mine
from shared.analysis.basket_pairs import Pairs, Reading, pairs_of
from shared.analysis.basket_placebo import shuffled
from shared.analysis.basket_power import Power, pair_power
from shared.analysis.basket_rule_proof import prove_rules
from shared.analysis.basket_rules import nearest_thresholds, rules_from
from shared.analysis.basket_stock import stock_links, weekly_sales
from shared.analysis.basket_substitutes import substitutes
from shared.analysis.basket_worth import ItemWorth, companions, item_worth
from shared.analysis.study_parts import Frame, part
from shared.loading.errors import NotSupportedByData

MOST_RULES = 50_000  # put to the test; of more, those of the highest lift


@dataclass(frozen=True)
class BasketStudy:
    """All results of one page; what the data cannot answer holds the reason instead.

    Attributes
    ----------
    baskets, pairs, mined, worth
        As from `baskets_of`, `pairs_of`, `mine` and `item_worth`.
    rules : pd.DataFrame
        As from `prove_rules`; empty where no rule reaches the thresholds.
    all_rules : int
        Rules that reach the thresholds.
    nearest : dict of str to float
        As from `nearest_thresholds`.
    companions, substitutes : pd.DataFrame
        As from the functions of these names.
    bundles, groups, links, weeks : pd.DataFrame or NotSupportedByData
        As from `bundles`, `group_pairs`, `stock_links` and `weekly_sales` (of the first link).
    group_baskets : Baskets or NotSupportedByData
        Baskets of product groups.
    min_support, min_confidence, discount, uptake, lag_weeks
        As given.
    is_placebo : bool
        Whether the products were dealt anew to the baskets.
    """

    baskets: Baskets
    pairs: Pairs
    mined: Mined
    worth: ItemWorth
    rules: pd.DataFrame
    all_rules: int
    nearest: dict[str, float]
    companions: pd.DataFrame
    substitutes: pd.DataFrame
    bundles: Frame
    group_baskets: Baskets | NotSupportedByData
    groups: Frame
    links: Frame
    weeks: Frame
    min_support: float
    min_confidence: float
    discount: float
    uptake: float
    lag_weeks: int
    is_placebo: bool

    @property
    def noun(self) -> str:
        """What an item is: products, or product groups."""
        return items_noun(self.baskets)

    @property
    def robust(self) -> pd.DataFrame:
        """The robust pairs with `extra` co-purchases beyond basket size, the most of them first."""
        return with_extra(self.pairs.table[self.pairs.table["reading"] == Reading.ROBUST])

    @property
    def robust_rules(self) -> pd.DataFrame:
        """The rules that are robust."""
        return self.rules[self.rules["reading"] == Reading.ROBUST]

    @property
    def power(self) -> Power | None:
        """What the search would have found; None with fewer than two products to pair."""
        if (~self.baskets.items["is_service"].astype(bool)).sum() < 2:
            return None
        return pair_power(self.baskets, family=self.pairs.tested, least=self.pairs.least)

    def label(self, item: object) -> str:
        """Name an item by its number."""
        return str(self.baskets.items.at[item, "label"])


def study_baskets(
    lines: ibis.Table,
    *,
    tables: Mapping[str, ibis.Table],
    snapshot_date: date,
    level: Level = "product",
    min_support: float = 0.005,
    min_confidence: float = 0.1,
    max_items: int = 50,
    max_length: int = 5,
    leave_out: str = "",
    margin_share: float = 0.0,
    discount: float = 0.1,
    uptake: float = 0.05,
    lag_weeks: int = 8,
    placebo: bool = False,
) -> BasketStudy:
    """Compute everything that the page on baskets says.

    Parameters
    ----------
    lines : ibis.Table
        One row per product in an order; guests count, and no customer need be known.
    tables : mapping of str to ibis.Table
        Where `products` stands, if the client has it.
    snapshot_date, level, max_items
        As for `baskets_of`.
    min_support, max_length
        As for `mine`.
    min_confidence : float
        As for `rules_from`.
    leave_out : str
        Product ids that are no products, with ";" between them.
    margin_share : float
        As for `item_worth`.
    discount, uptake : float
        As for `bundles`.
    lag_weeks : int
        As for `stock_links`.
    placebo : bool
        Whether to deal the products anew to the baskets: the page must then find nothing.

    Raises
    ------
    NotSupportedByData
        Below the gate of `baskets_of`.
    """
    lines = shuffled(lines) if placebo else lines
    known: dict[str, Any] = {"snapshot_date": snapshot_date, "products": tables.get("products")}
    ids = [id_.strip() for id_ in leave_out.split(";") if id_.strip()]
    counted: dict[str, Any] = {"max_items": max_items, "leave_out": ids, **known}
    baskets = baskets_of(lines, level=level, **counted)
    pairs = pairs_of(baskets)
    mined = mine(baskets, min_support=min_support, max_length=max_length)
    rules = rules_from(mined, min_confidence=min_confidence)
    worth = item_worth(lines, baskets, margin_share=margin_share, **known)
    groups = part(baskets_of, lines, level="category", **counted)
    links = part(_links, lines, baskets, lag_weeks=lag_weeks, **known)
    return BasketStudy(
        baskets=baskets,
        pairs=pairs,
        mined=mined,
        worth=worth,
        rules=prove_rules(rules.head(MOST_RULES), mined, baskets, pairs.table),
        all_rules=len(rules),
        nearest=nearest_thresholds(
            baskets, pairs.table, min_support=min_support, min_confidence=min_confidence
        ),
        companions=companions(pairs.table, baskets, worth),
        substitutes=substitutes(pairs, baskets),
        bundles=part(bundles, pairs.table, baskets, worth, discount=discount, uptake=uptake),
        group_baskets=groups,
        groups=part(group_pairs, groups),
        links=links,
        weeks=part(_first_link, lines, baskets, links, snapshot_date=snapshot_date),
        min_support=min_support,
        min_confidence=min_confidence,
        discount=discount,
        uptake=uptake,
        lag_weeks=lag_weeks,
        is_placebo=placebo,
    )


def with_extra(pairs: pd.DataFrame) -> pd.DataFrame:
    """Add the co-purchases beyond what basket sizes would give, and sort by them."""
    extra = pairs["together"] * (1 - 1 / pairs["size_lift"])
    return pairs.assign(extra=extra).sort_values(
        ["extra", "item_a", "item_b"], ascending=[False, True, True], ignore_index=True
    )


def _links(lines: ibis.Table, baskets: Baskets, **options: Any) -> pd.DataFrame:
    if baskets.level != "product":
        raise NotSupportedByData("stock is kept by product", "level: product")
    return stock_links(lines, baskets, **options)


def _first_link(
    lines: ibis.Table, baskets: Baskets, links: pd.DataFrame, *, snapshot_date: date
) -> pd.DataFrame:
    first = links.iloc[0]
    items = [int(first["core"]), int(first["consumable"])]
    return weekly_sales(lines, baskets, items, snapshot_date=snapshot_date)
