"""What to do about leaving: at most five actions with segment, size and money."""

import pandas as pd

from shared.analysis.actions import Action
from shared.analysis.churn_forecast import ChurnForecast
from shared.analysis.membership_effect import Association, MembershipEffect
from shared.analysis.multiple_testing import Finding
from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_answers import once_only
from shared.analysis.survival_group_answers import NAMELESS
from shared.loading.errors import NotSupportedByData

MOST_ACTIONS = 5
LARGE_STEP = 0.1  # share lost after one order from which that is a cause of its own
FEWEST = 10  # customers worth a campaign of their own


def survival_actions(study: SurvivalStudy) -> list[Action]:
    """Derive the actions from what was found; a finding that is not settled leads to none."""
    found = [*_due(study), *_at_risk(study), *_second_order(study), *_programme(study),
             *_shortest(study)]  # fmt: skip
    return found[:MOST_ACTIONS]


def _due(study: SurvivalStudy) -> list[Action]:
    if study.critical.day is None or not isinstance(study.due, pd.DataFrame):
        return []
    size, day = len(study.due), study.critical.day.value
    if size < FEWEST:
        return []
    if not study.has_orders:
        template = (
            "Speak to the {size:count} customers who reach {noun} {day:count} next, just before "
            "the risk of leaving jumps."
        ).replace("{noun}", study.clock.noun)
        return [Action(template, "Near the critical age", size, None, {"day": day})]
    return [
        Action(
            "Write to the {size:count} customers who reach day {day:count} within {weeks:count} "
            "weeks, {lead:days} before it: the risk of leaving jumps there, and they have brought "
            "{money:money} so far.",
            "Near the critical day", size, float(study.due["monetary"].sum()),
            {"day": day, "weeks": study.settings.due_weeks, "lead": study.settings.step_in_days},
        )
    ]  # fmt: skip


def _at_risk(study: SurvivalStudy) -> list[Action]:
    """Win back where it can still be turned: the valuable half of the medium band."""
    if not isinstance(study.forecast, ChurnForecast):
        return []
    customers = study.forecast.customers
    medium = customers[(customers["band"] == "medium") & (customers["orders"] > 1)]
    if len(medium) < FEWEST:
        return []
    begin = "Turn to the {size:count} customers with two orders or more at medium risk first: "
    values: dict[str, object] = {"days": study.clock.window}
    test = study.backtest
    if isinstance(test, NotSupportedByData):
        because = "what happens to them is still open"
    elif test.is_inside:
        because = "by precedent {lost:count} of them are lost within {days:days} otherwise"
        values["lost"] = float(medium["probability"].sum())
    else:
        # The number expected did not hold, so that only what happened is told.
        because = "when the forecast was tried, {lost:share} of all at medium risk were lost"
        tried = test.bands[test.bands["band"] == "medium"].iloc[0]
        values["lost"] = float(tried["actual_share"])
    return [
        Action(
            begin + because + ". They have brought {money:money} so far.",
            "Medium risk, ordered again", len(medium), float(medium["monetary"].sum()), values,
        )
    ]  # fmt: skip


def _second_order(study: SurvivalStudy) -> list[Action]:
    """Ask those who ordered once, and are not lost, for the second order, where many never do."""
    step = once_only(study)
    if not isinstance(study.forecast, ChurnForecast) or step.value < LARGE_STEP:
        return []
    customers = study.forecast.customers
    once = customers[(customers["orders"] == 1) & (customers["band"] != "high")]
    if len(once) < FEWEST:
        return []
    return [
        Action(
            "Ask the {size:count} customers with one order who are not yet at high risk for the "
            "second one: {step:share} of all customers fall silent for {days:days} after the "
            "first. Those asked have brought {money:money} so far.",
            "One order, not yet lost", len(once), float(once["monetary"].sum()),
            {"step": step.value, "days": study.clock.window},
        )
    ]  # fmt: skip


def _programme(study: SurvivalStudy) -> list[Action]:
    """Ask for an experiment where a programme is judged: only that would settle its effect."""
    found = study.members
    if not isinstance(found, MembershipEffect) or found.verdict == Association.TOO_FEW:
        return []
    active = study.frame[~study.frame["observed"].astype(bool)]
    others = active[active["membership_day"].isna()]
    size = len(others)
    if size < FEWEST or "monetary" not in others or found.time_varying is None:
        return []
    return [
        Action(
            "Before the programme's budget grows, offer it to a random half of the {size:count} "
            "active customers who are no members, and compare: today's data show {ratio:ratio} "
            "times the rate of leaving for members, {low:ratio} to {high:ratio}, which is no "
            "proof. They have brought {money:money} so far.",
            "Active, no members", size, float(others["monetary"].sum()),
            {"ratio": found.time_varying.value, "low": found.time_varying.low,
             "high": found.time_varying.high},
        )
    ]  # fmt: skip


def _shortest(study: SurvivalStudy) -> list[Action]:
    """Find out about the group that leaves soonest, in the first comparison where one differs."""
    for name, compared in study.compared.items():
        table = compared.table[~compared.table["group"].isin(NAMELESS)]
        if table.empty:
            continue
        worst = table.iloc[-1]
        if name == "segment" or worst["finding"] != Finding.DIFFERS:
            continue
        return [
            Action(
                "Find out why the customers of {group} ({column}) leave soonest: {lost:count} of "
                "{size:count} are lost already. The kind of customer who comes may be the cause, "
                "not the group.",
                str(worst["group"]), int(worst["customers"]), None,
                {"group": str(worst["group"]), "column": name.replace("_", " "),
                 "lost": int(worst["events"])},
            )
        ]  # fmt: skip
    return []
