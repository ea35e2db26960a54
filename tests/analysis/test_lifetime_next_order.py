"""When the next order is expected: dates, their intervals, and how many order by when."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from planted_lifetimes import bg_nbd_customers

from shared.analysis.lifetime_next_order import next_orders, order_calendar
from shared.analysis.purchase_model import fit_purchase_model, p_zero

TRUTH = {"r": 0.55, "alpha": 5.5, "a": 0.7, "b": 4.6}
AS_OF = date(2024, 7, 1)


@pytest.fixture(scope="module")
def planted():
    return bg_nbd_customers(11, n=3000, truth=TRUTH)


@pytest.fixture(scope="module")
def summary(planted):
    names = [f"c{i}" for i in range(len(planted.histories))]
    return planted.histories.assign(customer_id=names)


@pytest.fixture(scope="module")
def model(summary):
    return fit_purchase_model(summary[["frequency", "recency", "T"]])


@pytest.fixture(scope="module")
def dates(model, summary):
    return next_orders(model, summary, snapshot_date=AS_OF, unit_days=7.0)


def test_half_of_those_who_order_within_a_year_have_ordered_by_the_date(dates, model, summary):
    row = int(np.argmax(summary["frequency"]))
    history = summary.loc[row, ["frequency", "recency", "T"]].to_numpy(dtype=float)
    days = (dates["next_order_date"].iloc[row] - pd.Timestamp(AS_OF)).days + 1

    half = (1 - p_zero(model, *history, 365 / 7)[0]) / 2
    assert 1 - p_zero(model, *history, days / 7)[0] >= half - 1e-3
    assert 1 - p_zero(model, *history, (days - 1) / 7)[0] <= half + 1e-3


def test_the_interval_holds_the_date_and_begins_no_earlier_than_the_snapshot(dates):
    known = dates.dropna()

    assert (known["next_order_from"] >= pd.Timestamp(AS_OF)).all()
    assert (known["next_order_from"] <= known["next_order_date"]).all()
    assert (known["next_order_date"] <= known["next_order_until"]).all()
    assert (known["next_order_until"] < pd.Timestamp(AS_OF) + pd.Timedelta(days=365)).all()


def test_the_chance_of_the_next_30_days_is_no_median_given_an_order(dates, model, summary):
    history = summary[["frequency", "recency", "T"]].to_numpy(dtype=float).T

    want = 1 - p_zero(model, *history, 30 / 7)

    assert dates["chance_within_30_days"].to_numpy() == pytest.approx(want)
    early = dates["next_order_date"] < pd.Timestamp(AS_OF) + pd.Timedelta(days=30)
    assert (dates.loc[early, "chance_within_30_days"] < 0.5).any()


def test_who_will_hardly_order_has_no_date(model):
    lost = pd.DataFrame({"customer_id": ["x"], "frequency": [30], "recency": [5.0], "T": [60.0]})

    got = next_orders(model, lost, snapshot_date=AS_OF, unit_days=7.0).iloc[0]

    assert got["chance_within_year"] < 0.01
    assert pd.isna(got["next_order_date"])


def test_planted_customers_order_within_their_intervals(planted, dates):
    """Of those whose next order came within the 26 weeks seen, as many by the date as promised."""
    times, T = planted.times, planted.histories["T"].to_numpy()
    later = times[times["time"] > T[times["customer"]]]
    wait = later.groupby("customer")["time"].min() - pd.Series(T)
    until = (dates["next_order_date"] - pd.Timestamp(AS_OF)).dt.days / 7 + 1 / 7
    chance = dates["chance_within_year"]

    came = (wait <= until).fillna(False)
    seen = until <= 26

    assert came[seen].mean() == pytest.approx(0.5 * chance[seen].mean(), rel=0.1)


def test_the_calendar_counts_what_then_happens(planted, model, summary):
    calendar = order_calendar(model, summary, unit_days=7.0, windows=(182,))

    ordered = (planted.future > 0).sum()
    row = calendar.iloc[0]
    assert row["low"] < row["customers"] < row["high"]
    assert row["customers"] == pytest.approx(ordered, rel=0.06)
    assert row["share"] == pytest.approx(row["customers"] / len(summary))


def test_more_time_brings_more_customers(model, summary):
    calendar = order_calendar(model, summary, unit_days=7.0)

    assert calendar["customers"].is_monotonic_increasing
    assert calendar["days"].tolist() == [30, 60, 90, 180, 365]
