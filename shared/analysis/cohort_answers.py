"""What the cohort page answers: templates and values for each of its questions."""

import pandas as pd

from shared.analysis.cohort import pooled_share, repeat_rate, still_buying
from shared.analysis.cohort_activity import cohort_sizes
from shared.analysis.cohort_attrition import steepest_drop, step_change
from shared.analysis.cohort_members import FIRST_ORDER
from shared.analysis.cohort_money_answers import bringing_in, paying_back
from shared.analysis.cohort_payback import Payback
from shared.analysis.cohort_promotion import came_back
from shared.analysis.cohort_study import CohortStudy, answer
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import Finding
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

MOST_NAMED = 6
COMING_BACK = {
    "active": "{share} of new customers order again in {when}",
    "on_or_after": "{share} of new customers order in {when} or later, as far as seen",
    "relative": "Of those active one {noun} before, {share} order in {noun} {age} too",
}


def coming_back(study: CohortStudy) -> Reason:
    """Answer: do new customers come back?"""
    share = pooled_share(study.pooled, study.age)
    # Month 1 is the next calendar month: a second order in the first month does not count.
    when = "{noun} {age}"
    if study.by_calendar:
        when = f"{'the {noun}' if study.age == 1 else when} after their first order {{noun}}"
    template = COMING_BACK[study.definition].replace("{when}", when)
    return answer(template, study, share=share, age=study.age)


def coming_back_of(study: CohortStudy) -> Reason:
    """Answer as the headline does: with whom the share leaves out, or cannot."""
    said = coming_back(study)
    if study.cohorts.cohort_by != FIRST_ORDER:
        return said
    template = "; the {first_n:count} of {first}, who may be older than the data, are left out"
    if study.rests_on_first:
        template = "; the {first_n:count} of {first} among them may be older than the data"
    first = study.cohorts.first
    size = int(cohort_sizes(study.cohorts).iloc[0])
    return Reason(said.template + template, {**said.values, "first": first, "first_n": size})


def staying(study: CohortStudy) -> Reason:
    """Answer: of the customers won in one cohort, how many still buy at the later age?"""
    seen = still_buying(study.cells, study.later_age)
    in_time = study.cohorts.cohort_by == FIRST_ORDER
    # The newest cohort that is old enough, and large enough to speak of; the largest group.
    large = seen[seen["at_risk"] >= study.least]
    row = large.iloc[-1 if in_time else 0] if len(large) else seen.nlargest(1, "at_risk").iloc[0]
    share = wilson(row["customers"], row["at_risk"], of="customers")
    template = (
        "Of the {won:count} customers won in {cohort}, {stayed:count} {stayed:buys|buy} in {noun} "
        "{age}: {share}"
        if in_time
        else "Of {won:count} customers of {cohort} followed that long, {stayed:count} "
        "{stayed:buys|buy} in {noun} {age}: {share}"
    )
    return answer(
        template,
        study,
        share=share,
        won=int(row["at_risk"]),
        stayed=int(row["customers"]),
        cohort=row["cohort"],
        age=study.later_age,
    )


def staying_caption(study: CohortStudy) -> Reason:
    """Caption the table of all cohorts at the later age."""
    return answer("Customers of each cohort who buy in {noun} {age}", study, age=study.later_age)


def leaving(study: CohortStudy) -> Reason:
    """Answer: from which age on do customers begin to leave?

    A fall is only named when it is more than chance at 1 %; the trend speaks only where no
    single step does.
    """
    drop, trend = steepest_drop(study.steps), study.trend
    if drop is not None:
        return answer(
            "The steepest drop follows {noun} {start}: of customers seen in both, {before:share} "
            "buy in it and {after:share} in {noun} {end}, a fall of {fall:number.1} points",
            study, fall=points(step_change(drop), sign=-1), start=int(drop["from_index"]),
            end=int(drop["to_index"]), before=float(drop["share_before"]),
            after=float(drop["share_after"]),
        )  # fmt: skip
    if isinstance(trend, Estimate) and trend.high < 0:
        return answer(
            "Buying fades by {fall:number.1} points a {noun} from {noun} 1 on, with age or the "
            "season, and no single {noun} stands out",
            study, fall=points(trend, sign=-1),
        )  # fmt: skip
    if isinstance(trend, Estimate) and trend.low > 0:
        return answer(
            "The share who buy rises by {rise:number.1} points a {noun}, with age or the season, "
            "and no {noun} of age shows a drop beyond chance",
            study, rise=points(trend, sign=1),
        )  # fmt: skip
    return _staying_level(study)


