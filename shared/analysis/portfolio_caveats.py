"""What this client's data do to the segments: the limits a reader has to know, each computed."""

import ibis
import pandas as pd

from shared.analysis.dominance import NOTABLE, largest_share
from shared.analysis.periods import CALENDAR
from shared.analysis.portfolio import Portfolio
from shared.analysis.rfm_grid import collapsed_scores
from shared.analysis.rfm_scores import MEASURES
from shared.analysis.verdicts import Reason
from shared.analysis.win_back import OWN_GAPS

SMALL_SEGMENT = 30
YEAR_DAYS = 365


def portfolio_caveats(
    base: Portfolio,
    due: pd.DataFrame,
    *,
    period: str,
    revenue: str = "revenue",
    listed: ibis.Table | None = None,
) -> list[Reason]:
    """List the limits that hold for this base, each as a template with values.

    Parameters
    ----------
    base : Portfolio
        The placed customers.
    due : pd.DataFrame
        As from `due_dates`.
    period : str
        "M", "Q" or "W": whose first order lies within the last one is a newcomer.
    revenue : str
        What the money is: "revenue" or "items bought".
    listed : ibis.Table, optional
        The client's list of customers, with `customer_id`: some of them may never have ordered.
    """
    limits = [
        _merged_scores(base),
        _new_without_tenure(base, period),
        _bought_once(base, due),
        _borrowed_dates(due),
        _dominant_customer(base, revenue),
        _small_segments(base),
        _short_history(base),
        _refund_only(base),
        _without_order(base, listed),
    ]
    return [limit for limit in limits if limit]


def newcomers(base: Portfolio, *, period: str) -> pd.Series:
    """Flag the customers whose first order lies within the last month, quarter or week."""
    months = {"M": 1, "Q": 3}.get(period, 0)
    length = pd.DateOffset(months=months) if months else pd.DateOffset(weeks=1)
    start = pd.Timestamp(base.snapshot_date) - length
    return (base.customers["first_order_date"] >= start).rename("is_newcomer")


def _merged_scores(base: Portfolio) -> Reason | None:
    collapsed = collapsed_scores(base)
    names = {score: measure.removesuffix("_days") for measure, score in MEASURES.items()}
    missing = "; ".join(
        f"{names[score]} {', '.join(map(str, absent))}"
        for score, absent in collapsed.missing.items()
    )
    template = (
        "Many customers share a value and share its score, so that nobody has these scores: "
        "{scores}. {impossible} of {cells} cells cannot occur."
    )
    if not missing and collapsed.unreachable_segments:
        template = "With {cells} cells no customer can be: {segments}."
    elif collapsed.unreachable_segments:
        template += " No customer can be: {segments}."
    values = {
        "scores": missing,
        "impossible": collapsed.impossible_cells,
        "cells": collapsed.cells,
        "segments": ", ".join(collapsed.unreachable_segments),
    }
    return Reason(template, values) if missing or collapsed.unreachable_segments else None


def _new_without_tenure(base: Portfolio, period: str) -> Reason | None:
    if base.customers["first_order_date"].isna().all():
        return None
    new = base.customers["segment"] == "New"
    older = int((new & ~newcomers(base, period=period)).sum())
    template = (
        "The map knows no tenure: {older} of the {new} customers called New placed their first "
        "order more than a {period} ago."
    )
    values = {"older": older, "new": int(new.sum()), "period": CALENDAR[period]}
    return Reason(template, values) if older else None


def _bought_once(base: Portfolio, due: pd.DataFrame) -> Reason | None:
    once = float((base.customers["frequency"] == 1).mean())
    template = "{share:share} of the customers ordered once: they have no rhythm of their own"
    has_dates = due["overdue_days"].notna().any()
    template += ", and their due date is that of their segment." if has_dates else "."
    return Reason(template, {"share": once}) if once else None


def _borrowed_dates(due: pd.DataFrame) -> Reason | None:
    overdue = due[due["overdue_days"] > 0]
    borrowed = int((overdue["gaps"] < OWN_GAPS).sum())
    template = (
        "{borrowed} of the {overdue} customers past their due date have fewer than {least} pauses "
        "behind them and so no rhythm of their own: they are past the usual pause of their "
        "segment, mixed with what few pauses they have."
    )
    values = {"borrowed": borrowed, "overdue": len(overdue), "least": OWN_GAPS}
    return Reason(template, values) if borrowed else None


def _dominant_customer(base: Portfolio, revenue: str) -> Reason | None:
    share = largest_share(base.customers["monetary"])
    template = (
        "The largest customer alone brings {share:share} of all {revenue}: the mean of that "
        "segment follows one customer."
    )
    return Reason(template, {"share": share, "revenue": revenue}) if share >= NOTABLE else None


def _small_segments(base: Portfolio) -> Reason | None:
    sizes = base.customers["segment"].value_counts()
    small = ", ".join(name for name in base.segments if 0 < sizes[name] < SMALL_SEGMENT)
    template = (
        "These segments have under {least} customers, and their figures move with each: {names}."
    )
    return Reason(template, {"least": SMALL_SEGMENT, "names": small}) if small else None


def _short_history(base: Portfolio) -> Reason | None:
    first = base.customers["first_order_date"].min()
    days = YEAR_DAYS if pd.isna(first) else (pd.Timestamp(base.snapshot_date) - first).days
    template = "The data cover {days:days}, less than a year: a seasonal pause looks like a loss."
    return Reason(template, {"days": days}) if days < YEAR_DAYS else None


def _refund_only(base: Portfolio) -> Reason | None:
    template = (
        "{n} {n:customer appears|customers appear} with refunds only, {money:money} in all, and "
        "{n:is|are} in no segment."
    )
    values = {"n": base.refund_only_customers, "money": base.refund_only_revenue}
    return Reason(template, values) if base.refund_only_customers else None


def _without_order(base: Portfolio, listed: ibis.Table | None) -> Reason | None:
    if listed is None:
        return None
    ids = listed.select("customer_id").distinct().to_pandas()["customer_id"]
    # Whoever is known by refunds alone may be among them: that is another caveat's count.
    silent = int((~ids.isin(base.customers["customer_id"])).sum())
    template = (
        "{n} of the {listed} customers on the client's list have no order in these data and are in "
        "no segment: nobody knows yet what they would buy."
    )
    return Reason(template, {"n": silent, "listed": len(ids)}) if silent else None
