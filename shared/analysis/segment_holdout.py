"""Segment holdout: scored before a period, which segments did buy in it, and for how much?"""

from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pandas as pd
from scipy.stats import t as student

from shared.analysis.dominance import largest_share
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import (
    Finding,
    false_discovery_q,
    reading,
    share_difference,
    share_p_value,
)
from shared.analysis.portfolio import LEAST_BUYERS
from shared.analysis.revenue_at_risk import total_at_risk, with_risk
from shared.analysis.rfm_scores import ELEVEN, Scoring
from shared.analysis.segment_history import period_end_before
from shared.analysis.segment_order import inversions, rank_order
from shared.analysis.segment_placements import placements
from shared.loading.errors import NotSupportedByData

COLUMNS = [
    "segment", "customers", "bought", "share", "low", "high", "spend_per_customer", "spend_low",
    "spend_high", "mean_priority", "p", "q", "finding", "members_now", "revenue_now",
    "lost_share", "revenue_at_risk", "at_risk_low", "at_risk_high",
]  # fmt: skip


@dataclass(frozen=True)
class Holdout:
    """What the segments of one day were worth in the time after it.

    Attributes
    ----------
    table : pd.DataFrame
        As from `holdout_table`, with the columns of `with_risk`.
    cutoff, until : datetime.date
        Scored from orders before the first; watched up to the day before the second.
    everyone : Estimate
        Share of all customers who bought in between.
    best : str
        First segment of the map that has members: Champions, mostly.
    lead : Estimate
        Share of that segment who bought, minus the share of all others.
    lead_finding : Finding
        Whether that differs from nothing.
    predicts : Finding
        "differs" if at least one segment buys more or less often than all others at 1 % after
        Benjamini-Hochberg: segments tell something about the next period.
    name_order, importance_order : Estimate
        Spearman's rank correlation of the observed shares with the order of the names in the map,
        and with the order of the mean weighted score (R : F : M = 3 : 2 : 1); 1 is the same order.
        Segments with under 10 members are left out; NaN with fewer than 3 segments. n counts
        customers.
    inversions : pd.DataFrame
        As from `inversions`.
    at_risk : Estimate
        Sum of `revenue_at_risk` over the segments.
    largest_share : float
        Share of the revenue of the period that the largest customer brought.
    """

    table: pd.DataFrame
    cutoff: date
    until: date
    everyone: Estimate
    best: str
    lead: Estimate
    lead_finding: Finding
    predicts: Finding
    name_order: Estimate
    importance_order: Estimate
    inversions: pd.DataFrame
    at_risk: Estimate
    largest_share: float


def segment_holdout(
    order_lines: ibis.Table,
    *,
    cutoff: date,
    until: date,
    scoring: Scoring = ELEVEN,
) -> Holdout:
    """Score on a day from earlier orders alone, and see who bought from then on.

    Parameters
    ----------
    order_lines : ibis.Table
        As for `customer_summary`.
    cutoff : datetime.date
        First day of the watched period: scores know nothing of it.
    until : datetime.date
        First day after the watched period; mostly the snapshot date.
    scoring
        As for `portfolio`.

    Raises
    ------
    NotSupportedByData
        If under 50 customers had ordered by the cut-off, all of them are in one segment, or none
        of them ordered in the period.
    """
    # What was lost is measured on money of a time as long as the watched one, just before it.
    before = cutoff - (until - cutoff)
    placed = placements(order_lines, ends=[before, cutoff, until], scoring=scoring)
    then, now = (
        placed[placed["period_end"] == pd.Timestamp(end)].set_index("customer_id")
        for end in (cutoff, until)
    )
    later = now[["period_orders", "period_revenue"]].reindex(then.index)
    known = then.rename(columns={"period_revenue": "money_before"})
    watched = known[["segment", "priority", "monetary", "money_before"]].join(later)
    _check_watched(watched, cutoff, until)
    table = with_risk(holdout_table(watched), watched, now)[COLUMNS]
    bought = int(table["bought"].sum())
    top = table[table["customers"] > 0].iloc[0]
    others = len(watched) - int(top["customers"])
    count = (int(top["bought"]), int(top["customers"]), bought - int(top["bought"]), others)
    return Holdout(
        table,
        cutoff,
        until,
        everyone=wilson(bought, len(watched)),
        best=str(top["segment"]),
        lead=share_difference(*count),
        lead_finding=reading(share_p_value(*count)),
        predicts=reading(float(table["q"].min())),
        name_order=rank_order(table, -np.arange(len(table))),
        importance_order=rank_order(table, table["mean_priority"].to_numpy()),
        inversions=inversions(table),
        at_risk=total_at_risk(table),
        largest_share=largest_share(now["period_revenue"]),
    )


