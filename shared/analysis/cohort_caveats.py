"""The limits of this client's data for the page on cohorts."""

from shared.analysis.cohort import (
    new_customers,
    pooled_curve,
    pooled_share,
    retention_cells,
    small_cohorts,
)
from shared.analysis.cohort_activity import at_risk, cohort_sizes
from shared.analysis.cohort_base import SMALLEST_SHOWN
from shared.analysis.cohort_members import FIRST_ORDER, NOT_RECORDED
from shared.analysis.cohort_money import ITEMS
from shared.analysis.cohort_study import CohortStudy
from shared.analysis.verdicts import Reason

MOST_NAMED = 6
ORDER_RULES = {
    "": "Every line of a known customer counts as part of an order; the data hold no refunds.",
    "net": "Purchases count as orders; refunds and cancelled orders reduce the money and are no "
    "order, so that they win and keep nobody.",
    "set_aside": "Only purchases count: refunds and cancelled orders are left out, of the orders "
    "and of the money.",
    "keep": "Every line of a known customer counts as an order, refunds and cancelled orders "
    "included: whoever cancelled counts as back.",
}


def cohort_caveats(study: CohortStudy, *, refunds: str | None = None) -> list[Reason]:
    """List what this client's data do to the page, each as a template with values.

    Parameters
    ----------
    study : CohortStudy
        From `study_cohorts`.
    refunds : str, optional
        The client's rule for refunds and cancelled orders: "net", "set_aside" or "keep".
    """
    return [
        Reason(ORDER_RULES[refunds or ""]),
        *_first_cohort(study),
        *_small(study),
        *_running(study),
        *_few_cohorts(study),
        *_money_limits(study),
        *_not_recorded(study),
    ]


def _first_cohort(study: CohortStudy) -> list[Reason]:
    if study.cohorts.cohort_by != FIRST_ORDER:
        return []
    sizes = cohort_sizes(study.cohorts)
    whole = pooled_share(pooled_curve(retention_cells(study.cohorts)), study.age)
    template = (
        "The first cohort, {cohort}, counts everyone seen first then, customers older than the "
        "data included: {size:count} against a median of {usual:count} in the others. "
    )
    template += (
        "Too few of the others have been followed, so that all figures count it."
        if study.rests_on_first
        else "The matrix shows it; it enters no pooled share, no money per new customer and no "
        "comparison. With it {share:share} would buy in {noun} {age}."
    )
    return [
        Reason(
            template,
            {"cohort": study.cohorts.first, "size": int(sizes.iloc[0]),
             "usual": float(sizes.iloc[1:].median()), "noun": study.noun, "age": study.age,
             "share": whole.value},
        )
    ]  # fmt: skip


def _small(study: CohortStudy) -> list[Reason]:
    small = small_cohorts(study.cohorts, least=study.least)
    hidden = int((small < SMALLEST_SHOWN).sum())
    if small.empty:
        return []
    names = ", ".join(str(name) for name in small.index[:MOST_NAMED])
    template = (
        "{n:count} {n:cohort has|cohorts have} fewer than {least:count} customers and "
        "{n:is|are} not tested: {names}{more}."
    )
    if hidden:
        template += (
            " {hidden:count} of them {hidden:has|have} fewer than {smallest:count} and {hidden:is|"
            "are} not shown; all pooled values count them."
        )
    values = {
        "n": len(small),
        "least": study.least,
        "names": names,
        "more": " …" if len(small) > MOST_NAMED else "",
        "hidden": hidden,
        "smallest": SMALLEST_SHOWN,
    }
    return [Reason(template, values)]


def _running(study: CohortStudy) -> list[Reason]:
    if not study.cohorts.running:
        return []
    members = study.cohorts.members
    new = int(members.loc[members["windows"] <= 0, "customers"].sum())
    template = (
        "The {calendar} after {last} is not over: its cells show what is known so far and enter no "
        "pooled value, test or curve"
    )
    if new:
        template += "; its {new:count} new {new:customer is|customers are} no cohort yet"
    values = {"calendar": study.calendar_noun, "last": study.cohorts.last, "new": new}
    return [Reason(template + ".", values)]


def _few_cohorts(study: CohortStudy) -> list[Reason]:
    few = study.pooled[study.pooled["few_cohorts"] & (study.pooled["period_index"] > 0)]
    if few.empty:
        return []
    return [
        Reason(
            "From {noun} {age} on the pooled row rests on fewer than 3 cohorts, in the end on "
            "{customers:count} customers alone.",
            {"noun": study.noun, "age": int(few["period_index"].iloc[0]),
             "customers": int(few["at_risk"].iloc[-1])},
        )
    ]  # fmt: skip


def _money_limits(study: CohortStudy) -> list[Reason]:
    reasons = []
    if study.money.what == "revenue":
        reasons.append(
            Reason(
                "Unit costs are not known, so money here is revenue, not margin: what remains is "
                "less."
            )
        )
    if study.money.what == ITEMS:
        reasons.append(Reason("The export has no prices: money here counts the items bought."))
    if abs(study.revenue.unplaced) >= 1:
        reasons.append(
            Reason(
                "{money:money} of {what} belongs to no age: refunds to customers without a "
                "purchase in the data, or before their first.",
                {"money": study.revenue.unplaced, "what": study.revenue.what},
            )
        )
    return reasons


def _not_recorded(study: CohortStudy) -> list[Reason]:
    sizes = cohort_sizes(study.cohorts)
    if study.cohorts.cohort_by == FIRST_ORDER or NOT_RECORDED not in sizes.index:
        return []
    total = new_customers(study.cohorts)
    people = int(at_risk(study.cohorts)[0][NOT_RECORDED])
    return [
        Reason(
            "{n:count} of {total:count} customers have no {column} and stand as a cohort of their "
            "own.",
            {"n": people, "total": total, "column": study.cohorts.cohort_by.replace("_", " ")},
        )
    ]
