"""Rows of a delimited text, each read whole or set aside, with the numbers a spreadsheet shows."""

import contextlib
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from shared.loading.errors import DataRefused
from shared.loading.raw_table import Block, Reject

ROWS_PER_BLOCK = 20_000
LONGEST_REJECT = 1000
_NUMBER_LIKE = re.compile(r"[\d\s.,:/+\-€$£%]*\d[\d\s.,:/+\-€$£%]*")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_SIGNATURE_ROWS = 200


@dataclass(frozen=True)
class Layout:
    """How to read one text file: what was declared, proven or sniffed.

    Attributes
    ----------
    name, path
        The file in messages, and its unpacked copy.
    encoding, delimiter
        For Python's strict decoder and its csv reader.
    header_row : int
        Row number of the header.
    header : tuple of str
        Column names.
    """

    name: str
    path: Path
    encoding: str
    delimiter: str
    header_row: int
    header: tuple[str, ...]


def read_blocks(layout: Layout, *, footer_rows: int = 0) -> Iterator[Block]:
    """Read the rows below the header in blocks, so that memory stays bounded.

    A record with a line break inside quotes is one row. Blank rows are skipped but numbered.

    Parameters
    ----------
    layout : Layout
        How to read the file.
    footer_rows : int
        How many rows at the end to set aside as a declared footer.

    Raises
    ------
    DataRefused
        At a quote that is never closed or closed in the middle of a field, naming the row in which
        the record starts.
    """
    held: list[tuple[int, list[str]]] = []
    for first, rows in _numbered(layout):
        if not footer_rows and _is_clean(rows, len(layout.header)):
            yield Block(range(first, first + len(rows)), rows, [])
            continue
        filled = [(n, row) for n, row in enumerate(rows, start=first) if any(row)]
        held += filled
        ready, held = held[: len(held) - footer_rows], held[max(len(held) - footer_rows, 0) :]
        yield _sorted_out(layout, ready, blank=len(rows) - len(filled))
    if held:
        footer = [_reject(layout, n, row, "footer") for n, row in held]
        yield Block([], [], footer)


def first_row_with(layout: Layout, test: Callable[[str], bool]) -> int:
    """Give the number of the first row with a field that passes, or that cannot be read at all."""
    number = 0
    with _open(layout) as reader, contextlib.suppress(csv.Error):
        for number, row in enumerate(reader, start=1):
            if any(map(test, row)):
                return number
    return number + 1


def unclosed_quote(name: str, row: int) -> DataRefused:
    """Make the refusal of a record whose quotes do not balance."""
    return _unreadable(name, row, 'opens a quote (") that is not closed where its field ends')


def _broken(layout: Layout, error: csv.Error) -> DataRefused:
    row = _failing_row(layout)
    if "field limit" not in str(error):
        return unclosed_quote(layout.name, row)
    limit = f"holds a field of more than {csv.field_size_limit():,} characters"
    return _unreadable(layout.name, row, f'{limit}, or opens a quote (") that is not closed')


def _unreadable(name: str, row: int, what: str) -> DataRefused:
    return DataRefused(
        "E-FILE-30",
        f"{name}:{row}",
        f"row {row} {what}; the rows below it cannot be told apart",
        fix=f'correct row {row}; a quote inside quotes is doubled: "12"" screen"',
    )


def _numbered(layout: Layout) -> Iterator[tuple[int, list[list[str]]]]:
    number = layout.header_row + 1
    with _open(layout) as reader:
        try:
            next(islice(reader, layout.header_row - 1, None), None)
            while rows := _take(reader, number, layout):
                yield number, rows
                number += len(rows)
        except csv.Error as error:
            raise _broken(layout, error) from None


def _take(reader: Any, first: int, layout: Layout) -> list[list[str]]:
    line = reader.line_num
    rows = list(islice(reader, ROWS_PER_BLOCK))
    if reader.line_num - line != len(rows):
        _refuse_swallowed_rows(layout, first, rows)
    return rows


@contextlib.contextmanager
def _open(layout: Layout) -> Iterator[Any]:
    with layout.path.open(encoding=layout.encoding, newline="", buffering=1 << 20) as file:
        yield csv.reader(file, delimiter=layout.delimiter, strict=True)


def _failing_row(layout: Layout) -> int:
    number = 0
    with _open(layout) as reader, contextlib.suppress(csv.Error):
        for number, _ in enumerate(reader, start=1):  # noqa: B007
            pass
    return number + 1


def _is_clean(rows: list[list[str]], width: int) -> bool:
    return set(map(len, rows)) == {width} and all(map(any, rows))


def _sorted_out(layout: Layout, numbered: list[tuple[int, list[str]]], *, blank: int) -> Block:
    width = len(layout.header)
    whole = [(n, row) for n, row in numbered if len(row) == width]
    rejects = [
        _reject(layout, n, row, "too_many_fields" if len(row) > width else "too_few_fields")
        for n, row in numbered
        if len(row) != width
    ]
    return Block([n for n, _ in whole], [row for _, row in whole], rejects, blank)


def _reject(layout: Layout, number: int, row: list[str], reason: str) -> Reject:
    text = layout.delimiter.join(row)[:LONGEST_REJECT]
    return Reject(layout.name, number, reason, text)  # type: ignore[arg-type]


def _refuse_swallowed_rows(layout: Layout, first: int, rows: list[list[str]]) -> None:
    """Two stray quotes turn all rows between them into one field, and the csv grammar allows it.

    A line within such a field has as many fields as the table, numbers where the table has numbers.
    """
    signature = _number_columns(rows, len(layout.header))
    for number, row in enumerate(rows, start=first):
        broken = [i for i, text in enumerate(row) if "\n" in text or "\r" in text]
        if broken and _holds_a_row(row, broken[-1], layout, signature):
            raise unclosed_quote(layout.name, number)


def _number_columns(rows: list[list[str]], width: int) -> list[int]:
    """Columns in which every value is a number or a date."""
    plain = (row for row in rows if len(row) == width and not any("\n" in text for text in row))
    columns = zip(*islice(plain, _SIGNATURE_ROWS), strict=True)
    return [i for i, values in enumerate(columns) if _all_numbers(values)]


def _all_numbers(values: Sequence[str]) -> bool:
    filled = [value for value in values if value]
    return bool(filled) and all(map(_NUMBER_LIKE.fullmatch, filled))


def _holds_a_row(row: list[str], last_broken: int, layout: Layout, signature: list[int]) -> bool:
    _, *inner, last = _LINE_BREAK.split(layout.delimiter.join(row))
    # The last line ends in this record's own last fields, so only what stands before them counts.
    own = len(row) - 1 - last_broken
    before = [i for i in signature if i < len(layout.header) - own]
    return any(_fits(line, layout, signature) for line in inner) or _fits(last, layout, before)


def _fits(line: str, layout: Layout, signature: list[int]) -> bool:
    fields = line.split(layout.delimiter)
    if len(fields) != len(layout.header):
        return False
    return _all_numbers([fields[i] for i in signature])
