"""Labels and units of the tables on the page on survival."""

from typing import Any

import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_curve import Curve

Columns = dict[Any, tuple[str, str]]


def curve(study: SurvivalStudy) -> Columns:
    """Head the numbers behind a curve."""
    return {
        "group": ("Customers", "text"),
        "duration": (f"{study.clock.noun.capitalize()}", "count"),
        "at_risk": ("Still followed", "count"),
        "survival": ("Still customers", "share.1"),
        "low": ("Low", "share.1"),
        "high": ("High", "share.1"),
    }


def group_curves(study: SurvivalStudy, what: str) -> Columns:
    """Head the numbers behind the curves of groups, each with its median."""
    named = (what.replace("_", " ").capitalize(), "text")
    half = (f"Half lost after ({study.clock.unit}; blank: not reached)", "number.0")
    return {**curve(study), "group": named, "median": half}


def window() -> Columns:
    """Head the table of churn windows."""
    return {
        "window_days": ("Window", "days"),
        "used": ("On this page", "text"),
        "quantile": ("Pauses no longer", "share.1"),
        "lost": ("Lost", "count"),
        "share": ("Share lost", "share"),
        "came_back_share": ("Longer pauses that ended", "share"),
        "median": ("Half lost after", "days"),
    }


def window_rows(sensitivity: pd.DataFrame) -> pd.DataFrame:
    """Put the interval beside the share lost and mark the window that the page uses."""
    shares = [
        Estimate(row["lost_share"], row["low"], row["high"], int(row["customers"]), "share")
        for row in sensitivity.to_dict("records")
    ]
    return sensitivity.assign(
        share=pd.Series(shares, index=sensitivity.index, dtype=object),
        used=["used" if chosen else "" for chosen in sensitivity["chosen"]],
    )


def medians(study: SurvivalStudy) -> Columns:
    """Head the table of medians and means."""
    unit = study.clock.unit
    return {
        "group": ("Customers", "text"),
        "customers": ("Number", "count"),
        "events": ("Lost", "count"),
        "median": (f"Half lost after ({unit}; blank: not reached)", "number.0"),
        "restricted_mean": (f"Stay on average ({unit})", "number.0"),
        "until": (f"within ({unit})", "number.0"),
        "still": ("Still customers then", "share"),
    }


def medians_row(name: str, one: Curve) -> dict[str, object]:
    """Give the line of one curve in that table."""
    median = one.median
    known = (
        Estimate(median.days, median.low, median.high, median.n, "number")
        if median.days is not None and median.low is not None and median.high is not None
        else median.days
    )
    mean = one.restricted_mean
    return {
        "group": name,
        "customers": one.customers,
        "events": one.events,
        "median": known,
        "restricted_mean": Estimate(mean.value, mean.low, mean.high, mean.n, "number"),
        "until": one.mean_until,
        "still": median.active,
    }


def membership() -> Columns:
    """Head the comparison of members and others."""
    return {
        "comparison": ("Comparison", "text"),
        "hazard_ratio": ("Rate of leaving, members to others", "ratio"),
        "low": ("Low", "ratio"),
        "high": ("High", "ratio"),
        "customers": ("Customers", "count"),
        "is_fair": ("Fair?", "text"),
    }


def hazard(study: SurvivalStudy, per: str) -> Columns:
    """Head the numbers behind the hazard."""
    return {
        "duration": (study.clock.noun.capitalize(), "count"),
        "at_risk": ("Still followed", "count"),
        "hazard": (f"Leave {per}", "share.1"),
        "low": ("Low", "share.1"),
        "high": ("High", "share.1"),
    }


def due_weeks() -> Columns:
    """Head the weeks of the due list."""
    return {
        "week": ("Week", "count"),
        "begins": ("Begins on", "date"),
        "customers": ("Customers", "count"),
        "money": ("Spent so far", "money"),
    }


def rates() -> Columns:
    """Head the table of retention and churn."""
    return {
        "period": ("Period", "month"),
        "start": ("At the start", "count"),
        "won": ("Won", "count"),
        "returned": ("Came back", "count"),
        "lost": ("Lost", "count"),
        "end": ("At the end", "count"),
        "retention_rate": ("Retention rate", "share.1"),
        "churn_rate": ("Churn rate", "share.1"),
        "low": ("Low", "share.1"),
        "high": ("High", "share.1"),
        "repurchase_rate": ("Bought again", "share.1"),
    }


def age_rates(study: SurvivalStudy) -> Columns:
    """Head retention and churn by age, where no calendar is known."""
    noun = study.clock.noun
    return {
        "begins": (f"From {noun}", "count"),
        "ends": (f"to {noun}", "count"),
        "start": ("Followed at the start", "count"),
        "lost": ("Lost", "count"),
        "retention_rate": ("Retention rate", "share.1"),
        "churn_rate": ("Churn rate", "share.1"),
        "low": ("Low", "share.1"),
        "high": ("High", "share.1"),
    }


def bands(label: str) -> Columns:
    """Head the risk bands, or the groups of customers."""
    return {
        "band": (label, "text"),
        "customers": ("Customers", "count"),
        "expected": ("Expected to be lost", "count"),
        "low": ("Low", "count"),
        "high": ("High", "count"),
    }


def tried_bands() -> Columns:
    """Head the backtest of the forecast."""
    return {
        "band": ("Risk", "text"),
        "customers": ("Customers then", "count"),
        "expected": ("Expected to be lost", "count"),
        "actual": ("Were lost", "count"),
        "expected_share": ("Expected", "share"),
        "was": ("Share lost", "share"),
    }


def tried_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Put the interval beside the share that was lost."""
    shares = [
        Estimate(row["actual_share"], row["low"], row["high"], int(row["customers"]), "share")
        for row in table.to_dict("records")
    ]
    return table.assign(was=pd.Series(shares, index=table.index, dtype=object))


def groups(study: SurvivalStudy, what: str) -> Columns:
    """Head the comparison of groups."""
    unit = study.clock.unit
    return {
        "group": (what.replace("_", " ").capitalize(), "text"),
        "customers": ("Customers", "count"),
        "events": ("Lost", "count"),
        "day": (f"After ({unit})", "count"),
        "survival": ("Still customers", "share.1"),
        "survival_low": ("Low", "share.1"),
        "survival_high": ("High", "share.1"),
        "median": (f"Half lost after ({unit})", "number.0"),
        "finding": ("Against all others", "text"),
    }
