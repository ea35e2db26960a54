"""What the page says of members: the corrected answer, and why the naive one fails."""

from shared.analysis.membership_effect import Association, MembershipEffect
from shared.analysis.membership_spells import LEAST_EVENTS
from shared.analysis.multiple_testing import LEANING, SETTLED
from shared.analysis.study_parts import known
from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_words import answer
from shared.analysis.verdicts import Reason


def members_stay(study: SurvivalStudy) -> Reason:
    """Answer: is membership associated with staying longer, once immortal time is removed?"""
    found = known(study.members)
    ratio = found.time_varying
    if ratio is None:
        return _too_few(study, found)
    rate = "{ratio} times the rate of other customers, {low:ratio} to {high:ratio}"
    template = {
        Association.LONGER: "Membership is associated with staying longer: members leave at ",
        Association.SHORTER: "Membership is associated with leaving sooner: members leave at ",
        Association.NOT_SETTLED: "Whether members stay longer is not settled: they leave at ",
        Association.NOTHING: "No evidence that members stay longer: they leave at ",
    }[found.verdict] + rate
    return answer(template, study, ratio=ratio, low=ratio.low, high=ratio.high)


def members_at_landmark(study: SurvivalStudy) -> Reason:
    """Answer the same for the picture: those still customers on the landmark, from then on."""
    found = known(study.members)
    ratio, p = found.landmark, found.landmark_p
    if ratio is None or p is None:
        return _too_few(study, found)
    unclear = ", not settled" if p < LEANING else ", no evidence of a difference"
    reading = "" if p < SETTLED else unclear
    return answer(
        "Among customers still there on {noun} {day:count}, members leave at {ratio} times the "
        f"rate of others, {{low:ratio}} to {{high:ratio}}{reading}",
        study, day=found.landmark_day, ratio=ratio, low=ratio.low, high=ratio.high,
    )  # fmt: skip


def campaigns_elsewhere(study: SurvivalStudy) -> Reason:
    """Say where campaigns are judged: this page compares memberships only."""
    template = (
        "Of campaigns this page says nothing: whether one raises retention only a test with a "
        "random hold-out tells."
    )
    return answer(template, study)


def _too_few(study: SurvivalStudy, found: MembershipEffect) -> Reason:
    fewest = min(found.counts["member_events"], found.counts["standard_events"])
    return answer(
        "Whether members stay longer cannot be told: {losses:count} {losses:loss|losses} in the "
        "smaller group, and {least:count} are needed",
        study, losses=fewest, least=LEAST_EVENTS,
    )  # fmt: skip


def naive_misleads(study: SurvivalStudy) -> Reason:
    """Say what the naive comparison claims, and that it must not be believed."""
    found = known(study.members)
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
    found: MembershipEffect = known(study.members)
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
