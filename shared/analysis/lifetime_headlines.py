"""How the page opens: the verdict with its reasons, the findings, the key figures."""

from shared.analysis.abc import top_share
from shared.analysis.dominance import MISLEADING, largest_share
from shared.analysis.intervals import wilson
from shared.analysis.lifetime_answers import cash_flow
from shared.analysis.lifetime_backtest_answers import came_true
from shared.analysis.lifetime_formula import mean_past_value
from shared.analysis.lifetime_margin import ITEMS
from shared.analysis.lifetime_miss import came_in_money, corrected_money, missed, outdone
from shared.analysis.lifetime_rank_answers import tiers
from shared.analysis.lifetime_segment_answers import idle, rises_corrected, rising
from shared.analysis.lifetime_value import (
    ENOUGH_GAPS,
    ENOUGH_REPEATERS,
    LifetimeStudy,
    short_reason,
)
from shared.analysis.lifetime_without_leaving import NO_LEAVING, model_name
from shared.analysis.verdicts import Level, Reason, Verdict, judge
from shared.loading.errors import NotSupportedByData


def lifetime_verdict(study: LifetimeStudy) -> Verdict:
    """Judge how far the forecast can be relied on; without a model it is not supported."""
    if isinstance(study.ahead, NotSupportedByData):
        needs = f" Needed: {study.ahead.needs}." if study.ahead.needs else ""
        reason = Reason(
            "No forecast: {why}.{needs} Only the historical value is shown.",
            {"why": short_reason(study.ahead), "needs": needs},
        )
        return Verdict(Level.UNSUPPORTED, (reason,))
    return judge([*_too_little(study), *_test_failed(study), *_model_doubts(study)])


def headlines(study: LifetimeStudy) -> list[tuple[str, Reason]]:
    """Choose the findings that open the page, each with a name that stays; the backtest first."""
    if isinstance(study.ahead, NotSupportedByData):
        chosen = _of_the_past(study)
    else:
        chosen = [
            ("forecast", _joined(cash_flow(study)[0], corrected_money(study))),
            ("tiers", tiers(study)[0]),
            *_idle(study),
        ]
        said = rising(study)[0]
        leaving = study.outlook.ladder.model.method != NO_LEAVING
        if "gain" in said.values and leaving and rises_corrected(study, said.values["segment"]):
            chosen.append(("rising", said))
        if not isinstance(study.backtest, NotSupportedByData):
            money = came_in_money(study.backtest, study.what)
            chosen.insert(0, ("backtest", _joined(came_true(study.backtest), money)))
    return [(name, Reason(said.template + ".", said.values)) for name, said in chosen]


def _joined(said: Reason, more: Reason) -> Reason:
    return Reason(said.template + more.template, {**said.values, **more.values})


def _idle(study: LifetimeStudy) -> list[tuple[str, Reason]]:
    """Tell of idle customers, unless the model cannot know them."""
    try:
        return [("idle", idle(study)[0])]
    except NotSupportedByData:
        return []


def totals(study: LifetimeStudy) -> dict[str, object]:
    """Give the key figures of the page by label."""
    figures: dict[str, object] = {
        "Customers": (len(study.base.customers), "count"),
        "of them came back": (study.repeaters, "count"),
    }
    if isinstance(study.ahead, NotSupportedByData):
        return figures
    months = study.horizon.months
    return figures | {
        f"Orders expected in {months} months": (study.forecast.orders.value, "count"),
        f"Value to come ({study.margin.noun}, discounted)": (study.forecast.value.value, "money"),
    }


def _of_the_past(study: LifetimeStudy) -> list[tuple[str, Reason]]:
    customers = study.base.customers
    once = wilson(len(study.summary) - study.repeaters, len(study.summary), of="customers")
    said = [
        ("once", Reason("{once} of customers have bought only once so far", {"once": once})),
        ("past", Reason("A customer has brought {past} so far on average",
                        {"past": mean_past_value(customers)})),
    ]  # fmt: skip
    if len(customers) >= 5:
        fifth = top_share(customers["monetary"])
        values = {"fifth": fifth, "what": study.what}
        said.append(("fifth", Reason("The largest fifth brings {fifth} of all {what}", values)))
    return said


def _too_little(study: LifetimeStudy) -> list[Reason]:
    reasons = []
    if study.repeaters < ENOUGH_REPEATERS:
        reasons.append(
            Reason("Only {n:count} customers came back: {enough:count} make the models steady.",
                   {"n": study.repeaters, "enough": ENOUGH_REPEATERS})
        )  # fmt: skip
    if study.history_days < ENOUGH_GAPS * study.median_gap_days:
        reasons.append(
            Reason(
                "The history of {days:days} is shorter than {gaps:count} median gaps "
                "between orders "
                "({gap:days} each).",
                {"days": study.history_days, "gaps": ENOUGH_GAPS, "gap": study.median_gap_days},
            )
        )
    held = largest_share(study.base.customers["monetary"])
    if held >= MISLEADING:
        reasons.append(Reason("One customer brings {share:share} of the total: the money follows "
                              "that customer.", {"share": held}))  # fmt: skip
    if study.margin.basis == ITEMS:
        reasons.append(Reason("The export has no prices: items bought stand for money."))
    return reasons


def _test_failed(study: LifetimeStudy) -> list[Reason]:
    if isinstance(study.backtest, NotSupportedByData):
        return [
            Reason("The forecast could not be tried on earlier data: {why}.",
                   {"why": study.backtest.reason})
        ]  # fmt: skip
    test = study.tested
    reasons = [*missed(test, study.what), *outdone(test)]
    if not test.inside:
        reasons.append(Reason("In the backtest the 95% interval did not hold what happened."))
    return reasons


def _model_doubts(study: LifetimeStudy) -> list[Reason]:
    ahead = study.outlook
    reasons = []
    if len(ahead.ladder.steps) > 1:
        penalised = " with a penaliser" if ahead.ladder.model.penaliser else ""
        reasons.append(
            Reason("The first model could not be fitted; the figures are those of {name}{how}.",
                   {"name": model_name(ahead.ladder.model), "how": penalised})
        )  # fmt: skip
    if ahead.spend.model is None:
        reasons.append(Reason("Spend per order could not be modelled: everybody is given the mean "
                              "of all orders."))  # fmt: skip
    if not ahead.parameters_move:
        reasons.append(Reason("How unsure the model's parameters are could not be told: intervals "
                              "are too narrow."))  # fmt: skip
    return reasons
