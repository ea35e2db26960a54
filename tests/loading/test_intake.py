"""The intake: files to canonical tables, every row counted, and the published figures met."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from small_client import COLUMNS, HEADER, REVENUE, csv_of, many, orders, taken, write_client

from shared.loading.config import load_config
from shared.loading.counts import describe_intake, read_intake
from shared.loading.errors import ConfigError, DataRefused, EnvironmentFault
from shared.loading.snapshot import SNAPSHOTS, prepare_snapshot

ROOT = Path(__file__).parents[2]


def test_clean_lines_become_typed_columns_in_the_order_of_the_vocabulary(tmp_path):
    got = taken(tmp_path, orders())

    assert list(got.rows()[0]) == [
        "customer_id", "order_id", "order_date", "product_id", "quantity", "unit_price",
        "line_value", "is_refund",
    ]  # fmt: skip
    assert got.lines.rows_in == got.lines.rows_used == 6
    assert got.lines.money_used == pytest.approx(REVENUE)
    assert (got.lines.customers, str(got.lines.first)) == (3, "2024-01-05")
    assert str(got.intake.snapshot_date) == "2024-03-03"
    assert got.left_out() == {}


def test_orders_sum_up_the_lines_of_a_purchase(tmp_path):
    first = taken(tmp_path, orders()).rows("orders")[0]

    assert (first["customer_id"], first["order_id"]) == ("ana", "1")
    assert (first["order_value"], first["units"]) == (15.0, 3.0)
    assert (first["positions"], first["lines"]) == (2, 2)


def test_two_intakes_of_the_same_files_are_equal_byte_by_byte(tmp_path):
    files = orders("zoe,,2024-03-04,tea,1,3.50", "ben,9,2024-03-05,,1,3.50", *many(100))
    one, two = (taken(tmp_path / name, files) for name in ("one", "two"))

    for path in sorted(one.folder.rglob("*.*")):
        assert path.read_bytes() == (two.folder / path.relative_to(one.folder)).read_bytes()


def test_an_intake_is_read_back_from_its_file_as_it_was(tmp_path):
    got = taken(tmp_path, orders("zoe,,2024-03-04,tea,1,3.50", *many(100)))

    assert read_intake(got.folder) == got.intake


def test_the_report_on_an_intake_names_rows_reasons_money_and_what_is_missing(tmp_path):
    files = csv_of([*many(), "c1,,2024-01-04,tea,1,4.00", ",950,2024-01-04,tea,1,1.25"])
    lines = describe_intake(taken(tmp_path, files).intake)

    assert lines[1].startswith("order_lines: 100 of 102 rows used, 40 customers, 2024-01-01 to")
    assert any("1  without a customer (rule), money 1.25" in line for line in lines)
    assert any("1  without an id (error), money 4.00" in line for line in lines)
    assert lines[-1].startswith("not supplied: customers, products")


def test_an_error_is_never_hidden_by_a_rule_and_a_cancelled_guest_counts_once(tmp_path):
    bad = [",C1,2024-01-04,tea,-1,4.00", ",C2,someday,tea,-1,4.00"]
    got = taken(
        tmp_path,
        csv_of([*many(), *bad]),
        rules="cancelled_order_prefix: C, refunds: set_aside",
        format_='date: "%Y-%m-%d"',
    )

    assert got.left_out() == {"cancelled": 1, "bad_date": 1}


def test_excluded_products_and_guests_are_set_aside_and_guests_kept_by_rule(tmp_path):
    files = csv_of([*many(), "c1,900,2024-01-04,POST,1,9.00", ",901,2024-01-04,tea,1,1.00"])
    aside = taken(tmp_path, files, rules="exclude_product_ids: [POST]")
    kept = taken(tmp_path / "kept", files, rules="guests: keep")

    assert aside.left_out() == {"excluded_product": 1, "no_customer": 1}
    assert kept.left_out() == {}
    assert [row["order_id"] for row in kept.rows() if row["customer_id"] is None] == ["901"]
    assert len(kept.rows("orders")) == 102


def test_rows_before_the_first_day_that_counts_are_set_aside_by_rule(tmp_path):
    old = ["c1,900,2023-12-31,tea,1,9.00", "c1,901,2023-01-01,tea,1,1.00"]
    got = taken(tmp_path, csv_of([*many(), *old]), rules="first_day: 2024-01-01")

    assert got.left_out() == {"before_window": 2}
    assert not {row["order_id"] for row in got.rows()} & {"900", "901"}


def test_errors_above_the_loss_allowed_are_refused_with_rows_reading_and_remedy(tmp_path):
    bad = [f"c{i},9{i},2024-01-04,tea,1,abc" for i in range(20)]
    with pytest.raises(DataRefused) as caught:
        taken(tmp_path, csv_of([*many(), *bad]))

    message = str(caught.value)
    assert message.startswith("E-DATA-30 orders.csv:Price  20 of 120 rows have errors")
    assert "rows 102, 103, 104, 105, 106" in message
    assert 'read with decimal "."' in message
    assert "max_loss" in message


def test_rows_that_could_not_be_read_whole_count_as_rows_in(tmp_path):
    got = taken(tmp_path, csv_of([*many(), "c1,900,2024-01-04,tea,1,9.00,extra"]))

    assert got.left_out() == {"too_many_fields": 1}
    assert (got.lines.rows_in, got.lines.rows_used) == (101, 100)
    (reject,) = got.rejects()
    assert (reject["row"], reject["text"]) == ("102", "c1,900,2024-01-04,tea,1,9.00,extra")


def test_without_an_order_number_a_customers_day_is_one_order_and_that_is_said(tmp_path):
    columns = {k: v for k, v in COLUMNS.items() if k != "order_id"}
    header = HEADER.replace("Invoice", "Till")
    files = csv_of([*many(), "c0,7,2024-01-01,x,1,1.00"], header)
    assumed = taken(tmp_path, files, columns=columns)
    declared = taken(tmp_path / "declared", files, columns=columns | {"order_id": "#customer_day"})

    assert "one order" in assumed.notes()["assumed_orders"]
    assert "assumed_orders" not in declared.notes()
    assert assumed.rows("orders") == declared.rows("orders")
    assert assumed.rows()[0]["order_id"] == "c0 2024-01-01"


def test_a_canonical_name_in_the_header_maps_to_itself(tmp_path):
    header = "customer_id,order_id,order_date,product_id,quantity,unit_price"
    got = taken(tmp_path, csv_of(many(), header), columns={"product_name": "product_id"})

    assert "product_id" not in got.rows()[0]
    assert got.lines.rows_used == 100


def test_a_line_value_and_a_discount_are_money_of_the_line(tmp_path):
    header = "Customer,Invoice,Date,Product,Quantity,Price,Off"
    files = csv_of(["a,1,2024-01-01,x,3,0.10,0.05", "b,2,2024-01-02,x,-3,0.10,0.05"], header)
    got = taken(tmp_path, files, columns=COLUMNS | {"discount": "Off"}, rules="refunds: net")

    assert [row["line_value"] for row in got.rows()] == [0.25, -0.25]


def test_attributes_are_numbers_where_all_look_like_one_and_codes_stay_text(tmp_path):
    lines = ["a,00123,1.5,yes,same", "b,00045,,no,same", "c,00007,2,,same"]
    got = taken(
        tmp_path,
        csv_of(lines, "customer_id,zip,score,member,land"),
        table="customers",
        columns={},
        rules="values: {member: {yes: 1, no: 0}}",
        top="snapshot_date: 2024-02-01",
    )

    rows = got.rows("customers")
    assert [row["zip"] for row in rows] == ["00123", "00045", "00007"]
    assert [row["score"] for row in rows] == [1.5, None, 2.0]
    assert [row["member"] for row in rows] == [1, 0, None]
    assert got.notes("customers")["constant_columns"] == "the same in every row: land"


def test_a_second_row_for_a_customer_is_refused_unless_it_is_the_same(tmp_path):
    settings = {"table": "customers", "columns": {}, "top": "snapshot_date: 2024-02-01"}
    same = taken(
        tmp_path, csv_of(["a,Ankara", "b,Rome", "a,Ankara"], "customer_id,city"), **settings
    )
    assert same.left_out("customers") == {"duplicate": 1}

    with pytest.raises(DataRefused, match=r"E-DATA-36 orders\.csv:customer_id"):
        taken(
            tmp_path / "other",
            csv_of(["a,Ankara", "b,Rome", "a,Izmir"], "customer_id,city"),
            **settings,
        )


def test_the_control_arm_makes_the_treatment(tmp_path):
    got = taken(
        tmp_path,
        csv_of(["a,Mens,1", "b,None given,0", "c,Womens,0"], "customer_id,arm,outcome"),
        table="campaign",
        columns={"customer_id": "#row"},
        rules='control_arm: "None given"',
        top="snapshot_date: 2024-02-01",
    )

    assert [row["treatment"] for row in got.rows("campaign")] == [1, 0, 1]
    assert got.rows("campaign")[0]["customer_id"] == "campaign#1"


def test_a_client_without_any_date_has_to_say_as_of_when(tmp_path):
    with pytest.raises(ConfigError, match="no table has a date"):
        taken(tmp_path, csv_of(["a,Ankara"], "customer_id,city"), table="customers", columns={})


def test_a_snapshot_is_reused_until_files_or_rules_change_and_two_are_kept(tmp_path):
    outputs = tmp_path / "outputs"
    made = []
    for rules in ("", "zero_price: keep", "guests: keep", "guests: keep"):
        config = load_config(write_client(tmp_path, orders(), rules=rules))
        made.append(prepare_snapshot(config, outputs))

    assert made[2] == made[3]
    assert len(set(made)) == 3
    left = {path.name for path in (outputs / "acme" / SNAPSHOTS).iterdir() if path.is_dir()}
    assert left == {made[1].name, made[2].name}


def test_a_refused_client_leaves_no_debris(tmp_path):
    config = load_config(write_client(tmp_path, csv_of(["a,1,someday,x,1,1.00"])))
    with pytest.raises(DataRefused):
        prepare_snapshot(config, tmp_path / "outputs")

    assert [p.name for p in (tmp_path / "outputs/acme" / SNAPSHOTS).iterdir() if p.is_dir()] == []


def test_what_a_killed_process_was_building_is_removed(tmp_path):
    abandoned = tmp_path / "outputs" / "acme" / SNAPSHOTS / ".building-99999999"
    abandoned.mkdir(parents=True)
    (abandoned / "order_lines.parquet").write_text("half")
    prepare_snapshot(load_config(write_client(tmp_path, orders())), tmp_path / "outputs")

    assert not abandoned.exists()


def test_a_full_disk_ends_in_a_fault_of_the_environment_without_debris(tmp_path):
    lines = [f"c{i},{i},2024-01-{1 + i % 28:02d},p{i},1,{i}.25" for i in range(20_000)]
    write_client(tmp_path, csv_of(lines))
    code = (
        "import sys; from pathlib import Path; from shared.loading.config import load_config\n"
        "from shared.loading.snapshot import prepare_snapshot\n"
        "from shared.loading.errors import EnvironmentFault\n"
        "try: prepare_snapshot(load_config(Path(sys.argv[1])), Path(sys.argv[2]))\n"
        "except EnvironmentFault as e: print(e); raise SystemExit(e.exit_code)"
    )
    for limit in (20_000, 250_000):
        done = subprocess.run(
            [sys.executable, "-c", code, tmp_path / "data" / "acme", tmp_path / "outputs"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda n=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (n, n)),
        )
        assert done.returncode == 4, done.stdout + done.stderr
        assert "disk is full, or a quota" in done.stdout
        left = [p for p in (tmp_path / "outputs/acme" / SNAPSHOTS).iterdir() if p.is_dir()]
        assert left == []


def test_an_output_folder_that_cannot_be_made_is_a_fault_of_the_environment(tmp_path):
    (tmp_path / "outputs").write_text("a file where a folder should be")
    with pytest.raises(EnvironmentFault):
        prepare_snapshot(load_config(write_client(tmp_path, orders())), tmp_path / "outputs")


@pytest.mark.datasets
def test_online_retail_has_its_published_size_on_positive_lines(public_client):
    """By the other rule, all lines with a customer, it has it in `tests/clients`."""
    client = public_client("online_retail")
    table, folder = client.intake.tables["order_lines"], client.snapshot

    assert (table.rows_in, table.rows_used, table.customers) == (541_909, 397_884, 4_338)
    assert table.money_used == pytest.approx(8_911_407.904, abs=0.001)
    assert {s.reason: s.rows for s in table.set_aside} == {
        "no_customer": 134_697, "cancelled": 9_288, "zero_price": 40,
    }  # fmt: skip
    assert table.rows_in == table.rows_used + sum(s.rows for s in table.set_aside)
    money = table.money_used + sum(s.money for s in table.set_aside)
    assert money == pytest.approx(table.money_in, abs=0.01)
    assert parquet_rows(folder / "orders.parquet") == 18_532
    notes = {n.code: n.rows for n in table.notes}
    assert notes["repeated_rows"] == 5_268


def parquet_rows(path):
    import pyarrow.parquet as pq

    return pq.read_metadata(path).num_rows
