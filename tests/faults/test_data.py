"""Faults of a client's data that the intake owns, one test per row of the list of faults."""

import hashlib
import shutil
from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_client import CLEAN, COLUMNS, HEADER, REVENUE, csv_of, many, orders, taken, write_client

from shared.loading.config import load_config
from shared.loading.counts import describe_intake
from shared.loading.errors import ConfigError, DataRefused, SuiteError
from shared.loading.snapshot import prepare_snapshot

KNOWN_AREAS = ("E-DATA-", "E-FILE-", "E-CONF-")


def refused(root, files, **settings):
    """Take in what must be refused; give the message, which is short and names no value."""
    with pytest.raises(DataRefused) as caught:
        taken(root, files, **settings)
    assert caught.value.exit_code == 3
    message = str(caught.value)
    assert len(message.splitlines()) <= 8
    return message


def assert_row_law(table):
    """Rows in are rows used and rows set aside; their money is the same to the cent."""
    assert table.rows_in == table.rows_used + sum(s.rows for s in table.set_aside)
    if table.money_in is not None:
        left_out = sum(s.money for s in table.set_aside)
        assert table.money_in == pytest.approx(table.money_used + left_out, abs=0.01)


def test_da01_dates_in_a_second_format_are_set_aside_and_refused_when_many(tmp_path):
    few = csv_of([*many(), "zoe,900,31.01.2024,tea,1,2.50"])
    got = taken(tmp_path, few, format_='date: "%Y-%m-%d"')

    assert got.left_out() == {"bad_date": 1}
    (reject,) = got.rejects()
    assert (reject["row"], reject["reason"], reject["Date"]) == ("102", "bad_date", "31.01.2024")
    assert_row_law(got.lines)

    mixed = csv_of([*many(20), *(f"z{i},9{i},{31 - i}.01.2024,tea,1,2.50" for i in range(9))])
    message = refused(tmp_path / "mixed", mixed)
    assert "orders.csv:Date" in message
    assert "%Y-%m-%d" in message
    assert "%d.%m.%Y" in message
    assert "22, 23, 24, 25, 26" in message


def test_da01_the_remedy_names_the_line_of_the_date_format_not_of_its_group(tmp_path):
    mixed = csv_of([*many(20), *(f"z{i},9{i},{31 - i}.01.2024,tea,1,2.50" for i in range(9))])
    message = refused(tmp_path, mixed, format_='decimal: ".",\n      date: "%Y-%m-%d"')
    lines = (tmp_path / "data/acme/client.yaml").read_text().splitlines()
    line = 1 + next(i for i, text in enumerate(lines) if "date: " in text)

    assert lines[line - 2].strip() == 'format: {decimal: ".",'
    assert f'client.yaml line {line}: date: ["%Y-%m-%d", "%d.%m.%Y"]' in message


def test_da02_amounts_with_decimal_commas_sum_to_the_figure_made_by_hand(tmp_path):
    lines = [
        "a;1;2024-01-05;tea;1;1.234,56",
        "b;2;2024-01-06;cup;2;0,50",
        "c;3;2024-01-07;pot;1;12,00",
    ]
    got = taken(tmp_path, csv_of(lines, HEADER.replace(",", ";")))

    assert got.lines.money_used == pytest.approx(1_247.56, abs=0.001)


def test_da04_ids_that_differ_in_case_or_space_are_noted_and_merged_only_by_rule(tmp_path):
    files = orders("ANA,6,2024-03-04,tea,1,3.50", '"ana ",7,2024-03-05,tea,1,3.50')
    apart = taken(tmp_path, files)
    together = taken(tmp_path / "merged", files, rules="merge_ids: case_and_space")

    assert apart.lines.customers == 5
    assert "3 values of Customer" in apart.notes()["alike_ids"]
    assert "rows 2, 8, 9" in apart.hints()["alike_ids"]
    assert "ana" not in apart.notes()["alike_ids"].lower()
    assert together.lines.customers == 3
    assert "merged" in together.notes()["alike_ids"]


