"""From a `source` in client.yaml to one Parquet file of raw rows, each known by file and row."""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from shared.loading import csv_rows, workbooks
from shared.loading.config import Format, TableConfig
from shared.loading.engine import disk_faults
from shared.loading.errors import ConfigError, DataRefused
from shared.loading.input_files import SourceFile, find_files, is_database
from shared.loading.native_tables import (
    database_batches,
    database_table,
    parquet_batches,
    parquet_schema,
)
from shared.loading.questions import answered_at
from shared.loading.raw_table import (
    Block,
    InputFile,
    RawTable,
    Reject,
    native_batch,
    text_batch,
    text_schema,
    with_place,
    write_batches,
)
from shared.loading.sniff import sniff_format
from shared.loading.staging import CHUNK_BYTES, Staged, stage

__all__ = ["InputFile", "RawTable", "Reject", "read_source"]

# A file of which so many rows cannot be read is not set aside row by row.
MOST_REJECTS = 200_000


@dataclass
class _Tally:
    """What gathers while the rows stream by."""

    files: list[InputFile]
    rejects: list[Reject]


def read_source(config: TableConfig, folder: Path, into: Path) -> RawTable:
    """Read all files of a table, or its table in a database, into one Parquet file.

    Every input is copied once and hashed while it is copied; what is read is the copy, so that a
    file replaced during the run changes nothing.

    Parameters
    ----------
    config : TableConfig
        Source and format.
    folder : Path
        The client's folder, to which names in `source` are relative.
    into : Path
        Folder for the Parquet file and scratch; the caller deletes it.

    Raises
    ------
    DataRefused
        If a file cannot be read whole without guessing.
    EnvironmentFault
        If a disk, a permission or a database fails.
    """
    with answered_at(config.cite("format")), disk_faults(into):
        scratch = Path(tempfile.mkdtemp(prefix="raw-", dir=into))
        databases = [entry for entry in config.source if is_database(entry)]
        if databases and len(config.source) > 1:
            raise ConfigError(
                "E-CONF-52",
                config.cite("source"),
                "a table in a database stands beside other sources",
                fix="give it a source of its own: source: [address::table]",
            )
        if databases:
            raw = _read_database(databases[0], folder, scratch, config.format)
        else:
            raw = _read_files(find_files(config.source, folder), scratch, config.format)
    return replace(raw, format_line=config.cite("format"))


def _read_files(sources: list[SourceFile], scratch: Path, declared: Format) -> RawTable:
    staged = [stage(source, scratch / f"copy-{i}") for i, source in enumerate(sources)]
    kinds = {file.kind == "parquet" for file in staged}
    if len(kinds) > 1:
        raise DataRefused(
            "E-FILE-06",
            staged[0].name,
            "Parquet stands beside text files or workbooks in one source",
            fix="put them into tables of one kind each, or convert the others",
        )
    if kinds == {True}:
        raw = _read_parquet(sources, staged, scratch, declared)
    else:
        raw = _read_texts(staged, scratch, declared)
    for file in staged:
        file.path.unlink()
    return raw


def _read_texts(staged: list[Staged], scratch: Path, declared: Format) -> RawTable:
    layouts = [_layout(file, declared) for file in staged]
    header = layouts[0].header
    for layout in layouts[1:]:
        _require_same_columns(layouts[0].name, header, layout.name, layout.header)
    tally = _Tally([], [])
    schema = text_schema(header)
    path = scratch / "rows.parquet"
    write_batches(path, schema, _text_batches(staged, layouts, schema, declared, tally))
    _require_rows(tally)
    return RawTable(
        path=path,
        header=header,
        files=tuple(tally.files),
        rejects=tuple(tally.rejects),
        format=_as_read(layouts[0], declared),
        typed_columns=_typed_columns(layouts),
    )


def _layout(file: Staged, declared: Format) -> csv_rows.Layout | workbooks.SheetLayout:
    if file.kind == "workbook":
        return workbooks.sheet_layout(file, declared)
    return sniff_format(file, declared)


def _text_batches(
    staged: list[Staged],
    layouts: list[csv_rows.Layout | workbooks.SheetLayout],
    schema: pa.Schema,
    declared: Format,
    tally: _Tally,
) -> Iterator[pa.RecordBatch]:
    header = layouts[0].header
    for i, (file, layout) in enumerate(zip(staged, layouts, strict=True)):
        order = [layout.header.index(column) for column in header]
        rows = blank = 0
        for block in _blocks(layout, declared.footer_rows or 0):
            rows += len(block.rows) + len(block.rejects)
            blank += block.blank_rows
            tally.rejects += block.rejects
            if len(tally.rejects) > MOST_REJECTS:
                raise _too_many_rejects(tally)
            if block.rows:
                yield text_batch(block, order, i, schema)
        first = layout.header_row + 1
        tally.files.append(InputFile(file.name, file.sha256, file.bytes, rows, first, blank))


