"""Chronic or isolated: did complaints of a topic rise for a while, for good, or not at all?"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

import numpy as np
import pandas as pd

from shared.analysis.multiple_testing import SETTLED, false_discovery_q
from shared.analysis.voice_incidents_scan import Run, laney_spread, strongest_run, upper_limit
from shared.loading.errors import NotSupportedByData

LEAST_PERIODS = {"W": 20, "M": 12}
LEAST_COMPLAINTS = 10
MOST_RUNS = 4
ISOLATED_DAYS = 62  # a run that was over after two months is an incident
CHRONIC_DAYS = 56  # one that has lasted for eight weeks and goes on is chronic
COLUMNS = ["kind", "first_day", "last_day", "periods", "complaints", "texts", "share",
           "usual_share", "ratio", "p_value"]  # fmt: skip


class Kind(StrEnum):
    """What became of the complaints of a topic; the value is the wording on the page."""

    CHRONIC = "chronic"
    RUNNING = "rising, too early to tell"
    ISOLATED = "isolated"
    ENDED = "long, but over"
    EASED = "eased"
    STEADY = "steady"
    TOO_FEW = "too few complaints"


@dataclass(frozen=True)
class Incidents:
    """The control charts of all topics.

    Attributes
    ----------
    table : pd.DataFrame
        One row per topic and run, a topic without one in a single row: `topic`, `department`,
        `kind`, `first_day`, `last_day`, `periods`, `complaints`, `texts`, `share` (within the
        run), `usual_share` (in the other periods), `ratio` of the two, `p_value`, `q` (over the
        topics; of a topic's first run). Without a run the counts are those of the whole time.
    weeks : pd.DataFrame
        One row per topic and period: `topic`, `start`, `texts`, `complaints`, `share`, `expected`
        (share by the runs found), `limit` (3 Laney sigmas), `in_run`.
    period : str
        "W" or "M".
    first_day, last_day : date
        First and last day of the complete periods.
    """

    table: pd.DataFrame
    weeks: pd.DataFrame
    period: str
    first_day: date
    last_day: date

    def of_kind(self, *kinds: Kind) -> pd.DataFrame:
        """Give the runs of these kinds, strongest first."""
        found = self.table[self.table["kind"].isin([kind.value for kind in kinds])]
        return found.sort_values(["p_value", "topic"], ignore_index=True)

    @property
    def chronic_topics(self) -> int:
        """Number of topics whose complaints rose and stayed."""
        return int(self.of_kind(Kind.CHRONIC)["topic"].nunique())


def incidents(
    dated: pd.DataFrame,
    complaints: pd.DataFrame,
    *,
    topics: dict[str, str],
    snapshot_date: date,
    period: Literal["W", "M"] = "W",
) -> Incidents:
    """Tell for each topic whether its complaints are chronic, isolated or steady.

    Parameters
    ----------
    dated : pd.DataFrame
        One row per scored text: `review_id`, `written_at`; these are the exposure.
    complaints : pd.DataFrame
        One row per text and topic that it complains of: `review_id`, `topic`.
    topics : dict of str to str
        Department of each topic.
    snapshot_date : date
        First day that is not in the data; the period it falls into is left out.
    period : str
        "W" for weeks from Monday on, "M" for months.

    Raises
    ------
    NotSupportedByData
        Without dates, or with fewer than 20 complete weeks or 12 months.
    """
    written = pd.to_datetime(dated["written_at"]).dropna()
    if written.empty:
        raise NotSupportedByData("the texts are not dated", "a date for each text (written_at)")
    periods = _complete(written, snapshot_date, period)
    if len(periods) < LEAST_PERIODS[period]:
        unit = "weeks" if period == "W" else "months"
        raise NotSupportedByData(
            f"the texts span {len(periods)} complete {unit}",
            f"at least {LEAST_PERIODS[period]} {unit}",
        )
    place = dict(zip(dated["review_id"], _numbers(dated["written_at"], periods), strict=True))
    exposure = _counted(pd.Series(list(place.values())), len(periods))
    rows, weeks = [], []
    for seed, topic in enumerate(sorted(set(complaints["topic"]))):
        own = complaints.loc[complaints["topic"] == topic, "review_id"].map(place)
        counts = _counted(own, len(periods))
        runs, expected, spread = _runs(counts, exposure, seed=seed)
        rows.append((topic, counts, runs, expected))
        weeks.append(_charted(topic, periods, counts, exposure, expected, spread, runs))
    table = _judged(rows, exposure, periods, topics)
    drawn = pd.concat(weeks, ignore_index=True) if weeks else pd.DataFrame()
    first, last = periods[0].start_time.date(), periods[-1].end_time.date()
    return Incidents(table, drawn, period, first, last)


def days_said(first: date, last: date) -> str:
    """Give the template that says when a run was: "from … to …", or "on …" for a single day."""
    return "from {first:date} to {last:date}" if first != last else "on {first:date}"


def _complete(written: pd.Series, snapshot_date: date, period: str) -> pd.PeriodIndex:
    """Give the periods that lie wholly within the time of the texts."""
    first, last = written.min().date(), snapshot_date - timedelta(days=1)
    all_periods = pd.period_range(pd.Timestamp(first), pd.Timestamp(last), freq=period)
    full = (all_periods.start_time >= pd.Timestamp(first)) & (
        all_periods.end_time < pd.Timestamp(snapshot_date)
    )
    return all_periods[full]


def _numbers(written: pd.Series, periods: pd.PeriodIndex) -> np.ndarray:
    own = pd.PeriodIndex(pd.to_datetime(written), freq=periods.freq)
    return periods.get_indexer(own)


def _counted(numbers: pd.Series, periods: int) -> np.ndarray:
    known = numbers.dropna().astype("int64")
    return np.bincount(known[known >= 0], minlength=periods).astype(float)


def _runs(
    counts: np.ndarray, exposure: np.ndarray, *, seed: int
) -> tuple[list[Run], np.ndarray, float]:
    """Take the strongest run out again and again until what is left is chance."""
    rate = exposure / max(exposure.sum(), 1)
    expected = counts.sum() * rate
    spread = laney_spread(counts, exposure, expected, seed=seed)
    runs: list[Run] = []
    if counts.sum() < LEAST_COMPLAINTS:
        return runs, expected, spread
    while len(runs) < MOST_RUNS:
        run = strongest_run(counts, expected, spread=spread, seed=seed)
        if run.p_value >= SETTLED and runs:
            break
        runs.append(run)
        if run.p_value >= SETTLED:
            break
        expected = _with_run(counts, expected, run)
        spread = laney_spread(counts, exposure, expected, seed=seed)
    return runs, expected, spread


def _with_run(counts: np.ndarray, expected: np.ndarray, run: Run) -> np.ndarray:
    inside = np.zeros(len(counts), dtype=bool)
    inside[run.first : run.last + 1] = True
    new = expected.copy()
    for part in (inside, ~inside):
        own = expected[part].sum()
        new[part] = expected[part] * (counts[part].sum() / own if own else 0.0)
    return new


def _judged(
    rows: list[tuple[str, np.ndarray, list[Run], np.ndarray]],
    exposure: np.ndarray,
    periods: pd.PeriodIndex,
    topics: dict[str, str],
) -> pd.DataFrame:
    q_values = false_discovery_q(
        np.array([runs[0].p_value if runs else np.nan for _, _, runs, _ in rows], dtype=float)
    )
    listed = []
    for (topic, counts, runs, _expected), q in zip(rows, q_values, strict=True):
        found = [run for run in runs if run.p_value < SETTLED] if q < SETTLED else []
        told = [_of_run(run, counts, exposure, periods, found) for run in found]
        told = told or [_steady(counts, exposure, periods, runs)]
        listed += [(topic, topics.get(topic, ""), *one, q) for one in told]
    return pd.DataFrame(listed, columns=["topic", "department", *COLUMNS, "q"])


def _of_run(
    run: Run, counts: np.ndarray, exposure: np.ndarray, periods: pd.PeriodIndex, found: list[Run]
) -> tuple[object, ...]:
    inside = np.zeros(len(counts), dtype=bool)
    inside[run.first : run.last + 1] = True
    other = ~inside
    for one in found:
        other[one.first : one.last + 1] = False
    first, last = periods[run.first].start_time.date(), periods[run.last].end_time.date()
    share = counts[inside].sum() / max(exposure[inside].sum(), 1)
    usual = counts[other].sum() / exposure[other].sum() if exposure[other].sum() else float("nan")
    ratio = share / usual if usual else float("inf")
    return (
        _kind(run, first, last, len(periods)).value, first, last, run.last - run.first + 1,
        int(counts[inside].sum()), int(exposure[inside].sum()), share, usual, ratio, run.p_value,
    )  # fmt: skip


def _kind(run: Run, first: date, last: date, periods: int) -> Kind:
    days = (last - first).days + 1
    if run.last == periods - 1:
        return Kind.CHRONIC if days >= CHRONIC_DAYS else Kind.RUNNING
    if run.first == 0:
        return Kind.EASED
    return Kind.ISOLATED if days <= ISOLATED_DAYS else Kind.ENDED


def _steady(
    counts: np.ndarray, exposure: np.ndarray, periods: pd.PeriodIndex, runs: list[Run]
) -> tuple[object, ...]:
    kind = Kind.STEADY if counts.sum() >= LEAST_COMPLAINTS else Kind.TOO_FEW
    share = counts.sum() / max(exposure.sum(), 1)
    p_value = runs[0].p_value if runs else float("nan")
    first, last = periods[0].start_time.date(), periods[-1].end_time.date()
    return (kind.value, first, last, len(periods), int(counts.sum()), int(exposure.sum()),
            share, share, 1.0, p_value)  # fmt: skip


def _charted(
    topic: str, periods: pd.PeriodIndex, counts: np.ndarray, exposure: np.ndarray,
    expected: np.ndarray, spread: float, runs: list[Run],
) -> pd.DataFrame:  # fmt: skip
    in_run = np.zeros(len(counts), dtype=bool)
    for run in runs:
        if run.p_value < SETTLED:
            in_run[run.first : run.last + 1] = True
    n = np.where(exposure > 0, exposure, np.nan)
    return pd.DataFrame(
        {
            "topic": topic, "start": periods.start_time, "texts": exposure.astype("int64"),
            "complaints": counts.astype("int64"), "share": counts / n, "expected": expected / n,
            "limit": upper_limit(exposure, expected, spread), "in_run": in_run,
        }
    )  # fmt: skip
