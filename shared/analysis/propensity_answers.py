"""How good the score is: what separates, what is kept of a promise, who is above 80."""

import math
from dataclasses import replace

from shared.analysis.column_words import lower_first
from shared.analysis.propensity import PropensityStudy
from shared.analysis.propensity_lists import FEWEST_TO_JUDGE, SURE, SureList
from shared.analysis.propensity_models import BASELINE, BOOSTING, LOGISTIC
from shared.analysis.propensity_words import did, goal, model_name, people, tested
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason


def separation(study: PropensityStudy) -> Reason:
    """Say how well the score separates, in words first, with the simplest score beside it."""
    auc, simple = study.auc, study.simplest["auc"]
    values = {"auc": auc, "pairs": _of_100(auc.value), "alone_pairs": _of_100(simple.value),
              "most": _of_100(auc.high), "model": model_name(study),
              "alone": model_name(study, BASELINE)}  # fmt: skip
    case = f"Of two {people(study)}, one who {did(study)} and one who did not, "
    picks = " the right one in {pairs:count} of 100 cases (AUC {auc}; chance does in 50)"
    if study.finds_nothing:
        return Reason(
            f"Nothing in these columns foretells {goal(study)}: {lower_first(case)}a score learnt "
            f"from them picks{picks}, and hardly more than {{most:count}}.",
            values,
        )
    if study.tested.chosen == BASELINE:
        return Reason(
            case + "{model} picks" + picks + ", and nothing more complicated adds enough to be "
            "used.", values,
        )  # fmt: skip
    gain = study.tested.gain(study.tested.chosen, BASELINE)
    settled = "" if gain.low > 0 else ", a gain that is not settled"
    return Reason(
        case + "the score picks" + picks + ", {alone} in {alone_pairs:count}" + settled + ".",
        values,
    )


def _of_100(auc: float) -> int:
    return round(100 * auc)


def good_for(study: PropensityStudy) -> Reason:
    """Say what the score is good for, and what it does not tell."""
    rate = study.measured["base_rate"]
    if study.finds_nothing:
        return Reason("Of all, {rate:share.1} did; the score is good for no order of people.",
                      {"rate": rate})  # fmt: skip
    return Reason(
        "Of all, {rate:share.1} did. The score is good for the order in which to contact people; "
        "whether a contact changes anything it does not tell.", {"rate": rate},
    )  # fmt: skip


def nothing_found(study: PropensityStudy) -> Reason:
    """Say that there is no effect to act upon."""
    skill = study.measured["brier_skill"]
    than = "smaller" if skill > 0 else "larger"
    return Reason(
        "No effect was found: a score learnt from these columns orders people no better than "
        f"chance, and its squared error is {{brier_skill}} {than} than that of the same average "
        "score for everybody.",
        {"brier_skill": tested(study, abs(skill), unit="share")},
    )


def chosen_why(study: PropensityStudy) -> Reason:
    """Say which model is used and what the others would add on the tested rows."""
    chosen, found = study.tested.chosen, study.tested
    values = {"margin": study.settings.least_gain, "model": model_name(study)}
    if chosen == BASELINE:
        values["gain"] = found.gain(LOGISTIC, BASELINE)
        return Reason(
            "Recommended is the simplest score: {model}. The readable model adds {gain} to its "
            "AUC on the tested rows, and {margin:number.2} on the rows kept for calibration was "
            "asked for.", values,
        )  # fmt: skip
    values |= {"gain": (gain := found.gain(chosen, BASELINE)), "low": gain.low, "high": gain.high,
               "alone": model_name(study, BASELINE)}  # fmt: skip
    settled = "" if gain.low > 0 else " The interval holds 0: the gain is not settled."
    other = BOOSTING if chosen == LOGISTIC else LOGISTIC
    values |= {"other": model_name(study, other), "more": (more := found.gain(other, chosen)),
               "more_low": more.low, "more_high": more.high}  # fmt: skip
    return Reason(
        "In use: {model}. Its AUC is {gain} ({low:ratio} to {high:ratio}) higher than by {alone}."
        + settled + " With {other} it would differ by {more} ({more_low:ratio} to "
        "{more_high:ratio}). A model has to add {margin:number.2} on rows kept from the test to "
        "replace a simpler one.", values,
    )  # fmt: skip


def drivers_read(study: PropensityStudy) -> Reason:
    """Say what the bars of the drivers are, and of which model."""
    other = (
        " The score itself is by the boosted trees, which also see bends and joint effects."
        if study.tested.chosen == BOOSTING
        else ""
    )
    return Reason(
        "The bars are of the readable model: how many times the odds of "
        + goal(study)
        + " change over a usual difference (one standard deviation) between "
        + people(study)
        + "."
        + other
    )


