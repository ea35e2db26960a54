"""What to do about cohorts: at most five actions with segment, size and money."""

from dataclasses import replace

import pandas as pd

from shared.analysis.actions import Action
from shared.analysis.cohort_activity import observed
from shared.analysis.cohort_answers import judged, span
from shared.analysis.cohort_attrition import steepest_drop
from shared.analysis.cohort_payback import Payback
from shared.analysis.cohort_precedent import precedent, precedent_worth
from shared.analysis.cohort_promotion import worth_difference
from shared.analysis.cohort_study import CohortStudy, in_words
from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import Finding

MOST_ACTIONS = 5
FEWEST = 10  # customers worth a campaign of their own


def cohort_actions(study: CohortStudy) -> list[Action]:
    """Derive the actions from what was found; a finding that is not settled leads to none."""
    promoted = _promotion(study)
    found = [*_second_order(study), *_win_back(study), *promoted, *_spend(study)]
    # A weak promotion makes its cohort weak: one action for one cause.
    if not promoted:
        found += _standing_out(study)
    return [
        replace(a, template=in_words(a.template, study), money_is=in_words(a.money_is, study))
        for a in found[:MOST_ACTIONS]
    ]


def _second_order(study: CohortStudy) -> list[Action]:
    """Ask the newest customers for a second order while they are as old as those who came back."""
    members = study.cohorts.members
    newest = members[members["windows"].between(1, study.age)]
    size = int(newest["customers"].sum())
    share = precedent(study)
    if size < FEWEST or pd.isna(share.value):
        return []
    since = pd.Period(ordinal=int(newest["first_period"].min()), freq=study.cohorts.last.freqstr)
    won = "in {since}" if since == study.cohorts.last else "from {since} to {last}"
    return [
        Action(
            f"Ask the {{size:count}} customers won {won} for a second order now: by precedent "
            "{share:share} order in {noun} {age}, and together they bring {money:money} of {what} "
            "up to then.",
            "Newest customers", size, precedent_worth(study) * size,
            {"share": share.value, "since": since, "last": study.cohorts.last, "age": study.age},
            "{what} by precedent",
        )
    ]  # fmt: skip


def _win_back(study: CohortStudy) -> list[Action]:
    """Write before the steepest drop to those who are about to reach it."""
    drop = steepest_drop(study.steps)
    if drop is None:
        return []
    start = int(drop["from_index"])
    near = study.cohorts.members[study.cohorts.members["windows"] == start + 1]
    size = int(near["customers"].sum())
    amount = study.pooled_money.set_index("period_index")["per_customer"].get(start, 0.0)
    active = max(float(drop["share_before"]), 1e-9)
    at_stake = -float(drop["change"]) / active * float(amount) * size
    if size < FEWEST:
        return []
    return [
        Action(
            "Start win-back in {noun} {start}, before the steepest drop: {size:count} customers "
            "are that old now, and the drop costs about {money:money} of {what} a {noun}.",
            f"Customers in {study.noun} {start}", size, at_stake,
            {"start": start}, "{what} lost a {noun}",
        )
    ]  # fmt: skip


def _promotion(study: CohortStudy) -> list[Action]:
    """Ask for a trial of the promotion that differs: unrandomised, it shows no effect."""
    if not isinstance(study.promotions, pd.DataFrame):
        return []
    flagged = study.promotions[study.promotions["finding"] == Finding.DIFFERS]
    if flagged.empty:
        return []
    row = flagged.iloc[int(flagged["difference"].argmin())]
    gap, n = worth_difference(row), int(row["customers"])
    side = "less" if gap.value < 0 else "more"
    template = (
        "Test {segment} against a held-out group before repeating it: of its {size:count} "
        "customers {back:share} came back within {days:days}, of their neighbours "
        "{neighbours:share}; they brought {money:money} of {what} " + side + " than as many "
        "neighbours"
    )
    values: dict[str, object] = {
        "back": float(row["came_back"]),
        "neighbours": float(row["neighbours_back"]),
        "days": int(row["followup_days"]),
    }
    if pd.notna(row["worth_after_cost"]):
        template += ", and each left {net:money} of {what} after acquisition cost"
        values["net"] = float(row["worth_after_cost"])
    if pd.notna(row["neighbours_worth_after_cost"]) and "net" in values:
        template += ", a neighbour {neighbours_net:money}"
        values["neighbours_net"] = float(row["neighbours_worth_after_cost"])
    template += " (association, not effect)."
    between = "{what} difference"
    return [Action(template, str(row["promotion"]), n, _times(gap, n), values, between)]


def _times(gap: Estimate, n: int) -> Estimate:
    """Turn a difference per customer into the amount of all of them, its size without sign."""
    bounds = sorted(abs(bound) for bound in (gap.low, gap.high))
    low = 0.0 if gap.low < 0 < gap.high else bounds[0]
    return Estimate(abs(gap.value) * n, low * n, bounds[1] * n, gap.n, "money", gap.level)


def _spend(study: CohortStudy) -> list[Action]:
    """Cap the paid source that returns least where it has not paid back; else feed the best."""
    if not isinstance(study.payback, Payback):
        return []
    paid = study.payback.table[study.payback.table["cost_per_customer"] > 0]
    actions = []
    for _, row in paid[paid["return_on_spend_high"] < 0].iterrows():
        lost = (row["cost_per_customer"] - row["worth_per_customer"]) * row["customers"]
        actions.append(
            Action(
                "Cap spending on {segment} until a customer costs less than {worth:money}, which "
                "is what one brings by {noun} {followed}: its {size:count} customers are "
                "{money:money} short of their cost.",
                str(row["cohort"]), int(row["customers"]), float(lost),
                {"worth": float(row["worth_per_customer"]), "followed": int(row["followed"])},
                "{what} short of cost",
            )
        )  # fmt: skip
    best = paid[paid["return_on_spend_low"] > 0].sort_values("return_on_spend").tail(1)
    for _, row in best.iterrows():
        actions.append(
            Action(
                "Test more spending on {segment}, the paid source with the highest return: its "
                "{size:count} customers cost {spent:money} and brought {money:money} of {what} "
                "beyond that by {noun} {followed}, if all did as those followed.",
                str(row["cohort"]), int(row["customers"]),
                float((row["worth_per_customer"] - row["cost_per_customer"]) * row["customers"]),
                {"spent": float(row["spent"]), "followed": int(row["followed"])},
                "{what} beyond cost",
            )
        )  # fmt: skip
    return actions[-2:]


def _standing_out(study: CohortStudy) -> list[Action]:
    """Look into the cohort that repeats least, with what its missing returns are worth."""
    weak = judged(study)
    weak = weak[weak["difference"] < 0]
    if weak.empty:
        return []
    row = weak.iloc[int(weak["difference"].argmin())]
    orders = observed(study.cohorts, "orders").sum().sum()
    per_order = study.money.steps["amount"].sum() / max(orders, 1)
    size = int(row["at_risk"])
    return [
        Action(
            "Find out what the customers of {cohort} were promised: {share:share} of {size:count} "
            f"came back {span(study)}, against {{rest:share}} of the others; one order each from "
            "those missing is worth {money:money} of {what}.",
            "Weakest cohort", size, -float(row["difference"]) * size * float(per_order),
            {"cohort": row["cohort"], "share": float(row["retention"]),
             "rest": float(row["rest"])},
            "{what} missing",
        )
    ]  # fmt: skip
