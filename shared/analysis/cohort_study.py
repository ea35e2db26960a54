"""The cohort study: everything one page tells about new customers, computed once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import ibis
import pandas as pd

from shared.analysis.age_period_cohort import age_trend, calendar_effects, projected_cells
from shared.analysis.cohort import (
    Definition,
    cohort_verdict,
    new_customers,
    pooled_curve,
    retention_cells,
)
from shared.analysis.cohort_activity import Cohorts, follow_cohorts, surely_new
from shared.analysis.cohort_attrition import attrition_steps, steepest_drop
from shared.analysis.cohort_base import known_ages, newly_won, on_page, refuse_too_small
from shared.analysis.cohort_differences import cohort_differences
from shared.analysis.cohort_engagement import engagement_cells, period_rates, visit_cells
from shared.analysis.cohort_members import FIRST_ORDER
from shared.analysis.cohort_money import (
    ITEMS,
    CohortMoney,
    follow_money,
    money_cells,
    pooled_money,
    valued_lines,
)
from shared.analysis.cohort_payback import Payback, acquisition_payback
from shared.analysis.cohort_promotion import compare_promotions
from shared.analysis.intervals import Estimate
from shared.analysis.periods import calendar_of, last_complete, period_noun, window_days
from shared.analysis.verdicts import Reason, Verdict, judge
from shared.loading.errors import NotSupportedByData

Result = TypeVar("Result")


@dataclass(frozen=True)
class CohortStudy:
    """All results of one page; what the data cannot answer holds the reason instead.

    Attributes
    ----------
    cohorts, won : Cohorts
        Counts from the engine; `won` holds those who are surely new, as from `newly_won`, and is
        what pooled values, tests and steps of age rest on.
    cells, pooled : pd.DataFrame
        As from `retention_cells` of all and `pooled_curve` of those won.
    definition : str
        What coming back means in them.
    age, later_age : int
        Ages that the sentences speak of, lowered to what the data reach.
    least : int
        Smaller cohorts are not tested.
    projected, steps, rates, tests, engagement : pd.DataFrame
        As from `projected_cells`, `attrition_steps`, `period_rates`, `cohort_differences` and
        `engagement_cells`.
    revenue, money : CohortMoney
        Money by age: as paid, and as margin where that is known; `what` is the word for it.
    revenue_cells, pooled_revenue, money_cells, pooled_money : pd.DataFrame
        As from `money_cells` and `pooled_money` of either.
    trend, effects, promotions, payback, visits
        As from `age_trend`, `calendar_effects`, `compare_promotions`, `acquisition_payback` and
        `visit_cells`, or the reason why not.
    """

    cohorts: Cohorts
    won: Cohorts
    cells: pd.DataFrame
    pooled: pd.DataFrame
    definition: Definition
    age: int
    later_age: int
    least: int
    projected: pd.DataFrame
    steps: pd.DataFrame
    rates: pd.DataFrame
    tests: pd.DataFrame
    engagement: pd.DataFrame
    revenue: CohortMoney
    revenue_cells: pd.DataFrame
    pooled_revenue: pd.DataFrame
    money: CohortMoney
    money_cells: pd.DataFrame
    pooled_money: pd.DataFrame
    trend: Estimate | NotSupportedByData
    effects: pd.DataFrame | NotSupportedByData
    promotions: pd.DataFrame | NotSupportedByData
    payback: Payback | NotSupportedByData
    visits: pd.DataFrame | NotSupportedByData

    @property
    def noun(self) -> str:
        """One step of age in words, such as month."""
        return period_noun(self.cohorts.period)

    @property
    def calendar_noun(self) -> str:
        """The period of joining in words; a month for day windows."""
        return period_noun(calendar_of(self.cohorts.period))

    @property
    def by_calendar(self) -> bool:
        """Whether age counts calendar periods, so that 1 is the period after the first order's."""
        return not window_days(self.cohorts.period)

    @property
    def customers(self) -> int:
        """First-time buyers of complete periods."""
        return int(new_customers(self.cohorts).value)

    @property
    def shown(self) -> pd.DataFrame:
        """The cells of cohorts that are large enough to stand on the page."""
        return on_page(self.cells, self.cohorts)

    @property
    def active_pooled(self) -> pd.DataFrame:
        """The pooled curve of who buys at that very age, whatever coming back means elsewhere.

        Leaving is read from it: "on or after" falls by construction.
        """
        if self.definition == "active":
            return self.pooled
        return pooled_curve(retention_cells(self.won))

    @property
    def left_out(self) -> pd.Period | None:
        """The first cohort, where pooled values, tests and steps of age go without it."""
        return None if self.won is self.cohorts else self.cohorts.first

    @property
    def rests_on_first(self) -> bool:
        """Whether they rest on the first cohort, because no other has been followed."""
        return self.cohorts.cohort_by == FIRST_ORDER and self.left_out is None

    def pooling(self, table: pd.DataFrame) -> pd.DataFrame:
        """Keep the rows of a table by cohort that pooled values rest on."""
        return table if self.left_out is None else surely_new(table, self.cohorts)

    @property
    def overall(self) -> float:
        """Share of those won who came back within the time by which cohorts are compared."""
        tests = self.pooling(self.tests)
        return float(tests["customers"].sum() / tests["at_risk"].sum())

    def verdict(self, *, has_money: bool = True) -> Verdict:
        """Judge the page by the customers that its headlines rest on."""
        doubts = "the customers followed may be older than the data: no later {calendar} won enough"
        doubtful = [answer(doubts, self)] if self.rests_on_first else []
        judged = cohort_verdict(self.won, has_money=has_money)
        return judge([*judged.reasons, *doubtful])

    @property
    def drop(self) -> pd.Series | None:
        """The steepest drop between two ages, None where no fall is more than chance."""
        return steepest_drop(self.steps)


