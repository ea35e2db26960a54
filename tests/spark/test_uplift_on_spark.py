"""A campaign read on Spark equals the one read on DuckDB; skipped where Spark is not installed."""

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from planted_campaigns import ASSIGNED, SNAPSHOT, planted

from shared.analysis.uplift_campaign import read_campaign
from shared.analysis.uplift_features import campaign_features
from shared.analysis.uplift_money import usual_margin


def written(folder, name, frame):
    dates = [c for c in frame.columns if frame[c].dtype.kind == "M"]
    frame.astype(dict.fromkeys(dates, "datetime64[us]")).to_parquet(folder / f"{name}.parquet")
    return str(folder / f"{name}.parquet")


@pytest.mark.slow
def test_arms_outcomes_and_features_are_the_same(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("campaign")
    rng = np.random.default_rng(0)
    frame = planted(1, n=400).table(campaign_id="spring").to_pandas().drop(columns="outcome")
    days = rng.integers(-200, 40, 900)
    lines = pd.DataFrame(
        {"customer_id": rng.choice(frame["customer_id"], 900), "product_id": "p",
         "order_id": np.arange(900).astype(str), "quantity": 1.0, "unit_cost": 2.5,
         "line_value": rng.integers(3, 90, 900) / 4, "is_refund": False,
         "order_date": ASSIGNED + pd.to_timedelta(days, unit="D")}
    )  # fmt: skip
    paths = {"campaign": written(folder, "campaign", frame),
             "order_lines": written(folder, "order_lines", lines)}  # fmt: skip

    results = []
    for engine in (ibis.duckdb.connect(), spark):
        tables = {name: engine.read_parquet(path) for name, path in paths.items()}
        campaign = read_campaign(tables["campaign"], snapshot_date=SNAPSHOT,
                                 order_lines=tables["order_lines"])  # fmt: skip
        results.append((campaign, campaign_features(campaign, tables=tables),
                        usual_margin(tables, snapshot_date=SNAPSHOT)))  # fmt: skip
    (one, features, margin), (other, other_features, other_margin) = results

    assert one.outcome == other.outcome == "orders"
    assert one.rows["outcome"].sum() > 0
    assert one.counted == other.counted
    assert_frame_equal(one.rows, other.rows, check_dtype=False)
    assert_frame_equal(features.table, other_features.table, check_dtype=False)
    np.testing.assert_allclose(features.matrix, other_features.matrix, atol=1e-12)
    assert features.segment.astype(str).tolist() == other_features.segment.astype(str).tolist()
    assert margin == pytest.approx(other_margin)
