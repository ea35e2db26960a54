"""Lifecycle stages: in which of seven stages is each customer at the end of each period?"""

from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd
from ibis import _

from shared.analysis.periods import EPOCH, day_number, period_number
from shared.analysis.purchases import purchases
from shared.loading.errors import ConfigError, NotSupportedByData

MAY_BECOME = {
    "new": ("one_order", "active", "falling_asleep"),
    "one_order": ("one_order", "one_order_asleep", "active", "recovered"),
    "one_order_asleep": ("one_order_asleep", "recovered"),
    "recovered": ("active", "falling_asleep"),
    "active": ("active", "falling_asleep"),
    "falling_asleep": ("falling_asleep", "asleep", "active", "recovered"),
    "asleep": ("asleep", "recovered"),
}
STAGES = tuple(MAY_BECOME)
STAGE_NAMES = {
    stage: stage.replace("one_order_", "one order, ").replace("_", " ").capitalize()
    for stage in STAGES
}
LONGEST_DAYS = {"M": 31, "Q": 92, "W": 7}
LEAST_GAPS = 40  # so that two pauses lie beyond the longer threshold
ANALYSIS = "Lifecycle stages"


@dataclass(frozen=True)
class Thresholds:
    """After how many days of silence a customer falls asleep, and is asleep.

    Attributes
    ----------
    g1_days, g2_days : int
        Silence in days up to which a customer is active, and up to which falling asleep.
    period : str
        "M", "Q" or "W": at whose ends customers are judged.
    gaps : int
        Closed gaps between order days behind the estimate; 0 where both were given.
    estimated_before : datetime.date or None
        Only gaps that ended before this day were used; None where both were given.

    Raises
    ------
    ConfigError
        If g1 is shorter than the longest period, or g2 than g1 and another such period: a customer
        could then pass through two stages between two looks.
    """

    g1_days: int
    g2_days: int
    period: str
    gaps: int = 0
    estimated_before: date | None = None

    def __post_init__(self) -> None:
        longest = _longest(self.period)
        if self.g1_days < longest or self.g2_days < self.g1_days + longest:
            raise ConfigError(
                "E-PARA-15",
                "stage_days",
                f"{self.g1_days} and {self.g2_days} days lie too close for this period",
                fix=f"a first of {longest} or more, and a second longer by {longest} or more",
            )


def stage_thresholds(
    order_lines: ibis.Table,
    *,
    before: date,
    period: str,
    g1_days: int | None = None,
    g2_days: int | None = None,
) -> Thresholds:
    """Estimate the thresholds from gaps that ended before the first period shown, then keep them.

    Thresholds from the whole extract would let later data rewrite earlier stages.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id` and `order_date`.
    before : datetime.date
        The first day of the first period shown.
    period : str
        "M", "Q" or "W".
    g1_days, g2_days : int, optional
        Own thresholds in days. Those left out are the quantiles .75 and .95 of the gaps, taken as
        observed values, and at least one longest period, and g1 and another one.

    Raises
    ------
    NotSupportedByData
        If a threshold must be estimated and fewer than 40 gaps ended before that day.
    ConfigError
        If given thresholds lie too close for the period, or the period is none.
    """
    longest = _longest(period)
    if g1_days is not None and g2_days is not None:
        return Thresholds(g1_days, g2_days, period)
    gaps = closed_gaps(order_lines, before=before)
    n = int(gaps["gaps"].sum())
    if n < LEAST_GAPS:
        raise NotSupportedByData(
            f"only {n} pauses between two orders of a customer ended before {before}",
            f"at least {LEAST_GAPS}, that is more customers who order again or a longer history, "
            "or the days of silence given as a parameter",
        )
    if g1_days is None:
        g1_days = max(gap_quantile(gaps, percent=75), longest)
    if g2_days is None:
        g2_days = max(gap_quantile(gaps, percent=95), g1_days + longest)
    return Thresholds(g1_days, g2_days, period, n, before)


def closed_gaps(order_lines: ibis.Table, *, before: date) -> pd.DataFrame:
    """Count the gaps between successive order days of a customer by their length.

    One row per length, `gap_days` ascending and `gaps`; only gaps that ended before that day.
    """
    days = _order_days(order_lines, period="M", before=before)
    counts = (
        days.filter(_.gap_days.notnull()).group_by("gap_days").aggregate(gaps=_.count()).to_pandas()
    )
    return counts.astype("int64").sort_values("gap_days", ignore_index=True)


def gap_quantile(gaps: pd.DataFrame, *, percent: int) -> int:
    """Find the smallest observed gap that the required share of gaps does not exceed."""
    # Whole numbers: a share in floats can lie a hair above the rank and pick the next gap.
    enough = 100 * gaps["gaps"].cumsum() >= percent * gaps["gaps"].sum()
    return int(gaps.loc[enough, "gap_days"].iloc[0])


