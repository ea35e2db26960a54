"""Payback: what did the money spent on winning customers buy, and when did it come back?"""

from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.cohort_activity import Cohorts, follow_cohorts, labels
from shared.analysis.cohort_members import FIRST_ORDER
from shared.analysis.cohort_money import CohortMoney, follow_money, money_cells
from shared.analysis.customer_summary import EXACT
from shared.analysis.intervals import Estimate, wilson
from shared.loading.errors import NotSupportedByData

PER_SPENT = 1000
READABLE_SHARE = 0.5


@dataclass(frozen=True)
class Payback:
    """What acquisition money bought, by source of the customers.

    Attributes
    ----------
    table : pd.DataFrame
        One row per source: `cohort`, `customers` (with a known cost), `spent`,
        `cost_per_customer`, `followed` (equal age at which sources are compared),
        `worth_per_customer` up to it with `low` and `high`, `return_on_spend` (worth less cost,
        per unit of cost) with bounds, `break_even_index` (first age at which the mean covers
        the cost; blank if not reached), `break_even_sure` (at which its lower bound does),
        `seen_until` (oldest age with enough customers), `lasting` (share that bought at
        `followed` or later) and `lasting_per_1000` of money spent.
    curves : pd.DataFrame
        By source and age: `at_risk`, `cumulative_per_customer`, `low`, `high`,
        `cost_per_customer`, `net` (the mean less the cost), and `is_readable`: enough customers
        and at least half of the source's, or the line would show who is left, not what is earned.
    by : str
        The column that names the source.
    """

    table: pd.DataFrame
    curves: pd.DataFrame
    by: str


def acquisition_payback(
    lines: ibis.Table,
    cohorts: Cohorts,
    *,
    customers: ibis.Table | None,
    followed: int = 6,
    least: int = 50,
) -> Payback:
    """Set what customers brought against what it cost to win them, source by source.

    Parameters
    ----------
    lines : ibis.Table
        Order lines, with `worth` as from `valued_lines`.
    cohorts : Cohorts
        From `follow_cohorts`: the calendar, and the source where cohorts are formed by one.
        Cohorts of first orders take the acquisition channel as source, else the campaign, else
        themselves.
    customers : ibis.Table or None
        One row per customer, with `acquisition_cost`; a customer without a cost is left out.
    followed : int
        Age at which sources are compared; lowered to what the data reach.
    least : int
        Ages with fewer customers of a source are not read.

    Raises
    ------
    NotSupportedByData
        If no customer has an acquisition cost, or no source enough customers.
    """
    costs = acquisition_costs(customers)
    own = lines.semi_join(costs, "customer_id")
    by = _source_column(cohorts.cohort_by, customers)
    cohorts = follow_cohorts(
        own,
        period=cohorts.period,
        last_period=str(cohorts.last),
        cohort_by=by,
        customers=customers,
        snapshot_date=cohorts.before,
    )
    curves = _curves(follow_money(own, cohorts), cohorts, costs)
    whole = curves.groupby("cohort")["at_risk"].transform("max")
    followed_by_most = curves["at_risk"] >= READABLE_SHARE * whole
    curves["is_readable"] = (curves["at_risk"] >= least) & followed_by_most
    readable = curves[curves["is_readable"]]
    if readable.empty:
        raise NotSupportedByData(
            f"no source has {least} customers with a known cost", f"{least} customers per source"
        )
    # One age for all sources, or the oldest source would win by age alone.
    reach = readable.groupby("cohort")["period_index"].max()
    age = int(min(followed, reach.median()))
    rows = [
        _row(name, part.set_index("period_index"), cohorts, age=age)
        for name, part in readable.groupby("cohort", sort=False)
    ]
    return Payback(pd.DataFrame(rows), curves, by)


def return_on_spend(row: pd.Series) -> Estimate:
    """Give what one unit of acquisition money returned on top of itself, with n and interval."""
    value, low, high = (float(row[f"return_on_spend{side}"]) for side in ("", "_low", "_high"))
    return Estimate(value, low, high, int(row["customers_followed"]), "share", of="customers")


