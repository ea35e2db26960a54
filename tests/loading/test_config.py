import json
import shutil
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.loading.config import (
    Setting,
    check_essential,
    data_settings,
    known_stems,
    load_config,
)
from shared.loading.errors import ConfigError, EnvironmentFault

WHOLE = """\
version: 1
name: Acme Retail
currency: EUR
locale: tr-TR
timezone: Europe/Istanbul
snapshot_date: 2011-12-10
brand: {primary: "#0B6E4F", footer: Acme Retail Ltd}
engine: spark://host:7077
max_loss: 0.02
tables:
  order_lines:
    source: [orders-2010.csv, "${ACME_DROP:-drop}/orders-2011.csv"]
    format: {delimiter: tab, decimal: ",", thousands: ".", date: "%d.%m.%Y", encoding: cp1254}
    columns:
      customer_id: Customer ID
      order_id: "#customer_day"
      order_date: InvoiceDate
      product_id: StockCode
    rules:
      exclude_product_ids: [007, No, 12:30, 1e3]
      refunds: net
      duplicates: drop
      duplicate_key: [order_id, StockCode]
      rates: {USD: 0.92}
      currency_column: Curr
      footer: Toplam
  durations:
    source: churn.csv
    columns: {customer_id: "#row", event_observed: Churn, contract: Contract}
    rules: {values: {Churn: {Yes: 1, No: 0}}}
parameters:
  basket: {min_support: 0.01, items: [001, No]}
  cohort:
    last_period:
"""
DATA = Path(__file__).parents[2] / "data"
LEAST = "name: Acme\ncurrency: EUR\ntables: {reviews: {source: reviews.csv}}\n"
AROUND = "name: Acme\ncurrency: EUR\ntables:\n  order_lines:\n    source: orders.csv\n"


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Write a client.yaml and load it, from the folder that data/ stands in."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data" / "acme"
    folder.mkdir(parents=True)

    def write_and_load(content):
        data = content if isinstance(content, bytes) else content.encode()
        (folder / "client.yaml").write_bytes(data)
        return load_config(folder)

    return write_and_load


@pytest.fixture
def mistakes(load):
    """Load a client.yaml that is wrong and give the lines of the message."""

    def lines_of(content):
        with pytest.raises(ConfigError) as caught:
            load(content)
        return str(caught.value).splitlines()

    return lines_of


def test_the_least_that_can_be_written_has_defaults_for_the_rest(load):
    config = load(LEAST)

    assert (config.slug, config.locale, config.timezone) == ("acme", "en_GB", "UTC")
    assert (config.engine, config.max_loss, config.version) == ("duckdb", 0.05, 1)
    assert (config.snapshot_date, config.brand.logo) == (None, None)
    assert config.tables["reviews"].source == ("reviews.csv",)
    assert config.tables["reviews"].columns == {}
    assert config.tables["reviews"].format.date is None
    assert config.tables["reviews"].rules.refunds is None


def test_a_whole_file_is_read(load):
    config = load(WHOLE)

    assert (config.locale, config.snapshot_date) == ("tr_TR", date(2011, 12, 10))
    assert (config.engine, config.max_loss) == ("spark://host:7077", 0.02)
    assert (config.brand.primary, config.brand.footer) == ("#0b6e4f", "Acme Retail Ltd")
    lines = config.tables["order_lines"]
    assert lines.source == ("orders-2010.csv", "drop/orders-2011.csv")
    assert (lines.format.delimiter, lines.format.date) == ("\t", "%d.%m.%Y")
    assert lines.columns["order_id"] == "#customer_day"


def test_ids_and_words_stay_text_whatever_yaml_would_make_of_them(load):
    config = load(WHOLE)

    rules = config.tables["order_lines"].rules
    assert rules.exclude_product_ids == ("007", "No", "12:30", "1e3")
    assert config.parameters["basket"]["items"].value == ("001", "No")
    assert config.parameters["cohort"]["last_period"].value == ""


