"""Cohort membership: when did each customer first buy, and to which cohort does that put her?"""

from datetime import date

import ibis
import pandas as pd
from ibis import _

from shared.analysis.customer_summary import money, money_column
from shared.analysis.periods import calendar_of, day_number, period_number, window_days
from shared.analysis.purchases import purchases
from shared.loading.errors import ConfigError, NotSupportedByData
from shared.loading.schema import TABLES

FIRST_ORDER = "first_order"
NOT_RECORDED = "not recorded"
# A fixed day to count from; which one does not matter, only differences are used.
ANALYSIS = "Cohort retention"
DAY_ZERO = date(1970, 1, 1)


def cohort_members(
    order_lines: ibis.Table,
    *,
    period: str,
    last: pd.Period,
    before: date,
    cohort_by: str = FIRST_ORDER,
    customers: ibis.Table | None = None,
) -> ibis.Table:
    """Give each customer her cohort and how many steps of age are wholly observed for her.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order.
    period : str
        "M", "Q", "W" or days since the first order such as "30D".
    last : pd.Period
        Last complete period.
    before : datetime.date
        Orders on that day or later are left out; later than the end of `last` when a running
        period is kept.
    cohort_by : str
        "first_order" for the period of the first order, a column of `customers`, or a column of
        the order lines, read in the first order.
    customers : ibis.Table, optional
        One row per customer, where `cohort_by` names an attribute.

    Returns
    -------
    ibis.Table
        `customer_id`, `cohort` (text), `first_period` (number of the period of the first order),
        `first_day` (days since 1970) and `windows` (complete steps of age, the first one
        included; 0 for who joined in a running period).
    """
    lines = purchases(order_lines, before=before, analysis=ANALYSIS)
    firsts = lines.group_by("customer_id").aggregate(first_order_date=_.order_date.min())
    members = firsts.mutate(
        first_period=period_number(_.first_order_date, calendar_of(period)),
        first_day=day_number(_.first_order_date, since=DAY_ZERO),
    )
    members = members.mutate(windows=_complete_windows(members, period=period, last=last))
    if cohort_by == FIRST_ORDER:
        keyed = members.mutate(cohort=_.first_period.cast("string"))
    else:
        values = _cohort_values(lines, firsts, cohort_by=cohort_by, customers=customers)
        keyed = members.left_join(values, "customer_id").drop("customer_id_right")
        keyed = keyed.mutate(cohort=_.cohort.fill_null(NOT_RECORDED))
    return keyed.select("customer_id", "cohort", "first_period", "first_day", "windows")


def cohort_choices(order_lines: ibis.Table, customers: ibis.Table | None = None) -> list[str]:
    """List what cohorts can be formed by with these tables."""
    traits = [c for c in customers.columns if c != "customer_id"] if customers is not None else []
    in_order = [c for c in ("campaign", "channel", "category", "country") if c in order_lines]
    return [FIRST_ORDER, *traits, *(c for c in in_order if c not in traits)]


def _complete_windows(members: ibis.Table, *, period: str, last: pd.Period) -> ibis.Value:
    days = window_days(period)
    if not days:
        return last.ordinal - members.first_period + 1
    end_day = ((last + 1).start_time.date() - DAY_ZERO).days
    return (end_day - members.first_day) // days


def _cohort_values(
    lines: ibis.Table, firsts: ibis.Table, *, cohort_by: str, customers: ibis.Table | None
) -> ibis.Table:
    if customers is not None and cohort_by in customers.columns:
        values = customers.select("customer_id", cohort=customers[cohort_by].cast("string"))
        return values.group_by("customer_id").aggregate(cohort=_.cohort.min())
    if cohort_by in lines.columns:
        return _value_of_first_order(lines, firsts, column=cohort_by)
    known = {c for table in ("customers", "order_lines") for c in TABLES[table].columns}
    choices = ", ".join(cohort_choices(lines, customers))
    if cohort_by in known:
        raise NotSupportedByData(f"cohorts by {cohort_by}: not in this export", choices)
    raise ConfigError(
        "E-PARA-13", "cohort_by", f"{cohort_by!r} is no column of customers or orders", fix=choices
    )


def _value_of_first_order(lines: ibis.Table, firsts: ibis.Table, *, column: str) -> ibis.Table:
    """Read a column in the first order; of several values the one with most money counts."""
    worth = money(lines) if money_column(lines) else ibis.literal(1)
    first_lines = (
        lines.select("customer_id", "order_date", cohort=lines[column].cast("string"), worth=worth)
        .join(firsts, "customer_id")
        .filter(_.order_date == _.first_order_date, _.cohort.notnull())
        .group_by("customer_id", "cohort")
        .aggregate(worth=_.worth.sum())
    )
    # The value itself is the last key, so that equal worths choose alike on every engine.
    by_worth = ibis.window(
        group_by="customer_id", order_by=[ibis.desc("worth"), ibis.asc("cohort")]
    )
    ranked = first_lines.mutate(place=ibis.row_number().over(by_worth))
    return ranked.filter(_.place == 0).select("customer_id", "cohort")
