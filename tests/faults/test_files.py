"""Faults of files: one test per row of the matrix, named by its id."""

import gzip
import hashlib
import io
import pickle
import time
import zipfile

import psutil
import pytest
import xlsxwriter
from raw_inputs import CSV, drop, edited_zip, read, records, workbook

from shared.loading.config import Format
from shared.loading.errors import DataRefused
from shared.loading.questions import Undecided
from shared.loading.sniff import resolve_formats

ROWS = [["order_id", "order_date", "amount"], [1, "2024-01-31", 12.5], [2, "2024-02-01", 7.25]]


def refused(client, *source, **format_) -> DataRefused:
    """Read a drop that must be refused: exit code 3, at most 8 lines, a remedy."""
    with pytest.raises(DataRefused) as caught:
        read(client, *source, **format_)
    assert caught.value.exit_code == 3
    assert len(str(caught.value).splitlines()) <= 8
    assert caught.value.fix
    return caught.value


def dates(client, **format_):
    """Resolve the formats of the column order_date."""
    raw = read(client)
    declared = Format(**format_)
    return resolve_formats(raw, {"order_date": "timestamp"}, declared).date_formats["order_date"]


def test_da01_two_date_formats_are_both_shown_and_a_list_of_both_is_the_remedy(tmp_path):
    rows = b"".join(b"%d,31.01.2024\n%d,2024-01-31\n" % (i, i) for i in range(10))
    client = drop(tmp_path, orders_csv=b"order_id,order_date\n" + rows)

    with pytest.raises(DataRefused) as caught:
        dates(client)

    assert "%d.%m.%Y" in str(caught.value)
    assert "%Y-%m-%d" in str(caught.value)
    both = ("%d.%m.%Y", "%Y-%m-%d")
    assert dates(client, date=both) == both


def test_da01_a_few_rows_in_another_format_are_left_for_the_intake_to_set_aside(tmp_path):
    rows = b"".join(b"%d,2024-01-%02d\n" % (i, i % 28 + 1) for i in range(99))
    client = drop(tmp_path, orders_csv=b"order_id,order_date\n" + rows + b"99,31.01.2024\n")

    assert dates(client) == ("%Y-%m-%d",)


def test_da02_decimal_comma_with_semicolons_is_proven(tmp_path):
    client = drop(tmp_path, orders_csv=b"order_id;amount\n1;1.234,56\n2;12,50\n3;1.234\n")
    raw = read(client)

    got = resolve_formats(raw, {"amount": "money"}, Format())

    assert (raw.format.delimiter, got.decimal, got.thousands) == (";", ",", ".")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_da03_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path, encoding):
    text = "şehir,tutar\nİzmir,5\n"
    mark = "" if encoding in ("utf-8-sig", "utf-16") else "\ufeff"
    client = drop(tmp_path, orders_csv=(mark + text).encode(encoding))

    raw = read(client)

    assert raw.header == ("şehir", "tutar")
    assert records(raw)[0]["şehir"] == "İzmir"


def test_da06_a_wrong_delimiter_is_refused_naming_the_one_in_the_file(tmp_path):
    client = drop(tmp_path, orders_csv=CSV.replace(b",", b";"))

    error = refused(client, delimiter=",")

    assert "one single column" in error.what
    assert 'semicolon (";")' in error.found
    assert 'delimiter: ";"' in error.fix
    assert len(records(read(client, delimiter=";"))) == 2


def test_da07_a_line_break_inside_quotes_keeps_later_row_numbers(tmp_path):
    text = b'id,note,amount\n1,"first\r\nsecond\nthird",5\n2,plain,6\n3,too,many,7\n'
    raw = read(drop(tmp_path, orders_csv=text))

    assert [row["__row"] for row in records(raw)] == [2, 3]
    assert records(raw)[0]["note"] == "first\r\nsecond\nthird"
    assert raw.rejects[0].row == 4


def test_da08_an_unbalanced_quote_is_refused_naming_the_row_it_opens_in(tmp_path):
    rows = [b"%d,item %d,%d" % (i, i, i) for i in range(10_000)]
    rows[0] = b'0,"item 0,0'
    header = b"id,name,amount\n"

    assert refused(drop(tmp_path, orders_csv=header + b"\n".join(rows))).place == "orders.csv:2"


