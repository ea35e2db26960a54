"""Steadiness, baskets, campaigns and customer-level input on Spark equal those on DuckDB."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from shared.analysis.abc_xyz import spend_variation
from shared.analysis.campaign_response import campaign_response
from shared.analysis.customer_level import portfolio_from_customers
from shared.analysis.customer_summary import customer_summary
from shared.analysis.emerging import what_separates
from shared.analysis.portfolio import portfolio

SNAPSHOT = date(2024, 7, 1)


@pytest.fixture(scope="module")
def engines(spark, tmp_path_factory):
    rng = np.random.default_rng(5)
    n = 4000
    orders = rng.integers(0, 1500, n)
    owner = np.char.add("c", ((orders * 7919) % 400).astype(str))
    minutes = (orders * 104_729) % (366 * 24 * 60)
    lines = pd.DataFrame(
        {
            "customer_id": owner,
            "order_id": orders.astype(str),
            "order_date": pd.Timestamp("2023-07-01") + pd.to_timedelta(minutes, unit="min"),
            "product_id": np.char.add("P", rng.integers(0, 60, n).astype(str)),
            "category": rng.choice(["Tea", "Coffee", None], n),
            "line_value": rng.integers(1, 90_000, n) / 1000,
            "is_refund": rng.random(n) < 0.02,
        }
    )
    customers = np.char.add("c", np.arange(400).astype(str))
    campaign = pd.DataFrame(
        {
            "customer_id": customers,
            "treatment": np.arange(400) % 2,
            "campaign_id": "may",
            "assigned_at": pd.Timestamp("2024-05-01 09:30"),
            "outcome": rng.binomial(1, 0.3, 400),
        }
    )
    base = customer_summary(ibis.memtable(lines), snapshot_date=SNAPSHOT)
    frames = {
        "lines": lines,
        "campaign": campaign,
        "customers": base.filter(base.frequency > 0).drop("recency_days").to_pandas(),
    }
    folder = tmp_path_factory.mktemp("tables")
    for name, frame in frames.items():
        stamps = frame.select_dtypes("datetime").columns
        frame.astype(dict.fromkeys(stamps, "datetime64[us]")).to_parquet(folder / f"{name}.parquet")
    duck = ibis.duckdb.connect()
    return [
        {name: backend.read_parquet(str(folder / f"{name}.parquet")) for name in frames}
        for backend in (duck, spark)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("period", ["M", "W"])
def test_steadiness_is_the_same(engines, period):
    for member in ("customer_id", "product_id"):
        one, other = (
            spend_variation(tables["lines"], snapshot_date=SNAPSHOT, member=member, period=period)
            .to_pandas()
            .sort_values(member, ignore_index=True)
            for tables in engines
        )
        assert len(one) >= 60
        assert_frame_equal(one, other[one.columns], check_dtype=False)


@pytest.mark.slow
def test_campaigns_baskets_and_customers_are_the_same(engines):
    answered, separated, placed = [], [], []
    for tables in engines:
        base = portfolio(tables["lines"], snapshot_date=SNAPSHOT)
        found = campaign_response(tables["campaign"], tables["lines"], snapshot_date=SNAPSHOT)
        answered.append(found.table)
        separated.append(what_separates(base, tables["lines"]))
        level = portfolio_from_customers(tables["customers"], snapshot_date=SNAPSHOT)
        placed.append(level.customers)
    for one, other in (answered, separated, placed):
        assert_frame_equal(one, other, check_dtype=False)
