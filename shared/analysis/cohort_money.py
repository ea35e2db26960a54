"""Cohort money: what does each cohort bring in, in all and per customer, age by age?"""

from dataclasses import dataclass
from datetime import datetime, time

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import norm

from shared.analysis.cohort_activity import Cohorts, labels
from shared.analysis.cohort_members import DAY_ZERO
from shared.analysis.customer_summary import EXACT, money
from shared.analysis.intervals import Estimate
from shared.analysis.margins import LEAST_COSTED_SHARE, costed_lines
from shared.analysis.periods import calendar_of, day_number, period_number, window_days
from shared.loading.errors import NotSupportedByData

ITEMS = "items bought"
Z = float(norm.ppf(0.975))
KEYS = ["cohort", "first_period", "windows", "period_index"]


@dataclass(frozen=True)
class CohortMoney:
    """The money of cohorts by age, summed in the engine.

    Attributes
    ----------
    steps : pd.DataFrame
        By `cohort`, `first_period`, `windows`, `period_index`: `amount`, and `square_step`, what
        this age adds to the sum of squares of the customers' totals.
    what : str
        "margin" or "revenue" ("items bought" where the export has no prices).
    unplaced : float
        Money that belongs to no age: refunds of who never bought, or before the first order.
    """

    steps: pd.DataFrame
    what: str
    unplaced: float


def valued_lines(
    order_lines: ibis.Table, *, products: ibis.Table | None = None, margin_share: float = 0.0
) -> tuple[ibis.Table, str]:
    """Give each line what it is worth: its margin if costs are known, else its revenue.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order.
    products : ibis.Table, optional
        Where `unit_cost` is looked up if the lines do not carry it.
    margin_share : float
        Share of revenue that is margin where costs are unknown; 0 leaves revenue.

    Returns
    -------
    tuple of ibis.Table and str
        The lines with a column `worth`, and what it is: "margin", "revenue" or "items bought".
    """
    if "line_value" not in order_lines.columns:
        return order_lines.mutate(worth=money(order_lines)), ITEMS
    try:
        lines = costed_lines(order_lines, products)
    except NotSupportedByData:
        lines = None
    if lines is not None and _costed_share(lines) >= LEAST_COSTED_SHARE:
        # A line without a cost counts with what it brought: a gap of 5 % at most, and said.
        cost = (lines.quantity * lines.unit_cost).cast(EXACT).fill_null(ibis.literal(0).cast(EXACT))
        return lines.mutate(worth=money(lines) - cost), "margin"
    if margin_share:
        return order_lines.mutate(worth=(money(order_lines) * margin_share).cast(EXACT)), "margin"
    return order_lines.mutate(worth=money(order_lines)), "revenue"


def follow_money(lines: ibis.Table, cohorts: Cohorts, *, what: str = "revenue") -> CohortMoney:
    """Sum the worth of lines by cohort and age, refunds netted at the age they happen.

    Parameters
    ----------
    lines : ibis.Table
        Order lines with `worth` as from `valued_lines`; `line_value` counts if there is none.
    cohorts : Cohorts
        From `follow_cohorts` on the same lines.
    what : str
        What the worth is, for the words on the page.
    """
    steps = _customer_steps(lines, cohorts)
    placed = steps.filter(_.period_index.notnull() & (_.period_index >= 0))
    elsewhere = steps.filter(_.period_index.isnull() | (_.period_index < 0)).amount.sum()
    unplaced = elsewhere.to_pyarrow().as_py()
    return CohortMoney(_sum_steps(placed), what, float(unplaced or 0))


def money_cells(money: CohortMoney, cohorts: Cohorts) -> pd.DataFrame:
    """Give every complete cell its money per joined customer, in the step and up to it.

    Returns
    -------
    pd.DataFrame
        `cohort`, `period_index`, `at_risk`, `amount` (of the step, all customers at risk),
        `per_customer` (of the step), `cumulative` (all customers), `cumulative_per_customer`
        (the steps added up), `low`, `high` (95 %, of the last).
        Customers who bought nothing count with 0.
    """
    blocks = _blocks(money, cohorts).groupby(["cohort", "period_index"], as_index=False).sum()
    means = _with_means(blocks)
    names = labels(cohorts)
    means = means.set_index("cohort").loc[[key for key in names if key in set(means["cohort"])]]
    means = means.reset_index().drop(columns="squares")
    return means.assign(cohort=means["cohort"].map(names))


def pooled_money(money: CohortMoney, cohorts: Cohorts) -> pd.DataFrame:
    """Pool the money of all cohorts at each age; columns as in `money_cells`, without cohort."""
    blocks = _blocks(money, cohorts).drop(columns=["cohort"])
    pooled = _with_means(blocks.groupby("period_index", as_index=False).sum())
    return pooled.drop(columns="squares")


