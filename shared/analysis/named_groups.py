"""Named groups: who is it that managers ask for by name, how many, and what are they worth?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from shared.analysis.intervals import wilson
from shared.analysis.portfolio import MEASURE_WORDS, Portfolio
from shared.analysis.portfolio_caveats import newcomers
from shared.analysis.rfm_scores import MEASURES
from shared.analysis.segments import MESSAGES, spread_to_five


@dataclass(frozen=True)
class NamedGroup:
    """A group by its name: whole segments, or bounds on the scores, and a further condition.

    Attributes
    ----------
    name, definition, message : str
        What it is called, who is in it, what to tell them.
    segments : tuple of str
        Segments that make it up; empty where the scores decide.
    scores : mapping of str to (int, int)
        Lowest and highest score of five, for each measure that matters.
    also : str
        "newcomer", "bought_once", "bought_again" or "small_orders", empty for no more condition.
    """

    name: str
    definition: str
    message: str
    segments: tuple[str, ...] = ()
    scores: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    also: str = ""


# The keys are the columns of flags; groups overlap, and nobody has to be in one.
GROUPS: dict[str, NamedGroup] = {
    "is_best": NamedGroup(
        "Best", "Champions", MESSAGES["Champions"], segments=("Champions",)
    ),
    "can_become_champion": NamedGroup(
        "Can become Champions", "Potential Loyalist and Promising",
        "One more good order, soon: recommend what fits the last one",
        segments=("Potential Loyalist", "Promising"),
    ),
    "is_regular": NamedGroup(
        "Regulars", "Loyal", MESSAGES["Loyal"], segments=("Loyal",)
    ),
    "is_upsell_candidate": NamedGroup(
        "Ready for an up-sell", "R and F at least 4, mean order below that of the median customer",
        "Offer the larger pack or what goes with the order, at the checkout",
        scores={"r_score": (4, 5), "f_score": (4, 5)}, also="small_orders",
    ),
    "is_high_spending_new": NamedGroup(
        "High-spending new", "First order in the newest period, M at least 4",
        "Welcome them in person now, and make the second order easy",
        scores={"m_score": (4, 5)}, also="newcomer",
    ),
    "needs_attention": NamedGroup(
        "Need attention", "Need Attention", MESSAGES["Need Attention"], segments=("Need Attention",)
    ),
    "is_about_to_be_lost": NamedGroup(
        "About to be lost", "At Risk and About To Sleep",
        "Write on the due date, now where it is past: ask what went wrong, show what is new",
        segments=("At Risk", "About To Sleep"),
    ),
    "is_lost_best": NamedGroup(
        "Lost best", "R 1, M at least 4", "Call: ask why they left; one offer made for them",
        scores={"r_score": (1, 1), "m_score": (4, 5)},
    ),
    "may_have_switched": NamedGroup(
        "Gone to a competitor, probably", "R 1, F at least 3",
        "They bought often and stopped: ask what another shop does better",
        scores={"r_score": (1, 1), "f_score": (3, 5)},
    ),
    "spent_without_loyalty": NamedGroup(
        "Good but unfaithful", "M at least 4, F and R at most 2",
        "Large orders, few of them: write when the next occasion is due",
        scores={"m_score": (4, 5), "f_score": (1, 2), "r_score": (1, 2)},
    ),
    "is_big_spender_once": NamedGroup(
        "Biggest spenders, bought once", "M 5, one order",
        "Find out what the order was for; offer what follows it",
        scores={"m_score": (5, 5)}, also="bought_once",
    ),
    "is_big_spender_silent": NamedGroup(
        "Biggest spenders, long silent", "M 5, R at most 2, two orders or more",
        "Call the largest first; they know the shop and stopped",
        scores={"m_score": (5, 5), "r_score": (1, 2)}, also="bought_again",
    ),
}  # fmt: skip
BIGGEST = {"m_score": (5, 5)}


def group_flags(base: Portfolio, *, period: str) -> pd.DataFrame:
    """Flag for each customer the named groups it is in.

    Scores of 3 or 4 levels are spread over 1 to 5 first, so that "at least 4" means the upper part
    of the base with any number of scores.

    Parameters
    ----------
    base : Portfolio
        The placed customers.
    period : str
        "M", "Q" or "W": whose first order lies within the last one is new.

    Returns
    -------
    pd.DataFrame
        On the index of `base.customers`, a nullable flag for each key of `GROUPS`; a group that
        cannot be told with this map of segments or this data is blank for everybody.
    """
    conditions = _conditions(base, period)
    flags = {}
    for column, one in GROUPS.items():
        if _unknown(base, one):
            flags[column] = pd.Series(pd.NA, base.customers.index, dtype="boolean")
            continue
        inside = in_scores(base, one.scores)
        if one.segments:
            inside &= base.customers["segment"].isin(one.segments)
        if one.also:
            inside &= conditions[one.also]
        flags[column] = inside.astype("boolean")
    return pd.DataFrame(flags)


def group_table(
    base: Portfolio, flags: pd.DataFrame, *, what: str = "revenue", smallest_cell: int = 10
) -> pd.DataFrame:
    """Sum up the named groups, in the order of `GROUPS`; customers may be in several.

    Parameters
    ----------
    base : Portfolio
        The placed customers.
    flags : pd.DataFrame
        As from `group_flags`.
    what : str
        What the money is: "revenue" or "items bought".
    smallest_cell : int
        A group of fewer customers shows no money, so that nobody's spend can be read.

    Returns
    -------
    pd.DataFrame
        `flag` (the column of flags), `group`, `definition`, `customers`, `customer_share` with
        `low` and `high` (Wilson 95 %), `revenue` and `revenue_share` (so far, refunds netted),
        `money` and `money_is` (what there is to win or to lose, and which money that is),
        `message`, and `unknown`: why a group cannot be told and all its figures are blank. A group
        that nobody is in has 0.
    """
    total = float(base.customers["monetary"].sum())
    return pd.DataFrame(
        {
            "flag": column,
            "group": one.name,
            "definition": one.definition,
            **_figures(base, flags[column], total=total, what=what, least=smallest_cell),
            "message": one.message,
            "unknown": _unknown(base, one),
        }
        for column, one in GROUPS.items()
    )


def in_scores(base: Portfolio, scores: Mapping[str, tuple[int, int]]) -> pd.Series:
    """Tell who lies within bounds on the scores, given in levels of five."""
    inside = pd.Series(True, base.customers.index)
    for score, (low, high) in scores.items():
        levels = [
            level
            for level in range(1, base.cuts.scores + 1)
            if low <= spread_to_five(level, base.cuts.scores) <= high
        ]
        inside &= base.customers[score].isin(levels)
    return inside


def mean_orders(base: Portfolio) -> pd.Series:
    """Give what each customer spends on one order on average, refunds netted."""
    return base.customers["monetary"] / base.customers["frequency"]


def upsell_gap(base: Portfolio, inside: pd.Series) -> float:
    """Sum what is missing if the next order of each reached the median customer's mean order."""
    mean = mean_orders(base)
    return float((mean.median() - mean[inside]).clip(lower=0).sum())