@pytest.mark.parametrize("word", ["Total", "TOPLAM", "Итого:", "Gesamt", "Summe"])
def test_da05_a_total_row_is_refused_by_its_number_or_set_aside_as_footer(tmp_path, word):
    files = orders(f"{word},,,,21,{REVENUE}")
    message = refused(tmp_path, files)
    assert "orders.csv:8" in message
    assert "in order_lines (line 4): rules: {footer: " in message
    assert "in order_lines (line 4): format: {footer_rows: 1}" in message

    got = taken(tmp_path / "declared", files, rules=f'footer: "{word}"')
    assert got.left_out() == {"footer": 1}
    assert got.lines.money_used == got.lines.money_in == pytest.approx(REVENUE)
    assert_row_law(got.lines)
    told = next(line for line in describe_intake(got.intake) if "total rows" in line)
    assert told.endswith("1  total rows (rule), no money of their own")


@pytest.mark.parametrize("word", ["İCMAL", "İcmal", "icmal :"])
def test_da05_a_declared_footer_is_one_word_in_turkish_whatever_its_capitals(tmp_path, word):
    got = taken(tmp_path, orders(f"İcmal,,,,21,{REVENUE}"), rules=f'footer: "{word}"')

    assert got.left_out() == {"footer": 1}


def test_da05_a_last_row_that_sums_up_the_others_is_refused_without_saying_total(tmp_path):
    message = refused(tmp_path, orders(f",,,,1,{REVENUE}"))

    assert "orders.csv:8" in message
    assert "sum of all other rows" in message


def test_da05_a_product_called_total_stays_a_product(tmp_path):
    got = taken(tmp_path, csv_of(["x,9,2024-01-02,Total,1,2.00", *many()]))

    assert got.lines.rows_used == 101


def test_da12_a_column_that_is_not_there_is_refused_with_the_line_to_paste(tmp_path):
    renamed = {"orders.csv": orders()["orders.csv"].replace("Customer", "musteri_no", 1)}
    message = refused(tmp_path, renamed, columns=COLUMNS)

    assert message.startswith("E-DATA-07 orders.csv:Customer  mapped to customer_id")
    assert "Date, Invoice, Price, Product, Quantity, musteri_no (6 columns)" in message
    assert f"{tmp_path}/data/acme/client.yaml line 6: customer_id: musteri_no" in message


def test_da15_amounts_that_are_no_number_are_set_aside_and_sums_stay_finite(tmp_path):
    bad = [f"z{i},9{i},2024-01-05,tea,1,{v}" for i, v in enumerate(["inf", "1e308", "NaN", "-inf"])]
    got = taken(tmp_path, csv_of([*many(), *bad]))

    assert got.left_out() == {"not_finite": 4}
    assert got.lines.money_used == pytest.approx(sum(row["line_value"] for row in got.rows()))
    assert_row_law(got.lines)


def test_da16_impossible_and_future_dates_are_set_aside_by_reason(tmp_path):
    bad = ["0001-01-01", "1900-01-00", "2999-01-01", "1899-05-05", "2024-06-30"]
    lines = [*many(200), *(f"z{i},9{i},{day},tea,1,2.50" for i, day in enumerate(bad))]
    got = taken(tmp_path, csv_of(lines), top="snapshot_date: 2024-06-30")

    assert got.left_out() == {
        "after_snapshot": 1, "before_1900": 2, "bad_date": 1, "after_2099": 1,
    }  # fmt: skip
    assert max(row["order_date"] for row in got.rows()) < datetime(2024, 6, 30)
    assert_row_law(got.lines)


def test_da16_a_few_orders_years_after_all_others_are_asked_about(tmp_path):
    message = refused(tmp_path, csv_of([*many(200), "zoe,900,2031-01-05,tea,1,2.50"]))

    assert "a few rows (1) are dated 2,503 days after all others" in message
    assert "snapshot_date: 2024-02-29" in message


def test_da17_spreadsheet_serials_are_dates_when_declared_and_refused_else(tmp_path):
    files = csv_of([f"c{i},{i},{45292 + i},tea,1,2.50" for i in range(10)])

    assert "serial" in refused(tmp_path, files)
    got = taken(tmp_path / "declared", files, format_="date: excel_serial")
    assert got.lines.first == date(2024, 1, 1)
    assert got.lines.last == date(2024, 1, 10)


