"""Churn window: after how many days without an order does a customer count as lost?"""

from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.lifecycle import LEAST_GAPS, closed_gaps
from shared.analysis.lifespans import on_the_clock, order_spans, with_registrations
from shared.analysis.survival_curve import shift_back, survival_curve
from shared.loading.errors import ConfigError, NotSupportedByData

QUANTILES = (0.8, 0.9, 0.95, 0.975, 0.99)


@dataclass(frozen=True)
class ChurnWindow:
    """The silence after which a customer counts as lost, and what other choices would change.

    Attributes
    ----------
    days : int
        A customer is lost once more than this many days passed without an order.
    quantile : float
        Share of closed gaps that are no longer than `days`; at least the one asked for where it
        was estimated; NaN where no gap is closed.
    gaps : int
        Closed gaps between two order days of a customer behind it.
    given : bool
        Whether the days were a parameter and not estimated.
    sensitivity : pd.DataFrame
        One row per window, ascending: `window_days`, `chosen`, `quantile`, `customers`, `lost`,
        `lost_share` with `low` and `high`, `came_back` (silences longer than the window that an
        order ended), `came_back_share` (of all silences longer than the window; blank if there was
        none) and `median` (days with us as the page's curve measures them, on the clock shifted
        back; blank where it is not reached).
    """

    days: int
    quantile: float
    gaps: int
    given: bool
    sensitivity: pd.DataFrame

    @property
    def came_back(self) -> Estimate:
        """Give the share of silences longer than the window that an order ended after all.

        It is a lower bound: silences of today may still end. n is 0 where there was none.
        """
        row = self.sensitivity[self.sensitivity["chosen"]].iloc[0]
        return wilson(int(row["came_back"]), int(row["came_back"] + row["lost"]))


def churn_window(
    order_lines: ibis.Table,
    *,
    snapshot_date: date,
    quantile: float = 0.95,
    days: int = 0,
    customers: ibis.Table | None = None,
) -> ChurnWindow:
    """Find the silence that only few customers have broken: a quantile of the closed gaps.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id` and `order_date`; refunds are no order.
    snapshot_date : datetime.date
        The first day that is not in the data.
    quantile : float
        Which quantile, strictly between 0 and 1; taken as an observed gap, never between two.
    days : int
        An own window in days; 0 estimates it.
    customers : ibis.Table, optional
        As for `lifespans`: who registered before the data begin is seen late only.

    Returns
    -------
    ChurnWindow
        With the sensitivity to other windows.

    Raises
    ------
    NotSupportedByData
        If it must be estimated and fewer than 40 gaps are closed, or if the data do not reach
        further than the window, so that nobody can have been silent for so long.
    ConfigError
        If `quantile` or `days` is out of range.
    """
    _require_range(quantile, days)
    gaps = closed_gaps(order_lines, before=snapshot_date)
    n = int(gaps["gaps"].sum())
    if not days and n < LEAST_GAPS:
        raise NotSupportedByData(
            f"only {n} pauses between two orders of a customer are known, too few to tell after "
            "which silence a customer is lost",
            f"at least {LEAST_GAPS} of them, or churn_after_days as a parameter",
        )
    spans = order_spans(order_lines, snapshot_date=snapshot_date)
    chosen = days or _quantile(gaps, quantile)
    longest = int((spans["recency"] + spans["span"]).max())
    if chosen >= longest:
        raise NotSupportedByData(
            f"the data reach back {longest} days, and a customer counts as lost after {chosen}",
            "a longer history, or a shorter churn_after_days",
        )
    return ChurnWindow(
        days=chosen,
        quantile=_share_up_to(gaps, chosen),
        gaps=n,
        given=bool(days),
        sensitivity=_sensitivity(
            gaps,
            with_registrations(spans, customers),
            chosen=chosen,
            longest=longest,
            snapshot_date=snapshot_date,
        ),
    )


def _require_range(quantile: float, days: int) -> None:
    if not 0 < quantile < 1:
        raise ConfigError(
            "E-PARA-22", "quantile", f"{quantile!r} is no share of the pauses",
            fix="a number between 0 and 1, such as 0.95",
        )  # fmt: skip
    if days < 0 or days != int(days):
        raise ConfigError(
            "E-PARA-23", "churn_after_days", f"{days!r} is no number of days",
            fix="whole days, or 0 to estimate them",
        )  # fmt: skip


def _quantile(gaps: pd.DataFrame, share: float) -> int:
    """Find the smallest observed gap that the required share of gaps does not exceed."""
    # A share in floats can lie a hair above the rank and pick the next gap.
    enough = gaps["gaps"].cumsum() >= share * gaps["gaps"].sum() - 1e-6
    return int(gaps.loc[enough, "gap_days"].iloc[0])


def _share_up_to(gaps: pd.DataFrame, days: int) -> float:
    n = gaps["gaps"].sum()
    return float(gaps.loc[gaps["gap_days"] <= days, "gaps"].sum() / n) if n else float("nan")


def _sensitivity(
    gaps: pd.DataFrame, spans: pd.DataFrame, *, chosen: int, longest: int, snapshot_date: date
) -> pd.DataFrame:
    """Tell for several windows how many are lost, how many such losses came back, the median."""
    others = {_quantile(gaps, share) for share in QUANTILES} if len(gaps) else set()
    windows = sorted(w for w in others | {chosen} if 0 < w < longest)
    rows = []
    for window in windows:
        lost = spans["recency"] > window
        back = int(gaps.loc[gaps["gap_days"] > window, "gaps"].sum())
        share = wilson(int(lost.sum()), len(spans))
        silences = back + int(lost.sum())
        # The clock of the page's own curve: the row of the window in use is its headline.
        seen = on_the_clock(spans, snapshot_date=snapshot_date, window=window)
        duration, observed, entry = (
            seen[column].to_numpy() for column in ("duration", "observed", "entry")
        )
        curve = shift_back(survival_curve(duration, observed, entry=entry), window)
        rows.append(
            {
                "window_days": window,
                "chosen": window == chosen,
                "quantile": _share_up_to(gaps, window),
                "customers": len(spans),
                "lost": int(lost.sum()),
                "lost_share": share.value,
                "low": share.low,
                "high": share.high,
                "came_back": back,
                "came_back_share": back / silences if silences else np.nan,
                "median": curve.median.days,
            }
        )
    return pd.DataFrame(rows).astype({"median": "float64"})
