"""Segment history: where did every customer stand at each of the last period ends?"""

from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pandas as pd

from shared.analysis.abc_xyz import Cuts
from shared.analysis.portfolio import LEAST_BUYERS
from shared.analysis.profile_classes import CUTS
from shared.analysis.rfm_scores import ELEVEN, Scoring
from shared.analysis.segment_placements import place_all, standings
from shared.loading.errors import NotSupportedByData

EVERYONE = "All customers"


@dataclass(frozen=True)
class History:
    """The placement of every customer as of several period ends.

    Attributes
    ----------
    placements : pd.DataFrame
        As from `placements`, the oldest period end first.
    ends : tuple of datetime.date
        The period ends: each is the first day after its period.
    period : str
        "M", "Q" or "W".
    segments : tuple of str
        The segments of the map, in the order of display.
    """

    placements: pd.DataFrame
    ends: tuple[date, ...]
    period: str
    segments: tuple[str, ...]

    def at(self, end: date) -> pd.DataFrame:
        """Give the placement as of one period end, on the index `customer_id`."""
        rows = self.placements[self.placements["period_end"] == pd.Timestamp(end)]
        return rows.set_index("customer_id")

    def name(self, end: date) -> pd.Period:
        """Name the period that was over on a period end."""
        return pd.Period(end, freq=self.period) - 1


def period_end_before(snapshot_date: date, *, period: str, periods: int) -> date:
    """Go back to the end of a period, given as the first day after it."""
    return (pd.Period(snapshot_date, freq=period) - periods).start_time.date()


def segment_history(
    order_lines: ibis.Table,
    *,
    snapshot_date: date,
    period: str,
    periods: int,
    scoring: Scoring = ELEVEN,
    cuts: Cuts = CUTS,
) -> History:
    """Place every customer as of the last period end and of each of the `periods` before it.

    Each base has its own cut points, so that a segment is a rank among the customers of its time.

    Parameters
    ----------
    order_lines : ibis.Table
        As for `customer_summary`; `product_id` where positions are to be known.
    snapshot_date : datetime.date
        The first day that is not in the data; a period still running on it is left out.
    period : str
        "M", "Q" or "W".
    periods : int
        How many period ends to go back. Ends at which under 50 customers had ordered are not shown.
    scoring
        As for `portfolio`.
    cuts : Cuts
        Where the classes A and B end.

    Raises
    ------
    NotSupportedByData
        If fewer than two period ends have 50 customers with an order before them.
    """
    # One end more than is shown, because the first period begins there.
    asked = [
        period_end_before(snapshot_date, period=period, periods=k)
        for k in range(periods + 1, -1, -1)
    ]
    summed = standings(order_lines, ends=asked, positions=True, contacts=scoring.contacts)
    buyers = summed.groupby("end_number").size().reindex(range(1, len(asked)), fill_value=0)
    shown = [asked[k] for k in buyers.index if buyers[k] >= LEAST_BUYERS]
    if len(shown) < 2:
        raise NotSupportedByData(
            f"{len(shown)} of {periods + 1} period ends with {LEAST_BUYERS} customers before them",
            f"two period ends, each with {LEAST_BUYERS} customers who had ordered",
        )
    placed = place_all(summed, ends=asked, scoring=scoring, class_cuts=cuts)
    kept = placed[placed["period_end"] >= pd.Timestamp(shown[0])].reset_index(drop=True)
    return History(kept, tuple(shown), period, tuple(scoring.segment_map))


def history_table(history: History) -> pd.DataFrame:
    """Describe each segment, and the whole base, as of each period end.

    Returns
    -------
    pd.DataFrame
        One row per period and segment, empty ones included, and one for "All customers":
        `period` (that was over), `period_end` (first day after it), `segment`, `customers`,
        `customer_share`, `orders_per_customer` (all orders so far), `order_rate` (orders within
        the period per customer), `active_share` (customers with an order in the period),
        `mean_order_value` and `positions_per_order` (all orders so far, refunds taken off the
        money), `revenue` (so far) and `period_revenue`. Means of an empty segment are blank.
    """
    parts = []
    for end in history.ends:
        now = history.at(end)
        everyone = now.assign(segment=pd.Categorical([EVERYONE] * len(now)))
        rows = pd.concat([_profile(now), _profile(everyone)], ignore_index=True)
        rows.insert(2, "customer_share", rows["customers"] / len(now))
        rows.insert(0, "period_end", end)
        rows.insert(0, "period", [history.name(end)] * len(rows))
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def of_segments(table: pd.DataFrame) -> pd.DataFrame:
    """Leave the row of all customers out of the table of history."""
    return table[table["segment"] != EVERYONE]


def _profile(placed: pd.DataFrame) -> pd.DataFrame:
    active = placed["period_orders"].gt(0).where(placed["period_orders"].notna())
    sums = (
        placed.assign(active=active.astype("float64"))
        .groupby("segment", observed=False)
        .agg(
            customers=("frequency", "size"),
            orders=("frequency", "sum"),
            period_orders=("period_orders", "sum"),
            active=("active", "sum"),
            positions=("positions", "sum"),
            revenue=("monetary", "sum"),
            period_revenue=("period_revenue", "sum"),
        )
        .reset_index()
        .astype({"segment": str})
    )
    heads, orders = sums["customers"].replace(0, np.nan), sums["orders"].replace(0, np.nan)
    positions = sums["positions"] if placed["positions"].notna().any() else np.nan
    return sums[["segment", "customers"]].assign(
        orders_per_customer=sums["orders"] / heads,
        order_rate=sums["period_orders"] / heads,
        active_share=sums["active"] / heads,
        mean_order_value=sums["revenue"] / orders,
        positions_per_order=positions / orders,
        revenue=sums["revenue"],
        period_revenue=sums["period_revenue"],
    )
