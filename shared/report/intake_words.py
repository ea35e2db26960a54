"""Where the figures come from, in words: the title block and the source line of a chart."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Protocol

from shared.loading.reasons import cause
from shared.plots.locales import Wording, is_blank
from shared.report.sentences import Sentence, write
from shared.report.words import TABLES, word

BROAD = 40  # letters of a fact that takes a line of its own
MOST_REASONS = 3  # to leave rows out that a source line names
SHORT_SPAN_DAYS = 62  # below this a source line names days, above it months


class SourceNote(Protocol):
    """What a client's table holds after intake."""

    table: str
    first: Any
    last: Any
    rows: int
    customers: int | None
    left_out: Mapping[str, int]


def main_table(tables: Iterable[str]) -> str:
    """Name the table that most of a report rests on: the order lines, else the first."""
    names = list(tables)
    return "order_lines" if "order_lines" in names else names[0]


def wording_of(client: Any) -> Wording:
    """How numbers are written for a client; without prices, money counts the items bought."""
    without_prices = "order_lines" in client.tables and not client.has_money
    return Wording(client.locale, client.currency, "items" if without_prices else "currency")


def source_sentence(note: SourceNote, *, n: int | None, unit: str, wording: Wording) -> Sentence:
    """Say in one line what a figure rests on: table, period, n, and what was left out."""
    name = TABLES.get(note.table, (note.table, "row", "rows"))[0]
    parts = ["{table}"]
    values: dict[str, object] = {"table": name}
    if not is_blank(note.first) and not is_blank(note.last):
        spec = "date" if (note.last - note.first).days < SHORT_SPAN_DAYS else "month"
        one_day = wording.date(note.first) == wording.date(note.last)
        parts.append(f"{{first:{spec}}}" + ("" if one_day else f" to {{last:{spec}}}"))
        values |= {"first": note.first, "last": note.last}
    count = n if n is not None else note.customers
    if count is not None:
        parts.append("n = {n:count} {unit}")
        values |= {"n": count, "unit": unit}
    template = ", ".join(parts)
    named, others = _left_out(note.left_out)
    if named:
        template += "; left out: {left_out}"
        values["left_out"] = ", ".join(named)
    if others:
        template += " and {others:count} other {others:row|rows}"
        values["others"] = others
    return write(template, values, wording)


def _left_out(rows_by_reason: Mapping[str, int]) -> tuple[list[str], int]:
    """Name the largest reasons and count the rows of all others; the title block has them all."""
    largest = sorted(rows_by_reason.items(), key=lambda part: (-part[1], part[0]))
    named = [cause(reason).text for reason, rows in largest[:MOST_REASONS] if rows]
    return named, sum(rows for _, rows in largest[MOST_REASONS:])


def title_block(client: Any, tables: Sequence[str], wording: Wording, *, settings: str = "") -> str:
    """Write the facts that stand above a report: client, dates, rows used and set aside.

    `settings` are the values that this run alone was given, "" where there are none.
    """
    facts = [(word("client"), client.name), (word("as_of"), wording.date(client.snapshot_date))]
    if settings:
        facts.append((word("run_settings"), settings))
    notes = []
    for table in tables:
        intake = client.intake.tables[table]
        name, _, many = TABLES.get(table, (table, "row", "rows"))
        if not is_blank(intake.first) and not is_blank(intake.last):
            first, last = wording.date(intake.first), wording.date(intake.last)
            span = first if first == last else f"{first} to {last}"
            facts.append((f"{name}, {word('period').lower()}", span))
        facts.append((f"{word('used')}, {many}", _used(intake, wording)))
        facts.append((f"{word('set_aside')}, {many}", _set_aside(intake, wording)))
        whose = f"{name}: " if len(tables) > 1 else ""
        notes += [whose + note.text for note in intake.notes]
    return _facts(facts) + _notes(notes)


def _used(intake: Any, wording: Wording) -> str:
    return f"{wording.count(intake.rows_used)} of {wording.count(intake.rows_in)}"


def _set_aside(intake: Any, wording: Wording) -> str:
    total = sum(part.rows for part in intake.set_aside)
    causes = [
        f"{wording.count(part.rows)} {cause(part.reason).text}"
        for part in intake.set_aside
        if part.rows
    ]
    return f"{wording.count(total)}: {', '.join(causes)}" if causes else wording.count(0)


def _facts(facts: list[tuple[str, str]]) -> str:
    rows = "".join(
        f"<div{_breadth(value)}><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in facts
    )
    return f'<dl class="facts">{rows}</dl>'


def _breadth(value: str) -> str:
    return ' class="broad"' if len(value) > BROAD else ""


def _notes(notes: list[str]) -> str:
    if not notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<p class="notes-head">{word("notes")}</p><ul class="notes">{items}</ul>'


def rows_line(tables: Mapping[str, Any], wording: Wording) -> list[str]:
    """Say for the foot of a page how many rows of the main table were used and set aside."""
    if not tables:
        return []
    table = main_table(tables)
    many = TABLES.get(table, (table, "row", "rows"))[2]
    used, total = (wording.count(getattr(tables[table], part)) for part in ("rows_used", "rows_in"))
    rest = wording.count(tables[table].rows_in - tables[table].rows_used)
    return [word("rows_used", used=used, all=total, rows=many, rest=rest)]
