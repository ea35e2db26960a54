from functools import cache

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from staged_journeys import SNAPSHOT, contacts, drawn_visits, sales, table

from shared.analysis.attribution_paths import journeys_of
from shared.analysis.journey_satisfaction import (
    lowest_quarter,
    lowest_stage,
    stage_complaints,
    stage_satisfaction,
)
from shared.analysis.journey_stages import (
    SALE,
    funnel_of,
    stage_table,
    with_sales,
)
from shared.analysis.journey_visits import visits_of
from shared.loading.errors import NotSupportedByData

ORDER = "view; cart; pay"


def repeated(people, *steps):
    """Let every person take the same steps, an hour apart: (channel, stage)."""
    return [
        (who, f"2024-03-01 {10 + hour}:00", channel, stage)
        for who in people
        for hour, (channel, stage) in enumerate(steps)
    ]


def ids(start, stop):
    return [f"c{i:03d}" for i in range(start, stop)]


ROWS = [
    *repeated(ids(0, 20), ("Ads", "view"), ("Mail", "cart"), ("Mail", "pay")),
    *repeated(ids(20, 50), ("Ads", "view"), ("Mail", "cart")),
    *repeated(ids(50, 100), ("Mail", "view")),
    *repeated(ids(100, 112), ("Mail", "cart")),  # never seen at the view
    *repeated(ids(112, 115), ("Mail", None)),
]
SOLD = [(who, "2024-03-02 10:00", 5.0) for who in ids(0, 15)]


def funnel(rows=None, sold=None, **options):
    if rows is None and sold is None:
        return standard(**options)
    return made_of(ROWS if rows is None else rows, SOLD if sold is None else sold, **options)


@cache
def standard(**options):
    return made_of(ROWS, SOLD, **options)


def made_of(rows, sold, **options):
    made = journeys_of(contacts(*rows), sales(*sold), snapshot_date=SNAPSHOT)
    return funnel_of(made.touches, made.journeys, **options)


def test_a_journey_seen_at_a_later_stage_has_passed_the_earlier_ones():
    got = stage_table(funnel(stages=ORDER)).set_index("stage")

    assert list(got["journeys"]) == [112, 62, 20]
    assert list(got["went_on"]) == [62, 20, 15]
    assert list(got["converted"]) == [15, 15, 15]
    assert list(got["conversion"]) == pytest.approx([62 / 112, 20 / 62, 15 / 20])
    assert (got["went_on"] + got["lost"] == got["journeys"]).all()
    assert (got["conversion"] + got["drop_off"]).tolist() == pytest.approx([1, 1, 1])
    assert ((got["low"] < got["conversion"]) & (got["conversion"] < got["high"])).all()


def test_only_stages_that_were_seen_count_where_that_is_asked_for():
    made = funnel(stages=ORDER, reached="seen")
    got = stage_table(made).set_index("stage")

    assert list(got["journeys"]) == [100, 62, 20]
    assert list(got["went_on"]) == [50, 20, 15]
    assert made.unplaced == 3


def test_the_conversions_stand_below_the_last_stage():
    got = with_sales(stage_table(funnel(stages=ORDER)))

    assert list(got["stage"]) == ["view", "cart", "pay", SALE]
    assert got["journeys"].iloc[-1] == 15
    assert got["reached_share"].iloc[-1] == pytest.approx(15 / 115)
    assert pd.isna(got["conversion"].iloc[-1])


def test_without_a_stated_order_stages_stand_as_journeys_reach_them():
    made = funnel()

    assert made.stages == ("view", "cart", "pay")
    assert not made.is_given
    assert funnel(stages=ORDER).is_given


def test_other_values_of_stage_are_events_on_the_way():
    rows = [*ROWS, ("c000", "2024-03-01 12:30", "Mail", "error")]
    made = funnel(rows, stages=ORDER)

    assert made.events == ("error",)
    assert_frame_equal(stage_table(made), stage_table(funnel(stages=ORDER)))


def test_the_channel_at_a_stage_is_that_of_the_first_contact_there():
    got = funnel(stages=ORDER).journeys.to_pandas().set_index("customer_id")

    assert got.loc["c000", ["channel_0", "channel_1", "channel_2"]].tolist() == [
        "Ads", "Mail", "Mail"
    ]  # fmt: skip
    assert pd.isna(got.loc["c060", "channel_1"])


def test_row_order_and_new_ids_change_nothing():
    renamed = [(f"x{row[0][::-1]}", *row[1:]) for row in ROWS[::-1]]
    sold = [(f"x{row[0][::-1]}", *row[1:]) for row in SOLD]

    first, second = stage_table(funnel(stages=ORDER)), stage_table(funnel(renamed, sold))

    assert_frame_equal(first, second, check_exact=True)


def test_open_journeys_are_left_out_and_counted():
    rows = [*ROWS, *[(who, "2024-06-25 10:00", "Ads", "view") for who in ids(200, 207)]]

    made = funnel(rows, stages=ORDER)

    assert made.open_journeys == 7
    assert stage_table(made).loc[0, "journeys"] == 112


def test_stages_that_cannot_be_put_in_order_are_refused_with_words():
    with pytest.raises(NotSupportedByData, match="'basket'"):
        funnel(stages="view; basket")
    many = [("c000", f"2024-03-01 10:{i:02d}", "Ads", f"stage {i}") for i in range(9)]
    with pytest.raises(NotSupportedByData, match="9 different stages"):
        funnel(many)
    with pytest.raises(NotSupportedByData, match="no contact has a stage"):
        funnel(repeated(ids(0, 5), ("Ads", None), ("Ads", "  ")))
    bare = journeys_of(contacts(*ROWS).drop("stage"), sales(*SOLD), snapshot_date=SNAPSHOT)
    with pytest.raises(NotSupportedByData, match="needs stage"):
        funnel_of(bare.touches, bare.journeys)


