"""The customer profile as the portfolio page shows it: the middle of the base, and all tables."""

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from shared.analysis.abc_xyz import Cuts
from shared.analysis.customer_profile import (
    Profile,
    customer_profile,
    profile_blanks,
    profile_summary,
)
from shared.analysis.lifecycle_customers import latest_stages
from shared.analysis.lifecycle_flows import Lifecycle
from shared.analysis.lifecycle_study import LifecycleStudy
from shared.analysis.portfolio import Portfolio
from shared.analysis.profile_metrics import profile_catalogue

TELLING = ("recency_days", "asleep_share", "frequency", "median_gap_days", "monetary", "margin",
           "average_order_value", "positions_per_order", "repeat_product_share", "discount_share",
           "spend_cv", "active_period_share")  # fmt: skip


def client_profile(
    order_lines: ibis.Table,
    tables: Mapping[str, ibis.Table],
    base: Portfolio,
    life: LifecycleStudy,
    *,
    period: str,
    xyz_cuts: Sequence[float],
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
    xyz_cuts : sequence of float
        Where X and Y end.
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
        cuts=Cuts(x=xyz_cuts[0], y=xyz_cuts[1]),
        placed=base.customers,
        stages=stages,
    )


def telling_metrics(profile: Profile) -> pd.DataFrame:
    """Give the twelve metrics that tell a reader most, as from `profile_summary`."""
    summary = profile_summary(profile)
    return summary[summary["metric"].isin(TELLING)].assign(
        metric=lambda rows: rows["metric"].str.replace("_", " ")
    )


def telling_columns() -> dict[str, tuple[str, str]]:
    """Name the columns of the telling metrics, and how each is written."""
    return {
        "metric": ("Metric", "text"),
        "unit": ("Unit", "text"),
        "known": ("Customers", "count"),
        "blank": ("Blank", "count"),
        "low_quartile": ("Lower quarter up to", "number"),
        "median": ("Median", "number"),
        "high_quartile": ("Upper quarter from", "number"),
    }


def profile_tables(profile: Profile) -> dict[str, pd.DataFrame]:
    """Give the tables of the profile by the names of their files."""
    return {
        "customer_profile": profile.customers,
        "profile_summary": profile_summary(profile),
        "profile_blanks": profile_blanks(profile),
        "profile_catalogue": profile_catalogue(),
    }
