from datetime import datetime

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.analysis.periods import (
    calendar_of,
    period_noun,
    period_number,
    period_range,
    step_days,
    to_period,
    window_days,
)
from shared.loading.errors import ConfigError


@settings(max_examples=20, deadline=None)
@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)), min_size=1, max_size=20))
def test_periods_are_numbered_in_the_engine_as_pandas_numbers_them(moments):
    exact = pd.to_datetime(moments).astype("datetime64[us]")
    table = ibis.memtable(pd.DataFrame({"moment": exact}))

    for freq in ("M", "Q", "W"):
        got = table.select(n=period_number(table.moment, freq)).to_pandas()["n"].tolist()
        assert got == [pd.Period(moment, freq=freq).ordinal for moment in moments]
        assert list(period_range(got, freq)) == [pd.Period(m, freq=freq) for m in moments]


def test_a_day_window_follows_monthly_cohorts():
    assert (window_days("30D"), window_days("M")) == (30, 0)
    assert (calendar_of("30D"), calendar_of("Q")) == ("M", "Q")
    assert (period_noun("30D"), period_noun("W")) == ("30-day window", "week")
    assert [step_days(period) for period in ("M", "Q", "W", "45D")] == [30, 91, 7, 45]


@pytest.mark.parametrize(
    ("text", "period", "want"),
    [("2011-11", "M", "2011-11"), ("2011Q4", "Q", "2011Q4"), ("2011-11", "30D", "2011-11"),
     ("2011-11-21/2011-11-27", "W", "2011-11-21/2011-11-27"),
     ("2011-11-27", "W", "2011-11-21/2011-11-27")],
)  # fmt: skip
def test_a_period_is_read_as_it_is_written(text, period, want):
    assert str(to_period(text, period)) == want


def test_what_is_no_period_is_refused_with_what_is_allowed():
    with pytest.raises(ConfigError, match="M, Q, W, or days"):
        window_days("Y")
    with pytest.raises(ConfigError, match="2011-11 for a month"):
        to_period("November", "M")
