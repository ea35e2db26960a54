"""Lifecycle flows: how many customers stand in each stage, and who went where in each period?"""

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.intervals import wilson
from shared.analysis.lifecycle import (
    ANALYSIS,
    MAY_BECOME,
    STAGES,
    Thresholds,
    customer_stages,
    stage_thresholds,
)
from shared.analysis.periods import CALENDAR, calendar_of, last_complete
from shared.analysis.purchases import purchases
from shared.loading.errors import NotSupportedByData

NOT_YET = "not_yet"
FLOWS = [(NOT_YET, "new"), *((old, new) for old in STAGES for new in MAY_BECOME[old])]
LEAST_PERIODS = 2


@dataclass(frozen=True)
class Lifecycle:
    """The stages of a base at the end of each period shown, and the flows that led there.

    Attributes
    ----------
    thresholds : Thresholds
        Frozen before the first period shown, or given.
    flows : pd.DataFrame
        `period`, `from_stage`, `to_stage`, `customers`: every possible flow of every period, 0
        where nobody took it; new customers come from "not_yet".
    stages : pd.DataFrame
        `period`, `stage`, `customers`: every stage at the end of every period, 0 where empty.
    first_order : datetime.date
        The first order in the data.
    """

    thresholds: Thresholds
    flows: pd.DataFrame
    stages: pd.DataFrame
    first_order: date

    @property
    def settled_from(self) -> date:
        """The day from which on nobody looks new who may have ordered before the data begin."""
        return self.first_order + timedelta(days=self.thresholds.g2_days)

    @property
    def unsettled(self) -> list[pd.Period]:
        """The periods shown that begin before that day."""
        shown = self.stages["period"].unique()
        return [period for period in shown if period.start_time.date() < self.settled_from]

    @property
    def last(self) -> pd.Period:
        """The last complete period."""
        return self.stages["period"].iloc[-1]

    @property
    def noun(self) -> str:
        """One period in a sentence: month, quarter or week."""
        return CALENDAR[self.thresholds.period]

    def counts(self, period: pd.Period | None = None) -> pd.Series:
        """Give the customers by stage at the end of a period, the last one if left out."""
        chosen = self.stages[self.stages["period"] == (period or self.last)]
        return chosen.set_index("stage")["customers"]


