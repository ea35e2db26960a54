"""What the portfolio page answers: the words of each question, as templates and values."""

import math
from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from shared.analysis.abc import class_sizes
from shared.analysis.intervals import wilson
from shared.analysis.margins import customer_margins, discount_cost
from shared.analysis.periods import CALENDAR
from shared.analysis.portfolio import (
    SILENT_SPENDERS,
    Portfolio,
    group,
    share_held,
)
from shared.analysis.portfolio_actions import BEST, EMERGING
from shared.analysis.portfolio_caveats import newcomers
from shared.analysis.segment_movement import movement_since
from shared.analysis.verdicts import Reason
from shared.analysis.win_back import NEEDS_RHYTHM, NO_RHYTHM
from shared.loading.errors import NotSupportedByData

Said = tuple[Reason, Reason]
COSTS_UNKNOWN = (
    " {unknown} of them {unknown:is|are} left out of the margin: the cost of over a twentieth of "
    "what {unknown:this one|they} bought is not known."
)
X_NOUN = {"frequency": "orders", "monetary": "spend"}


def champions(base: Portfolio, what: str) -> Said:
    """Answer: who are the Champions, and what do they hold?"""
    values = group(base, "Champions").said(what)
    if not values["customers"]:
        # The first estimate gives a finding its interval: that of the share it says.
        values = {"customer_share": values["customer_share"], **values}
        return (
            Reason("{customers} customers are Champions, {customer_share} of all", values),
            Reason("Treemap of the segments by customers; {customers} are Champions.", values),
        )
    return (
        Reason(
            "{customers} {customers:Champion|Champions}, {customer_share:share} of customers, "
            "{customers:brings|bring} {revenue_share} of all {what}",
            values,
        ),
        Reason(
            "Treemap of the segments by customers: {customers} {customers:Champion|Champions}, at "
            "{mean_spend:money} each.",
            values,
        ),
    )


def discount(base: Portfolio, tables: Mapping[str, ibis.Table], *, discount_share: float) -> Reason:
    """Answer: what would a blanket discount to the Champions cost in margin?

    The tables are `order_lines` and, where costs stand there, `products`.

    Raises
    ------
    NotSupportedByData
        If the export does not know what the goods cost, or there are no Champions.
    """
    margins = customer_margins(
        tables["order_lines"], products=tables.get("products"), snapshot_date=base.snapshot_date
    )
    cost = discount_cost(base, margins, segment="Champions", discount_share=discount_share)
    if not cost.cost:
        raise NotSupportedByData("nobody is a Champion", "customers who order again and again")
    return Reason(
        "The Champions hold {margin_share} of the margin. {discount:share} off all they bought so "
        "far would have given away {cost:money}, {cost_share:share} of the margin they brought."
        + (COSTS_UNKNOWN if cost.unknown else ""),
        {**vars(cost), "discount": discount_share},
    )


def best_corner(base: Portfolio, grid: pd.DataFrame, *, x_axis: str) -> Said:
    """Answer: how does the base lie on the grid?"""
    best = grid.sort_values(["r_score", "x_score"]).iloc[-1]
    n = 0 if pd.isna(best["customers"]) else int(best["customers"])
    by_orders = base.cuts.scoring.contacts is None
    values = {
        "n": n,
        "share": n / len(base.customers),
        "days": best["recency_high"],
        "x": X_NOUN[x_axis] if by_orders or x_axis == "monetary" else "active days",
        "last": "order" if by_orders else "interaction",
        "came": "ordered" if by_orders else "were active",
    }
    return (
        Reason(
            "{n} {n:customer|customers}, {share:share} of the base, {n:is|are} in the best corner",
            values,
        ),
        Reason(
            "Grid of customers by days since the last {last} and {x}: {n} in the best corner, who "
            "{came} in the last {days:days}.",
            values,
        ),
    )


def growing(base: Portfolio, what: str) -> list[Reason]:
    """Answer: who are the regulars, and who could join them?"""
    asked = [
        ("Loyal", ("Loyal",), "{customers} {customers:regular brings|regulars bring} "
         "{revenue_share} of all {what}, at {mean_spend:money} each."),
        (" or ".join(EMERGING), EMERGING, "{customers} more could join them: they bring "
         "{revenue_share} of all {what}, at {mean_spend:money} each."),
    ]  # fmt: skip
    said = []
    for name, segments, template in asked:
        values = {**group(base, *segments).said(what), "name": name}
        said.append(Reason(template if values["customers"] else "Nobody is {name}.", values))
    return said


def stayed(
    base: Portfolio, order_lines: ibis.Table, *, period: str, history_periods: int
) -> Reason:
    """Answer: do Champions stay Champions?

    Raises
    ------
    NotSupportedByData
        If the data do not reach back so far.
    """
    moved = movement_since(
        order_lines, base, segment="Champions", period=period, periods=history_periods
    )
    return Reason(
        "Of the {members} Champions of {as_of:date}, {stayed} are Champions today and {slipped} "
        "have slipped into a silent segment.",
        vars(moved),
    )


