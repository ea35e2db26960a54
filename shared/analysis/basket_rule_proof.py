"""Rules put to the test: significance, later confirmation, common causes, redundancy."""

from math import comb
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.stats import poisson

from shared.analysis.basket import Baskets, period_word
from shared.analysis.basket_expectation import SizeModel, size_model
from shared.analysis.basket_itemsets import Itemset, Mined
from shared.analysis.basket_pairs import BY_SIZE, Reading, family_q
from shared.analysis.lift import chance_p_value, poisson_bounds
from shared.analysis.multiple_testing import LEANING, SETTLED

BLANK = ("earlier_together", "later_together", "later_confidence", "later_p", "earlier_lift",
         "stratified_lift", "stratified_low", "size_lift", "size_p")  # fmt: skip


def prove_rules(
    rules: pd.DataFrame, mined: Mined, baskets: Baskets, pairs: pd.DataFrame
) -> pd.DataFrame:
    """Judge every rule with one consequent.

    A rule of two items is judged as its pair is. A longer one is *robust* under the same conditions
    and if it is not redundant: each of its antecedents must raise the confidence by more than
    chance. Its q-value allows for every rule of that length that the frequent items could form.

    Parameters
    ----------
    rules : pd.DataFrame
        As from `rules_from` with one consequent.
    mined : Mined
        What they were made from.
    baskets : Baskets
        From `baskets_of`.
    pairs : pd.DataFrame
        The table of `pairs_of`.

    Returns
    -------
    pd.DataFrame
        The rules with `p`, `q`, `later_confidence`, `later_p`, `earlier_lift`, `stratified_lift`,
        `stratified_by`, `size_lift` (blank where the q-value already fails), `redundant`,
        `reading` and `why`.

    References
    ----------
    Webb, G. I. (2007). Discovering significant patterns; (2008). Layered critical values.
    """
    k, a, b = (rules[c].to_numpy(float)
               for c in ("together", "antecedent_baskets", "consequent_baskets"))  # fmt: skip
    p = chance_p_value(k, a, b, mined.n)
    lengths = rules["antecedents"].map(len).to_numpy() + 1
    q = _layered(p, lengths, items=len(mined.frequent))
    proven = rules.assign(
        p=p, q=q, redundant=_redundant(rules, mined), stratified_by="",
        **dict.fromkeys(BLANK, np.nan),
    )  # fmt: skip
    longer = np.flatnonzero((lengths > 2) & (q < LEANING))
    checked = _checked(proven.iloc[longer], mined, baskets)
    for name in checked:
        proven.loc[checked.index, name] = checked[name]
    return _read(proven, lengths, mined, baskets, pairs)


def _layered(p: np.ndarray, lengths: np.ndarray, *, items: int) -> np.ndarray:
    q = np.ones(len(p))
    for length in np.unique(lengths):
        layer = lengths == length
        q[layer] = family_q(p[layer], int(length) * comb(items, int(length)))
    return q


def _redundant(rules: pd.DataFrame, mined: Mined) -> np.ndarray:
    """Tell which rules say no more than they would without one of their antecedents."""
    counts, tests = mined.counts, []
    for row, (left, right) in enumerate(zip(rules["antecedents"], rules["consequents"],
                                            strict=True)):  # fmt: skip
        for item in left if len(left) > 1 else ():
            less = left - {item}
            tests.append(
                (row, counts[left | right], counts[left], counts[less | right], counts[less])
            )
    if not tests:
        return np.zeros(len(rules), dtype=bool)
    row, k, a, b, n = np.array(tests).T
    redundant = np.zeros(len(rules), dtype=bool)
    redundant[row[chance_p_value(k, a, b, n) >= LEANING]] = True
    return redundant


def _checked(rules: pd.DataFrame, mined: Mined, baskets: Baskets) -> pd.DataFrame:
    """Look each rule up in both halves, in every stratum and at its basket sizes."""
    column = {item: place for place, item in enumerate(mined.frequent)}
    held, model = mined.held, size_model(baskets)
    place_of_size = {int(s): i for i, s in enumerate(baskets.filled["size"])}
    size_row = np.array([place_of_size[int(s)] for s in mined.size])
    strata = _strata(mined, baskets)
    rows = []
    for left, right in zip(rules["antecedents"], rules["consequents"], strict=True):
        (item,) = right
        has_left = _rows_with(held, [column[i] for i in left])
        has_both = has_left[held[has_left, column[item]].toarray().ravel()]
        rows.append(
            _halves(has_left, has_both, item, mined, baskets)
            | _by_size(has_left, has_both, (left, item), model, size_row)
            | _by_stratum(has_left, has_both, item, strata)
        )
    return pd.DataFrame(rows, index=rules.index)


def _rows_with(held: sparse.csc_matrix, columns: list[int]) -> np.ndarray:
    rows = [held.indices[held.indptr[c] : held.indptr[c + 1]] for c in columns]
    found = rows[0]
    for other in rows[1:]:
        found = np.intersect1d(found, other, assume_unique=True)
    return np.asarray(found)


