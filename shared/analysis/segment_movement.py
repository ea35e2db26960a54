"""Segment movement: of those who were there some periods ago, where are they now?"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import ibis
import numpy as np
import pandas as pd
from scipy.stats import t as student

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import Finding, false_discovery_q, reading
from shared.analysis.portfolio import LEAST_BUYERS, Portfolio, portfolio
from shared.analysis.segment_history import History, period_end_before
from shared.loading.errors import NotSupportedByData

SLIPPED = ("About To Sleep", "At Risk", "Cannot Lose", "Hibernating", "Lost")


@dataclass(frozen=True)
class Movement:
    """What became of the members of a segment.

    Attributes
    ----------
    as_of : datetime.date
        When the members were counted: they were placed from orders before that day alone.
    members : int
        Customers in the segment then.
    stayed, slipped : Estimate
        Share of them in the same segment now, and share now in a segment that is silent.
    """

    as_of: date
    members: int
    stayed: Estimate
    slipped: Estimate


@dataclass(frozen=True)
class Drift:
    """Where the customers of then have gone, by place in the base and by orders.

    Attributes
    ----------
    since, until : datetime.date
        The two period ends that are compared.
    customers : int
        Customers in the base at the first of them.
    up, down, stayed : Estimate
        Shares of them whose weighted score (R : F : M = 3 : 2 : 1) is higher, lower, the same.
    standing : Estimate
        Mean change of their standing, in ranks of 1; minus: newcomers took the better places.
    standing_finding : Finding
        Whether that differs from no change: at 1 %, "not settled" up to 5 %.
    rate_then, rate_now : Estimate
        Orders per customer within the first and the last period, of those who were customers
        before either of the two.
    rate_change : Estimate
        Their mean difference, now minus then, customer by customer.
    rate_finding : Finding
        Whether that differs from no change.
    """

    since: date
    until: date
    customers: int
    up: Estimate
    down: Estimate
    stayed: Estimate
    standing: Estimate
    standing_finding: Finding
    rate_then: Estimate
    rate_now: Estimate
    rate_change: Estimate
    rate_finding: Finding


def movement_since(
    order_lines: ibis.Table, now: Portfolio, *, segment: str, period: str, periods: int
) -> Movement:
    """Compare a segment's members some periods ago with where the same customers are now.

    Both placements use only orders before their own date and cut points of their own base.

    Raises
    ------
    NotSupportedByData
        If that date lies before the data, fewer than 50 customers had ordered by then, or none of
        them was in the segment.
    """
    as_of = period_end_before(now.snapshot_date, period=period, periods=periods)
    needs = f"at least {LEAST_BUYERS} customers by then, or a smaller history_periods"
    if as_of <= now.customers["first_order_date"].min().date():
        raise NotSupportedByData(f"the data begin after {as_of}", needs)
    before = portfolio(order_lines, snapshot_date=as_of, scoring=now.cuts.scoring).customers
    if len(before) < LEAST_BUYERS:
        raise NotSupportedByData(f"{len(before)} customers had ordered by {as_of}", needs)
    members = before.loc[before["segment"] == segment, "customer_id"]
    if members.empty:
        raise NotSupportedByData(f"nobody was in {segment} by {as_of}", needs)
    current = now.customers.set_index("customer_id")["segment"].reindex(members)
    return Movement(
        as_of,
        len(members),
        stayed=wilson(int((current == segment).sum()), len(members)),
        slipped=wilson(int(current.isin(SLIPPED).sum()), len(members)),
    )


def drift_steps(history: History) -> pd.DataFrame:
    """Say for each step, and from the first end to the last, how many moved up and down.

    A customer moved up when the weighted score (R : F : M = 3 : 2 : 1) is higher than at the
    earlier end, by the cut points of each base. What is tested is the mean change of `standing`,
    not the shares: silence lowers a score a little every week and one order lifts it at once, so
    that in the steadiest base more customers move down than up. Standing is a mean of percentile
    ranks; it changes by nothing on average unless newcomers take places above or below.

    Returns
    -------
    pd.DataFrame
        `since`, `until` (first day after each period; the last row spans all), `customers`,
        and for each of `up`, `down`, `stayed` the share with `_low` and `_high`; `change` of
        standing with `change_low`, `change_high` (Student's t, 95 %), `p`, `q`
        (Benjamini-Hochberg over the steps; the whole span is a question of its own) and
        `finding`.
    """
    pairs = [*pairwise(history.ends), (history.ends[0], history.ends[-1])]
    rows = [_moved(history, since, until) for since, until in pairs]
    table = pd.DataFrame(rows)
    p = table["p"].to_numpy()
    q = np.append(false_discovery_q(p[:-1]), p[-1])
    return table.assign(q=q, finding=[reading(value) for value in q])


def base_drift(history: History) -> Drift:
    """Compare the customers of the oldest period end with where and who they are today.

    `standing` is relative: in a shrinking base somebody still stands first. `rate_change` is not:
    it counts the orders of the same customers in the first period shown and in the last. Whoever
    joined within the first period is left out of it, because joining means an order. A season
    counts as a change unless both periods lie in the same one.

    Raises
    ------
    NotSupportedByData
        If under 50 customers had joined before the first period shown.
    """
    since, until = history.ends[0], history.ends[-1]
    whole = drift_steps(history).iloc[-1]
    then, now = history.at(since), history.at(until)
    known = then[then["frequency"] > then["period_orders"]]
    if len(known) < LEAST_BUYERS:
        raise NotSupportedByData(
            f"{len(known)} customers had joined before {history.name(since)}",
            f"at least {LEAST_BUYERS} of them, or a smaller history_periods",
        )
    orders_now = now["period_orders"].reindex(known.index)
    change, p = mean_change(orders_now - known["period_orders"], unit="number")
    n = len(then)
    return Drift(
        since=since,
        until=until,
        customers=n,
        up=_read(whole, "up", n, "share"),
        down=_read(whole, "down", n, "share"),
        stayed=_read(whole, "stayed", n, "share"),
        standing=_read(whole, "change", n, "number"),
        standing_finding=whole["finding"],
        rate_then=mean_change(known["period_orders"], unit="number")[0],
        rate_now=mean_change(orders_now, unit="number")[0],
        rate_change=change,
        rate_finding=reading(p),
    )


def mean_change(values: pd.Series, *, unit: str) -> tuple[Estimate, float]:
    """Estimate a mean with Student's interval, and the p-value of no change.

    Values that are all alike leave nothing to doubt: the interval has no width, and the p-value is
    1 for zero and 0 for anything else.
    """
    n, value = len(values), float(values.mean())
    if n < 2:
        return Estimate(value, np.nan, np.nan, n, unit), float("nan")
    error = float(values.std(ddof=1)) / np.sqrt(n)
    if abs(value) < 1e-12 or not error:  # ranks add up to zero only as far as floats do
        return Estimate(value, value - 1.96 * error, value + 1.96 * error, n, unit), float(
            abs(value) < 1e-12
        )
    half = float(student.ppf(0.975, n - 1)) * error
    p = 2 * float(student.sf(abs(value) / error, n - 1))
    return Estimate(value, value - half, value + half, n, unit), p


def _moved(history: History, since: date, until: date) -> dict[str, object]:
    then = history.at(since)
    now = history.at(until).reindex(then.index)
    score = now["priority"] - then["priority"]
    row: dict[str, object] = {"since": since, "until": until, "customers": len(then)}
    for name, inside in (("up", score > 0), ("down", score < 0), ("stayed", score == 0)):
        share = wilson(int(inside.sum()), len(then))
        row |= {name: share.value, f"{name}_low": share.low, f"{name}_high": share.high}
    change, p = mean_change(now["standing"] - then["standing"], unit="number")
    return row | {
        "change": change.value,
        "change_low": change.low,
        "change_high": change.high,
        "p": p,
    }


def _read(row: pd.Series, name: str, n: int, unit: str) -> Estimate:
    low, high = float(row[f"{name}_low"]), float(row[f"{name}_high"])
    return Estimate(float(row[name]), low, high, n, unit)
