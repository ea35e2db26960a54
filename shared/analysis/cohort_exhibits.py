"""What stands behind each chart of the cohort page: its numbers, their labels and its alt text."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from shared.analysis.cohort import matrix, still_buying
from shared.analysis.cohort_activity import cohort_sizes
from shared.analysis.cohort_answers import (
    bargain_hunting,
    churning,
    coming_back,
    leaving,
    off_the_calendar,
    standing_out,
)
from shared.analysis.cohort_base import on_page
from shared.analysis.cohort_members import FIRST_ORDER
from shared.analysis.cohort_money_answers import paying_back
from shared.analysis.cohort_payback import PER_SPENT, Payback, return_on_spend
from shared.analysis.cohort_study import CohortStudy
from shared.analysis.exhibit import Exhibit
from shared.analysis.intervals import wilson
from shared.analysis.verdicts import Reason

Columns = dict[Any, tuple[str, str]]
SHOWN_AGES = 12
LEAST_Q = 0.001
Q_LABEL = f"q-value ({LEAST_Q} or less as {LEAST_Q})"


def retention(study: CohortStudy) -> Exhibit:
    """Give the retention matrix as shares, the size of each cohort beside it."""
    wide = matrix(study.shown)
    shown = wide[[age for age in range(1, SHOWN_AGES + 1) if age in wide]]
    data = shown.reset_index()
    data.insert(1, "cohort_size", data["cohort"].map(cohort_sizes(study.cohorts)))
    first = shown[study.age].dropna()
    alt = Reason(
        "Matrix of cohorts by {noun} since the first order; in {noun} {age} the share that came "
        "back runs from {low:share.1} in {worst} to {high:share.1} in {best}; cells still to come "
        "are blank.",
        {"noun": study.noun, "age": study.age, "low": float(first.min()), "worst": first.idxmin(),
         "high": float(first.max()), "best": first.idxmax()},
    )  # fmt: skip
    ages = {age: (f"{study.noun.capitalize()} {age}", "share.1") for age in shown.columns}
    columns = {**cohort_column(study), "cohort_size": ("Size", "count"), **ages}
    return Exhibit((coming_back(study), alt), data, columns)


def pooled(study: CohortStudy) -> Exhibit:
    """Give the pooled curve with its intervals and the cohorts behind each age."""
    data = study.active_pooled[study.active_pooled["period_index"] > 0]
    columns = {
        "period_index": (study.noun.capitalize(), "count"),
        "cohorts": ("Cohorts", "count"),
        "at_risk": ("Followed", "count"),
        "customers": ("Came back", "count"),
        **_shares("retention", "Share"),
    }
    alt = _ends(study, data, "Line of the pooled share that buys by age")
    return Exhibit((leaving(study), alt), data, columns)


def churn(study: CohortStudy) -> Exhibit:
    """Give who bought again and who stayed away, of each calendar period's buyers."""
    data = study.rates
    alt = Reason(
        "Two lines by calendar period: the share of buyers who stay away in the next period runs "
        "from {low:share.1} to {high:share.1}; the share who buy again mirrors it.",
        {"low": float(data["churn_rate"].min()), "high": float(data["churn_rate"].max())},
    )
    columns = {
        "period": ("Period", "month"),
        "active_before": ("Active before", "count"),
        "kept": ("Bought again", "count"),
        "retention_rate": ("Share bought again", "share.1"),
        **_shares("churn_rate", "Share stayed away"),
        "new_customers": ("New customers", "count"),
    }
    return Exhibit((churning(study), alt), data, columns)


def calendar(study: CohortStudy) -> Exhibit:
    """Give observed and expected activity of each calendar period."""
    assert isinstance(study.effects, pd.DataFrame)
    data = _readable_q(study.effects)
    sides = ["difference", "low", "high"]
    data[sides] = 100 * data[sides]
    known = data[data["difference"].notna()]
    alt = Reason(
        "Marks with intervals by calendar period, around zero: the share who buy lies between "
        "{low:number.1} and {high:number.1} points off what age and cohort would give; filled "
        "marks differ.",
        {"low": float(known["difference"].min()), "high": float(known["difference"].max())},
    )
    columns = {
        "period": ("Period", "month"),
        "at_risk": ("Earlier customers", "count"),
        "active_share": ("Bought", "share.1"),
        "expected_share": ("Expected", "share.1"),
        "difference": ("Points off", "number.1"),
        "low": ("low", "number.1"),
        "high": ("high", "number.1"),
        "q": (Q_LABEL, "number.3"),
        "finding": ("Reading", "text"),
    }
    return Exhibit((off_the_calendar(study), alt), data, columns)


def differences(study: CohortStudy) -> Exhibit:
    """Give each cohort's share that came back, and its test against the others."""
    data = _readable_q(on_page(study.tests, study.cohorts).reset_index(drop=True))
    data["difference"] *= 100
    new = study.pooling(data)
    best, worst = (
        new.iloc[int(new["retention"].argmax())],
        new.iloc[int(new["retention"].argmin())],
    )
    alt = Reason(
        "Points with intervals, one per cohort: the share that came back runs from {low:share.1} "
        "in {worst} to {high:share.1} in {best}; filled marks differ from the rest.",
        {"low": float(worst["retention"]), "worst": worst["cohort"],
         "high": float(best["retention"]), "best": best["cohort"]},
    )  # fmt: skip
    columns = {
        **cohort_column(study),
        "at_risk": ("Followed", "count"),
        "customers": ("Came back", "count"),
        **_shares("retention", "Share"),
        "rest": ("All others", "share.1"),
        "difference": ("Difference in points", "number.1"),
        "q": (Q_LABEL, "number.3"),
        "finding": ("Reading", "text"),
    }
    return Exhibit((standing_out(study), alt), data, columns)


