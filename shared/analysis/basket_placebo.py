"""The placebo: the same products and baskets, but who is with whom left to chance."""

import ibis
import numpy as np
import pandas as pd
from ibis import _

ORDER_COLUMNS = ("order_date", "customer_id", "campaign", "channel", "country")


def shuffled(lines: ibis.Table, *, seed: int = 0) -> ibis.Table:
    """Deal each product anew to as many baskets as held it, drawn without looking.

    A page made from these lines must find nothing. The lines are fetched to do it, so this is for
    looking at a method, not for the daily run.

    Parameters
    ----------
    lines : ibis.Table
        As for `baskets_of`; refunds are dropped, lines of one product in one order become one.
    seed : int
        Of the draw.
    """
    if "is_refund" in lines.columns:
        lines = lines.filter(~_.is_refund)
    frame = lines.filter(_.order_id.notnull() & _.product_id.notnull()).to_pandas()
    frame = frame.sort_values(["order_id", "product_id"], kind="stable")
    frame = frame.drop_duplicates(["order_id", "product_id"]).sort_values("product_id")
    of_order = [name for name in ORDER_COLUMNS if name in frame.columns]
    orders = frame.drop_duplicates("order_id").sort_values("order_id")[["order_id", *of_order]]
    held = frame.groupby("product_id", sort=True).size()
    drawn = dealt(held.to_numpy(), len(orders), seed=seed)
    placed = orders.iloc[drawn].reset_index(drop=True)
    rest = frame.drop(columns=["order_id", *of_order]).reset_index(drop=True)
    return ibis.memtable(pd.concat([placed, rest], axis=1))


def dealt(held: np.ndarray, baskets: int, *, seed: int) -> np.ndarray:
    """Draw for each item as many different baskets as it was in."""
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.choice(baskets, size=int(n), replace=False) for n in held])
