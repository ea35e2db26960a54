import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from planted_cohorts import cohorts_with_repeat_shares, order_lines

from shared.analysis.cohort_activity import follow_cohorts
from shared.analysis.cohort_differences import OLDER, cohort_differences
from shared.analysis.multiple_testing import Finding

EQUAL = [0.25] * 5
BARGAIN = [0.25, 0.25, 0.10, 0.25, 0.25]


def compared(lines, **options):
    cohorts = follow_cohorts(lines, period="M", last_period="2024-06")
    return cohort_differences(cohorts, **options).set_index("cohort")


def test_bargain_hunters_are_flagged_and_nobody_else():
    got = compared(cohorts_with_repeat_shares(1, BARGAIN))

    # The others are tested against a rest of which the bargain hunters are a third.
    weak = got.loc[pd.Period("2024-03", freq="M")]
    assert weak["finding"] == Finding.DIFFERS
    assert weak["q"] < 1e-10
    assert weak["difference_low"] < weak["difference"] < weak["difference_high"] < -0.1
    assert (got.drop(weak.name)["difference"] > 0).all()


def test_five_equal_cohorts_are_not_flagged():
    got = compared(cohorts_with_repeat_shares(1, EQUAL))

    assert got["finding"].tolist() == [OLDER] + [Finding.NOTHING] * 4


@pytest.mark.slow
def test_false_flags_stay_below_one_in_twenty_draws():
    flagged = covered = 0
    for seed in range(2 * DRAWS):
        got = compared(cohorts_with_repeat_shares(seed, EQUAL))
        flagged += (got["finding"] == Finding.DIFFERS).any()
        covered += got["low"].iloc[0] <= 0.25 <= got["high"].iloc[0]

    assert flagged <= 2 * FEW
    assert 0.90 <= covered / (2 * DRAWS) <= 0.99


def test_customers_too_young_count_on_neither_side_and_small_cohorts_are_not_tested():
    rows = [("o", "2024-03-01")] + [(f"a{i}", "2024-04-01") for i in range(60)]
    rows += [(f"b{i}", "2024-05-01") for i in range(9)]
    rows += [(f"c{i}", "2024-06-01") for i in range(60)]
    got = compared(order_lines(rows))

    assert got["at_risk"].tolist() == [1, 60, 9]
    assert got["finding"].tolist() == [OLDER, Finding.NOTHING, Finding.TOO_FEW]


def test_a_first_cohort_of_older_customers_makes_no_new_cohort_look_weak():
    got = compared(cohorts_with_repeat_shares(1, [0.60, 0.25, 0.25, 0.25, 0.25]))

    new = got.drop(pd.Period("2024-01", freq="M"))
    assert (new["finding"] == Finding.NOTHING).all()
    assert new["rest"].between(0.20, 0.30).all()
    # Its own share beside theirs is no test, and enters no correction for many tests.
    first = got.loc[pd.Period("2024-01", freq="M")]
    assert first["finding"] == OLDER
    assert np.isnan(first["p"])
    assert new["q"].max() == pytest.approx(new["p"].max())


def test_coming_back_within_some_steps_counts_the_first_return():
    rows = [("a", "2024-01-01"), ("a", "2024-03-01"), ("b", "2024-01-01"), ("b", "2024-05-01")]
    lines = order_lines(rows)

    assert [compared(lines, within=k)["customers"].iloc[0] for k in (1, 2, 3, 4)] == [0, 1, 1, 2]
