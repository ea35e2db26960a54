"""Cohort retention: of the customers won in a period, how many came back later?"""

from typing import Literal

import numpy as np
import pandas as pd

from shared.analysis.cohort_activity import (
    Cohorts,
    ages,
    at_risk,
    by_age,
    cohort_sizes,
    counts_so_far,
    observed,
    started,
)
from shared.analysis.intervals import Estimate, exact, wilson
from shared.analysis.verdicts import Reason, Verdict, judge
from shared.loading.errors import NotSupportedByData

Definition = Literal["active", "on_or_after", "relative"]
FEW_COHORTS = 3
LEAST_BUYERS, ENOUGH_BUYERS, ENOUGH_PERIODS = 50, 100, 3


def retention_cells(cohorts: Cohorts, *, definition: Definition = "active") -> pd.DataFrame:
    """Give every cell of the retention matrix its count, share, interval and state.

    Parameters
    ----------
    cohorts : Cohorts
        From `follow_cohorts`.
    definition : str
        What coming back means: "active" in that period, "on_or_after" (active then or at any
        later age seen so far), or "relative" (active then, of those active one period before).

    Returns
    -------
    pd.DataFrame
        One row per cohort and age: `cohort`, `cohort_size`, `period_index`, `at_risk` (customers
        the share is of), `customers`, `retention`, `low`, `high` (Wilson, 95 %), `observation`
        ("complete", "partly", "not yet") and `customers_so_far`. Where no customer's step is
        over, share and counts are blank, never 0.
    """
    numerator, risk = _returned(cohorts, definition)
    people, begun = at_risk(cohorts), started(cohorts)
    state = np.where(_whole(cohorts), "complete", np.where(begun > 0, "partly", "not yet"))
    columns = {
        "at_risk": risk,
        "customers": numerator.where(people > 0),
        "observation": pd.DataFrame(state, index=people.index, columns=people.columns),
        "customers_so_far": counts_so_far(cohorts),
    }
    cells = pd.DataFrame({name: frame.stack(future_stack=True) for name, frame in columns.items()})
    cells = cells.reset_index()
    cells.insert(1, "cohort_size", cells["cohort"].map(cohort_sizes(cohorts)))
    return with_intervals(cells)


def with_intervals(counted: pd.DataFrame) -> pd.DataFrame:
    """Add `retention`, `low` and `high` behind the columns `customers` of `at_risk`."""
    pairs = zip(counted["customers"], counted["at_risk"], strict=True)
    shares = [wilson(0, 0) if np.isnan(k) else wilson(k, n) for k, n in pairs]
    place = list(counted.columns).index("customers") + 1
    for shift, (name, side) in enumerate(
        {"retention": "value", "low": "low", "high": "high"}.items()
    ):
        counted.insert(place + shift, name, [getattr(share, side) for share in shares])
    return counted


def matrix(cells: pd.DataFrame, column: str = "retention") -> pd.DataFrame:
    """Spread one column of the cells as one row per cohort and one column per age."""
    order = pd.Index(cells["cohort"].unique(), name="cohort")
    return cells.pivot(index="cohort", columns="period_index", values=column).reindex(order)


def pooled_curve(cells: pd.DataFrame) -> pd.DataFrame:
    """Pool complete cells at each age, weighted by customers: never a mean of percentages.

    Returns
    -------
    pd.DataFrame
        `period_index`, `cohorts` (rows of the matrix behind it), `at_risk`, `customers`,
        `retention`, `low`, `high`, and `few_cohorts` where fewer than three cohorts are that old.
    """
    complete = cells[cells["at_risk"].gt(0) & cells["customers"].notna()]
    pooled = complete.groupby("period_index", as_index=False).agg(
        cohorts=("cohort", "nunique"), at_risk=("at_risk", "sum"), customers=("customers", "sum")
    )
    return with_intervals(pooled).assign(few_cohorts=pooled["cohorts"] < FEW_COHORTS)


