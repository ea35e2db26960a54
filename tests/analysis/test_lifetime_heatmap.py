"""The heat map: where it is green, where it is red, and where customers lie."""

import numpy as np
import pandas as pd
import pytest
from planted_lifetimes import bg_nbd_customers

from shared.analysis.lifetime_heatmap import BANDS, frequency_classes, heat_map
from shared.analysis.purchase_model import expected_purchases, fit_purchase_model, p_alive

TRUTH = {"r": 0.55, "alpha": 5.5, "a": 0.7, "b": 4.6}


@pytest.fixture(scope="module")
def summary():
    return bg_nbd_customers(5, n=2000, truth=TRUTH).histories


@pytest.fixture(scope="module")
def model(summary):
    return fit_purchase_model(summary)


@pytest.fixture(scope="module")
def heat(model, summary):
    return heat_map(model, summary, horizon=26.0, horizon_months=6)


def cell(heat, column, band):
    cells = heat.cells
    return cells[(cells["column"] == column) & (cells["band"] == band)].iloc[0]


def test_top_right_is_the_green_end_of_the_scale(heat):
    values = heat.cells["expected_orders"].dropna()
    corner = cell(heat, heat.cells["column"].max(), BANDS - 1)

    assert corner["expected_orders"] >= values.quantile(0.95)
    assert corner["expected_orders"] == pytest.approx(heat.best)


def test_the_worst_corner_is_bottom_right_and_not_bottom_left(heat):
    assert heat.worst < heat.once < heat.best
    assert heat.worst == pytest.approx(0, abs=1e-3)


def test_expected_orders_are_mapped_for_p_alive_is_1_at_the_bottom_left(heat, model):
    assert p_alive(model, 0, 0, heat.age) == pytest.approx(1)
    assert cell(heat, 0, 0)["expected_orders"] == pytest.approx(
        expected_purchases(model, 0, 0, heat.age, 26.0)[0]
    )


def test_one_time_buyers_have_one_place_and_cells_that_cannot_occur_are_blank(heat):
    first = heat.cells[heat.cells["column"] == 0].set_index("band")

    assert first["expected_orders"].notna().tolist() == [True] + [False] * (BANDS - 1)
    others = heat.cells[heat.cells["column"] > 0]
    assert others["expected_orders"].notna().all()


def test_every_customer_lies_in_one_cell(heat, summary):
    assert heat.cells["customers"].sum() == len(summary)
    once = int((summary["frequency"] == 0).sum())
    assert cell(heat, 0, 0)["customers"] == once
    impossible = heat.cells["expected_orders"].isna()
    assert heat.cells.loc[impossible, "customers"].sum() == 0


def test_upwards_and_at_the_same_count_more_is_expected(heat):
    for column in range(1, int(heat.cells["column"].max()) + 1):
        values = heat.cells[heat.cells["column"] == column].sort_values("band")["expected_orders"]
        assert (np.diff(values) > 0).all()


def test_the_age_is_the_oldest_customers_unless_one_is_stated(heat, model, summary):
    young = heat_map(model, summary, horizon=26.0, horizon_months=6, age=30.0)

    assert heat.age == summary["T"].max()
    assert young.age == 30.0
    assert young.cells["recency_high"].max() == 30.0


@pytest.mark.datasets
def test_cdnow_has_the_corners_of_the_published_map(datasets):
    rows = pd.read_csv(datasets / "cdnow" / "cdnow_customers_summary_with_transactions.csv")
    rows = rows.rename(columns={"x": "frequency", "t_x": "recency"})
    model = fit_purchase_model(rows[["frequency", "recency", "T"]])

    heat = heat_map(model, rows, horizon=26.0, horizon_months=6)

    assert heat.once == pytest.approx(0.13, abs=0.005)
    assert heat.worst == pytest.approx(0, abs=0.005)
    values = heat.cells["expected_orders"].dropna()
    assert heat.best >= values.quantile(0.95)
    assert heat.best == pytest.approx(
        expected_purchases(model, heat.cells["frequency"].max(), heat.age, heat.age, 26.0)[0]
    )


@pytest.mark.parametrize(
    ("frequency", "want"),
    [
        ([0, 0, 1], [(0, 0), (1, None)]),
        ([0, 1, 2, 3], [(0, 0), (1, 1), (2, 2), (3, None)]),
        ([0, 0], [(0, 0), (1, None)]),
    ],
)
def test_classes_begin_with_single_numbers_and_end_open(frequency, want):
    assert frequency_classes(np.array(frequency)) == want


def test_classes_leave_no_number_out_and_take_none_twice():
    classes = frequency_classes(np.random.default_rng(0).poisson(20, 500))

    assert len(classes) <= 9
    starts = [low for low, _ in classes]
    assert [high for _, high in classes][:-1] == [low - 1 for low in starts[1:]]
    assert classes[-1][1] is None
