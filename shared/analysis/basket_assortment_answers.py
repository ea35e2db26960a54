"""What the basket page answers about the assortment: bundles, groups, substitutes, stock."""

import pandas as pd

from shared.analysis.basket_groups import APART, CROSS_SELL, OPEN
from shared.analysis.basket_study import BasketStudy
from shared.analysis.basket_substitutes import REPLACE
from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import SETTLED, Finding
from shared.analysis.verdicts import Reason


def replacing(study: BasketStudy) -> Reason:
    """Answer: which products replace each other?"""
    row = replacements(study).iloc[0]
    ratio = ratio_of(row, n=max(int(row["together"]), round(float(row["expected"]))))
    verb = "replace each other" if row["kind"] == REPLACE else "keep out of each other's baskets"
    return Reason(
        "{a} and {b} " + verb + ": together {ratio} times as often as baskets of their sizes "
        "would give",
        {"a": study.label(row["item_a"]), "b": study.label(row["item_b"]), "ratio": ratio},
    )


def ratio_of(row: pd.Series, *, n: int) -> Estimate:
    """Give how often two items meet as a multiple of what their basket sizes would give."""
    ratio, low, high = (float(row[c]) for c in ("size_lift", "size_low", "size_high"))
    return Estimate(ratio, low, high, n, "ratio", of="baskets expected")


def replacements(study: BasketStudy) -> pd.DataFrame:
    """Keep the settled substitutes: of one group where groups are known, else all."""
    settled = study.substitutes[study.substitutes["q"] < SETTLED]
    of_one = settled[settled["kind"] == REPLACE]
    grouped = study.baskets.items["category"].notna().any() and study.baskets.level == "product"
    return of_one if grouped else settled


def replaced_so_what(study: BasketStudy) -> Reason:
    """Say what to make of the substitutes, and of the pairs that only keep apart."""
    found = replacements(study)
    other = len(study.substitutes[study.substitutes["q"] < SETTLED]) - len(found)
    if found.empty:
        text = (
            f"No two {study.noun}"
            + (" of one group" if other else "")
            + (" are together so seldom that they must replace each other.")
        )
    elif (found["kind"] == REPLACE).any():
        text = (
            "{n:count} {n:pair is|pairs are} interchangeable: when one of the two is out of stock, "
            "offer the other; a discount on one is paid by the other."
        )
    else:
        text = (
            "{n:count} {n:pair keeps|pairs keep} out of each other's baskets. Whether they replace "
            "each other or serve other occasions, product groups would tell: map category."
        )
    if other:
        text += (
            " {other:count} {other:pair|pairs} of different groups {other:keeps|keep} apart too: "
            "other occasions, not replacements."
        )
    return Reason(text, {"n": len(found), "other": other})


def bundle_so_what(study: BasketStudy) -> Reason:
    """Say how many bundles carry the planned discount."""
    assert isinstance(study.bundles, pd.DataFrame)
    carried = int((study.bundles["gain"] > 0).sum())
    return Reason(
        "Those that gain most for sure come first. At {discount:share} off and if {uptake:"
        + share_spec(study.uptake)
        + "} of those who buy one of the two took both, {n:count} of {all:count} robust pairs "
        "would earn more as a bundle than today: whoever buys both anyway pays less too.",
        {"discount": study.discount, "uptake": study.uptake, "n": carried,
         "all": len(study.bundles)},
    )  # fmt: skip


def groups_met(study: BasketStudy) -> Reason:
    """Answer: which groups cross-sell, and which keep apart?"""
    assert isinstance(study.groups, pd.DataFrame)
    count = study.groups["reading"].value_counts()
    found, apart, unsettled = (int(count.get(name, 0)) for name in (CROSS_SELL, APART, OPEN))
    values: dict[str, object] = {"n": len(study.groups), "found": found, "apart": apart,
                                 "open": unsettled}  # fmt: skip
    text = "{found:count} of {n:count} pairs of groups {found:cross-sells|cross-sell}"
    if found:
        row = study.groups[study.groups["reading"] == CROSS_SELL].iloc[0]
        values |= {"a": row["group_a"], "b": row["group_b"], "lift": float(row["size_lift"])}
        text += ": " if found == 1 else ", above all "
        text += "{a} and {b}, {lift:ratio} times as often together as expected"
    text += "; {apart:count} {apart:keeps|keep} apart"
    text += ", {open:count} {open:is|are} not settled" if unsettled else ""
    return Reason(text, values)


