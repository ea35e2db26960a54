"""Lifetime value: what will today's customers bring, how sure is that, and did it come true before?

Everything that the page shows is computed here once; a part that the data cannot carry holds the
reason instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd

from shared.analysis.customer_summary import customer_summary, money_column, money_noun
from shared.analysis.lifetime_backtest import (
    Backtest,
    back_test,
    default_calibration_end,
    to_day,
)
from shared.analysis.lifetime_checks import (
    Independence,
    Regularity,
    median_gap_days,
    spend_independence,
    timing_regularity,
)
from shared.analysis.lifetime_forecast import Forecast, Horizon, months_ahead
from shared.analysis.lifetime_formula import PlainFormula, plain_formula
from shared.analysis.lifetime_margin import Margin, margin_of
from shared.analysis.lifetime_outlook import Outlook, outlook
from shared.analysis.portfolio import Portfolio, place_buyers
from shared.analysis.repeat_summary import repeat_summary
from shared.analysis.study_parts import known, part
from shared.loading.errors import NotSupportedByData

UNIT_DAYS = {"D": 1.0, "W": 7.0}
UNIT_NOUNS = {"D": "day", "W": "week"}
ENOUGH_REPEATERS, ENOUGH_GAPS = 100, 3


@dataclass(frozen=True)
class LifetimeStudy:
    """All results of one page.

    Attributes
    ----------
    base : Portfolio
        Customers scored and placed in segments; what they brought so far.
    summary : pd.DataFrame
        As from `repeat_summary`, ordered by customer.
    what : str
        The word for money: revenue, or items bought.
    time_unit : str
        "D" or "W".
    horizon : Horizon
        The months ahead.
    discount_rate : float
        Per year.
    margin : Margin
        What remains of revenue.
    median_gap_days : float
        Median days between two orders of a customer; NaN where nobody has two.
    formula : PlainFormula or NotSupportedByData
        The plain formula of the textbook.
    backtest : Backtest or NotSupportedByData
        The forecast made earlier.
    ahead : Outlook or NotSupportedByData
        Everything that needs a model.
    independence, regularity
        What the models take for granted, or the reason why it cannot be tested.
    idle_chance : float
        Chance of an order below which a customer counts as an idle asset.
    """

    base: Portfolio
    summary: pd.DataFrame
    what: str
    time_unit: str
    horizon: Horizon
    discount_rate: float
    margin: Margin
    median_gap_days: float
    formula: PlainFormula | NotSupportedByData
    backtest: Backtest | NotSupportedByData
    ahead: Outlook | NotSupportedByData
    independence: Independence | NotSupportedByData
    regularity: Regularity | NotSupportedByData
    idle_chance: float

    @property
    def outlook(self) -> Outlook:
        """Everything that needs a model; raises a short `NotSupportedByData` where there is none.

        The page asks for it under every question; the whole reason stands once, in `ahead`.
        """
        if isinstance(self.ahead, NotSupportedByData):
            raise NotSupportedByData(short_reason(self.ahead), self.ahead.needs)
        return self.ahead

    @property
    def tested(self) -> Backtest:
        """The backtest; raises `NotSupportedByData` where there is none."""
        return known(self.backtest)

    @property
    def forecast(self) -> Forecast:
        """The forecast; raises `NotSupportedByData` where there is none."""
        return self.outlook.forecast

    @property
    def plain(self) -> PlainFormula:
        """The plain formula; raises `NotSupportedByData` where there is none."""
        return known(self.formula)

    @property
    def independent(self) -> Independence:
        """The test of spend against frequency; raises `NotSupportedByData` where there is none."""
        return known(self.independence)

    @property
    def regular(self) -> Regularity:
        """The timing of orders; raises `NotSupportedByData` where it cannot be told."""
        return known(self.regularity)

    @property
    def repeaters(self) -> int:
        """Customers who came back at least once."""
        return int((self.summary["frequency"] > 0).sum())

    @property
    def history_days(self) -> int:
        """Days from the first order to the snapshot date."""
        first = pd.to_datetime(self.summary["first_order_date"]).min()
        return int((pd.Timestamp(self.base.snapshot_date) - first).days)

    @property
    def unit_noun(self) -> str:
        """The unit of time in words."""
        return UNIT_NOUNS[self.time_unit]


def study_lifetime_value(
    order_lines: ibis.Table,
    *,
    tables: Mapping[str, ibis.Table],
    snapshot_date: date,
    time_unit: str = "W",
    calibration_end: str = "",
    horizon_months: int = 6,
    discount_rate: float = 0.1,
    margin: float = 0.0,
    refits: int = 200,
    formula_years: float = 3.0,
    tier_cuts: Sequence[float] = (0.05, 0.2, 0.5),
    idle_chance: float = 0.1,
    age_shown: int = 0,
) -> LifetimeStudy:
    """Compute everything that the page on lifetime value says.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, lines with a customer only.
    tables : mapping of str to ibis.Table
        Where `products` (costs) and `customers` (acquisition cost) stand, if the client has them.
    snapshot_date : date
        First day that is not in the data.
    time_unit : str
        "D" or "W": the unit in which the models measure time.
    calibration_end : str
        Last day that the backtest's models know; empty leaves the horizon for the test.
    horizon_months : int
        Length of the forecast.
    discount_rate : float
        Per year.
    margin : float
        Margin as a share of revenue; 0 takes it from unit costs, or leaves revenue.
    refits : int
        Resampled fits behind the intervals.
    formula_years : float
        Assumed life of a customer in the plain formula.
    tier_cuts : sequence of float
        Three ascending shares of customers, best first, at which a tier ends.
    idle_chance : float
        Chance of an order within the horizon below which a customer is an idle asset.
    age_shown : int
        Age of the customer of the heat map in units of time; 0 takes the oldest.

    Raises
    ------
    NotSupportedByData
        If there is no order at all.
    """
    unit_days = UNIT_DAYS[time_unit]
    everyone = customer_summary(order_lines, snapshot_date=snapshot_date).to_pandas()
    base = place_buyers(everyone, snapshot_date=snapshot_date)
    history = repeat_summary(order_lines, snapshot_date=snapshot_date, unit_days=unit_days)
    summary = history.order_by("customer_id").to_pandas()
    kept = margin_of(order_lines, base, tables=tables, margin=margin)
    horizon = months_ahead(
        snapshot_date, months=horizon_months, unit_days=unit_days, discount_rate=discount_rate
    )
    return LifetimeStudy(
        base=base,
        summary=summary,
        what=money_noun(order_lines),
        time_unit=time_unit,
        horizon=horizon,
        discount_rate=discount_rate,
        margin=kept,
        median_gap_days=median_gap_days(order_lines, snapshot_date=snapshot_date),
        formula=part(
            plain_formula, order_lines, snapshot_date=snapshot_date,
            money=money_column(order_lines), years=formula_years,
        ),
        backtest=part(
            _tested, order_lines, summary, snapshot_date=snapshot_date, months=horizon_months,
            calibration_end=calibration_end, unit_days=unit_days, refits=refits,
        ),
        ahead=part(
            outlook, summary, base, horizon=horizon, margin=kept, unit_days=unit_days,
            refits=refits, tier_cuts=tier_cuts, idle_chance=idle_chance, age_shown=age_shown,
            listed=tables.get("customers"),
        ),
        independence=part(spend_independence, summary),
        regularity=part(timing_regularity, order_lines, snapshot_date=snapshot_date),
        idle_chance=idle_chance,
    )  # fmt: skip


def short_reason(refusal: NotSupportedByData) -> str:
    """Give a reason without the steps that led to it."""
    return refusal.reason.partition(":")[0]


def _tested(
    order_lines: ibis.Table,
    summary: pd.DataFrame,
    *,
    snapshot_date: date,
    months: int,
    calibration_end: str,
    unit_days: float,
    refits: int,
) -> Backtest:
    first = pd.to_datetime(summary["first_order_date"]).min().date()
    end = (
        to_day(calibration_end, first=first, snapshot_date=snapshot_date)
        if calibration_end
        else default_calibration_end(first, snapshot_date=snapshot_date, months=months)
    )
    return back_test(
        order_lines, snapshot_date=snapshot_date, calibration_end=end, unit_days=unit_days,
        refits=refits,
    )  # fmt: skip
