from functools import cache

import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from staged_journeys import SNAPSHOT, contacts, sales, table

from shared.analysis.attribution_paths import journeys_of
from shared.analysis.journey_arrivals import arrivals
from shared.loading.errors import NotSupportedByData

COLUMNS = "customer_id session_id started_at channel pages duration_seconds cart_adds bounced"


def visits(*, people=60, late=0):
    """Give each customer two visits: the first through Ads or Mail, the second through Search."""
    rows = []
    for i in range(people):
        rows.append((f"c{i:02d}", f"a{i}", "2024-03-02 10:00", "Ads" if i % 2 else " Mail", 4, 60.0,
                     i % 2, 0))  # fmt: skip
        rows.append((f"c{i:02d}", f"b{i}", "2024-03-04 10:00", "Search", 1, 10.0, 0, 1))
    rows += [(f"c{i:02d}", f"d{i}", "2024-06-29 10:00", "Ads", 4, 60.0, 1, 0) for i in range(late)]
    return rows


@cache
def journeys(*sold):
    return journeys_of(
        contacts(("c00", "2024-03-01 00:00", "Ads", None)), sales(*sold), snapshot_date=SNAPSHOT
    )


def test_a_conversion_belongs_to_the_last_visit_before_it():
    sold = [(f"c{i:02d}", "2024-03-03 10:00", 1.0) for i in range(1, 40, 2)]
    sold += [(f"c{i:02d}", "2024-03-05 10:00", 1.0) for i in range(10)]

    got = arrivals(table(COLUMNS, *visits()), journeys(*sold), window_days=7).set_index("channel")

    assert list(got.index) == ["Search", "Ads", "Mail"]
    assert got["converted"].to_dict() == {"Search": 10, "Ads": 20, "Mail": 0}
    assert got["share"].to_dict() == pytest.approx({"Search": 1 / 6, "Ads": 2 / 3, "Mail": 0})
    assert got.loc["Ads", "finding"] == "differs"
    assert got.loc["Ads", "difference"] == pytest.approx(20 / 30 - 10 / 90)


def test_what_visitors_did_is_told_by_channel_with_intervals():
    got = arrivals(table(COLUMNS, *visits()), journeys(), window_days=7).set_index("channel")

    assert got["pages"].to_dict() == {"Search": 1, "Ads": 4, "Mail": 4}
    assert got["cart"].to_dict() == {"Search": 0, "Ads": 1, "Mail": 0}
    assert got.loc["Search", "bounce"] == 1
    assert got.loc["Search", "bounce_low"] < 1
    assert (got["bounce_finding"] == "differs").all()


def test_visits_whose_window_is_not_over_count_for_behaviour_alone():
    got = arrivals(table(COLUMNS, *visits(late=12)), journeys(), window_days=7)
    row = got.set_index("channel").loc["Ads"]

    assert (row["n"], row["judged"]) == (42, 30)


def test_a_channel_of_few_visits_has_no_figures():
    few = [(f"c{i:02d}", f"e{i}", "2024-03-03 10:00", "Fax", 2, 5.0, 0, 0) for i in range(9)]
    got = arrivals(table(COLUMNS, *visits(), *few), journeys(), window_days=7)
    row = got.set_index("channel").loc["Fax"]

    assert row["n"] == 9
    assert row[["share", "low", "pages", "cart", "bounce_high"]].isna().all()


def test_chance_alone_finds_no_arrival():
    rng = np.random.default_rng(1)
    rows = [
        (f"c{i:03d}", f"s{i}", "2024-03-02 10:00", str(rng.choice(["Ads", "Mail", "Search"])),
         int(rng.integers(1, 9)), 1.0, int(rng.integers(0, 2)), 0)
        for i in range(600)
    ]  # fmt: skip
    sold = [(f"c{i:03d}", "2024-03-03 10:00", 1.0) for i in range(600) if rng.random() < 0.3]

    got = arrivals(table(COLUMNS, *rows), journeys(*sold), window_days=7)

    assert (got[["finding", "pages_finding", "cart_finding"]] == "no difference found").all().all()


def test_only_known_measures_are_told():
    bare = table(COLUMNS, *visits()).select("customer_id", "session_id", "started_at", "channel")

    got = arrivals(bare, journeys(), window_days=7)

    assert "pages" not in got
    assert list(got["n"]) == [60, 30, 30]


def test_what_cannot_be_answered_is_said():
    with pytest.raises(NotSupportedByData, match="channel"):
        arrivals(table(COLUMNS, *visits()).drop("channel"), journeys(), window_days=7)
    with pytest.raises(NotSupportedByData, match="no visit began"):
        arrivals(table(COLUMNS, *visits()), journeys(), window_days=365)


def test_row_order_changes_nothing():
    rows, sold = visits(), [(f"c{i:02d}", "2024-03-05 10:00", 0.1) for i in range(25)]
    first = arrivals(table(COLUMNS, *rows), journeys(*sold), window_days=7)
    second = arrivals(table(COLUMNS, *rows[::-1]), journeys(*sold[::-1]), window_days=7)

    assert_frame_equal(first, second, check_exact=True)
