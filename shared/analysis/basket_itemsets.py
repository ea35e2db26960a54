"""Frequent itemsets: which products are together in enough baskets, counted exactly?"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from shared.analysis.basket import Baskets
from shared.loading.errors import ConfigError

Itemset = frozenset[int]

Algorithm = Literal["fpgrowth", "apriori"]


MOST_ITEMSETS = 300_000  # a longer search stops; some hundred bytes each


MOST_POSITIONS = 30_000_000  # items in baskets that are worth fetching from the engine


DENSE_BYTES = 300_000_000


@dataclass(frozen=True)
class Mined:
    """Frequent itemsets, counted exactly.

    Attributes
    ----------
    counts : dict of frozenset to int
        Baskets that hold all items (numbers) of the set.
    held : scipy.sparse.csc_matrix
        The reduced baskets: a row per basket with two frequent items or more, a column per
        frequent item.
    frequent : list of int
        The item number of each column.
    later : np.ndarray
        Whether the row is a basket of the second half.
    size : np.ndarray
        Items in the row's basket, the less frequent ones included.
    strata : dict of str to np.ndarray
        The stratum of each row, by stratifying column.
    n, least : int
        All baskets, and the fewest a set must be in.
    longest : int
        Items of the longest sets that were looked for.
    cut_short : bool
        Whether longer ones were left out because there could be too many.
    """

    counts: dict[Itemset, int]
    held: sparse.csc_matrix
    frequent: list[int]
    later: np.ndarray
    size: np.ndarray
    strata: dict[str, np.ndarray]
    n: int
    least: int
    longest: int
    cut_short: bool


def mine(
    baskets: Baskets, *, min_support: float, max_length: int = 6, algorithm: Algorithm = "fpgrowth"
) -> Mined:
    """Find the itemsets that enough baskets hold, on what the engine's filter leaves.

    Parameters
    ----------
    baskets : Baskets
        From `baskets_of`.
    min_support : float
        Share of all baskets, reached exactly at the boundary.
    max_length : int
        Items of a set at most.
    algorithm : str
        "fpgrowth" or "apriori", both of mlxtend; they give the same sets.

    Raises
    ------
    ConfigError
        If even the reduced baskets would not fit in memory.

    References
    ----------
    Agrawal, R. and Srikant, R. (1994). Fast algorithms for mining association rules.
    Han, J., Pei, J. and Yin, Y. (2000). Mining frequent patterns without candidate generation.
    """
    least = max(fewest(min_support, baskets.n), baskets.least)
    frequent = baskets.items.index[baskets.items["baskets"] >= least]
    held_by = baskets.items["baskets"].to_numpy()
    counts = {frozenset({int(i)}): int(held_by[i]) for i in frequent}
    rows = _reduced(baskets, frequent)
    held, of_basket = _matrix(rows, frequent)
    sets, longest, cut_short = _grown(held, least, max_length, algorithm)
    counts |= {
        frozenset(int(frequent[i]) for i in items): count
        for items, count in sets.items()
        if len(items) > 1
    }
    return Mined(
        counts=counts,
        held=held,
        frequent=[int(i) for i in frequent],
        later=of_basket["later"].to_numpy(bool),
        size=of_basket["filled"].to_numpy(int),
        strata={name: of_basket[name].to_numpy() for name in baskets.strata},
        n=baskets.n,
        least=least,
        longest=longest,
        cut_short=cut_short,
    )


def fewest(min_support: float, n: int) -> int:
    """Give the smallest count that reaches a share of n, with no rounding in between."""
    return max(1, math.ceil(Fraction(str(min_support)) * n))


def _reduced(baskets: Baskets, frequent: pd.Index) -> pd.DataFrame:
    """Fetch the frequent items of the baskets that hold at least two of them."""
    positions = int(baskets.items.loc[frequent, "baskets"].sum())
    if positions > MOST_POSITIONS:
        raise ConfigError(
            "E-PARA-24", "min_support",
            f"{positions:,} items in baskets reach it; more than {MOST_POSITIONS:,} are not mined",
            fix="a higher min_support, or level: category",
        )  # fmt: skip
    lines = baskets.incidence.select("basket", "item", "later", "filled", *baskets.strata)
    rows = lines.filter(lines.item.isin([int(i) for i in frequent])).to_pandas()
    several = rows["basket"].map(rows["basket"].value_counts()) > 1
    return rows[several]


def _matrix(rows: pd.DataFrame, frequent: pd.Index) -> tuple[sparse.csc_matrix, pd.DataFrame]:
    """Give the baskets as a sparse matrix, and what is known of each row's basket."""
    ids, first, place = np.unique(rows["basket"], return_index=True, return_inverse=True)
    column = pd.Series(np.arange(len(frequent)), index=frequent)
    cells = (np.ones(len(rows), dtype=bool), (place, column.loc[rows["item"]].to_numpy()))
    held = sparse.csc_matrix(cells, shape=(len(ids), len(frequent)), dtype=bool)
    return held, rows.iloc[first]