def promotions(study: CohortStudy) -> Exhibit:
    """Give each promotion beside its neighbours."""
    assert isinstance(study.promotions, pd.DataFrame)
    data = _readable_q(study.promotions)
    row = data.iloc[int(data["difference"].abs().argmax())]
    alt = Reason(
        "Pairs of points with intervals, promotion beside neighbours: {promotion} with "
        "{share:share.1} who came back, its neighbours with {neighbours:share.1}.",
        {"promotion": row["promotion"], "share": float(row["came_back"]),
         "neighbours": float(row["neighbours_back"])},
    )  # fmt: skip
    columns = {
        "promotion": ("Promotion", "text"),
        "customers": ("Customers", "count"),
        "neighbours": ("Neighbours", "count"),
        "followup_days": ("Followed", "days"),
        **_shares("came_back", "Came back"),
        "neighbours_back": ("Neighbours back", "share.1"),
        "worth": (f"{study.money.what.capitalize()} each", "money"),
        "neighbours_worth": ("Neighbours each", "money"),
        "q": (Q_LABEL, "number.3"),
        "finding": ("Reading", "text"),
    }
    return Exhibit((bargain_hunting(study), alt), data, columns)


def payback(study: CohortStudy) -> Exhibit:
    """Give what a customer of each source has brought beyond its cost, age by age."""
    assert isinstance(study.payback, Payback)
    curves = study.payback.curves[study.payback.curves["is_readable"]]
    wide = curves.pivot(index="cohort", columns="period_index", values="net")
    wide = wide.reindex(curves["cohort"].unique())[
        [age for age in range(SHOWN_AGES + 1) if age in wide]
    ]
    age = min(study.later_age, len(wide.columns) - 1)
    at = wide[age]
    alt = Reason(
        "Lines, one per source, of what a customer brought beyond the cost of the winning: in "
        "{noun} {age} {best} leads with {high:money.0} and {worst} is last with {low:money.0}.",
        {"noun": study.noun, "age": age, "best": at.idxmax(), "high": float(at.max()),
         "worst": at.idxmin(), "low": float(at.min())},
    )  # fmt: skip
    ages = {age: (f"{study.noun.capitalize()} {age}", "money.0") for age in wide.columns}
    columns = {"cohort": ("Source", _cohort_spec(wide.index)), **ages}
    return Exhibit((paying_back(study), alt), wide.reset_index(), columns)


def break_even(study: CohortStudy) -> tuple[pd.DataFrame, Columns]:
    """Give the table of sources as the page shows it: intervals beside their values."""
    assert isinstance(study.payback, Payback)
    table = study.payback.table
    returns = [return_on_spend(row) for _, row in table.iterrows()]
    shown = table.assign(return_on_spend=pd.Series(returns, index=table.index, dtype=object))
    at = f"{study.noun} {int(table['followed'].max())}"
    columns = {
        "cohort": ("Source", _cohort_spec(table["cohort"])),
        "customers": ("Customers", "count"),
        "cost_per_customer": ("Cost each", "money.2"),
        "worth_per_customer": (f"{study.money.what.capitalize()} each by {at}", "money.2"),
        "return_on_spend": ("Return on cost", "share.0"),
        "break_even_index": (f"Even in {study.noun}", "count"),
        "lasting": (f"Buy in {at} or later", "share.0"),
        "lasting_per_1000": (f"Of these per {PER_SPENT} spent", "number.1"),
    }
    return shown, columns


def still_buying_table(study: CohortStudy) -> tuple[pd.DataFrame, Columns]:
    """Give who of each cohort still buys at the later age, newest cohorts first."""
    seen = still_buying(study.shown, study.later_age)
    shares = [wilson(k, n) for k, n in zip(seen["customers"], seen["at_risk"], strict=True)]
    in_time = study.cohorts.cohort_by == FIRST_ORDER
    columns = {
        **cohort_column(study),
        "at_risk": ("Won" if in_time else "Followed", "count"),
        "customers": ("Still buy", "count"),
        "share": ("Share", "share.0"),
    }
    return seen.assign(share=pd.Series(shares, index=seen.index, dtype=object)).iloc[
        :: -1 if in_time else 1
    ], columns


def _cohort_spec(cohorts: Iterable[object]) -> str:
    return "month" if isinstance(next(iter(cohorts)), pd.Period) else "text"


def cohort_column(study: CohortStudy) -> Columns:
    """Head the column of cohorts: a period, or the trait that forms them."""
    if study.cohorts.cohort_by == FIRST_ORDER:
        return {"cohort": ("First order in", "month")}
    return {"cohort": (study.cohorts.cohort_by.replace("_", " ").capitalize(), "text")}


def _readable_q(data: pd.DataFrame) -> pd.DataFrame:
    """Never write a q-value as 0.000."""
    return data.assign(q=data["q"].clip(lower=LEAST_Q))


def _shares(column: str, label: str) -> Columns:
    return {column: (label, "share.1"), "low": ("low", "share.1"), "high": ("high", "share.1")}


def _ends(study: CohortStudy, data: pd.DataFrame, chart: str) -> Reason:
    return Reason(
        "{chart}, with its interval: from {first:share.1} in {noun} {start} to {last:share.1} in "
        "{noun} {end}.",
        {"chart": chart, "noun": study.noun, "first": float(data["retention"].iloc[0]),
         "start": int(data["period_index"].iloc[0]), "last": float(data["retention"].iloc[-1]),
         "end": int(data["period_index"].iloc[-1])},
    )  # fmt: skip
