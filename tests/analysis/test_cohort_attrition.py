import numpy as np
import pandas as pd
import pytest
from planted_cohorts import as_lines, flat_retention

from shared.analysis.cohort_activity import follow_cohorts
from shared.analysis.cohort_attrition import attrition_steps, steepest_drop, step_change
from shared.analysis.multiple_testing import Finding


def leaving_after_two(seed, *, cohorts=8, new=800):
    """Half of all customers buy in each month up to the second, a fifth from the third on."""
    rng = np.random.default_rng(seed)
    rows = []
    for month in range(cohorts):
        for age in range(cohorts - month):
            share = 1.0 if age == 0 else 0.5 if age < 3 else 0.2
            active = np.flatnonzero(rng.random(new) < share)
            day = (np.datetime64("2024-01") + month + age).astype("datetime64[D]") + 3
            rows.append(pd.DataFrame({"customer_id": [f"{month}-{i}" for i in active],
                                      "order_date": day}))  # fmt: skip
    return as_lines(pd.concat(rows, ignore_index=True).assign(line_value=1.0))


def test_the_planted_month_of_leaving_is_found():
    cohorts = follow_cohorts(leaving_after_two(0), period="M", last_period="2024-08")

    drop = steepest_drop(attrition_steps(cohorts))

    assert (drop["from_index"], drop["to_index"]) == (2, 3)
    change = step_change(drop)
    assert change.low < change.value == pytest.approx(-0.3, abs=0.03)


def test_the_same_customers_are_compared_before_and_after():
    steps = attrition_steps(
        follow_cohorts(leaving_after_two(0), period="M", last_period="2024-08")
    ).set_index("from_index")

    assert steps.loc[1, "at_risk"] == 6 * 800
    assert steps.loc[5, "at_risk"] == 2 * 800
    assert steps.loc[5, "finding"] == Finding.TOO_FEW


def test_cohorts_that_disagree_widen_the_interval():
    lines = flat_retention(0, months=8, new=400)
    calm = attrition_steps(follow_cohorts(lines, period="M", last_period="2024-08"))
    frame = lines.to_pandas()
    quiet = frame["order_date"].dt.month.isin([4, 6]) & (frame["order_date"].dt.day > 3)
    newcomers = ~frame["customer_id"].duplicated()
    bumpy = attrition_steps(
        follow_cohorts(as_lines(frame[~quiet | newcomers]), period="M", last_period="2024-08")
    )

    def width(steps):
        return (steps["high"] - steps["low"])[:3]

    assert (width(bumpy) > 1.5 * width(calm)).all()
    assert steepest_drop(bumpy) is None
