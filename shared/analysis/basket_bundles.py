"""Bundles: which two products to sell as one, and down to which price the margin holds?"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.basket import Baskets
from shared.analysis.basket_pairs import Reading
from shared.analysis.basket_worth import ItemWorth
from shared.loading.errors import NotSupportedByData


def bundles(
    pairs: pd.DataFrame, baskets: Baskets, worth: ItemWorth, *, discount: float, uptake: float
) -> pd.DataFrame:
    """Price each robust pair as a bundle of one unit each.

    Who buys both today pays the lower price too; that loss has to be earned back by those who buy
    one of the two today and take the bundle. If the share `uptake` of them does, the margin of
    all these baskets stays the same at the floor price; below it the bundle costs money.

    Parameters
    ----------
    pairs : pd.DataFrame
        The table of `pairs_of`.
    baskets : Baskets
        From `baskets_of`.
    worth : ItemWorth
        With margins.
    discount : float
        Share off the two prices together, for which the break-even is told.
    uptake : float
        Share of the baskets with one of the two that would take the bundle instead: a plan, not
        a finding.

    Returns
    -------
    pd.DataFrame
        `item_a`, `item_b`, `together`, `extra` (co-purchases beyond basket size), `only_a`,
        `only_b` (baskets with one of the two), `list_price`, `cost`,
        `margin` at list price, `floor_price` and `deepest_discount` (a share) at the planned
        uptake, `bundle_price` and `bundle_margin` at the discount, `break_even_uptake` (blank
        where no uptake repays it), `gain` at the discount and the planned uptake over all
        baskets seen, with `gain_low` and `gain_high` (95 %, counts of baskets taken as Poisson;
        the uptake as planned); first the one that gains most for sure: of many, the one with the
        largest gain seen is flattered.

    Raises
    ------
    NotSupportedByData
        Without margins, or without a robust pair.
    """
    if not worth.has_margin:
        raise NotSupportedByData(
            "without the cost of the goods no price has a floor",
            "unit costs for at least 95% of the revenue, or the parameter margin_share",
        )
    robust = pairs[pairs["reading"] == Reading.ROBUST]
    if robust.empty:
        raise NotSupportedByData(
            "no pair is robust, and a bundle of products that meet by chance gives margin away",
            "a robust pair",
        )
    a, b = robust["item_a"].to_numpy(), robust["item_b"].to_numpy()
    price, unit = (worth.table[c].to_numpy(float) for c in ("price", "unit_worth"))
    held = baskets.items["baskets"].to_numpy(float)
    both = robust["together"].to_numpy(float)
    only_a, only_b = held[a] - both, held[b] - both
    listed, margin = price[a] + price[b], unit[a] + unit[b]
    added = only_a * unit[b] + only_b * unit[a]  # if each of them took the other product too
    off = discount * listed
    deepest = uptake * added / (both + uptake * (only_a + only_b))
    deepest = np.clip(deepest, 0, np.maximum(margin, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        repaid = off * both / (added - off * (only_a + only_b))
    extra = both * (1 - 1 / robust["size_lift"].to_numpy(float))
    per_a, per_b = uptake * (unit[b] - off), uptake * (unit[a] - off)
    gain = only_a * per_a + only_b * per_b - both * off
    reach = norm.ppf(0.975) * np.sqrt(only_a * per_a**2 + only_b * per_b**2 + both * off**2)
    table = pd.DataFrame(
        {
            "item_a": a, "item_b": b, "together": robust["together"].to_numpy(), "extra": extra,
            "only_a": only_a.astype("int64"), "only_b": only_b.astype("int64"),
            "list_price": listed, "cost": listed - margin, "margin": margin,
            "floor_price": listed - deepest, "deepest_discount": deepest / listed,
            "bundle_price": listed - off, "bundle_margin": margin - off,
            "break_even_uptake": np.where((repaid >= 0) & (repaid <= 1), repaid, np.nan),
            "gain": gain, "gain_low": gain - reach, "gain_high": gain + reach,
        }
    )  # fmt: skip
    return table.sort_values(
        ["gain_low", "item_a", "item_b"], ascending=[False, True, True], ignore_index=True
    )