def _halves(
    left: np.ndarray, both: np.ndarray, item: int, mined: Mined, baskets: Baskets
) -> dict[str, float]:
    """Count the rule in both halves."""
    held = int(baskets.items["baskets"].to_numpy()[item])
    later = int(baskets.items["later_baskets"].to_numpy()[item])
    k, a = int(mined.later[both].sum()), int(mined.later[left].sum())
    early_n, early_a = baskets.n - baskets.later_n, len(left) - a
    seen = early_a > 0 and held > later
    return {
        "later_together": float(k),
        "earlier_together": float(len(both) - k),
        "later_confidence": k / a if a else np.nan,
        "later_p": float(
            chance_p_value(np.array(k), np.array(a), np.array(later), baskets.later_n)
        ),
        "earlier_lift": (len(both) - k) * early_n / (early_a * (held - later)) if seen else 0.0,
    }


def _by_size(
    left: np.ndarray, both: np.ndarray, rule: tuple[Itemset, int], model: SizeModel,
    size_row: np.ndarray,
) -> dict[str, float]:  # fmt: skip
    """Expect the consequent in the places that the antecedents leave in their baskets."""
    antecedents, item = list(rule[0]), rule[1]
    of = size_row[left]
    chances = model.chances
    sizes = chances.sum(axis=1)
    places = np.maximum(sizes - len(antecedents), 0) / (sizes - chances[:, antecedents].sum(axis=1))
    expected = float(np.minimum(chances[:, item] * places, 1)[of].sum())
    return {
        "size_lift": len(both) / expected if expected > 0 else np.nan,
        "size_p": float(poisson.sf(len(both) - 1, expected)),
    }


def _strata(mined: Mined, baskets: Baskets) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Give the stratum of each row as a number, and the share of its baskets with each item."""
    numbered = {}
    for name, table in baskets.strata.items():
        number = pd.Series(np.arange(len(table)), index=table.index)
        held = baskets.by_stratum[name].reindex(columns=table.index, fill_value=0)
        share = held.to_numpy(float) / table["baskets"].to_numpy(float)
        numbered[name] = (number.loc[mined.strata[name]].to_numpy(), share)
    return numbered


def _by_stratum(
    left: np.ndarray, both: np.ndarray, item: int,
    strata: dict[str, tuple[np.ndarray, np.ndarray]],
) -> dict[str, object]:  # fmt: skip
    """Give the lowest lift within months, promotions and places."""
    lift, by = float("nan"), ""
    for name, (number, share) in strata.items():
        counts = np.bincount(number[left], minlength=share.shape[1])
        expected = float(counts @ share[item])
        if expected > 0 and not len(both) / expected >= lift:
            lift, by = len(both) / expected, name
    bound = float(poisson_bounds(np.array(len(both)))[0]) / max(len(both), 1)
    return {"stratified_lift": lift, "stratified_by": by, "stratified_low": lift * bound}


def _read(
    rules: pd.DataFrame, lengths: np.ndarray, mined: Mined, baskets: Baskets, pairs: pd.DataFrame
) -> pd.DataFrame:
    size_q = np.ones(len(rules))
    tested = rules["size_p"].notna().to_numpy()
    size_q[tested] = _layered(
        rules["size_p"].to_numpy()[tested], lengths[tested], items=len(mined.frequent)
    )
    few = rules[["earlier_together", "later_together"]].min(axis=1)
    failed: dict[str, Any] = {
        "says no more than a shorter rule": rules["redundant"],
        "explained by ": rules["stratified_low"] <= 1,
        "explained by " + BY_SIZE: size_q >= SETTLED,
        "not confirmed in " + period_word(baskets): ~(
            (rules["later_p"] < LEANING) & (rules["earlier_lift"] > 1)
        ),
        "too few in one half": few < baskets.least,
    }
    why = np.full(len(rules), "", dtype=object)
    for reason, fails in reversed(failed.items()):
        by = rules["stratified_by"].to_numpy() if reason.endswith(" ") else ""
        why = np.where(np.asarray(fails, bool), reason + by, why)
    reading = np.where(why == "", Reading.ROBUST.value, Reading.DOUBTFUL.value)
    reading = np.where(rules["q"] < LEANING, reading, Reading.CHANCE.value)
    reading, why = _as_their_pairs(rules, lengths, pairs, reading, why)
    service = set(baskets.items.index[baskets.items["is_service"]])
    apart = [bool(service & (x | y)) for x, y in
             zip(rules["antecedents"], rules["consequents"], strict=True)]  # fmt: skip
    reading = np.where(apart, Reading.SERVICE.value, reading)
    why = np.where(reading == Reading.DOUBTFUL.value, why, "")
    return rules.assign(reading=reading, why=why).drop(columns=["size_p", "stratified_low"])


def _as_their_pairs(
    rules: pd.DataFrame, lengths: np.ndarray, pairs: pd.DataFrame,
    reading: np.ndarray, why: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Let a rule of two items be read as its pair is: one finding, one verdict."""
    two = np.flatnonzero(lengths == 2)
    keys = [tuple(sorted(x | y)) for x, y in zip(rules["antecedents"].iloc[two],
                                                 rules["consequents"].iloc[two],
                                                 strict=True)]  # fmt: skip
    found = pairs.set_index(["item_a", "item_b"])[["reading", "why"]].reindex(keys)
    reading, why = reading.copy(), why.copy()
    reading[two] = found["reading"].fillna(Reading.CHANCE.value).to_numpy()
    why[two] = found["why"].fillna("").to_numpy()
    return reading, why
