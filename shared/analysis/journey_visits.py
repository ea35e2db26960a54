"""Visits as journeys: which contacts and conversions happened during a visit to the site?"""

from datetime import datetime, time

import ibis
from ibis import _

from shared.analysis.attribution_paths import CONVERTED, ENDED, NOT_RECORDED, Journeys
from shared.analysis.customer_summary import exact_sum
from shared.analysis.journey_timeline import stacked
from shared.analysis.trimmed import trimmed
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

GRACE_SECONDS = 1800  # after the last page; what comes later belongs to no visit
UNKNOWN_SECONDS = 4 * 3600  # of a visit whose length is not recorded
SESSION, CONTACT, SALE = 0, 1, 2
KEY = ("customer_id", "journey")


def visits_of(
    web_sessions: ibis.Table, touchpoints: ibis.Table, journeys: Journeys
) -> tuple[ibis.Table, ibis.Table]:
    """Sort contacts and conversions into the visits that they happened in, in the engine.

    A contact belongs to the customer's latest visit that began at its instant or before, unless
    that visit had been over for more than half an hour (or had begun four hours before, where
    its length is not recorded).

    Parameters
    ----------
    web_sessions : ibis.Table
        `customer_id`, `session_id`, `started_at`; `channel` and `duration_seconds` if known.
    touchpoints : ibis.Table
        What happened on the visits: `customer_id`, `touched_at`, `channel`, mostly `stage`.
    journeys : Journeys
        From `journeys_of`: whose conversions and snapshot date are used.

    Returns
    -------
    touches : ibis.Table
        The contacts of visits, with all their columns, `journey` (number of the visit within the
        customer, from 1) and `position`.
    visits : ibis.Table
        One row per visit: `customer_id`, `journey`, `first_touch_at` (its start), `last_touch_at`,
        `touches` (0 for a visit without a contact), `outcome` ("converted" or "ended"),
        `conversions`, `conversion_value`.

    Raises
    ------
    NotSupportedByData
        If there is no visit of a known customer.
    """
    require_columns(web_sessions, ["customer_id", "session_id", "started_at"], analysis="Visits")
    before = datetime.combine(journeys.snapshot_date, time())
    known = web_sessions.filter(_.customer_id.notnull() & (_.started_at < before))
    touches = touchpoints.filter(_.customer_id.notnull() & (_.touched_at < before)).mutate(
        channel=trimmed(_.channel).nullif("").fill_null(NOT_RECORDED)
    )
    if not int(known.count().execute()):
        raise NotSupportedByData("no visit of a known customer", "the table web_sessions")
    placed = _placed(known, touches, journeys.conversions).cache()
    contacts = placed.filter(_.what == CONTACT).drop("what", "conversions", "conversion_value")
    in_turn = ibis.window(group_by=KEY, order_by=["at", *_ties(contacts)])
    contacts = contacts.mutate(position=(ibis.row_number().over(in_turn) + 1).cast("int64"))
    return contacts.rename(touched_at="at"), _summed(placed)


def _placed(sessions: ibis.Table, touches: ibis.Table, sales: ibis.Table) -> ibis.Table:
    """Give every visit, contact and conversion the number of the visit it falls into."""
    length = sessions.duration_seconds if "duration_seconds" in sessions.columns else (
        ibis.null("float64")
    )  # fmt: skip
    stays = (length.cast("float64") + GRACE_SECONDS).fill_null(float(UNKNOWN_SECONDS))
    starts = sessions.select(
        "customer_id", at=_.started_at, what=ibis.literal(SESSION, "int64"),
        until=_.started_at.epoch_seconds().cast("float64") + stays,
    )  # fmt: skip
    carried = [name for name in touches.columns if name not in {"customer_id", "touched_at"}]
    contacts = touches.select(
        "customer_id", *carried, at=_.touched_at, what=ibis.literal(CONTACT, "int64")
    )
    bought = sales.select(
        "customer_id", "conversions", "conversion_value", at=_.converted_at,
        what=ibis.literal(SALE, "int64"),
    )  # fmt: skip
    together = stacked([starts, contacts, bought])
    so_far = ibis.cumulative_window(group_by="customer_id", order_by=["at", "what"])
    numbered = together.mutate(started=(_.what == SESSION).ifelse(1, 0))
    numbered = numbered.mutate(journey=_.started.sum().over(so_far).cast("int64"))
    # A visit at the instant of a contact begins before it, as SESSION sorts before CONTACT.
    numbered = numbered.mutate(until=_.until.max().over(ibis.window(group_by=KEY)))
    inside = (_.journey > 0) & (_.at.epoch_seconds().cast("float64") <= _.until)
    return numbered.filter(inside).drop("started", "until")


def _ties(contacts: ibis.Table) -> list[str]:
    return [name for name in ("stage", "channel", "kind", "campaign") if name in contacts.columns]


def _summed(placed: ibis.Table) -> ibis.Table:
    visits = placed.group_by(*KEY).aggregate(
        first_touch_at=_.at.min(),
        last_touch_at=_.at.max(),
        touches=_.count(where=_.what == CONTACT),
        conversions=_.conversions.sum().fill_null(0),
        conversion_value=exact_sum(_.conversion_value),
    )
    return visits.mutate(outcome=(_.conversions > 0).ifelse(CONVERTED, ENDED))