def test_rules_are_typed_and_the_clients_own_names_become_canonical(load):
    tables = load(WHOLE).tables

    assert tables["order_lines"].rules.duplicate_key == ("order_id", "product_id")
    assert tables["order_lines"].rules.rates == {"EUR": 1.0, "USD": 0.92}
    assert tables["order_lines"].rules.footer == ("Toplam",)
    assert tables["durations"].rules.values == {"event_observed": {"Yes": 1, "No": 0}}
    assert tables["durations"].columns["contract"] == "Contract"


def test_every_key_knows_its_line(load):
    config = load(WHOLE)

    assert config.parameters["basket"]["min_support"] == Setting("0.01", 32)
    assert config.cite("snapshot_date") == "data/acme/client.yaml line 6"
    lines = config.tables["order_lines"]
    assert lines.lines["columns.order_date"] == 17
    assert lines.cite("rules.refunds") == "data/acme/client.yaml line 21"
    assert lines.cite("rules.guests") == "data/acme/client.yaml, in rules (line 19)"
    assert lines.cite("columns.quantity") == "data/acme/client.yaml, in columns (line 14)"


def test_several_date_patterns_stay_several(load):
    config = load(AROUND + '    format: {date: ["%d.%m.%Y", excel_serial]}\n')

    assert config.tables["order_lines"].format.date == ("%d.%m.%Y", "excel_serial")


def test_what_changes_the_tables_is_fit_for_json_and_lines_do_not_count(load):
    settings_of_whole = data_settings(load(WHOLE))

    assert json.loads(json.dumps(settings_of_whole))["timezone"] == "Europe/Istanbul"
    assert data_settings(load("# a remark\n" + WHOLE)) == settings_of_whole
    assert data_settings(load(WHOLE.replace("Acme Retail", "Beta"))) == settings_of_whole
    assert data_settings(load(WHOLE.replace("refunds: net", "refunds: keep"))) != settings_of_whole


def test_what_a_table_lacks_is_said_once_its_header_is_known():
    assert check_essential("order_lines", ["order_id", "product_id"]) is None
    assert check_essential("campaign", {"customer_id", "arm"}) is None
    assert check_essential("order_lines", ["customer_id", "quantity"]) == (
        "order_lines needs order_date, or else order_id and product_id"
    )
    assert check_essential("paths", []) == "paths needs path and conversions"


def test_a_new_notebook_may_have_parameters(tmp_path):
    (tmp_path / "12_weekday.ipynb").write_text("{}")

    assert known_stems(tmp_path)[0] == "portfolio"
    assert known_stems(tmp_path)[11:] == ("weekday",)


def test_a_client_that_is_not_there_is_told_by_its_nearest_name(load, tmp_path):
    load(LEAST)

    with pytest.raises(ConfigError, match="did you mean acme"):
        load_config(tmp_path / "data" / "acmee")
    with pytest.raises(ConfigError, match="shared new proposes one"):
        load_config(tmp_path / "nowhere" / "gamma")


def test_a_file_that_may_not_be_read_is_the_machines_fault(load, monkeypatch):
    load(LEAST)
    monkeypatch.setattr(
        Path, "read_bytes", lambda _: (_ for _ in ()).throw(PermissionError(13, ""))
    )

    with pytest.raises(EnvironmentFault):
        load(LEAST)


