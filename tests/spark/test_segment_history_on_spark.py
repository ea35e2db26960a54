"""Placements and proof on Spark equal those on DuckDB; skipped where Spark is not installed."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from shared.analysis.activity import contact_days
from shared.analysis.rfm_scores import Scoring
from shared.analysis.segment_boundary import segment_boundary
from shared.analysis.segment_history import history_table, segment_history
from shared.analysis.segment_holdout import segment_holdout
from shared.analysis.segment_placements import placements

SNAPSHOT = date(2024, 7, 1)


@pytest.fixture(scope="module")
def engines(spark, tmp_path_factory):
    """Give the same order lines, refunds and orders of two days among them, on both engines."""
    rng = np.random.default_rng(5)
    n = 4000
    orders = rng.integers(0, 1500, n)
    minutes = (orders * 104_729) % (366 * 24 * 60) + rng.integers(0, 600, n)
    lines = pd.DataFrame(
        {
            "customer_id": np.char.add("c", ((orders * 7919) % 400).astype(str)),
            "order_id": orders.astype(str),
            "order_date": pd.Timestamp("2023-07-01") + pd.to_timedelta(minutes, unit="min"),
            "product_id": np.char.add("P", rng.integers(0, 60, n).astype(str)),
            "line_value": rng.integers(1, 90_000, n) / 1000,
            "is_refund": rng.random(n) < 0.02,
        }
    )
    file = tmp_path_factory.mktemp("history") / "order_lines.parquet"
    lines.astype({"order_date": "datetime64[us]"}).to_parquet(file)
    return ibis.duckdb.connect().read_parquet(file), spark.read_parquet(str(file))


@pytest.mark.slow
def test_history_proof_and_boundary_are_the_same(engines):
    history, proof, boundary = [], [], []
    for lines in engines:
        past = segment_history(lines, snapshot_date=SNAPSHOT, period="M", periods=4)
        history.append(history_table(past))
        proof.append(segment_holdout(lines, cutoff=date(2024, 4, 1), until=SNAPSHOT).table)
        boundary.append(segment_boundary(lines, snapshot_date=SNAPSHOT).customers)

    for pair in (history, proof, boundary):
        assert_frame_equal(*pair)


@pytest.mark.slow
def test_placements_by_any_interaction_are_the_same(engines):
    placed = []
    for lines in engines:
        visits = lines.select("customer_id", started_at=lines.order_date + ibis.interval(days=9))
        scoring = Scoring(contacts=contact_days({"web_sessions": visits}))
        placed.append(placements(lines, ends=[date(2024, 4, 1), SNAPSHOT], scoring=scoring))

    assert_frame_equal(*placed)
