"""What the uplift page answers about money: how many to contact, what is wasted, which offer."""

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import SETTLED
from shared.analysis.study_parts import known
from shared.analysis.uplift_cells import cell, estimate_of
from shared.analysis.uplift_policy import ALL, RESPONSE, TOP
from shared.analysis.uplift_study import UpliftStudy
from shared.analysis.verdicts import Reason

JUDGES = "customers of the test half"
PROFIT = ("profit", "low", "high")
AGAINST_ALL = ("against_all", "against_all_low", "against_all_high")


def how_many(study: UpliftStudy) -> Reason:
    """Answer: how many to contact for the highest net profit?"""
    policy = known(study.policy)
    rules = policy.table.set_index("rule")
    gain, total, more = (
        estimate_of(*(cell(rules, rule, name) for name in names), n=study.judged, unit="money",
                    of=JUDGES)
        for rule, names in ((TOP, PROFIT), (ALL, PROFIT), (TOP, AGAINST_ALL))
    )  # fmt: skip
    values = {"share": policy.best_share, "gain": gain, "all": total, "more": more,
              "what": policy.money.what}  # fmt: skip
    if (
        study.differs
        and 0 < policy.best_share < 1
        and cell(rules, TOP, "p_all") < SETTLED
        and more.value > 0
    ):
        return Reason(
            "Contact the {share:share} with the highest predicted uplift: that brings {gain:money} "
            "of {what} per 1,000 customers after costs, against {all:money} for contacting all",
            values,
        )
    if total.low > 0:
        return Reason(
            "Contact all: that brings {all} of {what} per 1,000 customers after costs, and no "
            "smaller choice is shown to bring more", values,
        )  # fmt: skip
    if total.high < 0 and not (study.differs and gain.low > 0):
        return Reason(
            "Contact nobody: contacting all loses money, {all} of {what} per 1,000 customers after "
            "costs, and no choice is shown to do better", values,
        )  # fmt: skip
    if study.differs and gain.low > 0 and 0 < policy.best_share < 1:
        return Reason(
            "Contacting the {share:share} with the highest predicted uplift brings {gain:money} of "
            "{what} per 1,000 customers after costs, against {all:money} for all; that it is more "
            "is not settled", values,
        )  # fmt: skip
    return Reason(
        "Whether contacting pays is not settled: contacting all brings {all} of {what} per 1,000 "
        "customers after costs", values,
    )  # fmt: skip


def beside_response(study: UpliftStudy) -> Reason:
    """Compare with targeting by predicted response, as is usually done."""
    policy, ranking = known(study.policy), known(study.ranking)
    rules = policy.table.set_index("rule")
    values = {
        "other": cell(rules, RESPONSE, "profit"), "low": cell(rules, RESPONSE, "low"),
        "high": cell(rules, RESPONSE, "high"), "what": policy.money.what,
        "theirs": ranking.response.qini.value, "ours": ranking.result.qini.value,
    }  # fmt: skip
    qinis = "the Qini is {theirs:number.4} against {ours:number.4} by predicted uplift"
    money = (
        "Contacting as many by predicted response, as is usually done, brings {other:money} of "
        "{what} per 1,000 customers, {low:money} to {high:money}; " + qinis
        if 0 < policy.best_share < 1
        else "Ranked by predicted response, as is usually done, " + qinis
    )
    if ranking.response.qini.value >= ranking.result.qini.value:
        return Reason(money + ": here it does no worse.", values)
    return Reason(
        money + ". A response model finds those who buy, with sure things and sleeping dogs among "
        "them.", values,
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
    arms = known(study.arms)
    text = (
        "Choosing the arm for each customer brings {own} per 1,000 customers more than the best "
        "single rule."
        if arms.own.low > 0
        else "Choosing the arm for each customer is not shown to beat the best single rule: {own} "
        "per 1,000 customers."
    )
    return Reason(text, {"own": arms.own})
