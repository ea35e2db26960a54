"""What to do about a campaign: at most five actions with segment, size and money."""

from shared.analysis.actions import Action
from shared.analysis.study_parts import known, or_none
from shared.analysis.uplift_cells import cell
from shared.analysis.uplift_money import Money
from shared.analysis.uplift_money_answers import Choice, choice
from shared.analysis.uplift_policy import ALL, PER, TOP
from shared.analysis.uplift_ranking import contacted
from shared.analysis.uplift_study import UpliftStudy


def uplift_actions(study: UpliftStudy) -> list[Action]:
    """Derive the actions from what was found; what is not shown leads to none."""
    if not study.checks.randomised:
        return [_draw_by_lot(study)]
    return [*_own_arm(study), *_whom(study), *_peace(study), *_sure(study), _hold_out(study)]


def _own_arm(study: UpliftStudy) -> list[Action]:
    """Choose the arm for each customer, where that is shown to bring more than any one rule."""
    arms, n = or_none(study.arms), study.campaign.n
    if arms is None or not arms.own.low > 0:
        return []
    return [Action(
        "Choose the arm for each of {size:count} customers by what it is predicted to bring: about "
        "{money:money} more than the best single rule.",
        "All customers, each with the arm that fits", n, arms.own.value / PER * n, {},
        "more than by the best single rule",
    )]  # fmt: skip


def _whom(study: UpliftStudy) -> list[Action]:
    """Contact the top of the ranking, all, or nobody, as the page's answer says."""
    policy, n = or_none(study.policy), study.contrast.n
    if policy is None:
        return []
    rules, decided = policy.table.set_index("rule"), choice(study)
    total = cell(rules, ALL, "profit") / PER * n
    what = f"{policy.money.what} {policy.money.costs}"
    several = len(study.campaign.arms) > 1
    values = {"share": policy.best_share, "what": what, "limit": total / n, "arm": study.arm}
    if decided in (Choice.TOP, Choice.RATHER_TOP):
        whom = contacted(known(study.ranking).score, policy.best_share)
        return [Action(
            "Contact the {share:share} with the highest predicted uplift, {size:count} of these "
            "customers, " + ("with {arm}" if several else "and nobody else")
            + ": about {money:money} of {what}.",
            "Highest predicted uplift", int(whom.sum()), cell(rules, TOP, "profit") / PER * n,
            values, what,
        )]  # fmt: skip
    if decided is Choice.ALL:
        return [_to_all(study, policy.money, n, total, values)]
    if decided is Choice.NOBODY:
        return [Action(
            "Do not repeat it as it is: contacting all {size:count} loses money, {money:money} "
            "of {what}.",
            "All customers", n, total, values, what,
        )]  # fmt: skip
    return []


def _to_all(
    study: UpliftStudy, money: Money, n: int, total: float, values: dict[str, object]
) -> Action:
    """Send it to all but those whom it is shown to drive away."""
    if _is_harm_shown(study):
        spared = n - known(study.harm).customers
        return Action("Send it to {size:count}: all but those to leave in peace.",
                      "All but those to leave in peace", spared, None, {})  # fmt: skip
    start = "Send it to all {size:count}: about {money:money} of {what}, and no selection is shown "
    # Of revenue goods are still to be paid, and an unknown contact is not paid for either.
    unpaid = [name for name, owed in (("goods", money.what == "revenue"),
                                      ("contact", not money.cost)) if owed]  # fmt: skip
    rest = (
        f"to do better. It pays while {' and '.join(unpaid)} cost less than {{limit:money}} a "
        "customer."
        if unpaid
        else "to do better."
    )
    return Action(start + rest, "All customers", n, total, values, str(values["what"]))


def _is_harm_shown(study: UpliftStudy) -> bool:
    harm = or_none(study.harm)
    return harm is not None and harm.is_found and study.differs


def _peace(study: UpliftStudy) -> list[Action]:
    """Leave in peace those who are shown to be driven away."""
    if not _is_harm_shown(study):
        return []
    harm = known(study.harm)
    return [Action(
        "Leave the {size:count} customers of the file do_not_disturb out of such campaigns.",
        "Predicted to respond less if contacted", harm.customers, None, {},
    )]  # fmt: skip


def _sure(study: UpliftStudy) -> list[Action]:
    """Stop paying for responses that come anyway."""
    sure = or_none(study.sure)
    if sure is None or sure.each <= 0 or not study.works:
        return []
    return [Action(
        "Give the next offer without the discount to a part of the contacted, drawn by lot: up to "
        "{size:count} of them respond anyway, and at most {money:money} went to them."
        if sure.discount else
        "Spare the contact where a response is likely anyway: up to {size:count} of the contacted "
        "respond without it, at most {money:money} of contacts.",
        "Sure things among the contacted, at most", sure.high, sure.money_high, {},
        "at most, on sure things",
    )]  # fmt: skip


def _hold_out(study: UpliftStudy) -> Action:
    """Keep a control group next time too."""
    size = min(max(1000, round(0.1 * study.contrast.n)), study.contrast.n // 2)
    return Action(
        "Keep {size:count} customers drawn by lot out of the next campaign too: without them "
        "neither its effect nor this ranking can be judged again.",
        "Control group of the next campaign",
        size,
        None,
    )


def _draw_by_lot(study: UpliftStudy) -> Action:
    """Ask for an experiment."""
    n = study.contrast.n
    return Action(
        "Draw a control group by lot next time, {size:count} of {n:count} customers: only then can "
        "be told who responds because of the campaign.",
        "Control group of the next campaign",
        min(n // 2, max(1000, round(0.1 * n))),
        None,
        {"n": n},
    )
