"""Segment order: do the names stand in the order in which the segments bought?"""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import SETTLED, false_discovery_q, share_p_value

LEAST_MEMBERS = 10
DRAWS = 1000


def rank_order(
    table: pd.DataFrame, expected: np.ndarray, *, least: int = LEAST_MEMBERS, seed: int = 0
) -> Estimate:
    """Correlate the order of segments with the shares that bought (Spearman).

    Parameters
    ----------
    table : pd.DataFrame
        `customers` and `bought` of each segment.
    expected : array of float
        One figure per segment; the largest is expected to buy most.
    least : int
        Smaller segments are left out.
    seed : int
        Seed of the interval: every segment's buyers are drawn anew from its own share, so that the
        interval says how far chance within the segments moves the order.
    """
    used = (table["customers"] >= least).to_numpy()
    n, bought = (table.loc[used, column].to_numpy() for column in ("customers", "bought"))
    total = int(n.sum())
    wanted = rankdata(np.asarray(expected, dtype=float)[used])
    shares = bought / np.maximum(n, 1)
    if used.sum() < 3 or np.ptp(shares) == 0 or np.ptp(wanted) == 0:
        return Estimate(np.nan, np.nan, np.nan, total, "number")
    drawn = np.random.default_rng(seed).binomial(n, shares, (DRAWS, len(n))) / n
    value = float(_row_correlation(rankdata(shares)[None, :], wanted)[0])
    spread = _row_correlation(rankdata(drawn, axis=1), wanted)
    low, high = np.nanquantile(spread, [0.025, 0.975])
    return Estimate(value, min(float(low), value), max(float(high), value), total, "number")


def inversions(table: pd.DataFrame) -> pd.DataFrame:
    """List the pairs of segments that bought in the other order than their names promise.

    Returns
    -------
    pd.DataFrame
        `above` (earlier in the map), `below`, their shares `above_share` and `below_share`, and
        `q` (Fisher's test, Benjamini-Hochberg over all pairs of segments); only pairs in the wrong
        order with q below 1 %, the widest gap first.
    """
    known = table[table["customers"] > 0].to_dict("records")
    pairs = list(combinations(known, 2))
    p = [share_p_value(a["bought"], a["customers"], b["bought"], b["customers"]) for a, b in pairs]
    rows = [
        (a["segment"], b["segment"], a["share"], b["share"], q)
        for (a, b), q in zip(pairs, false_discovery_q(np.array(p)), strict=True)
        if b["share"] > a["share"] and q < SETTLED
    ]
    found = pd.DataFrame(rows, columns=["above", "below", "above_share", "below_share", "q"])
    gap = (found["below_share"] - found["above_share"]).astype("float64")
    return found.loc[gap.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _row_correlation(rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    a = rows - rows.mean(axis=1, keepdims=True)
    b = wanted - wanted.mean()
    size = np.sqrt((a**2).sum(axis=1) * (b**2).sum())
    return np.asarray(np.divide(a @ b, size, out=np.full(len(a), np.nan), where=size > 0))