def follow_stages(
    order_lines: ibis.Table,
    *,
    snapshot_date: date,
    period: str = "M",
    periods: int = 12,
    g1_days: int | None = None,
    g2_days: int | None = None,
) -> Lifecycle:
    """Follow the base through the seven stages over the last complete periods.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id` and `order_date`.
    snapshot_date : datetime.date
        The first day that is not in the data.
    period : str
        "M", "Q" or "W"; day windows such as "30D" are read as months.
    periods : int
        Most periods shown. Where thresholds are estimated, at least as many complete periods
        before the first one shown are kept for that.
    g1_days, g2_days : int, optional
        Own thresholds, as in `stage_thresholds`.

    Raises
    ------
    NotSupportedByData
        If fewer than two periods are complete, or the thresholds cannot be estimated.
    """
    period = calendar_of(period)
    last = last_complete(snapshot_date, period)
    lines = purchases(order_lines, before=(last + 1).start_time.date(), analysis=ANALYSIS)
    earliest = lines.order_date.min().to_pandas()
    complete = 0 if pd.isna(earliest) else (last - pd.Period(earliest, freq=period)).n + 1
    if complete < LEAST_PERIODS:
        raise NotSupportedByData(
            f"{complete} complete {CALENDAR[period]}{'s'[: complete != 1]} of orders",
            f"at least {LEAST_PERIODS}: a flow leads from one period end to the next",
        )
    # Half of the history is kept to learn from: later gaps must not rewrite earlier stages.
    given = g1_days is not None and g2_days is not None
    first = last - min(periods, complete if given else complete // 2) + 1
    thresholds = stage_thresholds(
        lines, before=first.start_time.date(), period=period, g1_days=g1_days, g2_days=g2_days
    )
    stages = customer_stages(lines, thresholds=thresholds, first_period=first, last_period=last)
    flows = count_flows(stages, first_period=first, last_period=last)
    return Lifecycle(thresholds, flows, stage_counts(flows), earliest.date())


def count_flows(
    stages: ibis.Table, *, first_period: pd.Period, last_period: pd.Period
) -> pd.DataFrame:
    """Count who went from which stage to which in each period, in the engine.

    Parameters
    ----------
    stages : ibis.Table
        As from `customer_stages`.

    Returns
    -------
    pd.DataFrame
        `period`, `from_stage`, `to_stage`, `customers`: all 19 possible flows and the new
        customers of every period, and any other that occurs.
    """
    counted = (
        stages.group_by("period", "previous_stage", "stage").aggregate(n=_.count()).to_pandas()
    )
    counted["previous_stage"] = counted["previous_stage"].fillna(NOT_YET)
    seen = counted.set_index(["period", "previous_stage", "stage"])["n"]
    numbers = range(first_period.ordinal, last_period.ordinal + 1)
    possible = [(number, old, new) for number in numbers for old, new in FLOWS]
    # An impossible flow would be a fault of the stages: it must show, not vanish.
    others = sorted(set(seen.index) - set(possible))
    keys = pd.MultiIndex.from_tuples(
        [*possible, *others], names=["period", "from_stage", "to_stage"]
    )
    flows = seen.reindex(keys, fill_value=0).rename("customers").astype("int64").reset_index()
    freq = last_period.freqstr
    periods = [pd.Period(ordinal=number, freq=freq) for number in flows["period"]]
    return flows.assign(period=pd.PeriodIndex(periods, freq=freq))


def stage_counts(flows: pd.DataFrame) -> pd.DataFrame:
    """Add up the flows into each stage: its customers at the end of each period."""
    counts = flows.groupby(["period", "to_stage"])["customers"].sum()
    keys = pd.MultiIndex.from_product([flows["period"].unique(), STAGES], names=["period", "stage"])
    return counts.reindex(keys, fill_value=0).reset_index()


def stage_matrix(life: Lifecycle) -> pd.DataFrame:
    """Lay out the mix of stages: a row per period, counts and shares of the base as columns.

    `customers` is everyone who had ordered by the period's end, `<stage>` the customers in a
    stage and `<stage>_share` their share; `is_settled` is false in the periods in which customers
    older than the data look new.
    """
    wide = life.stages.pivot(index="period", columns="stage", values="customers")[list(STAGES)]
    total = wide.sum(axis=1)
    shares = wide.div(total, axis=0).add_suffix("_share")
    settled = [period not in life.unsettled for period in wide.index]
    wide.insert(0, "customers", total)
    return wide.join(shares).assign(is_settled=settled).rename_axis(columns=None).reset_index()


def flow_matrix(flows: pd.DataFrame, *, period: pd.Period | None = None) -> pd.DataFrame:
    """Give the flows of one period, or of all of them together, with shares.

    Returns
    -------
    pd.DataFrame
        `from_stage`, `to_stage`, `customers` and `share` (of all who were in `from_stage` one
        period earlier; blank where nobody was).
    """
    chosen = flows if period is None else flows[flows["period"] == period]
    keys = ["from_stage", "to_stage"]
    counts = chosen.groupby(keys, sort=False)["customers"].sum().reset_index()
    before = counts.groupby("from_stage")["customers"].transform("sum")
    return counts.assign(share=counts["customers"] / before.where(before > 0))


def flow_history(
    flows: pd.DataFrame, *, from_stage: str = "active", to_stage: str = "falling_asleep"
) -> pd.DataFrame:
    """Follow one flow over the periods, as a share of those who could take it.

    Returns
    -------
    pd.DataFrame
        `period`, `before` (customers in `from_stage` one period earlier), `customers` (who went)
        and `share` with its Wilson bounds `low` and `high`; blank where nobody could go.
    """
    leaving = flows[flows["from_stage"] == from_stage]
    going = leaving["customers"].where(leaving["to_stage"] == to_stage, 0)
    sums = (
        leaving.assign(before=leaving["customers"], customers=going)
        .groupby("period")[["before", "customers"]]
        .sum()
        .reset_index()
    )
    shares = [wilson(*pair) for pair in zip(sums["customers"], sums["before"], strict=True)]
    bounds = np.array([(share.value, share.low, share.high) for share in shares])
    return sums.assign(share=bounds[:, 0], low=bounds[:, 1], high=bounds[:, 2])
