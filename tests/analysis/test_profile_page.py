from datetime import date

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from profiled_shops import SNAPSHOT, lines, order, random_lines, tables

from shared.analysis.abc import abc_classes
from shared.analysis.abc_xyz import Cuts
from shared.analysis.customer_profile import customer_profile, profile_summary
from shared.analysis.lifecycle_study import study_lifecycle
from shared.analysis.portfolio import portfolio
from shared.analysis.profile_metrics import NAMES
from shared.analysis.profile_page import (
    BY_SEGMENT,
    TELLING,
    THEN,
    client_profile,
    places_changed,
    profile_tables,
    segment_medians,
    segment_medians_columns,
    telling_columns,
    telling_metrics,
    then_and_now,
    then_and_now_columns,
    then_and_now_table,
)
from shared.analysis.rfm_scores import ELEVEN
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write
from shared.report.tables import table_markup

WORDING = Wording("en_GB", "EUR")
THREE = [
    order("ana", "1", "2024-01-10", 10), order("ana", "2", "2024-02-09", 20),
    order("ana", "3", "2024-04-09", 60), order("ben", "4", "2024-03-01", 30),
    order("ben", "5", "2024-06-11", 50), order("cat", "6", "2024-06-21", 90),
]  # fmt: skip


def profiled(frame, *, snapshot_date=SNAPSHOT, period="M", life=None):
    sources = tables(frame)
    known = sources["order_lines"]
    base = portfolio(known, snapshot_date=snapshot_date)
    life = life or study_lifecycle(known, snapshot_date=snapshot_date, period=period)
    return base, client_profile(known, sources, base, life, period=period)


@pytest.fixture(scope="module")
def shop():
    frame = random_lines(31, customers=150, orders=1200)
    return frame, *profiled(frame)


def test_the_profile_has_the_segments_and_stages_that_the_page_shows(shop):
    frame, base, profile = shop
    life = study_lifecycle(tables(frame)["order_lines"], snapshot_date=SNAPSHOT).followed

    placed = base.customers.set_index("customer_id")["segment"].astype(str)
    got = profile.customers.set_index("customer_id")
    assert got["segment"].equals(placed.reindex(got.index).rename("segment"))
    assert profile.g1_days == life.thresholds.g1_days
    assert got["lifecycle_stage"].value_counts()["active"] == life.counts()["active"]


def test_without_a_lifecycle_the_stages_are_blank_and_the_rest_stands():
    base, profile = profiled(lines(THREE))

    assert profile.customers["lifecycle_stage"].isna().all()
    assert profile.customers["frequency"].tolist() == [3, 2, 1]
    assert len(base.customers) == 3


def test_the_cuts_of_both_classes_are_those_of_the_page(shop):
    frame, base, profile = shop
    sources = tables(frame)
    life = study_lifecycle(sources["order_lines"], snapshot_date=SNAPSHOT)

    wide = client_profile(
        sources["order_lines"], sources, base, life, period="M", cuts=Cuts(0.3, 0.6, 2.0, 3.0)
    )
    few = abc_classes(base.customers.set_index("customer_id")["monetary"], a=0.3, b=0.6)

    x = [p.customers["xyz_class"].eq("X").sum() for p in (profile, wide)]
    assert x[0] < x[1] == (profile.customers["spend_cv"] <= 2).sum()
    got = wide.customers.set_index("customer_id")["abc_class"]
    assert got.astype(str).to_dict() == few["abc_class"].to_dict()


def test_telling_metrics_are_named_in_words_and_written_with_their_units():
    _base, profile = profiled(lines(THREE))

    got = telling_metrics(profile, profile_summary(profile), write=WORDING.format)
    got = got.set_index("metric")

    # Money 90, 80, 90; silence 83, 20, 10; pauses of ana 30 and 60, of ben 102.
    assert got.loc["Money so far", "median"] == "€90.00"
    assert got.loc["Silence since the last order", "median"] == "20 days"
    assert got.loc["Orders", ["low_quartile", "median", "high_quartile"]].tolist() == [
        "1.5", "2.0", "2.5",
    ]  # fmt: skip
    pauses = got.loc["Usual pause between orders"]
    assert (pauses["known"], pauses["blank"], pauses["median"]) == (2, 1, "74 days")
    assert got.loc["Asleep for", "known"] == 3
    assert got.loc["From the first order to the last", "median"] == "90 days"
    periods = profile.customers["active_periods"]
    assert got.loc["Periods with an order", "high_quartile"] == f"{periods.quantile(0.75):.1f}"
    days = profile.customers["expected_next_order_date"].dropna()
    expected = got.loc["Next order expected on"]
    assert expected["known"] == len(days)
    assert expected["median"] == WORDING.format(days.median().date(), "date")
    assert "Margin so far" not in got.index  # no costs: nobody has one
    assert not got.index.str.contains("_").any()