@pytest.mark.parametrize(
    ("wrong", "line", "said"),
    [
        ("    format: {delimiter: ;;}", 6, "one character"),
        ("    format: {thousands: x}", 6, "thousands"),
        ('    format: {decimal: ",", thousands: ","}', 6, "are both"),
        ("    format: {date: dd.mm.yyyy}", 6, "does not say where day, month and year are"),
        ('    format: {date: "%m.%Y"}', 6, "does not say"),
        ('    format: {date: "%Q %d.%m.%Y"}', 6, "%Q, which no date has"),
        ("    format: {date: excel_seriel}", 6, "did you mean excel_serial"),
        ("    format: {encoding: cp12545}", 6, "did you mean cp1254"),
        ("    format: {encoding: base64}", 6, "no known encoding"),
        ("    format: {header_row: 0}", 6, "a whole number, 1 or more"),
        ("    format: [a]", 6, "is a group of keys"),
        ("    columns: {custmer_id: A}", 6, "did you mean customer_id"),
        ("    columns: {Customer ID: customer_id}", 6, "write customer_id: Customer ID"),
        ("    columns: {customer_id: }", 6, "names no column"),
        ("    columns: {customer_id: #row}", 7, "cut off by #"),
        ("    columns:\n      customer_id: #row", 7, "stands in quotes"),
        ('    columns: {order_date: "#row"}', 6, "only ids are numbered"),
        ('    columns: {order_id: "#customerday"}', 6, "did you mean #customer_day"),
        ("    columns: {customer_id: [A, B]}", 6, "not a single value"),
        ("    rules: {refunds: nett}", 6, "did you mean net?"),
        ("    rules: {control_arm: none}", 6, "unknown key"),
        ("    rules: {duplicates: drop}", 6, "duplicate_key: [order_id, product_id]"),
        ("    rules: {duplicate_key: [order_idd]}", 6, "did you mean order_id"),
        ("    rules: {rates: {USD: 1.1}}", 6, "currency_column"),
        ("    rules: {currency_column: C, rates: {USDD: 1}}", 6, "did you mean USD"),
        ("    rules: {currency_column: C, rates: {EUR: 2}}", 6, "its rate is 1"),
        ("    rules: {currency_column: C, rates: {USD: 0}}", 6, "a number"),
        ("    rules: {values: {Churn: {Yes: 1}}}", 6, "no column of order_lines"),
        ("    rules: {values: {order_id: {Yes: true}}}", 6, "one of 1, 0"),
        ("  review: {source: a.csv}", 6, "unknown key"),
        ("  reviews: reviews.csv", 6, "is a group of keys"),
        ("  reviews: {source: []}", 6, "lists no file"),
        ("  reviews: {format: {}}", 6, "source is missing"),
        ("  customers: {source: a.csv, columns: {birth_yaer: A}}", 6, "nearly birth_year"),
        ("max_loss: 5", 6, "0 to 1"),
        ("max_loss: .nan", 6, "0 to 1"),
        ("max_loss: 5 %", 6, "0 to 1"),
        ("engine: dukdb", 6, "did you mean duckdb"),
        ("engine: [duckdb]", 6, "not a single value"),
        ("timezone: Istanbul", 6, "did you mean Europe/Istanbul"),
        ("timezone: ../../etc/passwd", 6, "no known time zone"),
        ("locale: en_GBB", 6, "did you mean en_GB"),
        ("snapshot_date: 10.12.2011", 6, "such as 2011-12-10"),
        ("snapshot_date: 2011-02-30", 6, "such as 2011-12-10"),
        ("version: 0", 6, "1 or more"),
        ("parameters: {baskets: {a: 1}}", 6, "did you mean basket"),
        ("parameters: {basket: {a: {b: 1}}}", 6, "a value or a list"),
        ("brand: {primary: , footer: x}", 6, "put it in quotes"),
        ("brand: {footer: 'two\n\n  lines'}", 6, "one line of text"),
        ("brand: logo.svg", 6, "is a group of keys"),
        ("? [a]\n: b", 6, "where a key should be"),
    ],
)
def test_a_mistake_is_told_with_its_line(mistakes, wrong, line, said):
    (message, *others) = mistakes(f"{AROUND}{wrong}\n")

    assert message.startswith("E-CONF-")
    assert f" data/acme/client.yaml:{line}  " in message
    assert said in message
    assert others == []


