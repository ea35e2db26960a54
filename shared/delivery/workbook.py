"""The workbook: the tables a manager wants, as typed cells, ids as text, nothing that computes."""

import csv
import datetime as dt
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from shared.analysis.column_words import plain
from shared.delivery.cell_kinds import NUMBER_FORMATS, cell_kinds
from shared.delivery.long_sheet import LongSheet

MOST_ROWS = 1_048_576  # of a sheet, its head included
MOST_NAME = 31
FIXED_DAY = dt.datetime(2000, 1, 1)  # so that two runs give the same bytes
WIDEST = 60
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
Cell = str | float | int | None
Sheets = Sequence[tuple[str, Sequence[str]]]  # table, then the sheet's name and its columns


def write_workbook(staging: Path, slug: str, sheets: Mapping[str, Sheets]) -> Path:
    """Write `<slug>.xlsx` from the findings and the tables of a delivery.

    A sheet of contents, one for all findings, one for all actions, then one for each table that a
    report names for it and that has rows; a list longer than a sheet goes on in the next. The
    other tables stay in the folder of tables; the contents name them all.

    Parameters
    ----------
    staging : Path
        Folder with `findings/*.json` and `tables/*/*.csv`.
    slug : str
        The client's folder name.
    sheets : mapping of str to Sheets
        By the name of a report, such as "04_cohort": what its notebook names for the workbook.

    Returns
    -------
    Path
        The workbook.
    """
    path = staging / f"{slug}.xlsx"
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(
        path, {**options, "constant_memory": True, "tmpdir": str(staging)}
    ) as book:
        book.set_properties({"created": FIXED_DAY})
        names = _Names()
        contents = book.add_worksheet(names.next("Contents"))
        _write_sheet(book, names.next("Findings"), _FINDING_HEAD, _finding_rows(staging))
        _write_sheet(book, names.next("Actions"), _ACTION_HEAD, _action_rows(staging))
        shown = {
            table: _write_table(book, names, table, named, columns)
            for report, wanted in sorted(sheets.items())
            for name, (named, *columns) in wanted
            if _has_rows(table := staging / "tables" / report / f"{name}.csv")
        }
        others = sorted(set(staging.glob("tables/*/*.csv")) - set(shown))
        _write_contents(book, contents, [*shown.items(), *((table, "") for table in others)])
    return path


_FINDING_HEAD = [
    "report", "verdict", "finding", "n", "counted", "estimate", "low", "high", "unit",
]  # fmt: skip
_SHOWN_AS = {"share": "share", "count": "whole", "days": "whole", "money": "decimal",
             "number": "decimal", "ratio": "decimal"}  # fmt: skip
_ACTION_HEAD = ["report", "verdict", "action", "segment", "size", "money", "money is"]


def _has_rows(table: Path) -> bool:
    if not table.is_file():
        return False
    with table.open(encoding="utf-8", newline="") as file:
        return len(list(itertools.islice(csv.reader(file), 2))) > 1


def _records(staging: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(staging.glob("findings/*.json")):
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))


def _finding_rows(staging: Path) -> Iterator[list[Cell]]:
    for report, record in _records(staging):
        for finding in record["findings"]:
            counted = [finding.get(name) for name in ("n", "n_of")]
            yield [report, record["verdict"], finding["sentence"], *counted, *_estimate_of(finding)]


def _estimate_of(finding: dict[str, Any]) -> list[Cell]:
    """Give the estimate a finding rests on, its bounds and its unit; a full count has no bounds."""
    ends = [finding.get(name) for name in ("n", "low", "high")]
    for value in finding.get("values", {}).values():
        if isinstance(value, dict) and [value[name] for name in ("n", "low", "high")] == ends:
            bounds = [None, None] if value["level"] >= 1 else ends[1:]
            return [value["value"], *bounds, value["unit"]]
    return [None, *ends[1:], None]


