from functools import cache

import pytest
from pandas.testing import assert_frame_equal
from staged_journeys import SNAPSHOT, sales, table

from shared.analysis.attribution_paths import journeys_of
from shared.analysis.journey_contacts import (
    CLICK,
    NEITHER,
    VIEW,
    followed_by_conversion,
    post_click_view,
    unknown_kinds,
)
from shared.loading.errors import NotSupportedByData

COLUMNS = "customer_id touched_at channel kind"
ROWS = [
    ("ana", "2024-03-01 10:00", "Ads", "impression"),
    ("ana", "2024-03-02 10:00", "Ads", "Click "),  # as exports write it
    ("ben", "2024-03-01 10:00", "Ads", "impression"),
    ("cat", "2024-03-01 10:00", "Ads", "click"),
    ("dan", "2024-03-05 12:00", "Ads", "click"),
    ("eve", "2024-03-05 12:00", "Mail", "postcard"),
]
SOLD = [
    ("ana", "2024-03-03 10:00", 10.0),  # view and click: a click
    ("ben", "2024-03-04 10:00", 20.0),  # view only
    ("cat", "2024-04-01 10:00", 40.0),  # the click lies 31 days back
    ("dan", "2024-03-05 12:00", 80.0),  # at the instant of the click
    ("eve", "2024-03-06 12:00", 160.0),  # after neither
    ("dan", "2024-03-04 12:00", 320.0),  # before its click
]


@cache
def journeys(rows=tuple(ROWS), sold=tuple(SOLD)):
    return journeys_of(table(COLUMNS, *rows), sales(*sold), snapshot_date=SNAPSHOT)


def test_each_conversion_stands_after_a_click_a_view_or_neither():
    got = post_click_view(journeys(), table(COLUMNS, *ROWS), window_days=7).set_index("group")

    assert list(got.index) == [CLICK, VIEW, NEITHER]
    assert list(got["conversions"]) == [2, 1, 3]
    assert list(got["value"]) == [90.0, 20.0, 520.0]
    assert got.loc[CLICK, "mean_value"] == 45.0


@pytest.mark.parametrize("window_days", [1, 30])
def test_the_three_groups_sum_to_all_conversions_by_count_and_value(window_days):
    got = post_click_view(journeys(), table(COLUMNS, *ROWS), window_days=window_days)

    assert got["conversions"].sum() == 6
    assert got["value"].sum() == 630.0
    assert got["share"].sum() == pytest.approx(1, abs=1e-12)
    assert got["value_share"].sum() == pytest.approx(1, abs=1e-12)


def test_a_longer_window_never_takes_a_conversion_from_the_clicks():
    shares = [
        post_click_view(journeys(), table(COLUMNS, *ROWS), window_days=days)["share"][0]
        for days in (1, 7, 32)
    ]

    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


def test_row_order_and_new_ids_change_nothing():
    renamed = [(f"x{row[0][::-1]}", *row[1:]) for row in ROWS[::-1]]
    sold = [(f"x{row[0][::-1]}", *row[1:]) for row in SOLD[::-1]]

    first = post_click_view(journeys(), table(COLUMNS, *ROWS), window_days=7)
    second = post_click_view(
        journeys(tuple(renamed), tuple(sold)), table(COLUMNS, *renamed), window_days=7
    )

    assert_frame_equal(first, second, check_exact=True)


def test_without_values_the_money_is_blank_and_not_zero():
    bare = sales(*SOLD).drop("conversion_value")
    made = journeys_of(table(COLUMNS, *ROWS), bare, snapshot_date=SNAPSHOT)

    got = post_click_view(made, table(COLUMNS, *ROWS), window_days=7)

    assert got[["value", "value_share", "mean_value"]].isna().all().all()
    assert got["conversions"].sum() == 6


def test_contacts_without_a_kind_or_of_one_kind_cannot_answer():
    no_kind = table(COLUMNS, *ROWS).drop("kind")
    with pytest.raises(NotSupportedByData, match="kind"):
        post_click_view(journeys(), no_kind, window_days=7)
    views = table(COLUMNS, *[row for row in ROWS if "lick" not in row[3]])
    with pytest.raises(NotSupportedByData, match="clicks"):
        post_click_view(journeys(), views, window_days=7)
    with pytest.raises(NotSupportedByData, match="no sale"):
        post_click_view(journeys(sold=()), table(COLUMNS, *ROWS), window_days=7)


def test_contacts_of_an_unknown_kind_are_counted():
    assert unknown_kinds(table(COLUMNS, *ROWS)) == 1
    assert unknown_kinds(table(COLUMNS, *ROWS, ("fay", "2024-03-01 10:00", "Ads", None))) == 2
    assert unknown_kinds(table(COLUMNS, *ROWS).drop("kind")) == len(ROWS)


def test_what_follows_a_click_is_compared_with_what_follows_a_view():
    people = [f"c{i:02d}" for i in range(60)]
    rows = [(who, "2024-03-01 10:00", "Ads", "click" if i < 30 else "impression")
            for i, who in enumerate(people)]  # fmt: skip
    # Too near the snapshot: nobody knows yet what follows them.
    rows += [(who, "2024-06-28 10:00", "Ads", "click") for who in people[:5]]
    sold = [(who, "2024-03-03 10:00", 1.0) for who in people[:20] + people[30:35]]

    got = followed_by_conversion(
        journeys(tuple(rows), tuple(sold)), table(COLUMNS, *rows), window_days=7
    ).set_index("side")

    assert list(got["n"]) == [30, 30]
    assert got.loc["click", "share"] == pytest.approx(20 / 30)
    assert got.loc["view", "share"] == pytest.approx(5 / 30)
    assert got.loc["click", "difference"] == pytest.approx(0.5)
    assert got.loc["click", "finding"] == "differs"


def test_a_conversion_after_the_window_does_not_follow():
    rows = [(f"c{i}", "2024-03-01 10:00", "Ads", kind) for i in range(24)
            for kind in ("click", "impression")]  # fmt: skip
    sold = [(f"c{i}", "2024-03-08 10:01", 1.0) for i in range(24)]

    late = followed_by_conversion(
        journeys(tuple(rows), tuple(sold)), table(COLUMNS, *rows), window_days=7
    )
    in_time = followed_by_conversion(
        journeys(tuple(rows), tuple(sold)), table(COLUMNS, *rows), window_days=8
    )

    assert list(late["share"]) == [0, 0]
    assert list(in_time["share"]) == [1, 1]
