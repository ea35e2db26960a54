"""The findings that open the page on survival."""

from dataclasses import replace

import pandas as pd

from shared.analysis import survival_answers as answers
from shared.analysis import survival_group_answers as group_answers
from shared.analysis.churn_answers import churn_rate, forecast_judged, leaving_said
from shared.analysis.churn_forecast import ChurnForecast
from shared.analysis.duration_forecast import DurationForecast
from shared.analysis.intervals import Estimate
from shared.analysis.membership_answers import members_stay
from shared.analysis.membership_effect import MembershipEffect
from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_groups import GroupComparison
from shared.analysis.verdicts import Reason


def headlines(study: SurvivalStudy) -> list[tuple[str, Reason]]:
    """Choose the findings that open the page, each with a name that stays."""
    chosen = [("half_lost", answers.half_lost_elsewhere(study))]
    if study.curve.mean_until:
        chosen.append(("stay", answers.average_stay(study)))
    if isinstance(study.members, MembershipEffect) and study.members.time_varying:
        chosen.append(("members", members_stay(study)))
    if study.critical.day is not None:
        chosen.append(("critical_day", answers.critical_said(study)))
    if isinstance(study.rates, pd.DataFrame):
        chosen.append(("churn_rate", churn_rate(study)))
    if isinstance(study.forecast, ChurnForecast):
        chosen.append(("forecast", forecast_judged(study)))
    if isinstance(study.leaving, DurationForecast):
        chosen.append(("forecast", leaving_said(study)))
    if isinstance(study.segments, GroupComparison):
        said = group_answers.groups_differ(study, study.segments, "segment")
        chosen.append(("segments", said))
    asked = {name: part for name, part in study.others.items() if name in study.settings.columns}
    for name, part in asked.items():
        if isinstance(part, GroupComparison):
            said = group_answers.groups_differ(study, part, name)
            chosen.append((f"group_{name}".lower(), said))
    with_estimate = [
        (name, said)
        for name, said in chosen
        if any(isinstance(value, Estimate) for value in said.values.values())
    ]
    return [(name, _closed(said)) for name, said in with_estimate[:5]]


def _closed(said: Reason) -> Reason:
    """End the sentence, and say of what each n is."""
    values = {
        name: replace(value, of="customers")
        if isinstance(value, Estimate) and not value.of
        else value
        for name, value in said.values.items()
    }
    return Reason(said.template.removesuffix(".") + ".", values)
