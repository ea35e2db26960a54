"""Sheets of Excel workbooks as rows of text: ids whole, dates ISO, one header, one sheet."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from shared.loading.column_names import header_names
from shared.loading.config import Format
from shared.loading.errors import DataRefused
from shared.loading.file_types import password_protected
from shared.loading.questions import Undecided
from shared.loading.raw_table import Block, Reject
from shared.loading.staging import Staged
from shared.loading.words_near import did_you_mean
from shared.loading.workbook_checks import check_workbook, damaged, refuse_missing_values

ROWS_PER_BLOCK = 20_000
LOOKED_AT = 200
HEADER_WITHIN = 30
MOST_SHEETS_LISTED = 4
LONGEST_REJECT = 1000
_HALF_SECOND = timedelta(seconds=0.5)


@dataclass(frozen=True)
class SheetLayout:
    """The sheet to read and the row of its column names.

    Attributes
    ----------
    name : str
        File in messages.
    sheet : str
        Its name; `cells` is the sheet itself.
    header_row : int
        Row number of the header.
    header : tuple of str
        Column names.
    text_columns, number_columns : set of int
        Filled while the rows are read: where cells were text, and numbers or dates.
    """

    name: str
    sheet: str
    cells: CalamineSheet
    header_row: int
    header: tuple[str, ...]
    text_columns: set[int] = field(default_factory=set)
    number_columns: set[int] = field(default_factory=set)

    @property
    def typed_columns(self) -> frozenset[str]:
        """Columns in which no cell was text, once all rows are read."""
        return frozenset(self.header[i] for i in self.number_columns - self.text_columns)


def sheet_layout(staged: Staged, declared: Format) -> SheetLayout:
    """Find the sheet and the header; what is not declared must leave no choice.

    Raises
    ------
    Undecided
        If there are several sheets and none is declared, or if titles or merged cells stand where
        the header should; the message lists the sheets and the likely header row.
    DataRefused
        If the workbook is damaged, protected, too large when unfolded, has entities in its XML, no
        such sheet, or formulas without values.
    """
    book = _open(staged)
    names = [m.name for m in book.sheets_metadata if "WorkSheet" in str(m.typ)]
    sheet = _chosen_sheet(staged.name, book, names, declared)
    cells = book.get_sheet_by_name(sheet)
    rows = [list(row) for row in islice(cells.iter_rows(), LOOKED_AT)]
    if not any(map(_filled, rows)):
        raise DataRefused(
            "E-FILE-07", staged.name, f'sheet "{sheet}" is empty', fix="ask the client to send it"
        )
    header_row = declared.header_row or _header_row(staged.name, sheet, cells, rows)
    if header_row > _rows(cells):
        raise DataRefused(
            "E-FILE-44",
            staged.name,
            f'header_row: {header_row}, but sheet "{sheet}" has {_rows(cells)} rows',
            fix="correct header_row in client.yaml",
        )
    fields = next(islice(cells.iter_rows(), header_row - 1, None))
    header = header_names(staged.name, _trimmed_end([cell_text(cell) for cell in fields]))
    if _is_zip(staged.path):
        refuse_missing_values(staged.name, staged.path, sheet, first_row=header_row)
    return SheetLayout(staged.name, sheet, cells, header_row, header)


def read_sheet(layout: SheetLayout, *, footer_rows: int = 0) -> Iterator[Block]:
    """Read the rows below the header in blocks; rows with cells right of the header are set aside.

    Parameters
    ----------
    layout : SheetLayout
        The sheet; its column sets are filled on the way.
    footer_rows : int
        How many rows at the end to set aside as a declared footer.
    """
    numbered = enumerate(islice(layout.cells.iter_rows(), layout.header_row, None))
    first = layout.header_row + 1
    held: list[tuple[int, list[str]]] = []
    while taken := list(islice(numbered, ROWS_PER_BLOCK)):
        filled = [(first + i, _texts(layout, row)) for i, row in taken if _filled(row)]
        blank = len(taken) - len(filled)
        held += filled
        ready, held = held[: len(held) - footer_rows], held[max(len(held) - footer_rows, 0) :]
        yield _block(layout, ready, blank)
    if held:
        yield Block([], [], [_reject(layout, n, row, "footer") for n, row in held])


def cell_text(cell: Any) -> str:
    """Write a cell as text: 12345.0 as "12345", dates and times as ISO with both parts."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        # A day's fraction in binary is never quite a second.
        return (cell + _HALF_SECOND).isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return f"{cell.isoformat()} 00:00:00"
    return cell.isoformat() if isinstance(cell, time) else str(cell)


