"""The markup of what a report says; every value is escaped on its way in."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from string import Formatter

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import SETTLED
from shared.analysis.verdicts import Level
from shared.plots.locales import Wording
from shared.report.sentences import Sentence
from shared.report.words import word

FOUND_LEVEL = 1 - SETTLED
_UNIT_OF_MONEY = re.compile(r"^(revenue|items bought|value) (?=(so far|to come|by precedent)$)")
# Shape and word tell the verdict; colour only repeats it.
SIGNS = {Level.RELIABLE: "✓", Level.CARE: "!", Level.UNSUPPORTED: "×"}


def badge(level: Level) -> str:
    """Write a verdict as a sign and its words."""
    words = level.value[0].upper() + level.value[1:]
    return (
        f'<p class="badge badge-{level.name.lower()}"><span class="sign" aria-hidden="true">'
        f"{SIGNS[level]}</span><span>{escape(words)}</span></p>"
    )


def verdict(level: Level, reasons: Sequence[Sentence]) -> str:
    """Write a verdict with the reasons that lowered it."""
    items = "".join(f"<li>{reason.markup()}</li>" for reason in reasons)
    return badge(level) + (f'<ul class="reasons">{items}</ul>' if items else "")


def finding(sentence: Sentence, wording: Wording) -> str:
    """Write a finding and, in small print, its n and interval."""
    figure, spec = named_figure(sentence, wording), spec_of_figure(sentence)
    measure = measured(sentence.estimate, wording, figure, spec) if sentence.estimate else ""
    return f'<p class="said">{sentence.markup()}</p><p class="measure">{escape(measure)}</p>'


def named_figure(sentence: Sentence, wording: Wording) -> str:
    """Name the figure that the interval is of, as the sentence writes it; blank if it is clear."""
    numbers = [text for text, computed in sentence.parts if computed and re.search(r"\d", text)]
    if len(numbers) < 2:
        return ""
    spec = spec_of_figure(sentence)
    return "" if spec is None else wording.format(sentence.estimate, spec)


def spec_of_figure(sentence: Sentence) -> str | None:
    """Give the spec by which a sentence writes the figure of its interval; None where it does not.

    It is "" where the figure is written by its own unit.
    """
    name = next((n for n, value in sentence.values.items() if value is sentence.estimate), None)
    specs = [spec or "" for _, field, spec, _ in Formatter().parse(sentence.template)
             if field == name]  # fmt: skip
    return next((spec for spec in specs if "|" not in spec), None)


def measured(
    estimate: Estimate, wording: Wording, figure: str = "", spec: str | None = None
) -> str:
    """Say how sure an estimate is: its n and its interval, with the figure they are of.

    The bounds take the decimals of `spec`, by which the sentence writes the figure.
    """
    bounds = wording.interval(estimate, spec or "")
    count = word("n_of" if estimate.of else "n", n=wording.count(estimate.n), of=estimate.of)
    if not bounds:
        return f"{count} · {word('full_count')}"
    level = wording.share(estimate.level)
    key = "interval_for" if figure else "interval"
    # Intervals are at 95 %; a reader who meets another level has to be told why.
    why = word("level_of_found") if estimate.level == FOUND_LEVEL else ""
    return f"{count} · {word(key, level=level, figure=figure, interval=bounds)}{why}"


def key_figures(figures: Sequence[Sentence]) -> str:
    """Write large numbers by label."""
    return "".join(
        f"<div><dt>{escape(str(figure.values['label']))}</dt>"
        f"<dd>{escape(figure.parts[-1][0])}</dd></div>"
        for figure in figures
    )


def action(sentence: Sentence, *, segment: str, size: str, worth: tuple[str, str]) -> str:
    """Write an action and, in small print, whom it is about, and the money with what it is."""
    amount, money_is = worth
    what = escape(word("action_money", money=amount, money_is=money_is))
    money = f" · {what}" if amount else ""
    return (
        f'<p class="said">{sentence.markup()}</p>'
        f'<p class="measure"><strong>{escape(segment)}</strong> · {escape(size)}{money}</p>'
    )


def money_kind(money_is: str, wording: Wording) -> str:
    """Say what an amount is; where items are counted, the amount names the unit itself."""
    return _UNIT_OF_MONEY.sub("", money_is) if wording.money_unit == "items" else money_is


def unsupported(reason: str, needs: str) -> str:
    """Write that a question cannot be answered, why, and what would be needed."""
    why = f"<p><strong>{word('unsupported')}</strong> {escape(_sentence(reason))}</p>"
    return why + (
        f"<p><strong>{word('needed')}:</strong> {escape(_sentence(needs))}</p>" if needs else ""
    )


def capital(text: str) -> str:
    """Begin a sentence with a capital, unless it begins with the name of a column."""
    first, *_ = text.split(" ")
    return text if "_" in first else text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    text = capital(text)
    return text if text.endswith((".", "!", "?")) or not text else text + "."


def with_spec(figures: Mapping[str, object]) -> list[tuple[str, object, str]]:
    """Lay out key figures as label, value and spec; "" where none was given."""
    return [
        (label, *value) if isinstance(value, tuple) else (label, value, "")
        for label, value in figures.items()
    ]
