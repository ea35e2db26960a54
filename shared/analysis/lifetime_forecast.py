"""The forecast: orders and cash flow month by month, per customer and for the whole base."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.lifetime_history import History, distinct, history_of
from shared.analysis.lifetime_spend import Spend
from shared.analysis.purchase_model import (
    PurchaseModel,
    expected_purchases,
    p_alive,
    p_zero,
    simulate_steps,
)

YEAR_DAYS = 365.25
MOST_SIMULATED = 100_000
FUTURES = 3  # of each refit: the ends of an interval rest on few draws otherwise
LEVEL = 0.95


@dataclass(frozen=True)
class Horizon:
    """The months of a forecast.

    Attributes
    ----------
    starts, ends : tuple of date
        First day of each month, and the day after its last; months run from the snapshot date.
    units : np.ndarray
        Ends in units of time from the snapshot date.
    discount : np.ndarray
        Factor by which money of each month counts today, taken at the month's middle.
    """

    starts: tuple[date, ...]
    ends: tuple[date, ...]
    units: np.ndarray
    discount: np.ndarray

    @property
    def months(self) -> int:
        """Number of months."""
        return len(self.ends)

    @property
    def length(self) -> float:
        """The whole horizon in units of time."""
        return float(self.units[-1])


@dataclass(frozen=True)
class Forecast:
    """What today's customers will bring.

    Attributes
    ----------
    customers : pd.DataFrame
        One row per customer in the order of the summary: `customer_id`, `probability_alive`,
        `chance_to_order` (at least once in the horizon), `expected_orders`, `expected_spend` (per
        order), `expected_revenue` (undiscounted) and `clv` (margin, discounted).
    cash_flow : pd.DataFrame
        One row per month: `month`, `starts`, `ends`, `orders` and `revenue`, each with `_low` and
        `_high`, and `value` (margin, discounted), which sums to that of the customers.
    orders, revenue, value : Estimate
        Totals of the horizon with prediction intervals of parameters and chance together.
    group_bounds : pd.DataFrame
        `segment`, `value_low`, `value_high`.
    horizon : Horizon
        The months.
    share_kept : float
        Margin as a share of revenue; 1 where money is revenue.
    refits : int
        Models behind the intervals.
    """

    customers: pd.DataFrame
    cash_flow: pd.DataFrame
    orders: Estimate
    revenue: Estimate
    value: Estimate
    group_bounds: pd.DataFrame
    horizon: Horizon
    share_kept: float
    refits: int


@dataclass(frozen=True)
class Simulation:
    """Futures of a base, one per model drawn.

    Attributes
    ----------
    orders, revenue : np.ndarray
        Totals by draw and month.
    value : np.ndarray
        Discounted margin by draw and group.
    """

    orders: np.ndarray
    revenue: np.ndarray
    value: np.ndarray


def months_ahead(
    snapshot_date: date, *, months: int, unit_days: float, discount_rate: float = 0.0
) -> Horizon:
    """Lay out the months that follow the snapshot date.

    Parameters
    ----------
    snapshot_date : date
        First day of the first month; it need not be the first of a calendar month.
    months : int
        How many.
    unit_days : float
        Days in one unit of time of the models.
    discount_rate : float
        Per year; .1 makes money in a year worth 1 / 1.1 today.
    """
    begin = pd.Timestamp(snapshot_date)
    marks = [begin + pd.DateOffset(months=k) for k in range(months + 1)]
    days = np.array([(mark - begin).days for mark in marks], dtype=float)
    middles = (days[1:] + days[:-1]) / 2
    return Horizon(
        starts=tuple(mark.date() for mark in marks[:-1]),
        ends=tuple(mark.date() for mark in marks[1:]),
        units=days[1:] / unit_days,
        discount=(1 + discount_rate) ** (-middles / YEAR_DAYS),
    )


def one_step(last_day: date, days: int, *, unit_days: float) -> Horizon:
    """Give a horizon of a single step of so many days after a last day known, undiscounted."""
    begin = last_day + timedelta(days=1)
    return Horizon(
        (begin,), (begin + timedelta(days=days),), np.array([days / unit_days]), np.ones(1)
    )


def forecast_base(
    model: PurchaseModel,
    spend: Spend,
    summary: pd.DataFrame,
    *,
    horizon: Horizon,
    models: Sequence[PurchaseModel],
    share_kept: float = 1.0,
    groups: pd.Series | None = None,
    seed: int = 0,
) -> Forecast:
    """Expect every customer's orders and money, and give the totals their intervals.

    Parameters
    ----------
    model : PurchaseModel
        Gives the expectations.
    spend : Spend
        Money per order of each customer of `summary`.
    summary : pd.DataFrame
        `customer_id`, `frequency`, `recency` and `T`, one row per customer.
    horizon : Horizon
        From `months_ahead`, in the same units of time.
    models : sequence of PurchaseModel
        Refits of `model`: each simulates futures with parameters of its own.
    share_kept : float
        Margin as a share of revenue.
    groups : pd.Series, optional
        Segment of each row of `summary`, for intervals by segment.
    seed : int
        Seed of the simulation.

    Returns
    -------
    Forecast
        Nothing in it is negative or blank.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV.
    """
    history = history_of(summary)
    orders = expected_by_month(model, history, horizon)
    revenue = orders * spend.expected[:, None]
    value = revenue * (horizon.discount * share_kept)
    simulated = simulate_base(
        models, spend, history, horizon=horizon, share_kept=share_kept, groups=groups, seed=seed
    )
    customers = pd.DataFrame(
        {
            "customer_id": summary["customer_id"].to_numpy(),
            "probability_alive": p_alive(model, *history),
            "chance_to_order": 1 - p_zero(model, *history, horizon.length),
            "expected_orders": orders.sum(axis=1),
            "expected_spend": spend.expected,
            "expected_revenue": revenue.sum(axis=1),
            "clv": value.sum(axis=1),
        }
    )
    n = len(summary)
    return Forecast(
        customers=customers,
        cash_flow=_cash_flow(orders, revenue, value, simulated, horizon),
        orders=_total(orders.sum(), simulated.orders.sum(axis=1), n=n, unit="count"),
        revenue=_total(revenue.sum(), simulated.revenue.sum(axis=1), n=n, unit="money"),
        value=_total(value.sum(), simulated.value.sum(axis=1), n=n, unit="money"),
        group_bounds=_group_bounds(simulated, groups),
        horizon=horizon,
        share_kept=share_kept,
        refits=len(models),
    )


def expected_by_month(model: PurchaseModel, history: History, horizon: Horizon) -> np.ndarray:
    """Expect each customer's orders in each month; a row per customer."""
    known, back = distinct(history)
    up_to = np.column_stack([expected_purchases(model, *known, end) for end in horizon.units])
    return np.maximum(np.diff(up_to, axis=1, prepend=0.0), 0.0)[back]