def _staying_level(study: CohortStudy) -> Reason:
    pooled = study.active_pooled
    known = pooled[(pooled["period_index"] > 0) & ~pooled["few_cohorts"]]
    first = pooled_share(pooled, 1)
    if known.empty:
        return answer("Too few cohorts are old enough to see when customers leave; in {noun} 1 "
                       "{share} buy", study, share=first)  # fmt: skip
    oldest = int(known["period_index"].max())
    return answer(
        "No {noun} of age stands out: {share} buy in {noun} 1, {later:share} in {noun} {oldest}",
        study, share=first, later=pooled_share(pooled, oldest).value, oldest=oldest,
    )  # fmt: skip


def points(share: Estimate, *, sign: int) -> Estimate:
    """Turn a change of a share into percentage points, a fall (sign -1) as a positive number."""
    low, high = sorted(100 * sign * bound for bound in (share.low, share.high))
    return Estimate(100 * sign * share.value, low, high, share.n, "number", share.level, share.of)


def churning(study: CohortStudy) -> Reason:
    """Answer: what share of buyers stays away in the next period?"""
    rates = study.rates
    total = wilson(rates["active_before"].sum() - rates["kept"].sum(), rates["active_before"].sum())
    return answer(
        "{churn} of those who bought in one {calendar} stay away in the next", study, churn=total
    )


def off_the_calendar(study: CohortStudy) -> Reason:
    """Answer: was it the age of the customers or a bad calendar period?"""
    effects = study.effects
    if isinstance(effects, NotSupportedByData):
        return answer(effects.reason, study)
    flagged = effects[effects["finding"] == Finding.DIFFERS]
    tested = int(effects["difference"].notna().sum())
    if flagged.empty:
        return answer(
            "None of {tested:count} {calendar}s lies off what is expected from age and cohort",
            study, tested=tested,
        )  # fmt: skip
    ordered = flagged.sort_values("difference")
    weak = ordered.loc[ordered["difference"] < 0, "period"]
    strong = ordered.loc[ordered["difference"] > 0, "period"].iloc[::-1]
    (weak_names, weak_values), (strong_names, strong_values) = (
        _named("weak", weak), _named("strong", strong)
    )  # fmt: skip
    row = ordered.iloc[0 if len(weak) else -1]
    gap = Estimate(row["difference"], row["low"], row["high"], int(row["at_risk"]), "share")
    than = "than expected from age and cohort"
    stronger = f"stronger{'' if len(weak) else f' {than}'}: {strong_names}"
    said = [f"Weaker {than}: {weak_names}" if len(weak) else
            "No {calendar} was weak", *[stronger][: len(strong)]]  # fmt: skip
    return answer(
        f"{'; '.join(said)}. In {{period}} {{active:share}} of earlier customers bought, "
        "{expected:share} were expected",
        study, gap=gap, period=row["period"], active=float(row["active_share"]),
        expected=float(row["expected_share"]), **weak_values, **strong_values,
    )  # fmt: skip


def _named(kind: str, periods: pd.Series) -> tuple[str, dict[str, object]]:
    """Name periods in a template, each by a field of its own; after six say how many more."""
    values: dict[str, object] = {
        f"{kind}_{i}": period for i, period in enumerate(periods.iloc[:MOST_NAMED], start=1)
    }
    text = ", ".join(f"{{{name}}}" for name in values)
    if len(periods) > MOST_NAMED:
        text += f" and {{{kind}_more:count}} more"
        values[f"{kind}_more"] = len(periods) - MOST_NAMED
    return text, values


