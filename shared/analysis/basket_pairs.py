"""Pairs: which two items come together more often than by chance, and is it robust?"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import poisson

from shared.analysis.basket import Baskets, period_word
from shared.analysis.basket_expectation import (
    expected_by_size,
    expected_by_stratum,
    size_model,
)
from shared.analysis.lift import (
    chance_p_value,
    lift_interval,
    lift_of,
    ratio_interval,
    yule_q,
)
from shared.analysis.multiple_testing import LEANING, SETTLED
from shared.loading.errors import ConfigError

MOST_CO_PURCHASES = 2_000_000_000  # rows of the self-join; some minutes on two cores
MOST_PAIRS = 3_000_000  # kept for the page; each costs some hundred bytes
BY_SIZE = "basket size"


class Reading(StrEnum):
    """What a pair or rule is worth; the value is the wording on the page."""

    ROBUST = "robust"
    DOUBTFUL = "doubtful"
    CHANCE = "chance"
    SERVICE = "no merchandise"


@dataclass(frozen=True)
class Pairs:
    """All pairs worth a look.

    Attributes
    ----------
    table : pd.DataFrame
        One row per pair bought together at least `least` times: `item_a`, `item_b` (numbers),
        `together`, `support`, `lift` with `low` and `high`, `leverage`, `yule_q`, `p`, `q`,
        `earlier_together`, `later_together`, `earlier_lift`, `later_lift`, `later_p`,
        `size_lift` with `size_low` and `size_q`, `stratified_lift` with `stratified_low`,
        `stratified_by`, `customers` (who bought both; blank where they are unknown), `reading`,
        `why`.
    expected : pd.DataFrame
        Pairs that by chance should have come together at least 5 times, however often they did:
        `item_a`, `item_b`, `together`, `expected` (at their basket sizes).
    tested : int
        Pairs in the family that q-values allow for.
    least : int
        As counted; more than asked for where there were too many pairs.
    """

    table: pd.DataFrame
    expected: pd.DataFrame
    tested: int
    least: int


def pairs_of(baskets: Baskets, *, tested: str = "possible") -> Pairs:
    """Count the pairs in the engine and judge each.

    A pair is *robust* if its q-value is below 5 %, it was bought together at least 5 times in
    each half and by 5 different customers, its lift exceeds 1 in both and by more than chance in
    the later one, its q-value is below 1 % once basket sizes are allowed for, and its lift stays
    above 1, interval included, within months, promotions, channels and countries. It is *doubtful*
    if only its q-value is below 5 %, else *chance*.

    Parameters
    ----------
    baskets : Baskets
        From `baskets_of`.
    tested : str
        The family of tests: "possible" counts every pair of items that could have been listed,
        "listed" only those that were, which is kinder: they were listed because they came
        together.

    Raises
    ------
    ConfigError
        If the baskets are so large that counting their pairs would not end.
    """
    least = _affordable(baskets)
    counts = _counted(baskets, least)
    a, b = counts["item_a"].to_numpy(), counts["item_b"].to_numpy()
    by_size = expected_by_size(size_model(baskets), a, b)
    counts = counts.assign(expected=by_size)
    rare = counts["together"] < least
    held = baskets.items["baskets"].to_numpy(float)
    usual = held[a] * held[b] / baskets.n >= least
    listed = counts[~rare].reset_index(drop=True)
    possible = len(held) * (len(held) - 1) // 2
    family = possible if tested == "possible" else len(listed)
    table = _judged(_measured(listed, baskets, family), baskets, least)
    expected = counts.loc[usual, ["item_a", "item_b", "together", "expected"]]
    return Pairs(table, expected.reset_index(drop=True), family, least)


def named(pairs: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Put the products' ids, names and groups in the place of item numbers."""
    table = pairs.copy()
    for side in ("a", "b"):
        of = items.reindex(table[f"item_{side}"])
        table[f"product_{side}"] = of["label"].to_numpy()
        table[f"product_id_{side}"] = of["item_id"].to_numpy()
        table[f"category_{side}"] = of["category"].to_numpy()
        table[f"baskets_{side}"] = of["baskets"].to_numpy()
    first = [f"{name}_{side}" for name in ("product", "product_id", "category", "baskets")
             for side in "ab"]  # fmt: skip
    rest = [name for name in table.columns if name not in {*first, "item_a", "item_b"}]
    return table[[*first, *rest]]


