"""What stands behind each chart of the page on survival: its numbers, labels and alt text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from shared.analysis import churn_answers, membership_answers
from shared.analysis import survival_answers as answers
from shared.analysis import survival_columns as columns
from shared.analysis import survival_group_answers as group_answers
from shared.analysis.multiple_testing import Finding
from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_clock import PER, needed
from shared.analysis.survival_columns import Columns
from shared.analysis.survival_curve import Curve
from shared.analysis.survival_due import due_by_week
from shared.analysis.survival_groups import GroupComparison
from shared.analysis.survival_words import answer
from shared.analysis.verdicts import Reason

MARKS = 10  # rows of the numbers behind a curve
STEPS = (1, 2, 3, 5, 6, 10, 12, 15, 20, 30, 50, 60, 90, 100, 120, 180, 200, 300, 365, 730)
STRUCK = (
    "No fair comparison: members had to stay long enough to join, and those days are counted for "
    "them"
)
MOST_CURVES = 5


@dataclass(frozen=True)
class Exhibit:
    """A chart in words and numbers.

    Attributes
    ----------
    said : tuple of Reason
        Title, which is the answer, and alt text, whose numbers stand in `data`.
    data : pd.DataFrame
        The numbers behind the chart.
    columns : dict
        How to head and write them.
    drawn : pd.DataFrame
        What the plot function takes.
    options : dict
        Its further arguments.
    """

    said: tuple[Reason, Reason]
    data: pd.DataFrame
    columns: Columns
    drawn: pd.DataFrame
    options: Mapping[str, Any] = field(default_factory=dict)

    def shown(self, source: str) -> dict[str, Any]:
        """Give the further arguments of `Report.chart`."""
        return {
            "columns": self.columns, "drawn": self.drawn, "source": source, **self.options
        }  # fmt: skip


def everybody(study: SurvivalStudy) -> Exhibit:
    """Give the survival of all customers, and of those who came back where there is a step."""
    curves = {"All customers": study.curve}
    drawn = _stacked(curves)
    data = _marks(curves)
    alt = _alt(study, data, "Falling step line of the share still customers")
    medians = pd.DataFrame({"group": ["All customers"], "median": [study.curve.median.days]})
    options = {"medians": medians, **_axis(study)}
    return Exhibit((answers.half_lost(study), alt), data, columns.curve(study), drawn, options)


def membership(study: SurvivalStudy) -> Exhibit:
    """Give members and others from the landmark on, split by what they were then."""
    found = needed(study.members)
    pair = {"Members": found.landmark_members, "Standard": found.landmark_standard}
    curves = {name: curve for name, curve in pair.items() if curve is not None}
    begin = float(found.landmark_day)
    drawn, data = _stacked(curves, begin=begin), _marks(curves, begin=begin)
    alt = _alt(
        study, data, "Two step lines from the landmark on, members green and solid, others red and "
        "dashed",
    )  # fmt: skip
    options = {"landmark": begin, **_axis(study)}
    said = (membership_answers.members_stay(study), alt)
    return Exhibit(said, data, columns.curve(study), drawn, options)


def naive(study: SurvivalStudy) -> Exhibit:
    """Give the naive split, to be struck out."""
    found = needed(study.members)
    curves = {"Members": found.naive_members, "Standard": found.naive_standard}
    data = _marks(curves)
    alt = _alt(study, data, "Two step lines, crossed out, of whoever ever joined and of the others")
    options = {"struck": STRUCK, **_axis(study)}
    title = membership_answers.naive_misleads(study)
    return Exhibit((title, alt), data, columns.curve(study), _stacked(curves), options)


def hazard(study: SurvivalStudy) -> Exhibit:
    """Give the smoothed hazard as a share that leaves in a month or so, and the critical day."""
    shares, per = answers.told_hazard(study), PER[study.clock.unit][1]
    step = _step(float(shares["duration"].max()))
    data = shares[(shares["duration"] % step == 0) | (shares["duration"] == 1)]
    top, bottom = data.iloc[int(data["hazard"].argmax())], data.iloc[int(data["hazard"].argmin())]
    alt = answer(
        "Line of the share of those still there who leave {per}: highest near {noun} {at:count} "
        "with {high:share.1}, lowest near {noun} {calm:count} with {low:share.1}.",
        study, per=per, at=float(top["duration"]), high=float(top["hazard"]),
        calm=float(bottom["duration"]), low=float(bottom["hazard"]),
    )  # fmt: skip
    day = study.critical.day
    place = {} if day is None else {"peak": day.value, "peak_low": day.low, "peak_high": day.high}
    options = {**place, "per": per, **_axis(study)}
    title = answers.critical_said(study)
    return Exhibit((title, alt), data, columns.hazard(study, per), shares, options)


def due(study: SurvivalStudy) -> Exhibit:
    """Give how many customers reach the critical day in each of the next weeks."""
    weeks = due_by_week(
        needed(study.due), snapshot_date=study.snapshot_date, weeks=study.settings.due_weeks
    )
    alt = answer(
        "Bars of the customers who reach the critical day by week: {first:count} in the first, "
        "{most:count} in the fullest.",
        study, first=int(weeks["customers"].iloc[0]), most=int(weeks["customers"].max()),
    )  # fmt: skip
    return Exhibit((answers.who_is_due(study), alt), weeks, columns.due_weeks(study), weeks)


def rates(study: SurvivalStudy) -> Exhibit:
    """Give the churn rate of each period that has one."""
    table = needed(study.rates)
    known = table[table["churn_rate"].notna()].reset_index(drop=True)
    drawn = known.assign(
        share=known["churn_rate"], customers=known["lost_of_start"], before=known["start"]
    )
    low, high = int(known["churn_rate"].argmin()), int(known["churn_rate"].argmax())
    calm, worst = known.iloc[low], known.iloc[high]
    alt = answer(
        "Bars of the churn rate by period, with 95% intervals: from {low:share.1} in {calm} to "
        "{high:share.1} in {worst}.",
        study, low=float(calm["churn_rate"]), calm=calm["period"],
        high=float(worst["churn_rate"]), worst=worst["period"],
    )  # fmt: skip
    options = {"ylabel": "Customers lost in the period"}
    return Exhibit((churn_answers.churn_rate(study), alt), known, columns.rates(), drawn, options)


def forecast(study: SurvivalStudy) -> Exhibit:
    """Give the risk bands and the losses expected in each."""
    bands = needed(study.forecast).bands
    low, high = (bands[bands["band"] == name].iloc[0] for name in ("low", "high"))
    alt = answer(
        "Three bars of customers by risk of being lost: {high:count} at high risk with "
        "{lost:count} losses expected, {low:count} at low risk with {few:count}.",
        study, high=int(high["customers"]), lost=float(high["expected"]),
        low=int(low["customers"]), few=float(low["expected"]),
    )  # fmt: skip
    drawn = bands.assign(band=[f"{band} risk".capitalize() for band in bands["band"]])
    return Exhibit((churn_answers.forecast_said(study), alt), bands, columns.bands("Risk"), drawn)


def leaving(study: SurvivalStudy) -> Exhibit:
    """Give who is expected to leave by group, where durations are all that is known."""
    table = needed(study.leaving).groups
    most = table.iloc[int(table["expected"].argmax())]
    alt = answer(
        "A bar of those still there for each group: most are expected to leave of {group}, "
        "{lost:count} of {there:count}.",
        study, group=str(most["band"]), lost=float(most["expected"]),
        there=int(most["customers"]),
    )  # fmt: skip
    said = churn_answers.leaving_said(study)
    return Exhibit((said, alt), table, columns.bands("Group"), table)


def groups(
    study: SurvivalStudy, compared: GroupComparison, what: str, *, everyone: float
) -> Exhibit:
    """Give the share still there of each group at one age, and whether it differs."""
    table = compared.table
    drawn = pd.DataFrame(
        {"group": table["group"].astype(str), "customers": table["customers"],
         "survival": table["survival"], "low": table["survival_low"],
         "high": table["survival_high"], "differs": table["finding"] == Finding.DIFFERS}
    )  # fmt: skip
    known = table[table["survival"].notna()]
    alt = answer(
        "One mark a group with its 95% interval, for the share still customers after {day:time}: "
        "from {low:share.1} to {high:share.1}.",
        study, day=compared.day, low=float(known["survival"].min()),
        high=float(known["survival"].max()),
    )  # fmt: skip
    options = {"everyone": everyone, "day": compared.day, "unit": study.clock.unit}
    said = group_answers.groups_differ(study, compared, what)
    shown = table.assign(day=compared.day)
    return Exhibit((said, alt), shown, columns.groups(study, what), drawn, options)


def segments(study: SurvivalStudy) -> Exhibit:
    """Give the RFM segments of the earlier day, against all customers of that day."""
    compared = needed(study.segments)
    table = compared.table.dropna(subset="survival")
    # Everybody is followed for equally long, so that the mean of the groups is that of all.
    everyone = float(np.average(table["survival"], weights=table["customers"]))
    return groups(study, compared, "segment", everyone=everyone)


def years(study: SurvivalStudy) -> Exhibit:
    """Give the years of the first order."""
    return _at_age(study, needed(study.years), "year")


def channels(study: SurvivalStudy) -> Exhibit:
    """Give the channels through which customers came."""
    return _at_age(study, needed(study.channels), "channel")


def _at_age(study: SurvivalStudy, compared: GroupComparison, what: str) -> Exhibit:
    share = study.curve.at(compared.day)
    return groups(study, compared, what, everyone=float("nan") if share is None else share.value)


def group_curves(study: SurvivalStudy, compared: GroupComparison, what: str) -> Exhibit:
    """Give the curves of the largest groups, with their medians."""
    sizes = compared.table.set_index("group")["customers"].nlargest(MOST_CURVES)
    order = [str(name) for name in compared.table["group"] if name in sizes.index]
    curves = {name: compared.curves[name] for name in order if name in compared.curves}
    medians = pd.DataFrame(
        {"group": list(curves), "median": [curve.median.days for curve in curves.values()]}
    )
    data = _marks(curves)
    alt = _alt(study, data, "A falling step line for each group")
    options = {"medians": medians, **_axis(study)}
    said = group_answers.groups_differ(study, compared, what)
    return Exhibit((said, alt), data, columns.curve(study), _stacked(curves), options)


def _stacked(curves: dict[str, Curve], *, begin: float = 0.0) -> pd.DataFrame:
    """Put the curves below each other, each as far as ten customers are at risk."""
    parts = [
        curve.drawn().assign(group=name, duration=curve.drawn()["day"] + begin)
        for name, curve in curves.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _marks(curves: dict[str, Curve], *, begin: float = 0.0) -> pd.DataFrame:
    """Read the curves at a few even ages."""
    last = max((float(curve.drawn()["day"].max()) for curve in curves.values()), default=0.0)
    ages = np.arange(0, last + 1e-9, _step(last))
    rows = []
    for name, curve in curves.items():
        reach = float(curve.drawn()["day"].max())
        for age, left in zip(ages, curve.at_risk_on(ages), strict=True):
            share = curve.at(age)
            if age <= reach and share is not None:
                rows.append((name, age + begin, int(left), share.value, share.low, share.high))
    names = ["group", "duration", "at_risk", "survival", "low", "high"]
    return pd.DataFrame(rows, columns=names)


def _step(last: float) -> int:
    return next((step for step in STEPS if last / step <= MARKS), STEPS[-1])


def _alt(study: SurvivalStudy, data: pd.DataFrame, chart: str) -> Reason:
    """Say where each line ends; every number stands in the data."""
    ends = data.groupby("group", sort=False).last()
    parts: list[str] = []
    values: dict[str, object] = {}
    for i, (name, row) in enumerate(ends.head(3).iterrows()):
        parts.append(f"{{name_{i}}} {{share_{i}:share.1}} at {{noun}} {{day_{i}:count}}")
        values |= {f"name_{i}": str(name), f"share_{i}": float(row["survival"]),
                   f"day_{i}": float(row["duration"])}  # fmt: skip
    return answer(f"{chart}, with 95% bands: {', '.join(parts)}.", study, **values)


def _axis(study: SurvivalStudy) -> dict[str, str]:
    since = study.clock.since.removeprefix("the ")
    return {"unit": study.clock.unit.capitalize(), "since": since}
