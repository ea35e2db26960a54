"""The profile some periods ago: what was known of each customer then, and nothing later?"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import ibis
import pandas as pd

from shared.analysis.abc_xyz import Cuts
from shared.analysis.customer_profile import customer_profile
from shared.analysis.lifecycle import LONGEST_DAYS
from shared.analysis.profile_brief import BRIEF, brief_profile
from shared.analysis.profile_classes import CUTS
from shared.analysis.rfm_scores import ELEVEN, Scoring
from shared.loading.errors import NotSupportedByData


def profile_history(
    tables: Mapping[str, ibis.Table],
    *,
    snapshot_date: date,
    periods: int,
    period: str = "M",
    metrics: Sequence[str] = BRIEF,
    g1_days: int | None = None,
    scoring: Scoring = ELEVEN,
    cuts: Cuts = CUTS,
    stages_at: Callable[[date], pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Profile every customer as of the last period end and of each of the `periods` before it.

    Each profile is computed from the rows before its own date, classes against the base of that
    date, so that later data change none of them.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        As for `customer_profile`.
    snapshot_date : datetime.date
        The first day that is not in the data; a period still running on it is left out.
    periods : int
        How many period ends to go back; those before the first order are not there.
    period : str
        "M", "Q" or "W".
    metrics : sequence of str
        Columns of the profile to keep; a base of a million has no room for all, many times over.
    g1_days : int, optional
        As for `customer_profile`; left out, each profile finds its own.
    scoring, cuts
        As for `customer_profile`.
    stages_at : callable, optional
        Gives the lifecycle as of a date, for the metrics 43 to 46.

    Returns
    -------
    pd.DataFrame
        One row per period end and customer with an order before it, oldest end first: `as_of`
        (first day after the period), `customer_id` and the metrics.

    Raises
    ------
    NotSupportedByData
        If nobody ordered before the last period end.
    """
    running = pd.Period(pd.Timestamp(snapshot_date), freq=period)
    ends = [(running - k).start_time.date() for k in range(periods, -1, -1)]
    asked: dict[str, Any] = {"period": period, "scoring": scoring, "cuts": cuts}
    found = []
    for end in ends:
        try:
            if set(metrics) <= set(BRIEF) and period in LONGEST_DAYS:
                profiled = brief_profile(tables, snapshot_date=end, **asked)
            else:
                stages = stages_at(end) if stages_at else None
                profiled = customer_profile(
                    tables, snapshot_date=end, g1_days=g1_days, stages=stages, **asked
                ).customers
        except NotSupportedByData:
            if end == ends[-1]:
                raise
            continue
        kept = profiled[["customer_id", *metrics]]
        found.append(kept.assign(as_of=pd.Timestamp(end))[["as_of", *kept.columns]])
    return pd.concat(found, ignore_index=True)
