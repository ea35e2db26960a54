"""What the page on survival answers: templates and values for each of its questions."""

import pandas as pd

from shared.analysis.churn_forecast import ChurnForecast
from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import LEANING
from shared.analysis.study_parts import known
from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_clock import PER
from shared.analysis.survival_curve import Curve
from shared.analysis.survival_words import answer
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

ENOUGH_AT_RISK = 50  # customers; the hazard of fewer is all band


def window_used(study: SurvivalStudy) -> Reason:
    """Answer: after how long a silence is a customer lost?"""
    if not study.has_orders:
        return Reason(
            "The client's own table says of all {n:count} customers whether they have left: no "
            "silence had to be judged.",
            {"n": study.customers},
        )
    window = known(study.window)
    chosen = window.sensitivity[window.sensitivity["chosen"].astype(bool)].iloc[0]
    template = "A customer counts as lost after {days:days} without an order"
    if window.gaps:
        template += ": {share:share} of {gaps:count} pauses between two orders were no longer"
    how = ". The days were set as a parameter." if window.given else ", learnt from these data."
    return Reason(
        template + how,
        {"days": window.days, "share": float(chosen["quantile"]), "gaps": window.gaps},
    )


def half_lost(study: SurvivalStudy) -> Reason:
    """Answer: after how many days is half of the customers lost?"""
    median = study.curve.median
    if median.days is None:
        bound = "" if median.low is None else "; by the interval it is not before {low:time}"
        counting = ", counting {window:days} of silence as lost" if study.has_orders else ""
        said = answer(
            "The day by which half of the customers are lost is not reached within "
            f"{{followed:time}}{counting}; {{active}} are still active then{bound}",
            study, active=median.active, followed=median.followed, low=median.low,
        )  # fmt: skip
        return Reason(said.template, {**said.values, "window": study.clock.window})
    if median.days == 0:
        step = once_only(study)
        return answer(
            "Half of the customers are lost on day 0: {step} order on no second day",
            study,
            step=step,
        )
    template = "Half of the customers are lost after {median:time}"
    estimate = median.estimate()
    if estimate is not None and study.has_orders:
        counting = template + ", counting {window:days} of silence as lost"
        return answer(counting, study, median=estimate, window=study.clock.window)
    if estimate is not None:
        return answer(template, study, median=estimate)
    return answer(
        template + ", an age that is not settled: {active} are still active after {followed:time}",
        study, active=median.active, median=median.days, followed=median.followed,
    )  # fmt: skip


def half_lost_elsewhere(study: SurvivalStudy) -> Reason:
    """Add to `half_lost` what other windows would say: the definition moves it more than chance."""
    said = half_lost(study)
    if not study.has_orders or "{window" not in said.template:
        return said
    table = known(study.window).sensitivity
    chosen = table["chosen"].astype(bool)
    others = table.loc[~chosen, "median"]
    if others.empty or others.isna().all():
        return said
    first, last = float(others.min()), float(others.max())
    template = "; it is day {first:count} to {last:count} for other windows"
    if first == last:
        same = (table.loc[chosen, "median"] == first).any()
        template = (
            "; other windows say the same day"
            if same
            else "; it is day {first:count} for other windows"
        )
    if others.isna().any():
        template = "; it is day {first:count} or later, or not reached, for other windows"
    return Reason(said.template + template, {**said.values, "first": first, "last": last})


def once_only(study: SurvivalStudy) -> Estimate:
    """Give the share lost on day 0, with its interval: they order on no second day."""
    return study.critical.step


def first_step(study: SurvivalStudy) -> Reason:
    """Say what the step on day 0 is, and how long those stay who came back."""
    returners = study.returners
    if not study.has_orders:
        begun = int((study.frame["duration"] == 0).sum())
        template = (
            "{events:count} of {n:count} customers have left; the others are counted as long as "
            "they have been there."
        )
        if begun:
            template += (
                " {begun:count} with a duration of 0 have not been followed yet: the risk and the "
                "rates below are of the other {rest:count}."
            )
        return answer(template, study, events=study.curve.events, n=study.customers,
                      begun=begun, rest=study.customers - begun)  # fmt: skip
    # Silences that long are ended now and then: nobody is said to be gone for good.
    values: dict[str, object] = {"step": once_only(study), "window": study.clock.window}
    template = (
        "The step at the start is made of {step} who order on one day and then fall silent for "
        "{window:days}"
    )
    if isinstance(returners, Curve):
        median = returners.median
        values |= {"later": median.days, "followed": median.followed, "active": median.active.value}
        template += (
            "; of those who came back half are lost after {later:time}."
            if median.days is not None
            else "; of those who came back {active:share} are still active after {followed:time}."
        )
    else:
        template += "."
    return answer(template, study, **values)


def average_stay(study: SurvivalStudy) -> Reason:
    """Answer: for how many days does a customer stay?"""
    return answer(
        "Within {until:time} from {since} a customer stays {mean:time} on average.",
        study, mean=study.curve.restricted_mean, until=study.curve.mean_until,
    )  # fmt: skip