def _affordable(baskets: Baskets) -> int:
    """Refuse what would not end; raise the smallest count where there would be too many pairs."""
    filled = baskets.filled
    rows = int((filled["baskets"] * filled["size"] * (filled["size"] - 1) // 2).sum())
    if rows > MOST_CO_PURCHASES:
        raise ConfigError(
            "E-PARA-21", "max_items",
            f"baskets of up to {baskets.max_items} items make {rows:,} co-purchases to count",
            fix="a lower max_items, or level: category",
        )  # fmt: skip
    return max(baskets.least, -(-rows // MOST_PAIRS) if rows > MOST_PAIRS * baskets.least else 0)


def _counted(baskets: Baskets, least: int) -> pd.DataFrame:
    """Join the baskets with themselves; keep frequent pairs and those expected to be."""
    lines = baskets.incidence.select("basket", "item", "later")
    other = lines.select("basket", item_b="item")
    held = ibis.memtable(
        baskets.items.reset_index()[["item", "baskets"]].rename(columns={"baskets": "held"})
    )
    counts = (
        lines.rename(item_a="item")
        .join(other, "basket")
        .filter(_.item_a < _.item_b)
        .group_by("item_a", "item_b")
        .aggregate(together=_.count(), later_together=_.later.sum())
        .join(held.rename(item_a="item", held_a="held"), "item_a")
        .join(held.rename(item_b="item", held_b="held"), "item_b")
        .filter((_.together >= least) | (_.held_a.cast("float64") * _.held_b >= least * baskets.n))
        .select("item_a", "item_b", "together", "later_together")
        .to_pandas()
        .astype("int64")
    )
    counts = pd.concat([counts, _never_together(baskets, counts, least)], ignore_index=True)
    return counts.sort_values(["item_a", "item_b"], ignore_index=True)


def _never_together(baskets: Baskets, counts: pd.DataFrame, least: int) -> pd.DataFrame:
    """List the pairs that never met although chance would have brought them together."""
    held = baskets.items["baskets"].to_numpy(float)
    order = np.argsort(-held, kind="stable")
    ranked = held[order]
    # Of items from the most to the least frequent, each can expect only the first few.
    reach = np.searchsorted(-ranked, -(least * baskets.n / ranked), side="right")
    reach = np.maximum(reach - np.arange(len(held)) - 1, 0)
    if reach.sum() > MOST_PAIRS:
        reach = np.where(np.cumsum(reach) <= MOST_PAIRS, reach, 0)
    first = np.repeat(np.arange(len(held)), reach)
    start = np.repeat(np.cumsum(reach) - reach, reach)
    second = first + 1 + np.arange(len(first)) - start
    one, two = order[first], order[second]
    pairs = pd.DataFrame({"item_a": np.minimum(one, two), "item_b": np.maximum(one, two)})
    met = pd.MultiIndex.from_frame(counts[["item_a", "item_b"]])
    unmet = pairs[~pd.MultiIndex.from_frame(pairs).isin(met)]
    return unmet.assign(together=0, later_together=0).astype("int64")


def _measured(listed: pd.DataFrame, baskets: Baskets, family: int) -> pd.DataFrame:
    """Add lift, interval, exact test and its q-value, and both halves."""
    a, b = listed["item_a"].to_numpy(), listed["item_b"].to_numpy()
    held, later = (baskets.items[c].to_numpy(float) for c in ("baskets", "later_baskets"))
    together, in_later = (listed[c].to_numpy(float) for c in ("together", "later_together"))
    n, later_n = baskets.n, baskets.later_n
    earlier, earlier_n = held - later, n - later_n
    low, high = lift_interval(together, held[a], held[b], n)
    p = chance_p_value(together, held[a], held[b], n)
    by_size = listed["expected"].to_numpy()
    size_lift, size_low, _high = ratio_interval(together, by_size)
    with np.errstate(divide="ignore", invalid="ignore"):
        earlier_lift = lift_of(together - in_later, earlier[a], earlier[b], earlier_n)
        later_lift = lift_of(in_later, later[a], later[b], later_n)
    return listed.drop(columns="expected").assign(
        support=together / n,
        lift=lift_of(together, held[a], held[b], n),
        low=low,
        high=high,
        leverage=together / n - held[a] * held[b] / n**2,
        yule_q=yule_q(together, held[a], held[b], n),
        p=p,
        q=family_q(p, family),
        earlier_together=(together - in_later).astype("int64"),
        earlier_lift=earlier_lift,
        later_lift=later_lift,
        # Chance alone, or chance in baskets of their sizes: both must be beaten later too.
        later_p=np.maximum(
            chance_p_value(in_later, later[a], later[b], later_n),
            poisson.sf(in_later - 1, by_size * later_n / n),
        ),
        size_lift=size_lift,
        size_low=size_low,
        size_q=family_q(poisson.sf(together - 1, by_size), family),
        **_stratified(listed, baskets),
        customers=pd.array([pd.NA] * len(listed), dtype="Int64"),
    )


def family_q(p: np.ndarray, family: int) -> np.ndarray:
    """Adjust p-values within a family of which the unlisted tests count with p = 1.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
    """
    q = np.ones(len(p))
    order = np.argsort(p, kind="stable")[::-1]
    ranks = np.arange(len(p), 0, -1)
    q[order] = np.minimum.accumulate(np.minimum(p[order] * family / ranks, 1.0))
    return q


def _stratified(listed: pd.DataFrame, baskets: Baskets) -> dict[str, Any]:
    """Give the lowest of the lifts within months, promotions, channels and countries."""
    a, b = listed["item_a"].to_numpy(), listed["item_b"].to_numpy()
    lift = np.full(len(listed), np.nan)
    low, by = lift.copy(), np.full(len(listed), "", dtype=object)
    for name, table in baskets.strata.items():
        expected = expected_by_stratum(baskets.by_stratum[name], table["baskets"], a, b)
        within, within_low, _high = ratio_interval(listed["together"].to_numpy(), expected)
        lower = np.isnan(lift) | (within < lift)
        lift[lower], low[lower], by[lower] = within[lower], within_low[lower], name
    return {"stratified_lift": lift, "stratified_low": low, "stratified_by": by}


def _judged(table: pd.DataFrame, baskets: Baskets, least: int) -> pd.DataFrame:
    """Read each pair; the first condition it fails stands in `why`."""
    found = table["q"] < LEANING
    table = _with_customers(table, baskets, found.to_numpy())
    few = np.minimum(table["earlier_together"], table["later_together"]) < least
    failed = {
        "explained by ": table["stratified_low"] <= 1,
        "explained by " + BY_SIZE: ~(table["size_q"] < SETTLED),
        "a few customers": (table["customers"] < least).fillna(False).astype(bool),
        "not confirmed in " + period_word(baskets):
            ~few & ~((table["later_p"] < LEANING) & (table["earlier_lift"] > 1)),
        "too few in one half": few,
    }  # fmt: skip
    why = np.full(len(table), "", dtype=object)
    for reason, fails in reversed(failed.items()):
        text = reason + table["stratified_by"] if reason.endswith(" ") else reason
        why = np.where(fails, text, why)
    reading = np.where(why == "", Reading.ROBUST.value, Reading.DOUBTFUL.value)
    reading = np.where(found, reading, Reading.CHANCE.value)
    service = baskets.items["is_service"].to_numpy(bool)
    apart = service[table["item_a"]] | service[table["item_b"]]
    reading = np.where(apart, Reading.SERVICE.value, reading)
    doubted = reading == Reading.DOUBTFUL.value
    return table.assign(reading=reading, why=np.where(doubted, why, ""))


def _with_customers(table: pd.DataFrame, baskets: Baskets, found: np.ndarray) -> pd.DataFrame:
    """Count who bought the pairs that were found: five baskets of one customer are one habit."""
    if not (baskets.has_customers and found.any()):
        return table
    keys = table.loc[found, ["item_a", "item_b"]]
    lines = baskets.incidence.select("basket", "item", "customer_id")
    wanted = ibis.memtable(keys.astype("int64"))
    who = (
        wanted.join(lines.rename(item_a="item"), "item_a")
        .join(lines.select("basket", item_b="item"), ["basket", "item_b"])
        .group_by("item_a", "item_b")
        .aggregate(customers=_.customer_id.nunique(), guests=_.count(where=_.customer_id.isnull()))
        .to_pandas()
    )
    # Nobody knows how many guests there were: each of their baskets counts as one person's.
    who = who.assign(customers=who["customers"] + who.pop("guests")).astype("int64")
    merged = table.drop(columns="customers").merge(who, on=["item_a", "item_b"], how="left")
    return merged.assign(customers=merged["customers"].astype("Int64"))[table.columns]
