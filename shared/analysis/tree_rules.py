"""Tree rules: which few bounds, in the client's units, tell given segments apart, and how well?"""

from collections.abc import Callable
from dataclasses import dataclass
from math import floor, inf
from typing import Any

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from shared.analysis.intervals import Estimate, wilson

HELD_OUT = 0.3
DEPTH = 3
LEAST_LEAF, LEAST_LEAF_SHARE = 5, 0.01
DIGITS = 3
SIGNS = {"_above": ">", "_up_to": "<="}


@dataclass(frozen=True)
class _Leaf:
    """Whoever is above `low` and up to `high` in each measure belongs to the segment."""

    segment: str
    low: tuple[float, ...]
    high: tuple[float, ...]


def tree_rules(
    measures: pd.DataFrame,
    segments: pd.Series,
    *,
    rows: np.ndarray | None = None,
    depth: int = DEPTH,
    seed: int = 0,
) -> tuple[pd.DataFrame, Estimate]:
    """Learn rules that tell segments apart from 70 % of the customers, and check them on the rest.

    The bounds of a shallow tree are rounded (whole numbers, or three digits) so that they can be
    said, and the rounded rules are the ones that are checked.

    Parameters
    ----------
    measures : pd.DataFrame
        One numeric column per measure, in the client's units.
    segments : pd.Series
        The segment of each row of `measures`.
    rows : numpy.ndarray, optional
        Numbers of the rows to learn from and check on, in an order that does not depend on names;
        all if left out.
    depth : int
        Most questions a rule asks.
    seed : int
        Of the split.

    Returns
    -------
    pd.DataFrame
        One row per rule, and every customer meets exactly one: `segment`; for each measure
        `<measure>_above` (more than that) and `<measure>_up_to` (at most that), blank without a
        bound; `rule`, the same as a condition that a database reads; `customers` and
        `customer_share` who meet it; `held_out` (customers of the check who meet it) and
        `fidelity` (share of those who are in the segment; blank without any).
    Estimate
        Share of the customers of the check whom the rules put into their own segment.

    References
    ----------
    Breiman, Friedman, Olshen and Stone (1984), *Classification and regression trees*.
    """
    rows = np.arange(len(measures)) if rows is None else rows
    mixed = np.random.default_rng(seed).permutation(rows)
    kept = round(HELD_OUT * len(mixed))
    values = measures.to_numpy(dtype=float)
    leaf = max(LEAST_LEAF, int(LEAST_LEAF_SHARE * len(mixed)))
    with threadpool_limits(limits=1):
        tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, random_state=seed)
        tree.fit(values[mixed[kept:]], segments.iloc[mixed[kept:]])
    held = np.zeros(len(values), dtype=bool)
    held[mixed[:kept]] = True
    leaves = _leaves(tree, [_rounding(values[:, i]) for i in range(values.shape[1])])
    names = [str(name) for name in measures.columns]
    found = [_described(leaf, values, segments.to_numpy(), names, held) for leaf in leaves]
    # Rounding can leave a rule that nobody meets.
    table = pd.DataFrame([rule for rule in found if rule["customers"]])
    table = table.sort_values(["segment", "customers"], ascending=[True, False], kind="stable")
    right = round(float((table["fidelity"] * table["held_out"]).sum()))
    return table.reset_index(drop=True), wilson(right, int(held.sum()))


def _leaves(tree: DecisionTreeClassifier, rounding: list[Callable[[float], float]]) -> list[_Leaf]:
    """Walk the tree with rounded bounds; twins that say the same become one leaf."""
    inner = tree.tree_

    def walk(node: int, low: tuple[float, ...], high: tuple[float, ...]) -> list[_Leaf]:
        left, right = inner.children_left[node], inner.children_right[node]
        if left == right:
            return [_Leaf(str(tree.classes_[inner.value[node][0].argmax()]), low, high)]
        feature = inner.feature[node]
        cut = rounding[feature](float(inner.threshold[node]))
        below = (*high[:feature], min(high[feature], cut), *high[feature + 1 :])
        above = (*low[:feature], max(low[feature], cut), *low[feature + 1 :])
        both = [*walk(left, low, below), *walk(right, above, high)]
        same = len(both) == 2 and both[0].segment == both[1].segment
        return [_Leaf(both[0].segment, low, high)] if same else both

    count = len(rounding)
    return walk(0, (-inf,) * count, (inf,) * count)


def _rounding(values: np.ndarray) -> Callable[[float], float]:
    """Say how a bound is rounded: to a whole number where all are, else to three digits."""
    if (values % 1 == 0).all() and values.max() < 10**DIGITS:
        return lambda cut: float(floor(cut))
    return lambda cut: float(f"{cut:.{DIGITS}g}")


def _described(
    leaf: _Leaf, values: np.ndarray, segments: np.ndarray, measures: list[str], held: np.ndarray
) -> dict[str, Any]:
    meets = ((values > leaf.low) & (values <= leaf.high)).all(axis=1)
    tested = meets & held
    bounds = {}
    for measure, low, high in zip(measures, leaf.low, leaf.high, strict=True):
        bounds[measure, "_above"] = low if low > -inf else np.nan
        bounds[measure, "_up_to"] = high if high < inf else np.nan
    said = [f"{m} {SIGNS[end]} {v:.10g}" for (m, end), v in bounds.items() if not np.isnan(v)]
    return {
        "segment": leaf.segment,
        **{measure + end: value for (measure, end), value in bounds.items()},
        "rule": " AND ".join(said) or "TRUE",
        "customers": int(meets.sum()),
        "customer_share": float(meets.mean()),
        "held_out": int(tested.sum()),
        "fidelity": float((segments[tested] == leaf.segment).mean()) if tested.any() else np.nan,
    }
