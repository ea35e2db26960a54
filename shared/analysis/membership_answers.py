"""What the page says of members: the corrected answer, and why the naive one fails."""

from shared.analysis.membership_effect import Association, MembershipEffect
from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_clock import needed
from shared.analysis.survival_words import answer
from shared.analysis.verdicts import Reason


def members_stay(study: SurvivalStudy) -> Reason:
    """Answer: is membership associated with staying longer, once immortal time is removed?"""
    found = needed(study.members)
    ratio = found.time_varying or found.landmark
    if ratio is None:
        return answer(
            "Too few members or others are lost to compare: {losses:count} in the smaller group",
            study, losses=min(found.counts["member_events"], found.counts["standard_events"]),
        )  # fmt: skip
    template = {
        Association.LONGER: "Membership is associated with staying longer: members leave at "
        "{ratio} times the rate of other customers, {low:ratio} to {high:ratio}",
        Association.SHORTER: "Membership is associated with leaving sooner: members leave at "
        "{ratio} times the rate of other customers, {low:ratio} to {high:ratio}",
        Association.NOT_SETTLED: "Whether members stay longer is not settled: they leave at "
        "{ratio} times the rate of other customers, {low:ratio} to {high:ratio}",
    }.get(
        found.verdict,
        "No evidence that members stay longer: they leave at {ratio} times the rate of other "
        "customers, {low:ratio} to {high:ratio}",
    )
    return answer(template, study, ratio=ratio, low=ratio.low, high=ratio.high)


def naive_misleads(study: SurvivalStudy) -> Reason:
    """Say what the naive comparison claims, and that it must not be believed."""
    found = needed(study.members)
    members, standard = found.naive_medians
    if members.days is not None and standard.days is not None:
        return answer(
            "Misleading: split by what they became, members seem to stay {members:time} and others "
            "{standard:time}",
            study, members=members.days, standard=standard.days,
        )  # fmt: skip
    return answer(
        "Misleading: split by what they became, {members} of members are still there after "
        "{until:time}, of others {standard:share}",
        study, members=members.active, standard=standard.active.value, until=members.followed,
    )  # fmt: skip


def naive_against_corrected(study: SurvivalStudy) -> Reason:
    """Set the naive hazard ratio against the corrected ones."""
    found: MembershipEffect = needed(study.members)
    if found.naive is None or found.time_varying is None:
        return Reason("One of the groups has too few losses for a rate.")
    values = {
        "naive": found.naive, "corrected": found.time_varying.value,
        "day": float(found.landmark_day), "landmark": found.landmark and found.landmark.value,
    }  # fmt: skip
    template = (
        "The naive comparison gives members {naive} times the rate of leaving of others. Counted "
        "from the day of joining it is {corrected:ratio}"
    )
    if found.landmark is not None:
        template += ", and among those still customers on {noun} {day:count} it is {landmark:ratio}"
    return answer(template + ".", study, **values)
