"""Rules: which products does a basket with these products hold too, above both thresholds?"""

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from shared.analysis.basket import Baskets
from shared.analysis.basket_itemsets import Itemset, Mined, fewest
from shared.analysis.lift import conviction, lift_interval, lift_of, zhang


def rules_from(
    mined: Mined, *, min_confidence: float, consequents: Literal["one", "all"] = "one"
) -> pd.DataFrame:
    """Turn itemsets into rules; confidence is compared as a fraction of whole numbers.

    Parameters
    ----------
    mined : Mined
        From `mine`.
    min_confidence : float
        Share of the baskets with the antecedents that hold the consequents too.
    consequents : str
        "one" item to recommend, or "all" ways to split a set.

    Returns
    -------
    pd.DataFrame
        `antecedents`, `consequents` (frozensets of item numbers), `together`, `antecedent_baskets`,
        `consequent_baskets`, `support`, `confidence`, `lift` with `low` and `high`, `leverage`,
        `conviction` (blank where the rule never fails), `zhang`; the highest lift first.
    """
    threshold = Fraction(str(min_confidence))
    counts, rows = mined.counts, []
    for items, count in counts.items():
        if len(items) < 2:
            continue
        for right in _right_sides(items, consequents):
            left = items - right
            if count * threshold.denominator >= threshold.numerator * counts[left]:
                rows.append((left, right, count, counts[left], counts[right]))
    names = ["antecedents", "consequents", "together", "antecedent_baskets", "consequent_baskets"]
    rules = pd.DataFrame(rows, columns=names)
    k, a, b = (rules[name].to_numpy(float) for name in names[2:])
    confidence = k / np.maximum(a, 1)
    low, high = lift_interval(k, a, b, mined.n)
    rules = rules.assign(
        support=k / mined.n,
        confidence=confidence,
        lift=lift_of(k, a, b, mined.n),
        low=low,
        high=high,
        leverage=k / mined.n - a * b / mined.n**2,
        conviction=conviction(confidence, b / mined.n),
        zhang=zhang(k / mined.n, a / mined.n, b / mined.n),
    )
    return _in_order(rules)


def nearest_thresholds(
    baskets: Baskets, pairs: pd.DataFrame, *, min_support: float, min_confidence: float
) -> dict[str, float]:
    """Say how far the thresholds are from the first rule of two items.

    Returns
    -------
    dict of str to float
        `confidence`: the highest at this support; `support`: the highest at this confidence;
        `support_any`: of the most frequent pair. NaN where no threshold would do.
    """
    held = baskets.items["baskets"].to_numpy()
    fewer = np.minimum(held[pairs["item_a"]], held[pairs["item_b"]])
    together = pairs["together"].to_numpy()
    threshold = Fraction(str(min_confidence))
    sure = together * threshold.denominator >= threshold.numerator * fewer
    often = together >= fewest(min_support, baskets.n)

    def highest(values: np.ndarray) -> float:
        return float(values.max()) if len(values) else float("nan")

    return {
        "confidence": highest((together / fewer)[often]),
        "support": highest(together[sure]) / baskets.n,
        "support_any": highest(together) / baskets.n,
    }


def _right_sides(items: Itemset, consequents: str) -> Iterable[Itemset]:
    most = 1 if consequents == "one" else len(items) - 1
    for size in range(1, most + 1):
        for right in combinations(sorted(items), size):
            yield frozenset(right)


def _in_order(rules: pd.DataFrame) -> pd.DataFrame:
    keys = [
        [tuple(sorted(items)) for items in rules[side]] for side in ("antecedents", "consequents")
    ]
    order = sorted(
        range(len(rules)),
        key=lambda i: (-rules["lift"].iloc[i], -rules["together"].iloc[i], keys[0][i], keys[1][i]),
    )
    return rules.iloc[order].reset_index(drop=True)
