"""Journeys and paths on Spark equal those on DuckDB; skipped where Spark is not installed."""

from datetime import date

import ibis
import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from planted_journeys import planted_tables

from shared.analysis.attribution_counting import paths_of
from shared.analysis.attribution_paths import journeys_of
from shared.analysis.attribution_return import channel_costs


@pytest.mark.slow
def test_journeys_paths_time_decay_and_costs_are_the_same(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("journeys")
    for name, table in zip(
        ("touches", "sales"), planted_tables(3, journeys=300, customers=80), strict=True
    ):
        frame = table.to_pandas()
        if name == "touches":
            frame = frame.assign(cost=0.25, kind=np.where(frame.index % 3, "click", None))
        frame.astype({c: "datetime64[us]" for c in frame if c.endswith("_at")}).to_parquet(
            folder / f"{name}.parquet"
        )

    results = []
    for engine in (ibis.duckdb.connect(), spark):
        tables = [engine.read_parquet(str(folder / f"{n}.parquet")) for n in ("touches", "sales")]
        journeys = journeys_of(*tables, snapshot_date=date(2024, 5, 1))
        told = journeys.journeys.order_by("customer_id", "journey").to_pandas()
        paths = paths_of(journeys, repeats="collapse", direct="override")
        results.append((journeys, told, paths, channel_costs(journeys)))
    (duck, told, paths, costs), (other, other_told, other_paths, other_costs) = results

    assert dict(duck.counts) == dict(other.counts)
    assert_frame_equal(told, other_told, check_dtype=False)
    assert paths.texts() == other_paths.texts()
    assert (paths.conversions == other_paths.conversions).all()
    assert (paths.nulls == other_paths.nulls).all()
    assert paths.decay == pytest.approx(other_paths.decay, abs=1e-9)
    assert_frame_equal(costs, other_costs, check_dtype=False)
    assert set(told["outcome"]) == {"converted", "ended", "open"}
