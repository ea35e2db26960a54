from datetime import date

import numpy as np
import pandas as pd
import pytest
from planted_segments import lines_of

from shared.analysis.drift_answers import drift
from shared.analysis.multiple_testing import Finding
from shared.analysis.same_season import same_season
from shared.analysis.segment_history import segment_history
from shared.analysis.segment_movement import base_drift
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write

SNAPSHOT = date(2025, 7, 1)
MONTHS = pd.period_range("2023-01", "2025-06", freq="M")


def shop(rate_of, *, customers=200, months=MONTHS, seed=3):
    """Everybody orders once in the first month; then by the month's rate."""
    rng = np.random.default_rng(seed)
    rows = [(f"c{k}", f"{k}-first", months[0].start_time, 10.0) for k in range(customers)]
    for month in months[1:]:
        for k, orders in enumerate(rng.poisson(rate_of(month), customers)):
            rows += [
                (f"c{k}", f"{k}-{month}-{i}", month.start_time + pd.Timedelta(days=3 + i), 10.0)
                for i in range(orders)
            ]
    return lines_of(rows)


def december(month):
    return 2.0 if month.month == 12 else 0.5


def studied(lines, *, periods=6):
    past = segment_history(lines, snapshot_date=SNAPSHOT, period="M", periods=periods)
    try:
        year = same_season(lines, past)
    except NotSupportedByData as reason:
        year = reason
    return base_drift(past), year


def words(found, year):
    return [str(write(r.template, r.values, Wording())) for r in drift(found, year, period="M")]


def test_the_same_month_of_two_years_is_counted_customer_by_customer():
    lines = shop(december)
    _found, year = studied(lines)

    frame = lines.to_pandas()
    month = frame["order_date"].dt.to_period("M")
    assert (year.then, year.now, year.customers) == (date(2024, 6, 1), date(2025, 6, 1), 200)
    assert year.rate_then.value == pytest.approx((month == "2024-06").sum() / 200)
    assert year.rate_now.value == pytest.approx((month == "2025-06").sum() / 200)
    assert year.change.value == pytest.approx(year.rate_now.value - year.rate_then.value)


def test_a_season_is_a_fall_within_the_year_and_none_between_years():
    found, year = studied(shop(december))

    assert found.rate_finding is Finding.DIFFERS  # December against June
    assert year.finding is not Finding.DIFFERS
    said = words(found, year)
    assert said[1].endswith("the same customers buy less.")
    assert said[2].startswith("Between Dec 2024 and Jun 2025 the season may differ.")
    assert "they buy" not in said[2] or said[2].endswith("it may be chance.")


def test_a_planted_fall_is_found_against_the_same_month_too():
    found, year = studied(shop(lambda month: 2.0 if month.year < 2025 else 0.5))

    assert year.finding is Finding.DIFFERS
    assert year.change.high < 0
    assert words(found, year)[2].endswith("times in Jun 2025: they buy less.")


def test_without_a_year_of_customers_the_season_cannot_be_told():
    found, year = studied(shop(december, months=MONTHS[-10:]))

    assert isinstance(year, NotSupportedByData)
    assert words(found, year)[2] == (
        "Between Dec 2024 and Jun 2025 the season may differ and cannot be told from drift "
        "here: 0 customers had joined before the same month a year earlier."
    )


def test_periods_a_year_apart_need_no_second_look():
    found, year = studied(shop(december), periods=12)

    assert len(words(found, year)) == 2