def groups_so_what(study: BasketStudy) -> list[Reason]:
    """Say why pairs of groups are not settled; nothing where all are."""
    assert isinstance(study.groups, pd.DataFrame)
    rows = study.groups[study.groups["reading"] == OPEN]
    more = int((rows["size_lift"] > 1).sum())
    if not more:
        return []
    row = rows.iloc[0]
    return [
        Reason(
            "{n:count} {n:pair meets|pairs meet} more often than basket sizes would give, "
            + ("first of all " if more > 1 else "")
            + "{a} and {b} ({together:count} baskets, {expected:count} expected), but "
            "{n:does|do} not pass the other tests of a robust pair: not settled.",
            {"n": more, "a": row["group_a"], "b": row["group_b"],
             "together": int(row["together"]), "expected": float(row["expected"])},
        )
    ]  # fmt: skip


def groups_settled(study: BasketStudy) -> list[Reason]:
    """Give the clearest pair of groups that cross-sells or keeps apart; nothing where none does."""
    if not isinstance(study.groups, pd.DataFrame):
        return []
    rows = study.groups[study.groups["reading"].isin([CROSS_SELL, APART])]
    if rows.empty:
        return []
    row = rows.iloc[0]
    verb = "keep apart" if row["reading"] == APART else "cross-sell"
    return [
        Reason(
            "The product groups {a} and {b} " + verb + ": together {ratio} times as often as "
            "baskets of their sizes would give",
            {"a": row["group_a"], "b": row["group_b"],
             "ratio": ratio_of(row, n=max(int(row["together"]), round(float(row["expected"]))))},
        )
    ]  # fmt: skip


def following(study: BasketStudy) -> Reason:
    """Answer: whose sales announce those of a consumable?"""
    assert isinstance(study.links, pd.DataFrame)
    row = study.links.iloc[0]
    values: dict[str, object] = {
        "a": study.label(row["core"]), "b": study.label(row["consumable"]),
        "r": float(row["correlation"]), "lag": int(row["lag_weeks"]), "n": len(study.links),
        "more": float(row["per_100"]),
    }  # fmt: skip
    if row["finding"] == Finding.DIFFERS:
        return Reason(
            "{b} follows {a} by {lag:count} {lag:week|weeks}: correlation {r:number.2}; 100 more "
            "baskets with the one go with {more:count} with the other", values,
        )  # fmt: skip
    return Reason(
        "No sales announce another product's: of {n:count} pairs the nearest, {b} after {a}, has "
        "a correlation of {r:number.2}, as chance has it among so many", values,
    )  # fmt: skip


def following_so_what(study: BasketStudy) -> Reason:
    """Say what the links are good for."""
    assert isinstance(study.links, pd.DataFrame)
    found = int((study.links["finding"] == Finding.DIFFERS).sum())
    open_ = int((study.links["finding"] == Finding.NOT_SETTLED).sum())
    weeks = int(study.links["weeks"].iloc[0])
    if found:
        text = (
            "{found:count} of {n:count} pairs {found:is|are} linked beyond chance over "
            "{weeks:count} weeks: order the consumable when the core product's sales move, "
            "not when its own do."
        )
    else:
        text = (
            "Over {weeks:count} weeks and lags of up to {lag:count} no pair of {n:count} is linked "
            "beyond chance: stock each consumable by its own sales."
        )
    if open_:
        text += " {open:count} {open:pair is|pairs are} not settled."
    return Reason(text, {"found": found, "open": open_, "n": len(study.links), "weeks": weeks,
                         "lag": study.lag_weeks})  # fmt: skip


def share_spec(share: float) -> str:
    """Write a planned share as it was planned: 5%, not 5.0%."""
    return "share.0" if round(100 * share, 6).is_integer() else "share.1"
