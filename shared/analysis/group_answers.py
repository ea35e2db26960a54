"""What the page answers about the named groups: who they are, how many, and what is at stake."""

import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.named_groups import BIGGEST, in_scores
from shared.analysis.portfolio import Portfolio, share_held
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

SILENT = {"r_score": (1, 2)}
NEEDS_GROUPS = "the map of eleven segments, and customers who differ in orders and money"
# What to say of a group, and of its money; the money is left out where too few would show theirs.
SAID = {
    "is_best": ("{n} {n:customer is|customers are} among the best, {share} of all", "worth"),
    "can_become_champion": ("{n} {n:customer|customers} can become Champions, {share} of all",
                            "worth"),
    "is_regular": ("{n} {n:customer is a regular|customers are regulars}, {share} of all", "worth"),
    "needs_attention": ("{n} {n:customer has|customers have} drifted off and {n:needs|need} "
                        "attention, {share} of all", "worth"),
    "is_about_to_be_lost": ("{n} {n:customer is|customers are} about to be lost, {share} of all",
                            "worth"),
    "is_upsell_candidate": ("{n} {n:customer orders|customers order} often and lately, but less "
                            "at a time than the median customer: {share} of all, and ready for an "
                            "up-sell", "gap"),
    "is_high_spending_new": ("{n} new {n:customer has|customers have} already spent as much as the "
                             "upper part of the base, {share} of all customers: a welcome is due "
                             "now", "worth"),
    "spent_without_loyalty": ("{n} {n:customer|customers} spent well but {n:was|were} never "
                              "faithful: few orders, long ago, {share} of all", "worth"),
    "may_have_switched": ("{n} {n:customer|customers} ordered often and stopped, {share} of all: a "
                          "competitor is one explanation, a need that ended is another", "worth"),
    "is_lost_best": ("{n} lost {n:customer was|customers were} among those who spent most, {share} "
                     "of all: worth an attempt", "worth"),
    "is_big_spender_once": ("{n} of the biggest spenders ordered once, {share} of all customers",
                            "worth"),
    "is_big_spender_silent": ("{n} of the biggest spenders ordered again and then fell silent, "
                              "{share} of all customers", "worth"),
}  # fmt: skip
MONEY = {
    "worth": ". They have brought {money:money} so far",
    "gap": ". If the next order of each were a median one, that is {money:money} more",
}


def group_answers(base: Portfolio, groups: pd.DataFrame, *flags: str) -> list[Reason]:
    """Answer who is in some named groups, one sentence each; a group that is empty says so.

    Parameters
    ----------
    base : Portfolio
        The placed customers.
    groups : pd.DataFrame
        As from `group_table`.
    flags : str
        Keys of `GROUPS`, in the order to be said.

    Raises
    ------
    NotSupportedByData
        If none of the groups can be told; one of several is left out with its reason.
    """
    rows = groups.set_index("flag").loc[list(flags)]
    unknown = rows.loc[rows["unknown"] != "", "unknown"]
    if len(unknown) == len(rows):
        raise NotSupportedByData("; ".join(dict.fromkeys(unknown)), NEEDS_GROUPS)
    return [
        _untold(row) if row["unknown"] else _told(base, flag, row)
        for flag, row in zip(flags, rows.to_dict("records"), strict=True)
    ]


