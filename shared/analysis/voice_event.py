"""A disruption in the mood: the weeks before it, during it, and after it."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import Finding, reading, share_difference, share_p_value
from shared.analysis.voice import ENOUGH_GROUP
from shared.analysis.voice_incidents import Incidents, Kind
from shared.analysis.voice_launch import mean_of, welch
from shared.loading.errors import NotSupportedByData

AROUND_DAYS = 56  # looked at before and after
LEAST_PHASE = 5
PHASES = ("before", "during", "after")


@dataclass(frozen=True)
class Event:
    """What happened to the mood around a disruption.

    Attributes
    ----------
    first, last : date
        Its first and last day.
    topic : str
        The complaint that stood out, "" for days that were given.
    chosen_by_data : bool
        Whether nobody named the days: they are those of the strongest incident.
    table : pd.DataFrame
        `phase` (before, during, after), `first_day`, `last_day`, `texts`, `mean` sentiment with
        `low`, `high`, `negative`, `negative_share` with `negative_low`, `negative_high`.
    fall, recovery : Estimate
        Mean sentiment during less before, and after less before.
    negative_rise : Estimate
        Share of texts below 0, during less before.
    fall_reading, recovery_reading : Finding
        What the two differences allow to say; of days that the data chose, the fall is no test.
    """

    first: date
    last: date
    topic: str
    chosen_by_data: bool
    table: pd.DataFrame
    fall: Estimate
    recovery: Estimate
    negative_rise: Estimate
    fall_reading: Finding
    recovery_reading: Finding

    @property
    def is_small(self) -> bool:
        """Whether one of the phases has fewer than 30 texts."""
        return bool(self.table["texts"].min() < ENOUGH_GROUP)


def event_mood(
    scored: pd.DataFrame,
    found: Incidents | None,
    *,
    days: str = "",
) -> Event:
    """Compare mood before, during and after a disruption.

    Parameters
    ----------
    scored : pd.DataFrame
        One row per text: `written_at`, `sentiment` (blank is left out).
    found : Incidents or None
        Gives the days of the strongest isolated incident where none are given.
    days : str
        First and last day of the disruption, both included, such as "2026-02-09 2026-02-22"; one
        day alone is both.

    Raises
    ------
    NotSupportedByData
        If no days are given and no incident was found, or with fewer than 5 texts in a phase.
    """
    known = scored[scored["sentiment"].notna() & scored["written_at"].notna()]
    if known.empty:
        raise NotSupportedByData("the texts are not dated", "a date for each text (written_at)")
    first, last, topic = _days(found, days)
    bounds = {
        "before": (first - timedelta(days=AROUND_DAYS), first - timedelta(days=1)),
        "during": (first, last),
        "after": (last + timedelta(days=1), last + timedelta(days=AROUND_DAYS)),
    }
    written = known["written_at"].dt.date
    phases = {name: known[(written >= a) & (written <= b)] for name, (a, b) in bounds.items()}
    thin = min(PHASES, key=lambda name: len(phases[name]))
    if len(phases[thin]) < LEAST_PHASE:
        raise NotSupportedByData(
            f"{len(phases[thin])} texts {thin} the disruption", f"at least {LEAST_PHASE} texts"
        )
    table = pd.DataFrame([_phase(name, bounds[name], phases[name]) for name in PHASES])
    return _compared(table, phases, first=first, last=last, topic=topic)


def _compared(
    table: pd.DataFrame, phases: dict[str, pd.DataFrame], *, first: date, last: date, topic: str
) -> Event:
    values = {name: phases[name]["sentiment"].astype(float).to_numpy() for name in PHASES}
    fall, p_fall = welch(values["during"], values["before"])
    recovery, p_recovery = welch(values["after"], values["before"])
    rows = dict(zip(table["phase"], table.to_dict("records"), strict=True))
    sides = [int(rows[p][c]) for p in ("during", "before") for c in ("negative", "texts")]
    return Event(
        first, last, topic, bool(topic), table, fall, recovery, share_difference(*sides),
        reading(min(p_fall, share_p_value(*sides))), reading(p_recovery),
    )  # fmt: skip


def _days(found: Incidents | None, given: str) -> tuple[date, date, str]:
    if given.strip():
        try:
            first, *rest = map(date.fromisoformat, given.split())
            (last,) = rest or [first]
        except ValueError:
            raise NotSupportedByData(
                f"{given!r} are no two days", "days such as 2026-02-09 2026-02-22"
            ) from None
        if last < first:
            raise NotSupportedByData("the last day of the event is before its first", "event days")
        return first, last, ""
    runs = found.of_kind(Kind.ISOLATED, Kind.ENDED) if found is not None else pd.DataFrame()
    if runs.empty:
        raise NotSupportedByData(
            "no disruption was named, and no isolated incident stands out",
            "its first and last day, as the parameter event_days",
        )
    run = runs.iloc[0]
    return run["first_day"], run["last_day"], str(run["topic"])


def _phase(name: str, days: tuple[date, date], texts: pd.DataFrame) -> dict[str, object]:
    mean = mean_of(texts["sentiment"].astype(float).to_numpy())
    negative = int((texts["sentiment"] < 0).sum())
    share = wilson(negative, len(texts))
    return {
        "phase": name, "first_day": days[0], "last_day": days[1], "texts": len(texts),
        "mean": mean.value, "low": mean.low, "high": mean.high, "negative": negative,
        "negative_share": share.value if len(texts) else np.nan,
        "negative_low": share.low, "negative_high": share.high,
    }  # fmt: skip