def standing_out(study: CohortStudy) -> Reason:
    """Answer: which cohort repeats most, and does any differ from the rest?"""
    tests = study.pooling(study.tests)
    everyone = wilson(tests["customers"].sum(), tests["at_risk"].sum(), of="customers")
    flagged = judged(study)
    if flagged.empty:
        return answer(
            "No cohort stands out: of {tested:count} tested none differs from the rest, and "
            f"{{share}} of their customers came back {span(study)}",
            study, tested=int(tests["q"].notna().sum()), share=everyone,
        )  # fmt: skip
    row = flagged.iloc[int(flagged["difference"].abs().argmax())]
    side = "least" if row["difference"] < 0 else "most"
    return answer(
        f"{{cohort}} repeats {side}: {{share}} came back {span(study)}, against {{rest:share}} "
        "of all others",
        study, cohort=row["cohort"],
        share=wilson(row["customers"], row["at_risk"], of="customers"),
        rest=float(row["rest"]),
    )  # fmt: skip


def judged(study: CohortStudy) -> pd.DataFrame:
    """List the cohorts that differ."""
    return study.tests[study.tests["finding"] == Finding.DIFFERS]


def bargain_hunting(study: CohortStudy) -> Reason:
    """Answer: are the customers of a promotion one-time bargain hunters?"""
    promotions = study.promotions
    if isinstance(promotions, NotSupportedByData):
        return answer(promotions.reason, study)
    flagged = promotions[promotions["finding"] == Finding.DIFFERS]
    pick = flagged if len(flagged) else promotions[promotions["difference"].notna()]
    row = pick.iloc[int(pick["difference"].abs().argmax())]
    template = {
        "weak": "The customers of {promotion} mostly bought once: {share} came back within "
        "{days:days}, against {neighbours:share} of those won around it",
        "strong": "The customers of {promotion} last: {share} came back within {days:days}, "
        "against {neighbours:share} of those won around it",
        "open": "No promotion differs from its neighbours by more than chance: of {promotion} "
        "{share} came back within {days:days}, of those won around it {neighbours:share}",
    }[("open" if flagged.empty else "weak" if row["difference"] < 0 else "strong")]
    return answer(
        template, study, share=came_back(row), promotion=row["promotion"],
        days=int(row["followup_days"]), neighbours=float(row["neighbours_back"]),
    )  # fmt: skip


def repeating(study: CohortStudy) -> Reason:
    """Say how many have ordered twice or more, at whatever age."""
    return answer(
        "Of all {n:count} customers {repeat} have ordered twice or more so far.",
        study,
        repeat=repeat_rate(study.cohorts),
        n=repeat_rate(study.cohorts).n,
    )


def headlines(study: CohortStudy) -> list[tuple[str, Reason]]:
    """Choose the findings that open the page, each with a name that stays."""
    chosen = [
        ("return", coming_back_of(study)),
        ("staying", staying(study)),
        ("leaving", leaving(study)),
    ]
    if isinstance(study.promotions, pd.DataFrame):
        chosen.append(("promotion", bargain_hunting(study)))
    else:
        chosen.append(("difference", standing_out(study)))
    paid = isinstance(study.payback, Payback) and study.payback.table["cost_per_customer"].any()
    chosen.append(("payback", paying_back(study)) if paid else ("worth", bringing_in(study)))
    return [(name, Reason(said.template + ".", said.values)) for name, said in chosen]


def span(study: CohortStudy) -> str:
    """Write the follow-up of the comparison of cohorts; month 1 is the next calendar month."""
    if not study.by_calendar:
        return f"within {study.age} {study.noun}{'s'[: study.age != 1]}"
    if study.age == 1:
        return f"in the calendar {study.noun} after their first"
    return f"in the {study.age} calendar {study.noun}s after their first"
