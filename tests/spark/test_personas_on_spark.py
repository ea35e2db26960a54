"""Behaviour of customers on Spark equals that on DuckDB; skipped where Spark is not installed."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from shared.analysis.personas_behaviour import customer_behaviour

DAY = date(2024, 7, 1)


@pytest.mark.slow
def test_behaviour_is_the_same(spark, tmp_path):
    rng = np.random.default_rng(0)
    n = 5000
    lines = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 300, n).astype(str),
            "order_id": rng.integers(0, 1500, n).astype(str),
            "order_date": pd.Timestamp("2023-01-01")
            + pd.to_timedelta(rng.integers(0, 600 * 24, n), unit="h"),
            "product_id": rng.integers(0, 50, n).astype(str),
            "quantity": rng.integers(1, 5, n).astype(float),
            "line_value": rng.gamma(2, 10, n).round(2),
            "discount": rng.choice([0.0, 1.5, np.nan], n),
            "channel": rng.choice(["Web", "App", "Phone"], n),
            "category": rng.choice(["A", "B", "C", "D"], n),
            "is_refund": rng.random(n) < 0.05,
        }
    )
    visits = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 300, 900).astype(str),
            "session_id": np.arange(900).astype(str),
            "started_at": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.integers(0, 180 * 24, 900), unit="h"),
            "duration_seconds": rng.integers(1, 900, 900).astype(float),
            "bounced": rng.integers(0, 2, 900),
        }
    )
    for name, frame in (("order_lines", lines), ("web_sessions", visits)):
        dated = frame.select_dtypes("datetime").columns
        stored = frame.astype(dict.fromkeys(dated, "datetime64[us]"))
        stored.to_parquet(tmp_path / f"{name}.parquet")

    duck, other = (
        customer_behaviour(
            {name: engine.read_parquet(str(tmp_path / f"{name}.parquet"))
             for name in ("order_lines", "web_sessions")},
            snapshot_date=DAY,
        )
        for engine in (ibis.duckdb.connect(), spark)
    )  # fmt: skip

    assert_frame_equal(duck.customers, other.customers, check_dtype=False, rtol=1e-12)
    assert duck.labels == other.labels
