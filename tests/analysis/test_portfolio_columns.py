from datetime import date

import ibis
import pandas as pd
import pytest

from shared.analysis import portfolio_columns as labels
from shared.analysis.abc import abc_classes, abc_table
from shared.analysis.portfolio import portfolio, segment_table
from shared.analysis.rfm_grid import rfm_grid
from shared.analysis.win_back import due_by_segment, due_dates

SNAPSHOT = date(2024, 7, 1)


@pytest.fixture(scope="module")
def tables():
    rows = {"customer_id": list("aabbcc"), "order_id": list("123456"), "line_value": 10.0}
    days = pd.to_datetime(["2024-01-01", "2024-03-01", "2024-02-01", "2024-05-01"] * 2)[:6]
    lines = ibis.memtable(pd.DataFrame(rows).assign(order_date=days))
    base = portfolio(lines, snapshot_date=SNAPSHOT)
    due = due_dates(lines, base.customers, snapshot_date=SNAPSHOT)
    return {
        "segments": (segment_table(base), labels.segment_columns("revenue")),
        "states": (due_by_segment(due, within_days=28), labels.due_columns("revenue")),
        "grid": (rfm_grid(base, x_axis="monetary"), labels.grid_columns("revenue", "monetary")),
        "classes": (
            abc_table(abc_classes(base.customers["monetary"])),
            labels.class_columns("customers", "revenue"),
        ),
    }


@pytest.mark.parametrize("name", ["segments", "states", "grid", "classes"])
def test_every_label_belongs_to_a_column_and_leaves_the_unit_to_the_head(tables, name):
    table, columns = tables[name]

    assert set(columns) <= set(table.columns)
    assert not [label for label, spec in columns.values() if spec == "days" and "days" in label]


def test_classes_and_gaps_are_named_in_words(tables):
    assert tables["classes"][1]["abc_class"] == ("ABC class", "text")
    assert tables["states"][1]["median_gap_days"] == ("Median from last order to due date", "days")
