"""The backtest: published figures, hand-made holdouts, and who beats whom."""

from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_lifetimes import bg_nbd_customers, planted_order_lines

from shared.analysis.lifetime_backtest import (
    CONSTANT,
    LAST,
    back_test,
    default_calibration_end,
    to_day,
)
from shared.analysis.lifetime_backtest_answers import came_true, miss, miss_finding
from shared.analysis.lifetime_tracking import track_orders
from shared.analysis.multiple_testing import Finding
from shared.analysis.purchase_model import expected_purchases_of_new, fit_purchase_model
from shared.loading.errors import ConfigError, NotSupportedByData

TRUTH = {"r": 0.55, "alpha": 5.5, "a": 0.7, "b": 4.6}


def cdnow_lines(datasets):
    rows = pd.read_csv(
        datasets / "cdnow" / "CDNOW_sample.txt", sep=r"\s+", header=None,
        names=["master", "customer_id", "day", "quantity", "line_value"],
        dtype={"master": str, "customer_id": str, "day": str},
    )  # fmt: skip
    rows["order_date"] = pd.to_datetime(rows["day"])
    rows["order_id"] = [f"o{i}" for i in range(len(rows))]
    return ibis.memtable(rows.drop(columns=["master", "day"]))


@pytest.fixture(scope="module")
def cdnow(datasets):
    return back_test(
        cdnow_lines(datasets), snapshot_date=date(1998, 7, 1), calibration_end=date(1997, 9, 30),
        unit_days=7.0, refits=100,
    )  # fmt: skip


@pytest.fixture(scope="module")
def planted_lines():
    return planted_order_lines(bg_nbd_customers(7, n=1200, truth=TRUTH))


@pytest.fixture(scope="module")
def planted(planted_lines):
    lines, last = planted_lines
    return back_test(
        lines, snapshot_date=last + timedelta(days=183), calibration_end=last, unit_days=7.0,
        refits=40,
    )  # fmt: skip


@pytest.mark.datasets
@pytest.mark.parametrize(
    ("way", "predicted", "ratio", "error"),
    [
        ("BG/NBD", 1653, 0.879, 0.786),
        ("Pareto/NBD", 1666, 0.885, 0.755),
        ("MBG/NBD", 1577, 0.838, 0.765),
        (CONSTANT, 2930, 1.557, 1.024),
    ],
)
def test_cdnow_gives_the_published_holdout(cdnow, way, predicted, ratio, error):
    row = cdnow.table.set_index("way").loc[way]

    assert (cdnow.customers, cdnow.actual, cdnow.holdout_days) == (2357, 1882, 273)
    assert row["predicted"] == pytest.approx(predicted, rel=0.01)
    assert row["ratio"] == pytest.approx(ratio, rel=0.01)
    assert row["mean_absolute_error"] == pytest.approx(error, rel=0.01)


@pytest.mark.datasets
def test_cdnow_says_that_the_model_under_forecasts_the_holdout_by_12_per_cent(cdnow):
    said = came_true(cdnow)

    assert said.template.startswith("The model under-forecasts the holdout by {miss}")
    assert round(said.values["miss"].value, 2) == 0.12
    assert miss_finding(cdnow) is Finding.DIFFERS
    assert cdnow.passed


@pytest.mark.datasets
def test_cdnow_tracks_the_published_share_by_week_78(cdnow):
    last = cdnow.tracking.iloc[-1]

    assert (last["week"], last["actual"]) == (78, 4339)
    assert cdnow.tracked == pytest.approx(0.959, abs=0.001)


@pytest.mark.datasets
def test_cdnow_calls_two_equally_likely_models_apart(cdnow):
    alive = cdnow.alive.set_index("model")["alive"]

    assert (round(alive["BG/NBD"]), round(alive["MBG/NBD"])) == (1917, 1058)
    likely = cdnow.alive.set_index("model")["log_likelihood"]
    assert abs(likely["BG/NBD"] - likely["MBG/NBD"]) == pytest.approx(0.3, abs=0.02)


def test_a_planted_base_is_predicted_and_the_naive_rate_beaten(planted):
    rows = planted.table.set_index("way")

    assert 0.9 < rows.loc["BG/NBD", "ratio"] < 1.1
    assert planted.inside
    assert rows.loc[CONSTANT, "beaten"]
    assert rows.loc["BG/NBD", "beaten"] is None
    assert miss_finding(planted) is not Finding.DIFFERS


def test_what_is_counted_as_placed_is_what_a_plain_count_gives(planted_lines, planted):
    lines, last = planted_lines
    frame = lines.to_pandas()
    days = frame.assign(day=frame["order_date"].dt.normalize()).drop_duplicates(
        ["customer_id", "day"]
    )
    known = days[days["day"] <= pd.Timestamp(last)]["customer_id"].unique()
    end = pd.Timestamp(last + timedelta(days=183))
    later = days[(days["day"] > pd.Timestamp(last)) & (days["day"] < end)]
    money = frame[(frame["order_date"] > pd.Timestamp(last + timedelta(days=1)))
                  & (frame["order_date"] < end) & frame["customer_id"].isin(known)]  # fmt: skip

    assert planted.actual == later["customer_id"].isin(known).sum()
    assert planted.revenue_actual == pytest.approx(money["line_value"].sum(), abs=0.01)


