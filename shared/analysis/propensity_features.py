"""Features of a customer at a moment, in the engine: nothing at or after it is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

import ibis
import pandas as pd
from ibis import _

from shared.analysis.customer_summary import EXACT, exact_sum, money_column
from shared.analysis.purchases import purchases
from shared.loading.schema import require_columns

ORDERS, VISITS, PEOPLE = "purchase history", "web visits", "demographics"
SECONDS_A_DAY = 86_400
# A plain 86400.0 is a decimal on Spark, and dividing by it cuts the digits.
DAY = ibis.literal(SECONDS_A_DAY, type="float64")
VISIT_DAYS = (1, 7, 28)
OLDEST, YOUNGEST = 100, 16
HASHES = 16**8
TRAITS = ("gender", "city", "acquisition_channel")
LOGGED = frozenset(
    ["recency_days", "orders", "orders_90d", "mean_order_value", "mean_gap_days",
     "tenure_days", "days_since_visit", "visits_1d", "visits_7d", "visits_28d", "cart_adds_7d",
     "cart_adds_28d", "product_views_7d"]
)  # fmt: skip


@dataclass(frozen=True)
class Events:
    """What happened to customers, each with its moment.

    Attributes
    ----------
    orders : ibis.Table
        `customer_id`, `ordered_at`, `value` (money of the order); refunds are no order.
    visits : ibis.Table or None
        `customer_id`, `started_at`, and `cart_adds`, `product_views` where known.
    customers : ibis.Table or None
        Demographics, only if they may be used.
    visits_from : datetime.datetime or None
        The first visit in the data: before it nothing is known about visits.
    orders_from : datetime.datetime
        The first order in the data.
    """

    orders: ibis.Table = field(repr=False)
    visits: ibis.Table | None = field(repr=False)
    customers: ibis.Table | None = field(repr=False)
    visits_from: datetime | None
    orders_from: datetime


def events_of(
    tables: Mapping[str, ibis.Table], *, snapshot_date: date, demographics: bool = True
) -> Events:
    """Make one row per order and per visit, before the snapshot date, once for all moments.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        `order_lines`, and `web_sessions` and `customers` if the client has them.
    snapshot_date : datetime.date
        The first day that is left out.
    demographics : bool
        Whether the table of customers may be used.
    """
    lines = tables["order_lines"]
    require_columns(lines, ["customer_id", "order_date"], analysis="Purchase propensity")
    lines = lines.filter(_.customer_id.notnull())
    lines = purchases(lines, before=snapshot_date, analysis="Purchase propensity")
    number = lines.order_id if "order_id" in lines.columns else lines.order_date.cast("string")
    orders = (
        lines.select(
            "customer_id", "order_date", number=number, money=lines[money_column(lines)].cast(EXACT)
        )
        .group_by("customer_id", "number")
        .aggregate(ordered_at=_.order_date.min(), value=_.money.sum())
        .drop("number")
        .cache()
    )
    visits = tables.get("web_sessions")
    if visits is not None:
        kept = [n for n in ("cart_adds", "product_views") if n in visits.columns]
        midnight = datetime.combine(snapshot_date, time())
        visits = visits.filter(_.customer_id.notnull(), _.started_at < midnight)
        visits = visits.select("customer_id", "started_at", *kept).cache()
    visits_from = None if visits is None else _first(visits.started_at)
    return Events(
        orders=orders,
        visits=None if visits_from is None else visits,
        customers=tables.get("customers") if demographics else None,
        visits_from=visits_from,
        orders_from=_first(orders.ordered_at) or datetime.combine(snapshot_date, time()),
    )


def drawn_from(events: Events, share: float) -> Events:
    """Keep what a share of the customers did, drawn by a hash of their ids: at random, once."""
    # Hexadecimal digits of one length stand in the order of their numbers.
    below = f"{int(share * HASHES):08x}"

    def drawn(table: ibis.Table) -> ibis.Table:
        hashed = table.customer_id.cast("string").hexdigest("md5")
        return table.filter(hashed.substr(0, 8) < below)

    return replace(
        events,
        orders=drawn(events.orders).cache(),
        visits=None if events.visits is None else drawn(events.visits).cache(),
        customers=None if events.customers is None else drawn(events.customers).cache(),
    )


def features_at(events: Events, moment: datetime) -> pd.DataFrame:
    """Describe every customer known before a moment by what was known then.

    Parameters
    ----------
    events : Events
        As from `events_of`.
    moment : datetime.datetime
        Nothing at or after it is read.

    Returns
    -------
    pd.DataFrame
        Index `customer_id` of those with an order or a visit before; features as columns. Counts
        of visits are 0 for customers never seen on the site, who are marked by
        `never_seen_online`; recency and gaps are blank where there is nothing to measure.
    """
    known = _order_features(events.orders, moment)
    if events.visits is not None:
        visits = _visit_features(events.visits, moment)
        known = known.outer_join(visits, "customer_id")
        known = known.mutate(
            customer_id=ibis.coalesce(_.customer_id, _.customer_id_right),
            orders=_.orders.fill_null(0),
            orders_90d=_.orders_90d.fill_null(0),
            never_seen_online=_.visits_28d.isnull().cast("int64"),
            **{name: _[name].fill_null(0) for name in visits.columns
               if name not in ("customer_id", "days_since_visit")},
        ).drop("customer_id_right")  # fmt: skip
    if events.customers is not None:
        people = _people_features(events.customers, moment)
        known = known.left_join(people, "customer_id").drop("customer_id_right")
    frame = known.to_pandas().sort_values("customer_id", kind="stable").set_index("customer_id")
    texts = [name for name in frame if name in TRAITS]
    numbers = frame.drop(columns=texts).astype("float64")
    return pd.concat([numbers, frame[texts].astype(object)], axis=1)


def bought_between(events: Events, start: datetime, end: datetime) -> pd.Index:
    """Name the customers who ordered from one moment up to, but not including, another."""
    rows = events.orders.filter(_.ordered_at >= start, _.ordered_at < end)
    return pd.Index(rows.select("customer_id").distinct().to_pandas()["customer_id"])


def feature_sources(names: list[str]) -> dict[str, str]:
    """Say which table each feature comes from."""
    visits = {"never_seen_online", "days_since_visit"}
    people = {"age", "member", *TRAITS}

    def source(name: str) -> str:
        if name in visits or name.startswith(("visits_", "cart_adds_", "product_views_")):
            return VISITS
        return PEOPLE if name in people else ORDERS

    return {name: source(name) for name in names}


def has_clock(tables: Mapping[str, ibis.Table]) -> bool:
    """Tell whether orders and visits carry a time of day, which hours need."""
    lines, visits = tables.get("order_lines"), tables.get("web_sessions")
    if lines is None or visits is None or not {"started_at"} <= set(visits.columns):
        return False
    timed = [
        bool(table.aggregate(n=(_[clock].epoch_seconds() % SECONDS_A_DAY != 0).sum())
             .to_pandas()["n"].iloc[0])
        for table, clock in ((lines, "order_date"), (visits, "started_at"))
    ]  # fmt: skip
    return all(timed)


def _first(moments: ibis.Column) -> datetime | None:
    found = moments.min().to_pandas()
    return None if pd.isna(found) else pd.Timestamp(found).to_pydatetime()


def _order_features(orders: ibis.Table, moment: datetime) -> ibis.Table:
    counted = orders.filter(_.ordered_at < moment).group_by("customer_id").aggregate(
        orders=_.count(),
        orders_90d=_.count(where=_.ordered_at >= moment - timedelta(days=90)),
        first=_.ordered_at.min().epoch_seconds(),
        last=_.ordered_at.max().epoch_seconds(),
        money=exact_sum(_.value),
    )  # fmt: skip
    span = (_.last - _.first).cast("float64") / DAY
    return counted.mutate(
        recency_days=_days_before(moment, _.last),
        tenure_days=_days_before(moment, _.first),
        mean_order_value=_.money / _.orders,
        mean_gap_days=span / (_.orders - 1).nullif(0),
    ).drop("first", "last", "money")


def _visit_features(visits: ibis.Table, moment: datetime) -> ibis.Table:
    def lately(days: int) -> ibis.Value:
        return _.started_at >= moment - timedelta(days=days)

    sums = {
        f"{name}_{days}d": _[name].sum(where=lately(days)).fill_null(0)
        for name, spans in (("cart_adds", (7, 28)), ("product_views", (7,)))
        for days in spans
        if name in visits.columns
    }
    counts = {f"visits_{days}d": _.count(where=lately(days)) for days in VISIT_DAYS}
    seen = visits.filter(_.started_at < moment).group_by("customer_id").aggregate(
        last=_.started_at.max().epoch_seconds(), **counts, **sums
    )  # fmt: skip
    return seen.mutate(days_since_visit=_days_before(moment, _.last)).drop("last")


def _people_features(customers: ibis.Table, moment: datetime) -> ibis.Table:
    """Read what was true before the moment: a later joining is not known yet."""
    columns: dict[str, ibis.Value] = {name: _[name].max() for name in TRAITS
                                      if name in customers.columns}  # fmt: skip
    if "birth_year" in customers.columns:
        age = moment.year - _.birth_year.max()
        columns["age"] = ibis.ifelse(age.between(YOUNGEST, OLDEST), age, None)
    day = ibis.literal(moment.date())
    if "loyalty_joined_on" in customers.columns:
        joined = _.loyalty_joined_on.min() < day
        columns["member"] = joined.fill_null(False).cast("int64")
    return customers.group_by("customer_id").aggregate(**columns)


def _days_before(moment: datetime, seconds: ibis.Value) -> ibis.Value:
    start = int((moment - datetime(1970, 1, 1)).total_seconds())
    return (start - seconds).cast("float64") / DAY
