"""Lifespans and the churn window on Spark equal those on DuckDB; skipped without Spark."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from planted_cohorts import random_shop

from shared.analysis.churn_window import churn_window
from shared.analysis.lifespans import lifespans, lifespans_from_durations

SNAPSHOT = date(2024, 3, 5)


@pytest.fixture(scope="module")
def engines(spark, tmp_path_factory):
    """Give the same order lines, customers and durations on both engines."""
    folder = tmp_path_factory.mktemp("survival")
    lines = random_shop(8, customers=400).to_pandas().astype({"order_date": "datetime64[us]"})
    lines["is_refund"] = lines.index % 40 == 7
    people = lines[["customer_id"]].drop_duplicates(ignore_index=True)
    day = pd.to_timedelta(people.index % 500, unit="D")
    people["joined_on"] = (pd.Timestamp("2022-12-01") + day).date
    people["loyalty_joined_on"] = (pd.Timestamp("2023-01-01") + day).date
    people.loc[people.index % 3 == 0, "loyalty_joined_on"] = None
    people["city"] = np.where(people.index % 2, "Bursa", None)
    ended = people[["customer_id"]].assign(
        duration=people.index % 70 + 0.5, event_observed=people.index % 2
    )
    for name, frame in {"lines": lines, "people": people, "ended": ended}.items():
        frame.to_parquet(folder / f"{name}.parquet")
    return [
        tuple(engine.read_parquet(str(folder / f"{name}.parquet"))
              for name in ("lines", "people", "ended"))
        for engine in (ibis.duckdb.connect(), spark)
    ]  # fmt: skip


@pytest.mark.slow
def test_windows_lifespans_and_durations_are_the_same(engines):
    results = []
    for lines, people, ended in engines:
        window = churn_window(lines, snapshot_date=SNAPSHOT)
        spans = lifespans(
            lines, snapshot_date=SNAPSHOT, window=window.days, customers=people, keep=("city",)
        )
        results.append((window.sensitivity, spans, lifespans_from_durations(ended)))

    for pair in zip(*results, strict=True):
        assert_frame_equal(*pair)
    spans = results[0][1]
    assert spans["older"].any()
    assert spans["membership_day"].notna().any()
    assert spans["observed"].any()
