"""The customer profile on Spark equals the one on DuckDB; skipped where Spark is not installed."""

from datetime import date

import ibis
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from profiled_shops import random_lines

from shared.analysis.customer_profile import customer_profile


@pytest.fixture(scope="module")
def engines(spark, tmp_path_factory):
    """Give the same tables on both engines."""
    folder = tmp_path_factory.mktemp("profile")
    lines = random_lines(31)
    people = lines[["customer_id"]].drop_duplicates(ignore_index=True)
    moments = pd.Timestamp("2024-05-01") + pd.to_timedelta(range(len(people)), unit="D")
    frames = {
        "order_lines": lines.astype({"order_date": "datetime64[us]"}),
        "customers": people.assign(acquisition_channel=["fair", None] * (len(people) // 2)),
        "web_sessions": people.assign(started_at=moments, duration_seconds=1.5, session_id="s"),
        "touchpoints": people.assign(touched_at=moments, channel="mail", kind="click"),
    }
    for name, frame in frames.items():
        for column in frame.select_dtypes("datetime"):
            frame[column] = frame[column].astype("datetime64[us]")
        frame.to_parquet(folder / f"{name}.parquet")
    return [
        {name: engine.read_parquet(str(folder / f"{name}.parquet")) for name in frames}
        for engine in (ibis.duckdb.connect(), spark)
    ]


@pytest.mark.slow
def test_all_metrics_are_the_same(engines):
    ours, theirs = (
        customer_profile(tables, snapshot_date=date(2024, 6, 20)).customers for tables in engines
    )

    assert_frame_equal(ours, theirs, check_dtype=False, rtol=1e-9)
