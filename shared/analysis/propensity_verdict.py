"""How far the page on propensity can be relied on."""

from shared.analysis.propensity import PropensityStudy
from shared.analysis.propensity_examples import CARE_POSITIVES
from shared.analysis.propensity_names import name_of
from shared.analysis.verdicts import Reason, Verdict, judge

NEARLY_CERTAIN = 0.99


def propensity_verdict(study: PropensityStudy) -> Verdict:
    """Judge how far the page can be relied on; what knows the answer is said first."""
    reasons = []
    for row in study.audit.suspects.head(3).to_dict("records"):
        reasons.append(
            Reason("{feature}: {suspicion}; {action}",
                   {"feature": name_of(str(row["feature"])), "suspicion": row["suspicion"].value,
                    "action": row["action"]})
        )  # fmt: skip
    if study.auc.value > NEARLY_CERTAIN:
        reasons.append(
            Reason("an AUC of {auc} is first a sign that some column knows the answer",
                   {"auc": study.auc})
        )  # fmt: skip
    positives = study.examples.positives
    fewest = min(positives, len(study.examples.outcome) - positives)
    if fewest < CARE_POSITIVES:
        reasons.append(
            Reason("only {n:count} rows of the rarer outcome; {gate:count} would do",
                   {"n": fewest, "gate": CARE_POSITIVES})
        )  # fmt: skip
    if not study.examples.timed:
        reasons.append(
            Reason("the rows have no dates: the score is tested on other people, not on later ones")
        )
    slope = study.measured["calibration_slope"]
    if slope.high < 0.9 or slope.low > 1.1:
        reasons.append(
            Reason("scores are too {way}: calibration slope {slope}",
                   {"way": "extreme" if slope.value < 1 else "timid", "slope": slope})
        )  # fmt: skip
    return judge(reasons)
