"""How often the sentiment is right: what the page says beside its claims."""

from shared.analysis.intervals import Estimate
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason
from shared.analysis.voice_study import VoiceStudy
from shared.loading.errors import NotSupportedByData


def checked(study: VoiceStudy) -> Reason:
    """Say how far the sentiment agrees with the client's own stars."""
    if isinstance(study.quality, NotSupportedByData):
        return Reason("There are no stars to check the sentiment against: its error is not known.")
    return Reason(
        "Checked against the customers' own stars: the sign is right in {sign} of the texts that "
        "are not neutral (calling all of them positive would be right in {always:share}); of the "
        "texts with low stars {recall} are found; weighted kappa {kappa}.",
        {"sign": measured(study, "sign_accuracy"), "always": study.measure("always_positive"),
         "recall": measured(study, "complaint_recall"), "kappa": measured(study, "kappa")},
    )  # fmt: skip


def trust(study: VoiceStudy) -> Reason:
    """Say in a few words how often the sentiment is right, to stand beside a claim."""
    if isinstance(study.quality, NotSupportedByData):
        return Reason("How often the sentiment behind this is right is not known: no stars.")
    return Reason(
        "The sentiment behind this has the right sign in {sign:share} of the texts with stars and "
        "finds {recall:share} of those with low stars.",
        {"sign": study.measure("sign_accuracy"), "recall": study.measure("complaint_recall")},
    )


def measured(study: VoiceStudy, name: str) -> Estimate:
    """Give one measure of agreement with the stars, over all languages."""
    rows = known(study.quality)
    row = rows[(rows["measure"] == name) & (rows["language"] == "")].iloc[0]
    unit = "number" if name == "kappa" else "share"
    value, low, high = (float(row[column]) for column in ("value", "low", "high"))
    return Estimate(value, low, high, int(row["n"]), unit, of="texts")
