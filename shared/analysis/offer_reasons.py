"""Why a product is offered to a customer, in a few words per line of the list."""

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

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

STRANGER, ALIKE = "no purchase yet; ", "bought by customers alike"
BATCH = 100_000  # lines
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
        told = [*(f"goes with {name}" for name in products["product_name"]), ALIKE]
        reasons[like.index] = np.array(told, dtype=object)[anchors]  # -1 is the last
    stranger = lines["customer"] < 0
    return reasons.where(~stranger, STRANGER + reasons)


def anchor_products(lines: pd.DataFrame, history: History, cosines: np.ndarray) -> np.ndarray:
    """Give the customer's own product that is most like each offered one; -1 where none is."""
    anchors = np.full(len(lines), -1)
    customer, offered = lines["customer"].to_numpy(), lines["product"].to_numpy()
    # Each line is held against all that its customer has: a million of them take a gigabyte.
    for at in range(0, len(lines), BATCH):
        part = slice(at, at + BATCH)
        anchors[part] = _anchors(customer[part], offered[part], history.bought, cosines)
    return anchors


def _anchors(
    customer: np.ndarray, offered: np.ndarray, bought: csr_matrix, cosines: np.ndarray
) -> np.ndarray:
    start = bought.indptr[customer]
    owned = bought.indptr[customer + 1] - start
    anchors = np.full(len(customer), -1)
    some = np.flatnonzero(owned > 0)
    if not len(some):
        return anchors
    start, owned, offered = start[some], owned[some], offered[some]
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
