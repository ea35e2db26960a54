"""The next 24 hours: the same recipe with moments a day apart, where events have a clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import ibis
import numpy as np

from shared.analysis.propensity_evaluation import Tested, evaluate, fit_for_use, measures
from shared.analysis.propensity_examples import Examples, check_outcome, placebo_of
from shared.analysis.propensity_features import Events, drawn_from, features_at
from shared.analysis.propensity_lists import SURE, SureList, sure_list
from shared.analysis.propensity_models import BASELINE, LOGISTIC
from shared.analysis.propensity_windows import (
    Horizon,
    Windows,
    check_hours,
    examples_of,
    plan_windows,
)
from shared.loading.errors import NotSupportedByData

ONE_DAY = Horizon(24, "H")
MOST_CUSTOMERS = 10_000  # to learn from and to test on, times some forty moments


@dataclass(frozen=True)
class DayAhead:
    """Who buys within 24 hours.

    Attributes
    ----------
    windows : Windows
        The moments.
    tested : Tested
        Scores and outcomes at the moments kept for the test.
    measured : dict
        As from `measures`.
    sure : SureList
        Those above 80.
    visitors : tuple of int
        Tested rows with a visit in the 24 hours before, and how many of them then ordered.
    above_now : int
        Customers above 80 as of the snapshot date.
    highest_now : float
        The highest probability of today.
    customers, drawn : int
        How many there are, and of how many of them the score learnt and was tested.
    """

    windows: Windows
    tested: Tested
    measured: dict[str, Any]
    sure: SureList
    visitors: tuple[int, int]
    above_now: int
    highest_now: float
    customers: int
    drawn: int


def day_ahead(
    events: Events,
    *,
    tables: Mapping[str, ibis.Table],
    snapshot_date: date,
    horizon: Horizon,
    least_gain: float = 0.01,
    placebo: bool = False,
) -> DayAhead:
    """Learn, test and use a score for the next 24 hours.

    Of more than 10,000 customers about as many are drawn to learn from and to test on, by a hash of
    their ids; all get their score of today.

    Raises
    ------
    NotSupportedByData
        If the page already looks 24 hours ahead, events have no time of day, or there are too few
        orders.
    """
    if horizon.span == ONE_DAY.span and horizon.unit == "H":
        raise NotSupportedByData("the whole page looks 24 hours ahead", "nothing more")
    check_hours(tables, ONE_DAY)
    customers = int(events.orders.customer_id.nunique().to_pandas())
    few = customers <= MOST_CUSTOMERS
    some = events if few else drawn_from(events, MOST_CUSTOMERS / customers)
    windows = plan_windows(events, ONE_DAY, snapshot_date=snapshot_date, customers=customers)
    examples = examples_of(some, windows)
    check_outcome(examples.outcome)
    examples = placebo_of(examples) if placebo else examples
    tested = evaluate(examples, least_gain=least_gain, models=(BASELINE, LOGISTIC))
    models, calibration = fit_for_use(examples, tested)
    today = features_at(events, datetime.combine(snapshot_date, time()))
    now = calibration.of(models[tested.chosen].score(today[list(examples.features.columns)]))
    return DayAhead(
        windows=windows,
        tested=tested,
        measured=measures(tested),
        sure=sure_list(tested.score, tested.outcome, tested.person, -tested.rows),
        visitors=visitors_of(examples, tested),
        above_now=int((now > SURE).sum()),
        highest_now=float(now.max()),
        customers=customers,
        drawn=customers if few else int(some.orders.customer_id.nunique().to_pandas()),
    )


def visitors_of(examples: Examples, tested: Tested) -> tuple[int, int]:
    """Count the tested rows with a visit in the day before the moment, and who then bought."""
    if "visits_1d" not in examples.features:
        return 0, 0
    visited = examples.features["visits_1d"].to_numpy(float)[tested.rows] > 0
    return int(visited.sum()), int(np.sum(tested.outcome[visited]))
