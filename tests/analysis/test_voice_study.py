"""The voice study as a whole: gates, parts that refuse, quotes, the placebo, and every sentence."""

from datetime import date

import ibis
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from shared.analysis.intervals import Estimate
from shared.analysis.voice_actions import voice_actions
from shared.analysis.voice_answers_quality import checked, trust, trust_topics
from shared.analysis.voice_caveats import voice_caveats
from shared.analysis.voice_exhibits import department_rows, not_small, shown_rows
from shared.analysis.voice_headlines import headlines
from shared.analysis.voice_placebo import shuffled_voice
from shared.analysis.voice_results import voice_metrics, voice_tables
from shared.analysis.voice_study import study_voice
from shared.analysis.voice_verbatims import verbatims
from shared.analysis.voice_wishes import wishes
from shared.loading.errors import NotSupportedByData

SNAPSHOT = date(2025, 1, 1)
SENTENCES = (
    ("The parcel never arrived and nobody answers.", 1),
    ("Far too expensive now, the price went up again.", 2),
    ("The lid leaks everywhere, awful quality.", 1),
    ("Wonderful aroma, I love it.", 5),
    ("Great taste, the best I have had. Please offer a subscription.", 5),
    ("Fast delivery and well packed, thank you.", 4),
    ("It is as described.", 3),
)


def reviews(n: int = 140, **columns) -> pd.DataFrame:
    rows = [
        (f"R{i:04d}", SENTENCES[i % 7][0] + f" Lot {i}.", SENTENCES[i % 7][1], "en")
        for i in range(n)
    ]
    frame = pd.DataFrame(rows, columns=["review_id", "text", "rating", "language"])
    return frame.assign(rating=frame["rating"].astype(float), **columns)


def study(frame: pd.DataFrame, **options):
    return study_voice(ibis.memtable(frame), tables={}, snapshot_date=SNAPSHOT, **options)


@pytest.fixture(scope="module")
def told():
    return study(reviews(), quotes=True)


def test_every_topic_department_and_wish_of_seven_sentences_is_counted_exactly(told):
    topics = told.topics.set_index("topic")

    assert topics.loc["delivery", ["complaints", "praise"]].tolist() == [20, 20]
    assert topics.loc["price and value", "complaints"] == 20
    assert topics.loc["quality and faults", "complaints"] == 20
    assert topics.loc["taste and freshness", "praise"] == 40
    owners = told.departments.set_index("department")["complaints"]
    assert owners[["logistics", "pricing", "production"]].tolist() == [20, 20, 20]
    assert told.wishes[["wish", "texts"]].to_numpy().tolist() == [["subscription", 20]]


def test_levels_and_texts_sum_to_n_and_urgent_complaints_are_counted(told):
    metrics = voice_metrics(told)

    assert told.levels["texts"].sum() == told.n == metrics["scored"] == metrics["reviews"] == 140
    assert metrics["negative_share"] == pytest.approx(60 / 140)
    assert {"sentiment", "topics", "departments", "words", "incidents", "launch", "quality",
            "verbatims"} <= set(voice_tables(told))  # fmt: skip


def test_without_dates_customers_and_products_their_parts_refuse_in_words(told):
    reasons = [told.incidents, told.event, told.launch, told.repeat]

    assert all(isinstance(reason, NotSupportedByData) for reason in reasons)
    assert "not dated" in told.incidents.reason
    assert voice_tables(told)["launch"].columns.tolist() == ["not_supported"]
    assert len(headlines(told)) >= 3


def test_every_headline_has_an_estimate_with_n_and_what_it_counts(told):
    for _name, answer in headlines(told):
        first = next(v for v in answer.values.values() if isinstance(v, Estimate))
        assert first.n > 0
        assert first.of


def test_the_next_topic_is_named_where_it_is_not_settled_that_it_has_fewer_texts(told):
    dear = reviews(60).assign(text=SENTENCES[1][0], rating=2.0)
    dear["review_id"] = "D" + dear["review_id"]
    clear = study(pd.concat([reviews(), dear], ignore_index=True))

    level, ahead = (dict(headlines(one))["complained"] for one in (told, clear))

    assert "may be as bad" in level.template
    assert level.values["too_share"] == pytest.approx(20 / 140)
    assert ahead.values["worst"] == "price and value"
    assert "may be as bad" not in ahead.template


def test_at_most_five_actions_name_a_segment_and_its_size(told):
    acts = voice_actions(told)

    assert 1 <= len(acts) <= 5
    assert all(act.segment and act.size > 0 for act in acts)


def test_the_exported_sentiment_holds_no_word_of_a_text(told):
    exported = voice_tables(told)["sentiment"].astype(str).to_csv()

    assert "nobody answers" not in exported


def test_quotes_are_off_by_default_and_redacted_when_on(told):
    off = verbatims(told.scored, told.mentions)
    mail = told.scored.assign(text=told.scored["text"] + " Write to ana.lee@example.com")
    on = verbatims(mail, told.mentions, quotes=True)

    assert (off["quote"] == "").all()
    assert len(off)
    assert on["quote"].str.len().min() > 0
    assert not on["quote"].str.contains("ana.lee").any()
    assert told.verbatims["review_id"].isin(told.scored["review_id"]).all()


