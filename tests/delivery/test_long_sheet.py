"""A long sheet holds, cell for cell, what a call per cell would have written."""

import datetime as dt
import re
import zipfile

import openpyxl
import pytest
import xlsxwriter

from shared.delivery.long_sheet import MOST_LETTERS, LongSheet

KINDS = ("text", "decimal", "date", "truth")
SHOWN = {"decimal": "#,##0.00", "date": "yyyy-mm-dd"}
ROWS = [
    ("00123", "12.5", "2026-01-31", "True"),
    ("", "-3", "", "False"),
    ("a < b & 'c' \"d\"", "1.5e-07", "1999-12-31", ""),
    (" padded\nlines ", "", "2000-02-29", "True"),
    ("'=SUM(A1)", "0", "2024-02-29", "False"),
]


def by_call(sheet, rows, shown):
    """Write the same the way that xlsxwriter documents."""
    for i, (text, number, date, truth) in enumerate(rows, start=1):
        if text:
            sheet.write_string(i, 0, re.sub("^'=", "=", text))
        if number:
            sheet.write_number(i, 1, float(number), shown["decimal"])
        if date:
            sheet.write_datetime(i, 2, dt.datetime.fromisoformat(date), shown["date"])
        if truth:
            sheet.write_boolean(i, 3, truth == "True")


def written(path, rows, *, by_cell=False, kinds=KINDS):
    options = {"constant_memory": True, "strings_to_formulas": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("S", worksheet_class=None if by_cell else LongSheet)
        for column, label in enumerate(kinds):
            sheet.write_string(0, column, label)
        shown = {kind: book.add_format({"num_format": SHOWN[kind]}) for kind in SHOWN}
        by_call(sheet, rows, shown) if by_cell else sheet.write_texts(rows, kinds, shown)
    return path


def cells(path):
    return [
        [(cell.value, cell.data_type, cell.number_format) for cell in row]
        for row in openpyxl.load_workbook(path)["S"].rows
    ]


def markup(path):
    with zipfile.ZipFile(path) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def test_every_cell_has_the_value_the_type_and_the_format_of_a_call_per_cell(tmp_path):
    long = written(tmp_path / "long.xlsx", ROWS)
    calls = written(tmp_path / "calls.xlsx", ROWS, by_cell=True)

    assert cells(long) == cells(calls)
    assert cells(long)[1][0] == ("00123", "s", "General")
    assert cells(long)[1][2] == (dt.datetime(2026, 1, 31), "d", "yyyy-mm-dd")
    assert cells(long)[5][0] == ("=SUM(A1)", "s", "General")


def test_a_blank_is_no_cell_and_the_sheet_knows_its_size(tmp_path):
    sheet = markup(written(tmp_path / "long.xlsx", ROWS))

    assert re.findall(r'<row r="3">.*?</row>', sheet) == [
        '<row r="3"><c r="B3" s="1"><v>-3</v></c><c r="D3" t="b"><v>0</v></c></row>'
    ]
    assert '<dimension ref="A1:D6"/>' in sheet


def test_a_text_beyond_what_a_cell_holds_is_cut_there(tmp_path):
    path = written(tmp_path / "long.xlsx", [("x" * (MOST_LETTERS + 5),)], kinds=["text"])

    assert cells(path)[1][0][0] == "x" * MOST_LETTERS


def test_a_row_that_is_shorter_than_its_head_is_refused(tmp_path):
    with pytest.raises(ValueError, match="shorter"):
        written(tmp_path / "long.xlsx", [("1", "2")])


def test_a_sheet_without_a_row_has_its_head(tmp_path):
    assert [row[0][0] for row in cells(written(tmp_path / "long.xlsx", []))] == ["text"]