def test_da18_offsets_become_the_clients_time_and_no_order_changes_its_day(tmp_path):
    stamps = [
        "2024-10-27T00:30:00+02:00",  # Berlin: 00:30, summer time
        "2024-10-27T02:30:00+02:00",  # 02:30, the first time
        "2024-10-27T02:30:00+01:00",  # 02:30, the second time
        "2024-10-26T22:15:00Z",  # 00:15 of the 27th
        "2024-10-27T23:45:00+01:00",
    ]
    lines = [f"c{i},{i},{stamp},tea,1,2.50" for i, stamp in enumerate(stamps)]
    got = taken(tmp_path, csv_of(lines), top="timezone: Europe/Berlin")

    local = [row["order_date"].strftime("%d %H:%M") for row in got.rows()]
    assert local == ["27 00:30", "27 02:30", "27 02:30", "27 00:15", "27 23:45"]


def test_da19_repeated_lines_and_files_are_noted_and_dropped_only_by_key(tmp_path):
    twice = {"a.csv": orders()["orders.csv"], "b.csv": orders()["orders.csv"]}
    kept = taken(tmp_path, twice)
    key = "duplicates: drop, duplicate_key: [order_id, product_id]"
    dropped = taken(tmp_path / "dropped", twice, rules=key)
    numbered = {**COLUMNS, "customer_id": "#row"}
    people = taken(tmp_path / "people", twice, columns=numbered)

    assert kept.lines.rows_used == 12
    assert "same bytes as a.csv" in kept.notes()["same_file"]
    assert kept.notes()["repeated_rows"].startswith("6 rows repeat")
    assert dropped.left_out() == {"duplicate": 6}
    assert dropped.lines.money_used == pytest.approx(REVENUE)
    assert (people.lines.customers, people.lines.rows_used) == (12, 12)
    assert "repeated_rows" not in people.notes()


def test_da20_refunds_follow_the_declared_rule_and_are_asked_about_without_one(tmp_path):
    files = orders("ana,C4,2024-03-04,tea,-10,3.10", "ben,C9,2024-03-05,tea,-5,3.50")
    message = refused(tmp_path, files)
    assert "2 lines are negative" in message
    assert "(net): revenue 54.00" in message
    assert "(set_aside): revenue 102.50" in message

    net = taken(tmp_path / "net", files, rules="refunds: net")
    aside = taken(tmp_path / "aside", files, rules="refunds: set_aside, cancelled_order_prefix: C")
    keep = taken(tmp_path / "keep", files, rules="refunds: keep")
    for got in (net, aside, keep):
        assert_row_law(got.lines)
    assert net.lines.money_used == pytest.approx(54.0)
    assert all(row["order_value"] > 0 for row in net.rows("orders"))
    assert sum(row["is_refund"] for row in net.rows()) == 2
    assert aside.left_out() == {"cancelled": 2}
    assert len(keep.rows("orders")) == 7
    assert not any(row["is_refund"] for row in keep.rows())


def test_da20_lines_free_of_charge_are_set_aside_or_kept_by_rule(tmp_path):
    files = orders("ben,6,2024-03-04,tea,1,0.00")

    assert taken(tmp_path, files).left_out() == {"zero_price": 1}
    assert taken(tmp_path / "kept", files, rules="zero_price: keep").left_out() == {}


def test_da21_two_currencies_are_refused_or_converted_by_given_rates(tmp_path):
    header = HEADER + ",Currency"
    files = csv_of(
        [f"{line},{'USD' if i < 2 else 'EUR'}" for i, line in enumerate(CLEAN.split())], header
    )
    message = refused(tmp_path, files)
    assert "amounts in 2 currencies, and no rate for USD" in message
    assert "EUR in 4 rows, USD in 2 rows" in message

    rates = "currency_column: Currency, rates: {USD: 0.5}"
    got = taken(tmp_path / "rates", files, rules=rates)
    assert got.lines.money_used == pytest.approx(REVENUE - 7.5)
    assert got.rows()[0]["unit_price"] == pytest.approx(1.75)

    marked = {
        "orders.csv": orders()["orders.csv"].replace("8.00", "$8.00").replace("3.50", "€3.50")
    }
    assert "EUR in 2 rows, USD in 2 rows" in refused(tmp_path / "marked", marked)


def test_da22_exports_that_overlap_are_noted_and_not_counted_twice(tmp_path):
    lines = CLEAN.split()
    got = taken(
        tmp_path,
        {
            "a.csv": "\n".join([HEADER, *lines[:4]]) + "\n",
            "b.csv": "\n".join([HEADER, *lines[2:]]) + "\n",
        },
    )

    assert got.left_out() == {"overlap": 2}
    assert got.lines.money_used == pytest.approx(REVENUE)
    assert "overlap from 2024-01-20 to 2024-02-03" in got.notes()["overlap"]
    assert_row_law(got.lines)