def test_row_order_and_ids_of_reviews_change_no_figure(told):
    shuffled = reviews().sample(frac=1, random_state=3)

    other = study(shuffled, quotes=True)

    assert_frame_equal(told.topics, other.topics)
    assert_frame_equal(told.words, other.words)
    assert_frame_equal(told.wishes, other.wishes)


def test_the_placebo_says_so_and_no_word_marks_complaints():
    dealt = study(reviews(280), placebo=True)

    assert any("placebo" in limit.template for limit in voice_caveats(dealt))
    assert voice_metrics(dealt)["marking_words"] == 0


def test_the_placebo_moves_feelings_and_days_and_keeps_what_was_written(told):
    dealt = shuffled_voice(told.scored)

    assert sorted(dealt["sentiment"]) == sorted(told.scored["sentiment"])
    assert (dealt["text"] == told.scored["text"]).all()
    assert (dealt["sentiment"] != told.scored["sentiment"]).any()


def test_wishes_count_once_under_the_word_that_covers_most():
    rows = [
        ("a", "Please sell refill packs."),
        ("b", "A refill would be great."),
        ("c", "I wish you had a refill of decaf."),
        ("d", "Decaf please."),
        ("f", "I want a refill"),
        ("g", "Please sort this out!"),
    ]
    texts = pd.DataFrame(rows, columns=["review_id", "text"]).assign(language="en")  # fmt: skip

    got = wishes(texts)

    assert got["wish"].tolist() == ["refill"]
    assert got["texts"].tolist() == [3]
    assert wishes(texts[texts["review_id"] == "g"]).empty


def test_without_stars_the_error_is_said_to_be_unknown_and_a_sample_to_label_is_drawn():
    told = study(reviews(60).drop(columns="rating"))

    assert isinstance(told.quality, NotSupportedByData)
    assert any("no stars" in reason.template for reason in told.verdict.reasons)
    assert len(voice_tables(told)["sample_to_label"]) == 60
    assert "text" not in voice_tables(told)["sample_to_label"].columns


def test_without_stars_a_language_without_a_lexicon_is_counted_and_gets_no_score():
    other = reviews(40).drop(columns="rating").assign(language="xx")
    other = other.assign(review_id="x" + other["review_id"], text="Foo " + other["text"])

    told = study(pd.concat([reviews(60).drop(columns="rating"), other]))

    assert told.n == 60
    assert told.unread == pytest.approx(0.4)
    assert any("not read" in reason.template for reason in told.verdict.reasons)
    assert any("no sentiment" in limit.template for limit in voice_caveats(told))


def test_quotes_keep_the_words_of_products_and_follow_the_language_of_the_text():
    said = (
        "Die Lieferung von Sabine Krüger war schrecklich spät",
        "I hate the Skerry lid, Ottoline",
    )
    frame = reviews(60)
    frame.loc[[0, 1], "text"], frame.loc[[0, 1], "language"] = said, ["de", "en"]

    got = study(frame, quotes=True, brand_words="Skerry")
    scored = got.scored[got.scored["review_id"].isin(["R0000", "R0001"])]
    own = verbatims(scored, got.mentions, quotes=True, keep=tuple(got.names))
    shown = " | ".join(own["quote"])

    assert "skerry" in got.names
    assert "Lieferung" in shown
    assert "Skerry" in shown
    assert not any(name in shown for name in ("Sabine", "Krüger", "Ottoline"))


def test_a_sign_no_better_than_all_positive_is_said_in_the_verdict_and_beside_the_claims(told):
    rows = reviews(140)
    rows["rating"] = [5.0 if i % 10 else 1.0 for i in range(140)]

    weak = study(rows)

    assert weak.is_no_better
    assert not told.is_no_better
    assert any("called positive" in reason.template for reason in weak.verdict.reasons)
    assert "no better than calling every text positive" in checked(weak).template
    assert "no better" in trust(weak).template
    assert "no better" not in trust(told).template


def test_complaints_about_topics_are_checked_by_the_stars_of_their_texts(told):
    values = trust_topics(told).values

    assert values["low"] == pytest.approx(1.0)
    assert values["high"] == pytest.approx(0.0)
    assert "not known" in trust_topics(study(reviews(60).drop(columns="rating"))).template


def test_what_fewer_than_ten_texts_say_stands_in_the_file_only(told):
    table = pd.DataFrame({"topic": list("abc"), "complaints": [12, 9, 0]})

    assert not_small(table)["topic"].tolist() == ["a"]
    assert not_small(table.tail(2))["topic"].tolist() == ["b"]
    rows = department_rows(told)
    assert len(rows) == len(told.departments)
    assert shown_rows(rows) == int((told.departments["complaints"] >= 10).sum()) < len(rows)


def test_wishes_are_of_the_shop_and_say_what_is_wanted_more_of():
    asked = ["I wish it came in more colors!", "More colors please.", "Please sell more colors",
             "I love the color but wish it were longer"]  # fmt: skip
    idle = ["I wish I had ordered a small in this color", "It was on my wish list in each color",
            "Please note the color", "The color would be great with jeans",
            "You will need a slip under this color", "I should have sized down, color is fine",
            "It is bigger than I would like, any color"]  # fmt: skip
    texts = pd.DataFrame({"text": asked + idle, "language": "en"})
    texts = texts.assign(review_id=[f"t{i}" for i in texts.index])

    got = wishes(texts)

    assert got[["wish", "texts", "share"]].to_numpy().tolist() == [["more colors", 4, 1.0]]
