"""The repeat summary on Spark equals that on DuckDB; skipped where Spark is not installed."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from shared.analysis.repeat_summary import repeat_summary, weighted_rows


@pytest.mark.slow
def test_summaries_and_counted_histories_are_the_same(spark, tmp_path_factory):
    rng = np.random.default_rng(12)
    minutes = rng.integers(0, 400 * 1440, 4000)
    frame = pd.DataFrame(
        {
            "customer_id": np.char.add("c", rng.integers(0, 700, len(minutes)).astype(str)),
            "order_date": pd.Timestamp("2023-01-10") + pd.to_timedelta(minutes, unit="min"),
            "line_value": rng.integers(1, 9000, len(minutes)) / 100,
            "is_refund": rng.random(len(minutes)) < 0.05,
        }
    ).astype({"order_date": "datetime64[us]"})
    path = str(tmp_path_factory.mktemp("repeats") / "order_lines.parquet")
    frame.to_parquet(path)

    tables = [
        repeat_summary(
            engine.read_parquet(path), snapshot_date=date(2024, 3, 1), until=date(2023, 12, 31)
        )
        for engine in (ibis.duckdb.connect(), spark)
    ]
    duck, other = (
        table.to_pandas().sort_values("customer_id").reset_index(drop=True) for table in tables
    )
    assert_frame_equal(duck, other, check_dtype=False)
    assert_frame_equal(*(weighted_rows(table) for table in tables), check_dtype=False)
    assert duck["frequency"].sum() > 1000
