"""Product groups: which of them cross-sell, and which keep apart?"""

import numpy as np
import pandas as pd

from shared.analysis.basket import Baskets
from shared.analysis.basket_pairs import Reading, pairs_of
from shared.analysis.basket_substitutes import substitutes
from shared.analysis.lift import ratio_interval
from shared.analysis.multiple_testing import SETTLED
from shared.loading.errors import NotSupportedByData

CROSS_SELL, APART = "cross-sell", "keep apart"
NEITHER, OPEN = "as chance has it", "not settled"
FEWEST_GROUPS = 3


def group_pairs(groups: Baskets) -> pd.DataFrame:
    """Judge every pair of product groups that chance would bring together often enough.

    Parameters
    ----------
    groups : Baskets
        From `baskets_of` with the level "category".

    Returns
    -------
    pd.DataFrame
        `group_a`, `group_b`, `together`, `expected` (at their basket sizes), `size_lift` with
        `size_low` and `size_high`, `reading`: "cross-sell" for a robust pair, "keep apart"
        for one that avoids each other at 1 %, "not settled" or "as chance has it"; the strongest
        first.

    Raises
    ------
    NotSupportedByData
        With fewer than 3 groups.
    """
    if len(groups.items) < FEWEST_GROUPS:
        raise NotSupportedByData(
            f"{len(groups.items)} product groups are too few to compare pairs of them",
            f"at least {FEWEST_GROUPS} groups, mapped to category",
        )
    pairs = pairs_of(groups)
    keys = ["item_a", "item_b"]
    judged = pairs.table.set_index(keys)["reading"]
    apart = substitutes(pairs, groups)
    settled = apart[apart["q"] < SETTLED].set_index(keys).index
    table = pairs.expected[pairs.expected["expected"] >= pairs.least]
    index = pd.MultiIndex.from_frame(table[keys])
    reading = judged.reindex(index).fillna(Reading.CHANCE.value).to_numpy()
    reading = np.where(reading == Reading.CHANCE, NEITHER, reading)
    reading = np.where(index.isin(settled), APART, reading)
    ratio, low, high = ratio_interval(table["together"].to_numpy(), table["expected"].to_numpy())
    # Off by basket size, not by the plain test: two yardsticks that disagree settle nothing.
    reading = np.where((reading == NEITHER) & ((low > 1) | (high < 1)), OPEN, reading)
    reading = np.where(reading == Reading.DOUBTFUL, OPEN, reading)
    reading = np.where(reading == Reading.ROBUST, CROSS_SELL, reading)
    label = groups.items["label"]
    table = table.assign(
        group_a=label.reindex(table["item_a"]).to_numpy(),
        group_b=label.reindex(table["item_b"]).to_numpy(),
        size_lift=ratio, size_low=low, size_high=high, reading=reading,
    )  # fmt: skip
    table = table[table["reading"] != Reading.SERVICE].drop(columns=keys)
    return table.sort_values(
        ["size_low", "group_a", "group_b"], ascending=[False, True, True], ignore_index=True
    )[["group_a", "group_b", "together", "expected", "size_lift", "size_low", "size_high",
       "reading"]]  # fmt: skip
