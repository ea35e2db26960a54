"""The texts of the voice report: what is used, what is counted apart, and how far to trust it."""

from datetime import date

import ibis
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from shared.analysis.verdicts import Level
from shared.analysis.voice import read_texts, voice_verdict
from shared.loading.errors import NotSupportedByData

SNAPSHOT = date(2025, 1, 1)


def texts(sound: int, *others: str) -> ibis.Table:
    """Make so many texts that all differ, and further ones as given."""
    said = [*(f"Lot {chr(97 + i // 26)}{chr(97 + i % 26)} arrived" for i in range(sound)), *others]
    return ibis.memtable(
        pd.DataFrame({"review_id": [f"r{i:03d}" for i in range(len(said))], "text": said})
    )


@pytest.mark.parametrize(("texts", "level"), [(99, Level.CARE), (100, Level.RELIABLE)])
def test_a_hundred_texts_are_enough(texts, level):
    got = voice_verdict(
        texts=texts, scored=texts, kappa=0.6, precision=0.9, unread=0, neutral=0.1, groups=[]
    )

    assert got.level == level


@pytest.mark.parametrize(
    ("worse", "said"),
    [
        ({"kappa": 0.39}, "agree weakly"),
        ({"kappa": float("nan")}, "no stars"),
        ({"precision": 0.49}, "counted too often"),
        ({"unread": 0.21}, "not read"),
        ({"neutral": 0.51}, "not understood"),
    ],
)
def test_each_weakness_lowers_the_verdict_and_is_said(worse, said):
    sound = {
        "texts": 200,
        "scored": 200,
        "kappa": 0.4,
        "precision": 0.5,
        "unread": 0.2,
        "neutral": 0.5,
        "groups": [],
    }

    assert voice_verdict(**sound).level == Level.RELIABLE
    got = voice_verdict(**(sound | worse))
    assert got.level == Level.CARE
    assert said in got.reasons[0].template


def test_fewer_than_thirty_texts_with_words_are_not_supported():
    empty = ["", "  ", "!!!", "😀", "12", ".", "👍👍", "", "…", "?", "<br>"]

    with pytest.raises(NotSupportedByData, match="29 of 40 texts hold a word"):
        read_texts(texts(29, *empty), before=SNAPSHOT)
    assert len(read_texts(texts(30, *empty), before=SNAPSHOT).frame) == 30


def test_fewer_than_thirty_texts_with_a_sentiment_are_not_supported():
    sound = {"kappa": 0.5, "precision": 0.9, "unread": 0, "neutral": 0, "groups": []}

    with pytest.raises(NotSupportedByData, match="could be given a sentiment"):
        voice_verdict(texts=40, scored=29, **sound)


def test_every_text_is_used_or_counted_apart():
    got = read_texts(texts(50, "", "!!!", "Lot aa", "Lot aa"), before=SNAPSHOT)

    assert got.counted["given"] == 54
    assert len(got.frame) + sum(got.counted[c] for c in ("empty", "wordless", "duplicates")) == 54


def test_texts_come_by_day_and_id_whatever_the_order_of_the_rows():
    days = pd.date_range("2024-01-01", periods=40, freq="D")
    frame = pd.DataFrame({"review_id": [f"r{i:02d}" for i in range(40)], "written_at": days,
                          "text": [f"Word {chr(97 + i % 26)}{i}" for i in range(40)]})  # fmt: skip

    one = read_texts(ibis.memtable(frame), before=SNAPSHOT).frame
    other = read_texts(ibis.memtable(frame[::-1]), before=SNAPSHOT).frame

    assert_frame_equal(one, other)
    assert one["review_id"].tolist() == frame["review_id"].tolist()
