"""Lifecycle stages on Spark equal those on DuckDB; skipped where Spark is not installed."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from shared.analysis.lifecycle import closed_gaps
from shared.analysis.lifecycle_customers import latest_stages
from shared.analysis.lifecycle_flows import follow_stages

SNAPSHOT = date(2024, 5, 20)


@pytest.fixture(scope="module")
def engines(spark, tmp_path_factory):
    """Give the same order lines on both engines: a base that comes, goes and comes back."""
    rng = np.random.default_rng(11)
    who = rng.integers(0, 400, 1800)
    minutes = rng.integers(0, 500 * 24 * 60, len(who))
    frame = pd.DataFrame(
        {
            "customer_id": np.char.add("c", who.astype(str)),
            "order_date": pd.Timestamp("2023-01-10") + pd.to_timedelta(minutes, unit="min"),
            "is_refund": rng.random(len(who)) < 0.03,
        }
    ).astype({"order_date": "datetime64[us]"})
    path = str(tmp_path_factory.mktemp("lifecycle") / "order_lines.parquet")
    frame.to_parquet(path)
    return [engine.read_parquet(path) for engine in (ibis.duckdb.connect(), spark)]


@pytest.mark.slow
@pytest.mark.parametrize("period", ["M", "Q", "W"])
def test_thresholds_stages_and_flows_are_the_same(engines, period):
    duck, spark = (
        follow_stages(lines, snapshot_date=SNAPSHOT, period=period, periods=8) for lines in engines
    )

    assert duck.thresholds == spark.thresholds
    assert_frame_equal(duck.flows, spark.flows)
    assert duck.counts().sum() > 300


@pytest.mark.slow
def test_gaps_and_each_customers_latest_stage_are_the_same(engines):
    thresholds = follow_stages(engines[0], snapshot_date=SNAPSHOT).thresholds
    gaps = [closed_gaps(lines, before=SNAPSHOT) for lines in engines]
    latest = [
        latest_stages(lines, thresholds=thresholds, snapshot_date=SNAPSHOT) for lines in engines
    ]

    assert_frame_equal(*gaps)
    assert_frame_equal(*latest)
    assert latest[0]["recoveries"].sum() > 0
