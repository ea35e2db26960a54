"""Topics, departments and the taxonomy: parts of a text, Turkish letters, a client's own file."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from shared.analysis.intervals import wilson
from shared.analysis.voice_departments import department_table
from shared.analysis.voice_taxonomy import load_taxonomy
from shared.analysis.voice_topics import complaints_of, topic_mentions, topic_table
from shared.analysis.voice_topics_words import content_words, folded, lemma, tokens
from shared.loading.errors import ConfigError


def scored(*rows):
    """Make scored texts of (id, text, language, score, sentiment)."""
    frame = pd.DataFrame(rows, columns=["review_id", "text", "language", "score", "sentiment"])
    return frame.astype({"sentiment": "Int8"})


def parts(*rows):
    return pd.DataFrame(rows, columns=["review_id", "text", "score"])


@pytest.fixture(scope="module")
def taxonomy():
    return load_taxonomy()


def test_one_text_praises_the_coffee_and_complains_of_the_parcel(taxonomy):
    texts = scored(("a", "Great taste but the parcel was late", "en", 0.0, 0))
    clauses = parts(("a", "Great taste", 0.8), ("a", "but the parcel was late", -0.7))

    got = topic_mentions(texts, clauses, taxonomy).set_index("topic")

    assert got["feeling"].to_dict() == {"taste and freshness": 1, "delivery": -1}
    assert got["department"].to_dict() == {
        "taste and freshness": "production",
        "delivery": "logistics",
    }


def test_a_part_without_feeling_takes_the_texts_own_where_it_is_the_only_topic(taxonomy):
    texts = scored(
        ("a", "My parcel. Never again.", "en", -0.8, -2),
        ("b", "My parcel. The price. Never again.", "en", -0.8, -2),
    )
    clauses = parts(
        ("a", "My parcel.", 0.0), ("a", "Never again.", -0.8),
        ("b", "My parcel.", 0.0), ("b", "The price.", 0.0), ("b", "Never again.", -0.8),
    )  # fmt: skip

    got = topic_mentions(texts, clauses, taxonomy)

    assert got.set_index(["review_id", "topic"])["feeling"].to_dict() == {
        ("a", "delivery"): -1, ("b", "delivery"): 0, ("b", "price and value"): 0,
    }  # fmt: skip


def test_texts_without_a_sentiment_have_no_topic_and_texts_without_parts_are_one(taxonomy):
    texts = scored(
        ("a", "My parcel", "en", float("nan"), pd.NA), ("b", "Late parcel", "en", -0.5, -2)
    )

    got = topic_mentions(texts, parts(), taxonomy)

    assert got[["review_id", "feeling"]].to_numpy().tolist() == [["b", -1]]


def test_counts_and_shares_by_hand():
    mentions = pd.DataFrame(
        [("a", "delivery", -1), ("b", "delivery", -1), ("c", "delivery", 1), ("c", "price", -1)],
        columns=["review_id", "topic", "feeling"],
    ).assign(polarity=0.0, department="d", term="t")

    got = topic_table(mentions, texts=10).set_index("topic")

    assert got.loc["delivery", ["texts", "complaints", "praise"]].tolist() == [3, 2, 1]
    want = wilson(2, 10)
    assert got.loc["delivery", ["complaint_share", "low", "high"]].tolist() == pytest.approx(
        [want.value, want.low, want.high]
    )
    assert len(complaints_of(mentions)) == 3


def test_departments_own_complaints_once_per_text_and_silent_ones_are_listed(taxonomy):
    texts = scored(("a", "x", "en", -0.9, -2), ("b", "y", "en", -0.3, -1))
    mentions = pd.DataFrame(
        [("a", "delivery", "logistics", "parcel", -0.9, -1),
         ("a", "packaging and damage", "logistics", "box", -0.9, -1),
         ("b", "price and value", "pricing", "price", -0.3, -1)],
        columns=["review_id", "topic", "department", "term", "polarity", "feeling"],
    )  # fmt: skip

    got = department_table(mentions, texts, topics=taxonomy.departments).set_index("department")

    assert got.loc["logistics", ["complaints", "urgent"]].tolist() == [1, 1]
    assert got.loc["pricing", ["complaints", "urgent"]].tolist() == [1, 0]
    assert got.loc["logistics", "share_of_complaints"] == pytest.approx(0.5)
    assert got.loc["website", "complaints"] == 0
    assert set(taxonomy.departments.values()) == set(got.index)


def test_row_order_changes_no_table(taxonomy):
    texts = scored(
        *[(f"r{i}", "The parcel was late, fair price", "en", -0.5, -1) for i in range(9)]
    )

    one = topic_table(topic_mentions(texts, parts(), taxonomy), texts=9)
    other = topic_table(topic_mentions(texts[::-1], parts(), taxonomy), texts=9)

    assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("text", "language", "topic"),
    [
        ("The courier left it in the rain", "en", "delivery"),
        ("Nobody answers the phone", "en", "customer service"),
        ("It has gone off", "en", "taste and freshness"),
        ("It broke after two days", "en", "quality and faults"),
        ("Die Lieferung war zu spät", "de", "delivery"),
        ("Viel zu teuer", "de", "price and value"),
        ("Kargo hiç gelmedi", "tr", "delivery"),
        ("FİYATI ÇOK YÜKSEK", "tr", "price and value"),
        ("ILIK geldi, tadı kötü", "tr", "taste and freshness"),
        ("Доставка опоздала", "ru", "delivery"),
        ("Очень дорого", "ru", "price and value"),
    ],
)
def test_the_same_topic_is_found_in_four_languages(taxonomy, text, language, topic):
    assert topic in taxonomy.topics_in(text, language)


def test_every_topic_has_words_in_every_language_and_one_department(taxonomy):
    topics = set(taxonomy.departments)

    for language in ("en", "de", "tr", "ru"):
        own = taxonomy.table[taxonomy.table["language"] == language]
        assert set(own["topic"]) == topics
    assert {"logistics", "production", "pricing", "after-sales", "website"} <= set(
        taxonomy.departments.values()
    )


def test_turkish_dotted_and_dotless_i_are_two_letters_and_no_word_counts_twice():
    assert folded("İADE", "tr") == folded("iade", "tr") == "iade"
    assert folded("ILIK", "tr") == "ılık"
    assert folded("IT IS", "en") == "it is"
    assert tokens("İade İADE iade", "tr") == ["iade"] * 3


def test_words_are_brought_to_their_dictionary_form_and_stop_words_dropped():
    assert [lemma(word, "en") for word in ("parcels", "arrived", "gone")] == [
        "parcel",
        "arrive",
        "go",
    ]
    assert content_words("The parcels were NOT here 😀 12!", "en") == ["parcel"]


def test_an_unknown_language_has_no_topic_and_is_no_error(taxonomy):
    assert taxonomy.topics_in("包裹没有到", "zh") == {}
    assert content_words("包裹没有到", "zz") == ["包裹没有到"]


def test_a_client_may_bring_its_own_taxonomy(tmp_path):
    file = tmp_path / "topics.csv"
    file.write_text("topic,department,language,terms\nroast,roastery,en,burnt bean; char*\n")

    own = load_taxonomy(file)

    assert own.topics_in("The taste of a burnt bean", "en") == {"roast": "burnt bean"}
    assert set(own.topics_in("All charred", "en")) == {"roast"}
    assert own.topics_in("A fine bean", "en") == {}
    assert own.departments == {"roast": "roastery"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "E-PARA-51"),
        ("topic,language,terms\na,en,b\n", "E-PARA-52"),
        ("topic,department,language,terms\na,x,en,b\na,y,de,c\n", "E-PARA-53"),
    ],
)
def test_a_taxonomy_that_cannot_be_used_is_refused_by_name(tmp_path, content, code):
    file = tmp_path / "own.csv"
    if content:
        file.write_text(content)

    with pytest.raises(ConfigError, match=code):
        load_taxonomy(file)
