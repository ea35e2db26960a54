"""A new client's files, read with provisional answers to the questions they leave open."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from shared.loading.config import Format, TableConfig
from shared.loading.engine import parquet, quoted
from shared.loading.errors import DataRefused
from shared.loading.questions import Undecided
from shared.loading.raw_table import RawTable
from shared.loading.sniff import resolve_formats
from shared.loading.sources import read_source
from shared.loading.text_values import Reading, number_value, trimmed

_KINDS_OF = {"date": ("date", "timestamp"), "decimal": ("number", "money", "integer")}


@dataclass
class Drop:
    """Files of one kind, read as one table.

    Attributes
    ----------
    sources : tuple of str
        As client.yaml shall name them.
    raw : RawTable
        What was read.
    format : Format
        The answers that it was read with; those in `questions` are provisional.
    questions : dict of str to DataRefused
        By key of `format`, what the files leave open.
    engine : duckdb.DuckDBPyConnection
        Where the rows can be asked; `answers` remembers what was.
    total_rows : tuple of tuple of int
        File and row of each total, which is not among the rows that are asked.
    """

    sources: tuple[str, ...]
    raw: RawTable
    format: Format
    engine: duckdb.DuckDBPyConnection
    questions: dict[str, DataRefused] = field(default_factory=dict)
    answers: dict[str, tuple[Any, ...]] = field(default_factory=dict, repr=False)
    total_rows: tuple[tuple[int, int], ...] = ()

    @property
    def rows(self) -> int:
        """How many rows were read whole."""
        return int(self.ask("count(*)")[0])

    @property
    def table(self) -> str:
        """The rows as a table for SQL."""
        whole = parquet(self.raw.path)
        if not self.total_rows:
            return whole
        totals = ", ".join(map(str, self.total_rows))
        return f"(SELECT * FROM {whole} WHERE (__file, __row) NOT IN ({totals}))"

    def ask(self, what: str) -> tuple[Any, ...]:
        """Ask the rows for one line of aggregates."""
        if what not in self.answers:
            found = self.engine.execute(f"SELECT {what} FROM {self.table}").fetchone()
            self.answers[what] = found or ()
        return self.answers[what]

    def text(self, column: str) -> str:
        """Write a column for SQL: trimmed, NULL where blank."""
        return trimmed(quoted(column))

    def number(self, column: str) -> str:
        """Write a column for SQL as a number, NULL where it is none.

        Until the mapping is known and the signs are proven, the commoner sign before one or two
        last digits is the decimal one.
        """
        decimal, thousands = self.raw.decimal, self.raw.thousands or ""
        if decimal is None and column not in self.raw.typed_columns:
            text = self.text(column)
            ends = (f"count(*) FILTER (regexp_matches({text}, '[{s}][0-9]{{1,2}}$'))" for s in ",.")
            commas, points = self.ask(", ".join(ends))
            decimal, thousands = (",", ".") if commas > points else (".", ",")
        return number_value(self.text(column), Reading(decimal=decimal or ".", thousands=thousands))


def read_drops(
    files: list[Path], folder: Path, scratch: Path, engine: duckdb.DuckDBPyConnection
) -> list[Drop]:
    """Read files; those with the same columns become one table.

    Raises
    ------
    DataRefused
        If a file cannot be read whatever is declared.
    """
    alone = [
        drop for file in files for drop in _sheets(_source(file, folder), folder, scratch, engine)
    ]
    groups: dict[tuple[frozenset[str], str | None], list[Drop]] = {}
    for drop in alone:
        groups.setdefault((frozenset(drop.raw.header), drop.format.sheet), []).append(drop)
    return [
        drops[0]
        if len(drops) == 1
        else _read(_sources(drops), folder, scratch, engine, drops[0].format.sheet)
        for drops in groups.values()
    ]


def _sheets(
    source: str, folder: Path, scratch: Path, engine: duckdb.DuckDBPyConnection
) -> list[Drop]:
    """Read a file, or each sheet of a workbook; which of two with the same columns is asked."""
    first = _read((source,), folder, scratch, engine)
    question = first.questions.get("sheet")
    if not isinstance(question, Undecided):
        return [first]
    by_header: dict[frozenset[str], list[Drop]] = {}
    for sheet in question.choices:
        with contextlib.suppress(DataRefused):  # a sheet of notes, or an empty one
            drop = _read((source,), folder, scratch, engine, sheet)
            by_header.setdefault(frozenset(drop.raw.header), []).append(drop)
    for alike in by_header.values():
        if len(alike) > 1:
            alike[0].questions["sheet"] = question
    return [alike[0] for alike in by_header.values()] or [first]


def resolve(drop: Drop, kinds: Mapping[str, str]) -> Drop:
    """Settle dates and numbers once the mapping is known; what cannot be is kept as a question."""
    questions, answers, raw = dict(drop.questions), drop.format, drop.raw
    while True:
        try:
            raw = resolve_formats(drop.raw, kinds, answers)
            return Drop(drop.sources, raw, answers, drop.engine, questions)
        except DataRefused as question:
            key = question.key if isinstance(question, Undecided) else "date"
            if key not in ("date", "decimal"):
                raise
            if isinstance(question, Undecided) and key not in questions:
                answers = _answered(answers, question)
            else:
                kinds = {c: k for c, k in kinds.items() if k not in _KINDS_OF[key]}
            questions.setdefault(key, question)


def _read(
    sources: tuple[str, ...],
    folder: Path,
    scratch: Path,
    engine: duckdb.DuckDBPyConnection,
    sheet: str | None = None,
) -> Drop:
    questions: dict[str, DataRefused] = {}
    answers = Format(sheet=sheet)
    while True:
        try:
            raw = read_source(TableConfig(source=sources, format=answers), folder, scratch)
            return Drop(sources, raw, answers, engine, questions)
        except Undecided as question:
            if question.key in questions:
                raise
            questions[question.key] = question
            answers = _answered(answers, question)


def _answered(answers: Format, question: Undecided) -> Format:
    """Take the likeliest answer for the time being."""
    choice = question.choices[0]
    if question.key == "header_row":
        return replace(answers, header_row=int(choice))
    given: dict[str, Any] = {question.key: choice}
    return replace(answers, **given)


def _source(file: Path, folder: Path) -> str:
    """Name a file relative to the client's folder if it lies inside, else where it is."""
    path = file.resolve() if ".." in file.parts else file.absolute()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _sources(drops: list[Drop]) -> tuple[str, ...]:
    return tuple(source for drop in drops for source in drop.sources)