def study_cohorts(
    order_lines: ibis.Table,
    *,
    tables: Mapping[str, ibis.Table],
    period: str,
    last_period: str,
    snapshot_date: date,
    cohort_by: str = FIRST_ORDER,
    definition: Definition = "active",
    age: int = 1,
    later_age: int = 6,
    least: int = 50,
    promotion: str = "",
    margin_share: float = 0.0,
    project_periods: int = 0,
) -> CohortStudy:
    """Compute everything that the page on cohorts says.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, lines with a customer only.
    tables : mapping of str to ibis.Table
        Where `customers`, `products` and `web_sessions` stand, if the client has them.
    period, last_period, snapshot_date, cohort_by
        As for `follow_cohorts`; an empty `last_period` is the last one over on `snapshot_date`.
    definition : str
        As for `retention_cells`.
    age, later_age : int
        When "came back" and "still buys" are judged.
    least : int
        Smaller cohorts and groups are not tested.
    promotion : str
        As for `compare_promotions`.
    margin_share : float
        As for `valued_lines`.
    project_periods : int
        As `ahead` of `projected_cells`.

    Raises
    ------
    NotSupportedByData
        If there is no order up to `last_period`, or the base is below the gate of
        `cohort_verdict`.
    """
    customers = tables.get("customers")
    lines, what = valued_lines(
        order_lines, products=tables.get("products"), margin_share=margin_share
    )
    cohorts = follow_cohorts(
        lines,
        period=period,
        last_period=last_period or str(last_complete(snapshot_date, period)),
        cohort_by=cohort_by,
        customers=customers,
        snapshot_date=snapshot_date,
    )
    refuse_too_small(cohorts)
    won = newly_won(cohorts)
    seen = retention_cells(won, definition=definition)
    ages = known_ages(seen, won)
    age, later_age = (max(a for a in ages if a <= max(k, ages[0])) for k in (age, later_age))
    money = follow_money(lines, cohorts, what=what)
    revenue = follow_money(order_lines, cohorts, what="revenue") if what == "margin" else money
    known = {"customers": customers, "least": least}
    return CohortStudy(
        cohorts=cohorts,
        won=won,
        cells=retention_cells(cohorts, definition=definition),
        pooled=pooled_curve(seen),
        definition=definition,
        age=age,
        later_age=later_age,
        least=least,
        projected=projected_cells(cohorts, ahead=project_periods),
        steps=attrition_steps(won),
        rates=period_rates(cohorts),
        tests=cohort_differences(cohorts, within=age, least=least),
        engagement=engagement_cells(cohorts),
        revenue=revenue,
        revenue_cells=money_cells(revenue, cohorts),
        pooled_revenue=pooled_money(revenue, won),
        money=money,
        money_cells=money_cells(money, cohorts),
        pooled_money=pooled_money(money, won),
        trend=_or_reason(age_trend, won),
        effects=_or_reason(_known_effects, cohorts),
        promotions=_or_reason(compare_promotions, lines, cohorts, promotion=promotion, **known),
        payback=_or_reason(acquisition_payback, lines, cohorts, followed=later_age, **known),
        visits=_or_reason(visit_cells, tables.get("web_sessions"), cohorts),
    )


def answer(template: str, study: CohortStudy, **values: object) -> Reason:
    """Give a template its values; the words for a step of age and for money become part of it.

    They are words, not findings: a page sets computed values in bold.
    """
    return Reason(in_words(template, study), values)


def in_words(template: str, study: CohortStudy) -> str:
    """Write {noun}, {calendar}, {what}, {revenue} out: month, month, margin, revenue."""
    words = {"noun": study.noun, "calendar": study.calendar_noun, "what": study.money.what}
    if study.money.what == ITEMS:  # "5 items" says already what is counted
        template = template.replace(" of {what}", "").replace(" of {revenue}", "")
    words["revenue"] = study.revenue.what
    for name, word in words.items():
        template = template.replace(f"{{{name}}}", word)
    return template


def _known_effects(cohorts: Cohorts) -> pd.DataFrame:
    """Give the calendar effects; where no period can be told from the others, say so."""
    effects = calendar_effects(cohorts)
    if effects["difference"].isna().all():
        noun = period_noun(cohorts.period)
        raise NotSupportedByData(
            f"{len(effects)} {noun}s are too few to tell a bad {noun} from age and cohort",
            "a longer history, or a shorter period",
        )
    return effects


def _or_reason(
    compute: Callable[..., Result], *data: object, **options: Any
) -> Result | NotSupportedByData:
    """Compute one part of the page; a part that the data cannot carry costs no other part."""
    try:
        return compute(*data, **options)
    except NotSupportedByData as reason:
        return reason
