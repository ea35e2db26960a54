import datetime as dt

import ibis
import pandas as pd
import pytest

from shared.analysis.source_coverage import attitudes, source_coverage


def day(text):
    return pd.Timestamp(text)


@pytest.fixture
def tables():
    lines = pd.DataFrame(
        {
            "customer_id": ["ana", "ana", "ben", "cat", None],
            "order_date": [day(f"2024-01-0{i}") for i in range(1, 6)],
        }
    )
    visits = pd.DataFrame(
        {"customer_id": ["ana", "dan"], "started_at": [day("2024-02-01"), day("2024-02-03 10:00")]}
    )
    reviews = pd.DataFrame(
        {
            "customer_id": ["ana", "ben", None],
            "rating": [5.0, None, 1.0],
            "written_at": [day("2024-03-01"), day("2024-03-02"), day("2024-03-03")],
        }
    )
    people = pd.DataFrame(
        {
            "customer_id": ["ana", "ben", "cat", "dan"],
            "city": ["Cork"] * 4,
            "price_attitude": [4.0, None, None, 1.0],
        }
    )
    products = pd.DataFrame({"product_id": ["tea"]})
    named = {
        "order_lines": lines, "web_sessions": visits, "reviews": reviews, "customers": people,
        "products": products,
    }  # fmt: skip
    return {name: ibis.memtable(frame) for name, frame in named.items()}


def row(coverage, table, column=""):
    frame = coverage.table
    (found,) = frame[(frame["table"] == table) & (frame["column"] == column)].to_dict("records")
    return found


def test_rows_customers_and_days_of_each_source_are_counted(tables):
    got = source_coverage(tables)

    assert (got.base, got.main) == (3, "order_lines")
    orders, visits = row(got, "order_lines"), row(got, "web_sessions")
    assert (orders["rows"], orders["customers"], orders["share"]) == (5, 3, 1.0)
    # dan looked and never bought: a customer whom no report is about.
    assert (visits["rows"], visits["customers"]) == (2, 1)
    assert visits["share"] == pytest.approx(1 / 3)
    assert (visits["first"], visits["last"]) == (dt.date(2024, 2, 1), dt.date(2024, 2, 3))


def test_what_customers_think_is_counted_where_it_was_answered(tables):
    got = source_coverage(tables)

    stars, attitude = row(got, "reviews", "rating"), row(got, "customers", "price_attitude")
    assert (stars["kind"], stars["rows"], stars["customers"]) == ("attitudinal", 2, 1)
    assert stars["last"] == dt.date(2024, 3, 3)
    assert (attitude["kind"], attitude["rows"], attitude["customers"]) == ("attitudinal", 2, 1)
    assert row(got, "customers")["kind"] == "descriptive"


def test_a_source_without_customers_covers_none(tables):
    got = row(source_coverage(tables), "products")

    assert got["rows"] == 1
    assert pd.isna(got["customers"])
    assert pd.isna(got["first"])


def test_without_any_customer_there_is_no_base():
    got = source_coverage({"order_lines": ibis.memtable({"order_id": ["1"], "product_id": ["a"]})})

    assert got.base is None
    assert row(got, "order_lines")["rows"] == 1


def test_an_attitude_is_told_by_its_name_and_a_postcode_is_none():
    people = ibis.memtable({"customer_id": ["a"], "Interest_in_Wine": [1], "postcode": ["1"],
                            "NPS": [9], "gender": ["f"], "lifetime_valuation": [1]})  # fmt: skip

    assert attitudes(people) == ["Interest_in_Wine", "NPS"]


def test_the_counts_of_the_demo_are_those_of_its_canonical_tables(demo_client):
    got = source_coverage(demo_client.tables)
    frames = {name: demo_client.tables[name].to_pandas() for name in set(got.table["table"])}
    buyers = set(frames["order_lines"]["customer_id"].dropna())

    assert got.base == len(buyers)
    assert len(got.table) == 10
    for source in got.table.itertuples():
        frame = frames[source.table]
        told = frame[frame[source.column].notna()] if source.column else frame
        assert source.rows == len(told)
        if "customer_id" in told:
            assert source.customers == len(buyers & set(told["customer_id"].dropna()))
            assert source.share == pytest.approx(source.customers / len(buyers))