def _action_rows(staging: Path) -> Iterator[list[Cell]]:
    for report, record in _records(staging):
        for action in record.get("actions", ()):
            facts = [action.get(name) for name in ("segment", "size", "money")]
            # What the money is means nothing where there is none.
            money_is = action.get("money_is") if action.get("money") else None
            yield [report, record["verdict"], action["sentence"], *facts, money_is]


def _write_contents(book: Workbook, sheet: Worksheet, tables: Sequence[tuple[Path, str]]) -> None:
    """List the sheets, then the tables that are files alone; every table with its file."""
    _write_head(book, sheet, ["report", "sheet", "all of it as a file"])
    for column, width in enumerate((20, MOST_NAME, 52)):
        sheet.set_column(column, column, width)
    for row, (table, name) in enumerate(tables, start=1):
        sheet.write_string(row, 0, table.parent.name)
        if name:
            sheet.write_url(row, 1, f"internal:'{name}'!A1", string=name)
        sheet.write_string(row, 2, f"tables/{table.parent.name}/{table.name}")


def _write_table(
    book: Workbook, names: "_Names", table: Path, named: str, columns: Sequence[str]
) -> str:
    """Write a table on as many sheets as it needs; give the name of the first."""
    title, written = f"{table.parent.name[:2]} {named}", []
    with table.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        head = next(reader, [])
        places = [head.index(c) for c in columns if c in head] or list(range(len(head)))
        head = [head[place] for place in places]
        kinds = cell_kinds(table, head, places)
        formats = {kind: book.add_format({"num_format": f}) for kind, f in NUMBER_FORMATS.items()}
        rows: Iterator[list[str]] = ([row[place] for place in places] for row in reader)
        while True:
            part = itertools.islice(rows, MOST_ROWS - 1)
            first = next(part, None)
            written.append(names.next(title))
            texts = itertools.chain([] if first is None else [first], part)
            _write_long(book, written[-1], head, texts, kinds, formats)
            following = next(rows, None)
            if following is None:
                return written[0]
            rows = itertools.chain([following], rows)


def _write_long(
    book: Workbook,
    name: str,
    head: Sequence[str],
    rows: Iterator[list[str]],
    kinds: Sequence[str],
    formats: Mapping[str, Format],
) -> None:
    sheet = book.add_worksheet(name, worksheet_class=LongSheet)
    _set_widths(sheet, head)
    _write_head(book, sheet, head)
    sheet.write_texts(rows, kinds, formats)


def _write_sheet(
    book: Workbook, name: str, head: Sequence[str], rows: Iterator[list[Cell]]
) -> None:
    sheet = book.add_worksheet(name)
    formats = {kind: book.add_format({"num_format": f}) for kind, f in NUMBER_FORMATS.items()}
    _set_widths(sheet, head)
    _write_head(book, sheet, head)
    for i, row in enumerate(rows, start=1):
        cells = dict(zip(head, row, strict=True))
        for column, (label, value) in enumerate(cells.items()):
            if isinstance(value, str):
                sheet.write_string(i, column, value)
            elif value is not None:
                measured = label in ("estimate", "low", "high")
                kind = _SHOWN_AS.get(str(cells["unit"]), "decimal") if measured else "whole"
                sheet.write_number(i, column, value, formats[kind])


def _write_head(book: Workbook, sheet: Worksheet, head: Sequence[str]) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    for column, label in enumerate(head):
        sheet.write_string(0, column, label if len(label) == 1 else plain(label), bold)


def _set_widths(sheet: Worksheet, head: Sequence[str]) -> None:
    for column, label in enumerate(head):
        wide = label in ("finding", "action", "sentence", "why")
        sheet.set_column(column, column, WIDEST if wide else max(11, len(label) + 2))


class _Names:
    """Names for sheets: short enough, without forbidden signs, no two alike."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def next(self, title: str) -> str:
        """Give the next free name for a title."""
        base = _FORBIDDEN.sub(" ", title)[:MOST_NAME].strip("' ")
        name = base
        for number in itertools.count(2):
            if name.lower() not in self._taken:
                break
            ending = f" {number}"
            name = base[: MOST_NAME - len(ending)] + ending
        self._taken.add(name.lower())
        return name
