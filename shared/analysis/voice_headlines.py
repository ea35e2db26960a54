"""The sentences that open the page on customers' voice."""

from shared.analysis.study_parts import is_known
from shared.analysis.verdicts import Reason
from shared.analysis.voice_answers import (
    asked_for,
    chronic,
    launched,
    leaving,
    mood,
)
from shared.analysis.voice_answers_topics import complained, routed
from shared.analysis.voice_study import VoiceStudy
from shared.loading.errors import NotSupportedByData

MOST_FINDINGS = 5


def headlines(study: VoiceStudy) -> list[tuple[str, Reason]]:
    """Give at most five sentences, most important first, each with its name."""
    said: list[tuple[str, Reason]] = []
    for name, answer in (
        ("complained", complained), ("chronic", chronic), ("launch", launched),
        ("routed", routed), ("leaving", leaving), ("asked-for", asked_for), ("mood", mood),
    ):  # fmt: skip
        try:
            told = answer(study)
        except NotSupportedByData:
            continue
        if is_known(told):
            said.append((name, Reason(told.template.removesuffix(".") + ".", told.values)))
    return said[:MOST_FINDINGS]
