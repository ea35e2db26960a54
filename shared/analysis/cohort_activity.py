"""What each cohort did at each age, counted in the engine: cohorts times ages come back."""

from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd
from ibis import _

from shared.analysis.cohort_members import ANALYSIS, DAY_ZERO, FIRST_ORDER, cohort_members
from shared.analysis.periods import (
    calendar_of,
    day_number,
    period_number,
    period_range,
    to_period,
    window_days,
)
from shared.analysis.purchases import purchases
from shared.loading.errors import NotSupportedByData


@dataclass(frozen=True)
class Cohorts:
    """Every cohort's customers by age, summed in the engine: all that this report knows.

    Attributes
    ----------
    members : pd.DataFrame
        Customers by `cohort`, `first_period` and `windows` (complete steps of age).
    activity : pd.DataFrame
        As `members`, by `period_index` (0 is the period of the first order): `customers` who
        bought, `again` (who had also bought one step before), `orders`, `orders_squared`.
    returns : pd.DataFrame
        As `members`, by `first_return` (age at the second active step, -1 for none) and
        `last_index` (age at the last one): `customers`, `repeaters` (two orders or more).
    period, cohort_by : str
        As asked for.
    first, last : pd.Period
        First period with an order and last complete period.
    running : bool
        Whether a period that is not over yet is kept after `last`.
    who : ibis.Table
        One row per customer, as from `cohort_members`; stays in the engine.
    before : datetime.date
        First day left out.
    """

    members: pd.DataFrame
    activity: pd.DataFrame
    returns: pd.DataFrame
    period: str
    cohort_by: str
    first: pd.Period
    last: pd.Period
    running: bool
    who: ibis.Table
    before: date

    @property
    def closed(self) -> date:
        """The first day after the last complete period."""
        return (self.last + 1).start_time.date()


def follow_cohorts(
    order_lines: ibis.Table,
    *,
    period: str,
    last_period: str,
    cohort_by: str = FIRST_ORDER,
    customers: ibis.Table | None = None,
    snapshot_date: date | None = None,
) -> Cohorts:
    """Follow every first-time buyer from cohort to cohort age.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id` and `order_date`.
    period : str
        "M", "Q", "W", or days since the first order such as "30D" (cohorts are months then).
    last_period : str
        Last complete period, for example "2011-11".
    cohort_by : str
        "first_order", a column of `customers`, or a column of the first order.
    customers : ibis.Table, optional
        One row per customer, where `cohort_by` names an attribute.
    snapshot_date : datetime.date, optional
        First day without data. If it lies in the period after `last_period`, that running
        period is kept and marked, never mixed with complete ones.

    Raises
    ------
    NotSupportedByData
        If there is no order up to `last_period`.
    """
    last = to_period(last_period, period)
    before, running = data_end(last, period=period, snapshot_date=snapshot_date)
    who = cohort_members(
        order_lines,
        period=period,
        last=last,
        before=before,
        cohort_by=cohort_by,
        customers=customers,
    )
    steps = _active_steps(
        purchases(order_lines, before=before, analysis=ANALYSIS), who, period=period
    )
    members = _count_members(who)
    if not (members["windows"] > 0).any():
        raise NotSupportedByData(f"no order in a complete period, the last one is {last}")
    return Cohorts(
        members=members,
        activity=_count_activity(steps),
        returns=_count_returns(steps),
        period=period,
        cohort_by=cohort_by,
        first=pd.Period(ordinal=int(members["first_period"].min()), freq=calendar_of(period)),
        last=last,
        running=running,
        who=who,
        before=before,
    )


def data_end(last: pd.Period, *, period: str, snapshot_date: date | None) -> tuple[date, bool]:
    """Give the first day left out, and whether a running period is kept before it."""
    end = (last + 1).start_time.date()
    if snapshot_date is None or window_days(period):
        return end, False
    # Where the data reach beyond the next period, they were left out on purpose: nothing runs.
    running = end < snapshot_date < (last + 2).start_time.date()
    return (snapshot_date, True) if running else (end, False)


def at_risk(cohorts: Cohorts) -> pd.DataFrame:
    """Count the members of each cohort whose step of that age is over; 0 where nobody's is."""
    return _members_beyond(cohorts, lead=0)


def started(cohorts: Cohorts) -> pd.DataFrame:
    """Count the members of each cohort whose step of that age has begun."""
    return _members_beyond(cohorts, lead=_lead(cohorts))


def observed(cohorts: Cohorts, column: str) -> pd.DataFrame:
    """Sum a column of `activity` over complete steps; NaN where no step is complete."""
    risk = at_risk(cohorts)
    complete = cohorts.activity[cohorts.activity["windows"] > cohorts.activity["period_index"]]
    return by_age(cohorts, complete, column).where(risk > 0)


def counts_so_far(cohorts: Cohorts) -> pd.DataFrame:
    """Count active customers, unfinished steps included; NaN where no step has begun."""
    begun = started(cohorts)
    return by_age(cohorts, cohorts.activity, "customers").where(begun > 0)


def cohort_sizes(cohorts: Cohorts) -> pd.Series:
    """Count each cohort's first-time buyers in complete periods; the running one's so far."""
    members = cohorts.members
    # Day windows start with each customer's own first order, so that nobody joins "too late".
    won = members if window_days(cohorts.period) else members[members["windows"] > 0]
    sizes = won.groupby("cohort")["customers"].sum()
    so_far = members.groupby("cohort")["customers"].sum()
    sizes = sizes.reindex(so_far.index).fillna(so_far)
    return label(sizes.to_frame("cohort_size"), cohorts)["cohort_size"]


