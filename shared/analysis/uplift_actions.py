"""What to do about a campaign: at most five actions with segment, size and money."""

from shared.analysis.actions import Action
from shared.analysis.study_parts import known, or_none
from shared.analysis.uplift_cells import cell
from shared.analysis.uplift_policy import ALL, PER, TOP
from shared.analysis.uplift_ranking import contacted
from shared.analysis.uplift_study import UpliftStudy


def uplift_actions(study: UpliftStudy) -> list[Action]:
    """Derive the actions from what was found; what is not shown leads to none."""
    if not study.checks.randomised:
        return [_draw_by_lot(study)]
    return [*_whom(study), *_peace(study), *_sure(study), _hold_out(study)]


def _whom(study: UpliftStudy) -> list[Action]:
    """Contact the top of the ranking, all, or nobody."""
    policy, n = or_none(study.policy), study.contrast.n
    if policy is None:
        return []
    rules = policy.table.set_index("rule")
    least, most = cell(rules, ALL, "low"), cell(rules, ALL, "high")
    total = cell(rules, ALL, "profit") / PER * n
    what = f"{policy.money.what} after costs"
    values = {"share": policy.best_share, "what": policy.money.what}
    if study.differs and 0 < policy.best_share < 1 and cell(rules, TOP, "low") > 0:
        whom = contacted(known(study.ranking).score, policy.best_share)
        return [Action(
            "Contact the {share:share} with the highest predicted uplift, {size:count} of these "
            "customers, and nobody else: about {money:money} of {what} after costs.",
            "Highest predicted uplift", int(whom.sum()), cell(rules, TOP, "profit") / PER * n,
            values, what,
        )]  # fmt: skip
    if least > 0:
        return [Action(
            "Send it to all {size:count}: it pays on average, about {money:money} of {what} after "
            "costs, and no selection is shown to do better.",
            "All customers", n, total, values, what,
        )]  # fmt: skip
    if most < 0:
        return [Action(
            "Do not repeat it as it is: contacting all {size:count} loses money, {money:money} "
            "of {what} after costs.",
            "All customers", n, total, values, what,
        )]  # fmt: skip
    return []


def _peace(study: UpliftStudy) -> list[Action]:
    """Leave in peace those who are shown to be driven away."""
    harm = or_none(study.harm)
    if harm is None or not (harm.is_found and study.differs):
        return []
    return [Action(
        "Leave the {size:count} customers of the file do_not_disturb out of such campaigns: of "
        "their like {fewer:number.1} fewer in 100 responded when contacted.",
        "Predicted to respond less if contacted", harm.customers, None,
        {"fewer": -100 * harm.effect.value},
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
        "Sure things among the contacted", sure.high, sure.money_high, {}, "spent on sure things",
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
