import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from staged_journeys import SNAPSHOT, sales, table

from shared.analysis.attribution_paths import journeys_of
from shared.analysis.journey_reach import (
    ALL,
    MOST_CONTACTS,
    Plan,
    conversion_by_contacts,
    frequency_matters,
    reach_table,
    read_plan,
)
from shared.loading.errors import NotSupportedByData

COLUMNS = "customer_id touched_at channel campaign cost"


def campaign(*, spring=12, autumn=5):
    rows = [(f"c{i}", f"2024-03-{day:02d} 10:00", "Ads", " Spring ", 0.5)
            for i in range(spring) for day in range(1, 4 if i % 2 else 2)]  # fmt: skip
    rows += [(f"c{i}", "2024-04-01 10:00", "Mail", "Autumn", None) for i in range(autumn)]
    return [*rows, ("zoe", "2024-04-02 10:00", "Mail", None, 0.1)]


def test_reach_counts_customers_and_frequency_their_contacts():
    got = reach_table(table(COLUMNS, *campaign()), plan={}).set_index("campaign")

    assert list(got.index) == [ALL, "Spring", "Autumn"]
    assert got.loc["Spring", ["contacts", "reach", "frequency", "median", "cost"]].tolist() == [
        24, 12, 2.0, 1.0, 12.0
    ]  # fmt: skip
    assert got.loc[ALL, ["contacts", "reach"]].tolist() == [30, 13]
    assert got["planned_reach"].isna().all()


def test_a_campaign_of_fewer_than_ten_customers_shows_only_its_contacts():
    got = reach_table(table(COLUMNS, *campaign()), plan={}).set_index("campaign").loc["Autumn"]

    assert got["contacts"] == 5
    assert np.isnan(got["reach"])
    assert np.isnan(got["frequency"])


def test_what_was_planned_stands_beside_what_was_achieved():
    plan = read_plan("Spring = 24 x 1.6; all contacts = 13 X 2")
    got = reach_table(table(COLUMNS, *campaign()), plan=plan).set_index("campaign")

    assert plan == {"Spring": Plan(24, 1.6), ALL: Plan(13, 2)}
    assert got.loc["Spring", "reach_met"] == pytest.approx(0.5)
    assert got.loc["Spring", "frequency_met"] == pytest.approx(1.25)
    assert got.loc[ALL, "reach_met"] == 1


@pytest.mark.parametrize(
    "plan",
    ["Spring", "Spring = many x 2", "Spring = 20", "Spring = 0 x 2", "= 20 x 2", "a = -1 x 1"],
)
def test_a_plan_that_cannot_be_read_is_said_and_not_guessed(plan):
    with pytest.raises(NotSupportedByData, match="cannot be read"):
        read_plan(plan)


def test_a_planned_campaign_that_nobody_saw_is_named():
    with pytest.raises(NotSupportedByData, match="Winter"):
        reach_table(table(COLUMNS, *campaign()), plan=read_plan("Winter = 10 x 1"))


def runs(sold_of, *, people=40):
    """Give customers 1 to 4 contacts in turn, and a sale to those whom `sold_of` names."""
    rows, sold = [], []
    for i in range(people):
        for day in range(1 + i % 4):
            rows.append((f"c{i:03d}", f"2024-03-{1 + day:02d} 10:00", "Ads", None, None))
        if sold_of(i):
            sold.append((f"c{i:03d}", "2024-03-08 10:00", 1.0))
    return journeys_of(table(COLUMNS, *rows), sales(*sold), snapshot_date=SNAPSHOT)


def test_conversion_is_counted_by_the_contacts_of_the_journey():
    got = conversion_by_contacts(runs(lambda i: i % 4 == 1 or i < 8))

    assert list(got["contacts"]) == [1, 2, 3, 4]
    assert list(got["n"]) == [10, 10, 10, 10]
    assert list(got["successes"]) == [2, 10, 2, 2]
    assert list(got["reached"]) == [40, 30, 20, 10]
    # Of those who came so far, who bought before a further contact.
    assert list(got["hazard"]) == pytest.approx([2 / 40, 10 / 30, 2 / 20, 2 / 10])


def test_journeys_that_may_still_convert_are_left_out():
    rows = [(f"c{i}", "2024-06-20 10:00", "Ads", None, None) for i in range(30)]
    with pytest.raises(NotSupportedByData, match="no journey is over"):
        conversion_by_contacts(journeys_of(table(COLUMNS, *rows), sales(), snapshot_date=SNAPSHOT))


def test_long_journeys_are_counted_together():
    rows = [(f"c{i}", f"2024-03-{1 + day:02d} 10:00", "Ads", None, None)
            for i in range(12) for day in range(20)]  # fmt: skip
    made = journeys_of(table(COLUMNS, *rows), sales(), snapshot_date=SNAPSHOT)

    got = conversion_by_contacts(made)

    assert list(got["contacts"]) == [MOST_CONTACTS]
    assert got.loc[0, "or_more"]
    assert (got.loc[0, "n"], got.loc[0, "share"]) == (12, 0)
    assert np.isnan(got.loc[0, "hazard"])


def test_a_frequency_that_converts_is_found_and_noise_is_not():
    p, best = frequency_matters(
        conversion_by_contacts(runs(lambda i: i % 4 == 2 or i % 8 == 0, people=200))
    )
    assert p < 0.01
    assert best["contacts"] == 3

    p, _best = frequency_matters(conversion_by_contacts(runs(lambda i: i % 3 == 0, people=204)))
    assert p > 0.5


def test_too_few_journeys_name_no_best_frequency():
    p, best = frequency_matters(conversion_by_contacts(runs(lambda i: i == 0, people=8)))

    assert np.isnan(p)
    assert best is None


def test_row_order_changes_nothing():
    rows = campaign()
    first, second = (reach_table(table(COLUMNS, *r), plan={}) for r in (rows, rows[::-1]))

    assert_frame_equal(first, second, check_exact=True)
