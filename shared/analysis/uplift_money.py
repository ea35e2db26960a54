"""Money of a campaign: what responses leave once goods, discount and contact are paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

import ibis
import numpy as np
from ibis import _

from shared.analysis.customer_summary import exact_sum
from shared.analysis.margins import LEAST_COSTED_SHARE, costed_lines
from shared.loading.errors import NotSupportedByData


@dataclass(frozen=True)
class Money:
    """How responses become money.

    Attributes
    ----------
    net : np.ndarray
        Per customer, what was earned within the window less the cost of the contact if treated.
    what : str
        What the money is: "margin", "revenue" or "worth of the responses".
    cost : float
        Mean cost of contacting a customer; 0 where none is known.
    margin_share : float
        Share of the customers' money that counts; 1 where none is stated.
    """

    net: np.ndarray
    what: str
    cost: float
    margin_share: float

    @property
    def costs(self) -> str:
        """What is already paid of it, in words: an unknown cost must not read as paid."""
        if not self.cost:
            return "before the cost of contacts"
        return "after contact costs" if self.what == "revenue" else "after costs"


def campaign_money(
    value: np.ndarray,
    outcome: np.ndarray,
    treated: np.ndarray,
    cost: np.ndarray,
    *,
    margin_share: float = 0.0,
    response_worth: float = 0.0,
    contact_cost: float = 0.0,
    discount: float = 0.0,
) -> Money:
    """Turn what customers did into money, with what is known.

    Parameters
    ----------
    value, outcome, treated, cost : np.ndarray
        As in `Contrast`; the value is what was paid.
    margin_share : float
        Share of the usual price that remains after the cost of the goods; 0 counts the whole
        value and calls it revenue.
    response_worth : float
        Money that one response is worth; 0 takes the value.
    contact_cost : float
        Of one contact, where the export has no cost.
    discount : float
        Share off the price that the treated were given: their goods cost as much as ever.

    Raises
    ------
    NotSupportedByData
        If neither value nor worth is known.
    """
    # Only the treated were contacted: a cost noted beside a control customer was never paid.
    known = cost[(treated == 1) & ~np.isnan(cost)]
    spent = np.where(treated == 1, np.where(np.isnan(cost), contact_cost, cost), 0.0)
    mean_cost = float(known.mean()) if len(known) else contact_cost
    if response_worth > 0:
        earned, what = response_worth * outcome, "worth of the responses"
    elif np.isnan(value).all():
        raise NotSupportedByData(
            "what a response is worth is not known",
            "outcome_value, or response_worth: money per response",
        )
    else:
        what = "margin" if margin_share else "revenue"
        goods = (1 - margin_share) / np.where(treated == 1, 1 - discount, 1) if margin_share else 0
        earned = np.nan_to_num(value) * (1 - goods)
    return Money(earned - spent, what, mean_cost, margin_share or 1.0)


def usual_margin(tables: Mapping[str, ibis.Table], *, snapshot_date: date) -> float:
    """Give the share of all revenue that the goods did not cost; 0 where costs are not known."""
    lines = tables.get("order_lines")
    if lines is None:
        return 0.0
    try:
        costed = costed_lines(lines, tables.get("products"))
    except NotSupportedByData:
        return 0.0
    before = costed.filter(
        _.order_date < datetime.combine(snapshot_date, time()), _.line_value.notnull()
    )
    sums = before.filter(_.unit_cost.notnull()).aggregate(
        revenue=exact_sum(_.line_value), goods=exact_sum(_.quantity * _.unit_cost)
    ).to_pandas().iloc[0]  # fmt: skip
    total = float(before.line_value.sum().to_pandas() or 0)
    if not (total > 0 and sums["revenue"] >= LEAST_COSTED_SHARE * total):
        return 0.0
    return max(0.0, 1 - float(sums["goods"]) / float(sums["revenue"]))
