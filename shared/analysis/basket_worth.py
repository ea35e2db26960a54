"""What pairs are worth: which companion to offer with a product, and the margin it goes with."""

from dataclasses import dataclass
from datetime import date, datetime, time

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import norm

from shared.analysis.basket import Baskets
from shared.analysis.basket_counting import Level, with_category
from shared.analysis.basket_pairs import Reading
from shared.analysis.cohort_money import valued_lines
from shared.analysis.customer_summary import exact_sum

PER = 1000  # baskets
Z = norm.ppf(0.975)


@dataclass(frozen=True)
class ItemWorth:
    """What an item sells for and leaves.

    Attributes
    ----------
    table : pd.DataFrame
        Index `item`; `units`, `revenue` and `worth` of all its purchases, `price` and `unit_worth`
        of one unit, `usual_units` (median) of a basket that holds it and their `basket_worth`.
        Without prices revenue and worth are units.
    what : str
        What the worth is: "margin", "revenue" or "items bought".
    """

    table: pd.DataFrame
    what: str

    @property
    def has_margin(self) -> bool:
        """Whether costs are known, or a margin was stated."""
        return self.what == "margin"


def item_worth(
    lines: ibis.Table,
    baskets: Baskets,
    *,
    snapshot_date: date,
    products: ibis.Table | None = None,
    margin_share: float = 0.0,
) -> ItemWorth:
    """Sum up each item's purchases; refunds are left out, as in the baskets.

    Parameters
    ----------
    lines, snapshot_date, products
        As for `baskets_of`.
    baskets : Baskets
        Made from the same lines.
    margin_share : float
        Share of revenue that is margin where unit costs are unknown; 0 leaves revenue.
    """
    if "is_refund" in lines.columns:
        lines = lines.filter(~_.is_refund)
    if "order_date" in lines.columns:
        lines = lines.filter(_.order_date < datetime.combine(snapshot_date, time()))
    if "quantity" not in lines.columns:
        lines = lines.mutate(quantity=ibis.literal(1.0))
    valued, what = valued_lines(lines, products=products, margin_share=margin_share)
    level: Level = "category" if baskets.level == "category" else "product"
    valued = with_category(valued, products) if level == "category" else valued
    item = valued.category if level == "category" else valued.product_id
    revenue = valued.line_value if "line_value" in valued.columns else valued.quantity
    # A wholesale order of one product would otherwise speak for all its baskets.
    sums = (
        valued.group_by("order_id", item_id=item)
        .aggregate(
            units=exact_sum(_.quantity), revenue=exact_sum(revenue), worth=exact_sum(_.worth)
        )
        .group_by("item_id")
        .aggregate(
            units=exact_sum(_.units), revenue=exact_sum(_.revenue), worth=exact_sum(_.worth),
            usual_units=_.units.median(),
        )
        .to_pandas()
        .set_index("item_id")
        .astype("float64")
    )  # fmt: skip
    table = sums.reindex(baskets.items["item_id"]).set_index(baskets.items.index)
    units = table["units"].where(table["units"] > 0)
    table = table.assign(
        price=table["revenue"] / units,
        unit_worth=table["worth"] / units,
        basket_worth=table["worth"] / units * table["usual_units"],
    )
    return ItemWorth(table, what)


def companions(pairs: pd.DataFrame, baskets: Baskets, worth: ItemWorth) -> pd.DataFrame:
    """Give both directions of each robust pair: what a basket with A holds of B, and its worth.

    The expectation is what baskets of these sizes hold anyway, so that a large basket is not
    mistaken for a taste.

    Returns
    -------
    pd.DataFrame
        `item_a`, `item_b`, `together`, `baskets_a`, `confidence` with `low` and `high` (share of
        the baskets with A that hold B), `base` (the share that chance gives baskets of these
        sizes), `extra_per_1000` (baskets with B beyond that), `worth_per_1000` with
        `worth_low` and `worth_high`, `lift`, `size_lift`, `q`; first the one
        that is worth most, for sure, over all baskets with
        A.
    """
    robust = pairs[pairs["reading"] == Reading.ROBUST]
    turned = robust.rename(columns={"item_a": "item_b", "item_b": "item_a"})
    both = pd.concat([robust, turned], ignore_index=True)
    n = baskets.items["baskets"].reindex(both["item_a"]).to_numpy(float)
    k = both["together"].to_numpy(float)
    share, low, high = wilson_bounds(k, n)
    base = share / both["size_lift"].to_numpy(float)
    each = worth.table["basket_worth"].reindex(both["item_b"]).to_numpy(float)
    table = pd.DataFrame(
        {
            "item_a": both["item_a"], "item_b": both["item_b"], "together": both["together"],
            "baskets_a": n.astype("int64"), "confidence": share, "low": low, "high": high,
            "base": base, "extra_per_1000": PER * (share - base),
            "worth_per_1000": PER * (share - base) * each,
            "worth_low": PER * (low - base) * each, "worth_high": PER * (high - base) * each,
            "lift": both["lift"], "size_lift": both["size_lift"], "q": both["q"],
        }
    )  # fmt: skip
    table = table.assign(total=table["worth_low"] * table["baskets_a"]).sort_values(
        ["total", "item_a", "item_b"], ascending=[False, True, True], ignore_index=True
    )
    return table.drop(columns="total")


def best_companions(table: pd.DataFrame) -> pd.DataFrame:
    """Keep one companion for each product: the one whose worth is highest for sure."""
    return table.drop_duplicates("item_a").reset_index(drop=True)


def wilson_bounds(k: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give shares with Wilson's interval at 95 %, many at once.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    """
    share = k / n
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return share, np.maximum(centre - half, 0), np.minimum(centre + half, 1)
