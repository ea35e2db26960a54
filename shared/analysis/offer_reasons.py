"""Why a product is offered to a customer, in a few words per line of the list."""

import numpy as np
import pandas as pd

from shared.analysis.offer_matrix import DAY_ZERO, History
from shared.analysis.offer_models import (
    AGAIN,
    ALL_TIME,
    CATEGORY,
    FACTORS,
    NEIGHBOURS,
    PEERS,
    RECENT,
)

STRANGER = "no purchase yet; "
# How much stands in the table of products: the same on thousands of lines says no more.
SELLS = {
    RECENT: "sells best lately",
    ALL_TIME: "sold best so far",
    CATEGORY: "sells best lately in an own category",
}


def reasons_of(
    lines: pd.DataFrame,
    history: History,
    products: pd.DataFrame,
    cosines: np.ndarray,
) -> pd.Series:
    """Give the reason of each line.

    Parameters
    ----------
    lines : pd.DataFrame
        `customer` (position, -1 for one without a purchase), `product` (position) and `source`.
    history : History
        From `known_on`.
    products : pd.DataFrame
        As from `product_facts`.
    cosines : np.ndarray
        As from `item_cosines`, for the owned product that the offer goes with.
    """
    reasons = pd.Series("", index=lines.index, dtype=object)
    for source, words in SELLS.items():
        reasons[lines["source"] == source] = words
    own = lines[lines["source"] == AGAIN]
    if len(own):
        reasons[own.index] = np.array(_own(own, history), dtype=object)
    like = lines[lines["source"].isin([NEIGHBOURS, FACTORS, PEERS])]
    if len(like):
        anchors = anchor_products(like, history, cosines)
        names = products["product_name"].to_numpy()
        text = [f"goes with {names[a]}" if a >= 0 else "bought by customers alike" for a in anchors]
        reasons[like.index] = np.array(text, dtype=object)
    stranger = lines["customer"] < 0
    return reasons.where(~stranger, STRANGER + reasons)


def anchor_products(lines: pd.DataFrame, history: History, cosines: np.ndarray) -> np.ndarray:
    """Give the customer's own product that is most like each offered one; -1 where none is."""
    bought = history.bought
    start = bought.indptr[lines["customer"].to_numpy()]
    owned = bought.indptr[lines["customer"].to_numpy() + 1] - start
    anchors = np.full(len(lines), -1)
    some = np.flatnonzero(owned > 0)
    if not len(some):
        return anchors
    start, owned, offered = start[some], owned[some], lines["product"].to_numpy()[some]
    first = np.cumsum(owned) - owned
    line = np.repeat(np.arange(len(some)), owned)
    held = bought.indices[np.repeat(start - first, owned) + np.arange(len(line))]
    alike = cosines[held, offered[line]]
    best = np.maximum.reduceat(alike, first)
    # Of equally like products the one with most buyers stands first, and is assigned last.
    found = np.flatnonzero((alike == best[line]) & (alike > 0))[::-1]
    anchors[some[line[found]]] = held[found]
    return anchors


def _own(lines: pd.DataFrame, history: History) -> list[str]:
    """Tell how often and when last an own product was bought."""
    known = history.pairs[["customer", "product", "count", "last"]]
    told = lines[["customer", "product"]].merge(known, on=["customer", "product"], how="left")
    days = pd.Timestamp(DAY_ZERO) + pd.to_timedelta(told["last"].astype("float64"), unit="D")
    return [
        f"bought {int(n)} times to {day}" if n > 1 else f"bought once on {day}"
        for n, day in zip(told["count"], days.dt.strftime("%Y-%m-%d"), strict=True)
    ]