@pytest.mark.parametrize(
    "closing", [b'5000,12" screen,1', b'5000,"item, blue",1', b'5000,item",1', b'5000,item,"1"']
)
def test_da08_a_stray_quote_further_down_does_not_hide_the_rows_between(tmp_path, closing):
    rows = [b"%d,item %d,%d" % (i, i, i) for i in range(10_000)]
    rows[0], rows[5000] = b'0,"item 0,0', closing
    header = b"id,name,amount\n"

    assert refused(drop(tmp_path, orders_csv=header + b"\n".join(rows))).place == "orders.csv:2"


def test_da09_rows_with_one_field_too_many_are_set_aside_with_their_numbers(tmp_path):
    raw = read(drop(tmp_path, orders_csv=CSV + b"3,2024-02-02,1,9\n4,2024-02-03,5\n"))

    assert [(r.file, r.row, r.reason) for r in raw.rejects] == [
        ("orders.csv", 4, "too_many_fields")
    ]
    assert [row["__row"] for row in records(raw)] == [2, 3, 5]
    assert raw.files[0].rows == len(records(raw)) + len(raw.rejects) == 4


def test_da10_rows_that_are_too_short_are_set_aside_with_their_numbers(tmp_path):
    raw = read(drop(tmp_path, orders_csv=CSV + b"3,2024-02-02\n\n4,2024-02-03,5\n"))

    assert [(r.row, r.reason, r.text) for r in raw.rejects] == [
        (4, "too_few_fields", "3,2024-02-02")
    ]
    assert [row["__row"] for row in records(raw)] == [2, 3, 6]


@pytest.mark.parametrize("again", [b"amount", b" Amount "])
def test_da11_two_columns_of_one_name_are_refused_naming_both_positions(tmp_path, again):
    text = CSV.replace(b"order_date", again)

    assert "columns 2 and 3" in refused(drop(tmp_path, orders_csv=text)).what


def test_da13_an_empty_file_and_a_lone_header_are_told_apart(tmp_path):
    empty = refused(drop(tmp_path / "a", orders_csv=b""))
    blank = refused(drop(tmp_path / "b", orders_csv=b"\xef\xbb\xbf \r\n\r\n"))
    header = refused(drop(tmp_path / "c", orders_csv=CSV.splitlines()[0]))

    assert "is empty" in empty.what
    assert empty.what == blank.what
    assert "a header but no rows" in header.what


def test_da14_a_nul_character_is_refused_with_its_row(tmp_path):
    text = CSV + b"3,2024-02-02,9\x00.75\n"

    assert refused(drop(tmp_path, orders_csv=text)).place == "orders.csv:4"


def test_da17_spreadsheet_serials_are_asked_and_work_when_declared(tmp_path):
    client = drop(tmp_path, orders_csv=b"order_id,order_date\n1,45292\n2,45293.5\n")

    with pytest.raises(Undecided) as caught:
        dates(client)

    assert "45292 is 1 January 2024" in str(caught.value)
    assert "excel_serial" in caught.value.fix
    assert dates(client, date="excel_serial") == ("excel_serial",)


def test_da42_several_sheets_are_listed_with_their_likely_headers(tmp_path):
    titled = [["Sales of 2024"], [], *ROWS]
    client = drop(tmp_path, orders_xlsx=workbook(Orders=titled, Notes=[["by hand"]]))

    error = refused(client)

    assert '"Orders": 5 rows, header likely in row 3' in error.found
    assert '"Notes"' in error.found
    assert "header_row: 3" in refused(client, sheet="Orders").fix
    assert [row["__row"] for row in records(read(client, sheet="Orders", header_row=3))] == [4, 5]


def test_da42_merged_headers_are_refused_unless_the_row_is_declared(tmp_path):
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet("Orders")
        sheet.merge_range("A1:C1", "Order")
        for i, row in enumerate(ROWS, start=1):
            sheet.write_row(i, 0, row)
    client = drop(tmp_path, orders_xlsx=book.getvalue())

    error = refused(client)

    assert "merged" in error.what
    assert "row 2 is the likely header" in error.found
    assert len(records(read(client, header_row=2))) == 2


def test_da42_formulas_without_values_are_counted_and_the_first_is_named(tmp_path):
    rows = [[*ROWS[0], "double"], *([*row, f"=C{i}*2"] for i, row in enumerate(ROWS[1:], start=2))]

    error = refused(drop(tmp_path, orders_xlsx=workbook(Orders=rows)))

    assert "2 formulas without a value" in error.what
    assert "D2" in error.what


