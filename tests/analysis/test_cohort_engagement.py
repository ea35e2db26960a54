import ibis
import numpy as np
import pandas as pd
import pytest
from planted_cohorts import order_lines

from shared.analysis.cohort_activity import follow_cohorts
from shared.analysis.cohort_engagement import (
    engagement_cells,
    orders_per_active,
    period_rates,
    visit_cells,
)
from shared.loading.errors import NotSupportedByData

ROWS = [("a", "2024-01-01"), ("a", "2024-02-01"), ("a", "2024-02-09"), ("b", "2024-01-03"),
        ("b", "2024-02-07"), ("b", "2024-03-07"), ("c", "2024-02-01")]  # fmt: skip


@pytest.fixture
def cohorts():
    return follow_cohorts(order_lines(ROWS), period="M", last_period="2024-03")


def test_retention_and_churn_of_a_period_share_those_active_before(cohorts):
    rates = period_rates(cohorts).set_index("period")

    assert rates["active_before"].tolist() == [2, 3]
    assert rates["kept"].tolist() == [2, 1]
    assert rates["churn_rate"].tolist() == pytest.approx([0.0, 2 / 3])
    assert (rates["retention_rate"] + rates["churn_rate"]).tolist() == [1.0, 1.0]
    assert rates["new_customers"].tolist() == [1, 0]


def test_orders_are_divided_by_who_was_active(cohorts):
    cells = engagement_cells(cohorts)
    mean = orders_per_active(cells, 1)

    assert (mean.value, mean.n) == (1.5, 2)
    spread = np.std([2, 1], ddof=1) / np.sqrt(2) * 1.959964
    assert mean.high == pytest.approx(1.5 + spread)
    assert np.isnan(orders_per_active(cells, 9).value)


def test_visits_before_the_tracking_began_are_missing_and_later_ones_count_all_customers(cohorts):
    visits = ibis.memtable(
        pd.DataFrame(
            [("a", "2024-02-10"), ("a", "2024-03-01"), ("b", "2024-03-02"), ("c", "2024-03-31"),
             ("stranger", "2024-03-03")],
            columns=["customer_id", "started_at"],
        ).assign(started_at=lambda f: pd.to_datetime(f["started_at"]))
    )  # fmt: skip

    cells = visit_cells(visits, cohorts)

    # Tracking began in mid-February: only March is whole.
    assert cells["period_index"].tolist() == [2, 1]
    assert cells["visits"].tolist() == [2, 1]
    assert cells["visits_per_customer"].tolist() == [1.0, 1.0]


def test_without_a_web_log_visits_are_not_supported(cohorts):
    with pytest.raises(NotSupportedByData, match="web log"):
        visit_cells(None, cohorts)
