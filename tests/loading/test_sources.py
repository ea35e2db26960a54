"""Reading: every row whole or set aside, known by file and row, from any kind of source."""

import datetime
import gzip
import hashlib
import io

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_inputs import CSV, drop, read, records, workbook

from shared.loading.errors import DataRefused, EnvironmentFault
from shared.loading.questions import Undecided


def test_values_stay_as_they_are_written(tmp_path):
    text = 'id;name;note\n00123; Ana ;\n"a;b";"say ""hi""";NA\n'
    raw = read(drop(tmp_path, orders_csv=text.encode()))

    assert [list(row.values()) for row in records(raw)] == [
        ["00123", " Ana ", "", 0, 2],
        ["a;b", 'say "hi"', "NA", 0, 3],
    ]
    assert raw.header == ("id", "name", "note")


def test_each_input_is_known_by_name_hash_size_and_rows(tmp_path):
    packed = gzip.compress(CSV)
    raw = read(drop(tmp_path, orders_gz=packed))

    (file,) = raw.files
    assert (file.name, file.rows, file.first_row_number) == ("orders.gz", 2, 2)
    assert (file.sha256, file.bytes) == (hashlib.sha256(packed).hexdigest(), len(packed))


def test_several_files_are_read_in_the_order_of_their_names_whatever_the_order_of_columns(tmp_path):
    second = b"amount,order_id,order_date\n9,3,2024-03-01\n"
    client = drop(tmp_path, b_csv=second, a_csv=CSV)

    raw = read(client, "*.csv")

    assert [file.name for file in raw.files] == ["a.csv", "b.csv"]
    assert [(r["__file"], r["__row"], r["order_id"]) for r in records(raw)] == [
        (0, 2, "1"),
        (0, 3, "2"),
        (1, 2, "3"),
    ]
    assert records(read(client, "b.csv", "a.csv")) == records(raw)


def test_files_with_other_columns_are_refused_naming_the_difference(tmp_path):
    client = drop(tmp_path, a_csv=CSV, b_csv=CSV.replace(b"amount", b"total"))

    with pytest.raises(DataRefused, match=r"lacks amount\n.*has besides total"):
        read(client)


def test_a_missing_file_is_refused_with_the_name_that_was_meant(tmp_path):
    with pytest.raises(DataRefused, match=r"did you mean orders\.csv\?"):
        read(drop(tmp_path, orders_csv=CSV), "order.csv")


def test_a_file_of_another_client_is_refused_even_through_a_link(tmp_path):
    client = drop(tmp_path, orders_csv=CSV)
    other = client.parent / "beta"
    other.mkdir()
    (other / "client.yaml").write_text("name: Beta")
    (other / "orders.csv").write_bytes(CSV)
    (client / "linked.csv").symlink_to(other / "orders.csv")

    with pytest.raises(DataRefused, match="another client"):
        read(client, "linked.csv")


def test_blank_rows_are_skipped_but_numbered(tmp_path):
    text = b"\nid,amount\n\n1,5\n , \n,\n2,6\n"
    raw = read(drop(tmp_path, orders_csv=text))

    assert [row["__row"] for row in records(raw)] == [4, 5, 7]
    assert (raw.files[0].rows, raw.files[0].blank_rows) == (3, 2)


def test_declared_footer_rows_are_set_aside_and_named(tmp_path):
    raw = read(drop(tmp_path, orders_csv=CSV + b"Total,,19.75\n\n"), footer_rows=1)

    assert [(r.row, r.reason, r.text) for r in raw.rejects] == [(4, "footer", "Total,,19.75")]
    assert [row["__row"] for row in records(raw)] == [2, 3]


def test_a_column_without_a_name_is_called_by_its_position(tmp_path):
    assert read(drop(tmp_path, a_csv=b",name\n0,x\n")).header == ("column 1", "name")


def test_a_review_with_lines_and_commas_is_one_row(tmp_path):
    text = b'id,text,stars\n1,"Nice, really\n10 of 10, I say\nGood, too",5\n2,plain,4\n'

    assert len(records(read(drop(tmp_path, reviews_csv=text)))) == 2


def test_errors_name_the_line_of_client_yaml(tmp_path):
    from shared.loading.config import TableConfig
    from shared.loading.sources import read_source

    client = drop(tmp_path, orders_csv="müşteri,tutar\nAyşe,5\n".encode("cp1254"))
    config = TableConfig(source=("orders.csv",), lines={"format": 7}, label="data/acme/client.yaml")

    with pytest.raises(Undecided, match=r"client\.yaml, in format \(line 7\): encoding: "):
        read_source(config, client, tmp_path)


def test_cells_of_a_workbook_become_text_without_losing_ids_or_dates(tmp_path):
    rows = [
        ["id", "when", "amount", "flag"],
        [12345.0, datetime.datetime(2024, 1, 31, 10, 30), 8.1, True],
        ["00123", datetime.datetime(2024, 2, 1), 1e20, None],
    ]
    raw = read(drop(tmp_path, orders_xlsx=workbook(Orders=rows)))

    assert [list(row.values()) for row in records(raw)] == [
        ["12345", "2024-01-31 10:30:00", "8.1", "TRUE", 0, 2],
        ["00123", "2024-02-01 00:00:00", "100000000000000000000", "", 0, 3],
    ]
    assert raw.typed_columns == {"when", "amount", "flag"}
    assert raw.format.sheet == "Orders"