def test_da42_formulas_that_were_never_calculated_do_not_pass_as_zero(tmp_path):
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet("Orders")
        sheet.write_row(0, 0, ["id", "total"])
        sheet.write(1, 0, "a")
        sheet.write_formula(1, 1, "=2*3")
    client = drop(tmp_path, orders_xlsx=book.getvalue())

    assert "1 formulas without a value" in refused(client).what


def test_da43_files_are_refused_by_what_they_are_not_by_their_name(tmp_path):
    xlsx = workbook(Orders=ROWS)
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    old = ole + "Workbook".encode("utf-16-le") + bytes(600)
    encrypted = ole + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    packed = gzip.compress(CSV * 50)
    cases = {
        "an old Excel workbook": {"orders_csv": old},
        "is an Excel workbook": {"orders_csv": xlsx},
        "protected by a password": {"orders_xlsx": encrypted},
        "truncated or damaged gzip": {"orders_csv": packed[: len(packed) // 2]},
        "truncated or damaged archive": {"orders_xlsx": xlsx[: len(xlsx) // 2]},
        "is named as a workbook but is a plain text": {"orders_xlsx": CSV},
        "an HTML page": {"orders_csv": b"<html><table><tr><td>1</td></tr></table></html>"},
        "a zip archive of 1 files": {"orders_csv": _zip({"orders.csv": CSV})},
        "truncated or damaged Parquet": {"orders_parquet": b"PAR1" + bytes(50)},
    }

    for i, (said, files) in enumerate(cases.items()):
        assert said in str(refused(drop(tmp_path / str(i), **files)))


def test_da44_a_workbook_bomb_is_refused_before_it_is_unpacked(tmp_path):
    bomb = edited_zip(
        workbook(Orders=ROWS),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<sheetData>", b"<sheetData>" + b" " * 315 * 1024**2),
    )
    client = drop(tmp_path, orders_xlsx=bomb)
    before, start = psutil.Process().memory_info().rss, time.process_time()

    error = refused(client)

    assert time.process_time() - start < 2
    assert psutil.Process().memory_info().rss - before < 200 * 1024**2
    assert "315 MB; the limit is 250 MB" in error.what
    assert "CRM_WORKBOOK_MB=316" in error.fix


def test_da44_the_limit_can_be_raised_but_not_for_what_no_table_does(tmp_path, monkeypatch):
    bomb = edited_zip(workbook(Orders=ROWS), "xl/styles.xml", lambda xml: xml + b" " * 30 * 1024**2)
    client = drop(tmp_path, orders_xlsx=bomb)
    monkeypatch.setenv("CRM_WORKBOOK_MB", "1000")

    assert "times its size" in refused(client).what


@pytest.mark.parametrize("member", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_da45_entities_in_a_workbook_are_refused_unexpanded(tmp_path, member):
    entity = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    content = edited_zip(
        workbook(Orders=ROWS), member, lambda xml: b"<?xml version='1.0'?>" + entity + xml
    )

    assert "entities" in refused(drop(tmp_path, orders_xlsx=content)).what


def test_da46_what_is_hashed_is_what_was_read_though_the_file_is_replaced(tmp_path):
    client = drop(tmp_path, orders_csv=CSV)
    raw = read(client)

    (client / "orders.csv").write_bytes(CSV + b"3,2024-02-02,1\n")

    assert raw.files[0].sha256 == hashlib.sha256(CSV).hexdigest()
    assert len(records(raw)) == 2


@pytest.mark.parametrize("name", ["orders.pkl", "orders.joblib", "orders.pickle.gz", "orders.csv"])
def test_sp05_pickled_objects_are_refused_and_never_loaded(tmp_path, name):
    class Trap:
        def __reduce__(self):
            return (tmp_path.joinpath("loaded").touch, ())

    client = drop(tmp_path)
    (client / name).write_bytes(pickle.dumps(Trap()))

    assert "was not loaded" in refused(client).what
    assert not (tmp_path / "loaded").exists()


def test_sp15_an_archive_with_members_that_lead_out_is_refused(tmp_path):
    content = _zip({"../../evil.csv": CSV, "xl/workbook.xml": b"<a/>"})

    assert "leads out of the archive" in refused(drop(tmp_path, orders_xlsx=content)).what
    assert not list(tmp_path.rglob("evil.csv"))


def _zip(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()
