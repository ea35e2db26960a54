"""What the cohort page answers on money and engagement: templates and values."""

import pandas as pd

from shared.analysis.cohort_engagement import orders_per_active
from shared.analysis.cohort_money import money_after
from shared.analysis.cohort_payback import return_on_spend
from shared.analysis.cohort_promotion import ALWAYS_ON, worth_difference
from shared.analysis.cohort_study import CohortStudy, answer
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData


def promotion_money(study: CohortStudy) -> Reason:
    """Say what the customers of the most telling promotion brought, beside their neighbours."""
    promotions = study.promotions
    assert isinstance(promotions, pd.DataFrame)
    running = promotions.loc[promotions["finding"] == ALWAYS_ON, "promotion"]
    row = promotions.iloc[int(promotions["difference"].abs().argmax())]
    gap = worth_difference(row)
    settled = gap.low > 0 or gap.high < 0
    template = (
        "In those days a customer of {promotion} brought {worth:money} of {what}, a neighbour "
        "{neighbours:money}: a difference of {gap}"
    )
    template += "." if settled else ", which chance alone could make."
    template += " Neighbours are those won around the same days by no other promotion."
    if len(running):
        template += (
            " {running} won customers over more than half of the history: nobody was won around "
            "it, and it is not compared."
        )
    return answer(
        template, study, gap=gap, promotion=row["promotion"], worth=float(row["worth"]),
        neighbours=float(row["neighbours_worth"]), running=", ".join(running),
    )  # fmt: skip


def bringing_in(study: CohortStudy) -> Reason:
    """Answer: how much does a new customer bring up to the later age?"""
    return _worth(study, "A new customer brings {worth} of {revenue}", study.pooled_revenue)


def bringing_margin(study: CohortStudy) -> Reason:
    """Answer: how much margin does a new customer leave up to the later age?"""
    return _worth(study, "A new customer leaves {worth} of {what}", study.pooled_money)


def _worth(study: CohortStudy, start: str, pooled: pd.DataFrame) -> Reason:
    return answer(
        f"{start} by {{noun}} {{age}}, {{first:money}} of it in {{noun}} 0",
        study,
        worth=money_after(pooled, study.later_age),
        age=study.later_age,
        first=money_after(pooled, 0).value,
    )


def engaging(study: CohortStudy) -> Reason:
    """Answer: how often do those who are back order, early and later?"""
    active = study.pooling(study.engagement)
    return answer(
        "Who is back in {noun} {age} places {early:number} orders there, in {noun} {later_age} "
        "{late:number}",
        study,
        early=orders_per_active(active, study.age),
        late=orders_per_active(active, study.later_age),
        age=study.age,
        later_age=study.later_age,
    )


def visiting(study: CohortStudy) -> Reason:
    """Answer: how often do customers visit the site, new and later?"""
    assert isinstance(study.visits, pd.DataFrame)
    visits = study.pooling(study.visits)
    sums = visits.groupby("period_index")[["visits", "at_risk"]].sum()
    means = sums["visits"] / sums["at_risk"]
    later = min(study.later_age, int(means.index.max()))
    return answer(
        "A customer visits {early:number.1} times in {noun} 0 and {late:number.1} times in {noun} "
        "{age}",
        study,
        early=float(means.iloc[0]),
        late=float(means[later]),
        age=later,
    )


def paying_back(study: CohortStudy) -> Reason:
    """Answer: what did the acquisition money buy, and when was it back?"""
    payback = study.payback
    if isinstance(payback, NotSupportedByData):
        return answer(payback.reason, study)
    paid = payback.table[payback.table["cost_per_customer"] > 0]
    if paid.empty:
        return answer("All {n:count} customers with a known cost came for free", study,
                       n=int(payback.table["customers"].sum()))  # fmt: skip
    row = paid.iloc[int(paid["return_on_spend"].argmin())]
    if row["return_on_spend"] < 0:
        return answer(
            "Money spent on {source} is not back after {age:count} {noun}s: a customer cost "
            "{cost:money} and brought {worth:money} of {what}, a return of {back}",
            study, back=return_on_spend(row), source=row["cohort"], age=int(row["seen_until"]),
            cost=float(row["cost_per_customer"]), worth=float(row["worth_per_customer"]),
        )  # fmt: skip
    return answer(
        "Every paid source is in profit by {noun} {followed}: the least, {source}, brought "
        "{worth:money} of {what} a customer for {cost:money} spent, a return of {back}",
        study, back=return_on_spend(row), source=row["cohort"], followed=int(row["followed"]),
        cost=float(row["cost_per_customer"]), worth=float(row["worth_per_customer"]),
    )  # fmt: skip
