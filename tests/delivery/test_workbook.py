import csv
import datetime as dt
import json
import re
import zipfile

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from shared.delivery import workbook
from shared.delivery.catalogue import catalogue, notebooks_folder
from shared.delivery.workbook import write_workbook

HALF = {"value": 0.5, "low": 0.2, "high": 0.8, "n": 10, "unit": "share", "level": 0.95}
SHEETS = {"01_portfolio": (("customers", ("Customers",)),)}


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
            {
                "sentence": "Half return.",
                "n": 10,
                "n_of": "orders",
                "low": 0.2,
                "high": 0.8,
                "values": {"back": HALF, "all": 10},
            },
            {
                "sentence": "Ten ordered.",
                "n": 10,
                "n_of": "orders",
                "low": 10.0,
                "high": 10.0,
                "values": {
                    "n": HALF
                    | {"value": 10.0, "low": 10.0, "high": 10.0, "level": 1.0, "unit": "count"}
                },
            },
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
    path = write_workbook(staging, "acme", SHEETS)
    head, first, second = sheet_rows(path, "01 Customers")

    assert head == ["Customer id", "Segment", "Monetary", "Last order date", "Code", "Is newcomer"]
    assert first[:3] == ["00123", "Champions", 12.5]
    assert first[3].isoformat() == "2026-01-31T00:00:00"
    assert (first[4], second[4]) == ("007", "12")
    assert (first[5], second[5]) == (True, None)
    assert second[0] == "124"


def test_numbers_are_shown_as_shares_counts_or_amounts_and_stay_whole(tmp_path):
    table = tmp_path / "tables" / "05_basket" / "pairs.csv"
    table.parent.mkdir(parents=True)
    table.write_text(
        "product_id_a,together,share,lift,p,first_year\n7,1200,0.168249,1.84357,1e-09,2024\n",
        encoding="utf-8",
    )
    path = write_workbook(tmp_path, "acme", {"05_basket": (("pairs", ("Pairs",)),)})
    cells = openpyxl.load_workbook(path)["05 Pairs"][2]

    assert [cell.value for cell in cells] == ["7", 1200, 0.168249, 1.84357, 1e-09, 2024]
    shown = [cell.number_format for cell in cells]
    assert shown == ["General", "#,##0", "0.0%", "#,##0.00", "General", "General"]


def test_an_id_stays_text_whatever_its_column_is_called(staging):
    path = staging / "tables" / "01_portfolio" / "customers.csv"
    path.write_text("customer_id,product_id_a,offer,width\n1,22139,84029,7\n", encoding="utf-8")
    rows = sheet_rows(write_workbook(staging, "acme", SHEETS), "01 Customers")

    assert rows[1] == ["1", "22139", "84029", 7]


def test_text_that_looks_like_a_formula_is_text_and_letter_for_letter(staging):
    cell = openpyxl.load_workbook(write_workbook(staging, "acme", SHEETS))["01 Customers"]["B3"]

    assert (cell.value, cell.data_type) == ("=SUM(A1)", "s")


