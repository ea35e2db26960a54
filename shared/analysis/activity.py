"""Activity: on which days did a customer do anything, whether an order or another interaction?"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

import ibis
import pandas as pd
from ibis import _

from shared.analysis.periods import EPOCH, day_number, ends_passed
from shared.analysis.purchases import purchases
from shared.analysis.rfm_scores import INTERACTIONS, Scoring
from shared.loading.errors import NotSupportedByData

CLOCKS = {"web_sessions": "started_at", "touchpoints": "touched_at", "reviews": "written_at"}
# An impression is something done to a customer, not by one.
DONE_BY_CUSTOMER = ("click", "visit")
ANALYSIS = "Activity of customers"


def contact_sources(tables: Mapping[str, ibis.Table]) -> dict[str, ibis.Table]:
    """List the tables in which customers act other than by ordering.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        The client's tables. Web sessions, reviews, and the clicks and visits among the touchpoints
        count where they name the customer and the time; a touchpoint of unknown kind does not.

    Returns
    -------
    dict of str to ibis.Table
        By the name of the table: `customer_id` and `acted_at`, one row per interaction.
    """
    found = {}
    for name, clock in CLOCKS.items():
        rows = tables.get(name)
        if rows is None or not {"customer_id", clock} <= set(rows.columns):
            continue
        if name == "touchpoints":
            if "kind" not in rows.columns:
                continue
            rows = rows.filter(rows.kind.lower().isin(DONE_BY_CUSTOMER))
        acted = rows.select("customer_id", acted_at=rows[clock])
        found[name] = acted.filter(_.customer_id.notnull() & _.acted_at.notnull())
    return found


def contact_days(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """Give the days on which customers did something other than ordering.

    Returns
    -------
    ibis.Table
        `customer_id` and `day`, each pair once.

    Raises
    ------
    NotSupportedByData
        If no table tells of an interaction but orders.
    """
    found = contact_sources(tables)
    if not found:
        raise NotSupportedByData(
            "any interaction is to count as activity, and the client supplied none but orders",
            "web_sessions, touchpoints with their kind, or reviews, each with customer and time; "
            "or the parameter activity as purchase",
        )
    days = [rows.select("customer_id", day=_.acted_at.date()) for rows in found.values()]
    return (ibis.union(*days) if len(days) > 1 else days[0]).distinct()


def interaction_days(
    order_lines: ibis.Table, contacts: ibis.Table, *, ends: Sequence[date]
) -> pd.DataFrame:
    """Count the days of each customer with an order or a contact before each of several days.

    A day counts once, whatever happened on it: the click, the session and the order that it led to
    are one visit. An order stands on the day of its first line, and a refund is no activity.

    Parameters
    ----------
    order_lines : ibis.Table
        `customer_id`, `order_id`, `order_date` and, where known, `is_refund`.
    contacts : ibis.Table
        As from `contact_days`; contacts of who never ordered are left out.
    ends : sequence of datetime.date
        The days, ascending: each sees what lies before it.

    Returns
    -------
    pd.DataFrame
        One row per end and customer who did anything before it: `end_number` (place in `ends`),
        `customer_id`, `interaction_days` and `days_since_last_interaction` (up to that end).
    """
    bought = purchases(order_lines, before=ends[-1], analysis=ANALYSIS)
    orders = bought.group_by("customer_id", "order_id").aggregate(day=_.order_date.min().date())
    ordered = orders.select("customer_id", "day")
    others = contacts.semi_join(ordered, "customer_id").select("customer_id", "day")
    days = ibis.union(ordered, others, distinct=True)
    active = days.select("customer_id", moment=days.day.cast("timestamp"))
    counted = (
        active.mutate(seen_from=ends_passed(active.moment, ends))
        .filter(_.seen_from < len(ends))
        .group_by("customer_id", "seen_from")
        .aggregate(days=_.count(), last=day_number(_.moment.max(), since=EPOCH))
        .to_pandas()
    )
    return pd.concat([_before(counted, k, end) for k, end in enumerate(ends)], ignore_index=True)


def with_interactions(
    customers: pd.DataFrame, order_lines: ibis.Table, *, scoring: Scoring, snapshot_date: date
) -> pd.DataFrame:
    """Add `interaction_days` and `days_since_last_interaction` where they are what is scored."""
    if scoring.contacts is None:
        return customers
    found = interaction_days(order_lines, scoring.contacts, ends=[snapshot_date])
    columns = found.set_index("customer_id")[list(INTERACTIONS.values())]
    known = columns.reindex(customers["customer_id"]).set_axis(customers.index)
    return customers.assign(**known)


def activity_table(
    order_lines: ibis.Table, tables: Mapping[str, ibis.Table], *, snapshot_date: date
) -> pd.DataFrame:
    """Tell which interactions of customers with an order there are before a day.

    Returns
    -------
    pd.DataFrame
        One row per table, the orders first: `table`, `interaction` (what a row stands for),
        `interactions` and `customers` (both of customers with an order), `first_day`, `last_day`;
        a table without any is left out.
    """
    bought = purchases(order_lines, before=snapshot_date, analysis=ANALYSIS)
    orders = bought.group_by("customer_id", "order_id").aggregate(acted_at=_.order_date.min())
    buyers = orders.select("customer_id").distinct()
    before = _.acted_at < datetime.combine(snapshot_date, time())
    rows = []
    for name, acted in {"order_lines": orders, **contact_sources(tables)}.items():
        counted = acted.filter(before).semi_join(buyers, "customer_id").aggregate(
            interactions=_.count(), customers=_.customer_id.nunique(),
            first_day=_.acted_at.min().date(), last_day=_.acted_at.max().date(),
        )  # fmt: skip
        rows.append(counted.to_pandas().assign(table=name, interaction=NOUNS[name]))
    table = pd.concat(rows, ignore_index=True)
    columns = ["table", "interaction", "interactions", "customers", "first_day", "last_day"]
    return table.loc[table["interactions"] > 0, columns].reset_index(drop=True)


def _before(counted: pd.DataFrame, number: int, end: date) -> pd.DataFrame:
    """Add up what one end sees."""
    seen = counted[counted["seen_from"] <= number].groupby("customer_id")
    sums = seen.agg(interaction_days=("days", "sum"), last=("last", "max")).reset_index()
    silent = (end - EPOCH).days - sums["last"]
    return pd.DataFrame(
        {
            "end_number": number,
            "customer_id": sums["customer_id"],
            "interaction_days": sums["interaction_days"].astype("int64"),
            "days_since_last_interaction": silent.astype("int64"),
        }
    )


NOUNS = {
    "order_lines": "orders",
    "web_sessions": "web sessions",
    "touchpoints": "clicks and visits",
    "reviews": "reviews",
}
