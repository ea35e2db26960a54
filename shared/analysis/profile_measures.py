"""All that the engine measures for the profile, brought together: one row per customer."""

from collections.abc import Mapping

import ibis
import numpy as np
import pandas as pd

from shared.analysis.periods import last_complete
from shared.analysis.profile_basket import basket_metrics
from shared.analysis.profile_contacts import (
    acquisition_channels,
    channels,
    interactions,
    web_visits,
)
from shared.analysis.profile_money import category_metrics, money_metrics, order_value_slopes
from shared.analysis.profile_orders import rhythm_metrics
from shared.analysis.profile_sources import Sources
from shared.analysis.profile_stability import period_metrics, seasonality

LEAST_ORDERS = 2
WHOLE = (
    "recency_days", "days_since_first_order", "interaction_span_days", "sleep_days", "frequency",
    "order_days", "active_periods", "longest_active_streak", "longest_gap_days", "gaps", "periods",
    "months",
)  # fmt: skip


def measure_customers(
    sources: Sources, tables: Mapping[str, ibis.Table], *, period: str, g1_days: int
) -> pd.DataFrame:
    """Measure the metrics that need no scores, stages or models.

    Each group of metrics is one query; its rows find their place by the customer's number, so that
    no join of all columns has to fit in the engine's memory.

    Parameters
    ----------
    sources : Sources
        As from `profile_sources`.
    tables : mapping of str to ibis.Table
        Canonical tables; all but the order lines are optional.
    period : str
        "M", "Q" or "W".
    g1_days : int
        Days of silence after which a customer falls asleep.

    Returns
    -------
    pd.DataFrame
        Index 0, 1, … in the order of `customer_id`, with that column, the metrics, and what else
        decides about blanks: `gaps`, `periods`, `months`, `gross`, `positions`.
    """
    today, last = sources.snapshot_date, last_complete(sources.snapshot_date, period)
    queries = [
        sources.customers,
        rhythm_metrics(sources.orders, snapshot_date=today, g1_days=g1_days),
        money_metrics(sources, last_period=last),
        period_metrics(sources.orders, last_period=last),
        seasonality(sources.orders, snapshot_date=today),
        order_value_slopes(sources.orders),
        basket_metrics(sources),
        category_metrics(sources.lines),
    ]
    if (acted := interactions(sources, tables)) is not None:
        queries.append(acted)
    if "web_sessions" in tables and "customer_id" in tables["web_sessions"].columns:
        queries.append(web_visits(sources, tables["web_sessions"]))
    found = side_by_side(queries)
    return pd.concat([found, _ratios(found), _contacts(found, sources, tables)], axis=1)


def side_by_side(queries: list[ibis.Table]) -> pd.DataFrame:
    """Fetch the queries one by one and lay their columns beside one another."""
    parts: list[pd.DataFrame] = []
    for query in queries:
        part = query.to_pandas().set_index("customer")
        index = parts[0].index if parts else pd.RangeIndex(len(part))
        whole = {name: "int64" for name in WHOLE if name in part}
        parts.append(part.reindex(index).astype(whole, copy=False))
    return pd.concat(parts, axis=1)


def _ratios(found: pd.DataFrame) -> pd.DataFrame:
    """Give the metrics that combine two groups."""
    typical = found["median_order_value"].where(found["median_order_value"] > 0)
    repeated = found["repeated_share"].where(found["frequency"] >= LEAST_ORDERS)
    return pd.DataFrame(
        {
            "orders_per_active_period": found["frequency"] / found["active_periods"],
            "order_value_trend": found["slope"] / typical,
            "positions_per_order": found["positions"] / found["frequency"],
            "repeat_product_share": repeated,
        }
    )


def _contacts(
    found: pd.DataFrame, sources: Sources, tables: Mapping[str, ibis.Table]
) -> pd.DataFrame:
    """Give the silence since any interaction, and the first and last channel."""
    silence = found["recency_days"]
    if "last_interaction_date" in found:
        last = pd.to_datetime(found["last_interaction_date"])
        days = (pd.Timestamp(sources.snapshot_date) - last).dt.days
        shorter = np.fmin(silence.to_numpy("float64"), days.to_numpy("float64"))
        silence = pd.Series(shorter, index=found.index).astype("int64")
    ends = channels(sources, tables).reindex(found.index)
    won_by = acquisition_channels(sources, tables.get("customers")).reindex(found.index)
    return pd.DataFrame(
        {
            "days_since_last_interaction": silence,
            "first_channel": won_by.where(won_by.notna(), ends["first_channel"]),
            "last_channel": ends["last_channel"],
        }
    )
