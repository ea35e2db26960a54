"""The limits of this client's data for the page on customers' voice."""

from shared.analysis.verdicts import Reason
from shared.analysis.voice import COPIED_WORDS
from shared.analysis.voice_study import VoiceStudy

MOST_LANGUAGES = 5


def voice_caveats(study: VoiceStudy) -> list[Reason]:
    """List what this client's data do to the page, each as a template with values."""
    return [
        *_placebo(study), *_set_aside(study), *_languages(study), *_neutral(study),
        *_who_writes(study), *_quotes(study),
    ]  # fmt: skip


def _placebo(study: VoiceStudy) -> list[Reason]:
    if not study.is_placebo:
        return []
    return [
        Reason(
            "This is the placebo: what each text felt, who wrote it, when and on what was dealt "
            "anew, at random."
        )
    ]


def _set_aside(study: VoiceStudy) -> list[Reason]:
    counted = study.texts.counted
    said = [
        Reason(
            "Of {given:count} texts {kept:count} are read: {empty:count} were empty, "
            "{wordless:count} held no word, {copied:count} repeat another text (the same "
            "customer's, or one of {words:count} words or more).",
            {"given": counted["given"], "kept": len(study.texts.frame), "empty": counted["empty"],
             "wordless": counted["wordless"], "copied": counted["duplicates"],
             "words": COPIED_WORDS},
        )
    ]  # fmt: skip
    for name, text in (
        ("markup", "Markup was taken off {n:count} {n:text|texts}."),
        ("bad_rating", "{n:count} {n:rating is|ratings are} off the scale and left out."),
        ("one_word", "{n:count} {n:text is|texts are} a single word."),
    ):
        if counted[name]:
            said.append(Reason(text, {"n": counted[name]}))
    return said


def _languages(study: VoiceStudy) -> list[Reason]:
    counts = study.scored["language"].value_counts()
    said = []
    named = ", ".join(sorted(counts.index[:MOST_LANGUAGES].astype(str)))
    unscored = study.scored["sentiment"].isna()
    if len(counts) > 1:
        said.append(
            Reason("The texts are in {n:count} languages ({named}); accuracy may differ by "
                   "language.", {"n": len(counts), "named": named})
        )  # fmt: skip
    if unscored.any():
        why = study.scored.loc[unscored, "why_not"].value_counts()
        said.append(
            Reason(
                "{n:count} {n:text has|texts have} no sentiment and {n:counts|count} in no share: "
                "{why}.",
                {"n": int(unscored.sum()), "why": "; ".join(sorted(why.index.astype(str)))},
            )
        )
    return said


def _neutral(study: VoiceStudy) -> list[Reason]:
    share = float((study.known["sentiment"] == 0).mean()) if study.n else 0.0
    return [
        Reason(
            "{share:share} of the texts are neutral. Neutral often means not understood: irony and "
            "words outside the lexicon end there.", {"share": share},
        )
    ]  # fmt: skip


def _who_writes(study: VoiceStudy) -> list[Reason]:
    frame = study.texts.frame
    unknown = float((frame["customer_id"] == "").mean())
    said = [Reason("Few customers write, and not the same as those who buy: shares are of texts.")]
    if unknown > 0:
        said.append(
            Reason("{share:share} of the texts name no customer and are not linked to orders.",
                   {"share": unknown})
        )  # fmt: skip
    return said


def _quotes(study: VoiceStudy) -> list[Reason]:
    if study.quotes:
        return [Reason("Quotes are redacted by rules; read them before they leave the house.")]
    return [Reason("Texts are named by number only; they can be shown, redacted.")]