def _conditions(base: Portfolio, period: str) -> dict[str, pd.Series]:
    mean, once = mean_orders(base), base.customers["frequency"] == 1
    # Whose refunds ate up all orders has something else to be talked about than a larger order.
    small = (mean < mean.median()) & (base.customers["monetary"] > 0)
    return {
        "newcomer": newcomers(base, period=period),
        "bought_once": once,
        "bought_again": ~once,
        "small_orders": small,
    }


def _unknown(base: Portfolio, one: NamedGroup) -> str:
    absent = [name for name in one.segments if name not in base.segments]
    if absent:
        return f"the map of segments has no {' and no '.join(absent)}"
    collapsed = [
        MEASURE_WORDS[measure]
        for measure, score in MEASURES.items()
        if score in one.scores and base.customers[base.cuts.scoring.columns[measure]].nunique() == 1
    ]
    if collapsed:
        return f"all customers are alike in {' and '.join(collapsed)}"
    if one.also == "newcomer" and base.customers["first_order_date"].isna().all():
        return "the first order of nobody is dated"
    return ""


def _figures(
    base: Portfolio, flag: pd.Series, *, total: float, what: str, least: int
) -> dict[str, float | int | str]:
    if flag.isna().all():
        blank = ["customers", "customer_share", "low", "high", "revenue", "revenue_share", "money"]
        return {**dict.fromkeys(blank, np.nan), "money_is": ""}
    inside = flag.astype(bool)
    n = int(inside.sum())
    share = wilson(n, len(flag))
    revenue = float(base.customers.loc[inside, "monetary"].sum()) if not 0 < n < least else np.nan
    gap = flag.name == "is_upsell_candidate"
    so_far = "revenue so far" if what == "revenue" else "so far"
    return {
        "customers": n,
        "customer_share": share.value,
        "low": share.low,
        "high": share.high,
        "revenue": revenue,
        "revenue_share": revenue / total if total > 0 else np.nan,
        "money": upsell_gap(base, inside) if gap and not np.isnan(revenue) else revenue,
        "money_is": "if the next order of each is a median one" if gap else so_far,
    }
