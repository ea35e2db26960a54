"""Propensity: who will buy, how likely, and whom is it worth to contact?"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

import ibis
import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.propensity_calibration import calibration_table
from shared.analysis.propensity_campaign import ResponseScore, response_score
from shared.analysis.propensity_day import DayAhead, day_ahead
from shared.analysis.propensity_evaluation import Tested, evaluate, fit_for_use, measures
from shared.analysis.propensity_examples import (
    Examples,
    check_outcome,
    placebo_of,
)
from shared.analysis.propensity_features import Events, events_of, features_at
from shared.analysis.propensity_leakage import Audit, audit_columns, fold_table
from shared.analysis.propensity_lists import SureList, bands, deciles, sure_list
from shared.analysis.propensity_money import OrderMoney, order_money
from shared.analysis.propensity_names import FEATURE_NAMES
from shared.analysis.propensity_profit import ProfitCurve, profit_curve
from shared.analysis.propensity_responses import Labelled, read_responses
from shared.analysis.propensity_scores import score_table, tested_scores
from shared.analysis.propensity_settings import Settings
from shared.analysis.propensity_sources import driver_table, source_table, unclear_drivers
from shared.analysis.propensity_windows import (
    Windows,
    check_hours,
    examples_of,
    plan_windows,
)
from shared.analysis.study_parts import part
from shared.loading.errors import NotSupportedByData

Part = Any  # a result, or the NotSupportedByData that says why there is none
NO_ORDERS = "a labelled table holds outcomes, not events: nothing tells about the next 24 hours"


@dataclass(frozen=True)
class PropensityStudy:
    """All results of one page; what the data cannot answer holds the reason instead.

    Attributes
    ----------
    settings, examples, audit, tested
        As given, and as from the functions of these names.
    windows : Windows or NotSupportedByData
        The moments; a labelled table has none.
    labelled : Labelled or NotSupportedByData
        How a labelled table was read; orders have none.
    measured, simplest : dict
        As from `measures`, of the model used and of one column alone.
    scores : pd.DataFrame
        One row per person: as from `score_table`.
    sure : SureList
        Those above 80 at the test.
    bands, deciles, calibration, sources, drivers : pd.DataFrame
        As from the functions of these names.
    profit : ProfitCurve
        As from `profit_curve`.
    money : OrderMoney or NotSupportedByData
        What an order brings.
    day, response : DayAhead, ResponseScore or NotSupportedByData
        The score for 24 hours, and the one for a campaign.
    today : np.ndarray
        Probabilities of the people scored.
    own_order : np.ndarray
        Mean value of an order of each of them, in the order of `scores`; blank where not known.
    no_order : np.ndarray
        Whether each of them has no order yet and is known by visits alone, in that order too.
    scored_on : datetime.date
        Day as of which they are scored.
    folds : pd.DataFrame or NotSupportedByData
        As from `fold_table`, of a labelled table without dates.
    """

    settings: Settings
    examples: Examples = field(repr=False)
    audit: Audit
    tested: Tested = field(repr=False)
    windows: Windows | NotSupportedByData
    labelled: Labelled | NotSupportedByData = field(repr=False)
    measured: dict[str, Any]
    simplest: dict[str, Any]
    scores: pd.DataFrame = field(repr=False)
    sure: SureList
    bands: pd.DataFrame
    deciles: pd.DataFrame
    calibration: pd.DataFrame
    sources: pd.DataFrame
    drivers: pd.DataFrame
    profit: ProfitCurve
    money: OrderMoney | NotSupportedByData
    day: DayAhead | NotSupportedByData
    response: ResponseScore | NotSupportedByData
    today: np.ndarray = field(repr=False)
    own_order: np.ndarray = field(repr=False)
    no_order: np.ndarray = field(repr=False)
    scored_on: date
    folds: pd.DataFrame | NotSupportedByData = field(repr=False)

    @property
    def has_orders(self) -> bool:
        """Whether the score was made from orders, and not from a labelled table."""
        return isinstance(self.windows, Windows)

    @property
    def auc(self) -> Estimate:
        """AUC of the model used, with its 95 % interval."""
        rows = "customer days" if self.tested.repeats else "tested customers"
        return replace(self.tested.auc(), of=rows if self.has_orders else "tested rows")

    @property
    def has_folds(self) -> bool:
        """Whether random folds and stretches of the file can be compared."""
        return isinstance(self.folds, pd.DataFrame)

    @property
    def finds_nothing(self) -> bool:
        """Whether the order by score may be chance: the 99 % interval of the AUC holds 0.5."""
        wide = self.tested.auc(level=0.99)
        return not wide.low > 0.5


def study_propensity(
    tables: Mapping[str, ibis.Table], *, snapshot_date: date, settings: Settings
) -> PropensityStudy:
    """Compute everything that the page on propensity says.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        `order_lines` with `web_sessions`, `customers` and `campaign` if the client has them; or
        `responses`, which is read where there are no orders.
    snapshot_date : datetime.date
        The first day that is not in the data; customers are scored as of it.
    settings : Settings
        The parameters.

    Raises
    ------
    NotSupportedByData
        With one class, or fewer than 100 rows of either; hours without a time of day; too short
        a history.
    ConfigError
        If the cut-off leaves no outcome to see.
    """
    if "order_lines" in tables:
        return _from_orders(tables, snapshot_date, settings)
    if "responses" not in tables:
        raise NotSupportedByData("neither orders nor a labelled table", "order_lines or responses")
    return _from_responses(tables["responses"], snapshot_date, settings)


def _from_orders(
    tables: Mapping[str, ibis.Table], snapshot_date: date, settings: Settings
) -> PropensityStudy:
    check_hours(tables, settings.horizon)
    events = events_of(tables, snapshot_date=snapshot_date, demographics=settings.demographics)
    customers = int(events.orders.customer_id.nunique().to_pandas())
    windows = plan_windows(
        events, settings.horizon, snapshot_date=snapshot_date, cutoff=settings.cutoff,
        customers=customers,
    )  # fmt: skip
    examples = examples_of(events, windows)
    today = features_at(events, datetime.combine(snapshot_date, time()))
    examples = _ready(examples.without(list(settings.listed("leave_out"))), settings)
    examples, audit = audit_columns(examples, trust=settings.listed("trust"), by_construction=True)
    money = part(order_money, tables, snapshot_date=snapshot_date)
    tested = evaluate(examples, least_gain=settings.least_gain)
    models, calibration = fit_for_use(examples, tested)
    frame = today[list(examples.features.columns)]
    drivers = driver_table(examples, models, tested)
    scores = score_table(
        models, calibration, frame, chosen=tested.chosen, names=FEATURE_NAMES,
        unclear=unclear_drivers(drivers),
    )  # fmt: skip
    return _study(
        settings, examples, audit, tested, scores, drivers, money,
        windows=windows,
        labelled=NotSupportedByData("the score is made from orders", "the table responses"),
        day=_day(tables, events, settings, snapshot_date),
        response=_response(tables, events, settings, snapshot_date),
        own_order=_own_order(today, scores),
        no_order=(today["orders"].reindex(scores["customer_id"]) == 0).to_numpy(),
        scored_on=snapshot_date,
        folds=NotSupportedByData("orders are split by time", "a labelled table without dates"),
    )  # fmt: skip


def _from_responses(table: ibis.Table, snapshot_date: date, settings: Settings) -> PropensityStudy:
    labelled = read_responses(
        table, sources=settings.sources, leave_out=settings.listed("leave_out")
    )
    everything = _ready(labelled.examples, settings)
    examples, audit = audit_columns(
        everything, stamped_after=labelled.stamped_after, trust=settings.listed("trust")
    )
    if examples.features.empty:
        raise NotSupportedByData(
            "no column is left to learn from", "columns that were known before the outcome"
        )
    tested = evaluate(examples, least_gain=settings.least_gain)
    models, _calibration = fit_for_use(examples, tested)
    drivers = driver_table(examples, models, tested)
    scores = tested_scores(examples, tested, unclear=unclear_drivers(drivers))
    no_orders = NotSupportedByData(NO_ORDERS, "the table order_lines, and web_sessions for hours")
    return _study(
        settings, examples, audit, tested, scores, drivers,
        NotSupportedByData("a labelled table has no order values", "order values: order_lines"),
        windows=no_orders,
        labelled=labelled,
        day=no_orders,
        response=no_orders,
        own_order=np.full(len(scores), np.nan),
        no_order=np.zeros(len(scores), dtype=bool),
        scored_on=snapshot_date,
        folds=part(fold_table, everything, examples, place=labelled.place),
    )  # fmt: skip


def _study(
    settings: Settings, examples: Examples, audit: Audit, tested: Tested, scores: pd.DataFrame,
    drivers: pd.DataFrame, money: Part, **known: Any,
) -> PropensityStudy:  # fmt: skip
    p, outcome, person = tested.score, tested.outcome, tested.person
    today = scores["propensity"].to_numpy()
    margin = settings.buyer_margin
    if not margin and isinstance(money, OrderMoney):
        margin = money.margin
    return PropensityStudy(
        settings=settings,
        examples=examples,
        audit=audit,
        tested=tested,
        measured=measures(tested),
        simplest=measures(tested, "one column"),
        scores=scores,
        # Windows stand latest first: of several the earliest counts.
        sure=sure_list(p, outcome, person, -tested.rows),
        bands=bands(p, outcome, today),
        deciles=deciles(p, outcome, person),
        calibration=calibration_table(p, outcome),
        sources=source_table(examples, tested),
        drivers=drivers,
        profit=profit_curve(p, outcome, person, contact_cost=settings.contact_cost, margin=margin),
        money=money,
        today=today,
        **known,
    )


def _own_order(today: pd.DataFrame, scores: pd.DataFrame) -> np.ndarray:
    """Give what an order of each person scored is worth; blank without prices or orders."""
    value = today.get("mean_order_value", pd.Series(np.nan, index=today.index))
    return np.asarray(value.reindex(scores["customer_id"]).to_numpy(dtype=float))


def _day(
    tables: Mapping[str, ibis.Table], events: Events, settings: Settings, snapshot_date: date
) -> DayAhead | NotSupportedByData:
    if not settings.next_day:
        return NotSupportedByData("the next 24 hours were not asked for", "the parameter next_day")
    return part(
        day_ahead, events, tables=tables, snapshot_date=snapshot_date, horizon=settings.horizon,
        least_gain=settings.least_gain, placebo=settings.placebo,
    )  # fmt: skip


def _response(
    tables: Mapping[str, ibis.Table], events: Events, settings: Settings, snapshot_date: date
) -> ResponseScore | NotSupportedByData:
    if "campaign" not in tables:
        return NotSupportedByData(
            "no campaign with its answers", "the table campaign, or labelled responses"
        )
    return part(
        response_score, tables["campaign"], events, snapshot_date=snapshot_date,
        least_gain=settings.least_gain, trust=settings.listed("trust"),
        placebo=settings.placebo,
    )  # fmt: skip


def _ready(examples: Examples, settings: Settings) -> Examples:
    check_outcome(examples.outcome)
    return placebo_of(examples) if settings.placebo else examples