def watched_window(snapshot_date: date, *, period: str, periods: int) -> tuple[date, date]:
    """Give the cut-off and the end of the last so many complete periods, to score and to watch."""
    return (
        period_end_before(snapshot_date, period=period, periods=periods),
        period_end_before(snapshot_date, period=period, periods=0),
    )


def last_periods(
    order_lines: ibis.Table,
    snapshot_date: date,
    *,
    period: str,
    periods: int = 3,
    scoring: Scoring = ELEVEN,
) -> Holdout:
    """Score as of some periods back, and watch the complete periods since."""
    cutoff, until = watched_window(snapshot_date, period=period, periods=periods)
    return segment_holdout(order_lines, cutoff=cutoff, until=until, scoring=scoring)


def holdout_table(watched: pd.DataFrame) -> pd.DataFrame:
    """Measure each segment in the watched period.

    Parameters
    ----------
    watched : pd.DataFrame
        One row per customer at the cut-off: `segment` (categorical) and `priority` of then,
        `period_orders` and `period_revenue` of the period after.

    Returns
    -------
    pd.DataFrame
        One row per segment, in the order of the map: `segment`, `customers`, `bought`, `share`,
        `low`, `high` (Wilson, 95 %), `spend_per_customer` (non-buyers count 0) with `spend_low`
        and `spend_high` (Student's t, 95 %; blank below 2 members), `mean_priority`,
        `p` (Fisher, against all others), `q` (Benjamini-Hochberg) and `finding`.
        Shares and means of an empty segment are blank.
    """
    table = (
        watched.assign(bought=watched["period_orders"] > 0)
        .groupby("segment", observed=False)
        .agg(
            customers=("bought", "size"),
            bought=("bought", "sum"),
            spend_per_customer=("period_revenue", "mean"),
            spread=("period_revenue", "std"),
            mean_priority=("priority", "mean"),
        )
        .reset_index()
        .astype({"segment": str})
    )
    n, bought = table["customers"], table["bought"]
    shares = [wilson(k, size) for k, size in zip(bought, n, strict=True)]
    p = [
        share_p_value(int(k), int(size), int(bought.sum() - k), int(n.sum() - size))
        for k, size in zip(bought, n, strict=True)
    ]
    q = false_discovery_q(np.array(p))
    half = student.ppf(0.975, (n - 1).clip(lower=1)) * table["spread"] / np.sqrt(n.clip(lower=1))
    return table.assign(
        share=[e.value for e in shares],
        low=[e.low for e in shares],
        high=[e.high for e in shares],
        spend_low=table["spend_per_customer"] - half,
        spend_high=table["spend_per_customer"] + half,
        p=p,
        q=q,
        finding=[reading(value) for value in q],
    )


def holdout_metrics(proof: Holdout) -> dict[str, float]:
    """Give the days watched, and the shares of the first segment and of all who bought in them."""
    best = proof.table[proof.table["segment"] == proof.best].iloc[0]
    return {
        "proof_days": (proof.until - proof.cutoff).days,
        "proof_best": float(best["share"]),
        "proof_all": proof.everyone.value,
    }


def _check_watched(watched: pd.DataFrame, cutoff: date, until: date) -> None:
    if len(watched) < LEAST_BUYERS:
        raise NotSupportedByData(
            f"{len(watched)} customers had ordered before {cutoff}",
            f"at least {LEAST_BUYERS} customers by then, or a shorter period to watch",
        )
    if watched["segment"].nunique() < 2:
        raise NotSupportedByData(
            f"all {len(watched)} customers of {cutoff} are in one segment",
            "customers who differ in recency, frequency or money",
        )
    if not (watched["period_orders"] > 0).any():
        raise NotSupportedByData(
            f"0 of {len(watched)} customers ordered again from {cutoff} until before {until}",
            "a period in which earlier customers ordered",
        )
