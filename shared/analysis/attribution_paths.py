"""Attribution paths: which contacts of a customer belong together, and did they end in a sale?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from shared.analysis.customer_summary import EXACT, exact_sum
from shared.analysis.trimmed import trimmed
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

Repeats = Literal["keep", "collapse"]
Direct = Literal["channel", "override"]
CONVERTED, ENDED, OPEN = "converted", "ended", "open"
NOT_RECORDED = "(not recorded)"
DAY_SECONDS = 86_400
LAST_SECOND = DAY_SECONDS - 1
KEY = ("customer_id", "journey")


@dataclass(frozen=True)
class Journeys:
    """The journeys of one client, in the engine.

    Attributes
    ----------
    touches : ibis.Table
        One row per contact that stands on a journey: all columns of `touchpoints`, a blank
        `channel` as "(not recorded)", and `journey` (number within the customer, from 1; a key
        only together with `customer_id`), `position` (1 for the first contact), `outcome`
        ("converted"; "ended" without a conversion; "open": the look-back window was not over on
        the snapshot date), `converted_at`, `conversions`, `conversion_value` (those of the
        journey; null or 0 unless converted; the value is null without money) and `days_before`
        (days from the contact to the conversion; null unless converted).
    journeys : ibis.Table
        One row per journey: `customer_id`, `journey`, `first_touch_at`, `last_touch_at`,
        `touches`, `outcome`, `converted_at`, `conversions` (several at one instant count
        severally), `conversion_value`.
    conversions : ibis.Table
        One row per customer and instant from `tracked_from` on: `customer_id`, `converted_at`,
        `conversions`, `conversion_value` (null without money).
    lookback_days : int
        As given.
    tracked_from : datetime.datetime
        Time of the first contact: conversions before it could have none and are left out.
    snapshot_date : datetime.date
        As given.
    has_value : bool
        Whether conversions have a value.
    by_day : bool
        Whether conversions are dated by day only; each then counts as made at the day's end.
    counts : mapping of str to int
        `touches` (all before the snapshot date), `no_customer` and `too_old` (set aside: without
        a customer; before the look-back window of their journey's conversion), `tied` (contacts
        of one customer at one instant on different channels), `earlier_conversions` (before
        `tracked_from`), `conversions` (from it on), `not_recorded` (contacts without a channel).
    """

    touches: ibis.Table
    journeys: ibis.Table
    conversions: ibis.Table
    lookback_days: int
    tracked_from: datetime
    snapshot_date: date
    has_value: bool
    by_day: bool
    counts: Mapping[str, int]


def journeys_of(
    touchpoints: ibis.Table,
    conversions: ibis.Table,
    *,
    snapshot_date: date,
    lookback_days: int = 30,
) -> Journeys:
    """Sort each customer's contacts into journeys, in the engine.

    A journey is a run of contacts that no conversion and no silence of more than `lookback_days`
    interrupts. It is converted if a conversion follows its last contact within `lookback_days`;
    contacts more than `lookback_days` before that conversion are set aside and counted. A contact
    at the very instant of a conversion came before it. Contacts at one instant stand in the order
    of their channel, kind and campaign by name, so that the order of the rows decides nothing.

    Parameters
    ----------
    touchpoints : ibis.Table
        One row per contact: `customer_id`, `touched_at`, `channel`, and any further columns.
    conversions : ibis.Table
        `customer_id`, `converted_at`, and `conversion_value` if known; or orders, with
        `order_date` and `order_value`.
    snapshot_date : date
        Rows on it or later are left out.
    lookback_days : int
        Days before a conversion within which a contact counts, and the silence that ends a
        journey.

    Raises
    ------
    NotSupportedByData
        If there is no contact of a known customer.
    """
    require_columns(touchpoints, ["customer_id", "touched_at", "channel"], analysis="Attribution")
    before = datetime.combine(snapshot_date, time())
    dated = touchpoints.filter(_.touched_at < before)
    contacts = dated.filter(_.customer_id.notnull()).mutate(
        channel=trimmed(_.channel).nullif("").fill_null(NOT_RECORDED)
    )
    of_contacts = contacts.aggregate(
        contacts=_.count(),
        tracked_from=_.touched_at.min(),
        not_recorded=(_.channel == NOT_RECORDED).ifelse(1, 0).sum(),
    ).execute().iloc[0]  # fmt: skip
    if not of_contacts["contacts"]:
        raise NotSupportedByData(
            "no marketing contact of a known customer", "touchpoints with customer_id and time"
        )
    tracked_from = pd.Timestamp(of_contacts["tracked_from"]).to_pydatetime()
    converted, has_value, by_day = _instants(conversions, before=before)
    converted = converted.cache()
    tracked = converted.filter(_.converted_at >= tracked_from)
    # Three scans read the runs, and their windows are the costly part.
    runs = _runs(contacts, tracked, lookback_days=lookback_days, before=before).cache()
    kept = runs.filter(~_.too_old).drop("too_old", "run_last")
    placed = kept.mutate(position=_count_within(KEY, ["seq"])).drop("seq")
    is_tracked = _.converted_at >= tracked_from
    of_sales = converted.aggregate(
        earlier_conversions=_.conversions.sum(where=~is_tracked),
        conversions=_.conversions.sum(where=is_tracked),
    )
    counts = {
        "touches": int(dated.count().execute()),
        "too_old": int(runs.too_old.ifelse(1, 0).sum().execute()),
        "tied": _tied(contacts),
        "not_recorded": int(of_contacts["not_recorded"]),
        **{name: int(n) for name, n in of_sales.fill_null(0).execute().iloc[0].items()},
    }
    counts["no_customer"] = counts["touches"] - int(of_contacts["contacts"])
    return Journeys(
        touches=placed,
        journeys=_summed(placed),
        conversions=tracked,
        lookback_days=lookback_days,
        tracked_from=tracked_from,
        snapshot_date=snapshot_date,
        has_value=has_value,
        by_day=by_day,
        counts=counts,
    )


def path_touches(
    journeys: Journeys,
    *,
    repeats: Repeats = "keep",
    direct: Direct = "channel",
    direct_channel: str = "Direct",
) -> ibis.Table:
    """Give the contacts that make the paths, as `Journeys.touches`, positions counted anew.

    Parameters
    ----------
    journeys : Journeys
        From `journeys_of`.
    repeats : str
        "collapse" keeps the last of several contacts in a row through one channel.
    direct : str
        "override" leaves contacts through `direct_channel` out wherever the journey has another.
    direct_channel : str
        The channel of those who came by themselves, whatever the case of its letters.
    """
    touches = journeys.touches
    if direct == "override":
        other = _.channel.lower() != direct_channel.lower()
        touches = touches.mutate(other=other.ifelse(1, 0))
        touches = touches.mutate(others=_.other.sum().over(ibis.window(group_by=KEY)))
        touches = touches.filter((_.other == 1) | (_.others == 0)).drop("other", "others")
    if repeats == "collapse":
        in_turn = ibis.window(group_by=KEY, order_by="position")
        touches = touches.mutate(following=_.channel.lead().over(in_turn))
        touches = touches.filter(_.following.isnull() | (_.following != _.channel))
        touches = touches.drop("following")
    return touches.mutate(position=_count_within(KEY, ["position"]))


def _instants(conversions: ibis.Table, *, before: datetime) -> tuple[ibis.Table, bool, bool]:
    """Sum conversions by customer and instant; tell whether they have a value, and a time of day.

    What is dated by day only was bought at some time of that day: it counts as bought at its end,
    or every contact of the same day would come too late.
    """
    if "converted_at" not in conversions.columns:
        conversions = conversions.rename(converted_at="order_date")
        if "order_value" in conversions.columns:
            conversions = conversions.rename(conversion_value="order_value")
    require_columns(conversions, ["customer_id", "converted_at"], analysis="Attribution")
    has_value = "conversion_value" in conversions.columns
    known = conversions.filter(_.customer_id.notnull() & (_.converted_at < before))
    seconds = known.converted_at.epoch_seconds()
    timed = (seconds % DAY_SECONDS != 0).ifelse(1, 0)
    by_day = not int(known.aggregate(n=timed.sum().fill_null(0)).n.execute().iloc[0])
    if by_day:
        known = known.mutate(converted_at=_.converted_at + ibis.interval(seconds=LAST_SECOND))
    value = exact_sum(_.conversion_value) if has_value else ibis.null("float64")
    summed = known.group_by("customer_id", "converted_at").aggregate(conversions=_.count())
    if has_value:
        summed = known.group_by("customer_id", "converted_at").aggregate(
            conversions=_.count(), conversion_value=value
        )
        return summed, has_value, by_day
    return summed.mutate(conversion_value=value), has_value, by_day


def _runs(
    contacts: ibis.Table, converted: ibis.Table, *, lookback_days: int, before: datetime
) -> ibis.Table:
    """Give each contact the number of its run, how that ended, and whether it is too old for it."""
    limit = lookback_days * DAY_SECONDS
    in_turn = _with_next_conversion(contacts, converted)
    by_time = ibis.window(group_by="customer_id", order_by="seq")
    told = in_turn.mutate(
        previous_at=_.touched_at.lag().over(by_time), previous_next=_.next_at.lag().over(by_time)
    )
    same_end = (_.previous_next == _.next_at) | (_.previous_next.isnull() & _.next_at.isnull())
    gap = _.touched_at.epoch_seconds() - _.previous_at.epoch_seconds()
    goes_on = _.previous_at.notnull() & same_end.fill_null(False) & (gap <= limit).fill_null(False)
    up_to_here = ibis.window(group_by="customer_id", order_by="seq", rows=(None, 0))
    told = told.mutate(starts=goes_on.ifelse(0, 1))
    told = told.mutate(journey=_.starts.sum().over(up_to_here).cast("int64"))
    told = told.mutate(run_last=_.touched_at.max().over(ibis.window(group_by=KEY)))
    told = told.drop("previous_at", "previous_next", "starts")
    waited = _.next_at.epoch_seconds() - _.run_last.epoch_seconds()
    last_open = before - timedelta(days=lookback_days)
    converts = (waited <= limit).fill_null(False)
    is_over = (_.run_last < last_open) | _.next_at.notnull()
    outcome = ibis.cases((converts, CONVERTED), (is_over, ENDED), else_=OPEN)
    told = told.mutate(outcome=outcome)
    told = told.mutate(
        converted_at=(_.outcome == CONVERTED).ifelse(_.next_at, ibis.null("timestamp"))
    ).drop("next_at")
    age = _.converted_at.epoch_seconds() - _.touched_at.epoch_seconds()
    told = told.mutate(days_before=age / DAY_SECONDS, too_old=(age > limit).fill_null(False))
    joined = told.left_join(converted, ["customer_id", "converted_at"])
    extra = [name for name in joined.columns if name.endswith("_right")]
    return joined.drop(*extra).mutate(conversions=_.conversions.fill_null(0))


def _with_next_conversion(contacts: ibis.Table, converted: ibis.Table) -> ibis.Table:
    """Add to each contact its rank in time (`seq`) and the next conversion (`next_at`)."""
    ties: list[ir.Value] = [_.touched_at, _.channel]
    ties += [contacts[name].fill_null("") for name in ("kind", "campaign") if name in contacts]
    contacts = contacts.mutate(seq=_count_within(("customer_id",), ties))
    never, instant = ibis.null("timestamp"), _.converted_at.cast("timestamp")
    marks = contacts.select("customer_id", "seq", at=_.touched_at.cast("timestamp"), sold_at=never)
    sales = converted.select("customer_id", seq=ibis.null("int64"), at=instant, sold_at=instant)
    ahead = ibis.window(
        group_by="customer_id", order_by=[_.at, _.sold_at.notnull().ifelse(1, 0)], rows=(0, None)
    )
    together = ibis.union(marks, sales, distinct=False).mutate(next_at=_.sold_at.min().over(ahead))
    following = together.filter(_.seq.notnull()).select("customer_id", "seq", "next_at")
    return contacts.join(following, ["customer_id", "seq"])


def _count_within(group: tuple[str, ...], order: list[ir.Value] | list[str]) -> ir.Value:
    numbered = ibis.row_number().over(ibis.window(group_by=group, order_by=order))
    return (numbered + 1).cast("int64")


def _summed(touches: ibis.Table) -> ibis.Table:
    """Sum contacts up to journeys; what a journey's contacts agree in is taken as their largest."""
    return touches.group_by(*KEY).aggregate(
        first_touch_at=_.touched_at.min(),
        last_touch_at=_.touched_at.max(),
        touches=_.count(),
        outcome=_.outcome.max(),
        converted_at=_.converted_at.max(),
        conversions=_.conversions.max(),
        conversion_value=_.conversion_value.cast(EXACT).max().cast("float64"),
    )


def _tied(contacts: ibis.Table) -> int:
    """Count the contacts that share customer and instant with one through another channel."""
    instants = contacts.group_by("customer_id", "touched_at").aggregate(
        touches=_.count(), channels=_.channel.nunique()
    )
    tied = (_.channels > 1).ifelse(_.touches, 0)
    return int(instants.aggregate(n=tied.sum()).n.execute().iloc[0])
