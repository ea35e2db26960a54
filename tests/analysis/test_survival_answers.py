"""Sentences of the survival page that hang on what other windows would say."""

from dataclasses import replace

import pandas as pd
import pytest
from shops_with_members import END, orders_and_members, tables_of

from shared.analysis.survival import study_survival
from shared.analysis.survival_answers import half_lost_elsewhere
from shared.analysis.survival_clock import Settings


@pytest.fixture(scope="module")
def study():
    settings = Settings(churn_after_days=60, compare_days=180)
    return study_survival(tables_of(*orders_and_members()), snapshot_date=END, settings=settings)


@pytest.mark.parametrize(
    ("own", "medians", "words"),
    [
        (120.0, [100.0, 140.0], "it is day {first:count} to {last:count} for other windows"),
        (120.0, [120.0, 120.0], "other windows say the same day"),
        (100.0, [120.0, 120.0], "it is day {first:count} for other windows"),
        (120.0, [100.0, float("nan")], "it is day {first:count} or later, or not reached, for"),
    ],
)
def test_what_other_windows_say_stands_beside_the_day(study, own, medians, words):
    table = study.window.sensitivity
    chosen, others = table[table["chosen"]], table[~table["chosen"]].head(2)
    told = pd.concat([chosen.assign(median=own), others.assign(median=medians)])

    answer = half_lost_elsewhere(replace(study, window=replace(study.window, sensitivity=told)))

    assert len(others) == 2
    assert words in answer.template