def pooled_share(pooled: pd.DataFrame, period_index: int) -> Estimate:
    """Read one age of the pooled curve; NaN with n = 0 where no cohort is that old."""
    row = pooled[pooled["period_index"] == period_index]
    return wilson(row["customers"].sum(), row["at_risk"].sum(), of="customers")


def still_buying(cells: pd.DataFrame, period_index: int) -> pd.DataFrame:
    """List, for one age, how many of each cohort bought: only cohorts seen at that age."""
    at_age = cells[(cells["period_index"] == period_index) & cells["customers"].notna()]
    kept = ["cohort", "cohort_size", "at_risk", "customers", "retention", "low", "high"]
    return at_age[at_age["at_risk"] > 0][kept].reset_index(drop=True)


def repeat_rate(cohorts: Cohorts) -> Estimate:
    """Share of all first-time buyers with a second order so far, whatever their age."""
    known = cohorts.returns[cohorts.returns["windows"] > 0]
    return wilson(int(known["repeaters"].sum()), int(known["customers"].sum()), of="customers")


def new_customers(cohorts: Cohorts) -> Estimate:
    """Count the first-time buyers of complete periods."""
    known = cohorts.members[cohorts.members["windows"] > 0]
    total = int(known["customers"].sum())
    return exact(total, n=total, unit="count", of="customers")


def small_cohorts(cohorts: Cohorts, *, least: int) -> pd.Series:
    """Give the cohorts with fewer members than asked for, with their sizes; not a running one."""
    sizes = cohort_sizes(cohorts)
    begun = at_risk(cohorts).gt(0).any(axis=1)
    return sizes[(sizes < least) & begun]


def cohort_verdict(cohorts: Cohorts, *, has_money: bool = True) -> Verdict:
    """Judge how far the page can be trusted, from the periods and buyers behind it.

    Parameters
    ----------
    cohorts : Cohorts
        From `follow_cohorts`.
    has_money : bool
        Whether the export has prices; without them money counts items.

    Raises
    ------
    NotSupportedByData
        With one complete period or fewer than 50 first-time buyers.
    """
    periods = cohorts.last.ordinal - cohorts.first.ordinal + 1
    buyers = int(new_customers(cohorts).value)
    if periods < 2 or buyers < LEAST_BUYERS:
        raise NotSupportedByData(
            f"{buyers} first-time buyers in {periods} complete period{'s'[: periods != 1]}",
            f"at least {LEAST_BUYERS} first-time buyers in two complete periods",
        )
    reasons = []
    if periods < ENOUGH_PERIODS:
        reasons.append(Reason("only {periods} periods are complete", {"periods": periods}))
    if buyers < ENOUGH_BUYERS:
        reasons.append(Reason("only {buyers} first-time buyers", {"buyers": buyers}))
    if not has_money:
        reasons.append(Reason("the export has no prices, so that money counts items bought"))
    return judge(reasons)


def _whole(cohorts: Cohorts) -> pd.DataFrame:
    """Mark the cells in which every member's step is over."""
    people = at_risk(cohorts)
    return people.ge(cohort_sizes(cohorts), axis=0) & people.gt(0)


def _returned(cohorts: Cohorts, definition: Definition) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count who came back under a definition, and of how many."""
    people = at_risk(cohorts)
    if definition == "active":
        return observed(cohorts, "customers"), people
    if definition == "on_or_after":
        return _seen_later(cohorts).where(people > 0), people
    again = observed(cohorts, "again")
    # Of those active one step before; customers whose own step is not over are left out of both.
    earlier = cohorts.activity.assign(period_index=cohorts.activity["period_index"] + 1)
    complete = earlier[earlier["windows"] > earlier["period_index"]]
    before = by_age(cohorts, complete, "customers")
    again[0], before[0] = people[0], people[0]
    return again.where(people > 0), before


def _seen_later(cohorts: Cohorts) -> pd.DataFrame:
    steps = pd.DataFrame({"period_index": ages(cohorts)})
    reached = cohorts.returns.merge(steps, how="cross")
    alive = reached["last_index"] >= reached["period_index"]
    complete = reached["windows"] > reached["period_index"]
    return by_age(cohorts, reached[alive & complete], "customers")
