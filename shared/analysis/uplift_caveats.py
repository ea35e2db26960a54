"""What the uplift page cannot tell: limits of this campaign and its data."""

from shared.analysis.study_parts import or_none
from shared.analysis.uplift_policy import ALL
from shared.analysis.uplift_study import UpliftStudy
from shared.analysis.verdicts import Reason

MOST_NAMED = 8


def uplift_caveats(study: UpliftStudy) -> list[Reason]:
    """Give the limits of these data, the weightiest first."""
    return [*_checks(study), *_left_out(study), *_columns(study), *_power(study), *_money(study),
            *_arms(study)]  # fmt: skip


def _checks(study: UpliftStudy) -> list[Reason]:
    said, checks = [], study.checks
    if not checks.plan_stated and checks.randomised:
        known = checks.shares["planned"].notna().all()
        said.append(Reason(
            "The planned sizes of the arms were not stated; they were compared with the nearest "
            "usual plan." if known else
            "The planned sizes of the arms were not stated and are no usual ones, so that lost "
            "customers would not be seen."
        ))  # fmt: skip
    if len(checks.unbalanced):
        names = ", ".join(checks.unbalanced["feature"].head(MOST_NAMED))
        said.append(Reason(
            "The arms differ by more than a tenth of a standard deviation in {names}. If such a "
            "column was filled after the campaign, name it in leave_out.", {"names": names},
        ))  # fmt: skip
    return said


def _left_out(study: UpliftStudy) -> list[Reason]:
    counted = study.campaign.counted
    texts = {
        "no_arm": "{n:count} {n:row|rows} without an arm {n:is|are} left out.",
        "no_outcome": "{n:count} {n:customer|customers} without an outcome {n:is|are} left out.",
        "two_arms": "{n:count} {n:customer was|customers were} in two arms and {n:is|are} left "
        "out.",
        "assigned_again": "{n:count} {n:row repeats|rows repeat} a customer in the same arm; the "
        "first assignment counts.",
        "window_open": "{n:count} {n:customer|customers} whose window was not over {n:is|are} left "
        "out.",
    }
    return [Reason(text, {"n": counted[name]}) for name, text in texts.items() if counted[name]]


def _columns(study: UpliftStudy) -> list[Reason]:
    said = []
    why = study.features.left_out
    for reason in sorted(set(why.values())):
        names = [name for name, one in why.items() if one == reason]
        said.append(Reason(
            "Not used to predict, being {why}: {names}."
            if reason != "an outcome" else
            "{names} tells what happened after the campaign (nobody without a response has it): it "
            "predicts nothing and is listed as an outcome.",
            {"why": reason, "names": ", ".join(names[:MOST_NAMED])},
        ))  # fmt: skip
    if study.campaign.first_day is None:
        said.append(Reason(
            "The day of the campaign is not known: nothing from orders or visits could be used, "
            "and outcomes from before it would not be noticed."
        ))  # fmt: skip
    return said


def _power(study: UpliftStudy) -> list[Reason]:
    if not study.checks.randomised:
        return []
    return [Reason(
        "With arms of this size an average effect of {points:number.1} responses in 100 customers "
        "is found in eight of ten campaigns; a smaller one may be missed.",
        {"points": 100 * float(study.effect["detectable"])},
    )]  # fmt: skip


def _money(study: UpliftStudy) -> list[Reason]:
    policy = or_none(study.policy)
    if policy is None:
        return []
    said = []
    if policy.money.what == "revenue":
        said.append(Reason("Margins are not known: money here is revenue, not profit."))
    if policy.money.what == "margin":
        said.append(Reason("Margin is taken as {share:share} of the usual price.",
                           {"share": policy.money.margin_share}))  # fmt: skip
    if not policy.money.cost:
        said.append(Reason("The cost of a contact is not known and counts as nothing: in truth "
                           "fewer contacts pay."))  # fmt: skip
    every = policy.table.set_index("rule").loc[ALL]
    if every["low"] < 0 < every["high"]:
        said.append(Reason("Money scatters far more than responses: whether contacting all pays is "
                           "within chance."))  # fmt: skip
    return said


def _arms(study: UpliftStudy) -> list[Reason]:
    if len(study.campaign.arms) < 2:
        return []
    return [Reason(
        "The page is about {arm}, the arm with the largest effect of {k}; chosen for that, its "
        "effect is rather over- than understated.",
        {"arm": study.arm, "k": len(study.campaign.arms)},
    )]  # fmt: skip