def test_da22_a_line_bought_twice_in_one_export_stays_twice(tmp_path):
    first = "\n".join([HEADER, "ana,1,2024-01-05,tea,1,2.00", "ana,1,2024-01-05,tea,1,2.00"])
    second = "\n".join([HEADER, "ana,1,2024-01-05,tea,1,2.00", "ben,2,2024-01-06,tea,1,2.00"])
    got = taken(tmp_path, {"a.csv": first, "b.csv": second})

    assert got.lines.rows_used == 3


def test_da23_missing_months_and_a_month_that_is_not_over_are_noted(tmp_path):
    got = taken(tmp_path, orders("ben,6,2024-07-09,tea,1,3.50"))

    assert (
        "3 months within the history: April 2024, May 2024, June 2024"
        in (got.notes()["missing_months"])
    )
    assert "July 2024 is not over" in got.notes()["partial_month"]


@pytest.mark.parametrize(
    ("last", "hint"),
    [
        ("2024-12-30", "if the export covers all of it, snapshot_date: 2025-01-01"),
        ("2024-12-20", ""),
    ],
)
def test_da23_a_month_that_lacks_only_its_last_days_may_be_declared_over(tmp_path, last, hint):
    got = taken(tmp_path, orders(f"ben,6,{last},tea,1,3.50"))

    (note,) = [n for n in got.lines.notes if n.code == "partial_month"]
    assert note.hint == hint


def test_da26_customers_whose_last_order_is_before_the_first_are_set_aside(tmp_path):
    lines = [f"c{i},2024-01-{1 + i % 20:02d},2023-05-01,{1 + i % 3},10.5" for i in range(60)]
    lines += ["x,2023-01-01,2023-05-01,2,10", "y,2024-01-03,2023-05-01,0,0"]
    lines += ["z,2024-02-01,2024-02-01,1,9"]  # won on the snapshot day
    names = ("customer_id", "last_order_date", "first_order_date", "frequency", "monetary")
    got = taken(
        tmp_path,
        csv_of(lines, ",".join(names)),
        table="customer_rfm",
        columns={"customer_id": "customer_id"},
        top="snapshot_date: 2024-02-01",
    )

    assert got.left_out("customer_rfm") == {"no_order": 1, "last_before_first": 1}
    assert_row_law(got.intake.tables["customer_rfm"])


def test_da28_durations_that_are_negative_or_empty_are_set_aside(tmp_path):
    lines = [f"c{i},{i},{i % 2}" for i in range(60)]
    got = taken(
        tmp_path,
        csv_of([*lines, "x,-3,1", "y,,0"], "customer_id,tenure,churned"),
        table="durations",
        columns={"duration": "tenure", "event_observed": "churned"},
        top="snapshot_date: 2024-02-01",
    )

    assert got.left_out("durations") == {"missing_number": 1, "negative_number": 1}
    assert_row_law(got.intake.tables["durations"])


def test_da41_a_customer_with_most_of_the_revenue_is_noted_without_a_name(tmp_path):
    got = taken(tmp_path, orders("whale,6,2024-03-04,tea,1,500.00"))

    assert got.notes()["dominant_customer"] == "one customer makes up 83% of revenue"


def test_da46_a_file_replaced_during_the_run_does_not_change_the_snapshot(tmp_path):
    config = load_config(write_client(tmp_path, orders()))
    snapshot = prepare_snapshot(config, tmp_path / "outputs")
    before = (snapshot / "order_lines.parquet").read_bytes()
    (config.folder / "orders.csv").write_text("replaced")

    assert (snapshot / "order_lines.parquet").read_bytes() == before


def test_co02_a_snapshot_date_before_the_first_order_is_refused_with_the_range(tmp_path):
    with pytest.raises(ConfigError) as caught:
        taken(tmp_path, orders(), top="snapshot_date: 2023-12-31")

    assert caught.value.exit_code == 2
    assert f"{tmp_path}/data/acme/client.yaml line 3" in str(caught.value)
    assert "orders from 2024-01-05 to 2024-03-02" in str(caught.value)


