"""What the cohort study leaves behind: its full tables and its plain numbers."""

from contextlib import suppress

import pandas as pd

from shared.analysis.age_period_cohort import age_period_cohort
from shared.analysis.cohort import (
    pooled_curve,
    pooled_share,
    repeat_rate,
    small_cohorts,
    still_buying,
)
from shared.analysis.cohort_activity import at_risk, counts_so_far
from shared.analysis.cohort_money import ITEMS, CohortMoney, money_after
from shared.analysis.cohort_payback import Payback
from shared.analysis.cohort_study import CohortStudy
from shared.analysis.intervals import Estimate
from shared.loading.errors import NotSupportedByData

MONEY = {
    "amount": "{}",
    "per_customer": "{}_per_customer",
    "cumulative": "cumulative_{}",
    "cumulative_per_customer": "cumulative_{}_per_customer",
    "low": "{}_low",
    "high": "{}_high",
}


def cohort_tables(study: CohortStudy) -> dict[str, pd.DataFrame]:
    """Give every table of the page by the name of its file; what was not computed is missing."""
    optional = {
        "calendar_effects": study.effects,
        "promotions": study.promotions,
        "visits": study.visits,
    }
    tables = {
        "counts": counts_table(study),
        "retention": study.cells,
        "engagement": study.engagement.drop(columns="squares"),
        "revenue": revenue_table(study),
        "pooled": pooled_table(study),
        "tests": study.tests,
        "still_buying": still_buying(study.cells, study.later_age),
        "attrition_steps": study.steps,
        "period_rates": study.rates,
        **{name: part for name, part in optional.items() if isinstance(part, pd.DataFrame)},
    }
    if isinstance(study.payback, Payback):
        tables["break_even"] = study.payback.table
        tables["payback_curves"] = study.payback.curves
    with suppress(NotSupportedByData):
        tables["age_period_cohort"] = age_period_cohort(study.cohorts)
    return tables


def counts_table(study: CohortStudy) -> pd.DataFrame:
    """Give the counts so far, and how many of each row's cells are complete.

    Columns "0", "1" … hold customers by age; the cell after the last complete one is of a
    running period, a blank has not begun.
    """
    counts = counts_so_far(study.cohorts).dropna(axis=1, how="all")
    complete = (at_risk(study.cohorts) > 0).sum(axis=1)
    counts.columns = pd.Index([str(age) for age in counts.columns])
    return counts.assign(complete_periods=complete)


def pooled_table(study: CohortStudy) -> pd.DataFrame:
    """Give the pooled curve; where it leaves the first cohort out, with the same beside it.

    The columns that end in `_with_first` count that cohort too; at an age that no other has
    reached the rest is blank.
    """
    if study.left_out is None:
        return study.pooled
    whole = pooled_curve(study.cells).set_index("period_index")
    whole = whole[["cohorts", "at_risk", "customers", "retention"]].add_suffix("_with_first")
    blanks = {
        "cohorts": "Int64",
        "at_risk": "Int64",
        "customers": "Int64",
        "few_cohorts": "boolean",
    }
    return study.pooled.astype(blanks).merge(whole.reset_index(), on="period_index", how="right")


def revenue_table(study: CohortStudy) -> pd.DataFrame:
    """Give revenue, and margin where it is known, by cohort and age: of the step and up to it."""
    keys = ["cohort", "period_index", "at_risk"]
    table = _named(study.revenue_cells, study.revenue)
    if study.money is not study.revenue:
        table = table.merge(_named(study.money_cells, study.money), on=keys)
    return table


def cohort_metrics(study: CohortStudy) -> dict[str, float | Estimate]:
    """Give the plain numbers of the page for tests, the index and the next run."""
    rates = study.rates[["active_before", "kept"]].sum()
    drop = study.drop
    return {
        "cohorts": int((at_risk(study.cohorts)[0] > 0).sum()),
        "customers": study.customers,
        "return_after_one_period": pooled_share(study.active_pooled, 1),
        "still_buying_later": pooled_share(study.active_pooled, study.later_age),
        "later_age": study.later_age,
        "repeat_rate": repeat_rate(study.cohorts),
        "churn_rate": 1 - float(rates["kept"] / (rates["active_before"] or float("nan"))),
        "win_back_age": float("nan") if drop is None else int(drop["from_index"]),
        "small_cohorts": len(small_cohorts(study.cohorts, least=study.least)),
        "revenue_per_customer": money_after(study.pooled_revenue, study.later_age),
        "revenue": float(study.revenue.steps["amount"].sum()),
        "revenue_without_age": study.revenue.unplaced,
    }


def _named(cells: pd.DataFrame, money: CohortMoney) -> pd.DataFrame:
    what = "items" if money.what == ITEMS else money.what
    return cells.rename(columns={name: form.format(what) for name, form in MONEY.items()})
