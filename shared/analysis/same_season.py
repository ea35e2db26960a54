"""Same season: do the same customers order more or less than in the same period a year earlier?"""

from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import Finding, reading
from shared.analysis.periods import CALENDAR
from shared.analysis.portfolio import LEAST_BUYERS
from shared.analysis.segment_history import History
from shared.analysis.segment_movement import mean_change
from shared.analysis.segment_placements import standings
from shared.loading.errors import NotSupportedByData

PERIODS_A_YEAR = {"M": 12, "Q": 4, "W": 52}


@dataclass(frozen=True)
class SameSeason:
    """Orders of the same customers in a period and in the same one a year earlier.

    Attributes
    ----------
    then, now : datetime.date
        First day of the earlier period and of the later one.
    customers : int
        Customers who had joined before the earlier period.
    rate_then, rate_now : Estimate
        Orders of each of them in either period.
    change : Estimate
        Their mean difference, now minus then, customer by customer.
    finding : Finding
        Whether that differs from no change: at 1 %, "not settled" up to 5 %.
    """

    then: date
    now: date
    customers: int
    rate_then: Estimate
    rate_now: Estimate
    change: Estimate
    finding: Finding


def same_season(order_lines: ibis.Table, history: History) -> SameSeason:
    """Compare the last period shown with the one a year before it.

    A change between two periods of one year may be the season; between the same period of two
    years it is not. Weeks are set against those 52 weeks before.

    Parameters
    ----------
    order_lines : ibis.Table
        As for `segment_history`.
    history : History
        Whose last period is meant.

    Raises
    ------
    NotSupportedByData
        If under 50 customers had joined before the earlier period.
    """
    now = history.name(history.ends[-1])
    then = now - PERIODS_A_YEAR[history.period]
    starts = [period.start_time.date() for period in (then, then + 1, now, now + 1)]
    summed = standings(order_lines, ends=starts)
    joined = summed.loc[summed["end_number"] == 0, "customer_id"]
    if len(joined) < LEAST_BUYERS:
        noun = CALENDAR[history.period]
        raise NotSupportedByData(
            f"{len(joined)} customers had joined before the same {noun} a year earlier",
            f"at least {LEAST_BUYERS} customers by then",
        )
    earlier, later = (_orders(summed, joined, end=end) for end in (1, 3))
    change, p = mean_change(later - earlier, unit="number")
    return SameSeason(
        then=starts[0],
        now=starts[2],
        customers=len(joined),
        rate_then=mean_change(earlier, unit="number")[0],
        rate_now=mean_change(later, unit="number")[0],
        change=change,
        finding=reading(p),
    )


def _orders(summed: pd.DataFrame, customers: pd.Series, *, end: int) -> pd.Series:
    """Give the orders of some customers in the period that ends on one of the days."""
    rows = summed[summed["end_number"] == end].set_index("customer_id")
    return rows["period_orders"].reindex(pd.Index(customers)).astype("float64")