def test_cells_right_of_the_header_set_a_row_aside_with_its_sheet_row(tmp_path):
    rows = [["id", "amount"], [1, 5], [None, None], [2, 6, "stray"], [3, 7]]
    raw = read(drop(tmp_path, orders_xlsx=workbook(Orders=rows)))

    assert [(r.row, r.reason) for r in raw.rejects] == [(4, "too_many_fields")]
    assert [row["__row"] for row in records(raw)] == [2, 5]


def test_calculated_formulas_are_read_by_their_values(tmp_path):
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet("Orders")
        sheet.write_row(0, 0, ["id", "total"])
        sheet.write(1, 0, "a")
        sheet.write_formula(1, 1, "=2*3", None, 6)

    raw = read(drop(tmp_path, orders_xlsx=book.getvalue()))

    assert [row["total"] for row in records(raw)] == ["6"]


def test_a_folder_of_parquet_keeps_types_and_the_columns_its_folders_spell(tmp_path):
    client = drop(tmp_path)
    for year in (2024, 2025):
        folder = client / "orders" / f"year={year}"
        folder.mkdir(parents=True)
        table = pa.table({"id": [1, 2], "at": [datetime.datetime(year, 1, 1)] * 2})
        pq.write_table(table, folder / "part-0.parquet")
    (client / "orders" / "_SUCCESS").touch()

    raw = read(client, "orders")

    assert pq.read_schema(raw.path).field("at").type == pa.timestamp("us")
    assert [(r["id"], r["year"], r["__file"], r["__row"]) for r in records(raw)] == [
        (1, "2024", 0, 1),
        (2, "2024", 0, 2),
        (1, "2025", 1, 1),
        (2, "2025", 1, 2),
    ]


def test_parquet_and_text_do_not_mix_in_one_source(tmp_path):
    client = drop(tmp_path, orders_csv=CSV)
    pq.write_table(pa.table({"order_id": ["1"]}), client / "more.parquet")

    with pytest.raises(DataRefused, match="stands beside"):
        read(client, "*")


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_a_table_in_a_database_is_read_through_ibis(tmp_path, engine):
    client = drop(tmp_path)
    path = client / "shop.db"
    connection = duckdb.connect(path) if engine == "duckdb" else ibis.sqlite.connect(path).con
    connection.execute("CREATE TABLE orders (id INTEGER, name VARCHAR(9))")
    connection.execute("INSERT INTO orders VALUES (1, 'ana'), (2, 'ben')")
    if engine == "sqlite":
        connection.commit()
    connection.close()

    raw = read(client, f"{engine}://shop.db::orders")

    assert [(r["id"], r["name"], r["__row"]) for r in records(raw)] == [
        (1, "ana", 1),
        (2, "ben", 2),
    ]
    assert raw.files[0].name == f"{engine}://shop.db::orders"
    with pytest.raises(DataRefused, match=r"no table order; did you mean orders\?"):
        read(client, f"{engine}://shop.db::order")


@pytest.mark.parametrize(
    "address",
    ["postgres://ana:s3cret@127.0.0.1:1/shop", "duckdb://none.db", "nosuch://ana:s3cret@host/db"],
)
def test_en11_an_unreachable_database_is_named_without_its_password(tmp_path, address):
    with pytest.raises(EnvironmentFault) as caught:
        read(drop(tmp_path), f"{address}::orders")

    assert caught.value.exit_code == 4
    assert address.partition("@")[2] in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert not (tmp_path / "data" / "acme" / "none.db").exists()


def test_a_full_disk_is_an_environment_fault(tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shared.loading.raw_table.pq.ParquetWriter", full)

    with pytest.raises(EnvironmentFault, match="disk is full"):
        read(drop(tmp_path, orders_csv=CSV))


ROW = st.tuples(st.integers(0, 99), st.sampled_from(["a", 'b "c"', "d,e", "f\ng", "ş"]))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(ROW, min_size=1, max_size=6),
    cut=st.integers(0, 200),
    put=st.sampled_from([b"", b'"', b",", b"\n", b"\x00", b"\xff", b";", b"\r", b"\x80"]),
    drop_count=st.integers(0, 3),
)
def test_mutated_files_are_read_whole_set_aside_or_refused(tmp_path, rows, cut, put, drop_count):
    quoted = "".join(f"{n}," + '"' + name.replace('"', '""') + '"\n' for n, name in rows)
    clean = ("id,name\n" + quoted).encode()
    client = drop(tmp_path, orders_csv=clean[:cut] + put + clean[cut + drop_count :])

    try:
        raw = read(client)
    except DataRefused:
        return
    assert raw.files[0].rows == len(records(raw)) + len(raw.rejects)


@pytest.mark.datasets
def test_online_retail_is_read_whole(datasets, tmp_path):
    raw = read(drop(tmp_path), str(datasets / "online_retail" / "online_retail.csv.gz"))

    assert raw.files[0].rows == pq.read_metadata(raw.path).num_rows == 541_909
    assert not raw.rejects
