"""The demo client's files: made anew they are the same bytes, and they look like a shop's."""

import gzip
import json
import zlib

import pandas as pd
import pytest
from demo_tables import SNAPSHOT, history, lines, orders, purchases, raw_lines, table, truth

from shared.loading.config import load_config
from shared.loading.demo.shop import FOLDER, ORDERS, _plain, write_demo
from shared.loading.demo.truth import planted_parameters

FILES = (ORDERS, "customers.csv", "products.csv", "web_sessions.csv.gz", "touchpoints.csv.gz",
         "campaign.csv", "reviews.csv", "truth.json")  # fmt: skip


@pytest.fixture(scope="module")
def made_anew(once):
    return once("demo-made-anew", write_demo)


@pytest.mark.parametrize("name", FILES)
def test_regenerating_gives_the_committed_file_byte_for_byte(made_anew, name):
    new, old = ((folder / name).read_bytes() for folder in (made_anew, FOLDER))
    # Another zlib packs the same content into other bytes.
    if name.endswith(".gz") and "ng" in zlib.ZLIB_RUNTIME_VERSION:
        new, old = gzip.decompress(new), gzip.decompress(old)

    assert new == old


def test_the_generator_writes_all_files_and_no_other(made_anew):
    assert {path.name for path in made_anew.iterdir()} == set(FILES)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".gz")])
def test_packed_files_carry_no_time_and_no_name(name):
    head = (FOLDER / name).read_bytes()[:10]

    assert head[3:8] == bytes(5)


def test_the_whole_client_stays_below_four_megabytes():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 4e6


def test_the_truth_beside_the_data_is_the_truth_of_the_generator():
    planted = json.loads(json.dumps(planted_parameters(), default=_plain))

    assert planted.items() <= truth().items()


def test_the_readme_of_the_demo_gives_the_rows_of_each_file():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")

    for name, rows in truth()["counts"]["rows"].items():
        assert f"| `{name}` | {rows:,} |" in readme


def test_client_yaml_is_accepted_and_maps_columns_that_are_there():
    config = load_config(FOLDER)
    headers = {name: set(table(name).columns) for name in FILES[1:-1]}
    headers["customers.csv"] |= {"customer_no"}
    headers[ORDERS] = set(raw_lines().columns)

    assert config.name == "Harbour & Pine"
    assert pd.Timestamp(config.snapshot_date) == SNAPSHOT
    for mapped in config.tables.values():
        assert set(mapped.columns.values()) <= headers[mapped.source_as_written[0]]


def test_purchases_and_refunds_are_as_many_as_the_truth_counts():
    counts = truth()["counts"]
    revenue = purchases()["value"].sum()

    assert len(purchases()) == counts["purchase_lines"]
    assert lines()["is_refund"].sum() == counts["refund_lines"]
    assert len(orders()) == counts["orders_of_customers"]
    assert revenue == pytest.approx(counts["revenue_before_refunds"], abs=0.01)


def test_broken_lines_are_there_and_far_below_the_limit():
    with gzip.open(FOLDER / ORDERS, "rt", encoding="cp1252") as file:
        fields = [line.count(";") for line in file]
    dates = pd.to_datetime(
        raw_lines()["Invoice Date"], format="%d/%m/%Y %H:%M", errors="coerce", exact=True
    )
    quantities = pd.to_numeric(raw_lines()["Qty"], errors="coerce")

    assert sum(n != fields[0] for n in fields) == 6
    assert dates.isna().sum() == 4
    assert quantities.isna().sum() == 3 + 3
    assert (dates >= SNAPSHOT).sum() == 1


def test_it_has_what_a_shop_has():
    guests = purchases()["customer_id"].isna().mean()
    by_month = orders().groupby(orders()["order_date"].dt.strftime("%Y-%m")).size()
    recent = orders()["order_date"] >= SNAPSHOT - pd.Timedelta(days=30)

    assert 0.07 < guests < 0.10
    assert len(by_month) == 24
    assert by_month["2025-11"] > 1.3 * by_month["2025-10"]
    assert by_month["2025-12"] > 1.2 * by_month["2026-01"]
    assert raw_lines()["Country"].nunique() == 3
    assert orders()[recent]["customer_id"].nunique() >= 500
    assert 4 < history()["orders"].mean() < 6
    assert (history()["orders"] >= 3).sum() > 1500


@pytest.mark.parametrize(
    ("name", "column", "low", "high"),
    [
        ("customers.csv", "birth_year", 0.05, 0.15),
        ("customers.csv", "gender", 0.08, 0.20),
        ("customers.csv", "city", 0.02, 0.10),
        ("reviews.csv", "rating", 0.01, 0.06),
        ("reviews.csv", "customer_id", 0.10, 0.35),
        ("products.csv", "unit_cost", 0.01, 0.05),
    ],
)
def test_some_values_are_missing(name, column, low, high):
    assert low < table(name)[column].isna().mean() < high


def test_ids_begin_with_zeros_and_agree_between_tables():
    customers = set(table("customers.csv")["customer_id"])

    assert all(i.startswith("0") and len(i) == 6 for i in customers)
    for name in ("web_sessions.csv.gz", "touchpoints.csv.gz", "campaign.csv", "reviews.csv"):
        assert set(table(name)["customer_id"].dropna()) <= customers
    assert set(history().index) <= customers
