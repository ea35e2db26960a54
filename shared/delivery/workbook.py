"""The workbook: the tables a manager wants, as typed cells, ids as text, nothing that computes."""

import csv
import datetime as dt
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from shared.delivery.long_sheet import LongSheet

MOST_ROWS = 1_048_576  # of a sheet, its head included
MOST_NAME = 31
FIXED_DAY = dt.datetime(2000, 1, 1)  # so that two runs give the same bytes
WIDEST = 60
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ID = re.compile(r"(^|_)id(_|$)")
_PRODUCTS = {"offer", "suggestion", "from_product", "to_product"}  # that hold the id of a product
_LINK = re.compile(r'href="(tables/[^"]+\.csv)"')
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_TRUTHS = ("True", "False")
Cell = str | float | int | None


def write_workbook(staging: Path, slug: str) -> Path:
    """Write `<slug>.xlsx` from the findings and the tables of a delivery.

    A sheet of contents, one for all findings, one for all actions, then one for each table that a
    page links to and for each list of customers; a list longer than a sheet goes on in the next.
    What only charts and tests rest on stays in the folder of tables; the contents name it.

    Parameters
    ----------
    staging : Path
        Folder with the pages, `findings/*.json` and `tables/*/*.csv`.
    slug : str
        The client's folder name.

    Returns
    -------
    Path
        The workbook.
    """
    path = staging / f"{slug}.xlsx"
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    linked = _linked(staging)
    with xlsxwriter.Workbook(
        path, {**options, "constant_memory": True, "tmpdir": str(staging)}
    ) as book:
        book.set_properties({"created": FIXED_DAY})
        names = _Names()
        contents = book.add_worksheet(names.next("Contents"))
        _write_sheet(book, names.next("Findings"), _FINDING_HEAD, _finding_rows(staging))
        _write_sheet(book, names.next("Actions"), _ACTION_HEAD, _action_rows(staging))
        listed = []
        for table in sorted(staging.glob("tables/*/*.csv")):
            address = table.relative_to(staging).as_posix()
            wanted = address in linked or _lists_customers(table)
            listed.append((address, _write_table(book, names, table) if wanted else ""))
        _write_contents(book, contents, listed)
    return path


_FINDING_HEAD = ["report", "verdict", "finding", "n", "n counts", "low", "high"]
_ACTION_HEAD = ["report", "verdict", "action", "segment", "size", "money", "money is"]


def _linked(staging: Path) -> set[str]:
    """Give the addresses of the tables that a page links to."""
    pages = (page.read_text(encoding="utf-8") for page in staging.glob("*.html"))
    return {address for page in pages for address in _LINK.findall(page)}


def _lists_customers(table: Path) -> bool:
    with table.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file), [""])[0] == "customer_id"


def _records(staging: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(staging.glob("findings/*.json")):
        yield path.stem, json.loads(path.read_text(encoding="utf-8"))


def _finding_rows(staging: Path) -> Iterator[list[Cell]]:
    for report, record in _records(staging):
        for finding in record["findings"]:
            measure = [finding.get(name) for name in ("n", "n_of", "low", "high")]
            yield [report, record["verdict"], finding["sentence"], *measure]


def _action_rows(staging: Path) -> Iterator[list[Cell]]:
    for report, record in _records(staging):
        for action in record.get("actions", ()):
            facts = [action.get(name) for name in ("segment", "size", "money")]
            # What the money is means nothing where there is none.
            money_is = action.get("money_is") if action.get("money") else None
            yield [report, record["verdict"], action["sentence"], *facts, money_is]


def _write_contents(book: Workbook, sheet: Worksheet, tables: Sequence[tuple[str, str]]) -> None:
    head = ["report", "table", "sheet"]
    _write_head(book, sheet, head)
    for column, width in enumerate((20, 32, MOST_NAME)):
        sheet.set_column(column, column, width)
    for row, (address, name) in enumerate(tables, start=1):
        report, file = address.split("/")[1:]
        sheet.write_string(row, 0, report)
        sheet.write_string(row, 1, file.removesuffix(".csv"))
        if name:
            sheet.write_url(row, 2, f"internal:'{name}'!A1", string=name)
        else:
            sheet.write_string(row, 2, f"as a file: {address}")


def _write_table(book: Workbook, names: "_Names", table: Path) -> str:
    """Write a table on as many sheets as it needs; give the name of the first."""
    title, written = f"{table.parent.name[:2]} {table.stem}", []
    with table.open(encoding="utf-8", newline="") as file:
        rows: Iterator[list[str]] = csv.reader(file)
        head = next(rows, [])
        kinds = _kinds(table, head)
        while True:
            part = itertools.islice(rows, MOST_ROWS - 1)
            first = next(part, None)
            written.append(names.next(title))
            texts = itertools.chain([] if first is None else [first], part)
            _write_long(book, written[-1], head, texts, kinds)
            following = next(rows, None)
            if following is None:
                return written[0]
            rows = itertools.chain([following], rows)


def _write_long(
    book: Workbook, name: str, head: Sequence[str], rows: Iterator[list[str]], kinds: Sequence[str]
) -> None:
    sheet = book.add_worksheet(name, worksheet_class=LongSheet)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    _set_widths(sheet, head)
    _write_head(book, sheet, head)
    sheet.write_texts(rows, kinds, day=day)


def _kinds(table: Path, head: Sequence[str]) -> list[str]:
    """Give each column one kind, such as number, only if every value is one; ids stay text."""
    possible = [{"text"} if _is_id(name) else {"number", "date", "truth"} for name in head]
    with table.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        for row in rows:
            for value, kinds in zip(row, possible, strict=True):
                if value and "number" in kinds and not _NUMBER.fullmatch(value):
                    kinds.discard("number")
                if value and "date" in kinds and not _DATE.fullmatch(value):
                    kinds.discard("date")
                if value and "truth" in kinds and value not in _TRUTHS:
                    kinds.discard("truth")
    return [next(iter(kinds)) if len(kinds) == 1 else "text" for kinds in possible]


def _is_id(name: str) -> bool:
    return name in _PRODUCTS or _ID.search(name) is not None


def _write_sheet(
    book: Workbook, name: str, head: Sequence[str], rows: Iterator[list[Cell]]
) -> None:
    sheet = book.add_worksheet(name)
    _set_widths(sheet, head)
    _write_head(book, sheet, head)
    for i, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(i, column, value)
            elif value is not None:
                sheet.write_number(i, column, value)


def _write_head(book: Workbook, sheet: Worksheet, head: Sequence[str]) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    for column, label in enumerate(head):
        sheet.write_string(0, column, label, bold)


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
