"""What stands behind each chart and table of the basket page: numbers, labels and alt texts."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from shared.analysis.basket_answers import (
    companion,
    lift_estimate,
    placing,
    robustness,
)
from shared.analysis.basket_pairs import Reading, named
from shared.analysis.basket_study import BasketStudy, with_extra
from shared.analysis.basket_worth import best_companions
from shared.analysis.exhibit import Exhibit
from shared.analysis.intervals import wilson
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

Columns = dict[Any, tuple[str, str]]
BANDS = (0, 1, 1.2, 1.5, 2, 3, 5, np.inf)
MOST_LINES, MOST_PRODUCTS = 30, 26  # of the map; more and its labels touch
MOST_ROWS, MOST_DOUBTFUL, MOST_MARKS = 12, 4, 10
MOST_EXPORTED = 20_000  # rows of a file; further pairs are chance, by the hundred thousand
LEAST_Q = 0.001
Q = {"q": (f"q-value ({LEAST_Q} or less as {LEAST_Q})", "number.3")}
PAIR: Columns = {"product_a": ("Product", "text"), "product_b": ("and", "text")}


def readings(study: BasketStudy) -> Exhibit:
    """Give what became of the pairs of each band of lift.

    Raises
    ------
    NotSupportedByData
        If no two items are in enough baskets together.
    """
    table = study.pairs.table[study.pairs.table["reading"] != Reading.SERVICE]
    if table.empty:
        raise NotSupportedByData(
            f"no two {study.noun} are in {study.pairs.least} baskets together",
            "more baskets, or product groups in place of products (level: category)",
        )
    names = [f"{low:g} to {high:g}" for low, high in pairwise(BANDS)]
    names[0], names[-1] = f"below {BANDS[1]:g}", f"{BANDS[-2]:g} and more"
    band = pd.cut(table["lift"], BANDS, right=False, labels=names)
    kinds = [Reading.ROBUST.value, Reading.DOUBTFUL.value, Reading.CHANCE.value]
    counts = (
        table.groupby([band, "reading"], observed=False).size().unstack(fill_value=0)
        .reindex(columns=kinds, fill_value=0).astype("int64")
    )  # fmt: skip
    counts.insert(0, "pairs", counts.sum(axis=1))
    data = counts.rename_axis(index="band", columns=None).reset_index()
    data = data[data["pairs"] > 0].astype({"band": str}).reset_index(drop=True)
    last = data.iloc[-1]
    alt = Reason(
        "Bars by band of lift, split into robust, doubtful and chance: of {n:count} pairs with a "
        "lift of {band}, {robust:count} are robust and {chance:count} chance.",
        {"n": int(last["pairs"]), "band": str(last["band"]),
         "robust": int(last[Reading.ROBUST.value]), "chance": int(last[Reading.CHANCE.value])},
    )  # fmt: skip
    columns: Columns = {
        "band": ("Lift", "text"), "pairs": ("Pairs", "count"),
        **{kind: (kind.capitalize(), "count") for kind in kinds},
    }  # fmt: skip
    return Exhibit((robustness(study), alt), data, columns)


def cross_sell(study: BasketStudy) -> Exhibit:
    """Give the robust pairs that fit on the map, those with most co-purchases beyond chance."""
    ranked = study.robust.head(MOST_LINES)
    met = [ranked[["item_a", "item_b"]].head(i + 1).stack().nunique() for i in range(len(ranked))]
    shown = ranked[np.array(met) <= MOST_PRODUCTS].sort_values("lift", ascending=False)
    data = _readable(named(shown, study.baskets.items))
    top, least = data.iloc[0], data.iloc[-1]
    alt = Reason(
        "Circle of products with a line per robust pair, thicker for a higher lift: from "
        "{low:ratio} for {a} and {b} to {high:ratio} for {c} and {d}.",
        {"low": float(least["lift"]), "a": least["product_a"], "b": least["product_b"],
         "high": float(top["lift"]), "c": top["product_a"], "d": top["product_b"]},
    )  # fmt: skip
    return Exhibit((placing(study), alt), data, _pair_columns())


def pair_table(study: BasketStudy) -> tuple[pd.DataFrame, Columns, int]:
    """Give the robust pairs, the strongest of the doubtful ones, and those that chance explains."""
    doubtful = with_extra(study.pairs.table[study.pairs.table["reading"] == Reading.DOUBTFUL])
    few = doubtful.sort_values("lift", ascending=False).head(MOST_DOUBTFUL)
    robust = study.robust.head(MOST_ROWS - len(few))
    chance = study.pairs.table[study.pairs.table["reading"] == Reading.CHANCE]
    rest = chance.sort_values("lift", ascending=False).head(MOST_ROWS - len(few) - len(robust))
    data = _readable(named(pd.concat([robust, few, rest]), study.baskets.items))
    lifts = pd.Series([lift_estimate(row) for _, row in data.iterrows()], dtype=object)
    data = data.assign(lift=lifts.to_numpy(), support=data["support"])
    says = data["reading"].where(data["why"] == "", data["reading"] + ": " + data["why"])
    columns: Columns = {
        **PAIR, "together": ("Together", "count"), "support": ("Support", "share.2"),
        "lift": ("Lift", "ratio"), "size_lift": ("at basket size", "ratio"), **Q,
        "says": ("Reading", "text"),
    }  # fmt: skip
    return with_rest(data.assign(says=says), len(study.pairs.table)), columns, len(data)


def offers(study: BasketStudy) -> Exhibit:
    """Give the best companion of each product, those with the dearest lower bound first."""
    data = named_sides(best_companions(study.companions).head(MOST_MARKS), study)
    row = data.iloc[0]
    alt = Reason(
        "Points with intervals, one per pair: {share:share.1} of baskets with {a} hold {b}, "
        "against {base:share.1} expected.",
        {"share": float(row["confidence"]), "a": row["product_a"], "b": row["product_b"],
         "base": float(row["base"])},
    )  # fmt: skip
    columns: Columns = {
        "product_a": ("To buyers of", "text"), "product_b": ("offer", "text"),
        "baskets_a": ("Baskets", "count"), "confidence": ("Hold both", "share.1"),
        "low": ("low", "share.1"), "high": ("high", "share.1"), "base": ("Expected", "share.1"),
        "worth_per_1000": (_worth_head(study), "money"), "lift": ("Lift", "ratio"),
    }  # fmt: skip
    return Exhibit((companion(study), alt), data, columns)


def rule_table(study: BasketStudy) -> tuple[pd.DataFrame, Columns, int]:
    """Give the robust rules, those with several products in the basket first."""
    rules = study.robust_rules
    several = rules["antecedents"].map(len) > 1
    # Of the two directions of a pair, the one that is followed more often.
    pairs = rules[~several].sort_values("confidence", ascending=False, kind="stable")
    sets = [tuple(sorted(x | y)) for x, y in zip(pairs["antecedents"], pairs["consequents"],
                                                 strict=True)]  # fmt: skip
    pairs = pairs[~pd.Series(sets, index=pairs.index, dtype=object).duplicated()].sort_index()
    rules = pd.concat([rules[several], pairs]).head(MOST_ROWS)
    shares = [wilson(k, n) for k, n in zip(rules["together"], rules["antecedent_baskets"],
                                           strict=True)]  # fmt: skip
    data = rules.assign(
        have=[joined(items, study) for items in rules["antecedents"]],
        offer=[joined(items, study) for items in rules["consequents"]],
        confidence=pd.Series(shares, index=rules.index, dtype=object),
        q=rules["q"].clip(lower=LEAST_Q),
    )
    columns: Columns = {
        "have": ("In the basket", "text"), "offer": ("Offer", "text"),
        "together": ("Together", "count"), "support": ("Support", "share.2"),
        "confidence": ("Confidence", "share"), "lift": ("Lift", "ratio"), **Q,
    }  # fmt: skip
    return with_rest(data, study.all_rules), columns, len(data)


def joined(items: frozenset[int], study: BasketStudy) -> str:
    """Name the items of a set, in the order of their names."""
    return " + ".join(sorted(study.label(item) for item in items))


def with_rest(shown: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Make the table as long as its file, so that the page says how many rows it leaves out."""
    return shown.reset_index(drop=True).reindex(range(min(rows, MOST_EXPORTED)))


def named_sides(table: pd.DataFrame, study: BasketStudy) -> pd.DataFrame:
    """Name both items of each row."""
    table = table.reset_index(drop=True)
    return table.assign(
        **{f"product_{s}": [study.label(i) for i in table[f"item_{s}"]] for s in "ab"}
    )


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    return table.reset_index(drop=True).assign(q=table["q"].clip(lower=LEAST_Q).to_numpy())


def _pair_columns() -> Columns:
    return {
        **PAIR, "together": ("Together", "count"), "support": ("Support", "share.2"),
        "lift": ("Lift", "ratio"), "low": ("low", "ratio"), "high": ("high", "ratio"),
        "size_lift": ("at basket size", "ratio"), **Q,
    }  # fmt: skip


def _worth_head(study: BasketStudy) -> str:
    what = "Items" if study.worth.what == "items bought" else study.worth.what.capitalize()
    return f"{what} beyond chance per thousand baskets"