def overdue(states: pd.DataFrame, segments: Sequence[str] = SILENT_SPENDERS) -> Said:
    """Answer: who has drifted off, and who of them is valuable?

    Raises
    ------
    NotSupportedByData
        If nobody ever ordered on two days, so that no rhythm is known.
    """
    if not states[["overdue", "due_soon", "due_later"]].to_numpy().any():
        raise NotSupportedByData(NO_RHYTHM, NEEDS_RHYTHM)
    named = states["segment"].isin(segments)
    chosen = states[named] if named.any() else states
    most = states.sort_values("overdue", ascending=False, kind="stable").iloc[0]
    values = {
        "most": int(most["overdue"]),
        "segment": str(most["segment"]),
        "overdue": int(states["overdue"].sum()),
        "urgent": int(chosen["overdue"].sum()),
        "money": float(chosen["overdue_revenue"].sum()),
        "segments": " or ".join(segments),
    }
    return (
        Reason(
            "{urgent} of {overdue} overdue customers are {segments}, worth {money:money} so far"
            if named.any()
            else "{overdue} customers are overdue, worth {money:money} so far",
            values,
        ),
        Reason(
            "Bars of customers by segment, past their date, due soon or later: {most} customers "
            "past their date in {segment}, and in no segment more.",
            values,
        ),
    )


def due_days(calendar: pd.DataFrame, states: pd.DataFrame) -> Said:
    """Answer: on which days do messages fall due, and how many are to the best, who often order?"""
    peak = calendar.sort_values("customers", ascending=False, kind="stable").iloc[0]
    values = {
        "n": int(calendar["customers"].sum()),
        "days": len(calendar),
        "day": peak["due_date"].date(),
        "most": int(peak["customers"]),
        "best": int(states.loc[states["segment"].isin(BEST), "due_soon"].sum()),
    }
    template = "{n} {n:message falls|messages fall} due within {days:days} if no order comes first"
    if values["best"]:
        template += ", {best} of them to " + " or ".join(BEST) + " customers"
    return (
        Reason(template, values),
        Reason(
            "Bars of messages due on each day: most of them, {most}, on {day:date}."
            if values["n"]
            else "Bars of messages due on each day: {n} on every one of them.",
            values,
        ),
    )


def lost(base: Portfolio, silence: pd.DataFrame, what: str) -> Said:
    """Answer: who is lost, judged by the last purchase?"""
    figures = group(base, "Lost").said(what)
    values = {**figures, "fresh": int(silence["customers"].iloc[0])}
    template = "{customers} {customers:customer is|customers are} lost"
    if values["customers"]:
        template += ", silent for {median_recency_days:days} at the median"
    alt = (
        "Bars of customers by months since the last order, the lost ones hatched: {fresh} ordered "
        "in the latest month."
    )
    return Reason(template, values), Reason(alt, values)


def classes(table: pd.DataFrame, *, members: str, what: str) -> Said:
    """Answer: who are A, B and C?"""
    values = {**class_sizes(table), "members": members, "what": what}
    return (
        Reason("{a} of {n} {members} are A and bring {share:share} of all {what}", values),
        Reason(
            "Curve of {what} over {members}, largest first: {a} are A, {b} are B and {c} are C.",
            values,
        ),
    )


def truly_new(base: Portfolio, *, period: str) -> Reason:
    """Answer: how many of the segment New are new customers, and what of the others?

    Raises
    ------
    NotSupportedByData
        If no first order is dated, or the map has no segment New.
    """
    if "New" not in base.segments:
        raise NotSupportedByData("the map of segments has no New", "a map with such a segment")
    if base.customers["first_order_date"].isna().all():
        raise NotSupportedByData("first orders are not dated", "order lines or first_order_date")
    new = base.customers["segment"] == "New"
    fresh = int((new & newcomers(base, period=period)).sum())
    values = {"new": int(new.sum()), "fresh": fresh, "period": CALENDAR[period]}
    if not values["new"]:
        return Reason("Nobody is New, with few orders and the last one lately.", values)
    if not fresh:
        return Reason(
            "Not one of the {new} New {new:customer|customers} placed the first order within the "
            "last {period}: they ordered seldom, and lately again. Nobody is to be welcomed.",
            values,
        )
    return Reason(
        "{fresh} of the {new} New customers placed their first order within the last {period}: "
        "welcome them."
        + (" The others ordered seldom, and lately again." if fresh < new.sum() else ""),
        values,
    )


def value_rank(base: Portfolio) -> pd.Series:
    """Rank the customers by what they have brought so far, 1 first; equal ones share a rank."""
    return base.customers["monetary"].rank(method="min", ascending=False).astype("int64")


def past_value(base: Portfolio, what: str) -> Reason:
    """Answer: how do customers rank by past value?"""
    first = value_rank(base) <= math.ceil(len(base.customers) / 100)
    values = {
        "n": int(first.sum()),
        "held": share_held(base.customers["monetary"], first),
        "recent": wilson(int((base.customers["r_score"][first] >= base.cuts.scores - 1).sum()),
                         int(first.sum())),
        "what": what,
    }  # fmt: skip
    return Reason(
        "The first {n} {n:customer|customers}, one in a hundred, brought {held} of all {what}; "
        "{recent} of them are among the two most recent scores.",
        values,
    )
