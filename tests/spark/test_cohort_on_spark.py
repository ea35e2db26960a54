"""Cohorts on Spark equal cohorts on DuckDB; skipped where Spark is not installed."""

from datetime import date

import ibis
import pytest
from pandas.testing import assert_frame_equal
from planted_cohorts import complete_counts, random_shop

from shared.analysis.cohort import retention_cells
from shared.analysis.cohort_activity import follow_cohorts
from shared.analysis.cohort_engagement import engagement_cells
from shared.analysis.cohort_money import follow_money, money_cells, valued_lines
from shared.analysis.cohort_payback import acquisition_payback
from shared.analysis.cohort_promotion import compare_promotions

CALENDAR = {"last_period": "2024-01", "snapshot_date": date(2024, 2, 20)}


@pytest.fixture(scope="module")
def engines(spark, tmp_path_factory):
    """Give the same order lines and customers on both engines."""
    folder = tmp_path_factory.mktemp("cohorts")
    lines = random_shop(7, customers=400).to_pandas()
    number = lines["customer_id"].str[1:].astype(int)
    lines["category"] = number.mod(4).map({0: "tea", 1: "coffee", 2: "cups"})
    lines["is_refund"] = lines.index % 40 == 7
    lines["unit_cost"] = (lines["line_value"] / 3).round(2)
    people = lines[["customer_id"]].drop_duplicates()
    number = people["customer_id"].str[1:].astype(int)
    people["acquisition_channel"] = number.mod(2).map({0: "Ads", 1: None})
    first = people["customer_id"].map(lines.groupby("customer_id")["order_date"].min())
    won_by_it = number.mod(3).eq(0) & first.lt("2023-06-01")
    people["acquisition_campaign"] = won_by_it.map({True: "Spring", False: None})
    people["acquisition_cost"] = 20.0
    tables = {"lines": lines.astype({"order_date": "datetime64[us]"}), "people": people}
    for name, frame in tables.items():
        frame.to_parquet(folder / f"{name}.parquet")
    return [
        tuple(engine.read_parquet(str(folder / f"{name}.parquet")) for name in tables)
        for engine in (ibis.duckdb.connect(), spark)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("period", ["M", "Q", "W", "30D"])
def test_counts_are_the_same(engines, period):
    last = {"Q": "2023Q4", "W": "2024-01-28"}.get(period, "2024-01")

    got = [complete_counts(lines, period=period, last_period=last) for lines, _people in engines]

    assert_frame_equal(*got)


@pytest.mark.slow
@pytest.mark.parametrize("cohort_by", ["first_order", "acquisition_channel", "category"])
def test_cells_engagement_and_money_are_the_same(engines, cohort_by):
    results = []
    for lines, people in engines:
        worth, _what = valued_lines(lines)
        cohorts = follow_cohorts(
            worth, period="M", cohort_by=cohort_by, customers=people, **CALENDAR
        )
        money = money_cells(follow_money(worth, cohorts), cohorts)
        results.append((retention_cells(cohorts), engagement_cells(cohorts), money))

    for pair in zip(*results, strict=True):
        assert_frame_equal(*pair, check_exact=False, rtol=1e-9)


@pytest.mark.slow
def test_promotions_and_payback_are_the_same(engines):
    results = []
    for lines, people in engines:
        cohorts = follow_cohorts(lines, period="M", **CALENDAR)
        promotions = compare_promotions(lines, cohorts, customers=people)
        payback = acquisition_payback(lines, cohorts, customers=people)
        results.append((promotions, payback.table, payback.curves))

    for pair in zip(*results, strict=True):
        assert_frame_equal(*pair, check_exact=False, rtol=1e-9)