def test_sp07_hashes_that_can_be_guessed_are_refused_and_others_noted(tmp_path):
    def hashed(make):
        lines = [f"{hashlib.sha256(make(i).encode()).hexdigest()},{line.partition(',')[2]}"
                 for i, line in enumerate(many())]  # fmt: skip
        return csv_of(lines)

    message = refused(tmp_path, hashed(lambda i: f"+90532{i % 40:07d}"))
    assert "ids are the sha256 of a phone number" in message
    assert "keyed hashes" in message
    mails = refused(tmp_path / "mails", hashed(lambda i: f"user{i % 40}@example.com"))
    assert "E-DATA-35" in mails

    keyed = taken(tmp_path / "keyed", hashed(lambda i: f"a secret key|{i % 40}"))
    assert "keyed hashes" in keyed.notes()["hashed_ids"]


@pytest.mark.parametrize(
    "person", ["ana{}@mail.example", "+90 532 123 45 {:02d}", "053212345{:02d}"]
)
def test_what_should_have_been_pseudonymised_is_refused_without_showing_it(tmp_path, person):
    lines = [f"{person.format(i % 40)},{line.partition(',')[2]}" for i, line in enumerate(many())]
    message = refused(tmp_path, csv_of(lines))

    assert "orders.csv:Customer" in message
    assert "pseudonymise first" in message
    assert "example" not in message
    assert "532" not in message


def test_mail_addresses_in_an_attribute_are_refused(tmp_path):
    lines = [f"c{i},ana{i}@mail.example,Berlin" for i in range(30)]
    message = refused(
        tmp_path,
        csv_of(lines, "customer_id,contact,city"),
        table="customers",
        columns={},
        top="snapshot_date: 2024-02-01",
    )

    assert "orders.csv:contact" in message
    assert "30 e-mail addresses" in message


def test_ids_stay_whole_text_from_every_kind_of_file(tmp_path):
    table = pa.table(
        {
            "Customer": pa.array([17850.0, 12.0]),
            "Invoice": pa.array([9007199254740993, 2], pa.int64()),
            "Date": pa.array([datetime(2024, 1, 5), datetime(2024, 1, 6)]),
            "Product": ["00123", "0e5"],
            "Quantity": pa.array([1, 2], pa.int32()),
            "Price": pa.array([1.5, 2.5]),
        }
    )
    pq.write_table(table, tmp_path / "orders.parquet")
    got = taken(tmp_path, {"orders.parquet": (tmp_path / "orders.parquet").read_bytes()})

    ids = [(row["customer_id"], row["order_id"], row["product_id"]) for row in got.rows()]
    assert ids == [("17850", "9007199254740993", "00123"), ("12", "2", "0e5")]


def test_no_value_of_a_rejected_row_is_a_formula(tmp_path):
    files = csv_of([*many(), '"=cmd()",900,someday,tea,1,-2.50'])
    got = taken(tmp_path, files, rules="refunds: net", format_='date: "%Y-%m-%d"')

    (reject,) = got.rejects()
    assert reject["Customer"] == "'=cmd()"
    assert reject["Price"] == "-2.50"


CELLS = st.sampled_from(
    ["", " ", "NA", "ana", "1", "-1", "2024-01-05", "31.12.2023", "2999-01-01", "1e308", "inf",
     "nan", "1,5", "1.234,56", "=1+1", "€5", "Total", "İ", "x" * 50, "0", "007", "\u00a07", "--"]
)  # fmt: skip
MUTATIONS = st.lists(
    st.tuples(st.integers(0, 39), st.integers(0, 5), CELLS), min_size=1, max_size=6
)


@given(mutations=MUTATIONS, rules=st.sampled_from(["refunds: net", "refunds: set_aside", ""]))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_rows_in_are_rows_used_and_set_aside_whatever_happens_to_a_cell(tmp_path, mutations, rules):
    lines = [line.split(",") for line in many(40)]
    for row, column, cell in mutations:
        lines[row][column] = cell
    text = "\n".join([HEADER, *(",".join(f'"{c}"' for c in line) for line in lines)])
    root = tmp_path / "one"
    shutil.rmtree(root, ignore_errors=True)

    try:
        got = taken(root, {"orders.csv": text}, rules=rules)
    except SuiteError as e:
        assert e.code.startswith(KNOWN_AREAS)  # noqa: PT017
        return
    assert_row_law(got.lines)
    assert len(got.rejects()) == sum(s.rows for s in got.lines.set_aside)
    assert len(got.rows()) == got.lines.rows_used