def by_age(cohorts: Cohorts, frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Spread sums of a column over all cohorts and ages, 0 where no row falls."""
    sums = frame.groupby(["cohort", "period_index"])[column].sum().unstack("period_index")
    keys = cohorts.members["cohort"].unique()
    wide = sums.reindex(index=keys, columns=ages(cohorts)).fillna(0).astype("float64")
    return label(wide, cohorts)


def ages(cohorts: Cohorts) -> pd.RangeIndex:
    """List the ages that anybody has begun."""
    oldest = int(cohorts.members["windows"].max()) + _lead(cohorts)
    return pd.RangeIndex(oldest, name="period_index")


def labels(cohorts: Cohorts) -> dict[str, pd.Period | str]:
    """Name the cohorts in the order of display: periods by time, groups by size, then by name."""
    sizes = cohorts.members.groupby("cohort")["customers"].sum()
    if cohorts.cohort_by != FIRST_ORDER:
        return {str(key): str(key) for key in sorted(sizes.index, key=lambda k: (-sizes[k], k))}
    keys = sorted(sizes.index, key=int)
    return dict(zip(keys, period_range(keys, calendar_of(cohorts.period)), strict=True))


def surely_new(table: pd.DataFrame, cohorts: Cohorts) -> pd.DataFrame:
    """Leave the first cohort out of a table by cohort: it holds whoever is older than the data."""
    if cohorts.cohort_by != FIRST_ORDER:
        return table
    return table[table["cohort"] != cohorts.first]


def label(frame: pd.DataFrame, cohorts: Cohorts) -> pd.DataFrame:
    """Name and order rows that are keyed by cohort."""
    names = labels(cohorts)
    return frame.reindex(list(names)).set_axis(_index(list(names.values())), axis=0)


def _index(names: list[pd.Period | str]) -> pd.Index:
    if names and isinstance(names[0], pd.Period):
        return pd.PeriodIndex(names, name="cohort")
    return pd.Index(names, name="cohort")


def _lead(cohorts: Cohorts) -> int:
    """One more step than is complete has begun: for everyone in day windows, else if running."""
    return 1 if window_days(cohorts.period) else int(cohorts.running)


def _active_steps(lines: ibis.Table, who: ibis.Table, *, period: str) -> ibis.Table:
    """Give one row per customer and step of age in which she ordered."""
    days = window_days(period)
    # Without an order id a customer's day is her order.
    order = lines.order_id if "order_id" in lines.columns else lines.order_date.date()
    number = (
        day_number(lines.order_date, since=DAY_ZERO)
        if days
        else period_number(lines.order_date, period)
    )
    joined = lines.select("customer_id", order=order, number=number).join(who, "customer_id")
    start = joined.first_day if days else joined.first_period
    return (
        joined.mutate(period_index=(joined.number - start) // max(days, 1))
        .group_by("customer_id", "cohort", "first_period", "windows", "period_index")
        .aggregate(orders=_.order.nunique())
    )


def _count_members(who: ibis.Table) -> pd.DataFrame:
    keys = ["cohort", "first_period", "windows"]
    return _tidy(who.group_by(keys).aggregate(customers=_.count()), keys)


def _count_activity(steps: ibis.Table) -> pd.DataFrame:
    by_age = ibis.window(group_by="customer_id", order_by="period_index")
    keys = ["cohort", "first_period", "windows", "period_index"]
    marked = steps.mutate(previous=_.period_index.lag().over(by_age))
    counted = marked.group_by(keys).aggregate(
        customers=_.count(),
        again=(_.previous == _.period_index - 1).fill_null(False).cast("int64").sum(),
        orders=_.orders.sum(),
        # The square is what the variance needs later, when the orders are gone.
        orders_squared=(_.orders * _.orders).sum(),
    )
    return _tidy(counted, keys)


def _count_returns(steps: ibis.Table) -> pd.DataFrame:
    customers = steps.group_by("customer_id", "cohort", "first_period", "windows").aggregate(
        # -1 for never: whole numbers have no blank.
        first_return=_.period_index.min(where=_.period_index > 0).fill_null(-1),
        last_index=_.period_index.max(),
        orders=_.orders.sum(),
    )
    keys = ["cohort", "first_period", "windows", "first_return", "last_index"]
    counted = customers.group_by(keys).aggregate(
        customers=_.count(), repeaters=(_.orders > 1).cast("int64").sum()
    )
    return _tidy(counted, keys)


def _tidy(table: ibis.Table, keys: list[str]) -> pd.DataFrame:
    """Bring a small table to pandas, in an order that no engine decides."""
    frame = table.to_pandas()
    numbers = [c for c in frame.columns if c != "cohort"]
    return frame.astype(dict.fromkeys(numbers, "int64")).sort_values(keys, ignore_index=True)


def _members_beyond(cohorts: Cohorts, *, lead: int) -> pd.DataFrame:
    """Count members with more than k windows, k = 0, 1, …, `lead` windows granted on top."""
    members = cohorts.members.assign(windows=cohorts.members["windows"] + lead)
    wide = members.groupby(["cohort", "windows"])["customers"].sum().unstack("windows")
    exactly = wide.reindex(columns=ages(cohorts) + 1).fillna(0).astype("float64")
    beyond = exactly.iloc[:, ::-1].cumsum(axis=1).iloc[:, ::-1]
    return label(beyond.set_axis(ages(cohorts), axis=1), cohorts)
