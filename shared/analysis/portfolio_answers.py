"""What the portfolio page answers: title and alt text of each chart, as templates and values."""

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from shared.analysis.abc import class_sizes
from shared.analysis.margins import customer_margins, discount_cost
from shared.analysis.portfolio import SILENT_SPENDERS, Portfolio
from shared.analysis.segment_movement import movement_since
from shared.analysis.verdicts import Reason

Said = tuple[Reason, Reason]


def champions(values: Mapping[str, object]) -> Said:
    """Answer, from the figures of their group: who are the Champions, and what do they hold?"""
    return (
        Reason(
            "{customers} Champions, {customer_share} of customers, bring {revenue_share} of all "
            "{what}",
            values,
        ),
        Reason(
            "Treemap of the segments by customers: {customers} Champions, at "
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
        If the export does not know what the goods cost.
    """
    margins = customer_margins(
        tables["order_lines"], products=tables.get("products"), snapshot_date=base.snapshot_date
    )
    cost = discount_cost(base, margins, segment="Champions", discount_share=discount_share)
    return Reason(
        "The Champions hold {margin_share} of the margin. {discount:share} off all they bought so "
        "far would have given away {cost:money}, {cost_share:share} of the margin they brought.",
        {**vars(cost), "discount": discount_share},
    )


def best_corner(base: Portfolio, grid: pd.DataFrame, *, x_axis: str) -> Said:
    """Answer: how does the base lie on the grid?"""
    best = grid.sort_values(["r_score", "x_score"]).iloc[-1]
    n = 0 if pd.isna(best["customers"]) else int(best["customers"])
    values = {
        "n": n,
        "share": n / len(base.customers),
        "days": best["recency_high"],
        "x": {"frequency": "orders", "monetary": "spend"}[x_axis],
    }
    return (
        Reason("{n} customers, {share:share} of the base, are in the best corner", values),
        Reason(
            "Grid of customers by days since the last order and {x}: {n} in the best corner, who "
            "ordered in the last {days:days}.",
            values,
        ),
    )


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
    """Answer: who has drifted off, and who of them is valuable?"""
    chosen = states[states["segment"].isin(segments)]
    largest = states.sort_values("overdue", ascending=False, kind="stable").iloc[0]
    values = {
        "overdue": int(states["overdue"].sum()),
        "urgent": int(chosen["overdue"].sum()),
        "money": float(chosen["overdue_revenue"].sum()),
        "segments": " or ".join(segments),
        "in_segment": str(largest["segment"]),
        "most": int(largest["overdue"]),
    }
    return (
        Reason(
            "{urgent} of {overdue} overdue customers are {segments}, worth {money:money} so far",
            values,
        ),
        Reason(
            "Bars of customers by segment: overdue, due soon or due later. Most of the overdue, "
            "{most}, are {in_segment}.",
            values,
        ),
    )


def due_days(calendar: pd.DataFrame) -> Said:
    """Answer: on which days do messages fall due?"""
    peak = calendar.sort_values("customers", ascending=False, kind="stable").iloc[0]
    values = {
        "n": int(calendar["customers"].sum()),
        "days": len(calendar),
        "day": peak["due_date"].date(),
        "most": int(peak["customers"]),
    }
    return (
        Reason("{n} messages fall due within {days:days} if no order comes first", values),
        Reason("Bars of messages due on each day: most of them, {most}, on {day:date}.", values),
    )


def lost(figures: Mapping[str, object], silence: pd.DataFrame) -> Said:
    """Answer, from the figures of their group: who is lost, judged by the last purchase?"""
    values = {**figures, "fresh": int(silence["customers"].iloc[0])}
    return (
        Reason(
            "{customers} customers are lost, silent for {median_recency_days:days} at the median"
            if values["customers"]
            else "{customers} customers are lost",
            values,
        ),
        Reason(
            "Bars of customers by months since the last order: {fresh} ordered in the latest, and "
            "{customers} are lost.",
            values,
        ),
    )


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


def segment_columns(what: str) -> dict[str, tuple[str, str]]:
    """Name the columns of the table of segments, and how each is written."""
    return {
        "segment": ("Segment", "text"),
        "customers": ("Customers", "count"),
        "revenue": (what.capitalize(), "money"),
        "revenue_share": (f"Share of {what}", "share"),
        "mean_spend": ("Mean per customer", "money"),
        "median_recency_days": ("Median silence", "days"),
    }
