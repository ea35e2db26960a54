"""A client as a notebook sees it: tables, dates, sources, and only its own data."""

import sys
from datetime import date

import pytest
from small_client import COLUMNS, csv_of, many, orders, write_client

from shared.loading import load_client
from shared.loading.errors import ConfigError, EnvironmentFault, NotSupportedByData


def opened(root, files=None, **settings):
    write_client(root, files or orders(), **settings)
    return load_client("acme", data=root / "data", outputs=root / "outputs")


def test_a_client_gives_its_tables_through_ibis(tmp_path):
    client = opened(tmp_path)

    assert client.order_lines.count().execute() == 6
    assert client.orders.order_value.sum().execute() == pytest.approx(102.5)
    assert client.snapshot_date == date(2024, 3, 3)
    assert client.has_money
    assert client.has("order_lines", "quantity", "line_value")
    assert not client.has("order_lines", "country")
    assert not client.has("customers")


def test_the_environment_names_the_roots_and_the_snapshot(tmp_path, monkeypatch):
    write_client(tmp_path, orders())
    monkeypatch.setenv("CRM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CRM_OUTPUTS", str(tmp_path / "outputs"))
    first = load_client("acme")
    (tmp_path / "data" / "acme" / "orders.csv").write_text("replaced")
    monkeypatch.setenv("CRM_SNAPSHOT", str(first.snapshot))

    assert load_client("acme").order_lines.count().execute() == 6


def test_an_engine_that_is_not_installed_is_a_fault_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_ENGINE", "spark")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)

    with pytest.raises(EnvironmentFault, match="pyspark is not installed"):
        opened(tmp_path)


def test_the_snapshot_of_another_client_is_never_read(tmp_path, monkeypatch):
    first = opened(tmp_path)
    (tmp_path / "data" / "acme").rename(tmp_path / "data" / "beta")
    monkeypatch.setenv("CRM_SNAPSHOT", str(first.snapshot))

    with pytest.raises(ConfigError, match="is a snapshot of acme, not of beta"):
        load_client("beta", data=tmp_path / "data")


def test_a_snapshot_that_is_gone_is_a_fault_of_the_environment(tmp_path, monkeypatch):
    write_client(tmp_path, orders())
    monkeypatch.setenv("CRM_SNAPSHOT", str(tmp_path / "nowhere"))

    with pytest.raises(EnvironmentFault):
        load_client("acme", data=tmp_path / "data")


@pytest.mark.parametrize("name", ["../acme", "", ".", "a/b", "a\\b"])
def test_a_client_is_one_folder_below_the_data(tmp_path, name):
    with pytest.raises(ConfigError, match="name of one folder"):
        load_client(name, data=tmp_path)


@pytest.mark.parametrize(
    ("snapshot", "period", "last"),
    [
        ("2011-12-10", "M", "2011-11"),
        ("2012-01-01", "M", "2011-12"),
        ("2011-12-10", "Q", "2011Q3"),
        ("2012-01-01", "Q", "2011Q4"),
        ("2011-12-10", "W", "2011-11-28/2011-12-04"),
        ("2011-12-12", "W", "2011-12-05/2011-12-11"),
    ],
)
def test_the_last_complete_period_was_over_on_the_snapshot_date(tmp_path, snapshot, period, last):
    lines = ["ana,1,2011-01-05,tea,2,3.50", "ben,2,2011-12-09,tea,2,3.50"]
    client = opened(tmp_path, csv_of(lines), top=f"snapshot_date: {snapshot}")

    assert client.last_complete(period) == last


def test_a_source_tells_range_rows_customers_and_what_was_left_out(tmp_path):
    client = opened(tmp_path, csv_of([*many(), ",900,2024-01-04,tea,1,1.25"]))
    source = client.source("orders")

    assert (source.table, source.rows, source.customers) == ("orders", 100, 40)
    assert (source.first, source.last) == (date(2024, 1, 1), date(2024, 2, 28))
    assert source.left_out == {"no_customer": 1}


def test_a_table_that_was_not_supplied_is_not_supported_by_the_data(tmp_path):
    client = opened(tmp_path)

    with pytest.raises(NotSupportedByData, match="Acme supplied no reviews"):
        client.table("reviews")
    with pytest.raises(NotSupportedByData):
        client.source("reviews")


def test_lines_of_guests_are_product_lines_but_no_customers_lines(tmp_path):
    files = csv_of([*many(), ",900,2024-01-04,tea,1,1.25"])
    client = opened(tmp_path, files, rules="guests: keep")

    assert client.product_lines.count().execute() == 101
    assert client.order_lines.count().execute() == 100
    assert client.orders.count().execute() == 100


def test_an_export_without_customers_keeps_its_lines(tmp_path):
    columns = {k: v for k, v in COLUMNS.items() if k != "customer_id"}
    client = opened(tmp_path, csv_of(many()), columns=columns)

    assert client.product_lines.count().execute() == client.order_lines.count().execute() == 100
    assert not client.has("order_lines", "customer_id")


def test_an_export_without_prices_has_no_money(tmp_path):
    columns = {k: v for k, v in COLUMNS.items() if k != "unit_price"}
    client = opened(tmp_path, columns=columns)

    assert not client.has_money
    assert "order_value" not in client.orders.columns
    assert client.intake.tables["order_lines"].money_in is None
