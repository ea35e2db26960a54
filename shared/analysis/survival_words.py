"""How the page on survival speaks: durations in the unit of the client's data."""

from shared.analysis.survival import SurvivalStudy
from shared.analysis.verdicts import Reason


def answer(template: str, study: SurvivalStudy, **values: object) -> Reason:
    """Give a template its values; {unit}, {noun} and {since} become part of it.

    A field written {name:time} is written in the unit of the study: 35 months, 120 days.
    """
    unit = study.clock.unit
    while ":time}" in template:
        head, _, tail = template.partition(":time}")
        name = head[head.rindex("{") + 1 :]
        spec = ":days}" if unit == "days" else f":number.0}} {{{name}:{unit[:-1]}|{unit}}}"
        template = head + spec + tail
    words = {"unit": unit, "noun": study.clock.noun, "since": study.clock.since}
    for name, word in words.items():
        template = template.replace(f"{{{name}}}", word)
    return Reason(template, values)
