import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis import _
from planted_cohorts import as_lines, complete_counts, order_lines, random_shop

from shared.analysis.cohort import retention_cells
from shared.analysis.cohort_activity import cohort_sizes, follow_cohorts
from shared.loading.errors import ConfigError, NotSupportedByData


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 1000))
def test_cohort_sizes_sum_to_the_first_time_buyers_however_cohorts_are_formed(seed):
    lines = random_shop(seed, customers=60).mutate(country=_.customer_id.right(1))
    customers = lines.select("customer_id").distinct().mutate(city=_.customer_id[1:2])
    first = lines.group_by("customer_id").aggregate(first=_.order_date.min()).to_pandas()
    buyers = (first["first"] < "2024-02-01").sum()

    for cohort_by in ("first_order", "city", "country"):
        for period in ("M", "Q", "30D"):
            last = "2023Q4" if period == "Q" else "2024-01"
            want = (first["first"] < "2024-01-01").sum() if period == "Q" else buyers
            cohorts = follow_cohorts(
                lines, period=period, last_period=last, cohort_by=cohort_by, customers=customers
            )
            assert cohort_sizes(cohorts).sum() == want


def test_day_windows_start_with_each_customers_own_first_order():
    rows = [("a", "2024-01-31"), ("a", "2024-02-29 12:00"), ("b", "2024-01-01"),
            ("b", "2024-01-31"), ("c", "2024-02-20")]  # fmt: skip
    cohorts = follow_cohorts(order_lines(rows), period="30D", last_period="2024-02")

    cells = retention_cells(cohorts).set_index(["cohort", "period_index"])

    # a's second order falls on day 29, b's on day 30; a has one window behind her, b two.
    january = cells.loc[pd.Period("2024-01", freq="M")]
    assert january["at_risk"].tolist()[:3] == [2.0, 1.0, 0.0]
    assert january["customers"].tolist()[:2] == [2.0, 1.0]
    assert january["observation"].tolist()[:2] == ["complete", "partly"]
    assert cells.loc[(pd.Period("2024-02", freq="M"), 0), "observation"] == "partly"


def test_cohorts_by_a_trait_count_only_members_old_enough():
    lines = order_lines(
        [("a", "2024-01-01"), ("a", "2024-03-01"), ("b", "2024-03-05"), ("c", "2024-01-02")]
    )
    customers = ibis.memtable({"customer_id": ["a", "b", "d"], "city": ["Rome", "Rome", "Oslo"]})
    cohorts = follow_cohorts(
        lines, period="M", last_period="2024-03", cohort_by="city", customers=customers
    )

    cells = retention_cells(cohorts).set_index(["cohort", "period_index"])

    assert cells.loc["Rome", "at_risk"].tolist() == [2.0, 1.0, 1.0]
    assert cells.loc["Rome", "retention"].tolist() == [1.0, 0.0, 1.0]
    assert cells.loc["not recorded", "cohort_size"].tolist() == [1, 1, 1]
    assert "Oslo" not in cells.index


def test_a_column_of_the_orders_is_read_in_the_first_order_where_most_money_lies():
    frame = pd.DataFrame(
        [("a", "2024-01-01", "tea", 5.0), ("a", "2024-01-01", "cups", 9.0),
         ("a", "2024-02-01", "tea", 99.0), ("b", "2024-01-01", "tea", 7.0),
         ("b", "2024-01-01", "cups", 7.0), ("c", "2024-01-01", None, 7.0)],
        columns=["customer_id", "order_date", "category", "line_value"],
    )  # fmt: skip
    lines = as_lines(frame)

    cohorts = follow_cohorts(lines, period="M", last_period="2024-02", cohort_by="category")

    assert cohort_sizes(cohorts).to_dict() == {"cups": 2, "not recorded": 1}


def test_a_refund_is_no_order_and_wins_no_customer():
    frame = pd.DataFrame(
        [("a", "2024-01-01", False), ("a", "2024-02-01", True), ("ghost", "2024-01-01", True)],
        columns=["customer_id", "order_date", "is_refund"],
    )
    got = complete_counts(as_lines(frame.assign(line_value=1.0)), period="M", last_period="2024-02")

    assert got.iloc[0].tolist() == [1.0, 0.0]


def test_an_unknown_column_is_refused_and_a_missing_one_said():
    lines = random_shop(0, customers=5)

    with pytest.raises(ConfigError, match="'shoe_size' is no column"):
        follow_cohorts(lines, period="M", last_period="2024-02", cohort_by="shoe_size")
    with pytest.raises(NotSupportedByData, match="cohorts by city"):
        follow_cohorts(lines, period="M", last_period="2024-02", cohort_by="city")
