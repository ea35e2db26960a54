"""What stands behind each chart of the page on survival: its numbers, labels and alt text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from shared.analysis import churn_answers, membership_answers
from shared.analysis import survival_answers as answers
from shared.analysis import survival_columns as columns
from shared.analysis import survival_group_answers as group_answers
from shared.analysis.exhibit import Exhibit
from shared.analysis.multiple_testing import Finding
from shared.analysis.study_parts import known
from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_clock import PER
from shared.analysis.survival_curve import Curve
from shared.analysis.survival_due import due_by_week
from shared.analysis.survival_groups import GroupComparison
from shared.analysis.survival_marks import even_step, lines_alt, marks, medians_of, stacked
from shared.analysis.survival_words import answer

STRUCK = (
    "No fair comparison: members had to stay long enough to join, and those days are counted for "
    "them"
)
MOST_CURVES = 5


@dataclass(frozen=True)
class DrawnExhibit(Exhibit):
    """A chart whose plot takes a frame of its own.

    Attributes
    ----------
    drawn : pd.DataFrame
        What the plot function takes.
    n : int
        Customers behind it.
    options : dict
        Its further arguments.
    """

    drawn: pd.DataFrame
    n: int
    options: Mapping[str, Any] = field(default_factory=dict)

    def shown(self, source: Callable[..., str]) -> dict[str, Any]:
        """Give the further arguments of `Report.chart`; `source` is given the customers as n."""
        return {
            "columns": self.columns, "drawn": self.drawn, "source": source(n=self.n),
            **self.options,
        }  # fmt: skip


def everybody(study: SurvivalStudy) -> DrawnExhibit:
    """Give the survival of all customers, and of those who came back where there is a step."""
    curves = {"All customers": study.curve}
    drawn = stacked(curves)
    data = marks(curves)
    alt = lines_alt(study, data, "Falling step line of the share still customers")
    medians = pd.DataFrame({"group": ["All customers"], "median": [study.curve.median.days]})
    options = {"medians": medians, **_axis(study)}
    said = answers.half_lost(study), alt
    return DrawnExhibit(said, data, columns.curve(study), drawn, study.customers, options)


def membership(study: SurvivalStudy) -> DrawnExhibit:
    """Give members and others from the landmark on, split by what they were then."""
    found = known(study.members)
    pair = {"Members": found.landmark_members, "Standard": found.landmark_standard}
    curves = {name: curve for name, curve in pair.items() if curve is not None}
    begin = float(found.landmark_day)
    drawn, data = stacked(curves, begin=begin), marks(curves, begin=begin)
    alt = lines_alt(
        study, data, "Two step lines from the landmark on, members green and solid, others red and "
        "dashed",
    )  # fmt: skip
    medians = medians_of(curves, begin=begin)
    options = {"landmark": begin, "medians": medians, **_axis(study)}
    said = (membership_answers.members_at_landmark(study), alt)
    n = sum(curve.customers for curve in curves.values())
    return DrawnExhibit(said, data, columns.curve(study), drawn, n, options)


def naive(study: SurvivalStudy) -> DrawnExhibit:
    """Give the naive split, to be struck out."""
    found = known(study.members)
    curves = {"Members": found.naive_members, "Standard": found.naive_standard}
    data = marks(curves)
    alt = lines_alt(
        study, data, "Two step lines, crossed out, of whoever ever joined and of the others"
    )
    options = {"struck": STRUCK, **_axis(study)}
    title = membership_answers.naive_misleads(study)
    n = study.customers
    return DrawnExhibit((title, alt), data, columns.curve(study), stacked(curves), n, options)


def hazard(study: SurvivalStudy) -> DrawnExhibit:
    """Give the smoothed hazard as a share that leaves in a month or so, and the critical day."""
    shares, per = answers.told_hazard(study), PER[study.clock.unit][1]
    step = even_step(float(shares["duration"].max()))
    even = (shares["duration"] % step == 0) | (shares["duration"] == 1)
    # The peak of the title stands in the table, whatever the step.
    data = shares[even | (shares["hazard"] == shares["hazard"].max())]
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
    n = int(shares["at_risk"].max())
    return DrawnExhibit((title, alt), data, columns.hazard(study, per), shares, n, options)


def due(study: SurvivalStudy) -> DrawnExhibit:
    """Give how many customers reach the critical day in each of the next weeks."""
    weeks = due_by_week(
        known(study.due), snapshot_date=study.snapshot_date, weeks=study.settings.due_weeks
    )
    alt = answer(
        "Bars of the customers who reach the critical day by week: {first:count} in the first, "
        "{most:count} in the fullest.",
        study, first=int(weeks["customers"].iloc[0]), most=int(weeks["customers"].max()),
    )  # fmt: skip
    said = answers.who_is_due(study), alt
    return DrawnExhibit(said, weeks, columns.due_weeks(), weeks, int(weeks["customers"].sum()))


def rates(study: SurvivalStudy) -> DrawnExhibit:
    """Give the churn rate of each period that has one."""
    table = known(study.rates)
    told = table[table["churn_rate"].notna()].reset_index(drop=True)
    drawn = told.assign(
        share=told["churn_rate"], customers=told["lost_of_start"], before=told["start"]
    )
    low, high = int(told["churn_rate"].argmin()), int(told["churn_rate"].argmax())
    calm, worst = told.iloc[low], told.iloc[high]
    alt = answer(
        "Bars of the churn rate by period, with 95% intervals: from {low:share.1} in {calm} to "
        "{high:share.1} in {worst}.",
        study, low=float(calm["churn_rate"]), calm=calm["period"],
        high=float(worst["churn_rate"]), worst=worst["period"],
    )  # fmt: skip
    options = {"ylabel": "Customers lost in the period"}
    said = churn_answers.churn_rate(study), alt
    return DrawnExhibit(said, told, columns.rates(), drawn, int(table["won"].sum()), options)


def forecast(study: SurvivalStudy) -> DrawnExhibit:
    """Give the risk bands and the losses expected in each."""
    bands = known(study.forecast).bands
    low, high = (bands[bands["band"] == name].iloc[0] for name in ("low", "high"))
    alt = answer(
        "Three bars of customers by risk of being lost: {high:count} at high risk with "
        "{lost:count} losses expected, {low:count} at low risk with {few:count}.",
        study, high=int(high["customers"]), lost=float(high["expected"]),
        low=int(low["customers"]), few=float(low["expected"]),
    )  # fmt: skip
    drawn = bands.assign(band=[f"{band} risk".capitalize() for band in bands["band"]])
    said, n = (churn_answers.forecast_said(study), alt), int(bands["customers"].sum())
    return DrawnExhibit(said, bands, columns.bands("Risk"), drawn, n)


def leaving(study: SurvivalStudy) -> DrawnExhibit:
    """Give who is expected to leave by group, where durations are all that is known."""
    table = known(study.leaving).groups
    most = table.iloc[int(table["expected"].argmax())]
    alt = answer(
        "A bar of those still there for each group: most are expected to leave of {group}, "
        "{lost:count} of {there:count}.",
        study, group=str(most["band"]), lost=float(most["expected"]),
        there=int(most["customers"]),
    )  # fmt: skip
    said = churn_answers.leaving_said(study)
    named = next(iter(study.settings.columns), "customers").replace("_", " ").capitalize()
    n = int(table["customers"].sum())
    return DrawnExhibit((said, alt), table, columns.bands(named), table, n)


def groups(
    study: SurvivalStudy, compared: GroupComparison, what: str, *, everyone: float
) -> DrawnExhibit:
    """Give the share still there of each group at one age, and whether it differs."""
    table = compared.table
    drawn = pd.DataFrame(
        {"group": table["group"].astype(str), "customers": table["customers"],
         "survival": table["survival"], "low": table["survival_low"],
         "high": table["survival_high"], "differs": table["finding"] == Finding.DIFFERS}
    )  # fmt: skip
    shown = table[table["survival"].notna()]["survival"]
    alt = answer(
        "One mark a group with its 95% interval, for the share still customers after {day:time}: "
        "from {low:share.1} to {high:share.1}.",
        study, day=compared.day, low=float(shown.min()), high=float(shown.max()),
    )  # fmt: skip
    options = {"everyone": everyone, "day": compared.day, "unit": study.clock.unit}
    said = group_answers.groups_differ(study, compared, what)
    n = int(table["customers"].sum())
    data = table.assign(day=compared.day)
    return DrawnExhibit((said, alt), data, columns.groups(study, what), drawn, n, options)


def segments(study: SurvivalStudy) -> DrawnExhibit:
    """Give the RFM segments of the earlier day, against all customers of that day."""
    compared = known(study.segments)
    table = compared.table.dropna(subset="survival")
    # Everybody is followed for equally long, so that the mean of the groups is that of all.
    everyone = float(np.average(table["survival"], weights=table["customers"]))
    return groups(study, compared, "segment", everyone=everyone)


def years(study: SurvivalStudy) -> DrawnExhibit:
    """Give the years of the first order, of those surely won within the data."""
    return _at_age(study, known(study.years), "year", known(study.settled))


def channels(study: SurvivalStudy) -> DrawnExhibit:
    """Give the channels through which customers came."""
    return _at_age(study, known(study.channels), "channel", study.curve)


def _at_age(
    study: SurvivalStudy, compared: GroupComparison, what: str, everybody: Curve
) -> DrawnExhibit:
    share = everybody.at(compared.day)
    return groups(study, compared, what, everyone=float("nan") if share is None else share.value)


def group_curves(study: SurvivalStudy, compared: GroupComparison, what: str) -> DrawnExhibit:
    """Give the curves of the largest groups, with their medians, in the table too."""
    sizes = compared.table.set_index("group")["customers"].nlargest(MOST_CURVES)
    order = [str(name) for name in compared.table["group"] if name in sizes.index]
    curves = {name: compared.curves[name] for name in order if name in compared.curves}
    medians = medians_of(curves)
    data = marks(curves).merge(medians, on="group", how="left", validate="many_to_one")
    alt = lines_alt(study, data, "A falling step line for each group")
    options = {"medians": medians, **_axis(study)}
    said = (group_answers.groups_differ(study, compared, what), alt)
    n = sum(curve.customers for curve in curves.values())
    return DrawnExhibit(said, data, columns.group_curves(study, what), stacked(curves), n, options)


def _axis(study: SurvivalStudy) -> dict[str, str]:
    since = study.clock.since.removeprefix("the ")
    return {"unit": study.clock.unit.capitalize(), "since": since}