def biggest_spenders(
    base: Portfolio, *, what: str = "revenue", smallest_cell: int = 10
) -> list[Reason]:
    """Answer: are the biggest spenders the best customers?

    The biggest spenders have the top score of money. "Mostly" needs the whole interval of the share
    of Champions among them above one half, "mostly not" below. Fewer silent ones than
    `smallest_cell` keep their money to themselves.

    Raises
    ------
    NotSupportedByData
        If the map has no Champions, or nobody has the top score of money.
    """
    if "Champions" not in base.segments:
        raise NotSupportedByData("the map of segments has no Champions", NEEDS_GROUPS)
    biggest = in_scores(base, BIGGEST)
    if not biggest.any():
        raise NotSupportedByData("nobody stands out by money", "customers who differ in spend")
    top = base.customers[biggest]
    silent = in_scores(base, SILENT)[biggest]
    best = _share(top["segment"] == "Champions")
    values = {
        "n": len(top),
        "champions": best,
        "low": best.low,
        "high": best.high,
        "once": _share(top["frequency"] == 1),
        "silent": _share(silent),
        "held": share_held(top["monetary"], silent),
        "what": what,
    }
    return [
        Reason(
            f"{_how_far(best)} {{champions}} of the {{n}} biggest spenders are "
            "Champions ({low:share} to {high:share}); {once} ordered once and {silent} have been "
            "silent for long.",
            values,
        ),
        Reason(
            "The silent ones brought {held} of all {what} that the biggest spenders ever brought: "
            "past money alone does not make a best customer.",
            # The sentence's own share first: it gives the interval.
            {"held": values["held"], "what": what},
        )
        if int(silent.sum()) >= smallest_cell
        else Reason(
            "{m} of the {n} biggest spenders {m:is|are} silent, too few to speak of their money.",
            {"m": int(silent.sum()), "n": len(top)},
        ),
    ]


def groups_at_a_glance(groups: pd.DataFrame, *, what: str = "revenue") -> tuple[Reason, Reason]:
    """Give title and alt text of the chart of all groups that can be told.

    Raises
    ------
    NotSupportedByData
        If no group can be told.
    """
    told = groups[groups["unknown"] == ""]
    if told.empty:
        raise NotSupportedByData("; ".join(dict.fromkeys(groups["unknown"])), NEEDS_GROUPS)
    largest = told.sort_values("customers", ascending=False, kind="stable").iloc[0]
    leaving = told[(told["flag"] == "is_about_to_be_lost") & told["revenue_share"].gt(0)]
    chosen = leaving.iloc[0] if len(leaving) else largest
    values = {
        "groups": len(told),
        "n": int(chosen["customers"]),
        "held": chosen["revenue_share"],
        "largest": str(largest["group"]),
        "most": int(largest["customers"]),
        "share": float(largest["customer_share"]),
        "what": what,
    }
    return (
        Reason(
            "{n} {n:customer is|customers are} about to be lost, who brought {held:share} of all "
            "{what}"
            if len(leaving)
            else "Of {groups} named groups, {largest} is the largest with {most} customers, "
            "{share:share} of all",
            values,
        ),
        Reason(
            "Share of customers with interval, and share of {what}, for {groups} named groups that "
            "may overlap: {largest} is the largest, with {most} customers.",
            values,
        ),
    )


def group_columns(what: str) -> dict[str, tuple[str, str]]:
    """Name the columns of the table of groups, and how each is written."""
    return {
        "group": ("Group", "text"),
        "definition": ("Who is in it", "text"),
        "customers": ("Customers", "count"),
        "customer_share": ("Share of customers", "share"),
        "revenue_share": (f"Share of {what}", "share"),
        "money": ("Money at stake", "money"),
        "money_is": ("Which money", "text"),
    }


def _told(base: Portfolio, flag: str, row: dict) -> Reason:
    n, (said, money) = int(row["customers"]), SAID[flag]
    values = {"share": wilson(n, len(base.customers)), "n": n, "name": row["group"]}
    if not n:
        return Reason("{name}: nobody is in this group.", values)
    if pd.isna(row["money"]):
        return Reason(f"{said}.", values)
    return Reason(f"{said}{MONEY[money]}.", {**values, "money": row["money"]})


def _untold(row: dict) -> Reason:
    return Reason("{name}: cannot be told, since {why}.",
                  {"name": row["group"], "why": row["unknown"]})  # fmt: skip


def _share(inside: pd.Series) -> Estimate:
    return wilson(int(inside.sum()), len(inside))


def _how_far(champions: Estimate) -> str:
    if champions.low > 0.5:
        return "Mostly:"
    return "Mostly not: only" if champions.high < 0.5 else "Not settled:"
