"""The customer profile as the portfolio page shows it: middle, segments, then and now, tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd

from shared.analysis.abc_xyz import Cuts
from shared.analysis.customer_profile import QUARTILES, Profile, customer_profile, profile_blanks
from shared.analysis.intervals import wilson
from shared.analysis.lifecycle_customers import latest_stages
from shared.analysis.lifecycle_flows import Lifecycle
from shared.analysis.lifecycle_study import LifecycleStudy
from shared.analysis.portfolio import Portfolio
from shared.analysis.profile_classes import CUTS
from shared.analysis.profile_history import profile_history
from shared.analysis.profile_metrics import profile_catalogue
from shared.analysis.rfm_scores import Scoring
from shared.analysis.segment_history import EVERYONE
from shared.analysis.verdicts import Reason

Columns = dict[str, tuple[str, str]]
Write = Callable[[object, str], str]
SMALLEST_GROUP = 10  # customers; the median of fewer is a portrait of single people
# The metrics that tell a reader most: what they are called on the page, and how they are written.
TELLING = {
    "recency_days": ("Silence since the last order", "days"),
    "median_gap_days": ("Usual pause between orders", "days"),
    "sleep_days": ("Asleep for", "days"),
    "asleep_share": ("Share of the time asleep", "share"),
    "interaction_span_days": ("From the first order to the last", "days"),
    "expected_next_order_date": ("Next order expected on", "date"),
    "frequency": ("Orders", "number.1"),
    "active_periods": ("Periods with an order", "number.1"),
    "active_period_share": ("Share of periods with an order", "share"),
    "monetary": ("Money so far", "money"),
    "margin": ("Margin so far", "money"),
    "average_order_value": ("Mean order", "money"),
    "spend_cv": ("Variation of spend from period to period", "number"),
    "positions_per_order": ("Products in an order", "number.1"),
    "repeat_product_share": ("Share of products bought before", "share"),
    "discount_share": ("Share taken off by discounts", "share"),
}
BY_SEGMENT = {
    "recency_days": ("Silence", "days"),
    "median_gap_days": ("Usual pause", "days"),
    "frequency": ("Orders", "number.1"),
    "monetary": ("Money so far", "money"),
    "average_order_value": ("Mean order", "money"),
    "positions_per_order": ("Products in an order", "number.1"),
    "discount_share": ("Discounts", "share"),
}
THEN = {
    "recency_days": ("Silence since the last order", "days"),
    "frequency": ("Orders", "number.1"),
    "orders_per_active_period": ("Orders per active period", "number"),
    "monetary": ("Money so far", "money"),
    "average_order_value": ("Mean order", "money"),
    "positions_per_order": ("Products in an order", "number.1"),
}


@dataclass(frozen=True)
class ThenAndNow:
    """The profiles of two period ends.

    Attributes
    ----------
    profiles : pd.DataFrame
        As from `profile_history`: the earlier end first, then the last one.
    then, now : datetime.date
        The two ends, each the first day after its period.
    """

    profiles: pd.DataFrame
    then: date
    now: date

    def at(self, end: date) -> pd.DataFrame:
        """Give the profile as of one end, on the index `customer_id`."""
        rows = self.profiles[self.profiles["as_of"] == pd.Timestamp(end)]
        return rows.set_index("customer_id")


def client_profile(
    order_lines: ibis.Table,
    tables: Mapping[str, ibis.Table],
    base: Portfolio,
    life: LifecycleStudy,
    *,
    period: str,
    cuts: Cuts = CUTS,
) -> Profile:
    """Profile a client's customers, with the segments and stages that the page shows.

    Parameters
    ----------
    order_lines : ibis.Table
        Lines of known customers.
    tables : mapping of str to ibis.Table
        What else the client supplied.
    base : Portfolio
        The placed customers.
    life : LifecycleStudy
        Stages are blank where it has none.
    period : str
        "M", "Q" or "W".
    cuts : Cuts
        Where A, B, X and Y end.
    """
    stages, g1_days = None, None
    if isinstance(life.life, Lifecycle):
        thresholds, g1_days = life.life.thresholds, life.life.thresholds.g1_days
        stages = latest_stages(order_lines, thresholds=thresholds, snapshot_date=base.snapshot_date)
    return customer_profile(
        {**tables, "order_lines": order_lines},
        snapshot_date=base.snapshot_date,
        period=period,
        g1_days=g1_days,
        cuts=cuts,
        placed=base.customers,
        stages=stages,
    )


def then_and_now(
    order_lines: ibis.Table,
    tables: Mapping[str, ibis.Table],
    *,
    ends: Sequence[date],
    period: str,
    scoring: Scoring,
    cuts: Cuts = CUTS,
) -> ThenAndNow:
    """Profile the customers as of the first and the last of some period ends, as known then.

    Raises
    ------
    NotSupportedByData
        If nobody had ordered by the first of them.
    """
    sources = {**tables, "order_lines": order_lines}
    profiles = [
        profile_history(
            sources, snapshot_date=end, periods=0, period=period, scoring=scoring, cuts=cuts
        )
        for end in (ends[0], ends[-1])
    ]
    return ThenAndNow(pd.concat(profiles, ignore_index=True), ends[0], ends[-1])


def telling_metrics(profile: Profile, summary: pd.DataFrame, *, write: Write) -> pd.DataFrame:
    """Give the middle of the base, metric by metric, as text with units.

    Parameters
    ----------
    profile : Profile
        Gives the dates, which the summary leaves blank.
    summary : pd.DataFrame
        As from `profile_summary`.
    write : callable
        Writes a value by a spec such as "days", as the client does; blank stays "".

    Returns
    -------
    pd.DataFrame
        `metric` (in words), `known` and `blank` (customers), `low_quartile`, `median` and
        `high_quartile` as text; a metric that nobody has is left out.
    """
    ends = list(QUARTILES)
    rows = summary[summary["known"] > 0].set_index("metric")
    shown = rows.loc[[metric for metric in TELLING if metric in rows.index]]
    table = shown[["known", "blank", *ends]].astype({"known": "int64", "blank": "int64"})
    specs = [TELLING[metric][1] for metric in shown.index]
    dates = {m: profile.customers[m] for m in shown.index if TELLING[m][1] == "date"}
    for end in ends:
        found = {m: days.quantile(QUARTILES[end]).date() for m, days in dates.items()}
        values = [found.get(metric, value) for metric, value in shown[end].items()]
        table[end] = [write(v, spec) for v, spec in zip(values, specs, strict=True)]
    table.insert(0, "metric", [TELLING[metric][0] for metric in shown.index])
    return table.reset_index(drop=True)


def telling_columns() -> Columns:
    """Name the columns of the telling metrics, and how each is written."""
    return {
        "metric": ("Metric", "text"),
        "low_quartile": ("Lower quarter up to", "text"),
        "median": ("Half up to", "text"),
        "high_quartile": ("Upper quarter from", "text"),
        "known": ("Customers", "count"),
        "blank": ("Blank", "count"),
    }


def segment_medians(customers: pd.DataFrame, *, segments: Sequence[str]) -> pd.DataFrame:
    """Give the median customer of each segment, and of all of them first.

    Parameters
    ----------
    customers : pd.DataFrame
        As `Profile.customers`.
    segments : sequence of str
        The segments in the order shown.

    Returns
    -------
    pd.DataFrame
        `segment`, `customers` and the median of each metric over the customers of whom it is
        known; blank where they are fewer than ten.
    """
    metrics = [metric for metric in BY_SEGMENT if customers[metric].notna().any()]
    everyone = customers.assign(segment=EVERYONE)
    groups = pd.concat([everyone, customers.astype({"segment": str})]).groupby("segment")
    known = groups[metrics].count() >= SMALLEST_GROUP
    table = groups[metrics].median().where(known)
    table.insert(0, "customers", groups.size())
    order = [name for name in (EVERYONE, *segments) if name in table.index]
    return table.loc[order].rename_axis("segment").reset_index()


def segment_medians_columns(table: pd.DataFrame) -> Columns:
    """Name the columns of the medians by segment, and how each is written."""
    return {
        "segment": ("Segment", "text"),
        "customers": ("Customers", "count"),
        **{metric: shown for metric, shown in BY_SEGMENT.items() if metric in table},
    }


def then_and_now_table(both: ThenAndNow, *, best: str, write: Write) -> pd.DataFrame:
    """Set the profile of some periods back beside today's, as text with units.

    Parameters
    ----------
    both : ThenAndNow
        The two profiles.
    best : str
        The segment whose share is shown, such as Champions.
    write : callable
        As for `telling_metrics`.

    Returns
    -------
    pd.DataFrame
        `metric` (the median of it, or a share of customers), `then`, `same` (the customers of then,
        today) and `now` (all customers of today).
    """
    then, now = both.at(both.then), both.at(both.now)
    parts = {"then": then, "same": now.loc[now.index.intersection(then.index)], "now": now}
    rows = [{"metric": "Customers"} | {n: write(len(p), "count") for n, p in parts.items()}]
    rows += [
        {"metric": label} | {n: write(float(p[metric].median()), spec) for n, p in parts.items()}
        for metric, (label, spec) in THEN.items()
        if now[metric].notna().any()
    ]
    for label, column, name in (
        (f"Share who are {best}", "segment", best),
        ("Share in class A", "abc_class", "A"),
    ):
        shares = {n: write(float((p[column] == name).mean()), "share") for n, p in parts.items()}
        rows.append({"metric": label} | shares)
    return pd.DataFrame(rows)


def then_and_now_columns(both: ThenAndNow, *, write: Write) -> Columns:
    """Name the columns of the profiles of then and now."""
    return {
        "metric": ("Median, or share", "text"),
        "then": (f"All customers, {write(both.then, 'date')}", "text"),
        "same": (f"The same customers, {write(both.now, 'date')}", "text"),
        "now": (f"All customers, {write(both.now, 'date')}", "text"),
    }


def places_changed(both: ThenAndNow) -> Reason:
    """Answer: how many customers are in other groups than they were?"""
    then = both.at(both.then)
    now = both.at(both.now).reindex(then.index)
    other = {
        name: wilson(int((now[column].astype(str) != then[column].astype(str)).sum()), len(then))
        for name, column in (("segment", "segment"), ("abc", "abc_class"))
    }
    return Reason(
        "Of the {n} customers of {then:date}, {segment} stood in another segment on {now:date} and "
        "{abc} in another ABC class.",
        {"n": len(then), "then": both.then, "now": both.now, **other},
    )


def profile_tables(profile: Profile, summary: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give the tables of the profile, summed up once, by the names of their files."""
    return {
        "customer_profile": profile.customers,
        "profile_summary": summary,
        "profile_blanks": profile_blanks(profile),
        "profile_catalogue": profile_catalogue(),
    }
