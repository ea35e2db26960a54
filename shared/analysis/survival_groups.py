"""Survival by group: which groups of customers stay longer, and is that more than chance?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.log_rank import GroupRisks, LogRank, group_risks, rank_test
from shared.analysis.multiple_testing import false_discovery_q, reading
from shared.analysis.survival_curve import (
    Curve,
    Z,
    mean_up_to,
    shift_back,
    survival_curve,
)
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

CERTAIN = float(norm.ppf(0.995))
NOT_KNOWN, OTHER = "not known", "other"


@dataclass(frozen=True)
class GroupComparison:
    """Survival of several groups, compared.

    Attributes
    ----------
    table : pd.DataFrame
        One row per group, longest first: `group`, `customers`, `events`, `median` with `low` and
        `high` (blank: not reached; see `Curve.median`),
        `restricted_mean` with `mean_low` and `mean_high` up to `until`, `survival` with
        `survival_low` and `survival_high` at `day`, `p` (log-rank against all others), `q` and
        `finding`: below 1 % "differs".
    test : LogRank
        Of all groups together.
    pairs : pd.DataFrame
        `group`, `other`, `chi2` and `p` (log-rank), `crosses_on` (day; blank: they do not cross),
        `weighted_p` (the stronger of early and late weights, doubled for the choice; only where
        the curves cross, and then instead of `p`), `difference` of survival at `day` with `low`
        and `high`, `q` (Benjamini-Hochberg) and `finding`.
    curves : dict of str to Curve
        By group, the groups large enough to be drawn.
    day : float
        Age at which differences are read.
    until : float
        Age up to which the restricted means go: the shortest follow-up of the groups.
    notes : tuple of Reason
        Groups that are too small, have no event, or no customer.
    """

    table: pd.DataFrame
    test: LogRank
    pairs: pd.DataFrame
    curves: dict[str, Curve]
    day: float
    until: float
    notes: tuple[Reason, ...]


def curves_cross(first: Curve, second: Curve, *, least_at_risk: int = 10) -> float | None:
    """Give the day from which the curve that was lower is higher; None unless both are certain.

    A crossing counts where each curve is, on some day, the higher one beyond noise (99 %), among
    the days with enough customers at risk on both sides.
    """
    drawn = [curve.drawn(least_at_risk=least_at_risk) for curve in (first, second)]
    if drawn[0].empty or drawn[1].empty:
        return None
    last = min(table["day"].iloc[-1] for table in drawn)
    days = np.unique(np.concatenate([table["day"].to_numpy() for table in drawn]))
    days = days[days <= last]
    gap, spread = np.zeros(len(days)), np.zeros(len(days))
    for sign, table in zip((1, -1), drawn, strict=True):
        place = np.searchsorted(table["day"].to_numpy(), days, side="right") - 1
        gap += sign * table["survival"].to_numpy()[place]
        spread += table["variance"].to_numpy()[place]
    z = np.divide(gap, np.sqrt(spread), out=np.zeros(len(gap)), where=spread > 0)
    above, below = np.flatnonzero(z > CERTAIN), np.flatnonzero(z < -CERTAIN)
    if not (len(above) and len(below)):
        return None
    begin = min(above[0], below[0])
    turned = np.flatnonzero(np.sign(gap[begin:]) == -np.sign(gap[begin]))
    return float(days[begin + turned[0]])


def compare_groups(
    frame: pd.DataFrame,
    by: str,
    *,
    window: int = 0,
    day: float | None = None,
    unit: str = "days",
    least: int = 10,
    most: int = 12,
) -> GroupComparison:
    """Compare the survival of the groups of a column.

    Parameters
    ----------
    frame : pd.DataFrame
        As from `lifespans` or `lifespans_from_durations`, with the column.
    by : str
        Column that names the group; blank is a group "not known".
    window : int
        The churn window behind `duration`, taken off again.
    day : float, optional
        Age at which differences are read; left out, the median of all, or half the follow-up.
    unit : str
        What a duration counts, for the sentences.
    least : int
        Smaller groups get no curve and no test, and are named in the notes.
    most : int
        The largest groups kept; the others become "other".

    Raises
    ------
    NotSupportedByData
        If the column is missing or has fewer than two groups large enough.
    """
    groups = _named(frame, by, most=most)
    curves, notes = _curves(frame, groups, window=window, unit=unit, least=least)
    if len(curves) < 2:
        raise NotSupportedByData(
            f"{len(curves)} of the groups by {by.replace('_', ' ')} has {least} customers or more "
            "to follow",
            "at least two such groups",
        )
    kept = groups.isin(list(curves)).to_numpy()
    risks = group_risks(
        frame["duration"].to_numpy()[kept],
        frame["observed"].to_numpy()[kept],
        groups.to_numpy()[kept],
        entry=frame["entry"].to_numpy()[kept],
    )
    if day is None:
        day = _reading_day(frame[kept], window=window, unit=unit)
    until = min(curve.mean_until for curve in curves.values())
    return GroupComparison(
        table=_table(curves, risks, day=day, until=until),
        test=rank_test(risks),
        pairs=_pairs(curves, risks, day=day),
        curves=curves,
        day=float(day),
        until=float(until),
        notes=tuple(notes),
    )


def _named(frame: pd.DataFrame, by: str, *, most: int) -> pd.Series:
    if by not in frame.columns:
        raise NotSupportedByData(f"groups by {by}: not in this export", f"a column {by}")
    groups = frame[by].astype(object).where(frame[by].notna(), NOT_KNOWN).astype(str)
    sizes = groups.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return groups if len(sizes) <= most else groups.where(
        groups.isin(sizes.index[: most - 1]), OTHER
    )  # fmt: skip


def _curves(
    frame: pd.DataFrame, groups: pd.Series, *, window: int, unit: str, least: int
) -> tuple[dict[str, Curve], list[Reason]]:
    """Estimate the curve of each group large enough, and say why others have none."""
    curves, notes = {}, []
    for name, rows in frame.groupby(groups.to_numpy(), sort=True):
        group, n = str(name), len(rows)
        followed = int((rows["duration"] >= window).sum())
        values = {"group": group, "n": n, "followed": followed, "least": least, "window": window}
        if n < least:
            few = "{group}: {n:count} {n:customer|customers}, too few to compare ({least:count})."
            notes.append(Reason(few, values))
            continue
        if followed < least:
            short = (
                "{group}: {followed:count} of {n:count} customers were followed for the "
                "{window:days} it takes to know a loss, too few to compare."
            )
            notes.append(Reason(short, values))
            continue
        curve = survival_curve(
            rows["duration"].to_numpy(), rows["observed"].to_numpy(),
            entry=rows["entry"].to_numpy(), label=group, unit=unit,
        )  # fmt: skip
        curves[group] = shift_back(curve, window)
        if not curve.events:
            notes.append(Reason("{group}: nobody of {n:count} left so far.", values))
    return curves, notes


def _reading_day(frame: pd.DataFrame, *, window: int, unit: str) -> float:
    everybody = shift_back(
        survival_curve(
            frame["duration"].to_numpy(), frame["observed"].to_numpy(),
            entry=frame["entry"].to_numpy(), unit=unit,
        ),
        window,
    )  # fmt: skip
    return everybody.median.days or float(round(everybody.median.followed / 2))


def _table(
    curves: dict[str, Curve], risks: GroupRisks, *, day: float, until: float
) -> pd.DataFrame:
    rows = []
    for number, name in enumerate(risks.names):
        curve = curves[name]
        mean, error = mean_up_to(curve.table, until)
        share, median = curve.at(day), curve.median
        rows.append(
            {
                "group": name,
                "customers": curve.customers,
                "events": curve.events,
                "median": median.days,
                "low": median.low,
                "high": median.high,
                "restricted_mean": mean,
                "mean_low": max(mean - Z * error, 0.0),
                "mean_high": min(mean + Z * error, until),
                "survival": share.value if share else None,
                "survival_low": share.low if share else None,
                "survival_high": share.high if share else None,
                "p": _p(rank_test(risks.against_rest(number))),
            }
        )
    blank_for_none = ["median", "low", "high", "survival", "survival_low", "survival_high"]
    table = pd.DataFrame(rows).astype(dict.fromkeys(blank_for_none, "float64"))
    q = false_discovery_q(table["p"].to_numpy(dtype=float))
    table = table.assign(q=q, finding=[str(reading(value)) for value in q])
    return table.sort_values("restricted_mean", ascending=False, kind="stable", ignore_index=True)


def _pairs(curves: dict[str, Curve], risks: GroupRisks, *, day: float) -> pd.DataFrame:
    rows = []
    for one in range(len(risks.names)):
        for two in range(one + 1, len(risks.names)):
            both = risks.only([one, two])
            first, second = curves[both.names[0]], curves[both.names[1]]
            test, crossing = rank_test(both), curves_cross(first, second)
            early, late = (_p(rank_test(both, weights=weights)) for weights in ("early", "late"))
            gap = _difference(first, second, day)
            rows.append(
                (*both.names, test.chi2, _p(test), crossing,
                 np.nan if crossing is None else min(2 * min(early, late), 1.0), *gap)
            )  # fmt: skip
    names = ["group", "other", "chi2", "p", "crosses_on", "weighted_p", "difference", "low", "high"]
    pairs = pd.DataFrame(rows, columns=names)
    pairs = pairs.astype(dict.fromkeys(names[2:], "float64"))
    # Where curves cross, equal weights let early and late differences cancel.
    p = pairs["p"].where(pairs["weighted_p"].isna(), pairs["weighted_p"])
    q = false_discovery_q(p.to_numpy(dtype=float))
    return pairs.assign(q=q, finding=[str(reading(value)) for value in q])


def _p(test: LogRank) -> float:
    return np.nan if test.p is None else test.p


def _difference(first: Curve, second: Curve, day: float) -> tuple[float, float, float]:
    """Give the difference of survival on a day with its interval; blank beyond a follow-up."""
    shares = [curve.at(day) for curve in (first, second)]
    if shares[0] is None or shares[1] is None:
        return np.nan, np.nan, np.nan
    a, b = shares[0], shares[1]
    gap = a.value - b.value
    low = gap - float(np.hypot(a.value - a.low, b.high - b.value))
    return gap, low, gap + float(np.hypot(a.high - a.value, b.value - b.low))
