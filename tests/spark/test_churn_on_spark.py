"""Churn rates, the forecast and groups on Spark equal those on DuckDB; skipped without Spark."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from shared.analysis.churn_forecast import backtest_churn, forecast_churn
from shared.analysis.retention_churn import retention_churn
from shared.analysis.survival_segments import segment_lifespans, with_trait

SNAPSHOT = date(2024, 5, 20)
AS_OF = {"snapshot_date": SNAPSHOT, "window_days": 60}


@pytest.fixture(scope="module")
def engines(spark, tmp_path_factory):
    """Give the same order lines on both engines."""
    rng = np.random.default_rng(12)
    who = rng.integers(0, 400, 1800)
    minutes = rng.integers(0, 490 * 24 * 60, len(who))
    frame = pd.DataFrame(
        {
            "customer_id": np.char.add("c", who.astype(str)),
            "order_id": np.arange(len(who)).astype(str),
            "order_date": pd.Timestamp("2023-01-10") + pd.to_timedelta(minutes, unit="min"),
            "line_value": rng.integers(1, 90, len(who)).astype(float),
            "channel": rng.choice(["Web", "Shop"], len(who)),
            "is_refund": rng.random(len(who)) < 0.03,
        }
    ).astype({"order_date": "datetime64[us]"})
    path = str(tmp_path_factory.mktemp("churn") / "order_lines.parquet")
    frame.to_parquet(path)
    return [engine.read_parquet(path) for engine in (ibis.duckdb.connect(), spark)]


@pytest.mark.slow
@pytest.mark.parametrize("period", ["M", "W"])
def test_retention_and_churn_are_the_same(engines, period):
    duck, spark = (retention_churn(lines, period=period, **AS_OF) for lines in engines)

    assert_frame_equal(duck, spark)
    assert duck["lost"].sum() > 50


@pytest.mark.slow
def test_the_forecast_and_its_backtest_are_the_same(engines):
    duck, spark = (forecast_churn(lines, **AS_OF) for lines in engines)
    assert_frame_equal(duck.customers, spark.customers, check_dtype=False)

    duck, spark = (backtest_churn(lines, **AS_OF) for lines in engines)
    assert_frame_equal(duck.bands, spark.bands, check_dtype=False)
    assert duck.actual == spark.actual > 10


@pytest.mark.slow
def test_segments_and_traits_are_the_same(engines):
    made = [segment_lifespans(lines, follow_days=150, **AS_OF) for lines in engines]
    (duck, day), (spark, other) = (
        (frame.sort_values("customer_id", ignore_index=True), day) for frame, day in made
    )
    assert day == other
    assert_frame_equal(duck, spark, check_dtype=False)

    traits = [
        with_trait(duck[["customer_id"]], lines, column="channel", snapshot_date=SNAPSHOT)
        for lines in engines
    ]
    assert_frame_equal(*traits, check_dtype=False)