@pytest.mark.parametrize(
    ("wrong", "line", "said"),
    [
        ("name: Acme\n\tcurrency: EUR", 2, "tab"),
        ("name: Acme\nformat: %d", 2, "in quotes"),
        ("name: a: b", 1, "second colon"),
        ("brand: {primary: #0b6e4f}\nname: Acme", 2, "put a colour in quotes"),
        ("a: [${DIR}/x.csv]", 1, "has a variable within brackets"),
        ("name: Acme\n---\nname: Beta", 2, "second document"),
        ("- name", 1, "not a group of keys"),
        ('name: "\\U00110000"', 1, "a character that YAML does not allow"),
        ("name: A\nb: \x07", 2, "a character that YAML does not allow"),
        ("x: " + "[" * 5000, 1, "groups deep"),
        ("name: A\nfooter: |\n" + "  long\n" * 50_000, 0, "bytes; at most"),
        ("name: Acme\nx: [1,", 2, "never closed"),
        ("name: Acme\nx: 'a\n\n", 4, "never closed"),
        ("name: Acme\nx: [1}", 2, "not valid YAML"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(mistakes, wrong, line, said):
    (message,) = mistakes(wrong)

    place = f"data/acme/client.yaml:{line}  " if line else "data/acme/client.yaml  "
    assert message.startswith(f"E-CONF-02 {place}")
    assert said in message


def test_every_line_left_to_decide_is_named_and_needs_no_second_message(mistakes):
    lines = mistakes(WHOLE.replace("EUR", "DECIDE").replace('"%d.%m.%Y"', "DECIDE"))

    assert lines == [
        f'E-CONF-07 data/acme/client.yaml:{line}  "{key}" is left to decide; '
        "write the right value there in place of DECIDE"
        for line, key in ((3, "currency"), (13, "date"))
    ]


def test_a_line_left_to_decide_shows_the_readings_that_its_comment_holds(mistakes):
    asked = (
        '    format: {decimal: ","}  # one\n    rules: {refunds: DECIDE}  # 3 are negative # ask\n'
    )

    assert mistakes(AROUND + asked) == [
        'E-CONF-07 data/acme/client.yaml:7  "refunds" is left to decide',
        "  found  3 are negative # ask",
        "  fix    write the right value there in place of DECIDE",
    ]


def test_a_path_is_shown_from_the_current_folder_or_the_project_or_whole(tmp_path, monkeypatch):
    clients = tmp_path / "clients"
    (clients / "acme").mkdir(parents=True)
    (clients / "acme" / "client.yaml").write_text(LEAST)

    monkeypatch.chdir(clients / "acme")
    assert load_config(clients / "acme").label == "client.yaml"
    monkeypatch.chdir(tmp_path)
    assert load_config(Path("clients/acme")).label == "clients/acme/client.yaml"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load_config(clients / "acme").label == (clients / "acme" / "client.yaml").as_posix()
    assert load_config(DATA / "demo").label == "data/demo/client.yaml"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "data/acme/client.yaml, in order_lines (line 4): rules: {refunds: net}"),
        ("    rules: {guests: keep}\n", "data/acme/client.yaml, in rules (line 6): refunds: net"),
        ("    rules:\n      refunds: keep\n", "data/acme/client.yaml line 7: refunds: net"),
    ],
)
def test_a_remedy_names_the_line_of_the_key_or_the_group_it_belongs_into(load, more, said):
    assert load(AROUND + more).tables["order_lines"].answer("rules.refunds", "net") == said


@pytest.fixture(scope="module")
def drop():
    folder = Path(tempfile.mkdtemp()) / "data" / "acme"
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder.parents[1])


def only_config_errors(folder, content):
    (folder / "client.yaml").write_bytes(content)
    message = ""
    try:
        load_config(folder)
    except ConfigError as e:
        message = str(e)
    assert len(message.encode().splitlines()) <= 8


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.one_of(st.binary(max_size=80), st.text(max_size=80).map(lambda t: t.encode())))
@example(b"\xff\xfe\x00")
@example(b"\xfe\xff\xd8\x00")
@example(b'name: "\\ud800"\ncurrency: "\\0"')
def test_arbitrary_bytes_raise_nothing_but_a_config_error(drop, content):
    only_config_errors(drop, content)


PIECES = st.sampled_from(
    [*"{}[]:,#&*!|>'\"%@`-? \n\t0aİ\\", "\n  ", ": ", "DECIDE", "${", "${HOME}", "../", "/", "~",
     "No", "1e999", "null", "<<: ", "!!str ", "&a ", "*a", "::", "postgres://", "\u2028", "#row"]
)  # fmt: skip


@settings(max_examples=400, derandomize=True, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 12), PIECES), max_size=4),
)
def test_a_mutated_file_raises_nothing_but_a_config_error(drop, edits):
    text = WHOLE
    for at, cut, piece in edits:
        text = text[:at] + piece + text[at + cut :]

    only_config_errors(drop, text.encode())
