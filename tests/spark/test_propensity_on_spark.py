"""Features and outcomes of propensity on Spark equal those on DuckDB; skipped without Spark."""

from datetime import datetime

import ibis
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from planted_purchases import SNAPSHOT, shop

from shared.analysis.propensity_features import bought_between, events_of, features_at, has_clock
from shared.analysis.propensity_money import order_money
from shared.analysis.propensity_windows import Horizon, plan_windows

CUT = datetime(2024, 4, 1)


@pytest.fixture(scope="module")
def engines(spark, tmp_path_factory):
    """Give the same orders, visits and customers on both engines."""
    folder = tmp_path_factory.mktemp("propensity")
    for name, frame in shop(1, customers=150).items():
        dates = {c: "datetime64[us]" for c in frame
                 if pd.api.types.is_datetime64_any_dtype(frame[c])}  # fmt: skip
        frame.astype(dates).to_parquet(folder / f"{name}.parquet")
    names = ("order_lines", "web_sessions", "customers")
    return [
        {name: engine.read_parquet(str(folder / f"{name}.parquet")) for name in names}
        for engine in (ibis.duckdb.connect(), spark)
    ]


@pytest.mark.slow
def test_features_buyers_windows_and_money_are_the_same(engines):
    duck, spark = (events_of(tables, snapshot_date=SNAPSHOT) for tables in engines)

    a, b = features_at(duck, CUT), features_at(spark, CUT)
    assert_frame_equal(a, b, check_dtype=False, rtol=1e-9)
    assert len(a) > 100
    end = datetime(2024, 4, 20)
    assert sorted(bought_between(duck, CUT, end)) == sorted(bought_between(spark, CUT, end))
    plans = [plan_windows(e, Horizon(14, "D"), snapshot_date=SNAPSHOT) for e in (duck, spark)]
    assert plans[0] == plans[1]
    assert has_clock(engines[0]) == has_clock(engines[1])
    money = [order_money(tables, snapshot_date=SNAPSHOT) for tables in engines]
    assert money[0].margin == pytest.approx(money[1].margin, rel=1e-9)
