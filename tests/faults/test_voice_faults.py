"""Reviews as they really come: empty, emoji, markup, copies, ratings off the scale, bad days."""

from datetime import date

import ibis
import pandas as pd
import pytest
from small_client import taken

from shared.analysis.voice import read_texts
from shared.loading.errors import DataRefused

SNAPSHOT = date(2025, 1, 1)
COLUMNS = {"review_id": "id", "written_at": "day", "text": "text", "rating": "stars"}


def read(texts, **columns):
    frame = pd.DataFrame({"text": list(texts)})
    frame = frame.assign(review_id=[f"r{i:03d}" for i in range(len(frame))])
    for name, values in columns.items():
        frame[name] = values
    return read_texts(ibis.memtable(frame), before=SNAPSHOT)


def filled(*texts):
    """Add sound texts, all different, so that the gate is passed."""
    return [
        *texts,
        *(f"Sound text number {chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(40)),
    ]


def test_empty_one_word_and_emoji_only_texts_are_counted_apart():
    got = read(filled("", "   ", "😀😀", "!!!", "Great", None))

    assert (got.counted["empty"], got.counted["wordless"], got.counted["one_word"]) == (3, 2, 1)
    assert len(got.frame) == 41


def test_markup_is_taken_off_and_a_smaller_sign_is_none():
    got = read(
        filled("<p>Fine <b>tea</b> &amp; mug</p>", "a < b and c > d", "&lt;i&gt;late&lt;/i&gt;")
    )

    by_id = got.frame.set_index("review_id")["text"]
    assert by_id["r000"] == "Fine tea & mug"
    assert "a <" in by_id["r001"]
    assert by_id["r002"] == "late"
    assert got.counted["markup"] >= 2


def test_a_customers_repetition_is_set_aside_and_a_short_text_of_another_is_not():
    long = "I have had this kettle for six weeks now and the handle came off today"
    texts = ["Great tea", "great tea", "Great tea", long, long]

    got = read(filled(*texts), customer_id=["a", "a", "b", "c", "d", *["e"] * 40])

    assert got.counted["duplicates"] == 2
    assert {"r000", "r002", "r003"} <= set(got.frame["review_id"])


def test_turkish_capitals_are_no_error_and_change_no_letter():
    got = read(filled("İADE İSTİYORUM, ILIK GELDİ"))

    assert "İADE İSTİYORUM, ILIK GELDİ" in set(got.frame["text"])


def test_ratings_off_the_scale_are_blank_and_counted():
    stars = [9.0] + [float(1 + i % 5) for i in range(99)]
    texts = [f"Sound text number {chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(100)]

    got = read(texts, rating=stars)

    assert (got.scale, got.counted["bad_rating"]) == (5.0, 1)
    assert got.frame["rating"].isna().sum() == 1


def test_texts_without_a_day_stay_and_those_of_the_snapshot_day_go():
    days = [pd.NaT, pd.Timestamp("2025-01-01 00:00"), pd.Timestamp("2024-12-31 23:59")]
    rest = [pd.Timestamp("2024-06-01")] * 40

    got = read(filled("no day", "too late", "just in time"), written_at=[*days, *rest])

    assert got.counted["undated"] == 1
    assert "too late" not in set(got.frame["text"])
    assert {"no day", "just in time"} <= set(got.frame["text"])


def rows(bad_rating: str, bad_day: str, bad: int) -> dict[str, str]:
    lines = ["id,day,text,stars"]
    for i in range(100):
        day = bad_day if i < bad else f"2024-03-{1 + i % 28:02d}"
        stars = bad_rating if i < bad else str(1 + i % 5)
        lines.append(f"r{i},{day},Text {i},{stars}")
    return {"reviews.csv": "\n".join(lines) + "\n"}


def test_a_few_ratings_and_days_in_words_are_set_aside_and_listed(tmp_path):
    got = taken(tmp_path, rows("five", "last week", 3), table="reviews", columns=COLUMNS)

    assert sum(got.left_out("reviews").values()) == 3
    assert len(got.rows("reviews")) == 97


def test_many_ratings_in_words_refuse_the_client(tmp_path):
    with pytest.raises(DataRefused):
        taken(tmp_path, rows("five", "2024-03-01", 30), table="reviews", columns=COLUMNS)
