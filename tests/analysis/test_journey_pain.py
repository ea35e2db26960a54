import ibis
import pytest
from draws import DRAWS
from pandas.testing import assert_frame_equal
from staged_journeys import SNAPSHOT, drawn_visits

from shared.analysis.attribution_paths import journeys_of
from shared.analysis.journey_pain import EVERYWHERE, LOW_ANSWER, pain_points, read_rows
from shared.analysis.journey_stages import funnel_of
from shared.analysis.journey_visits import visits_of
from shared.loading.errors import NotSupportedByData

DEAR = max(DRAWS // 10, 2)  # each draw goes the whole way from contacts to pain points


def funnel(tables, **options):
    journeys = journeys_of(tables["touchpoints"], tables["conversions"], snapshot_date=SNAPSHOT)
    sides = visits_of(tables["web_sessions"], tables["touchpoints"], journeys)
    return funnel_of(*sides, stages="view; cart; pay", reached="seen", **options)


def pain(seed, **options):
    return pain_points(funnel(drawn_visits(seed, **options)), low_satisfaction=2)


@pytest.fixture(scope="module")
def harmful():
    return pain(1, harm=0.2)


def test_a_planted_pain_point_is_found_within_its_stage(harmful):
    row = read_rows(harmful).iloc[0]

    assert (row["event"], row["stage"], row["finding"]) == ("error", "pay", "differs")
    assert row["with_share"] < 0.3
    assert row["without_share"] == pytest.approx(0.6, abs=0.08)
    assert row["lost_low"] < row["lost"] < row["lost_high"]
    assert row["lost"] == pytest.approx(row["n"] * (row["without_share"] - row["with_share"]))


def test_among_all_it_looks_far_less_bad(harmful):
    rows = harmful[harmful["event"] == "error"].set_index("stage")

    assert list(rows.index) == [EVERYWHERE, "view", "cart", "pay"]
    assert rows.loc[EVERYWHERE, "difference"] > rows.loc["pay", "difference"] + 0.2
    assert list(rows["is_home"]) == [False, False, False, True]
    # Only what is read is tested; the other rows are there to look at.
    assert rows.loc[EVERYWHERE, "finding"] == ""


def test_low_answers_are_compared_with_the_other_answers_at_their_stage(harmful):
    rows = harmful[harmful["event"] == LOW_ANSWER]

    assert set(rows["stage"]) <= {"view", "cart", "pay"}
    assert rows["is_home"].all()
    assert (rows["finding"] != "differs").all()


def test_row_order_changes_nothing():
    tables = drawn_visits(3, customers=200, harm=0.5)
    mixed = {
        name: ibis.memtable(table.to_pandas().sample(frac=1, random_state=1), schema=table.schema())
        for name, table in tables.items()
    }

    first, second = (pain_points(funnel(t), low_satisfaction=2) for t in (tables, mixed))

    assert_frame_equal(first, second, check_exact=True)


def test_few_cases_are_withheld_and_never_read():
    got = pain(5, customers=60, harm=0.2, event_share=0.1)
    errors = got[got["event"] == "error"].set_index("stage")

    assert errors.loc["pay", "n"] < 10
    assert errors[["with_share", "difference", "lost", "without_share"]].isna().all().all()
    assert "error" not in set(read_rows(got)["event"])


def test_without_events_and_answers_there_is_nothing_to_compare():
    tables = drawn_visits(1, customers=100, event_share=0.0)
    bare = tables | {"touchpoints": tables["touchpoints"].drop("satisfaction")}

    with pytest.raises(NotSupportedByData, match="mishap"):
        pain_points(funnel(bare), low_satisfaction=2)


@pytest.mark.slow
def test_where_no_pain_is_planted_none_is_found_and_where_it_is_it_is():
    false_alarms = sum(
        (pain(seed, customers=500)["finding"] == "differs").any() for seed in range(DEAR)
    )
    found = sum(
        read_rows(pain(seed, customers=500, harm=0.3)).iloc[0][["event", "finding"]].tolist()
        == ["error", "differs"]
        for seed in range(DEAR)
    )

    assert false_alarms <= max(DEAR // 20, 0)
    assert found >= 0.9 * DEAR
