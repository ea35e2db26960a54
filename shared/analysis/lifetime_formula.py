"""Three values of a customer: the plain formula, the value so far, and the model's."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.intervals import Estimate, bootstrap
from shared.analysis.purchases import purchases
from shared.loading.errors import NotSupportedByData

YEAR_DAYS = 365
EXAMPLE = {"order_value": 100.0, "orders_a_year": 5.0, "years": 3.0}


@dataclass(frozen=True)
class PlainFormula:
    """What goes into the formula of the textbook, and what comes out.

    Attributes
    ----------
    order_value : float
        Mean money of an order in the last year.
    orders_a_year : float
        Orders of the last year per customer who placed one: those who placed none are not seen.
    years : float
        How long a customer is assumed to stay.
    customers : int
        Customers who ordered in the last year.
    """

    order_value: float
    orders_a_year: float
    years: float
    customers: int

    @property
    def value(self) -> float:
        """Value of a customer over the assumed life."""
        return formula_value(self.order_value, self.orders_a_year, self.years)


def formula_value(order_value: float, orders_a_year: float, years: float) -> float:
    """Multiply order value, orders a year and years of life: 100 x 5 x 3 = 1,500."""
    return order_value * orders_a_year * years


def plain_formula(
    order_lines: ibis.Table, *, snapshot_date: date, money: str, years: float
) -> PlainFormula:
    """Fill the plain formula from the orders of the last year, as it is commonly done.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order.
    snapshot_date : date
        As of when; the year before it is used, or all there is.
    money : str
        Column summed up, `line_value` or `quantity`.
    years : float
        Assumed life of a customer in years.

    Raises
    ------
    NotSupportedByData
        If nobody ordered in that year.
    """
    lines = purchases(order_lines, before=snapshot_date, analysis="The plain formula")
    since = datetime.combine(snapshot_date - timedelta(days=YEAR_DAYS), time())
    sums = (
        lines.filter(_.order_date >= since)
        .aggregate(
            orders=_.order_id.nunique(),
            customers=_.customer_id.nunique(),
            money=_[money].sum(),
        )
        .to_pandas()
        .iloc[0]
    )
    if not sums["orders"]:
        raise NotSupportedByData("nobody ordered in the last year", "orders of the last year")
    first = lines.order_date.min().to_pandas()
    days = (datetime.combine(snapshot_date, time()) - first).days + 1
    # A history shorter than a year is scaled up to one.
    scale = YEAR_DAYS / min(max(days, 1), YEAR_DAYS)
    return PlainFormula(
        order_value=float(sums["money"]) / float(sums["orders"]),
        orders_a_year=float(sums["orders"]) / float(sums["customers"]) * scale,
        years=years,
        customers=int(sums["customers"]),
    )


def mean_past_value(customers: pd.DataFrame) -> Estimate:
    """Estimate what a customer has brought so far on average, by a bootstrap over customers."""
    money = customers["monetary"].to_numpy(dtype=float)
    return bootstrap(
        lambda rows: float(money[rows].mean()), len(money), unit="money", of="customers"
    )


def three_values(
    formula: PlainFormula,
    customers: pd.DataFrame,
    *,
    horizon_months: int,
    share_kept: float = 1.0,
    expected: Estimate | None = None,
) -> pd.DataFrame:
    """Lay the three values side by side, per customer and for the whole base.

    Parameters
    ----------
    formula : PlainFormula
        From `plain_formula`.
    customers : pd.DataFrame
        One row per customer with `monetary`.
    horizon_months : int
        Length of the forecast.
    share_kept : float
        What margin and discount leave of the model's revenue; other than 1, it adds a row with
        the model's value. Formula and past value stay revenue.
    expected : Estimate, optional
        Expected revenue of the base over the horizon; left out where no model stands.

    Returns
    -------
    pd.DataFrame
        `way`, `span` (what time it covers), `per_customer`, `low`, `high`, `total`. The formula
        per customer holds for those who ordered in the last year; its total is that value times
        all customers, which is how it overstates.
    """
    n = len(customers)
    past = mean_past_value(customers)
    half = formula_value(formula.order_value, formula.orders_a_year, horizon_months / 12)
    rows = [
        ("Plain formula", f"{formula.years:g} years", formula.value, np.nan, np.nan),
        ("Plain formula", f"{horizon_months} months", half, np.nan, np.nan),
        ("Historical value", "so far", past.value, past.low, past.high),
    ]
    if expected is not None:
        per_customer = (expected.value / n, expected.low / n, expected.high / n)
        rows.append(("Model, revenue", f"next {horizon_months} months", *per_customer))
    table = pd.DataFrame(rows, columns=["way", "span", "per_customer", "low", "high"])
    if share_kept != 1.0 and expected is not None:
        value = table.iloc[[-1]].assign(way="Model, value")
        value[["per_customer", "low", "high"]] *= share_kept
        table = pd.concat([table, value], ignore_index=True)
    return table.assign(total=table["per_customer"] * n)
