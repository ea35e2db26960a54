"""What stands behind each chart: every number said is in its table, and lines end in time."""

import re

import numpy as np
import pandas as pd
import pytest
from shops_with_members import END, orders_and_members, tables_of

from shared.analysis import survival_columns as columns
from shared.analysis import survival_exhibits as exhibits
from shared.analysis.survival import study_survival
from shared.analysis.survival_clock import Settings, needed
from shared.analysis.survival_results import medians_table, membership_table
from shared.plots.locales import Wording
from shared.report.sentences import write

ALL = ("everybody", "membership", "naive", "hazard", "rates", "forecast", "segments", "years",
       "channels")  # fmt: skip


@pytest.fixture(scope="module")
def study():
    settings = Settings(churn_after_days=60, compare_days=180)
    tables = tables_of(*orders_and_members(customers=900))
    return study_survival(tables, snapshot_date=END, settings=settings)


def said(reason):
    return str(write(reason.template, reason.values, Wording()))


@pytest.mark.parametrize("name", ALL)
def test_title_and_alt_text_are_written_with_a_number(study, name):
    shown = getattr(exhibits, name)(study)

    for reason in shown.said:
        text = said(reason)
        assert re.search(r"\d", text)
        assert "{" not in text
        assert "nan" not in text
    assert len(said(shown.said[1])) >= 40


@pytest.mark.parametrize("name", ALL)
def test_every_number_of_the_alt_text_stands_in_the_table(study, name):
    shown = getattr(exhibits, name)(study)
    numbers = [v for v in shown.said[1].values.values() if isinstance(v, float | int)]

    held = pd.concat([pd.to_numeric(shown.data[c], errors="coerce") for c in shown.data.columns])
    for number in numbers:
        assert np.isclose(held.to_numpy(dtype=float), number).any(), number


@pytest.mark.parametrize("name", ALL)
def test_the_columns_named_are_there(study, name):
    shown = getattr(exhibits, name)(study)

    assert set(shown.columns) <= set(shown.data.columns)
    assert len(shown.data)


@pytest.mark.parametrize("name", ["everybody", "membership", "naive"])
def test_lines_are_drawn_only_while_ten_are_at_risk(study, name):
    drawn = getattr(exhibits, name)(study).drawn

    for _, line in drawn.groupby("group"):
        assert line["at_risk"].iloc[-1] >= 10
    assert len(drawn)


def test_the_fair_picture_begins_at_the_landmark_and_the_naive_one_at_the_first_order(study):
    fair, naive = exhibits.membership(study), exhibits.naive(study)

    assert fair.drawn["duration"].min() == fair.options["landmark"] == 90
    assert naive.drawn["duration"].min() == 0
    assert "stay long enough" in naive.options["struck"]
    assert "struck" not in fair.options


def test_segments_share_one_line_of_everybody(study):
    shown = exhibits.segments(study)
    table = needed(study.segments).table

    assert table["survival"].min() <= shown.options["everyone"] <= table["survival"].max()


def test_the_tables_of_the_page_have_their_columns(study):
    for frame, named in (
        (medians_table(study), columns.medians(study)),
        (membership_table(needed(study.members)), columns.membership()),
        (columns.window_rows(needed(study.window).sensitivity), columns.window()),
        (columns.tried_rows(needed(study.back_test).bands), columns.tried_bands()),
    ):
        assert set(named) <= set(frame.columns)
        assert len(frame)


def test_exactly_one_window_is_marked_as_used(study):
    rows = columns.window_rows(needed(study.window).sensitivity)

    assert list(rows["used"]).count("used") == 1
