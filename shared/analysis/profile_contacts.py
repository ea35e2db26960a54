"""Contacts of the profile: where did each customer come from, and when were they last there?"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.activity import contact_sources
from shared.analysis.profile_sources import Sources, before

WEB_DAYS = 28
MOST_CHANNELS = 100_000


def interactions(sources: Sources, tables: Mapping[str, ibis.Table]) -> ibis.Table | None:
    """Find each customer's last session, click or visit, or review, in the engine.

    Returns
    -------
    ibis.Table or None
        `customer` and `last_interaction_date`; None if orders are the only source.
    """
    moments = [
        sources.of_customers(rows, "acted_at").select("customer", day=_.acted_at.date())
        for rows in contact_sources(tables).values()
    ]
    if not moments:
        return None
    days = ibis.union(*moments) if len(moments) > 1 else moments[0]
    return days.group_by("customer").aggregate(last_interaction_date=_.day.max())


def web_visits(sources: Sources, sessions: ibis.Table) -> ibis.Table:
    """Count each customer's sessions in the 28 days before the snapshot date, in the engine.

    Returns
    -------
    ibis.Table
        `customer`, `web_visits_28d` and `web_duration_28d` (seconds; null without durations); only
        customers with a session.
    """
    lately = sources.of_customers(sessions, "started_at").filter(
        _.started_at >= _web_start(sources.snapshot_date)
    )
    timed = "duration_seconds" in sessions.columns
    seconds = _.duration_seconds.cast("decimal(38, 6)").sum() if timed else ibis.null("float64")
    return lately.group_by("customer").aggregate(
        web_visits_28d=_.count(), web_duration_28d=seconds.cast("float64")
    )


def web_coverage(sessions: ibis.Table | None, *, snapshot_date: date) -> tuple[bool, bool]:
    """Say whether any session lies in the 28 days, and whether the source begins inside them."""
    if sessions is None or "customer_id" not in sessions.columns:
        return False, False
    start = _web_start(snapshot_date)
    seen = before(sessions, snapshot_date, clock="started_at").aggregate(
        lately=_.count(where=_.started_at >= start), earlier=_.count(where=_.started_at < start)
    )
    lately, earlier = seen.to_pandas().iloc[0]
    return bool(lately), bool(lately and not earlier)


def channels(sources: Sources, tables: Mapping[str, ibis.Table]) -> pd.DataFrame:
    """Name the channels of each customer's first and last order or contact.

    Returns
    -------
    pd.DataFrame
        Index `customer`, columns `first_channel` and `last_channel`; only customers with one. Of
        several channels in one second the first by name is taken for the first, and the last for
        the last, so that no engine has to choose.
    """
    moments = [sources.orders.select("customer", "channel", second=_second(_.ordered_at))]
    contacts = tables.get("touchpoints")
    if contacts is not None and {"customer_id", "channel"} <= set(contacts.columns):
        touched = sources.of_customers(contacts, "touched_at")
        moments.append(touched.select("customer", "channel", second=_second(_.touched_at)))
    rows = ibis.union(*moments) if len(moments) > 1 else moments[0]
    rows = rows.filter(_.channel.notnull())
    names = sorted(rows.select("channel").distinct().to_pandas()["channel"])
    numbers = pd.DataFrame({"channel": pd.Series(names, dtype=str), "number": range(len(names))})
    # Time and channel in one whole number: its least and greatest are the first and the last.
    key = _.second * MOST_CHANNELS + _.number
    ends = (
        rows.inner_join(ibis.memtable(numbers.astype({"number": "int64"})), "channel")
        .group_by("customer")
        .aggregate(first_channel=key.min(), last_channel=key.max())
        .to_pandas()
        .set_index("customer")
    )
    by_number = np.array(names, dtype=object)
    return pd.DataFrame(
        {name: by_number[(keys % MOST_CHANNELS).to_numpy("int64")] for name, keys in ends.items()},
        index=ends.index,
        dtype=object,
    )


def acquisition_channels(sources: Sources, customers: ibis.Table | None) -> pd.Series:
    """Look up the channel that won each customer: index `customer`, only where it is known."""
    if customers is None or "acquisition_channel" not in customers.columns:
        return pd.Series(dtype=str)
    known = (
        customers.inner_join(sources.customers, "customer_id")
        .group_by("customer")
        .aggregate(channel=_.acquisition_channel.max())
        .filter(_.channel.notnull())
        .to_pandas()
    )
    return known.set_index("customer")["channel"]


def _second(moment: ibis.Value) -> ibis.Value:
    return moment.epoch_seconds().cast("int64")


def _web_start(snapshot_date: date) -> datetime:
    return datetime.combine(snapshot_date, time()) - timedelta(days=WEB_DAYS)
