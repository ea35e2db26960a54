"""Who is forecast to churn: how likely is it that a customer's silence reaches the churn window?"""

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.duration_forecast import expected_losses
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.periods import EPOCH, day_number
from shared.analysis.purchases import purchases
from shared.analysis.retention_churn import day_since_1970
from shared.loading.errors import NotSupportedByData

ANALYSIS = "Forecast of churn"
# Order days so far: a second order is the hardest to win, and from the fifth on little changes.
EXPERIENCE = {1: "1 order", 2: "2 orders", 3: "3 or 4 orders", 5: "5 or more orders"}
BANDS = ("low", "medium", "high")
EDGES = (1 / 3, 2 / 3)
LEAST_CUSTOMERS, LEAST_LOST = 40, 10


@dataclass(frozen=True)
class ChurnForecast:
    """Every customer who is not lost yet, with the probability of being lost.

    Attributes
    ----------
    customers : pd.DataFrame
        Most likely to be lost first: `customer_id`, `orders` (order days), `experience`,
        `last_order_date`, `silence_days`, `lost_on` (the day on which the silence reaches the
        window), `probability`, `uncertainty` (its standard error) and `band`.
    bands : pd.DataFrame
        `band`, `customers`, `expected` (to be lost), `low`, `high` (95 %).
    expected : Estimate
        Customers expected to be lost within one window of the snapshot date.
    window_days : int
        Days of silence after which a customer counts as lost.
    snapshot_date : datetime.date
        As of when.
    """

    customers: pd.DataFrame
    bands: pd.DataFrame
    expected: Estimate
    window_days: int
    snapshot_date: date


@dataclass(frozen=True)
class ForecastBacktest:
    """The same forecast made one window earlier, held against what happened.

    Attributes
    ----------
    bands : pd.DataFrame
        `band`, `customers`, `expected`, `actual`, `expected_share`, `actual_share`, `low`, `high`
        (Wilson, of the actual share).
    expected : Estimate
        Customers expected to be lost.
    actual : int
        Customers lost.
    brier, brier_same : float
        Mean squared error of the probabilities, and of giving everybody the share that was lost.
    as_of : datetime.date
        The day on which the forecast was made.
    """

    bands: pd.DataFrame
    expected: Estimate
    actual: int
    brier: float
    brier_same: float
    as_of: date

    @property
    def is_inside(self) -> bool:
        """Whether the actual number lies in the interval of the expected one."""
        return self.expected.low <= self.actual <= self.expected.high


def forecast_churn(
    order_lines: ibis.Table, *, snapshot_date: date, window_days: int
) -> ChurnForecast:
    """Forecast for every customer not lost yet whether the silence will reach the window.

    All pauses so far, closed or still open, give the share of pauses longer than each number of
    days (Kaplan and Meier, 1958), apart for customers of 1, 2, 3 or 4, and 5 or more order days.
    The probability is the share longer than the window over the share longer than the silence now.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id` and `order_date`.
    snapshot_date : datetime.date
        The first day that is not in the data.
    window_days : int
        Days without an order after which a customer counts as lost.

    Raises
    ------
    NotSupportedByData
        With fewer than 40 customers who can still be lost, or fewer than 10 pauses that have
        outlasted the window.
    """
    pauses = _pauses(order_lines, before=snapshot_date)
    counted = _count(pauses, longest=window_days)
    open_now = _open(pauses, window_days=window_days)
    outlasted = counted.loc[(counted["days"] >= window_days) & ~counted["ended"], "pauses"].sum()
    if len(open_now) < LEAST_CUSTOMERS or outlasted < LEAST_LOST:
        raise NotSupportedByData(
            f"{len(open_now):,} customers who are not lost yet, {int(outlasted):,} pauses longer "
            f"than {window_days} days",
            f"at least {LEAST_CUSTOMERS} such customers and {LEAST_LOST} such pauses",
        )
    scored = pd.concat(
        _score(part, counted[counted["level"] == level], window_days=window_days)
        for level, part in open_now.groupby("level", sort=True)
    )
    table = _customers(scored, snapshot_date, window_days)
    bands = _bands(table)
    return ChurnForecast(
        table, bands, expected_losses(table, shared_by="experience"), window_days, snapshot_date
    )