def answers(*means, people=40):
    """Give contacts at view, cart, pay whose answers lie around the means."""
    columns = "customer_id touched_at channel stage satisfaction"
    rows = [
        (who, f"2024-03-01 {10 + k}:00", "Ads", stage, mean + (i % 5 - 2) / 2)
        for i, who in enumerate(ids(0, people))
        for k, (stage, mean) in enumerate(zip(("view", "cart", "pay"), means, strict=True))
    ]
    made = journeys_of(table(columns, *rows), sales(*SOLD), snapshot_date=SNAPSHOT)
    return stage_satisfaction(funnel_of(made.touches, made.journeys, stages=ORDER))


def test_a_stage_where_people_are_less_satisfied_is_found():
    got = answers(4, 4, 3)

    assert list(got["mean"]) == pytest.approx([4, 4, 3])
    assert list(got["n"]) == [40, 40, 40]
    assert lowest_stage(got)["stage"] == "pay"
    assert lowest_stage(got)["finding"] == "differs"
    assert lowest_stage(got)["difference"] == pytest.approx(-1)


def test_equal_stages_are_not_told_apart():
    assert (answers(4, 4, 4)["finding"] == "no difference found").all()


@pytest.mark.parametrize(("scale", "low"), [((1, 5), 2), ((0, 10), 2.5), ((1, 100), 25.75)])
def test_a_low_answer_is_one_of_the_lowest_quarter_of_the_scale(scale, low):
    answers_ = table("satisfaction", *[(float(end),) for end in (*scale, sum(scale) / 2)], (None,))

    assert lowest_quarter(answers_, column="satisfaction") == low
    with pytest.raises(NotSupportedByData, match="no row has a satisfaction"):
        lowest_quarter(table("satisfaction", (None,)), column="satisfaction")


def test_few_answers_are_withheld():
    got = answers(4, 4, 3, people=9)

    assert got["mean"].isna().all()
    assert lowest_stage(got) is None


def test_a_review_belongs_to_the_latest_journey_before_it():
    people = ids(0, 20)
    reviews = [(f"r{i}", who, "2024-03-05 10:00", 1.0 if i < 12 else 5.0)
               for i, who in enumerate(people)]  # fmt: skip
    reviews += [("x1", "c000", "2024-01-20 10:00", 1.0), ("x2", "c001", "2024-05-01 10:00", 1.0)]
    rows = [*ROWS, *[(who, "2024-01-20 10:00", "Ads", "view") for who in people]]  # an earlier one

    got = stage_complaints(
        funnel(rows, stages=ORDER), table("review_id customer_id written_at rating", *reviews), 2.0,
        window_days=14,
    ).set_index("stage")  # fmt: skip

    # Neither the review before nor the one long after; x1 was written as a journey ended.
    assert got["n"].to_dict() == {SALE: 15, "pay": 5, "view": 1}
    assert got.loc[SALE, "successes"] == 12
    assert pd.isna(got.loc["pay", "share"])


def test_contacts_and_conversions_fall_into_the_visit_that_they_happened_in():
    sessions = table(
        "customer_id session_id started_at channel duration_seconds",
        ("ana", "s1", "2024-03-01 10:00", "Ads", 600.0),
        ("ana", "s2", "2024-03-01 11:00", "Mail", None),
        ("ben", "s3", "2024-03-01 10:00", "Ads", 0.0),
    )
    made = contacts(
        ("ana", "2024-03-01 10:00", "Ads", "view"),
        ("ana", "2024-03-01 10:05", "Ads", "cart"),
        ("ana", "2024-03-01 14:59", "Mail", "pay"),  # the second visit's length is not known
        ("ana", "2024-03-01 15:01", "Mail", "pay"),
        ("ben", "2024-03-01 09:59", "Ads", "view"),  # before any visit
        ("ben", "2024-03-01 10:31", "Ads", "cart"),  # half an hour after the visit was over
    )
    sold = sales(("ana", "2024-03-01 10:06", 5.0), ("ben", "2024-03-01 10:30", 7.0))
    journeys = journeys_of(made, sold, snapshot_date=SNAPSHOT)

    touches, visits = visits_of(sessions, made, journeys)

    got = touches.to_pandas().sort_values("touched_at")
    assert list(zip(got["customer_id"], got["journey"], got["stage"], got["position"],
                    strict=True)) == [("ana", 1, "view", 1), ("ana", 1, "cart", 2),
                                      ("ana", 2, "pay", 1)]  # fmt: skip
    told = visits.to_pandas().sort_values(["customer_id", "journey"])
    assert list(told["outcome"]) == ["converted", "ended", "converted"]
    assert list(told["touches"]) == [2, 1, 0]
    assert told["conversion_value"].sum() == 12


def test_visits_without_sessions_are_refused_with_words():
    made = drawn_visits(1, customers=20)
    journeys = journeys_of(made["touchpoints"], made["conversions"], snapshot_date=SNAPSHOT)
    none = made["web_sessions"].filter(made["web_sessions"].customer_id == "nobody")

    with pytest.raises(NotSupportedByData, match="no visit"):
        visits_of(none, made["touchpoints"], journeys)
