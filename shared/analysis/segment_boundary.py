"""Segment boundary: who would be in another segment had the window ended a week from here?"""

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.portfolio import LEAST_BUYERS
from shared.analysis.rfm_scores import ELEVEN, Scoring, cut_points
from shared.analysis.segment_placements import place, placements
from shared.loading.errors import NotSupportedByData


@dataclass(frozen=True)
class Boundary:
    """Customers whose segment hangs on the day on which the window ends.

    Attributes
    ----------
    customers : pd.DataFrame
        One row per customer on a boundary: `customer_id`, `segment`, `segment_if_earlier`
        (blank for who had not ordered by then) and `segment_if_later`.
    table : pd.DataFrame
        One row per segment: `segment`, `customers`, `on_boundary`, `share`, `low`, `high`.
    days : int
        How far the window was moved.
    share : Estimate
        Share of all customers who are on a boundary.
    earlier, later : Estimate
        Share who would be elsewhere had the window ended so many days earlier (of those known
        by then), or would be so many days later without an order.
    """

    customers: pd.DataFrame
    table: pd.DataFrame
    days: int
    share: Estimate
    earlier: Estimate
    later: Estimate


def segment_boundary(
    order_lines: ibis.Table,
    *,
    snapshot_date: date,
    days: int = 7,
    scoring: Scoring = ELEVEN,
) -> Boundary:
    """Move the end of the window by some days both ways and see whose segment changes.

    Earlier means the placement of that day: its orders alone, its own cut points. Later means
    today's cut points and no further order, because nobody knows who will order; had all grown
    older by the same days, their own cut points would have moved along and nothing would change.

    Raises
    ------
    NotSupportedByData
        If under 50 customers had ordered by the earlier day.
    """
    ends = [snapshot_date - timedelta(days=days), snapshot_date]
    placed = placements(order_lines, ends=ends, scoring=scoring)
    before, now = (
        placed[placed["period_end"] == pd.Timestamp(end)].set_index("customer_id") for end in ends
    )
    if len(before) < LEAST_BUYERS:
        raise NotSupportedByData(
            f"{len(before)} customers had ordered by {ends[0]}",
            f"at least {LEAST_BUYERS} customers by then",
        )
    silence = scoring.columns["recency_days"]
    aged = now.assign(**{silence: now[silence] + days})
    later = place(aged, cut_points(now, scoring))["segment"]
    return _boundary(now["segment"], before["segment"].reindex(now.index), later, days=days)


def _boundary(now: pd.Series, earlier: pd.Series, later: pd.Series, *, days: int) -> Boundary:
    known = earlier.notna()
    moved_before, moves_after = known & earlier.ne(now), later.ne(now)
    on = moved_before | moves_after
    sizes = pd.DataFrame({"segment": now, "on": on}).groupby("segment", observed=False)["on"]
    table = sizes.agg(customers="size", on_boundary="sum").reset_index().astype({"segment": str})
    shares = [wilson(*pair) for pair in zip(table["on_boundary"], table["customers"], strict=True)]
    bounds = [(share.value, share.low, share.high) for share in shares]
    listed = pd.DataFrame(
        {"segment": now, "segment_if_earlier": earlier, "segment_if_later": later}
    )
    return Boundary(
        listed[on].rename_axis("customer_id").reset_index(),
        table.join(pd.DataFrame(bounds, columns=["share", "low", "high"])),
        days,
        share=wilson(int(on.sum()), len(now)),
        earlier=wilson(int(moved_before.sum()), int(known.sum())),
        later=wilson(int(moves_after.sum()), len(now)),
    )
