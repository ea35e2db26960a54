import json
import zipfile

import openpyxl
import pytest

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


def test_text_that_looks_like_a_formula_is_text_and_letter_for_letter(staging):
    cell = openpyxl.load_workbook(write_workbook(staging, "acme"))["01 customers"]["B3"]

    assert (cell.value, cell.data_type) == ("=SUM(A1)", "s")


def test_a_list_longer_than_a_sheet_goes_on_in_the_next(staging, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    path = write_workbook(staging, "acme")

    assert [row[0] for row in sheet_rows(path, "01 customers")] == ["customer_id", "00123"]
    assert [row[0] for row in sheet_rows(path, "01 customers 2")] == ["customer_id", "124"]


def test_findings_come_first_with_n_and_interval(staging):
    rows = sheet_rows(write_workbook(staging, "acme"), "Findings")

    assert rows[1] == ["01_portfolio", "read with care", "Half return.", 10, "orders", 0.2, 0.8]


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
        (tables / f"{'long' * 10}_{ending}.csv").write_text("x\n1\n", encoding="utf-8")
    names = openpyxl.load_workbook(write_workbook(staging, "acme")).sheetnames

    assert len({name.lower() for name in names}) == len(names) == 4
    assert max(map(len, names)) <= 31
