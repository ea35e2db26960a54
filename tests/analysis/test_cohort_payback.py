import ibis
import numpy as np
import pandas as pd
import pytest
from planted_cohorts import order_lines

from shared.analysis.cohort_activity import follow_cohorts
from shared.analysis.cohort_payback import acquisition_payback, return_on_spend
from shared.loading.errors import NotSupportedByData


def shop(*, each=60):
    """Ads cost 25 and bring 10 a month; mail costs 5 and brings 10 once; friends are free."""
    rows, people = [], []
    for i in range(each):
        rows += [(f"ads{i}", f"2024-0{month}-05", 10.0) for month in (1, 2, 3, 4)]
        rows += [(f"mail{i}", "2024-01-05", 10.0), (f"friend{i}", "2024-01-05", 10.0)]
        people += [
            (f"ads{i}", "ads", 25.0),
            (f"mail{i}", "mail", 5.0),
            (f"friend{i}", "friend", 0.0),
        ]
    rows.append(("unknown", "2024-01-05", 999.0))
    people.append(("unknown", "ads", None))
    columns = ["customer_id", "acquisition_channel", "acquisition_cost"]
    return order_lines(rows), ibis.memtable(pd.DataFrame(people, columns=columns))


def paid_back(lines, customers, **options):
    cohorts = follow_cohorts(lines, period="M", last_period="2024-04")
    return acquisition_payback(lines, cohorts, customers=customers, **options)


def test_break_even_is_the_first_age_at_which_the_mean_covers_the_cost():
    payback = paid_back(*shop(), followed=3)
    table = payback.table.set_index("cohort")

    assert payback.by == "acquisition_channel"
    assert table["customers"].to_dict() == {"ads": 60, "friend": 60, "mail": 60}
    assert table["spent"].to_dict() == {"ads": 1500.0, "friend": 0.0, "mail": 300.0}
    assert table["break_even_index"].to_dict() == {"ads": 2.0, "friend": 0.0, "mail": 0.0}
    assert table.loc[["ads", "mail"], "return_on_spend"].tolist() == pytest.approx([0.6, 1.0])
    assert np.isnan(table.loc["friend", "return_on_spend"])
    assert table.loc["ads", "lasting_per_1000"] == 1 / 25 * 1000
    assert return_on_spend(table.loc["mail"]).n == 60


def test_a_cost_that_never_comes_back_has_no_break_even():
    lines, customers = shop()
    dear = customers.mutate(acquisition_cost=customers.acquisition_cost * 10)

    table = paid_back(lines, dear).table.set_index("cohort")

    assert np.isnan(table.loc["ads", "break_even_index"])
    assert table.loc["ads", "return_on_spend"] == pytest.approx(-0.84)


def test_without_costs_or_without_enough_customers_it_is_not_supported():
    lines, customers = shop()

    with pytest.raises(NotSupportedByData, match="what it cost to win") as caught:
        paid_back(lines, customers.drop("acquisition_cost"))
    assert caught.value.needs == "what it cost to win each customer"
    with pytest.raises(NotSupportedByData, match="what it cost"):
        paid_back(lines, None)
    with pytest.raises(NotSupportedByData, match="no source has 100 customers"):
        paid_back(lines, customers, least=100)
