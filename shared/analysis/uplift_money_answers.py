"""What the uplift page answers about money: how many to contact, what is wasted, which offer."""

from enum import StrEnum

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import SETTLED
from shared.analysis.study_parts import known
from shared.analysis.uplift_cells import cell, estimate_of
from shared.analysis.uplift_policy import ALL, RESPONSE, TOP
from shared.analysis.uplift_study import UpliftStudy
from shared.analysis.verdicts import Reason

JUDGES = "customers of the test half"
PROFIT = ("profit", "low", "high")


class Choice(StrEnum):
    """What the money allows to say about whom to contact."""

    TOP = "the top of the ranking"
    ALL = "all"
    NOBODY = "nobody"
    RATHER_TOP = "the top pays, but is not shown to be better than all"
    OPEN = "not settled"


ANSWERS = {
    Choice.TOP: "Contact the {share:share} with the highest predicted uplift: that brings "
    "{gain:money} of {what} per 1,000 customers {costs}, against {all:money} for contacting all",
    Choice.ALL: "Contact all: that brings {all} of {what} per 1,000 customers {costs}, and no "
    "smaller choice is shown to bring more",
    Choice.NOBODY: "Contact nobody: contacting all loses money, {all} of {what} per 1,000 "
    "customers {costs}, and no choice is shown to do better",
    Choice.RATHER_TOP: "Contacting the {share:share} with the highest predicted uplift brings "
    "{gain:money} of {what} per 1,000 customers {costs}, against {all:money} for all; that it is "
    "more is not settled",
    Choice.OPEN: "Whether contacting pays is not settled: contacting all brings {all} of {what} "
    "per 1,000 customers {costs}",
}


def choice(study: UpliftStudy) -> Choice:
    """Decide whom to contact; the page's answer and its action both rest on this."""
    policy = known(study.policy)
    rules = policy.table.set_index("rule")
    # The top must pay by itself too: beating a campaign that loses money is not enough.
    pays = (
        study.differs and 0 < policy.best_share < 1 and cell(rules, TOP, "low") > 0
    )  # fmt: skip
    if pays and cell(rules, TOP, "p_all") < SETTLED and cell(rules, TOP, "against_all") > 0:
        return Choice.TOP
    if cell(rules, ALL, "low") > 0:
        return Choice.ALL
    if pays:
        return Choice.RATHER_TOP
    return Choice.NOBODY if cell(rules, ALL, "high") < 0 else Choice.OPEN


def how_many(study: UpliftStudy) -> Reason:
    """Answer: how many to contact for the highest net profit?"""
    policy, decided = known(study.policy), choice(study)
    rules = policy.table.set_index("rule")
    gain, total = (
        estimate_of(*(cell(rules, rule, name) for name in PROFIT), n=study.judged, unit="money",
                    of=JUDGES)
        for rule in (TOP, ALL)
    )  # fmt: skip
    values = {"share": policy.best_share, "what": policy.money.what, "costs": policy.money.costs}
    # The interval below a sentence is that of its first estimate: only what it is about is one.
    about_top = decided in (Choice.TOP, Choice.RATHER_TOP)
    about = {"gain": gain, "all": total.value} if about_top else {"all": total}
    text = ANSWERS[decided]
    if len(study.campaign.arms) > 1:
        text = f"Of {{arm}} alone: {text[0].lower()}{text[1:]}"
    return Reason(text, {**values, **about, "arm": study.arm})


def beside_response(study: UpliftStudy) -> Reason:
    """Compare with targeting by predicted response, as is usually done."""
    policy, ranking = known(study.policy), known(study.ranking)
    rules = policy.table.set_index("rule")
    values = {
        "other": cell(rules, RESPONSE, "profit"), "low": cell(rules, RESPONSE, "low"),
        "high": cell(rules, RESPONSE, "high"),
    }  # fmt: skip
    values |= {
        "theirs": 1000 * ranking.response.qini.value,
        "ours": 1000 * ranking.result.qini.value,
    }
    by_uplift = cell(rules, TOP, "profit")
    no_worse = (
        ranking.response.qini.value >= ranking.result.qini.value or values["other"] >= by_uplift
    )
    if not 0 < policy.best_share < 1:
        return Reason(
            "Ranked by predicted response, as is usually done, {theirs:number.1} further responses "
            "per 1,000 treated are gained over contacting by lot, against {ours:number.1}.", values,
        )  # fmt: skip
    return Reason(
        "Contacting as many by predicted response, as is usually done, brings {other:money} "
        "({low:money} to {high:money}): "
        + ("here it does no worse." if no_worse else
           "that finds those who buy, sure things and sleeping dogs among them."), values,
    )  # fmt: skip


def anyway(study: UpliftStudy) -> Reason:
    """Answer: how much goes to sure things?"""
    sure = known(study.sure)
    rate = study.rate(0)
    values = {
        "high": Estimate(rate.value, rate.low, rate.high, rate.n, "share", of="control customers"),
        "low": sure.share_low, "n": sure.contacted, "count": sure.high, "money": sure.money_high,
        "least": sure.money_low,
    }  # fmt: skip
    start = (
        "Up to {count:count} of {n:count} contacted customers would have responded anyway ({high} "
        "of those without the campaign did)"
    )
    if sure.each > 0:
        spent = "contacts and discounts" if sure.discount else "contacts"
        return Reason(start + f"; at most {{money:money}} of {spent} went to them", values)
    return Reason(start + "; what a contact and the offer cost is not known", values)


def own_arm(study: UpliftStudy) -> Reason:
    """Say whether choosing the arm for each customer beats the best single one."""
    own = known(study.arms).own
    more = "{own} per 1,000 customers ({low:money} to {high:money}, {n:count} customers)"
    text = (
        f"Choosing the arm for each customer brings {more} more than the best single rule."
        if own.low > 0
        else "Choosing the arm for each customer is not shown to beat the best single rule: "
        f"{more}."
    )
    return Reason(text, {"own": own, "low": own.low, "high": own.high, "n": own.n})