def money_after(pooled: pd.DataFrame, period_index: int) -> Estimate:
    """Read what one customer brought up to an age: mean, 95 % interval and n."""
    row = pooled[(pooled["period_index"] == period_index) & (pooled["at_risk"] > 0)]
    if row.empty:
        return Estimate(np.nan, np.nan, np.nan, 0, "money", of="customers")
    mean, low, high = row[["cumulative_per_customer", "low", "high"]].iloc[0]
    n = int(row["at_risk"].iloc[0])
    return Estimate(float(mean), float(low), float(high), n, "money", of="customers")


def _costed_share(lines: ibis.Table) -> float:
    worth = lines.select(worth=money(lines), is_costed=lines.unit_cost.notnull())
    sums = worth.aggregate(
        costed=_.worth.sum(where=_.is_costed).cast("float64"),
        revenue=_.worth.sum().cast("float64"),
    ).to_pandas()
    return float(sums["costed"].iloc[0] / (sums["revenue"].iloc[0] or np.nan))


def _customer_steps(lines: ibis.Table, cohorts: Cohorts) -> ibis.Table:
    """Give one row per customer and step of age with its worth; age NULL for who never bought."""
    days = window_days(cohorts.period)
    lines = lines.filter(_.order_date < datetime.combine(cohorts.before, time()))
    number = (
        day_number(lines.order_date, since=DAY_ZERO)
        if days
        else period_number(lines.order_date, calendar_of(cohorts.period))
    )
    worth = lines.worth if "worth" in lines.columns else money(lines)
    joined = lines.select("customer_id", number=number, worth=worth).left_join(
        cohorts.who, "customer_id"
    )
    start = joined.first_day if days else joined.first_period
    return (
        joined.mutate(period_index=(joined.number - start) // max(days, 1))
        .group_by("customer_id", *KEYS)
        .aggregate(amount=_.worth.sum().cast(EXACT))
    )


def _sum_steps(steps: ibis.Table) -> pd.DataFrame:
    up_to_here = ibis.window(group_by="customer_id", order_by="period_index", following=0)
    running = steps.mutate(total=_.amount.sum().over(up_to_here).cast("float64"))
    earlier = running.total - running.amount.cast("float64")
    # Σ total² at any age is the sum of these steps up to it: one pass gives every variance. Each
    # step is made exact before it is summed, because a sum of floats depends on the order of rows.
    squared = running.mutate(
        square_step=(running.total * running.total - earlier * earlier).cast("decimal(38, 4)")
    )
    frame = (
        squared.group_by(KEYS)
        .aggregate(
            amount=_.amount.sum().cast("float64"),
            square_step=_.square_step.sum().cast("float64"),
        )
        .to_pandas()
    )
    integers = dict.fromkeys(KEYS[1:], "int64")
    return frame.astype(integers).sort_values(KEYS, ignore_index=True)


def _blocks(money: CohortMoney, cohorts: Cohorts) -> pd.DataFrame:
    """Spread the money over all complete ages of each block of customers of equal age."""
    blocks = cohorts.members.groupby(["cohort", "windows"], as_index=False)["customers"].sum()
    blocks = blocks[blocks["windows"] > 0]
    grid = blocks.loc[blocks.index.repeat(blocks["windows"])].copy()
    grid["period_index"] = grid.groupby(["cohort", "windows"]).cumcount()
    keys = ["cohort", "windows", "period_index"]
    sums = money.steps.groupby(keys, as_index=False)[["amount", "square_step"]].sum()
    filled = grid.merge(sums, on=keys, how="left").fillna({"amount": 0.0, "square_step": 0.0})
    ages = filled.groupby(["cohort", "windows"])
    filled["cumulative"] = ages["amount"].cumsum()
    filled["squares"] = ages["square_step"].cumsum()
    return filled.rename(columns={"customers": "at_risk"}).drop(columns=["windows", "square_step"])


def _with_means(sums: pd.DataFrame) -> pd.DataFrame:
    n, seen = sums["at_risk"], sums["cumulative"] / sums["at_risk"]
    variance = (sums["squares"] / n - seen**2).clip(lower=0) / (n - 1).where(n > 1)
    half = Z * np.sqrt(variance)
    step = sums["amount"] / n
    # Ages are added up, each over all who reached it: the mean of who is old enough alone would
    # fall where richer customers are the younger ones. Its interval is that of the oldest.
    mean = step.groupby(sums["cohort"]).cumsum() if "cohort" in sums else step.cumsum()
    return sums.assign(
        per_customer=step, cumulative_per_customer=mean, low=mean - half, high=mean + half
    )
