"""What the page says: templates and values, written for one locale and safe in HTML."""

import html
import re
from collections.abc import Iterator, Mapping
from string import Formatter
from types import MappingProxyType

from shared.analysis.intervals import Estimate
from shared.plots.locales import Wording, is_blank, plural
from shared.report.mistakes import ReportMistake
from shared.report.words import word

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MINUS = re.compile(r"(?<!\w)-(?=\S)")
_UNIT = re.compile(r"(?<=\d) (?=(?:mg|g|kg|ml|cl|l|mm|cm|m)\b)")


class Sentence(str):
    """A written sentence that remembers the template and the values it was made of.

    Attributes
    ----------
    template : str
        Text with fields such as "{share}", "{revenue:money}" or "{n:customer|customers}".
    values : mapping
        What was filled in, unformatted.
    parts : tuple of (str, bool)
        The sentence in pieces; the flag marks those that come from a value.
    """

    template: str
    values: Mapping[str, object]
    parts: tuple[tuple[str, bool], ...]

    @property
    def estimate(self) -> Estimate | None:
        """The first estimate of the values, those that the sentence says before the others."""
        said = {field for _, field, _, _ in Formatter().parse(self.template)}
        found = [name for name, value in self.values.items() if isinstance(value, Estimate)]
        found.sort(key=lambda name: name not in said)
        return self.values[found[0]] if found else None  # type: ignore[return-value]

    def markup(self) -> str:
        """Write the sentence as HTML, its values in bold; nothing from data becomes markup."""
        return "".join(
            f"<b>{_whole(html.escape(text))}</b>" if computed else html.escape(text)
            for text, computed in self.parts
        )


def _whole(text: str) -> str:
    """Keep the minus of a value on the line of its number; a browser breaks after it before "€"."""
    return with_unit(_MINUS.sub("-&#8288;", text))


def with_unit(text: str) -> str:
    """Keep the unit of a number, as in "Tea 250 g", on its line."""
    return _UNIT.sub("\u00a0", text)


def write(template: str, values: Mapping[str, object], wording: Wording) -> Sentence:
    """Fill a template with values, each written by its own type or by the field's spec.

    A field is "{name}", "{name:spec}" with a spec of `Wording.format`, or "{name:one|other}",
    which chooses the word that goes with a number. Values are written once and never read as a
    template, Markdown or markup.

    Raises
    ------
    ValueError
        If the template names a value that was not given, or is itself a written sentence.
    """
    if isinstance(template, Sentence):
        raise ReportMistake(
            "give a template and its values, not a sentence that is already written"
        )
    parts = tuple(part for part in _parts(template, values, wording) if part[0])
    sentence = Sentence("".join(text for text, _ in parts))
    sentence.template, sentence.parts = str(template), parts
    sentence.values = MappingProxyType(dict(values))
    return sentence


def plain(text: str) -> Sentence:
    """Make a sentence of fixed words, or pass on one that is already written."""
    if isinstance(text, Sentence):
        return text
    sentence = Sentence(text)
    sentence.template, sentence.parts = text, ((text, False),)
    sentence.values = MappingProxyType({})
    return sentence


def _parts(
    template: str, values: Mapping[str, object], wording: Wording
) -> Iterator[tuple[str, bool]]:
    for text, field, spec, conversion in Formatter().parse(template):
        yield text, False
        if field is None:
            continue
        if not _NAME.fullmatch(field) or conversion:
            raise ReportMistake(f"{{{field}}} is no name of a value in the template {template!r}")
        if field not in values:
            raise ReportMistake(f"the template {template!r} needs a value for {field}")
        yield _written(values[field], spec or "", wording)


def _written(value: object, spec: str, wording: Wording) -> tuple[str, bool]:
    if isinstance(value, Sentence):
        return str(value), False
    if "|" in spec:
        number = value.value if isinstance(value, Estimate) else value
        one, other = spec.split("|")
        return plural({"one": one, "other": other}, float(number)), False  # type: ignore[arg-type]
    return (word("not_known") if is_blank(value) else wording.format(value, spec)), True
