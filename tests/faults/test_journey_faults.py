"""Bad input of the journey half: each is counted, said or left out; none ends the page."""

import pandas as pd
from staged_journeys import SNAPSHOT, contacts, sales, table

from shared.analysis.attribution_paths import journeys_of
from shared.analysis.journey_reach import conversion_by_contacts
from shared.analysis.journey_satisfaction import stage_satisfaction
from shared.analysis.journey_stages import funnel_of, stage_table
from shared.analysis.journey_study import journey_study
from shared.loading.errors import NotSupportedByData


def ids(n):
    return [f"c{i:03d}" for i in range(n)]


def funnel(rows, sold=(), **options):
    made = journeys_of(contacts(*rows), sales(*sold), snapshot_date=SNAPSHOT)
    return funnel_of(made.touches, made.journeys, **options)


def test_unsorted_and_simultaneous_contacts_make_the_same_funnel():
    rows = [(who, "2024-03-01 10:00", channel, stage) for who in ids(20)
            for channel, stage in (("Ads", "view"), ("Mail", "pay"))]  # fmt: skip
    first = stage_table(funnel(rows, stages="view; pay"))
    second = stage_table(funnel(rows[::-1], stages="view; pay"))

    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_a_contact_after_the_conversion_begins_a_journey_of_its_own():
    rows = [(who, f"2024-03-0{day} 10:00", "Ads", "view") for who in ids(20) for day in (1, 3)]
    got = stage_table(funnel(rows, [(who, "2024-03-02 10:00", 1.0) for who in ids(20)]))

    assert (got.loc[0, "journeys"], got.loc[0, "converted"]) == (40, 20)


def test_several_conversions_of_a_journey_count_it_once():
    sold = [(who, "2024-03-01 12:00", 1.0) for who in ids(20) for _ in range(3)]
    got = stage_table(funnel([(who, "2024-03-01 10:00", "Ads", "view") for who in ids(20)], sold))

    assert (got.loc[0, "journeys"], got.loc[0, "converted"]) == (20, 20)


def test_journeys_that_all_convert_or_none_have_bounds_and_no_error():
    rows = [(who, "2024-03-01 10:00", "Ads", "view") for who in ids(20)]
    none = stage_table(funnel(rows))
    all_of = stage_table(funnel(rows, [(who, "2024-03-01 12:00", 1.0) for who in ids(20)]))

    assert (none.loc[0, "conversion"], all_of.loc[0, "conversion"]) == (0, 1)
    assert none.loc[0, "high"] > 0
    assert all_of.loc[0, "low"] < 1


def test_stages_and_channels_may_have_any_name():
    names = ["SALES", "(null)", "START", "ünï/co;de", "a > b"]
    rows = [(who, f"2024-03-01 1{k}:00", name, name) for who in ids(20)
            for k, name in enumerate(names)]  # fmt: skip

    got = stage_table(funnel(rows))

    assert list(got["stage"]) == names
    assert list(got["journeys"]) == [20] * 5


def test_a_journey_of_five_hundred_contacts_and_sixty_channels_is_one_journey():
    rows = [("c1", pd.Timestamp("2024-03-01") + pd.Timedelta(hours=k), f"channel {k % 60}", "view")
            for k in range(500)]  # fmt: skip
    made = journeys_of(contacts(*rows), sales(), snapshot_date=SNAPSHOT)

    assert conversion_by_contacts(made)["n"].tolist() == [1]
    assert stage_table(funnel(rows)).loc[0, "journeys"] == 1


def test_three_journeys_are_withheld_and_the_study_says_why():
    rows = [(who, "2024-03-01 10:00", "Ads", "view") for who in ids(3)]
    made = journeys_of(contacts(*rows), sales(), snapshot_date=SNAPSHOT)

    got = journey_study(made, tables={"touchpoints": contacts(*rows)})

    assert isinstance(got.stages, NotSupportedByData)
    assert "3 journeys" in str(got.stages)
    assert got.by_contacts["share"].isna().all()
    assert got.reach["reach"].isna().all()


def test_blank_stages_and_answers_are_unknown_and_not_zero():
    columns = "customer_id touched_at channel stage satisfaction"
    rows = [(who, "2024-03-01 10:00", "Ads", "view" if i % 2 else "  ", None if i % 4 == 1 else 4.0)
            for i, who in enumerate(ids(80))]  # fmt: skip
    made = journeys_of(table(columns, *rows), sales(), snapshot_date=SNAPSHOT)
    reached = funnel_of(made.touches, made.journeys)

    assert stage_table(reached).loc[0, "journeys"] == 40
    assert reached.unplaced == 40
    got = stage_satisfaction(reached)
    assert (got.loc[0, "n"], got.loc[0, "mean"]) == (20, 4.0)


def test_a_plan_or_a_stage_that_is_misspelt_costs_only_its_own_part():
    rows = [(who, "2024-03-01 10:00", "Ads", "view") for who in ids(60)]
    made = journeys_of(contacts(*rows), sales(), snapshot_date=SNAPSHOT)

    got = journey_study(
        made, tables={"touchpoints": contacts(*rows)}, plan="Spring: 20", stages="veiw"
    )

    assert "plan" in str(got.reach)
    assert "'veiw'" in str(got.stages)
    assert isinstance(got.by_contacts, pd.DataFrame)
