"""The brief profile: what a history shows of each customer, without the other figures."""

from collections.abc import Mapping
from datetime import date

import ibis
import pandas as pd

from shared.analysis.abc_xyz import Cuts
from shared.analysis.activity import with_interactions
from shared.analysis.lifecycle import LONGEST_DAYS
from shared.analysis.periods import last_complete
from shared.analysis.profile_basket import positions
from shared.analysis.profile_classes import CUTS, classes
from shared.analysis.profile_measures import side_by_side
from shared.analysis.profile_money import money_metrics
from shared.analysis.profile_orders import rhythm_metrics
from shared.analysis.profile_sources import profile_sources
from shared.analysis.profile_stability import period_metrics
from shared.analysis.rfm_scores import ELEVEN, Scoring
from shared.loading.errors import NotSupportedByData

BRIEF = (
    "segment",
    "abc_class",
    "recency_days",
    "frequency",
    "monetary",
    "orders_per_active_period",
    "average_order_value",
    "positions_per_order",
)


def brief_profile(
    tables: Mapping[str, ibis.Table],
    *,
    snapshot_date: date,
    period: str,
    scoring: Scoring = ELEVEN,
    cuts: Cuts = CUTS,
) -> pd.DataFrame:
    """Measure the metrics in `BRIEF` as `customer_profile` does, in a third of its time.

    Parameters
    ----------
    tables, snapshot_date, period, scoring, cuts
        As for `customer_profile`; of the tables only the order lines are read.

    Returns
    -------
    pd.DataFrame
        One row per customer, ordered by `customer_id`: that column and the metrics.

    Raises
    ------
    NotSupportedByData
        If nobody ordered before the snapshot date.
    """
    known = {"order_lines": tables["order_lines"]}
    with profile_sources(known, snapshot_date=snapshot_date) as sources:
        if not sources.customers.count().to_pandas():
            raise NotSupportedByData(f"no order before {snapshot_date}", "orders of customers")
        last = last_complete(snapshot_date, period)
        # No figure here depends on when a customer falls asleep.
        rhythm = rhythm_metrics(
            sources.orders, snapshot_date=snapshot_date, g1_days=LONGEST_DAYS[period]
        )
        money = money_metrics(sources, last_period=last)
        active = period_metrics(sources.orders, last_period=last)
        found = side_by_side(
            [
                sources.customers,
                rhythm.select("customer", "frequency", "recency_days"),
                money.select("customer", "monetary", "average_order_value"),
                active.select("customer", "active_periods"),
                positions(sources),
            ]
        )
    scored = with_interactions(
        found, known["order_lines"], scoring=scoring, snapshot_date=snapshot_date
    )
    named = classes(scored, None, scoring=scoring, cuts=cuts)
    full = found.assign(
        segment=named["segment"],
        abc_class=named["abc_class"],
        orders_per_active_period=found["frequency"] / found["active_periods"],
        positions_per_order=found["positions"] / found["frequency"],
    )
    return full[["customer_id", *BRIEF]]