def test_the_metrics_shown_are_metrics_of_the_profile_and_every_column_is_there(shop):
    _frame, base, profile = shop

    telling = telling_metrics(profile, profile_summary(profile), write=WORDING.format)
    medians = segment_medians(profile.customers, segments=base.segments)
    for shown, columns in (
        (telling, telling_columns()), (medians, segment_medians_columns(medians)),
    ):  # fmt: skip
        assert set(columns) <= set(shown)
        assert "nan" not in table_markup(shown, caption="c", wording=WORDING, columns=columns)
    assert {*TELLING, *BY_SEGMENT, *THEN} <= set(NAMES)


def test_medians_by_segment_agree_with_plain_pandas_and_the_base_comes_first(shop):
    _frame, base, profile = shop

    got = segment_medians(profile.customers, segments=base.segments).set_index("segment")

    sizes = base.customers["segment"].value_counts()
    names = [name for name in base.segments if sizes[name]]
    assert got.index.tolist() == ["All customers", *names]
    assert got.loc[names, "customers"].tolist() == sizes[names].tolist()
    largest = sizes.idxmax()
    inside = profile.customers[profile.customers["segment"] == largest]
    assert got.loc[largest, "monetary"] == inside["monetary"].median()
    assert got.loc["All customers", "recency_days"] == profile.customers["recency_days"].median()


def test_a_median_of_fewer_than_ten_customers_is_not_shown():
    customers = pd.DataFrame(dict.fromkeys(NAMES, np.nan), index=range(19))
    customers = customers.assign(segment=["A"] * 10 + ["B"] * 9, frequency=2.0, monetary=range(19))

    got = segment_medians(customers, segments=["A", "B"]).set_index("segment")

    assert got["customers"].tolist() == [19, 10, 9]
    assert got["monetary"].tolist()[:2] == [9.0, 4.5]
    assert np.isnan(got.loc["B", "monetary"])
    assert "median_gap_days" not in got  # known of nobody


def test_then_and_now_sets_the_same_customers_beside_the_base():
    known = tables(lines(THREE))
    both = then_and_now(
        known["order_lines"], known, ends=[date(2024, 4, 1), date(2024, 7, 1)], period="M",
        scoring=ELEVEN,
    )  # fmt: skip

    got = then_and_now_table(both, best="Champions", write=WORDING.format).set_index("metric")

    assert got.loc["Customers"].tolist() == ["2", "2", "3"]
    # Then: ana 10 + 20, ben 30. The same customers now: 90 and 80; with cat 90.
    assert got.loc["Money so far"].tolist() == ["€30.00", "€85.00", "€90.00"]
    assert got.loc["Orders"].tolist() == ["1.5", "2.5", "2.0"]
    assert got.loc["Mean order"].tolist() == ["€22.50", "€35.00", "€40.00"]
    columns = then_and_now_columns(both, write=WORDING.format)
    assert columns["then"][0] == "All customers, 1 Apr 2024"
    assert set(columns) == {"metric", *got.columns}


def test_later_orders_do_not_change_the_profile_of_then(shop):
    frame, _base, _profile = shop
    ends = [date(2024, 1, 1), date(2024, 7, 1)]
    whole, cut = (
        then_and_now(known["order_lines"], known, ends=ends, period="M", scoring=ELEVEN)
        for known in (tables(frame), tables(frame[frame["order_date"] < "2024-01-01"]))
    )

    assert_frame_equal(whole.at(ends[0]), cut.at(ends[0]))


def test_places_that_changed_are_counted_over_the_customers_of_then():
    known = tables(lines(THREE))
    both = then_and_now(
        known["order_lines"], known, ends=[date(2024, 4, 1), date(2024, 7, 1)], period="M",
        scoring=ELEVEN,
    )  # fmt: skip
    then, now = (both.at(end)["segment"].astype(str) for end in (both.then, both.now))
    moved = int((then != now.reindex(then.index)).sum())

    reason = places_changed(both)

    assert (reason.values["segment"].value, reason.values["n"]) == (moved / 2, 2)
    text = str(write(reason.template, reason.values, WORDING))
    assert text.startswith("Of the 2 customers of 1 Apr 2024, ")


def test_a_time_before_the_first_order_has_no_profile():
    known = tables(lines(THREE))

    with pytest.raises(NotSupportedByData, match="no order before 2023-01-01"):
        then_and_now(
            known["order_lines"], known, ends=[date(2023, 1, 1), date(2024, 7, 1)], period="M",
            scoring=ELEVEN,
        )  # fmt: skip


def test_the_tables_hold_the_whole_profile_and_the_summary_that_was_given():
    profile = customer_profile(tables(lines(THREE)), snapshot_date=SNAPSHOT)
    summary = profile_summary(profile)

    got = profile_tables(profile, summary)

    assert set(got) == {
        "customer_profile", "profile_summary", "profile_blanks", "profile_catalogue",
    }  # fmt: skip
    assert got["profile_summary"] is summary
    assert len(got["customer_profile"]) == 3
