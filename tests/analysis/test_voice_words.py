"""Words: log-odds by hand, names kept out, nothing where nothing is, and the cloud's order."""

import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW

from shared.analysis.voice_taxonomy import load_taxonomy
from shared.analysis.voice_words import (
    cloud_words,
    found_terms,
    name_words,
    proper_names,
    word_counts,
)

VOCABULARY = [f"{a}{b}" for a in ("bako", "delu", "fimo", "gura", "hesti") for b in "abcdefgh"]


@pytest.fixture(scope="module")
def taxonomy():
    return load_taxonomy()


def counted(texts, taxonomy, *, names=()):
    """Count the words of (text, score), each a text of one part."""
    frame = pd.DataFrame(texts, columns=["text", "score"])
    frame = frame.assign(
        review_id=[f"r{i}" for i in range(len(frame))],
        language="en",
        sentiment=np.sign(frame["score"]).astype(int),
    )
    mentions = pd.DataFrame(
        {"review_id": frame["review_id"], "department": "logistics", "feeling": frame["sentiment"]}
    )
    clauses = frame[["review_id", "text", "score"]]
    return word_counts(frame, clauses, mentions, taxonomy, names=set(names))


def test_counts_odds_and_order_by_hand(taxonomy):
    got = counted(
        [("parcel parcel lid", -0.5)] * 4 + [("parcel lid", 0.5)] * 6 + [("lid", -0.5)] * 2,
        taxonomy,
    ).set_index("term")

    assert got.index.tolist() == ["lid", "parcel"]
    assert got.loc["parcel", ["complaints", "praise", "texts"]].tolist() == [4, 6, 10]
    assert got.loc["lid", ["complaints", "praise", "texts"]].tolist() == [6, 6, 12]
    prior = 0.1 * 12 * 10 / 12
    below, above = (4 + prior) / (6 + 1.2 - 4 - prior), (6 + prior) / (6 + 1.2 - 6 - prior)
    assert got.loc["parcel", "log_odds"] == pytest.approx(np.log(below / above))


def test_a_word_that_only_complaints_hold_marks_them_and_goes_to_its_department(taxonomy):
    got = counted([("parcel soggy", -0.5)] * 30 + [("parcel", 0.5)] * 30, taxonomy)
    by_term = got.set_index("term")

    assert by_term.loc["soggy", "marks"] == "complaints"
    assert by_term.loc["soggy", "department"] == "logistics"
    assert not by_term.loc["soggy", "in_taxonomy"]
    assert by_term.loc["parcel", "marks"] == ""
    assert found_terms(got)["term"].tolist() == ["soggy"]


def test_names_of_people_and_brands_are_no_words_of_complaint(taxonomy):
    texts = [("Then Siobhan and the Harbour mug let the parcel down", -0.5)] * 9

    got = counted(texts, taxonomy, names=name_words(["Harbour & Pine"], taxonomy))

    assert {"siobhan", "harbour", "pine"}.isdisjoint(got["term"])
    assert "parcel" in set(got["term"])


def test_a_product_called_after_a_topic_keeps_that_word(taxonomy):
    assert name_words(["Price & Parcel Skerry"], taxonomy) == {"skerry"}


def test_a_capital_at_the_start_of_a_sentence_is_no_name_and_german_nouns_are_none():
    texts = pd.DataFrame(
        {"text": ["Parcel late. Parcel lost!", "Das Paket war nass"], "language": ["en", "de"]}
    )

    assert proper_names(texts) == set()


def test_the_cloud_has_at_most_fifty_words_most_frequent_first_and_no_mere_feeling(taxonomy):
    texts = [(" ".join(VOCABULARY[: 1 + i % 40]) + " xyloa xylob xyloc xylod awful", -0.5)
             for i in range(200)]  # fmt: skip
    more = [(f"qua{a}{b}", -0.5) for a in "abcde" for b in "fghij"] * 3
    cloud = cloud_words(counted(texts + more, taxonomy), polar={"awful"})

    assert len(cloud) == 50
    assert cloud["complaints"].is_monotonic_decreasing
    assert "awful" not in set(cloud["term"])


@pytest.mark.slow
def test_words_strewn_at_random_mark_nothing_in_at_least_95_of_100_draws(taxonomy):
    wrong = 0
    for seed in range(DRAWS):
        rng = np.random.default_rng([9, seed])
        texts = [
            (" ".join(rng.choice(VOCABULARY, 6, replace=False)), float(rng.choice([-0.5, 0.5])))
            for _ in range(200)
        ]
        wrong += counted(texts, taxonomy)["marks"].isin(["complaints", "praise"]).any()

    assert wrong <= FEW
