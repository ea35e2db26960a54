from datetime import date

import numpy as np
import pandas as pd
import pytest
from planted_cohorts import as_lines, flat_retention, order_lines

from shared.analysis.age_period_cohort import (
    age_period_cohort,
    age_trend,
    calendar_effects,
    projected_cells,
)
from shared.analysis.cohort import matrix, retention_cells
from shared.analysis.cohort_activity import follow_cohorts
from shared.analysis.multiple_testing import Finding
from shared.loading.errors import NotSupportedByData


def planted_lines(seed, share, *, months=11, new=600):
    """Draw customers who buy with a share that may depend on age and on the calendar month."""
    rng = np.random.default_rng(seed)
    rows = []
    for month in range(months):
        for age in range(months - month):
            active = np.flatnonzero(rng.random(new) < (share(age, month + age) if age else 1))
            day = (np.datetime64("2024-01") + month + age).astype("datetime64[D]") + 3
            rows.append(pd.DataFrame({"customer_id": [f"{month}-{i}" for i in active],
                                      "order_date": day}))  # fmt: skip
    return as_lines(pd.concat(rows, ignore_index=True).assign(line_value=1.0))


def planted(seed, share, *, last="2024-11"):
    return follow_cohorts(planted_lines(seed, share), period="M", last_period=last)


def fading(age, _month):
    return 0.40 * 0.94**age


@pytest.fixture(scope="module")
def bad_june():
    return planted(0, lambda age, month: (0.10 if month == 5 else 0.30) * 0.93**age)


def test_a_bad_month_is_told_apart_from_ageing(bad_june):
    effects = calendar_effects(bad_june).set_index("period")

    june = effects.loc[pd.Period("2024-06", freq="M")]
    assert june["finding"] == Finding.DIFFERS
    assert june["active_share"] == pytest.approx(0.087, abs=0.02)
    assert june["expected_share"] == pytest.approx(0.26, abs=0.03)
    assert june["low"] < june["difference"] < june["high"] < 0
    # The one bad month scatters the cells so much that no other month is called off the pattern.
    assert (effects.drop(june.name)["finding"] == Finding.DIFFERS).sum() == 0


def test_ageing_is_found_beside_the_bad_month(bad_june):
    tests = age_period_cohort(bad_june).set_index("effect")["finding"]

    assert tests["age"] == tests["period"] == Finding.DIFFERS
    assert tests["cohort"] == Finding.NOTHING


def test_flat_retention_has_neither_age_nor_period_nor_cohort():
    cohorts = follow_cohorts(
        flat_retention(3), period="M", last_period="2024-11", snapshot_date=date(2024, 12, 11)
    )

    assert (age_period_cohort(cohorts)["finding"] == Finding.NOTHING).all()
    assert not (calendar_effects(cohorts)["finding"] == Finding.DIFFERS).any()


def test_a_slow_decay_shows_as_a_trend():
    trend = age_trend(planted(1, fading))

    assert trend.high < 0
    assert trend.value == pytest.approx(-0.019, abs=0.006)


def test_projections_cover_what_comes():
    known = planted(2, fading, last="2024-10")
    truth = matrix(retention_cells(planted(2, fading)))

    projected = projected_cells(known, ahead=1)

    hits = [
        row["low"] <= truth.loc[row["cohort"], row["period_index"]] <= row["high"]
        for _, row in projected.iterrows()
    ]
    assert len(projected) == 8
    assert sum(hits) >= 7
    assert projected_cells(known, ahead=0).empty


def test_day_windows_and_few_cohorts_are_not_supported():
    lines = order_lines([(f"c{i}", f"2024-0{1 + i % 3}-01") for i in range(90)])

    with pytest.raises(NotSupportedByData, match="lie across calendar periods"):
        calendar_effects(follow_cohorts(lines, period="30D", last_period="2024-03"))
    with pytest.raises(NotSupportedByData, match="2 cohorts"):
        calendar_effects(follow_cohorts(lines, period="M", last_period="2024-03"))
