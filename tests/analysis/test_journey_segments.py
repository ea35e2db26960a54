from functools import cache

import pytest
from staged_journeys import SNAPSHOT, contacts, sales, table

from shared.analysis.attribution_paths import journeys_of
from shared.analysis.journey_segments import WHOLE_WAY, step_matrix, two_segments
from shared.analysis.journey_stages import funnel_of
from shared.loading.errors import NotSupportedByData


def ids(start, stop):
    return [f"c{i:03d}" for i in range(start, stop)]


ROWS = [
    *[(who, "2024-03-01 10:00", "Ads", "view") for who in ids(0, 60)],
    *[(who, "2024-03-01 11:00", "Ads", "pay") for who in [*ids(0, 27), *ids(30, 33)]],
]
BEFORE = [(who, "2024-02-01 10:00", 1.0) for who in ids(0, 30)]
SOLD = [*BEFORE, *[(who, "2024-03-01 12:00", 1.0) for who in ids(0, 12)]]


@cache
def journeys(rows=tuple(ROWS), sold=tuple(SOLD)):
    return journeys_of(contacts(*rows), sales(*sold), snapshot_date=SNAPSHOT)


@cache
def funnel():
    made = journeys()
    return funnel_of(made.touches, made.journeys, stages="view; pay")


def segments(**options):
    return two_segments(funnel(), sales(*SOLD), **({"tables": {}} | options))


def test_the_step_matrix_says_where_journeys_stand_and_sums_to_one():
    made = journeys()
    got = step_matrix(made.touches, made.journeys, column="stage")

    assert got.sum().tolist() == pytest.approx([1] * 8)
    assert got.loc["view", 1] == 1
    assert got.loc["pay", 2] == pytest.approx(30 / 60)
    assert got.loc["converted", [1, 2, 3, 8]].tolist() == pytest.approx([0, 0, 0.2, 0.2])
    assert got.loc["ended", [1, 2, 3]].tolist() == pytest.approx([0, 0.5, 0.8])


def test_rare_values_are_added_up():
    rows = [*ROWS, *[(who, "2024-03-01 10:30", "Fax", "rare") for who in ids(0, 9)]]
    made = journeys(tuple(rows))

    got = step_matrix(made.touches, made.journeys, column="stage")

    assert "rare" not in got.index
    assert "(other)" in got.index


def test_a_handful_of_journeys_cannot_be_read_off_or_subtracted():
    rows = [*ROWS, *[(who, "2024-03-01 10:30", "Fax", "rare") for who in ids(0, 9)]]
    made = journeys(tuple(rows))

    got = step_matrix(made.touches, made.journeys, column="stage")
    shown = got.stack().dropna() * 60

    assert not shown.between(0.5, 9.5).any()
    assert (got.isna().sum() != 1).all()
    assert got[2].isna().sum() == 2  # nine at "(other)", and the next smallest cell
    assert got[1].sum() == pytest.approx(1)


def test_new_and_returning_customers_are_told_apart_by_earlier_conversions():
    got = segments()
    table_ = got.funnel.set_index("stage")

    assert got.names == ("new", "returning")
    assert got.sizes == (30, 30)
    assert list(table_.index) == [WHOLE_WAY, "view", "pay"]
    assert table_.loc["view", "share"] == pytest.approx(3 / 30)
    assert table_.loc["view", "other_share"] == pytest.approx(27 / 30)
    assert table_.loc["view", "difference"] == pytest.approx(-0.8)
    assert table_.loc["view", "finding"] == "differs"
    assert table_.loc[WHOLE_WAY, "other_share"] == pytest.approx(12 / 30)


def test_a_column_of_the_customers_may_split_them_instead():
    owners = table("customer_id segment", *[(who, "tall" if k % 2 else "small") for k, who in
                                            enumerate(ids(0, 58))])  # fmt: skip

    got = segments(tables={"customers": owners}, compare_by="segment")

    assert got.names == ("small", "tall")
    assert got.sizes == (29, 29)
    assert got.left_out == 2
    assert (got.funnel["finding"] != "differs").all()


def test_what_cannot_be_compared_is_said():
    with pytest.raises(NotSupportedByData, match="no customers"):
        segments(compare_by="segment")
    owners = table("customer_id segment", *[(who, "one") for who in ids(0, 60)])
    with pytest.raises(NotSupportedByData, match="one group"):
        segments(tables={"customers": owners}, compare_by="segment")
    with pytest.raises(NotSupportedByData, match="shoe_size"):
        segments(tables={"customers": owners}, compare_by="shoe_size")


def test_groups_dealt_anew_do_not_differ():
    assert (segments(seed=0).funnel["finding"] != "differs").all()