def calibrated(study: PropensityStudy) -> Reason:
    """Say whether a score of so many means so many in 100."""
    slope = study.measured["calibration_slope"]
    error = study.measured["calibration_error"]
    table = study.calibration
    missed = (table["propensity"] < table["low"]) | (table["propensity"] > table["high"])
    values = {"points": 100 * error, "slope": slope, "low": slope.low, "high": slope.high,
              "skill": study.measured["brier_skill"], "groups": len(table),
              "missed": int(missed.sum())}  # fmt: skip
    if math.isnan(slope.value):
        return Reason(
            "Everybody has the same score, so there is nothing to calibrate. Promised and observed "
            "rate differ by {points:number.1} percentage points.", values,
        )  # fmt: skip
    return Reason(
        "In {missed:count} of {groups:count} groups the promise lies outside the interval of what "
        "was observed. The calibration slope is {slope} ({low:ratio} to {high:ratio}; 1 is right, "
        "below 1 scores are too extreme). The squared error (Brier score) is {skill:share} smaller "
        "than with the same average score for everybody.", values,
    )  # fmt: skip


def came_true(study: PropensityStudy) -> Reason:
    """Say who is above 80 and how often such scores came true later."""
    now = int((study.today > SURE).sum())
    return _sure_answer(study.sure, now=now, who=people(study), goal=goal(study), did=did(study),
                        today=study.has_orders)  # fmt: skip


def day_came_true(study: PropensityStudy) -> Reason:
    """Say the same for the next 24 hours; raises the reason where there is no such score."""
    day = known(study.day)
    sure = replace(day.sure, best=replace(day.sure.best, of="customer days at the top"))
    return _sure_answer(sure, now=day.above_now, who="customers", today=True,
                        goal="an order within 24 hours", did="ordered within 24 hours")  # fmt: skip


def day_separates(study: PropensityStudy) -> Reason:
    """Say how well the score for 24 hours separates, and what the likeliest are worth."""
    day = known(study.day)
    drawn = ("It was learnt and tested on {drawn:count} of {customers:count} customers, drawn by a "
             "hash of their ids. " if day.drawn < day.customers else "")  # fmt: skip
    return Reason(
        "For the next 24 hours the AUC is {auc} ({low:ratio} to {high:ratio}), on {n:count} "
        "customer days of {days:count} days of which {rate:share.1} brought an order. " + drawn
        + "The highest score of today is {highest:number.0} of 100.",
        {"auc": day.measured["auc"], "low": day.measured["auc"].low,
         "high": day.measured["auc"].high, "n": len(day.tested.rows),
         "days": len(day.windows.test), "rate": day.measured["base_rate"],
         "highest": 100 * day.highest_now, "drawn": day.drawn, "customers": day.customers},
    )  # fmt: skip


def _sure_answer(sure: SureList, *, now: int, who: str, goal: str, did: str, today: bool) -> Reason:
    values: dict[str, object]
    values = {"now": now, "sure": SURE, "rate": sure.rate, "n": sure.rate.n, "best": sure.best,
              "size": sure.best_size, "highest": 100 * sure.highest, "fewest": FEWEST_TO_JUDGE,
              "hits": round(sure.rate.value * sure.rate.n) if sure.rate.n else 0}  # fmt: skip
    listed = (
        "Today {now:count} " + who + " {now:has|have} a chance of more than {sure:share} of "
        f"{goal}. "
        if today else ""
    )  # fmt: skip
    if not sure.rate.n:
        values = {"best": sure.best} | values  # the first estimate gives n and interval
        opening = listed if now else ""
        return Reason(
            opening + f"Nobody reached {{sure:share}} for {goal} at the test: the highest score "
            "was {highest:number.0}, and the best reachable precision is {best}, on a list of "
            "{size:count}.", values,
        )  # fmt: skip
    if sure.rate.n < FEWEST_TO_JUDGE:
        return Reason(
            listed + f"At the test {{n:count}} stood above {{sure:share}} and {{hits:count}} of "
            f"them {did}: too few to judge, {{fewest:count}} would do. The best precision of a "
            "list is {best}, with {size:count} on it.", values,
        )  # fmt: skip
    return Reason(
        listed + f"At the test {{n:count}} stood above {{sure:share}}, and {{rate}} of them {did}.",
        values,
    )