def acquisition_costs(customers: ibis.Table | None) -> ibis.Table:
    """Give the `cost` of winning each customer for whom it is known.

    Raises
    ------
    NotSupportedByData
        If it is known for nobody.
    """
    missing = NotSupportedByData(
        "the export does not say what it cost to win a customer",
        "what it cost to win each customer",
    )
    if customers is None or "acquisition_cost" not in customers.columns:
        raise missing
    known = customers.filter(_.acquisition_cost.notnull(), _.acquisition_cost >= 0)
    # A customer listed twice was won once.
    costs = known.group_by("customer_id").aggregate(cost=_.acquisition_cost.max().cast(EXACT))
    if not costs.count().to_pyarrow().as_py():
        raise missing
    return costs


def _source_column(cohort_by: str, customers: ibis.Table | None) -> str:
    columns = customers.columns if customers is not None else ()
    if cohort_by != FIRST_ORDER:
        return cohort_by
    sources = ("acquisition_channel", "acquisition_campaign")
    return next((column for column in sources if column in columns), FIRST_ORDER)


def _curves(money: CohortMoney, cohorts: Cohorts, costs: ibis.Table) -> pd.DataFrame:
    """Put the cost of a customer, the mean of all of the source, beside each age.

    Neither worth nor cost may move with the mix of who is old enough: a line falls by refunds only.
    """
    cells = money_cells(money, cohorts)
    by_windows = (
        cohorts.who.join(costs, "customer_id")
        .group_by("cohort", "windows")
        .aggregate(cost=_.cost.sum().cast("float64"))
        .to_pandas()
        .sort_values(["cohort", "windows"])
    )
    names = labels(cohorts)
    known = by_windows[by_windows["windows"] > 0]
    spread = known.loc[known.index.repeat(known["windows"].astype(int))].copy()
    spread["period_index"] = spread.groupby(["cohort", "windows"]).cumcount()
    spread["cohort"] = spread["cohort"].map(names)
    spent = spread.groupby(["cohort", "period_index"])["cost"].sum().rename("spent").reset_index()
    curves = cells.merge(spent, on=["cohort", "period_index"], how="left")
    each = (curves["spent"] / curves["at_risk"]).groupby(curves["cohort"]).transform("first")
    curves = curves.assign(cost_per_customer=each)
    return curves.assign(net=curves["cumulative_per_customer"] - curves["cost_per_customer"])


def _row(name: object, curve: pd.DataFrame, cohorts: Cohorts, *, age: int) -> dict[str, object]:
    at = curve.loc[min(age, curve.index.max())]
    cost = float(at["cost_per_customer"])
    lasting = _lasting(name, cohorts, age=int(at.name))
    ratios = [float(at[c]) / cost - 1 if cost else np.nan
              for c in ("cumulative_per_customer", "low", "high")]  # fmt: skip
    return {
        "cohort": name,
        "customers": int(curve["at_risk"].iloc[0]),
        "spent": float(curve["spent"].iloc[0]),
        "cost_per_customer": cost,
        "followed": int(at.name),
        "customers_followed": int(at["at_risk"]),
        "worth_per_customer": float(at["cumulative_per_customer"]),
        "low": float(at["low"]),
        "high": float(at["high"]),
        "return_on_spend": ratios[0],
        "return_on_spend_low": ratios[1],
        "return_on_spend_high": ratios[2],
        "break_even_index": _first_age(curve, "cumulative_per_customer"),
        "break_even_sure": _first_age(curve, "low"),
        "seen_until": int(curve.index.max()),
        "lasting": lasting.value,
        "lasting_per_1000": lasting.value / cost * PER_SPENT if cost else np.nan,
    }


def _first_age(curve: pd.DataFrame, column: str) -> float:
    covered = curve.index[curve[column] >= curve["cost_per_customer"]]
    return float(covered[0]) if len(covered) else np.nan


def _lasting(name: object, cohorts: Cohorts, *, age: int) -> Estimate:
    """Share of a source's customers who bought at an age or later, of those seen at that age."""
    keys = {label: key for key, label in labels(cohorts).items()}
    own = cohorts.returns[cohorts.returns["cohort"] == keys[name]]  # type: ignore[index]
    own = own[own["windows"] > age]
    stayed = own.loc[own["last_index"] >= age, "customers"].sum()
    return wilson(int(stayed), int(own["customers"].sum()))
