"""The parts of the survival study, computed from orders or from durations as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd

from shared.analysis.churn_forecast import ChurnForecast, backtest_churn, forecast_churn
from shared.analysis.churn_window import churn_window
from shared.analysis.critical_day import CriticalDay, critical_day
from shared.analysis.duration_forecast import churn_by_age, forecast_durations
from shared.analysis.lifecycle_study import study_lifecycle
from shared.analysis.lifespans import leave_out_older, lifespans, lifespans_from_durations
from shared.analysis.membership_effect import MembershipEffect, membership_effect
from shared.analysis.portfolio import portfolio
from shared.analysis.retention_churn import retention_churn
from shared.analysis.smoothed_hazard import smoothed_hazard
from shared.analysis.study_parts import part
from shared.analysis.survival_clock import SMOOTHING, UNIT_DAYS, Clock, Settings
from shared.analysis.survival_comparisons import (
    by_channel,
    by_column,
    by_segment,
    by_trait,
    judged_together,
    shuffled,
    usual_columns,
)
from shared.analysis.survival_curve import Curve, shift_back, survival_curve
from shared.analysis.survival_due import due_customers, due_durations
from shared.analysis.survival_segments import segment_lifespans
from shared.loading.errors import ConfigError, NotSupportedByData

LEAST_CUSTOMERS, LEAST_EVENTS = 40, 10
NOT_GROUPS = ("customer_id", "duration", "event_observed")
FROM_ORDERS = NotSupportedByData(
    "orders tell the calendar period, so that rates and forecast go by date",
    "a table of durations in place of orders",
)
NEEDS_ORDERS = "the orders of each customer with their dates (order_lines)"


def from_orders(
    tables: Mapping[str, ibis.Table], snapshot_date: date, settings: Settings
) -> dict[str, Any]:
    """Compute the parts of the study from orders, by the name of the attribute."""
    lines = tables["order_lines"]
    lines = lines.filter(lines.customer_id.notnull()) if "customer_id" in lines.columns else lines
    customers = tables.get("customers")
    window = churn_window(
        lines,
        snapshot_date=snapshot_date,
        quantile=settings.churn_quantile,
        days=settings.churn_after_days,
        customers=customers,
    )
    clock = Clock("days", "the first order", window.days)
    frame = lifespans(lines, snapshot_date=snapshot_date, window=window.days, customers=customers)
    _refuse_too_few(frame)
    as_of = {"snapshot_date": snapshot_date, "window_days": window.days}
    traits = {"snapshot_date": snapshot_date, "customers": customers}
    scored = part(segment_lifespans, lines, follow_days=settings.compare_days, **as_of)
    others = {
        name: part(by_trait, frame, lines, clock, settings, column=name, **traits)
        for name in settings.columns or usual_columns(lines, customers)
    }
    usual: dict[str, Any] = {
        "segments": part(by_segment, scored, window=window.days, placebo=settings.placebo),
        # Whoever may be older than the data would make the first year one of survivors.
        "years": part(by_column, leave_out_older(frame), "acquisition_year", clock, settings),
        "channels": part(by_channel, frame, lines, clock, settings, **traits),
    }
    judged, usual = judged_together(others, usual)
    base = portfolio(lines, snapshot_date=snapshot_date).customers
    valued = base[["customer_id", "segment", "monetary"]]
    frame = frame.merge(valued, on="customer_id", how="left", validate="one_to_one")
    critical = _critical(frame, clock)
    return _core(frame, clock, settings, snapshot_date) | usual | {
        "window": window,
        "critical": critical,
        "due": due_customers(
            frame, critical=critical, window=window.days, snapshot_date=snapshot_date,
            weeks=settings.due_weeks, lead_days=settings.step_in_days,
        ),
        "rates": part(retention_churn, lines, period=settings.period, **as_of),
        "forecast": part(_valued_forecast, lines, valued, **as_of),
        "backtest": part(backtest_churn, lines, **as_of),
        "scored_on": None if isinstance(scored, NotSupportedByData) else scored[1],
        "others": judged,
        "life": study_lifecycle(lines, snapshot_date=snapshot_date, period=settings.period),
        "leaving": FROM_ORDERS,
        "age_rates": FROM_ORDERS,
    }  # fmt: skip


def from_durations(table: ibis.Table, snapshot_date: date, settings: Settings) -> dict[str, Any]:
    """Compute the parts of the study from durations that the client measured."""
    if settings.time_unit not in UNIT_DAYS:
        raise ConfigError(
            "E-PARA-31", "time_unit", f"{settings.time_unit!r} is no unit of time",
            fix=", ".join(UNIT_DAYS),
        )  # fmt: skip
    unknown = [name for name in settings.columns if name not in table.columns]
    if unknown:
        raise ConfigError(
            "E-PARA-32", "group_by", f"durations has no column {', '.join(unknown)}",
            fix=", ".join(c for c in table.columns if c not in NOT_GROUPS),
        )  # fmt: skip
    clock = Clock(settings.time_unit, "the start", 0)
    membership = "loyalty_after" if "loyalty_after" in table.columns else ""
    frame = lifespans_from_durations(table, keep=tuple(settings.columns), membership=membership)
    _refuse_too_few(frame)
    critical = _critical(frame, clock)
    no_orders = NotSupportedByData("durations say how long, not when who ordered", NEEDS_ORDERS)
    ahead, year = clock.of_days(settings.due_weeks * 7), clock.of_days(settings.compare_days)
    core = _core(frame, clock, settings, snapshot_date)
    return core | {
        "window": NotSupportedByData(
            "the client's own table says who has left, so no silence had to be judged",
            "nothing: the window matters where churn must be read from orders",
        ),
        "critical": critical,
        "due": part(due_durations, frame, critical=critical, ahead=ahead),
        "rates": no_orders,
        "forecast": no_orders,
        "backtest": no_orders,
        "segments": no_orders,
        "scored_on": None,
        "years": no_orders,
        "channels": no_orders,
        "others": judged_together(
            {name: part(by_column, frame, name, clock, settings) for name in settings.columns}
        )[0],
        "life": study_lifecycle(None, snapshot_date=snapshot_date),
        "leaving": part(forecast_durations, frame, by=next(iter(settings.columns), ""), ahead=year),
        "age_rates": churn_by_age(core["curve"], step=year),
    }


def _refuse_too_few(frame: pd.DataFrame) -> None:
    """Raise `NotSupportedByData` for a base below the gate."""
    events = int(frame["observed"].sum())
    if len(frame) < LEAST_CUSTOMERS or events < LEAST_EVENTS:
        raise NotSupportedByData(
            f"{len(frame):,} customers, {events:,} of them lost: too few to say how long they stay",
            f"at least {LEAST_CUSTOMERS} customers and {LEAST_EVENTS} losses",
        )


def _core(
    frame: pd.DataFrame, clock: Clock, settings: Settings, snapshot_date: date
) -> dict[str, Any]:
    """Compute what orders and durations share."""
    stayed = frame[frame["duration"] > clock.window]
    return {
        "clock": clock,
        "settings": settings,
        "snapshot_date": snapshot_date,
        "frame": frame,
        "curve": _curve(frame, clock, label="All customers"),
        "returners": part(_curve, stayed, clock, label="Who ordered again"),
        "settled": part(_curve, leave_out_older(frame), clock, label="Not older than the data"),
        "members": part(_members, frame, clock, settings),
        "hazard": smoothed_hazard(
            *_arrays(frame), entry=frame["entry"].to_numpy(float), window=clock.window,
            bandwidth_days=SMOOTHING[clock.unit],
        ),
    }  # fmt: skip


def _curve(frame: pd.DataFrame, clock: Clock, *, label: str) -> Curve:
    raw = survival_curve(
        *_arrays(frame), entry=frame["entry"].to_numpy(float), label=label, unit=clock.unit
    )
    return shift_back(raw, clock.window)


def _members(frame: pd.DataFrame, clock: Clock, settings: Settings) -> MembershipEffect:
    if "membership_day" not in frame or frame["membership_day"].isna().all():
        raise NotSupportedByData(
            "nobody is marked as a member of a programme",
            "the day on which each member joined (loyalty_joined_on in the table customers)"
            if clock.window
            else "a column loyalty_after: when each member joined, in the unit of the durations",
        )
    frame = shuffled(frame, "membership_day") if settings.placebo else frame
    day = clock.of_days(settings.landmark_days)
    return membership_effect(frame, landmark_day=int(day), window=clock.window, unit=clock.unit)


def _critical(frame: pd.DataFrame, clock: Clock) -> CriticalDay:
    return critical_day(
        *_arrays(frame),
        entry=frame["entry"].to_numpy(float),
        window=clock.window,
        bandwidth_days=SMOOTHING[clock.unit],
        unit=clock.unit,
    )


def _valued_forecast(lines: ibis.Table, customers: pd.DataFrame, **as_of: Any) -> ChurnForecast:
    """Put segment and money so far beside each probability."""
    forecast = forecast_churn(lines, **as_of)
    valued = forecast.customers.merge(
        customers, on="customer_id", how="left", validate="one_to_one"
    )
    return replace(forecast, customers=valued)


def _arrays(frame: pd.DataFrame) -> Sequence[np.ndarray]:
    return frame["duration"].to_numpy(float), frame["observed"].to_numpy(bool)
