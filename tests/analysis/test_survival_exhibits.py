"""What stands behind each chart: every number said is in its table, and lines end in time."""

import re

import numpy as np
import pandas as pd
import pytest
from shops_with_members import END, orders_and_members, tables_of

from shared.analysis import survival_columns as columns
from shared.analysis import survival_exhibits as exhibits
from shared.analysis.study_parts import known
from shared.analysis.survival import study_survival
from shared.analysis.survival_clock import Settings
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
    table = known(study.segments).table

    assert table["survival"].min() <= shown.options["everyone"] <= table["survival"].max()


def test_the_tables_of_the_page_have_their_columns(study):
    for frame, named in (
        (medians_table(study), columns.medians(study)),
        (membership_table(known(study.members)), columns.membership()),
        (columns.window_rows(known(study.window).sensitivity), columns.window()),
        (columns.tried_rows(known(study.backtest).bands), columns.tried_bands()),
    ):
        assert set(named) <= set(frame.columns)
        assert len(frame)


def test_exactly_one_window_is_marked_as_used(study):
    rows = columns.window_rows(known(study.window).sensitivity)

    assert list(rows["used"]).count("used") == 1


def test_the_row_of_the_window_in_use_is_the_headline_where_some_registered_before_the_data():
    lines, people = orders_and_members(customers=900)
    first = lines["order_date"].min()
    known_before = people["customer_id"].str[1:].astype(int) % 3 == 0
    registered = people["customer_id"].map(lines.groupby("customer_id")["order_date"].min())
    people = people.assign(
        joined_on=registered.mask(known_before, first - pd.Timedelta(days=100)).dt.normalize()
    )

    study = study_survival(tables_of(lines, people), snapshot_date=END, settings=Settings())

    rows = columns.window_rows(known(study.window).sensitivity)
    assert study.frame["older"].sum() == known_before.sum()
    assert study.curve.median.days is not None
    assert rows.loc[rows["used"] == "used", "median"].tolist() == [study.curve.median.days]


@pytest.mark.parametrize("name", ALL)
def test_each_chart_says_how_many_customers_it_rests_on(study, name):
    shown = getattr(exhibits, name)(study)

    assert shown.shown(lambda n: f"n = {n}")["source"] == f"n = {shown.n}"
    assert 0 < shown.n <= study.customers


def test_the_fair_picture_and_the_forecast_count_their_own_customers(study):
    counts = known(study.members).counts

    assert exhibits.membership(study).n == counts["landmark_members"] + counts["landmark_standard"]
    assert exhibits.forecast(study).n == len(known(study.forecast).customers)


def test_the_fair_picture_is_headed_by_its_own_ratio_and_marks_its_medians(study):
    shown, found = exhibits.membership(study), known(study.members)

    assert shown.said[0].values["ratio"] is found.landmark
    assert list(shown.options["medians"]["group"]) == ["Members", "Standard"]
    days = [found.landmark_members.median.days, found.landmark_standard.median.days]
    want = [np.nan if day is None else day + 90 for day in days]
    assert np.array_equal(shown.options["medians"]["median"], want, equal_nan=True)


@pytest.mark.parametrize("name", ["membership", "naive"])
def test_the_alt_text_reads_all_lines_on_one_day(study, name):
    shown = getattr(exhibits, name)(study)
    values = shown.said[1].values
    on_day = shown.data[shown.data["duration"] == values["day"]].set_index("group")["survival"]

    assert on_day["Members"] == values["share_0"]
    assert on_day["Standard"] == values["share_1"]


def test_the_peak_of_the_title_stands_in_the_table_of_the_hazard(study):
    shown = exhibits.hazard(study)

    assert shown.data["hazard"].max() == shown.drawn["hazard"].max()


def test_the_curves_of_groups_have_their_medians_in_the_table(study):
    compared = known(study.channels)
    shown = exhibits.group_curves(study, compared, "acquisition_channel")

    for name, rows in shown.data.groupby("group"):
        days = compared.curves[name].median.days
        assert rows["median"].nunique(dropna=False) == 1
        assert rows["median"].iloc[0] == days or (days is None and rows["median"].isna().all())
    assert shown.columns["group"][0] == "Acquisition channel"