def _open(staged: Staged) -> CalamineWorkbook:
    if _is_zip(staged.path):
        check_workbook(staged.name, staged.path)
    try:
        return CalamineWorkbook.from_path(str(staged.path))
    except PasswordError:
        raise password_protected(staged.name) from None
    except (CalamineError, OSError) as error:
        if "password" in str(error).lower() or "encrypt" in str(error).lower():
            raise password_protected(staged.name) from None
        raise damaged(staged.name) from None


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _chosen_sheet(name: str, book: CalamineWorkbook, sheets: list[str], declared: Format) -> str:
    if declared.sheet in sheets:
        return str(declared.sheet)
    listed = _listed(book, sheets)
    if declared.sheet is not None:
        hint = did_you_mean(declared.sheet, sheets)
        raise DataRefused(
            "E-FILE-54",
            name,
            f'has no sheet named "{declared.sheet}"{hint}',
            found=listed,
            fix=f'in client.yaml: format: {{sheet: "{sheets[0]}"}}' if sheets else "",
        )
    if len(sheets) == 1:
        return sheets[0]
    raise Undecided(
        "E-FILE-52",
        name,
        f"has {len(sheets)} sheets, and client.yaml does not say which",
        found=listed,
        fix=f'in client.yaml: format: {{sheet: "{sheets[0]}"}}' if sheets else "",
        key="sheet",
        choices=tuple(sorted(sheets, key=lambda s: -_rows(book.get_sheet_by_name(s)))),
    )


def _listed(book: CalamineWorkbook, sheets: list[str]) -> str:
    lines = []
    for sheet in sheets[:MOST_SHEETS_LISTED]:
        cells = book.get_sheet_by_name(sheet)
        rows = [list(row) for row in islice(cells.iter_rows(), LOOKED_AT)]
        likely = _likely_header(rows)
        about = f"header likely in row {likely}" if likely else "no row looks like a header"
        lines.append(f'"{sheet}": {_rows(cells)} rows, {about}')
    if len(sheets) > MOST_SHEETS_LISTED:
        lines.append(f"and {len(sheets) - MOST_SHEETS_LISTED} more sheets")
    return "\n".join(lines)


def _header_row(name: str, sheet: str, cells: CalamineSheet, rows: list[list[Any]]) -> int:
    """Take the first row with anything in it if nothing speaks against its being the header."""
    first = next(i for i, row in enumerate(rows, start=1) if _filled(row))
    likely = _likely_header(rows)
    merged = _is_merged(cells, first)
    if likely == first and not merged:
        return first
    what = "merged cells stand in its first row" if merged else "titles stand above the header"
    if not likely:
        what = "no row looks like a header"
    shown = ", ".join(_filled(rows[likely - 1])[:5]) if likely else ""
    raise Undecided(
        "E-FILE-55",
        f"{name}:{first}",
        f'sheet "{sheet}": {what}',
        found=f"row {likely} is the likely header: {shown}" if likely else "",
        fix=f"in client.yaml: format: {{header_row: {likely or 1}}}",
        key="header_row",
        choices=(str(likely or 1),),
    )


def _likely_header(rows: list[list[Any]]) -> int:
    """Find the first row as full as the table that holds distinct texts only; 0 for none."""
    widths = Counter(len(_filled(row)) for row in rows if _filled(row))
    if not widths:
        return 0
    usual = max(widths.items(), key=lambda item: (item[1], item[0]))[0]
    for number, row in enumerate(rows[:HEADER_WITHIN], start=1):
        cells = _filled(row)
        texts = all(isinstance(cell, str) for cell in row if cell != "")
        if len(cells) >= max(usual, 1) and texts and len(set(cells)) == len(cells):
            return number
    return 0


def _rows(cells: CalamineSheet) -> int:
    return cells.end[0] + 1 if cells.end else 0


def _is_merged(cells: CalamineSheet, row: int) -> bool:
    ranges = cells.merged_cell_ranges or []
    return any(top <= row - 1 <= bottom for (top, _), (bottom, _) in ranges)


def _filled(row: list[Any]) -> list[str]:
    return [text for cell in row if (text := cell_text(cell).strip())]


def _trimmed_end(fields: list[str]) -> list[str]:
    while fields and not fields[-1].strip():
        fields.pop()
    return fields


def _texts(layout: SheetLayout, row: list[Any]) -> list[str]:
    for i, cell in enumerate(row):
        if isinstance(cell, str):
            if cell and i not in layout.text_columns:
                layout.text_columns.add(i)
        elif i < len(layout.header):
            layout.number_columns.add(i)
    return [cell_text(cell) for cell in row]


def _block(layout: SheetLayout, numbered: list[tuple[int, list[str]]], blank: int) -> Block:
    width = len(layout.header)
    numbers, rows, rejects = [], [], []
    for number, row in numbered:
        if any(row[width:]):
            rejects.append(_reject(layout, number, row, "too_many_fields"))
        else:
            numbers.append(number)
            rows.append(row[:width])
    return Block(numbers, rows, rejects, blank)


def _reject(layout: SheetLayout, number: int, row: list[str], reason: str) -> Reject:
    text = ",".join(row)[:LONGEST_REJECT]
    return Reject(layout.name, number, reason, text)  # type: ignore[arg-type]
