"""A client's table as text: one Parquet file that keeps every value and where it stood."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from shared.loading.config import Format
from shared.loading.errors import DataRefused

FILE, ROW = "__file", "__row"
ROWS_PER_GROUP = 120_000
RejectReason = Literal["too_many_fields", "too_few_fields", "footer"]


@dataclass(frozen=True)
class InputFile:
    """One input, as it was at the moment its bytes were read.

    Attributes
    ----------
    name : str
        Name relative to the client's folder; a database address without its password.
    sha256 : str
        Of the very bytes that were read (of the Parquet copy for a table in a database).
    bytes : int
        Size of the file.
    rows : int
        Records below the header, those set aside included, blank ones not.
    first_row_number : int
        Number of the first record as a spreadsheet shows it: 2 below a header in row 1; Parquet and
        databases have no header row and count from 1.
    blank_rows : int
        Rows without any value, skipped but counted in the row numbers.
    """

    name: str
    sha256: str
    bytes: int
    rows: int
    first_row_number: int
    blank_rows: int = 0


@dataclass(frozen=True)
class Reject:
    """A row that could not be read whole; `text` is how it stood, cut at 1,000 characters.

    Reason "footer" is a declared rule (`footer_rows`), the others are errors.
    """

    file: str
    row: int
    reason: RejectReason
    text: str


@dataclass(frozen=True)
class RawTable:
    """A client's table before mapping and typing.

    Attributes
    ----------
    path : Path
        Parquet with the columns of `header` (VARCHAR where the input is text or a workbook, native
        types for Parquet and databases), `__file` (index into `files`) and `__row`.
    header : tuple of str
        The client's column names, trimmed; a column without a name is called "column 3".
    files, rejects, format
        The inputs, the rows not in the Parquet, and the format with what was sniffed filled in.
    typed_columns : frozenset of str
        Columns of a workbook whose cells all were numbers or dates: "." is their decimal, dates
        are ISO, whatever the text columns beside them use.
    answer : callable or None
        Says for a key of client.yaml what to type and where, for remedies.
    date_formats : mapping of str to tuple of str
        After `sniff.resolve_formats`: per client column the strptime formats to try in order (or
        "excel_serial"); type with `typed_columns.date_value`.
    decimal, thousands : str or None
        After `sniff.resolve_formats`: how amounts are written, thousands "" where they are not set
        apart; type with `typed_columns.number_value`.
    """

    path: Path
    header: tuple[str, ...]
    files: tuple[InputFile, ...]
    rejects: tuple[Reject, ...]
    format: Format
    typed_columns: frozenset[str] = frozenset()
    answer: Callable[[str, str], str] | None = None
    date_formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    decimal: str | None = None
    thousands: str | None = None


@dataclass(frozen=True)
class Block:
    """Consecutive rows of one file: their row numbers, their fields, and those set aside."""

    numbers: "range | list[int]"
    rows: list[list[str]]
    rejects: list[Reject]
    blank_rows: int = 0


def text_schema(header: tuple[str, ...]) -> pa.Schema:
    """Every column text, plus where each row stood."""
    return with_place(pa.schema([(name, pa.string()) for name in header]))


def with_place(schema: pa.Schema) -> pa.Schema:
    """Append the two columns that say where a row stood."""
    return schema.append(pa.field(FILE, pa.int32())).append(pa.field(ROW, pa.int64()))


def text_batch(block: Block, order: list[int], file: int, schema: pa.Schema) -> pa.RecordBatch:
    """Turn rows into columns; `order` says which field feeds which column."""
    fields = list(zip(*block.rows, strict=True))
    columns = [pa.array(fields[i], pa.string()) for i in order]
    return pa.record_batch([*columns, *_place(file, block.numbers)], schema=schema)


def native_batch(batch: pa.RecordBatch, file: int, first: int, schema: pa.Schema) -> pa.RecordBatch:
    """Bring a typed batch to the table's schema and number its rows from `first`."""
    columns = [batch.column(name).cast(schema.field(name).type) for name in schema.names[:-2]]
    places = _place(file, range(first, first + batch.num_rows))
    return pa.record_batch([*columns, *places], schema=schema)


def write_batches(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Write batches to Parquet, gathered into row groups that an engine can scan in parallel."""
    waiting: list[pa.RecordBatch] = []
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            waiting.append(batch)
            if sum(b.num_rows for b in waiting) >= ROWS_PER_GROUP:
                writer.write_table(pa.Table.from_batches(waiting, schema))
                waiting = []
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting, schema))


def require_same_columns(
    first: str, header: tuple[str, ...], name: str, columns: tuple[str, ...]
) -> None:
    """Refuse a file whose columns are not those of the first; their order is no matter."""
    missing = [column for column in header if column not in columns]
    further = [column for column in columns if column not in header]
    if not missing and not further:
        return
    found = [f"lacks {', '.join(missing[:6])}"] if missing else []
    found += [f"has besides {', '.join(further[:6])}"] if further else []
    raise DataRefused(
        "E-FILE-47",
        name,
        f"has other columns than {first}",
        found="\n".join(found),
        fix="make the headers alike, or read the files as separate tables",
    )


def require_rows(files: Iterable[InputFile]) -> None:
    """Refuse a file that ends with its header."""
    for file in files:
        if file.rows == 0:
            raise DataRefused(
                "E-FILE-08",
                file.name,
                "has a header but no rows",
                fix="ask the client for the data, or take the file out of `source`",
            )


def _place(file: int, numbers: "range | list[int]") -> list[pa.Array]:
    return [pa.repeat(pa.scalar(file, pa.int32()), len(numbers)), pa.array(numbers, pa.int64())]
