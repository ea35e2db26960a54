"""Which cohorts a page rests on: those large enough to show, and those who are surely new."""

from dataclasses import replace

import pandas as pd

from shared.analysis.cohort import LEAST_BUYERS, cohort_verdict
from shared.analysis.cohort_activity import Cohorts, cohort_sizes
from shared.analysis.cohort_members import FIRST_ORDER
from shared.analysis.periods import calendar_of, period_noun
from shared.loading.errors import NotSupportedByData

SMALLEST_SHOWN = 10  # customers; a share of fewer is a portrait of single people


def newly_won(cohorts: Cohorts) -> Cohorts:
    """Leave out the first cohort by first order: it holds whoever is older than the data.

    It stays where the others have fewer than 50 customers followed beyond their first period,
    or none of them 10: then nothing else can be said. Cohorts by a trait stay whole.
    """
    if cohorts.cohort_by != FIRST_ORDER:
        return cohorts
    first = cohorts.first.ordinal
    tables = {name: getattr(cohorts, name) for name in ("members", "activity", "returns")}
    won = replace(
        cohorts, **{k: table[table["first_period"] != first] for k, table in tables.items()}
    )
    followed = won.members[won.members["windows"] > 1].groupby("cohort")["customers"].sum()
    enough = followed.sum() >= LEAST_BUYERS and followed.max() >= SMALLEST_SHOWN
    return won if enough else cohorts


def on_page(table: pd.DataFrame, cohorts: Cohorts) -> pd.DataFrame:
    """Keep the rows of cohorts with 10 customers or more; smaller ones stand in no table shown."""
    return table[table["cohort"].map(cohort_sizes(cohorts)) >= SMALLEST_SHOWN]


def known_ages(cells: pd.DataFrame, cohorts: Cohorts) -> list[int]:
    """List the ages from 1 on at which a cohort that stands on the page has a share.

    Raises
    ------
    NotSupportedByData
        If there is none.
    """
    known = on_page(cells, cohorts).dropna(subset="retention")
    ages = sorted({int(age) for age in known["period_index"] if age > 0})
    if not ages:
        raise NotSupportedByData(
            f"no {SMALLEST_SHOWN} customers of one cohort have been followed beyond their first "
            f"{period_noun(cohorts.period)}",
            "a longer history, or a shorter period",
        )
    return ages


def refuse_too_small(cohorts: Cohorts) -> None:
    """Raise `NotSupportedByData` for a base below the gate, or with tiny cohorts only."""
    cohort_verdict(cohorts)
    if cohort_sizes(cohorts).max() < SMALLEST_SHOWN:
        raise NotSupportedByData(
            f"no {period_noun(calendar_of(cohorts.period))} won {SMALLEST_SHOWN} new customers",
            "longer periods: months or quarters",
        )