def simulate_base(
    models: Sequence[PurchaseModel],
    spend: Spend,
    history: History,
    *,
    horizon: Horizon,
    share_kept: float = 1.0,
    groups: pd.Series | None = None,
    seed: int = 0,
) -> Simulation:
    """Draw futures of the base, three from each model: parameters and people vary together.

    Above 100,000 customers as many are drawn and scaled up, which widens the interval a little.
    """
    rng = np.random.default_rng(seed)
    n = len(history[0])
    codes = np.zeros(n, dtype=int) if groups is None else groups.cat.codes.to_numpy()
    size = 1 if groups is None else len(groups.cat.categories)
    rows = np.arange(n) if n <= MOST_SIMULATED else rng.choice(n, MOST_SIMULATED, replace=False)
    scale = n / len(rows)
    x, recency, age = (part[rows] for part in history)
    weight = horizon.discount * share_kept
    draws = FUTURES * len(models)
    orders, revenue = np.zeros((2, draws, horizon.months))
    value = np.zeros((draws, size))
    for b in range(draws):
        counts = simulate_steps(models[b // FUTURES], x, recency, age, horizon.units, rng=rng)[0]
        money = spend.draw(counts, rows, b // FUTURES, rng)
        orders[b], revenue[b] = counts.sum(axis=0) * scale, money.sum(axis=0) * scale
        value[b] = np.bincount(codes[rows], money @ weight, minlength=size) * scale
    return Simulation(orders, revenue, value)


def _cash_flow(
    orders: np.ndarray,
    revenue: np.ndarray,
    value: np.ndarray,
    simulated: Simulation,
    horizon: Horizon,
) -> pd.DataFrame:
    bounds = {
        f"{name}_{side}": np.quantile(draws, q, axis=0)
        for name, draws in (("orders", simulated.orders), ("revenue", simulated.revenue))
        for side, q in (("low", (1 - LEVEL) / 2), ("high", (1 + LEVEL) / 2))
    }
    return pd.DataFrame(
        {
            "month": np.arange(1, horizon.months + 1),
            "starts": horizon.starts,
            "ends": horizon.ends,
            "orders": orders.sum(axis=0),
            "revenue": revenue.sum(axis=0),
            "value": value.sum(axis=0),
            **bounds,
        }
    )[
        ["month", "starts", "ends", "orders", "orders_low", "orders_high", "revenue",
         "revenue_low", "revenue_high", "value"]
    ]  # fmt: skip


def _total(value: float, draws: np.ndarray, *, n: int, unit: str) -> Estimate:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(value), float(low), float(high), n, unit, LEVEL, "customers")


def _group_bounds(simulated: Simulation, groups: pd.Series | None) -> pd.DataFrame:
    if groups is None:
        return pd.DataFrame(columns=["segment", "value_low", "value_high"])
    low, high = np.quantile(simulated.value, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    names = [str(name) for name in groups.cat.categories]
    return pd.DataFrame({"segment": names, "value_low": low, "value_high": high})
