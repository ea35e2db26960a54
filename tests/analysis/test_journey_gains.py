import numpy as np
import pytest
from staged_journeys import SNAPSHOT, contacts, sales, table

from shared.analysis.attribution_paths import journeys_of
from shared.analysis.journey_gains import later_orders, stage_gains
from shared.analysis.journey_stages import funnel_of, stage_table
from shared.loading.errors import NotSupportedByData

ORDER = "view; pay"


def ids(start, stop):
    return [f"c{i:03d}" for i in range(start, stop)]


def visits(*groups):
    """Make journeys: (customers, channel, how many of them get to the payment)."""
    rows, start = [], 0
    for people, channel, paid in groups:
        for k, who in enumerate(ids(start, start + people)):
            rows.append((who, "2024-03-01 10:00", channel, "view"))
            if k < paid:
                rows.append((who, "2024-03-01 11:00", channel, "pay"))
        start += people
    return rows


def gains(rows, sold=()):
    made = journeys_of(contacts(*rows), sales(*sold), snapshot_date=SNAPSHOT)
    funnel = funnel_of(made.touches, made.journeys, stages=ORDER)
    return stage_gains(funnel, stage_table(funnel))


def test_a_channel_behind_the_others_could_gain_what_the_distance_is_worth():
    rows = visits((100, "Ads", 30), (200, "Mail", 140))
    sold = [(who, "2024-03-01 12:00", 1.0) for who in [*ids(0, 15), *ids(100, 170)]]

    got = gains(rows, sold).set_index(["stage", "channel"])
    row = got.loc[("view", "Ads")]

    assert row["share"] == pytest.approx(0.3)
    assert row["difference"] == pytest.approx(0.3 - 0.7)
    # 40 journeys more would go on, of which as many convert as of all that go on: 85 of 170.
    assert row["to_sale"] == pytest.approx(0.5)
    assert row["gained"] == pytest.approx(100 * 0.4 * 0.5)
    assert 0 < row["gained_low"] < row["gained"] < row["gained_high"]
    assert row["finding"] == "differs"
    assert np.isnan(got.loc[("view", "Mail"), "gained"])
    assert (got.loc["pay", "finding"] == "no difference found").all()


def test_channels_alike_gain_nothing_for_sure():
    got = gains(visits((100, "Ads", 50), (100, "Mail", 52)))

    assert (got["finding"] != "differs").all()


def test_one_channel_has_no_other_to_fall_behind():
    with pytest.raises(NotSupportedByData, match="one channel"):
        gains(visits((100, "Ads", 50)))


COLUMNS = "customer_id touched_at channel stage satisfaction"


def later(low, other, *, again, people=60, answered="2024-02-01 10:00", **options):
    """Let 60 customers answer at the payment; `again` says who orders how many days later."""
    rows = [(who, answered, "Ads", "pay", low if i < people / 2 else other)
            for i, who in enumerate(ids(0, people))]  # fmt: skip
    sold = [(who, f"2024-{day} 10:00", 30.0) for who, day in again]
    made = journeys_of(table(COLUMNS, *rows), sales(*sold), snapshot_date=SNAPSHOT)
    funnel = funnel_of(made.touches, made.journeys)
    return later_orders(funnel, made, low_satisfaction=2, later_days=90, **options)


def test_orders_after_a_low_answer_are_compared_with_those_after_another():
    again = [(who, "03-01") for who in [*ids(0, 6), *ids(30, 54)]]
    again += [(who, "02-01") for who in ids(6, 30)]  # the journey's own order, the same day
    again += [(who, "06-20") for who in ids(6, 30)]  # more than 90 days later

    row = later(1, 5, again=again).iloc[0]

    assert (row["stage"], row["n"], row["other_n"]) == ("pay", 30, 30)
    assert row["share"] == pytest.approx(6 / 30)
    assert row["other_share"] == pytest.approx(24 / 30)
    assert row["difference"] == pytest.approx(-0.6)
    assert row["finding"] == "differs"
    assert row["value"] == pytest.approx(6.0)
    assert row["value_difference"] == pytest.approx(6.0 - 24.0)


def test_no_difference_is_called_none():
    again = [(who, "03-01") for who in [*ids(0, 15), *ids(30, 45)]]

    assert later(1, 5, again=again).iloc[0]["finding"] == "no difference found"


def test_answers_too_young_or_of_one_kind_cannot_tell():
    with pytest.raises(NotSupportedByData, match="both low and other"):
        later(1, 5, again=[], answered="2024-05-01 10:00")
    with pytest.raises(NotSupportedByData, match="both low and other"):
        later(4, 5, again=[])


def test_few_answers_are_withheld_and_money_needs_more():
    few = later(1, 5, again=[(who, "03-01") for who in ids(0, 9)], people=18).iloc[0]
    assert np.isnan(few["share"])
    assert np.isnan(few["other_share"])
    some = later(1, 5, again=[(who, "03-01") for who in ids(0, 9)], people=40).iloc[0]
    assert some["share"] == pytest.approx(9 / 20)
    assert np.isnan(some["value"])
