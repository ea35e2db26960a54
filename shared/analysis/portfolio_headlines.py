"""The first words of the portfolio page: its findings and its large numbers."""

from collections.abc import Callable
from contextlib import suppress

import pandas as pd

from shared.analysis.abc import top_share
from shared.analysis.intervals import Estimate
from shared.analysis.portfolio import SILENT_SPENDERS, Portfolio, group, portfolio_metrics
from shared.analysis.portfolio_answers import champions
from shared.analysis.verdicts import Reason
from shared.analysis.win_back import NEEDS_RHYTHM, NO_RHYTHM, overdue_share
from shared.loading.errors import NotSupportedByData

GONE = ("Hibernating", "Lost")


def headlines(base: Portfolio, due: pd.DataFrame, what: str) -> list[tuple[str, Reason]]:
    """Give the findings of the page, each with its name; what is not known is not said."""
    named: list[tuple[str, Callable[[], Reason]]] = [
        ("champions", lambda: champions(base, what)[0]),
        ("silent_spenders", lambda: _silent_spenders(base, what)),
        ("overdue", lambda: _not_yet_gone(overdue_share(due, without=GONE))),
        ("lost", lambda: _lost(base, what)),
        ("largest_fifth", lambda: _largest_fifth(base, what)),
    ]
    said = []
    for name, answer in named:
        with suppress(NotSupportedByData):  # the question's own heading says why
            told = answer()
            said.append((name, Reason(f"{told.template}.", told.values)))
    return said


def totals(base: Portfolio, what: str) -> dict[str, object]:
    """Give the key figures of the base by label: customers with an order, orders, money."""
    figures = portfolio_metrics(base)
    return {
        "Customers with an order": (figures["customers"], "count"),
        "Orders": (figures["orders"], "count"),
        what.capitalize(): (figures["revenue"], "money"),
    }


def _largest_fifth(base: Portfolio, what: str) -> Reason:
    fifth = top_share(base.customers["monetary"], of="customers")
    values = {"fifth": fifth, "what": what}
    return Reason("The largest fifth of customers brings {fifth} of all {what}", values)


def _not_yet_gone(late: Estimate) -> Reason:
    if not late.n:
        raise NotSupportedByData(NO_RHYTHM, NEEDS_RHYTHM)
    values = {"share": late, "late": round(late.value * late.n), "n": late.n}
    return Reason(
        "Of the customers not yet gone, that is without " + " and ".join(reversed(GONE))
        + ", {late} of {n} are past their due date, {share}",
        values,
    )  # fmt: skip


def _silent_spenders(base: Portfolio, what: str) -> Reason:
    values = group(base, *SILENT_SPENDERS).said(what)
    if not values["customers"]:
        share = {"share": values["customer_share"]}
        return Reason("{share} of the customers are At Risk or Cannot Lose", share)
    return Reason(
        "{customers} At Risk and Cannot Lose {customers:customer|customers} brought "
        "{revenue_share} of all {what} and went silent",
        values,
    )


def _lost(base: Portfolio, what: str) -> Reason:
    lost = group(base, "Lost")
    values = {"share": lost.customer_share, "held": lost.revenue_share.value, "what": what}
    brought = "; all they ever brought is {held:share} of {what}" if lost.customers else ""
    return Reason("{share} of the customers are in the segment Lost" + brought, values)