def backtest_churn(
    order_lines: ibis.Table, *, snapshot_date: date, window_days: int
) -> ForecastBacktest:
    """Make the forecast one window before the snapshot date and see what became of it.

    Raises
    ------
    NotSupportedByData
        As `forecast_churn`, for the data before that day.
    """
    as_of = snapshot_date - timedelta(days=window_days)
    past = forecast_churn(order_lines, snapshot_date=as_of, window_days=window_days)
    later = purchases(order_lines, before=snapshot_date, analysis=ANALYSIS).select(
        "customer_id", day=day_number(_.order_date, since=EPOCH)
    )
    back = (
        later.filter(_.day >= day_since_1970(as_of))
        .group_by("customer_id")
        .aggregate(back_on=_.day.min())
        .to_pandas()
    )
    seen = past.customers.merge(back, on="customer_id", how="left", validate="one_to_one")
    lost_on = pd.to_datetime(seen["lost_on"]).map(lambda day: day_since_1970(day.date()))
    seen["actual"] = (seen["back_on"].isna() | (seen["back_on"] > lost_on)).astype(int)
    bands = past.bands.merge(
        seen.groupby("band", as_index=False)["actual"].sum(), on="band", how="left"
    ).fillna({"actual": 0})
    shares = [wilson(k, n) for k, n in zip(bands["actual"], bands["customers"], strict=True)]
    bands = bands.assign(
        actual=bands["actual"].astype("int64"),
        expected_share=bands["expected"] / bands["customers"].where(bands["customers"] > 0),
        actual_share=[share.value for share in shares],
        low=[share.low for share in shares],
        high=[share.high for share in shares],
    )
    missed = float(((seen["probability"] - seen["actual"]) ** 2).mean())
    rate = float(seen["actual"].mean())
    return ForecastBacktest(
        bands, past.expected, int(seen["actual"].sum()), missed, rate * (1 - rate), as_of
    )


def _pauses(order_lines: ibis.Table, *, before: date) -> ibis.Table:
    """List every pause after an order day, in days; `is_open` where no order followed yet."""
    days = (
        purchases(order_lines, before=before, analysis=ANALYSIS)
        .select("customer_id", day=day_number(_.order_date, since=EPOCH))
        .distinct()
    )
    by_time = ibis.window(group_by="customer_id", order_by="day")
    days = days.mutate(orders=ibis.row_number().over(by_time) + 1, later=_.day.lead().over(by_time))
    level = ibis.cases(
        *((_.orders >= least, least) for least in sorted(EXPERIENCE, reverse=True)), else_=1
    )
    return days.mutate(
        level=level,
        is_open=_.later.isnull(),
        days=_.later.fill_null(day_since_1970(before)) - _.day,
    )


def _count(pauses: ibis.Table, *, longest: int) -> pd.DataFrame:
    """Count pauses by experience, length (cut at the window) and whether they ended."""
    return (
        pauses.mutate(
            days=ibis.ifelse(_.days > longest, longest, _.days),
            ended=(~_.is_open) & (_.days <= longest),
        )
        .group_by("level", "days", "ended")
        .aggregate(pauses=_.count())
        .to_pandas()
    )


def _open(pauses: ibis.Table, *, window_days: int) -> pd.DataFrame:
    return (
        pauses.filter(_.is_open & (_.days <= window_days))
        .select("customer_id", "orders", "level", silence_days="days")
        .to_pandas()
    )


def _score(customers: pd.DataFrame, counted: pd.DataFrame, *, window_days: int) -> pd.DataFrame:
    """Give the probability of reaching the window from each silence, and its standard error."""
    wide = counted.pivot_table(
        index="days", columns="ended", values="pauses", aggfunc="sum", fill_value=0
    ).reindex(index=range(window_days + 1), columns=[False, True], fill_value=0)
    ended, stayed = wide[True].to_numpy(float), wide[False].to_numpy(float)
    at_risk = (ended + stayed)[::-1].cumsum()[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.where(at_risk > 0, np.log1p(-np.minimum(ended / at_risk, 1 - 1e-12)), 0.0)
        # Greenwood (1926): the relative variance adds up over the days still to come.
        rough = np.where(at_risk > ended, ended / (at_risk * (at_risk - ended)), 0.0)
    ahead, variance = (np.append(part[::-1].cumsum()[::-1], 0.0) for part in (kept, rough))
    silence = customers["silence_days"].to_numpy(int)
    # A silence of s days has survived day s - 1: today may still bring the order.
    probability = np.exp(ahead[silence])
    error = probability * np.sqrt(variance[silence])
    return customers.assign(probability=probability, uncertainty=error)


def _customers(scored: pd.DataFrame, snapshot_date: date, window_days: int) -> pd.DataFrame:
    today = pd.Timestamp(snapshot_date)
    silence = pd.to_timedelta(scored["silence_days"], unit="D")
    band = np.select([scored["probability"] < EDGES[0], scored["probability"] < EDGES[1]],
                     BANDS[:2], BANDS[2])  # fmt: skip
    table = scored.assign(
        experience=scored["level"].map(EXPERIENCE),
        last_order_date=today - silence,
        lost_on=today - silence + pd.Timedelta(days=window_days),
        band=band,
    )
    columns = ["customer_id", "orders", "experience", "last_order_date", "silence_days", "lost_on",
               "probability", "uncertainty", "band"]  # fmt: skip
    return table[columns].sort_values(
        ["probability", "customer_id"], ascending=[False, True], ignore_index=True
    )


def _bands(table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for band in BANDS:
        part = table[table["band"] == band]
        total = expected_losses(part, shared_by="experience")
        rows.append((band, len(part), total.value, total.low, total.high))
    return pd.DataFrame(rows, columns=["band", "customers", "expected", "low", "high"])