def told_hazard(study: SurvivalStudy) -> pd.DataFrame:
    """Give the hazard as the share that leaves in a month or so, where enough are followed."""
    length, table = PER[study.clock.unit][0], study.hazard
    if table.empty:
        raise NotSupportedByData(
            "nobody was followed beyond the first day", "customers who order more than once"
        )
    shown = table[table["at_risk"] >= min(ENOUGH_AT_RISK, table["at_risk"].max())]
    shares = {
        name: 1 - (1 - shown[name].clip(0, 1)) ** length for name in ("hazard", "low", "high")
    }
    return shown.assign(duration=shown["day"], **shares)


def critical_said(study: SurvivalStudy) -> Reason:
    """Answer: at which point does the risk of leaving peak?"""
    critical = study.critical
    if critical.refusal is not None:
        return critical.refusal
    if critical.day is None:
        table = told_hazard(study)
        top = table.iloc[int(table["hazard"].argmax())]
        if critical.p < LEANING:
            return answer(
                "Whether the risk of leaving jumps is not settled; smoothed, it is highest near "
                "{noun} {at:count}, {high:share.1} {per}",
                study, at=float(top["day"]), high=float(top["hazard"]),
                per=PER[study.clock.unit][1],
            )  # fmt: skip
        return answer(
            "No {noun} stands out: smoothed, the risk of leaving is highest near {noun} "
            "{at:count}, {high:share.1} {per}, and it rises nowhere by more than chance",
            study, at=float(top["day"]), high=float(top["hazard"]), per=PER[study.clock.unit][1],
        )  # fmt: skip
    return answer(
        "The risk of leaving jumps on {noun} {day:count} (95% interval {low:count} to "
        "{high:count})",
        study, day=critical.day, low=critical.day.low, high=critical.day.high,
    )  # fmt: skip


def who_is_due(study: SurvivalStudy) -> Reason:
    """Answer: who reaches the critical day in the coming weeks, and when to step in?"""
    due, critical = known(study.due), study.critical.day
    if critical is None:
        return nobody_due(study)
    if not study.has_orders:
        return answer(
            "{n:count} {n:customer reaches|customers reach} {noun} {day:count} within the next "
            "{ahead:time}",
            study, n=len(due), day=critical.value,
            ahead=study.clock.of_days(7 * study.settings.due_weeks),
        )  # fmt: skip
    return answer(
        "{n:count} {n:customer reaches|customers reach} day {day:count} within {weeks:count} "
        "weeks; {now:count} of them are to be addressed today",
        study, n=len(due), day=critical.value, weeks=study.settings.due_weeks,
        now=int((pd.to_datetime(due["step_in_on"]) <= pd.Timestamp(study.snapshot_date)).sum()),
    )  # fmt: skip


def critical_detail(study: SurvivalStudy) -> Reason:
    """Say how high the risk is before and after the jump, or how little it rises."""
    critical = study.critical
    length, per = PER[study.clock.unit]
    values = {
        "before": 1 - (1 - critical.rate_before) ** length,
        "after": 1 - (1 - critical.rate_after) ** length,
        "per": per,
    }
    if critical.day is not None:
        return answer("Before it {before:share.1} leave {per}, after it {after:share.1}.", study,
                      **values)  # fmt: skip
    if not (critical.rate_before or critical.rate_after):
        return answer(
            "No stretch of {unit} can be compared with the one before it.",
            study,
        )
    return answer(
        "The largest rise is from {before:share.1} to {after:share.1} {per}; without any jump one "
        "as large is seen in {p:share.1} of trials.",
        study, p=critical.p, **values,
    )  # fmt: skip


def where_the_list_is(study: SurvivalStudy) -> Reason:
    """Say where the list stands and what they have brought."""
    due = known(study.due)
    if "monetary" not in due:
        return answer("The file due_list.csv names all {n:count}.", study, n=len(due))
    return answer(
        "The file due_list.csv names all {n:count} with the day on which to step in, {lead:days} "
        "before; they have brought {money:money} so far.",
        study, n=len(due), lead=study.settings.step_in_days, money=float(due["monetary"].sum()),
    )  # fmt: skip


def nobody_due(study: SurvivalStudy) -> Reason:
    """Say, where no age is critical, who comes to the end of the window instead."""
    if study.critical.refusal is not None:
        said = "No critical day can be told, so that nobody is due by age."
    elif study.critical.p < LEANING:
        said = "Whether an age stands out is not settled, so that nobody is named as due by age."
    else:
        said = "No age stands out, so that nobody is due by age."
    if not isinstance(study.forecast, ChurnForecast):
        return Reason(said)
    weeks = study.settings.due_weeks
    end = pd.Timestamp(study.snapshot_date) + pd.Timedelta(weeks=weeks)
    ending = int((study.forecast.customers["lost_on"] < end).sum())
    return Reason(
        said
        + " By silence, {n:count} {n:customer reaches|customers reach} the {window:days} after "
        "which they count as lost within {weeks:count} weeks: the file churn_forecast.csv names "
        "them with that day.",
        {"n": ending, "window": study.clock.window, "weeks": weeks},
    )
