"""Lifetime value on Spark equals that on DuckDB; skipped where Spark is not installed."""

from datetime import timedelta

import ibis
import pytest
from pandas.testing import assert_frame_equal
from planted_lifetimes import bg_nbd_customers, planted_order_lines

from shared.analysis.lifetime_value import study_lifetime_value

TRUTH = {"r": 0.55, "alpha": 5.5, "a": 0.7, "b": 4.6}


@pytest.fixture(scope="module")
def engines(spark, tmp_path_factory):
    """Give the same order lines on both engines, and the day after the last of them."""
    lines, last = planted_order_lines(bg_nbd_customers(12, n=500, truth=TRUTH))
    frame = lines.to_pandas().astype({"order_date": "datetime64[us]"})
    frame["is_refund"] = frame.index % 40 == 0
    frame.loc[frame["is_refund"], "line_value"] *= -0.5
    path = str(tmp_path_factory.mktemp("lifetime") / "order_lines.parquet")
    frame.to_parquet(path)
    read = [engine.read_parquet(path) for engine in (ibis.duckdb.connect(), spark)]
    return read, last + timedelta(days=183)


@pytest.mark.slow
def test_backtest_forecast_and_checks_are_the_same(engines):
    read, snapshot = engines
    duck, spark = (
        study_lifetime_value(lines, tables={}, snapshot_date=snapshot, refits=50) for lines in read
    )

    assert_frame_equal(duck.summary, spark.summary, check_dtype=False)
    assert_frame_equal(duck.tested.table, spark.tested.table)
    assert_frame_equal(duck.tested.tracking, spark.tested.tracking)
    assert_frame_equal(duck.forecast.cash_flow, spark.forecast.cash_flow)
    assert duck.regular == spark.regular
    assert duck.median_gap_days == spark.median_gap_days
    assert duck.plain == spark.plain