def customer_stages(
    order_lines: ibis.Table,
    *,
    thresholds: Thresholds,
    last_period: pd.Period,
    first_period: pd.Period | None = None,
) -> ibis.Table:
    """Place every customer in one stage at the end of each period, in the engine.

    Only orders before a period's end decide about it, so that later data change no earlier stage.
    The table has customers times periods rows: aggregate it, never fetch it.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id` and `order_date`.
    thresholds : Thresholds
        As from `stage_thresholds`; they carry the period.
    last_period : pd.Period
        The last complete period.
    first_period : pd.Period, optional
        The first one given; left out, that of the first order.

    Returns
    -------
    ibis.Table
        `customer_id`, `period` (number, as `pd.Period.ordinal`), `stage` and `previous_stage`
        (null where the customer had not ordered one period earlier).

    Raises
    ------
    NotSupportedByData
        If nobody ordered up to the last period.
    """
    first = first_period or first_order_period(order_lines, last_period=last_period)
    spells = _spells(order_lines, thresholds=thresholds, last_period=last_period)
    ends = ibis.memtable(_period_ends(first, last_period))
    silence = _.end_day - _.last_day
    began, stays = _.period == _.spell_period, _.period == _.spell_period + 1
    return (
        spells.join(ends, [spells.spell_period <= ends.period, ends.period < spells.next_period])
        .mutate(
            stage=ibis.ifelse(began, _.arrived, _silent_stage(silence, thresholds)),
            previous_stage=ibis.cases(
                (began, _.came_from),
                (stays, _.arrived),
                else_=_silent_stage(_.start_day - _.last_day, thresholds),
            ),
        )
        .select("customer_id", "period", "stage", "previous_stage")
    )


def first_order_period(order_lines: ibis.Table, *, last_period: pd.Period) -> pd.Period:
    """Find the period of the first order; raise `NotSupportedByData` if there is none."""
    before = (last_period + 1).start_time.date()
    first = purchases(order_lines, before=before, analysis=ANALYSIS).order_date.min().to_pandas()
    if pd.isna(first):
        raise NotSupportedByData(f"nobody ordered before {before}", "orders in a complete period")
    return pd.Period(first, freq=last_period.freqstr)


def _longest(period: str) -> int:
    """Give the days of the longest such period."""
    if period not in LONGEST_DAYS:
        raise ConfigError(
            "E-PARA-11", "period", f"{period!r} is no period of stages", fix="M, Q or W"
        )
    return LONGEST_DAYS[period]


def _order_days(order_lines: ibis.Table, *, period: str, before: date) -> ibis.Table:
    """List each customer's order days with the gap before each; null before the first one."""
    days = (
        purchases(order_lines, before=before, analysis=ANALYSIS)
        .select("customer_id", ordered_on=_.order_date.truncate("D"))
        .distinct()
        .mutate(
            day=day_number(_.ordered_on, since=EPOCH),
            start_day=day_number(_.ordered_on.truncate(period), since=EPOCH),
            spell_period=period_number(_.ordered_on, period),
        )
    )
    earlier = _.day.lag().over(ibis.window(group_by="customer_id", order_by="day"))
    return days.mutate(gap_days=_.day - earlier)


def _spells(
    order_lines: ibis.Table, *, thresholds: Thresholds, last_period: pd.Period
) -> ibis.Table:
    """Give one row per customer and period with an order: how they arrived, and until when.

    A spell lasts until the next period with an order. Within its own period the stage is
    `arrived`; afterwards silence alone decides. Stages of the following periods need no window
    over customers times periods.
    """
    before = (last_period + 1).start_time.date()
    days = _order_days(order_lines, period=thresholds.period, before=before)
    # The first order day of a customer is the only one without a gap before it.
    spells = days.group_by("customer_id", "spell_period").aggregate(
        period_start=_.start_day.min(),
        last_day=_.day.max(),
        order_days=_.count(),
        is_first=_.gap_days.count() < _.count(),
        longest_gap=_.gap_days.max().fill_null(0),
    )
    by_time = ibis.window(group_by="customer_id", order_by="spell_period")
    placed = spells.mutate(
        is_once=_.is_first & (_.order_days == 1),
        # The floors see to it that nobody who ordered inside is silent for over g1 at the end.
        arrived=ibis.cases(
            (_.is_first, "new"),
            (_.longest_gap > thresholds.g2_days, "recovered"),
            else_="active",
        ),
        next_period=_.spell_period.lead().over(by_time).fill_null(last_period.ordinal + 1),
    )
    placed = placed.mutate(
        left_arrived=_.arrived.lag().over(by_time),
        left_period=_.spell_period.lag().over(by_time),
        left_day=_.last_day.lag().over(by_time),
        left_once=_.is_once.lag().over(by_time),
    )
    silent = _silent_stage(_.period_start - _.left_day, thresholds, once=_.left_once)
    return placed.select(
        "customer_id", "spell_period", "next_period", "last_day", "is_once", "arrived",
        came_from=ibis.cases(
            (_.left_period.isnull(), ibis.null("string")),
            (_.left_period == _.spell_period - 1, _.left_arrived),
            else_=silent,
        ),
    )  # fmt: skip


def _silent_stage(
    silence: ibis.Value, thresholds: Thresholds, *, once: ibis.Value = _.is_once
) -> ibis.Value:
    """Name the stage after a period without an order, by the days since the last one."""
    asleep = silence > thresholds.g2_days
    return ibis.cases(
        (once & asleep, "one_order_asleep"),
        (once, "one_order"),
        (asleep, "asleep"),
        (silence > thresholds.g1_days, "falling_asleep"),
        else_="active",
    )


def _period_ends(first: pd.Period, last: pd.Period) -> pd.DataFrame:
    """List the periods by number, with the numbers of their first day and the first after."""
    periods = pd.period_range(first, last)
    zero = pd.Timestamp(EPOCH)
    return pd.DataFrame(
        {
            "period": [period.ordinal for period in periods],
            "start_day": [(period.start_time - zero).days for period in periods],
            "end_day": [((period + 1).start_time - zero).days for period in periods],
        },
        dtype="int64",
    )