def _blocks(layout: csv_rows.Layout | workbooks.SheetLayout, footer_rows: int) -> Iterator[Block]:
    if isinstance(layout, workbooks.SheetLayout):
        return workbooks.read_sheet(layout, footer_rows=footer_rows)
    return csv_rows.read_blocks(layout, footer_rows=footer_rows)


def _typed_columns(
    layouts: list[csv_rows.Layout | workbooks.SheetLayout],
) -> frozenset[str]:
    """Columns that no file writes as text."""
    columns = [
        layout.typed_columns if isinstance(layout, workbooks.SheetLayout) else frozenset()
        for layout in layouts
    ]
    return frozenset.intersection(*columns)


def _as_read(layout: csv_rows.Layout | workbooks.SheetLayout, declared: Format) -> Format:
    if isinstance(layout, workbooks.SheetLayout):
        return replace(declared, sheet=layout.sheet, header_row=layout.header_row)
    return replace(
        declared,
        delimiter=layout.delimiter,
        encoding=layout.encoding,
        header_row=layout.header_row,
    )


def _read_parquet(
    sources: list[SourceFile], staged: list[Staged], scratch: Path, declared: Format
) -> RawTable:
    schemas = [
        parquet_schema(file.name, file.path, source.partitions)
        for source, file in zip(sources, staged, strict=True)
    ]
    for file, schema in zip(staged[1:], schemas[1:], strict=True):
        _require_same_columns(
            staged[0].name, tuple(schemas[0].names), file.name, tuple(schema.names)
        )
    try:
        schema = pa.unify_schemas(schemas, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise DataRefused(
            "E-FILE-47",
            staged[0].name,
            "the Parquet files give one column types that do not go together",
            fix="ask for files written with one schema",
        ) from None
    tally = _Tally([], [])
    path = scratch / "rows.parquet"
    batches = _parquet_batches(sources, staged, with_place(schema), tally)
    write_batches(path, with_place(schema), batches)
    _require_rows(tally)
    return RawTable(path, tuple(schema.names), tuple(tally.files), (), declared)


def _parquet_batches(
    sources: list[SourceFile], staged: list[Staged], schema: pa.Schema, tally: _Tally
) -> Iterator[pa.RecordBatch]:
    for i, (source, file) in enumerate(zip(sources, staged, strict=True)):
        rows = 0
        for batch in parquet_batches(file.name, file.path, source.partitions):
            yield native_batch(batch, i, rows + 1, schema)
            rows += batch.num_rows
        tally.files.append(InputFile(file.name, file.sha256, file.bytes, rows, 1))


def _read_database(entry: str, folder: Path, scratch: Path, declared: Format) -> RawTable:
    source = database_table(entry, folder)
    schema, batches = database_batches(source)
    path = scratch / "rows.parquet"
    count = 0

    def numbered() -> Iterator[pa.RecordBatch]:
        nonlocal count
        for batch in batches:
            yield native_batch(batch, 0, count + 1, with_place(schema))
            count += batch.num_rows

    write_batches(path, with_place(schema), numbered())
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    file_ = InputFile(source.name, digest.hexdigest(), path.stat().st_size, count, 1)
    _require_rows(_Tally([file_], []))
    return RawTable(path, tuple(schema.names), (file_,), (), declared)


def _require_same_columns(
    first: str, header: tuple[str, ...], name: str, columns: tuple[str, ...]
) -> None:
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


def _require_rows(tally: _Tally) -> None:
    for file in tally.files:
        if file.rows == 0:
            raise DataRefused(
                "E-FILE-08",
                file.name,
                "has a header but no rows",
                fix="ask the client for the data, or take the file out of `source`",
            )


def _too_many_rejects(tally: _Tally) -> DataRefused:
    first = tally.rejects[0]
    return DataRefused(
        "E-FILE-48",
        f"{first.file}:{first.row}",
        f"more than {MOST_REJECTS} rows have too many or too few fields",
        found=f"the first in row {first.row}",
        fix="check the delimiter and the quotes of the export",
    )
