"""Customer profile: 56 figures that tell each customer from every other, as of one date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pandas as pd

from shared.analysis.abc_xyz import Cuts
from shared.analysis.activity import with_interactions
from shared.analysis.lifecycle import LONGEST_DAYS
from shared.analysis.profile_blanks import blank_codes, blank_table, coded_texts
from shared.analysis.profile_classes import (
    CUTS,
    classes,
    next_order_dates,
    predictions_of,
    sentiment_of,
    stages_of,
    xyz_class,
)
from shared.analysis.profile_contacts import web_coverage
from shared.analysis.profile_measures import measure_customers
from shared.analysis.profile_metrics import METRICS, NAMES
from shared.analysis.profile_orders import OWN_GAPS, falling_asleep_days, segment_gaps
from shared.analysis.profile_rules import Supplied, blank_rules, flag_codes
from shared.analysis.profile_sources import profile_sources
from shared.analysis.rfm_scores import ELEVEN, Scoring
from shared.loading.errors import ConfigError, NotSupportedByData

QUARTILES = {"low_quartile": 0.25, "median": 0.5, "high_quartile": 0.75}
WEB = ("web_visits_28d", "web_duration_28d")


@dataclass(frozen=True)
class Profile:
    """The profile of every customer with an order, as of one date.

    Attributes
    ----------
    customers : pd.DataFrame
        One row per customer, ordered by `customer_id`: that column, the 56 metrics of
        `profile_catalogue` in its order, `web_duration_28d` (seconds in the sessions of 28 days;
        blank without durations), and two columns of codes: `blank_reasons` such as
        "16:no_cost 20:few_orders" has one entry, by the metric's number, for each blank of the row;
        `flags` in the same form names figures that stand for less than their name says. What the
        codes mean is in `REASONS` and `FLAGS` of `profile_metrics`.
    snapshot_date : datetime.date
        As of when.
    period : str
        "M", "Q" or "W".
    g1_days : int
        Days of silence after which a customer falls asleep.
    """

    customers: pd.DataFrame
    snapshot_date: date
    period: str
    g1_days: int


def customer_profile(
    tables: Mapping[str, ibis.Table],
    *,
    snapshot_date: date,
    period: str = "M",
    g1_days: int | None = None,
    scoring: Scoring = ELEVEN,
    cuts: Cuts = CUTS,
    placed: pd.DataFrame | None = None,
    stages: pd.DataFrame | None = None,
    predictions: pd.DataFrame | None = None,
    sentiment: pd.DataFrame | None = None,
) -> Profile:
    """Measure every customer by rows before the snapshot date alone.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        `order_lines` with `customer_id`, `order_id` and `order_date`; what else the profile can
        use are `products` (category, unit cost), `customers` (acquisition channel),
        `web_sessions`, `touchpoints` and `reviews`.
    snapshot_date : datetime.date
        As of when; an earlier date gives the profile of that day, as it was known then.
    period : str
        "M", "Q" or "W".
    g1_days : int, optional
        Days of silence after which a customer falls asleep, as of the lifecycle stages; left out,
        three quarters of the gaps closed before `snapshot_date` are no longer, and it is at least
        one period.
    scoring : Scoring
        How customers are scored and named where `placed` does not say.
    cuts : Cuts
        Where the classes A, B, C and X, Y, Z change.
    placed : pd.DataFrame, optional
        Scores, segment and ABC class by `customer_id`, such as `Portfolio.customers`; what is
        not in it is computed by the rules of the portfolio.
    stages : pd.DataFrame, optional
        Lifecycle by `customer_id`, as from `latest_stages`.
    predictions : pd.DataFrame, optional
        Metrics 48 to 52 by `customer_id`, from the lifetime value report.
    sentiment : pd.DataFrame, optional
        `mean_sentiment` by `customer_id`, from the voice report.

    Raises
    ------
    NotSupportedByData
        If nobody ordered before the snapshot date, or a column of the order lines is missing.
    ConfigError
        If the period is none.
    """
    if period not in LONGEST_DAYS:
        raise ConfigError(
            "E-PARA-11", "period", f"{period!r} is no period of a profile", fix="M, Q or W"
        )
    with profile_sources(tables, snapshot_date=snapshot_date) as sources:
        if not sources.customers.count().to_pandas():
            raise NotSupportedByData(f"no order before {snapshot_date}", "orders of customers")
        if g1_days is None:
            g1_days = falling_asleep_days(sources.orders, period=period)
        measured = measure_customers(sources, tables, period=period, g1_days=g1_days)
        scored = with_interactions(
            measured, tables["order_lines"], scoring=scoring, snapshot_date=snapshot_date
        )
        named = classes(scored, placed, scoring=scoring, cuts=cuts)
        segments = named["segment"].dropna().rename_axis("customer").reset_index()
        medians = segment_gaps(sources.orders, segments)
        covered, begins = web_coverage(tables.get("web_sessions"), snapshot_date=snapshot_date)
    customer_id = measured["customer_id"]
    own = pd.DataFrame(
        {
            "xyz_class": xyz_class(measured["spend_cv"], cuts=cuts),
            "expected_next_order_date": next_order_dates(
                measured, named["segment"], medians, own_gaps=OWN_GAPS
            ),
            **_web(measured, covered=covered),
        }
    )
    handed_over = [
        stages_of(customer_id, stages),
        predictions_of(customer_id, predictions),
        sentiment_of(customer_id, sentiment),
    ]
    counted = measured.drop(columns=[name for name in WEB if name in measured])
    full = pd.concat([counted, named, own, *handed_over], axis=1)
    supplied = Supplied(
        columns=sources.known,
        refunds=sources.has_refunds,
        interactions="last_interaction_date" in measured,
        stages=stages is not None,
        predictions=predictions is not None,
        sentiment=sentiment is not None,
        web_begins=begins,
    )
    return Profile(_laid_out(full, supplied), snapshot_date, period, g1_days)


def profile_blanks(profile: Profile) -> pd.DataFrame:
    """Count the blanks of the profile: `number`, `metric`, `reason`, `meaning`, `customers`."""
    return blank_table(profile.customers["blank_reasons"])


def profile_summary(profile: Profile) -> pd.DataFrame:
    """Sum up each metric over the customers.

    Returns
    -------
    pd.DataFrame
        One row per metric: `number`, `group`, `metric`, `unit`, `known` and `blank` (customers),
        `low_quartile`, `median`, `high_quartile` of the known figures (blank for names and dates)
        and `most_common` (for names; the first by name of several).
    """
    rows = []
    for metric in METRICS:
        values = profile.customers[metric.name].dropna()
        numeric = pd.api.types.is_numeric_dtype(values) and len(values) > 0
        named = values.dtype == object and len(values) > 0
        rows.append(
            {
                "number": metric.number,
                "group": metric.group,
                "metric": metric.name,
                "unit": metric.unit,
                "known": len(values),
                "blank": len(profile.customers) - len(values),
                **{
                    name: float(np.quantile(values, share)) if numeric else np.nan
                    for name, share in QUARTILES.items()
                },
                "most_common": values.mode().iloc[0] if named else None,
            }
        )
    return pd.DataFrame(rows)


def _web(measured: pd.DataFrame, *, covered: bool) -> dict[str, pd.Series]:
    """Give web visits: 0 is seen not to have come, blank where nobody could have been seen."""
    unknown = pd.Series(np.nan, index=measured.index)
    visits, seconds = (measured.get(name, unknown) for name in WEB)
    if covered:
        # Without a session there is no time spent, but without durations none is known.
        seconds = seconds.mask(visits.isna(), 0.0) if seconds.notna().any() else seconds
        visits = visits.fillna(0.0)
    return dict(zip(WEB, (visits, seconds), strict=True))


def _laid_out(full: pd.DataFrame, supplied: Supplied) -> pd.DataFrame:
    """Order the columns as in the catalogue and say why each blank is blank."""
    blanks = blank_codes(full, blank_rules(full, supplied))
    nothing = pd.Series("", index=full.index, dtype="object")
    codes = {
        "blank_reasons": coded_texts(blanks) if blanks else nothing,
        "flags": coded_texts(flag_codes(full, supplied)),
    }
    figures = full[["customer_id", *NAMES, WEB[1]]]
    return pd.concat([figures, pd.DataFrame(codes)], axis=1)
