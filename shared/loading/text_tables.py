"""Text files and workbooks of one table, streamed into one Parquet file of strings."""

import contextlib
import gc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from shared.loading import csv_rows, workbooks
from shared.loading.config import Format
from shared.loading.errors import DataRefused
from shared.loading.raw_table import (
    Block,
    InputFile,
    RawTable,
    Reject,
    require_rows,
    require_same_columns,
    text_batch,
    text_schema,
    write_batches,
)
from shared.loading.sniff import sniff_format
from shared.loading.staging import Staged

# A file of which so many rows cannot be read is not set aside row by row.
MOST_REJECTS = 200_000
Layout = csv_rows.Layout | workbooks.SheetLayout


@dataclass
class _Tally:
    """What gathers while the rows stream by."""

    files: list[InputFile]
    rejects: list[Reject]


def read_texts(staged: list[Staged], scratch: Path, declared: Format) -> RawTable:
    """Read files of text and workbooks, which may stand side by side, into one table.

    Parameters
    ----------
    staged : list of Staged
        The copies, in the order in which their rows shall stand.
    scratch : Path
        Folder for the Parquet file.
    declared : Format
        What client.yaml says.

    Raises
    ------
    DataRefused
        If a file cannot be read whole without guessing, or their columns differ.
    """
    layouts = [_layout(file, declared) for file in staged]
    header = layouts[0].header
    for layout in layouts[1:]:
        require_same_columns(layouts[0].name, header, layout.name, layout.header)
    tally = _Tally([], [])
    schema = text_schema(header)
    path = scratch / "rows.parquet"
    with _without_cycle_collector():
        write_batches(path, schema, _text_batches(staged, layouts, schema, declared, tally))
    require_rows(tally.files)
    return RawTable(
        path=path,
        header=header,
        files=tuple(tally.files),
        rejects=tuple(tally.rejects),
        format=_as_read(layouts[0], declared),
        typed_columns=_typed_columns(layouts),
    )


@contextlib.contextmanager
def _without_cycle_collector() -> Iterator[None]:
    """Keep Python from looking through millions of small lists for cycles, a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _layout(file: Staged, declared: Format) -> Layout:
    if file.kind == "workbook":
        return workbooks.sheet_layout(file, declared)
    return sniff_format(file, declared)


def _text_batches(
    staged: list[Staged],
    layouts: list[Layout],
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


def _blocks(layout: Layout, footer_rows: int) -> Iterator[Block]:
    if isinstance(layout, workbooks.SheetLayout):
        return workbooks.read_sheet(layout, footer_rows=footer_rows)
    return csv_rows.read_blocks(layout, footer_rows=footer_rows)


def _typed_columns(
    layouts: list[Layout],
) -> frozenset[str]:
    """Columns that no file writes as text."""
    columns = [
        layout.typed_columns if isinstance(layout, workbooks.SheetLayout) else frozenset()
        for layout in layouts
    ]
    return frozenset.intersection(*columns)


def _as_read(layout: Layout, declared: Format) -> Format:
    if isinstance(layout, workbooks.SheetLayout):
        return replace(declared, sheet=layout.sheet, header_row=layout.header_row)
    return replace(
        declared,
        delimiter=layout.delimiter,
        encoding=layout.encoding,
        header_row=layout.header_row,
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
