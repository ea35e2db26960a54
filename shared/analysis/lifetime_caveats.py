"""The limits of this client's data for the page on lifetime value."""

import numpy as np

from shared.analysis.lifetime_margin import REVENUE
from shared.analysis.lifetime_newcomers import date_since
from shared.analysis.lifetime_value import LifetimeStudy
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

TWO_SUMMERS = 700  # days, about two years
SHORT_AGE_SHARE = 0.1  # of customers who are young against the horizon


def lifetime_caveats(study: LifetimeStudy) -> list[Reason]:
    """List what this client's data do to the page, each as a template with values."""
    reasons = [*_days_merged(study), *_refunds_only(study)]
    if isinstance(study.ahead, NotSupportedByData):
        return reasons
    return [*reasons, *_not_in_figure(study), *_young(study), *_spend_limits(study),
            *_revenue_only(study), *_history(study)]  # fmt: skip


def _days_merged(study: LifetimeStudy) -> list[Reason]:
    orders, days = study.base.customers["frequency"].sum(), study.summary["purchases"].sum()
    if orders <= days:
        return []
    return [
        Reason(
            "Orders that one customer placed on the same day count as one: {orders:count} orders "
            "make {days:count}.",
            {"orders": int(orders), "days": int(days)},
        )
    ]


def _refunds_only(study: LifetimeStudy) -> list[Reason]:
    if not study.base.refund_only_customers:
        return []
    return [
        Reason(
            "{n:count} {n:customer has|customers have} refunds only, {money:money} of them, and "
            "{n:stands|stand} outside all figures.",
            {"n": study.base.refund_only_customers, "money": study.base.refund_only_revenue},
        )
    ]


def _not_in_figure(study: LifetimeStudy) -> list[Reason]:
    new = study.outlook.newcomers
    return [
        Reason(
            "Customers won from {day:date} on are not in the figure; {won:count} "
            "{won:was|were} won "
            "since {since:date}.",
            {"day": study.base.snapshot_date, "won": new.won, "since": date_since(study.horizon)},
        )
    ]


def _young(study: LifetimeStudy) -> list[Reason]:
    young = study.summary["T"] < study.horizon.length / 2
    share = float(young.mean())
    if share < SHORT_AGE_SHARE:
        return []
    return [
        Reason(
            "{n:count} customers, {share:share}, have been known for less than half the time that "
            "is forecast: for them the model leans on the others.",
            {"n": int(young.sum()), "share": share},
        )
    ]


def _spend_limits(study: LifetimeStudy) -> list[Reason]:
    spend = study.outlook.spend
    once = float(np.mean(study.outlook.customers["spend_is_mean_of_all"]))
    reasons = []
    if spend.model is not None:
        reasons.append(
            Reason(
                "{share:share} of customers have no repeat order with a positive amount: their "
                "spend per order is the model's mean of the others, marked in customers.csv.",
                {"share": once},
            )
        )
    if spend.model is not None and spend.model.left_out:
        reasons.append(
            Reason(
                "{n:count} repeat {n:customer has|customers have} a mean spend of 0 or less after "
                "refunds and {n:is|are} left out of the model of spend.",
                {"n": spend.model.left_out},
            )
        )
    for doubt in spend.doubts:
        reasons.append(
            Reason("No model of spend: " + doubt.template + ". All orders are given their mean.",
                   doubt.values)
        )  # fmt: skip
    return reasons


def _revenue_only(study: LifetimeStudy) -> list[Reason]:
    if study.margin.basis != REVENUE:
        return []
    return [Reason("Unit costs are not known, so value is revenue: what may be spent is less.")]


def _history(study: LifetimeStudy) -> list[Reason]:
    if study.history_days >= TWO_SUMMERS:
        return []
    return [
        Reason(
            "With {days:days} of history the model has not seen every season twice: a month's bar "
            "holds no season.",
            {"days": study.history_days},
        )
    ]
