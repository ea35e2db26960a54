"""How far the page on propensity can be relied on."""

from shared.analysis.intervals import wilson
from shared.analysis.multiple_testing import SETTLED
from shared.analysis.propensity import PropensityStudy
from shared.analysis.propensity_examples import CARE_POSITIVES
from shared.analysis.propensity_names import name_of
from shared.analysis.verdicts import Reason, Verdict, judge

NEARLY_CERTAIN = 0.99
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
            Reason("An AUC of {auc} is first a sign that some column knows the answer.",
                   {"auc": study.auc})
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
    slope = study.measured["calibration_slope"]
    if slope.high < 0.9 or slope.low > 1.1:
        reasons.append(
            Reason("Scores are too {way}: calibration slope {slope}.",
                   {"way": "extreme" if slope.value < 1 else "timid", "slope": slope})
        )  # fmt: skip
    return judge([*reasons, *_promise_missed(study)])


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
