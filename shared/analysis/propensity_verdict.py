"""How far the page on propensity can be relied on."""

from shared.analysis.intervals import wilson
from shared.analysis.multiple_testing import SETTLED
from shared.analysis.propensity import PropensityStudy
from shared.analysis.propensity_examples import CARE_POSITIVES
from shared.analysis.propensity_names import name_of
from shared.analysis.propensity_words import did, people
from shared.analysis.verdicts import Reason, Verdict, judge

NEARLY_CERTAIN = 0.99
USEFUL = 0.55  # AUC; from there the best tenth holds about a quarter more buyers than the average
MUCH_OFF = 0.1  # of the rate that came true, as far as the calibration slope may be off


def propensity_verdict(study: PropensityStudy) -> Verdict:
    """Judge how far the page can be relied on; what knows the answer is said first."""
    reasons = []
    for row in study.audit.suspects.head(3).to_dict("records"):
        reasons.append(
            Reason("{feature}: {suspicion}; {action}.",
                   {"feature": name_of(str(row["feature"])), "suspicion": row["suspicion"].value,
                    "action": row["action"]})
        )  # fmt: skip
    if study.auc.value > NEARLY_CERTAIN:
        reasons.append(
            Reason("An AUC of {auc}, where 1 is perfect, is first a sign that some column knows "
                   "the answer.", {"auc": study.auc})
        )  # fmt: skip
    positives = study.examples.positives
    fewest = min(positives, len(study.examples.outcome) - positives)
    if fewest < CARE_POSITIVES:
        reasons.append(
            Reason("There are only {n:count} rows of the rarer outcome; {gate:count} would do.",
                   {"n": fewest, "gate": CARE_POSITIVES})
        )  # fmt: skip
    if not study.examples.timed:
        reasons.append(
            Reason(
                "The rows have no dates: the score is tested on other people, not on later ones."
            )
        )
    weak = _might_be_missed(study) if study.finds_nothing else _scores_off(study)
    return judge([*reasons, *weak, *_promise_missed(study)])


def _might_be_missed(study: PropensityStudy) -> list[Reason]:
    """Say that nothing was found where a useful score is not excluded."""
    auc = study.auc
    if auc.high < USEFUL:
        return []
    return [
        Reason(
            "No score was found, but one that picks the right one of two in up to {most:count} of "
            "100 cases is not excluded: {buyers:count} of {n:count} tested "
            + people(study) + " " + did(study) + ".",
            {"most": round(100 * auc.high), "n": auc.n,
             "buyers": int(study.tested.outcome.sum())},
        )
    ]  # fmt: skip


def _scores_off(study: PropensityStudy) -> list[Reason]:
    """Say that scores are too far from their average, or too near; of chance none is neither."""
    slope = study.measured["calibration_slope"]
    if slope.high >= 0.9 and slope.low <= 1.1:
        return []
    return [
        Reason("Scores are too {way}: calibration slope {slope}, and 1 is right.",
               {"way": "extreme" if slope.value < 1 else "timid", "slope": slope})
    ]  # fmt: skip


def _promise_missed(study: PropensityStudy) -> list[Reason]:
    """Say where the scores were off on average by more than chance, and by a tenth or more."""
    promised, n = float(study.tested.score.mean()), len(study.tested.score)
    came = float(study.measured["base_rate"])
    sure = wilson(came * n, n, level=1 - SETTLED)
    if sure.low <= promised <= sure.high or abs(promised / came - 1) < MUCH_OFF:
        return []
    return [
        Reason(
            "At the test the scores promised {promised:share.1} on average and {came:share.1} came "
            "true: their level is off by more than chance.",
            {"promised": promised, "came": came},
        )
    ]
