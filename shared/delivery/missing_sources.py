"""What is missing: the tables and columns that a client could add, and what each would open."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.delivery.catalogue import Notebook
from shared.delivery.executed import read_executed
from shared.delivery.plan import Step
from shared.report.story import plain_text, story_of
from shared.report.words import COLUMNS, HOLDS, TABLES

# One file that stands for several: nobody who lacks the real table would make one of these.
SHORTCUTS = {"customer_rfm", "durations", "responses", "paths"}
UNSUPPORTED = "unsupported"  # the kind of an element that says what the data cannot answer
Question = tuple[str, str]  # report, question


@dataclass(frozen=True)
class MissingSource:
    """A table or a column that was not supplied.

    Attributes
    ----------
    name, holds : str
        Such as "Campaigns", and what stands in it.
    reports : tuple of str
        Reports that it would open, such as "07_uplift".
    questions : tuple of (str, str)
        Report and question of pages that stand, but leave this question open without it.
    """

    name: str
    holds: str
    reports: tuple[str, ...]
    questions: tuple[Question, ...]


def missing_sources(
    steps: Sequence[Step], supplied: Mapping[str, Collection[str]], delivery: Path
) -> list[MissingSource]:
    """List what was not supplied, by how much it would open.

    Parameters
    ----------
    steps : sequence of Step
        What the run did with each report.
    supplied : mapping of str to collection of str
        Canonical table to its columns.
    delivery : Path
        With the executed notebooks: only a question that a page leaves open is one to be opened.
    """
    reports: dict[tuple[str, ...], list[str]] = {}
    questions: dict[tuple[str, ...], list[Question]] = {}
    for step in steps:
        if step.action == "missing_data":
            reports.setdefault(lacking(step.report, supplied), []).append(step.report.name)
            continue
        notebook = delivery / "notebooks" / f"{step.report.name}.ipynb"
        left_open = questions_left_open(notebook) if step.report.opens else set()
        for question, sources in step.report.opens:
            if question in left_open and not any(_is_there(s, supplied) for s in sources):
                questions.setdefault(sources, []).append((step.report.name, question))
    return _by_name(reports, questions)


def lacking(report: Notebook, supplied: Collection[str]) -> tuple[str, ...]:
    """Name the tables that a report lacks: of its alternatives the one with fewest missing."""
    real = [needed for needed in report.tables if not SHORTCUTS & set(needed)] or report.tables
    missing = [tuple(t for t in needed if t not in supplied) for needed in real]
    return min(missing, key=len, default=())


def in_words(tables: Iterable[str]) -> str:
    """Name tables in a sentence."""
    names = [TABLES.get(table, (table,))[0].lower() for table in tables]
    return " and ".join(names)


def questions_left_open(notebook: Path) -> set[str]:
    """Give the questions of an executed notebook under which its page says that data are missing.

    An empty set where there is no such notebook.
    """
    if not notebook.is_file():
        return set()
    sections = story_of(read_executed(notebook)).sections
    return {
        plain_text(section.heading)
        for section in sections
        if any(kind == UNSUPPORTED for kind, _ in section.parts)
    }


def _is_there(source: str, supplied: Mapping[str, Collection[str]]) -> bool:
    table, _, column = source.partition(".")
    return table in supplied and (not column or column in supplied[table])


def _by_name(
    reports: Mapping[tuple[str, ...], list[str]],
    questions: Mapping[tuple[str, ...], list[Question]],
) -> list[MissingSource]:
    """Put together what the same words name, and say what would open most first."""
    opened: dict[tuple[str, str], tuple[list[str], list[Question]]] = {}
    for tables, names in reports.items():
        opened.setdefault(_named(tables), ([], []))[0].extend(names)
    for sources, asked in questions.items():
        opened.setdefault(_named(sources[:1]), ([], []))[1].extend(asked)
    found = [MissingSource(*named, tuple(r), tuple(q)) for named, (r, q) in opened.items()]
    return sorted(found, key=lambda one: (-len(one.reports), -len(one.questions)))


def _named(sources: Sequence[str]) -> tuple[str, str]:
    table, _, column = sources[0].partition(".")
    if column:
        return COLUMNS.get(column, column), ""
    name = in_words(sources)
    return name[:1].upper() + name[1:], HOLDS.get(table, "") if len(sources) == 1 else ""
