"""The portfolio on Spark equals the portfolio on DuckDB; skipped where Spark is not installed."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from shared.analysis.abc import product_revenue
from shared.analysis.margins import customer_margins
from shared.analysis.portfolio import portfolio
from shared.analysis.win_back import due_dates

SNAPSHOT = date(2024, 7, 1)


@pytest.fixture(scope="module")
def lines():
    rng = np.random.default_rng(5)
    n = 4000
    orders = rng.integers(0, 1500, n)
    owner = (orders * 7919) % 400
    minutes = (orders * 104_729) % (366 * 24 * 60)
    return pd.DataFrame(
        {
            "customer_id": np.char.add("c", owner.astype(str)),
            "order_id": orders.astype(str),
            "order_date": pd.Timestamp("2023-07-01") + pd.to_timedelta(minutes, unit="min"),
            "product_id": np.char.add("P", rng.integers(0, 60, n).astype(str)),
            "product_name": rng.choice(["Tea", "tea", "Çay", None], n),
            "quantity": rng.integers(1, 9, n).astype(float),
            "line_value": rng.integers(1, 90_000, n) / 1000,
            "unit_cost": rng.integers(1, 500, n) / 100,
            "is_refund": rng.random(n) < 0.02,
        }
    )


@pytest.fixture(scope="module")
def engines(lines, spark, tmp_path_factory):
    file = tmp_path_factory.mktemp("lines") / "order_lines.parquet"
    lines.astype({"order_date": "datetime64[us]"}).to_parquet(file)
    return ibis.duckdb.connect().read_parquet(file), spark.read_parquet(str(file))


def by(key, table):
    return table.sort_values(key, ignore_index=True)


@pytest.mark.slow
def test_customers_due_dates_products_and_margins_are_the_same(engines):
    placed, due, products, margins = [], [], [], []
    for table in engines:
        base = portfolio(table, snapshot_date=SNAPSHOT)
        placed.append(base.customers)
        due.append(due_dates(table, base.customers, snapshot_date=SNAPSHOT))
        products.append(by("product_id", product_revenue(table).to_pandas()))
        margins.append(customer_margins(table, snapshot_date=SNAPSHOT).sort_index().reset_index())

    for pair in (placed, due, products, margins):
        assert_frame_equal(*pair, check_dtype=False, check_exact=True)