def test_marks_of_xml_spaces_and_control_signs_reach_the_cell_letter_for_letter(staging):
    texts = ['<b>&"x"', " a\nb ", "\x01", "_x0041_", "''=y", "é🙂"]
    with (staging / "tables" / "01_portfolio" / "customers.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["customer_id", "said"], *(["1", text] for text in texts)])
    rows = sheet_rows(write_workbook(staging, "acme", SHEETS), "01 Customers")

    read = [unescape(row[1]) for row in rows[1:]]
    assert read == [*texts[:4], "'=y", texts[5]]


def test_a_list_longer_than_a_sheet_goes_on_in_the_next(staging, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    path = write_workbook(staging, "acme", SHEETS)

    assert [row[0] for row in sheet_rows(path, "01 Customers")] == ["Customer id", "00123"]
    assert [row[0] for row in sheet_rows(path, "01 Customers 2")] == ["Customer id", "124"]


def test_findings_come_first_with_estimate_n_and_interval_and_a_full_count_has_none(staging):
    path = write_workbook(staging, "acme", SHEETS)
    _, half, ten = sheet_rows(path, "Findings")

    assert half[2:] == ["Half return.", 10, "orders", 0.5, 0.2, 0.8, "share"]
    assert ten[2:] == ["Ten ordered.", 10, "orders", 10, None, None, "count"]
    shown = [cell.number_format for cell in openpyxl.load_workbook(path)["Findings"][2]]
    assert shown[3:8] == ["#,##0", "General", "0.0%", "0.0%", "0.0%"]


def test_actions_stand_beside_the_findings_with_what_their_money_is(staging):
    rows = sheet_rows(write_workbook(staging, "acme", SHEETS), "Actions")

    assert rows[1:] == [
        ["01_portfolio", "read with care", "Call.", "At Risk", 3, 9.5, "won"],
        ["01_portfolio", "read with care", "Ask.", "All", 4, None, None],
    ]


def test_a_sheet_stands_for_each_table_that_a_report_names_and_the_contents_name_all_files(staging):
    tables = staging / "tables" / "01_portfolio"
    for name in ("curve", "segments"):
        (tables / f"{name}.csv").write_text("x\n1\n", encoding="utf-8")
    named = (("segments", ("Segments",)), *SHEETS["01_portfolio"])
    book = openpyxl.load_workbook(write_workbook(staging, "acme", {"01_portfolio": named}))

    assert book.sheetnames == ["Contents", "Findings", "Actions", "01 Segments", "01 Customers"]
    assert [list(row) for row in book["Contents"].values] == [
        ["Report", "Sheet", "All of it as a file"],
        ["01_portfolio", "01 Segments", "tables/01_portfolio/segments.csv"],
        ["01_portfolio", "01 Customers", "tables/01_portfolio/customers.csv"],
        ["01_portfolio", None, "tables/01_portfolio/curve.csv"],
    ]
    assert book["Contents"]["B3"].hyperlink.location == "'01 Customers'!A1"
    assert {sheet.freeze_panes for sheet in book.worksheets} == {"A2"}


def test_a_sheet_shows_the_columns_that_are_named_in_their_order(staging):
    # A client without prices has no column of money.
    named = ("Customers", "code", "no_such_column", "customer_id")
    path = write_workbook(staging, "acme", {"01_portfolio": (("customers", named),)})

    assert sheet_rows(path, "01 Customers") == [
        ["Code", "Customer id"], ["007", "00123"], ["12", "124"],
    ]  # fmt: skip


def test_a_table_without_rows_or_that_was_not_written_has_no_sheet(staging):
    (staging / "tables" / "01_portfolio" / "due_list.csv").write_text("customer_id\n")
    named = (("due_list", ("Due",)), ("no_such_table", ("None",)), *SHEETS["01_portfolio"])
    names = openpyxl.load_workbook(
        write_workbook(staging, "acme", {"01_portfolio": named})
    ).sheetnames

    assert names == ["Contents", "Findings", "Actions", "01 Customers"]


def test_two_runs_give_the_same_bytes_and_no_author(staging):
    first = write_workbook(staging, "acme", SHEETS).read_bytes()
    path = write_workbook(staging, "acme", SHEETS)

    assert path.read_bytes() == first
    with zipfile.ZipFile(path) as book:
        core = book.read("docProps/core.xml").decode()
        assert not [name for name in book.namelist() if "calcChain" in name]
    assert "<dc:creator></dc:creator>" in core
    assert "2000-01-01" in core


def test_names_of_sheets_are_unique_and_fit(staging):
    named = tuple(("customers", (f"{'long' * 10} {ending}",)) for ending in "ab")
    path = write_workbook(staging, "acme", {"01_portfolio": named})
    names = openpyxl.load_workbook(path).sheetnames

    assert len({name.lower() for name in names}) == len(names) == 5
    assert max(map(len, names)) <= 31


@pytest.mark.slow
def test_every_table_and_column_named_for_the_workbook_is_one_of_the_demo(demo_delivery):
    named = [(r.name, *one) for r in catalogue(notebooks_folder()) for one in r.workbook]
    heads = {}
    for report, table, _ in named:
        with (demo_delivery / "tables" / report / f"{table}.csv").open(encoding="utf-8") as file:
            heads[report, table] = next(csv.reader(file))

    assert len({sheet for *_, (sheet, *_) in named}) >= 30
    unknown = [
        (report, table, set(columns) - set(heads[report, table]))
        for report, table, (_, *columns) in named
    ]
    assert [one for one in unknown if one[2]] == []


@pytest.mark.slow
def test_the_delivered_workbook_computes_nothing_names_nobody_and_types_its_cells(demo_delivery):
    path = demo_delivery / "demo.xlsx"
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    sheets = [text for name, text in parts.items() if "worksheets/sheet" in name]

    assert 30 <= len(sheets) <= 40
    assert path.stat().st_size <= 2_000_000
    assert not [text for text in sheets if "<f>" in text or "<f " in text]
    assert "<dc:creator></dc:creator>" in parts["docProps/core.xml"]
    assert set(re.findall(r"\d{4}-\d\d-\d\dT", parts["docProps/core.xml"])) == {"2000-01-01T"}
    assert not [name for name in parts if "calcChain" in name or "externalLink" in name]
    rows = sheet_rows(path, "01 Customers")
    with (demo_delivery / "tables/01_portfolio/customers.csv").open(encoding="utf-8") as file:
        written = list(csv.reader(file))
    ids = [row[0] for row in rows[1:]]
    assert ids == [row[0] for row in written[1:]]
    assert any(customer.startswith("0") for customer in ids)
    kinds = {head: {type(row[i]) for row in rows[1:]} for i, head in enumerate(rows[0])}
    assert kinds["Customer id"] == {str}
    assert kinds["Monetary"] <= {int, float}
    assert kinds["Last order date"] == {dt.datetime}