def test_the_last_period_is_as_long_as_the_holdout_and_counts_repeats_alone():
    lines = shop({"ana": ["2024-01-01", "2024-03-05", "2024-05-10"],
                  "ben": ["2024-04-02", "2024-04-20", "2024-06-15"]})  # fmt: skip
    test = many_backtested(lines, copies=40, snapshot=date(2024, 7, 1), end=date(2024, 5, 31))

    row = test.table.set_index("way").loc[LAST]
    # In the 30 days of May ana came back once; ben's April lies before them.
    assert (row["predicted"], row["actual"]) == (40, 40)


def test_the_miss_is_a_share_of_what_was_placed_whichever_side(planted):
    off = miss(planted)

    assert off.value == pytest.approx(abs(planted.ratio.value - 1))
    assert off.low <= off.value <= off.high


def test_the_order_of_rows_and_the_names_of_customers_change_nothing(planted_lines, planted):
    lines, last = planted_lines
    frame = lines.to_pandas().sample(frac=1, random_state=1)
    again = back_test(
        ibis.memtable(frame), snapshot_date=last + timedelta(days=183), calibration_end=last,
        unit_days=7.0, refits=40,
    )  # fmt: skip

    pd.testing.assert_frame_equal(again.table, planted.table)
    assert again.predicted == planted.predicted


def test_days_and_weeks_tell_the_same(planted_lines, planted):
    lines, last = planted_lines
    days = back_test(
        lines, snapshot_date=last + timedelta(days=183), calibration_end=last, unit_days=1.0,
        refits=20,
    )  # fmt: skip

    assert days.predicted.value == pytest.approx(planted.predicted.value, rel=1e-3)


def test_tracking_starts_each_customer_at_the_first_order():
    lines = shop({"ana": ["2024-01-01", "2024-01-10"], "ben": ["2024-01-08", "2024-01-09"]})
    known = pd.DataFrame({"first_order_date": pd.to_datetime(["2024-01-01", "2024-01-08"])})
    model = fitted()

    got = track_orders(lines, known, model, snapshot_date=date(2024, 1, 16), unit_days=7.0)

    assert got["week"].tolist() == pytest.approx([1.0, 2.0, 15 / 7])
    assert got["actual"].tolist() == [0, 2, 2]
    ages = expected_purchases_of_new(model, np.array([6, 13, 14]) / 7)
    bens = expected_purchases_of_new(model, np.array([0, 6, 7]) / 7)
    assert got["expected"].to_numpy() == pytest.approx(ages + bens)


def test_nobody_who_orders_again_is_an_answer_and_no_forecast():
    lines = shop({"ana": ["2024-01-01", "2024-02-05"]})

    with pytest.raises(NotSupportedByData, match="ordered again"):
        many_backtested(lines, copies=40, snapshot=date(2024, 7, 1), end=date(2024, 4, 30))


def test_the_models_keep_half_of_a_short_history():
    end = default_calibration_end(date(2024, 1, 1), snapshot_date=date(2025, 1, 1), months=6)
    short = default_calibration_end(date(2024, 7, 1), snapshot_date=date(2025, 1, 1), months=6)

    assert end == date(2024, 7, 1)
    assert short == date(2024, 9, 30)


@pytest.mark.parametrize("text", ["soon", "1997", "2024-07-01", "2023-12-31"])
def test_a_day_that_leaves_nothing_on_one_side_is_refused(text):
    with pytest.raises(ConfigError, match="calibration_end"):
        to_day(text, first=date(2024, 1, 1), snapshot_date=date(2024, 7, 1))


def shop(days):
    rows = [(name, f"{name}{day}", pd.Timestamp(day), 10.0)
            for name, when in days.items() for day in when]  # fmt: skip
    columns = ["customer_id", "order_id", "order_date", "line_value"]
    return ibis.memtable(pd.DataFrame(rows, columns=columns).assign(quantity=1.0))


def many_backtested(lines, *, copies, snapshot, end):
    """Repeat a small shop, and add customers who differ, so that a model can be fitted."""
    frame = lines.to_pandas()
    parts = [frame.assign(customer_id=frame["customer_id"] + str(i),
                          order_id=frame["order_id"] + str(i)) for i in range(copies)]  # fmt: skip
    planted, last = planted_order_lines(bg_nbd_customers(2, n=600, truth=TRUTH, holdout=0.01))
    others = planted.to_pandas()
    # Their last order lies before the days that are compared.
    shift = pd.Timestamp(end) - pd.Timedelta(days=70) - pd.Timestamp(last)
    others = others[others["order_date"] <= pd.Timestamp(last)]
    others = others.assign(order_date=others["order_date"] + shift)
    together = pd.concat([*parts, others[frame.columns]], ignore_index=True)
    return back_test(
        ibis.memtable(together), snapshot_date=snapshot, calibration_end=end, unit_days=7.0,
        refits=20,
    )  # fmt: skip


def fitted():
    return fit_purchase_model(bg_nbd_customers(1, n=800, truth=TRUTH).histories)
