"""Windows: moments at which customers are described, each followed by a time to see who buys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import ibis
import numpy as np
import pandas as pd

from shared.analysis.propensity_examples import (
    CALIBRATION,
    TEST,
    TRAINING,
    Examples,
)
from shared.analysis.propensity_features import (
    LOGGED,
    Events,
    bought_between,
    feature_sources,
    features_at,
    has_clock,
)
from shared.loading.errors import ConfigError, NotSupportedByData

HISTORY_DAYS = 28  # that must lie before the earliest moment: visits are counted over them
MOST_TRAINING, MOST_HOURLY = 6, 14  # windows of days; of hours, for test and training each
MOST_ROWS = 3_000_000  # customers times windows
BIG = 300_000  # customers; above it one window each will do


@dataclass(frozen=True)
class Horizon:
    """How far ahead the score looks.

    Attributes
    ----------
    amount : int
        Of the unit.
    unit : str
        "H" hours or "D" days.
    """

    amount: int
    unit: str

    @property
    def span(self) -> timedelta:
        """The same as a length of time."""
        return timedelta(hours=self.amount) if self.unit == "H" else timedelta(days=self.amount)

    @property
    def words(self) -> str:
        """Such as "28 days"."""
        noun = "hour" if self.unit == "H" else "day"
        return f"{self.amount} {noun}" + ("" if self.amount == 1 else "s")


@dataclass(frozen=True)
class Windows:
    """The moments, latest first, by what they are for.

    Attributes
    ----------
    horizon : Horizon
        Length of the outcome after each moment.
    test, calibration, training : tuple of datetime
        Moments; the outcome of an earlier one is over when the next begins.
    """

    horizon: Horizon
    test: tuple[datetime, ...]
    calibration: tuple[datetime, ...]
    training: tuple[datetime, ...]

    @property
    def cutoff(self) -> datetime:
        """The earliest moment of the test: nothing learnt or calibrated ended after it."""
        return self.test[-1]


def plan_windows(
    events: Events, horizon: Horizon, *, snapshot_date: date, cutoff: date | None = None,
    customers: int = 0,
) -> Windows:  # fmt: skip
    """Lay the windows out backwards from the latest moment whose outcome is known.

    Parameters
    ----------
    cutoff : datetime.date, optional
        Moment to test on; by default one horizon before the snapshot date.
    customers : int
        How many there are: with very many, fewer windows hold enough buyers.

    Raises
    ------
    ConfigError
        If the outcome of the moment asked for is not over on the snapshot date.
    NotSupportedByData
        If the history is too short for a window to learn from, one to calibrate and one to test.
    """
    end = datetime.combine(snapshot_date, time())
    last = datetime.combine(cutoff, time()) if cutoff else end - horizon.span
    if last + horizon.span > end:
        raise ConfigError(
            "E-PARA-61", "cutoff_date",
            f"{last:%Y-%m-%d} leaves no {horizon.words} before {snapshot_date}",
            fix=f"cutoff_date: {(end - horizon.span):%Y-%m-%d} or earlier, or a shorter "
            "outcome_window",
        )  # fmt: skip
    start = events.orders_from
    if events.visits_from is not None:
        start = max(start, events.visits_from)
    fits = int((last - start - timedelta(days=HISTORY_DAYS)) / horizon.span) + 1
    if fits < 3:
        raise NotSupportedByData(
            f"the history before {last:%Y-%m-%d} is too short to learn from and to test on",
            f"{HISTORY_DAYS} days of orders and visits and 3 windows of {horizon.words} after them",
        )
    tested, trained = _shares(fits, hours=horizon.unit == "H", customers=customers)
    calibrated = tested
    moments = [last - i * horizon.span for i in range(tested + calibrated + trained)]
    return Windows(
        horizon,
        tuple(moments[:tested]),
        tuple(moments[tested : tested + calibrated]),
        tuple(moments[tested + calibrated :]),
    )


def check_hours(tables: Mapping[str, ibis.Table], horizon: Horizon) -> None:
    """Refuse hours where orders or visits have no time of day.

    Raises
    ------
    NotSupportedByData
        In words, with what would be needed.
    """
    if horizon.unit == "H" and not has_clock(tables):
        raise NotSupportedByData(
            "a horizon of hours needs events with a time of day, and orders or visits have none",
            "web_sessions with started_at to the minute and orders with their time, or days",
        )


def examples_of(events: Events, windows: Windows) -> Examples:
    """Describe all customers at all moments and note who bought within the horizon."""
    frames, bought, people, parts = [], [], [], []
    planned = ((windows.test, TEST), (windows.calibration, CALIBRATION),
               (windows.training, TRAINING))  # fmt: skip
    for moments, part in planned:
        for moment in moments:
            frame = features_at(events, moment)
            buyers = bought_between(events, moment, moment + windows.horizon.span)
            frames.append(frame.reset_index(drop=True))
            bought.append(frame.index.isin(buyers).astype(int))
            people.append(frame.index.to_numpy(object))
            parts.append(np.full(len(frame), part))
    features = pd.concat(frames, ignore_index=True)
    return Examples(
        features=features,
        outcome=np.concatenate(bought),
        person=np.concatenate(people),
        part=np.concatenate(parts),
        source=feature_sources(list(map(str, features.columns))),
        logged=LOGGED,
        timed=True,
        recency="recency_days",
    )


def _shares(fits: int, *, hours: bool, customers: int) -> tuple[int, int]:
    """Say how many windows are for the test, and how many to learn from."""
    if hours:
        tested = max(1, min(MOST_HOURLY, fits // 3))
        return tested, max(1, min(MOST_HOURLY, fits - 2 * tested))
    if customers > BIG:
        return 1, 1
    affordable = max(1, MOST_ROWS // max(customers, 1) - 2)
    return 1, min(MOST_TRAINING, fits - 2, affordable)
