"""How often the sentiment is right: what the page says beside its claims."""

from shared.analysis.intervals import Estimate
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason
from shared.analysis.voice_sentiment_levels import stars_of
from shared.analysis.voice_study import VoiceStudy
from shared.loading.errors import NotSupportedByData


def checked(study: VoiceStudy) -> Reason:
    """Say how far the sentiment agrees with the client's own stars."""
    if isinstance(study.quality, NotSupportedByData):
        return Reason("There are no stars to check the sentiment against: its error is not known.")
    against = (
        "no better than calling every text positive ({always:share}), which would find no "
        "complaint; this reading finds"
        if study.is_no_better
        else "against {always:share} if every text were called positive; it finds"
    )
    return Reason(
        "Checked against the customers' own stars: the sign is right in {sign} of the texts whose "
        f"stars are not three, {against} {{recall}} of the texts with one or two stars. Weighted "
        "kappa, 0 for chance and 1 for full agreement, is {kappa}.",
        {"sign": measured(study, "sign_accuracy"), "always": study.measure("always_positive"),
         "recall": measured(study, "complaint_recall"), "kappa": measured(study, "kappa")},
    )  # fmt: skip


def to_label(study: VoiceStudy) -> Reason:
    """Say which texts to grade by hand, so that the error becomes known."""
    return Reason(
        "Grade the {n:count} texts that the file sample_to_label lists, from one to five, and "
        "supply the grades as rating: the next run then measures its error.",
        {"n": len(study.sample)},
    )


def choice(study: VoiceStudy) -> Reason | None:
    """Say what the choice between two readings costs, if the other finds more complaints."""
    for _, both in study.methods.groupby("language") if len(study.methods) else ():
        used, other = both[both["used"]], both[~both["used"]]
        if len(used) and len(other):
            found = float(used["complaint_recall"].iloc[0])
            missed = other[other["complaint_recall"] > found]
            if len(missed):
                row = missed.iloc[0]
                return Reason(
                    "The reading that agrees best over all levels is used. Where finding "
                    "complaints matters more: for {language}, reading by {method} finds "
                    "{more:share} of the texts with low stars, the one used {found:share}.",
                    {"language": row["language"], "method": row["method"], "found": found,
                     "more": float(row["complaint_recall"])},
                )  # fmt: skip
    return None


def trust(study: VoiceStudy) -> Reason:
    """Say in a few words how often the sentiment is right, to stand beside a claim."""
    if isinstance(study.quality, NotSupportedByData):
        return Reason("How often the sentiment behind this is right is not known: no stars.")
    no_better = ", no better than calling all positive," if study.is_no_better else ""
    return Reason(
        "The sentiment behind this has the right sign in {sign:share} of the texts with clear "
        f"stars{no_better} and finds {{recall:share}} of those with low stars.",
        {"sign": study.measure("sign_accuracy"), "recall": study.measure("complaint_recall")},
    )


def trust_topics(study: VoiceStudy) -> Reason:
    """Say how complaints about topics, read clause by clause, agree with the stars."""
    known = study.known.assign(stars=stars_of(study.known["rating"]).astype("float64"))
    complaining = set(study.mentions.loc[study.mentions["feeling"] < 0, "review_id"])
    complains = known["review_id"].isin(complaining)
    few, many = known["stars"] <= 2, known["stars"] >= 4
    if isinstance(study.quality, NotSupportedByData) or not few.any() or not many.any():
        return Reason("How often these complaints are read rightly is not known: no stars.")
    return Reason(
        "Clause by clause, some topic is complained of in {low:share} of the texts with one or two "
        "stars and in {high:share} of those with four or five.",
        {"low": float(complains[few].mean()), "high": float(complains[many].mean())},
    )


def measured(study: VoiceStudy, name: str) -> Estimate:
    """Give one measure of agreement with the stars, over all languages."""
    rows = known(study.quality)
    row = rows[(rows["measure"] == name) & (rows["language"] == "")].iloc[0]
    unit = "number" if name == "kappa" else "share"
    value, low, high = (float(row[column]) for column in ("value", "low", "high"))
    return Estimate(value, low, high, int(row["n"]), unit, of="texts")
