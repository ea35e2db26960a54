"""A disruption: three phases by hand, days that are given or found, and refusals in words."""

from datetime import timedelta

import pandas as pd
import pytest
from planted_reviews import FIRST_DAY, INCIDENT, SNAPSHOT, TOPICS, planted_texts

from shared.analysis.multiple_testing import Finding
from shared.analysis.voice_event import event_mood
from shared.analysis.voice_incidents import incidents
from shared.loading.errors import NotSupportedByData


def texts(*rows):
    frame = pd.DataFrame(rows, columns=["written_at", "sentiment"])
    return frame.assign(written_at=pd.to_datetime(frame["written_at"], format="mixed"))


def test_phases_by_hand_with_both_ends_included():
    days = ["2024-03-01", "2024-03-09"] * 5
    rows = [(day, 1) for day in days] + [("2024-03-10 23:59", -2)] * 5
    rows += [("2024-03-11", -1)] * 5 + [("2024-03-12", 1)] * 5

    got = event_mood(texts(*rows), None, days="2024-03-10 2024-03-11")

    table = got.table.set_index("phase")
    assert table["texts"].tolist() == [10, 10, 5]
    assert table["mean"].tolist() == [1, -1.5, 1]
    assert table["negative"].tolist() == [0, 10, 0]
    assert got.fall.value == -2.5
    assert (got.fall_reading, got.recovery_reading) == (Finding.DIFFERS, Finding.NOTHING)
    assert not got.chosen_by_data


def test_without_days_the_strongest_isolated_incident_is_looked_at():
    planted, complaints = planted_texts(1, incident=True)
    found = incidents(planted, complaints, topics=TOPICS, snapshot_date=SNAPSHOT)

    got = event_mood(planted, found)

    assert got.first == FIRST_DAY + timedelta(weeks=INCIDENT[0])
    assert (got.topic, got.chosen_by_data) == ("delivery", True)
    assert got.negative_rise.low > 0
    assert got.recovery_reading == Finding.NOTHING


def test_where_nothing_stands_out_there_is_no_event_to_tell_of():
    planted, complaints = planted_texts(2)
    found = incidents(planted, complaints, topics=TOPICS, snapshot_date=SNAPSHOT)

    with pytest.raises(NotSupportedByData, match="no isolated incident"):
        event_mood(planted, found)


@pytest.mark.parametrize(
    ("days", "why"),
    [
        ("9 Feb", "are no two days"),
        ("2024-05-01 2024-05-02 2024-05-03", "are no two days"),
        ("2024-05-02 2024-05-01", "before its first"),
        ("1999-01-01 1999-01-02", "0 texts before"),
        ("1999-01-01", "0 texts before"),
    ],
)
def test_days_that_are_none_are_refused_in_words(days, why):
    planted, _complaints = planted_texts(3)

    with pytest.raises(NotSupportedByData, match=why):
        event_mood(planted, None, days=days)


def test_undated_texts_are_refused_in_words():
    undated = pd.DataFrame({"written_at": [pd.NaT], "sentiment": [1]})

    with pytest.raises(NotSupportedByData, match="not dated"):
        event_mood(undated, None, days="2024-01-01")
