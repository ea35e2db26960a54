"""Customer portfolio: whom to keep, grow and win back, and how much revenue hangs on each group?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd

from shared.analysis.activity import with_interactions
from shared.analysis.customer_summary import customer_summary
from shared.analysis.dominance import MISLEADING, largest_share
from shared.analysis.intervals import Estimate, bootstrap, wilson
from shared.analysis.rfm_scores import (
    ELEVEN,
    IMPORTANCE,
    INTERACTIONS,
    MEASURES,
    CutPoints,
    Scoring,
    cut_points,
    name_segments,
    score_customers,
)
from shared.analysis.segments import MESSAGES, segment_by_cell
from shared.analysis.verdicts import Reason, Verdict, judge
from shared.loading.errors import NotSupportedByData

LEAST_BUYERS, ENOUGH_BUYERS = 50, 500
ENOUGH_DAYS, FRESH_DAYS, REGULAR_ORDERS = 180, 30, 3
MEASURE_WORDS = {"recency_days": "recency", "frequency": "frequency", "monetary": "money"}
SILENT_SPENDERS = ("At Risk", "Cannot Lose")


@dataclass(frozen=True)
class Portfolio:
    """All customers of a client, scored and placed as of one date.

    Attributes
    ----------
    customers : pd.DataFrame
        One row per customer with an order, most important first: the columns of
        `customer_summary`, `r_score`, `f_score`, `m_score`, `cell` such as "545", `segment`
        and `priority` (weighted score, R : F : M = 3 : 2 : 1, for sorting only).
    cuts : CutPoints
        Where the scores change.
    segment_by_cell : dict of str to str
        Segment of each cell of R, F and M.
    snapshot_date : datetime.date
        As of when.
    refund_only_customers : int
        Customers known by refunds alone: they have no score.
    refund_only_revenue : float
        Their money, so that segments and this figure add up to the input.
    """

    customers: pd.DataFrame
    cuts: CutPoints
    segment_by_cell: dict[str, str]
    snapshot_date: date
    refund_only_customers: int
    refund_only_revenue: float

    @property
    def segments(self) -> list[str]:
        """The segments of the map, in the order of display, empty ones included."""
        return self.customers["segment"].cat.categories.tolist()


@dataclass(frozen=True)
class Group:
    """One or more segments taken together: how many customers, how much of the revenue.

    Attributes
    ----------
    customers : int
        Customers in the group.
    money : float
        What they have spent so far.
    revenue_share, customer_share : Estimate
        Shares of all revenue (bootstrap over customers) and of all customers (Wilson).
    mean_spend, median_recency_days : float
        Per customer; NaN for an empty group.
    """

    customers: int
    money: float
    revenue_share: Estimate
    customer_share: Estimate
    mean_spend: float
    median_recency_days: float

    def said(self, what: str) -> dict[str, object]:
        """Give the figures as values of a sentence, with the word for the money."""
        return {**vars(self), "what": what}


def portfolio(
    order_lines: ibis.Table,
    *,
    snapshot_date: date,
    scoring: Scoring = ELEVEN,
) -> Portfolio:
    """Score every customer on recency, frequency and money, and name the segment.

    Parameters
    ----------
    order_lines : ibis.Table
        As for `customer_summary`, lines with a customer only.
    snapshot_date : datetime.date
        As of when; later orders are left out.
    scoring : Scoring
        How to score and to name; five scores and the map of eleven unless given.

    Raises
    ------
    NotSupportedByData
        If there is no order before `snapshot_date`.
    """
    summed = customer_summary(order_lines, snapshot_date=snapshot_date).to_pandas()
    as_scored: dict[str, Any] = {"snapshot_date": snapshot_date, "scoring": scoring}
    return place_buyers(with_interactions(summed, order_lines, **as_scored), **as_scored)


def place_buyers(
    everyone: pd.DataFrame, *, snapshot_date: date, scoring: Scoring = ELEVEN
) -> Portfolio:
    """Score and name the customers of a summary; whoever has refunds alone is counted apart.

    Parameters
    ----------
    everyone : pd.DataFrame
        One row per customer: the columns of `customer_summary`, and those that are scored.
    snapshot_date, scoring
        As for `portfolio`.
    """
    # Refunds alone (of orders before the export) are no purchase: such customers have no recency.
    days = [name for name in ("recency_days", *INTERACTIONS.values()) if name in everyone]
    buyers = everyone[everyone["frequency"] > 0].astype(dict.fromkeys(days, "int64"))
    if buyers.empty:
        raise NotSupportedByData(f"no order before {snapshot_date}", "customers with an order")
    cuts = cut_points(buyers, scoring)
    by_cell = segment_by_cell(scoring.segment_map, scores=scoring.scores)
    placed = _place(score_customers(buyers, cuts), scoring)
    refunds = everyone.loc[everyone["frequency"] <= 0, "monetary"]
    return Portfolio(placed, cuts, by_cell, snapshot_date, len(refunds), float(refunds.sum()))


def portfolio_verdict(
    base: Portfolio, *, has_money: bool = True, unproven: Sequence[Reason] = ()
) -> Verdict:
    """Judge whether the base is large, long and fresh enough for scores and segments.

    `unproven` holds what speaks against the segments when they are tried on later orders.

    Raises
    ------
    NotSupportedByData
        Under 50 customers with an order.
    """
    customers = base.customers
    if len(customers) < LEAST_BUYERS:
        raise NotSupportedByData(
            f"{len(customers)} customers with an order", f"at least {LEAST_BUYERS} customers"
        )
    history = (pd.Timestamp(base.snapshot_date) - customers["first_order_date"].min()).days
    silence = int(customers["recency_days"].min())
    regulars = int((customers["frequency"] >= REGULAR_ORDERS).sum())
    columns = base.cuts.scoring.columns
    alike = [word for m, word in MEASURE_WORDS.items() if customers[columns[m]].nunique() == 1]
    top_share = largest_share(customers["monetary"])
    doubts = [
        (len(customers) < ENOUGH_BUYERS, "Only {n} customers with an order: {enough} make the "
         "segments steady.", {"n": len(customers), "enough": ENOUGH_BUYERS}),
        (history < ENOUGH_DAYS, "Only {n:days} of history: {enough:days} tell a pause from a loss.",
         {"n": history, "enough": ENOUGH_DAYS}),
        (silence > FRESH_DAYS, "The last order is {n:days} old: who has gone silent since cannot "
         "be told.", {"n": silence}),
        (regulars == 0, "No customer has {n} orders: frequency says little.",
         {"n": REGULAR_ORDERS}),
        (not has_money, "The export has no prices: items bought stand for revenue.", {}),
        (bool(alike), "All customers are alike in {measures}.", {"measures": ", ".join(alike)}),
        (top_share >= MISLEADING, "One customer brings {share:share} of the total: sums and "
         "means follow that customer.", {"share": top_share}),
    ]  # fmt: skip
    found = [Reason(template, values) for doubt, template, values in doubts if doubt]
    return judge([*found, *unproven])


def segment_table(base: Portfolio) -> pd.DataFrame:
    """Sum up the segments, one row each in the order of the map, empty ones included.

    Returns
    -------
    pd.DataFrame
        `segment`, `customers`, `customer_share`, `orders`, `revenue`, `revenue_share`,
        `mean_spend`, `median_recency_days`, `median_frequency` (blank for an empty segment)
        and `message` (what to tell the group).
    """
    table = (
        base.customers.groupby("segment", observed=False)
        .agg(
            customers=("customer_id", "size"),
            orders=("frequency", "sum"),
            revenue=("monetary", "sum"),
            mean_spend=("monetary", "mean"),
            median_recency_days=("recency_days", "median"),
            median_frequency=("frequency", "median"),
        )
        .reset_index()
        .astype({"segment": str})
    )
    table.insert(2, "customer_share", table["customers"] / len(base.customers))
    table.insert(5, "revenue_share", table["revenue"] / (table["revenue"].sum() or np.nan))
    return table.assign(message=table["segment"].map(MESSAGES).fillna(""))


def group(base: Portfolio, *segments: str) -> Group:
    """Measure one or more segments together, with intervals.

    Raises
    ------
    NotSupportedByData
        If the map has none of the segments.
    """
    if not set(segments) & set(base.segments):
        raise NotSupportedByData(
            f"the map of segments has no {' or '.join(segments)}", "a map with such a segment"
        )
    inside = base.customers["segment"].isin(segments)
    members = base.customers[inside]
    return Group(
        customers=len(members),
        money=float(members["monetary"].sum()),
        revenue_share=share_held(base.customers["monetary"], inside),
        customer_share=wilson(len(members), len(inside), of="customers"),
        mean_spend=float(members["monetary"].mean()),
        median_recency_days=float(members["recency_days"].median()),
    )


def portfolio_metrics(base: Portfolio) -> dict[str, float]:
    """Give the plain figures by which two runs are compared."""
    customers, best = base.customers, base.customers["segment"] == base.segments[0]
    return {
        "customers": len(customers),
        "orders": int(customers["frequency"].sum()),
        "revenue": float(customers["monetary"].sum()),
        "segments": customers["segment"].nunique(),
        "champions": int(best.sum()),
        "champions_revenue": float(customers.loc[best, "monetary"].sum()),
        "refund_only_customers": base.refund_only_customers,
        "refund_only_revenue": base.refund_only_revenue,
    }


def share_held(values: pd.Series, inside: pd.Series) -> Estimate:
    """Estimate the share of a total that some customers hold, by a bootstrap over customers.

    Who is in the segment stays as it is; the interval says how far the share would move had other
    customers of the same kind come to the client.
    """
    value = values.to_numpy(dtype=float)
    held = np.where(inside.to_numpy(), value, 0.0)

    def share(rows: np.ndarray) -> float:
        """Give the share that the customers inside hold in one resample."""
        # How often each customer was drawn: two products are faster than two look-ups.
        times = np.bincount(rows, minlength=len(value))
        total = times @ value
        return float(times @ held / total) if total > 0 else float("nan")

    if value.sum() <= 0:
        blank = float("nan")
        return Estimate(blank, blank, blank, len(value), "share", of="customers")
    return bootstrap(share, len(value), unit="share", of="customers")


def _place(scored: pd.DataFrame, scoring: Scoring) -> pd.DataFrame:
    r, f, m = (scored[score] for score in MEASURES.values())
    return (
        scored.assign(
            first_order_date=pd.to_datetime(scored["first_order_date"]),
            last_order_date=pd.to_datetime(scored["last_order_date"]),
            cell=(100 * r + 10 * f + m).astype(str),
            segment=name_segments(scored, scoring),
            priority=sum(weight * scored[score] for score, weight in IMPORTANCE.items()),
        )
        .sort_values(["priority", "monetary", "customer_id"], ascending=[False, False, True])
        .reset_index(drop=True)
    )
