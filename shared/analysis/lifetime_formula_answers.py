"""What the page answers about formula, history and model, and about revenue and profit."""

import pandas as pd

from shared.analysis.lifetime_answers import leaving, per_order
from shared.analysis.lifetime_formula import EXAMPLE, formula_value, three_values
from shared.analysis.lifetime_margin import COSTS, GIVEN, ITEMS
from shared.analysis.lifetime_value import LifetimeStudy
from shared.analysis.verdicts import Reason


def values_table(study: LifetimeStudy) -> pd.DataFrame:
    """Lay the plain formula, the historical value and the model's side by side."""
    modelled = not isinstance(study.ahead, Exception)
    expected = study.forecast.revenue if modelled else None
    kept = study.forecast.value.value / expected.value if expected and expected.value else 1.0
    return three_values(
        study.plain, study.base.customers, horizon_months=study.horizon.months,
        share_kept=kept, expected=expected,
    )  # fmt: skip


def formula_check() -> Reason:
    """Show the plain formula on round numbers: 100 an order, 5 a year, 3 years make 1,500."""
    return Reason(
        "The plain formula multiplies means: {order_value:count} an order x {orders_a_year:count} "
        "orders a year x {years:count} years = {product:count}.",
        {**EXAMPLE, "product": formula_value(**EXAMPLE)},
    )


def why_they_differ(study: LifetimeStudy) -> Reason:
    """Answer: what do the three values say, and why do they differ?"""
    plain, months = study.plain, study.horizon.months
    table = values_table(study)
    values: dict[str, object] = {
        "order": plain.order_value, "rate": plain.orders_a_year, "years": plain.years,
        "formula": plain.value, "buyers": plain.customers, "n": len(study.base.customers),
        "past": float(table.loc[table["way"] == "Historical value", "per_customer"].iloc[0]),
        "months": months, "short": float(table["per_customer"].iloc[1]),
    }  # fmt: skip
    template = (
        "For this client the formula says {order:money.2} x {rate:number.4} x {years:number.1} = "
        "{formula:money}: it counts only the {buyers:count} of {n:count} customers who ordered in "
        "the last year, and guesses how long they stay. The historical value, {past:money}, looks "
        "back and promises nothing."
    )
    if not isinstance(study.ahead, Exception):
        forecast = study.forecast
        values["model"] = forecast.revenue.value / len(study.summary)
        template += (
            " For {months:count} months the formula says {short:money} and the model "
            "{model:money}: the model gives each customer a rate of their own"
        )
        template += " and heeds silence." if leaving(study) else "."
    return Reason(per_order(template, study, "order"), values)


def value_word(study: LifetimeStudy) -> Reason:
    """Answer: is it revenue or profit?"""
    margin, forecast = study.margin, study.forecast
    values: dict[str, object] = {
        "share": margin.share, "revenue": forecast.revenue.value, "value": forecast.value,
        "rate": study.discount_rate, "left": forecast.revenue.value * margin.share,
        "months": forecast.horizon.months,
    }  # fmt: skip
    template = {
        COSTS: "Profit before marketing: unit costs leave {share:share} of revenue, so that "
        "{revenue:money} of revenue become {left:money} of margin",
        GIVEN: "Profit before marketing at a stated margin of {share:share}: {revenue:money} of "
        "revenue become {left:money} of margin",
        ITEMS: "Neither: the export has no prices, so that items bought stand for money, "
        "{revenue:money} of them",
    }.get(
        margin.basis,
        "Revenue, not profit: unit costs are not known and no margin was stated; {revenue:money} "
        "are expected",
    )
    return Reason(template + ". Discounted at {rate:share} a year, {value} remain.", values)


def value_steps(study: LifetimeStudy) -> pd.DataFrame:
    """Lay out how revenue becomes value: cost of goods, discount.

    Returns
    -------
    pd.DataFrame
        `step`, `amount` and `share` of the revenue.
    """
    forecast, margin = study.forecast, study.margin
    revenue = forecast.revenue.value
    left = revenue * margin.share
    rows = [(f"Expected {study.what}", revenue)]
    if margin.basis in (COSTS, GIVEN):
        rows += [("less cost of goods", left - revenue), ("Margin", left)]
    rows += [("less discount for waiting", forecast.value.value - left),
             ("Value to come", forecast.value.value)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["step", "amount"])
    return table.assign(share=table["amount"] / (revenue or float("nan")))
