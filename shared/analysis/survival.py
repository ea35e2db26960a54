"""The survival study: how long customers stay, computed once for everything the page tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd

from shared.analysis.churn_forecast import (
    ChurnForecast,
    ForecastBacktest,
)
from shared.analysis.churn_window import ChurnWindow
from shared.analysis.critical_day import CriticalDay
from shared.analysis.duration_forecast import DurationForecast
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.lifecycle_study import LifecycleStudy
from shared.analysis.membership_effect import MembershipEffect
from shared.analysis.survival_clock import Clock, Part, Settings
from shared.analysis.survival_curve import Curve
from shared.analysis.survival_groups import GroupComparison
from shared.analysis.survival_parts import from_durations, from_orders
from shared.analysis.verdicts import Reason, Verdict, judge
from shared.loading.errors import NotSupportedByData

ENOUGH_EVENTS, ENOUGH_GROUP_EVENTS = 100, 30
MOST_BACK = 1 / 3  # of the silences longer than the window; above it being lost says little


@dataclass(frozen=True)
class SurvivalStudy:
    """All results of one page; what the data cannot answer holds the reason instead.

    Attributes
    ----------
    clock, settings, snapshot_date
        What durations count, what was asked for, and as of when.
    frame : pd.DataFrame
        One row per customer, as from `lifespans` or `lifespans_from_durations`.
    curve : Curve
        Survival of everybody.
    returners : Curve or reason
        The same of those who ordered on a second day: without the step of day 0.
    settled : Curve or reason
        The same without customers who may be older than the data.
    window : ChurnWindow or reason
        How the churn window was found.
    members : MembershipEffect or reason
        Members against others.
    hazard : pd.DataFrame
        As from `smoothed_hazard`.
    critical : CriticalDay
        Whether a day stands out.
    due : pd.DataFrame or reason
        As from `due_customers` or `due_durations`.
    rates, forecast, backtest, segments, years, channels
        As from `retention_churn`, `forecast_churn`, `backtest_churn` and `compare_groups`.
    scored_on : datetime.date or None
        The day whose segments are compared.
    others : dict
        By column of `group_by`, as from `compare_groups`.
    life : LifecycleStudy
        The seven stages.
    leaving, age_rates
        Where there are durations and no orders, as from `forecast_durations` and `churn_by_age`.
    """

    clock: Clock
    settings: Settings
    snapshot_date: date
    frame: pd.DataFrame
    curve: Curve
    returners: Part[Curve]
    settled: Part[Curve]
    window: Part[ChurnWindow]
    members: Part[MembershipEffect]
    hazard: pd.DataFrame
    critical: CriticalDay
    due: Part[pd.DataFrame]
    rates: Part[pd.DataFrame]
    forecast: Part[ChurnForecast]
    backtest: Part[ForecastBacktest]
    segments: Part[GroupComparison]
    scored_on: date | None
    years: Part[GroupComparison]
    channels: Part[GroupComparison]
    others: dict[str, Part[GroupComparison]]
    life: LifecycleStudy
    leaving: Part[DurationForecast]
    age_rates: Part[pd.DataFrame]

    @property
    def customers(self) -> int:
        """Customers followed."""
        return len(self.frame)

    @property
    def has_orders(self) -> bool:
        """Whether lifespans come from orders, and not from a table of durations."""
        return self.clock.window > 0

    @property
    def came_back(self) -> Estimate:
        """Share of the silences longer than the window that an order ended."""
        back = int(self.frame["came_back"].sum()) if self.has_orders else 0
        return wilson(back, back + self.curve.events)

    @property
    def compared(self) -> dict[str, GroupComparison]:
        """The comparisons that could be made by the name of their groups, own columns first."""
        named = {**self.others, "channel": self.channels, "year": self.years,
                 "segment": self.segments}  # fmt: skip
        return {k: v for k, v in named.items() if isinstance(v, GroupComparison)}


def study_survival(
    tables: Mapping[str, ibis.Table], *, snapshot_date: date, settings: Settings
) -> SurvivalStudy:
    """Compute everything that the page on survival says.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        The client's tables: `order_lines` (and `customers`, if there are), else `durations`.
    snapshot_date : datetime.date
        The first day that is not in the data.
    settings : Settings
        The notebook's parameters.

    Raises
    ------
    NotSupportedByData
        With fewer than 40 customers or 10 losses, without the tables, or where the churn
        window cannot be learnt.
    ConfigError
        If a column of `group_by` or the unit does not exist.
    """
    if "order_lines" in tables:
        parts = from_orders(tables, snapshot_date, settings)
    elif "durations" in tables:
        parts = from_durations(tables["durations"], snapshot_date, settings)
    else:
        raise NotSupportedByData("neither orders nor durations", "order_lines or durations")
    return SurvivalStudy(**parts)


def survival_verdict(study: SurvivalStudy) -> Verdict:
    """Judge how far the page can be trusted: 100 losses in all and 30 in each group."""
    reasons = []
    if study.settings.placebo:
        reasons.append(
            Reason(
                "A placebo run: membership and groups were dealt out anew among the customers, so "
                "that no difference between them is real."
            )
        )
    if study.curve.events < ENOUGH_EVENTS:
        reasons.append(
            Reason(
                "{events:count} of {n:count} customers are lost so far; {least:count} losses make "
                "the figures steady.",
                {"events": study.curve.events, "n": study.customers, "least": ENOUGH_EVENTS},
            )
        )
    back = study.came_back
    if study.has_orders and back.value > MOST_BACK:
        reasons.append(
            Reason(
                "{back} of the silences longer than {days:days} were ended by an order: lost means "
                "silent here, not gone.",
                {"back": back, "days": study.clock.window},
            )
        )
    reasons += _forecast_failed(study)
    if isinstance(study.members, MembershipEffect):
        seen = study.members.counts
        fewest = min(seen["member_events"], seen["standard_events"])
        if fewest < ENOUGH_GROUP_EVENTS:
            reasons.append(
                Reason(
                    "Only {events:count} {events:loss|losses} in the smaller of the groups "
                    "members and others; {least:count} are needed.",
                    {"events": fewest, "least": ENOUGH_GROUP_EVENTS},
                )
            )
    for name, compared in study.compared.items():
        few = compared.table[compared.table["events"] < ENOUGH_GROUP_EVENTS]
        if name in study.others and len(few):
            reasons.append(
                Reason(
                    "{n:count} {n:group|groups} of {column} {n:has|have} fewer than {least:count} "
                    "losses.",
                    {"n": len(few), "column": name, "least": ENOUGH_GROUP_EVENTS},
                )
            )
    return judge(reasons)


def _forecast_failed(study: SurvivalStudy) -> list[Reason]:
    """Say that the forecast did not hold, or could not be tried, where there is one."""
    if not isinstance(study.forecast, ChurnForecast):
        return []
    test = study.backtest
    if isinstance(test, NotSupportedByData):
        return [
            Reason(
                "The forecast of losses could not be tried on earlier ones: read its numbers as a "
                "direction."
            )
        ]
    if test.is_inside:
        return []
    return [
        Reason(
            "The forecast of losses did not hold when it was tried: {expected:count} expected "
            "({low:count} to {high:count}), {actual:count} lost.",
            {"expected": test.expected.value, "low": test.expected.low,
             "high": test.expected.high, "actual": test.actual},
        )
    ]  # fmt: skip
