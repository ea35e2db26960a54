"""Substitutes: which two items are in one basket less often than chance would have it?"""

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import poisson

from shared.analysis.basket import Baskets
from shared.analysis.basket_pairs import Pairs, family_q
from shared.analysis.lift import lift_interval, lift_of, ratio_interval, yule_q
from shared.analysis.multiple_testing import LEANING, SETTLED, Finding

REPLACE, APART = "replace each other", "seldom together"


def substitutes(pairs: Pairs, baskets: Baskets) -> pd.DataFrame:
    """Find the pairs that avoid each other, their basket sizes allowed for.

    In small baskets any two items meet less often than their shares multiply to, so a lift below 1
    alone proves nothing; the expectation here is that of baskets of the same sizes. Products of one
    group *replace each other*; of others, or of none, they are *seldom together*.

    Returns
    -------
    pd.DataFrame
        `item_a`, `item_b`, `together`, `expected`, `size_lift` with `size_low` and `size_high`,
        `lift` with `low` and `high`, `yule_q`, `p`, `q`, `finding`, `kind`, `customer_lift`
        (lift over customers instead of baskets: above 1, the same people buy both, at different
        times; blank where customers are unknown); q below 5 % only, the smallest q first.
    """
    table = pairs.expected[pairs.expected["expected"] >= pairs.least]
    k, expected = table["together"].to_numpy(float), table["expected"].to_numpy(float)
    p = poisson.cdf(k, expected)
    q = family_q(p, len(p))
    table = table.assign(p=p, q=q)[q < LEANING]
    service = baskets.items["is_service"].to_numpy(bool)
    table = table[~(service[table["item_a"]] | service[table["item_b"]])]
    a, b = table["item_a"].to_numpy(), table["item_b"].to_numpy()
    held, k = baskets.items["baskets"].to_numpy(float), table["together"].to_numpy(float)
    ratio, ratio_low, ratio_high = ratio_interval(k, table["expected"].to_numpy(float))
    low, high = lift_interval(k, held[a], held[b], baskets.n)
    group = baskets.items["category"]
    same = group.reindex(a).to_numpy() == group.reindex(b).to_numpy()
    known = group.reindex(a).notna().to_numpy() & (baskets.level == "product")
    table = table.assign(
        size_lift=ratio, size_low=ratio_low, size_high=ratio_high,
        lift=lift_of(k, held[a], held[b], baskets.n), low=low, high=high,
        yule_q=yule_q(k, held[a], held[b], baskets.n),
        finding=np.where(table["q"] < SETTLED, Finding.DIFFERS.value, Finding.NOT_SETTLED.value),
        kind=np.where(same & known, REPLACE, APART),
    )  # fmt: skip
    table = table[table["high"] < 1]
    table = table.sort_values(["q", "size_lift", "item_a", "item_b"], ignore_index=True)
    return table.assign(customer_lift=_customer_lift(table, baskets))


def _customer_lift(table: pd.DataFrame, baskets: Baskets) -> np.ndarray:
    """Give the lift of each pair over customers who ever bought, guests left out."""
    if not baskets.has_customers or table.empty:
        return np.full(len(table), np.nan)
    bought = (
        baskets.incidence.filter(_.customer_id.notnull()).select("customer_id", "item").distinct()
    )
    people = bought.customer_id.nunique().to_pandas()
    held = bought.group_by("item").aggregate(n=_.count()).to_pandas().set_index("item")["n"]
    keys = ibis.memtable(table[["item_a", "item_b"]].astype("int64"))
    both = (
        keys.join(bought.rename(item_a="item"), "item_a")
        .join(bought.rename(item_b="item"), ["customer_id", "item_b"])
        .group_by("item_a", "item_b")
        .aggregate(n=_.count())
        .to_pandas()
        .set_index(["item_a", "item_b"])["n"]
    )
    together = both.reindex(pd.MultiIndex.from_frame(table[["item_a", "item_b"]])).fillna(0)
    a, b = (held.reindex(table[side]).to_numpy(float) for side in ("item_a", "item_b"))
    return lift_of(together.to_numpy(), a, b, float(people))
