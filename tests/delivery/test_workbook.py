import csv
import datetime as dt
import json
import re
import zipfile

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from shared.delivery import workbook
from shared.delivery.workbook import write_workbook


@pytest.fixture
def staging(tmp_path):
    tables = tmp_path / "tables" / "01_portfolio"
    tables.mkdir(parents=True)
    (tables / "customers.csv").write_text(
        "customer_id,segment,monetary,last_order_date,code,is_newcomer\n"
        "00123,Champions,12.5,2026-01-31,007,True\n"
        "124,'=SUM(A1),,,12,\n",
        encoding="utf-8",
    )
    findings = tmp_path / "findings"
    findings.mkdir()
    record = {
        "verdict": "read with care",
        "findings": [
            {"sentence": "Half return.", "n": 10, "n_of": "orders", "low": 0.2, "high": 0.8}
        ],
        "actions": [
            {"sentence": "Call.", "segment": "At Risk", "size": 3, "money": 9.5, "money_is": "won"},
            {"sentence": "Ask.", "segment": "All", "size": 4, "money": None, "money_is": "so far"},
        ],
    }
    (findings / "01_portfolio.json").write_text(json.dumps(record), encoding="utf-8")
    return tmp_path


def sheet_rows(path, sheet):
    return [list(row) for row in openpyxl.load_workbook(path)[sheet].values]


def test_ids_stay_text_and_numbers_dates_and_truths_are_typed(staging):
    path = write_workbook(staging, "acme")
    head, first, second = sheet_rows(path, "01 customers")

    assert head == ["customer_id", "segment", "monetary", "last_order_date", "code", "is_newcomer"]
    assert first[:3] == ["00123", "Champions", 12.5]
    assert first[3].isoformat() == "2026-01-31T00:00:00"
    assert (first[4], second[4]) == ("007", "12")
    assert (first[5], second[5]) == (True, None)
    assert second[0] == "124"


def test_an_id_stays_text_whatever_its_column_is_called(staging):
    path = staging / "tables" / "01_portfolio" / "customers.csv"
    path.write_text("customer_id,product_id_a,offer,width\n1,22139,84029,7\n", encoding="utf-8")
    rows = sheet_rows(write_workbook(staging, "acme"), "01 customers")

    assert rows[1] == ["1", "22139", "84029", 7]


def test_text_that_looks_like_a_formula_is_text_and_letter_for_letter(staging):
    cell = openpyxl.load_workbook(write_workbook(staging, "acme"))["01 customers"]["B3"]

    assert (cell.value, cell.data_type) == ("=SUM(A1)", "s")


def test_marks_of_xml_spaces_and_control_signs_reach_the_cell_letter_for_letter(staging):
    texts = ['<b>&"x"', " a\nb ", "\x01", "_x0041_", "''=y", "é🙂"]
    with (staging / "tables" / "01_portfolio" / "customers.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["customer_id", "said"], *(["1", text] for text in texts)])
    rows = sheet_rows(write_workbook(staging, "acme"), "01 customers")

    read = [unescape(row[1]) for row in rows[1:]]
    assert read == [*texts[:4], "'=y", texts[5]]


def test_a_list_longer_than_a_sheet_goes_on_in_the_next(staging, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    path = write_workbook(staging, "acme")

    assert [row[0] for row in sheet_rows(path, "01 customers")] == ["customer_id", "00123"]
    assert [row[0] for row in sheet_rows(path, "01 customers 2")] == ["customer_id", "124"]


def test_findings_come_first_with_n_and_interval(staging):
    rows = sheet_rows(write_workbook(staging, "acme"), "Findings")

    assert rows[1] == ["01_portfolio", "read with care", "Half return.", 10, "orders", 0.2, 0.8]


def test_actions_stand_beside_the_findings_with_what_their_money_is(staging):
    rows = sheet_rows(write_workbook(staging, "acme"), "Actions")

    assert rows[1:] == [
        ["01_portfolio", "read with care", "Call.", "At Risk", 3, 9.5, "won"],
        ["01_portfolio", "read with care", "Ask.", "All", 4, None, None],
    ]


def test_what_no_page_links_to_and_lists_no_customers_is_a_file_that_the_contents_name(staging):
    tables = staging / "tables" / "01_portfolio"
    for name in ("curve", "segments"):
        (tables / f"{name}.csv").write_text("x\n1\n", encoding="utf-8")
    link = '<a href="tables/01_portfolio/segments.csv">all rows</a>'
    (staging / "01_portfolio.html").write_text(link, encoding="utf-8")
    book = openpyxl.load_workbook(write_workbook(staging, "acme"))

    assert book.sheetnames == ["Contents", "Findings", "Actions", "01 customers", "01 segments"]
    assert [list(row) for row in book["Contents"].values] == [
        ["report", "table", "sheet"],
        ["01_portfolio", "curve", "as a file: tables/01_portfolio/curve.csv"],
        ["01_portfolio", "customers", "01 customers"],
        ["01_portfolio", "segments", "01 segments"],
    ]
    assert book["Contents"]["C3"].hyperlink.location == "'01 customers'!A1"


def test_two_runs_give_the_same_bytes_and_no_author(staging):
    first = write_workbook(staging, "acme").read_bytes()
    path = write_workbook(staging, "acme")

    assert path.read_bytes() == first
    with zipfile.ZipFile(path) as book:
        core = book.read("docProps/core.xml").decode()
        assert not [name for name in book.namelist() if "calcChain" in name]
    assert "<dc:creator></dc:creator>" in core
    assert "2000-01-01" in core


def test_names_of_sheets_are_unique_and_fit(staging):
    tables = staging / "tables" / "01_portfolio"
    for ending in ("a", "b"):
        path = tables / f"{'long' * 10}_{ending}.csv"
        path.write_text("customer_id\n1\n", encoding="utf-8")
    names = openpyxl.load_workbook(write_workbook(staging, "acme")).sheetnames

    assert len({name.lower() for name in names}) == len(names) == 6
    assert max(map(len, names)) <= 31


@pytest.mark.slow
def test_the_delivered_workbook_computes_nothing_names_nobody_and_types_its_cells(demo_delivery):
    path = demo_delivery / "demo.xlsx"
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    sheets = [text for name, text in parts.items() if "worksheets/sheet" in name]

    assert len(sheets) > 40
    assert not [text for text in sheets if "<f>" in text or "<f " in text]
    assert "<dc:creator></dc:creator>" in parts["docProps/core.xml"]
    assert set(re.findall(r"\d{4}-\d\d-\d\dT", parts["docProps/core.xml"])) == {"2000-01-01T"}
    assert not [name for name in parts if "calcChain" in name or "externalLink" in name]
    rows = sheet_rows(path, "01 customers")
    with (demo_delivery / "tables/01_portfolio/customers.csv").open(encoding="utf-8") as file:
        written = list(csv.reader(file))
    ids = [row[0] for row in rows]
    assert ids == [row[0] for row in written]
    assert any(customer.startswith("0") for customer in ids)
    kinds = {head: {type(row[i]) for row in rows[1:]} for i, head in enumerate(rows[0])}
    assert kinds["customer_id"] == {str}
    assert kinds["monetary"] <= {int, float}
    assert kinds["last_order_date"] == {dt.datetime}
    assert kinds["is_regular"] == {bool}