def _grown(
    held: sparse.csc_matrix, least: int, longest: int, algorithm: Algorithm
) -> tuple[dict[Itemset, int], int, bool]:
    """Mine as long sets as asked for, lengthening the search while they cannot be too many."""
    pairs = (held.T.astype(np.int32) @ held.astype(np.int32)) >= least if held.shape[0] else None
    if pairs is None or pairs.nnz <= held.shape[1]:
        return {}, longest, False
    linked = sparse.triu(pairs.astype(np.int64), k=1, format="csr")
    # Three items can only be frequent together if each two of them are: a triangle.
    triangles = int((linked @ linked).multiply(linked).sum())
    length = min(longest, _reach(triangles, 3, longest) if triangles <= MOST_ITEMSETS else 2)
    while True:
        sets = _frequent(held, least, length, algorithm)
        ends = sum(len(items) == length for items in sets)
        if length == longest or not ends:
            return sets, longest, False
        further = _reach(ends, length, longest) if length > 2 else length
        if further == length:
            return sets, length, True
        length = further


def _reach(sets: int, length: int, longest: int) -> int:
    """Give the length up to which all sets together stay affordable, given those of one length."""
    total, bound = 0, sets
    for longer in range(length, longest):
        bound = most_longer(bound, longer)
        total += bound
        if total > MOST_ITEMSETS:
            return longer
    return longest


def most_longer(sets: int, length: int) -> int:
    """Bound how many sets of one more item there can be, given the sets of this length.

    References
    ----------
    Geerts, F., Goethals, B. and Van den Bussche, J. (2001). A tight upper bound on the number of
    candidate patterns (after Kruskal and Katona).
    """
    bound, rest = 0, sets
    for size in range(length, 0, -1):
        m = size
        while rest and math.comb(m + 1, size) <= rest:
            m += 1
        if not rest or math.comb(m, size) > rest:
            break
        bound += math.comb(m, size + 1)
        rest -= math.comb(m, size)
    return bound


def _frequent(
    held: sparse.csc_matrix, least: int, length: int, algorithm: Algorithm
) -> dict[Itemset, int]:
    """Mine the reduced baskets with mlxtend and turn its shares back into counts."""
    from mlxtend.frequent_patterns import (  # type: ignore[import-untyped, unused-ignore]
        apriori,
        fpgrowth,
    )

    rows = held.shape[0]
    if held.shape[0] * held.shape[1] <= DENSE_BYTES:
        frame = pd.DataFrame(held.toarray())
    else:
        frame = pd.DataFrame.sparse.from_spmatrix(held)  # type: ignore[attr-defined]
    share = (least - 0.5) / rows  # between two counts, so that rounding decides nothing
    if algorithm == "apriori":
        found = apriori(frame, min_support=share, max_len=length, low_memory=True)
    else:
        found = fpgrowth(frame, min_support=share, max_len=length)
    counts = np.rint(found["support"].to_numpy() * rows).astype(int)
    return dict(zip(found["itemsets"], counts.tolist(), strict=True))
