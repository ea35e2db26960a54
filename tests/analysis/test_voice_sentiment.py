import socket
import time

import numpy as np
import pandas as pd
import pytest
from golden_sentences import DEVELOPMENT, HELD_OUT, OTHER_DEVELOPMENT, OTHER_HELD_OUT
from pandas.testing import assert_frame_equal

from shared.analysis.voice_redaction import redact
from shared.analysis.voice_sentiment import score_clauses, score_texts
from shared.analysis.voice_sentiment_levels import CUTS, level_of, sentiment_levels, stars_of

SECTION = {
    "It isn't great.": -1,
    "My parcel never arrived and nobody answers.": -1,
    "Website is not working.": -1,
    "This isn't a bad idea.": 1,
    "Not bad at all.": 1,
    "It broke after two days.": -1,
}


def frame(texts, **columns):
    return pd.DataFrame(
        {"review_id": [f"R{i}" for i in range(len(texts))], "text": list(texts), **columns}
    )


def read(texts, language="en", **columns):
    return score_texts(frame(texts, **columns), language=language)


def right(sentences):
    """Tell of each golden sentence whether its sign is right; one call reads all languages."""
    given = frame([s.text for s in sentences], language=[s.language for s in sentences])
    scored = score_texts(given, language="")
    signs = np.sign(scored["sentiment"].astype("float64"))
    return pd.DataFrame({"kind": [s.kind for s in sentences], "sign": signs,
                         "right": signs == [s.sign for s in sentences]})  # fmt: skip


@pytest.fixture(scope="module", params=["development", "held out"])
def golden(request):
    return right(DEVELOPMENT if request.param == "development" else HELD_OUT)


def test_both_halves_have_sixty_sentences_and_none_in_common():
    assert min(len(DEVELOPMENT), len(HELD_OUT)) >= 60
    assert not {s.text for s in DEVELOPMENT} & {s.text for s in HELD_OUT}


def test_the_sign_is_right_in_85_percent_of_either_half(golden):
    assert golden["right"].mean() >= 0.85


def test_the_sign_is_right_in_90_percent_of_the_negations_of_either_half(golden):
    assert golden.loc[golden["kind"] == "negation", "right"].mean() >= 0.9


def test_an_operational_complaint_is_never_zero_in_either_half(golden):
    assert (golden.loc[golden["kind"] == "complaint", "sign"] == -1).all()


def test_held_out_figures_are_those_measured_when_the_rules_were_done():
    held = right(HELD_OUT)

    assert held["right"].sum() == 64
    assert held.loc[held["kind"] == "negation", "right"].sum() == 18


@pytest.mark.parametrize("sentences", [OTHER_DEVELOPMENT, OTHER_HELD_OUT])
def test_turkish_russian_and_german_sentences_have_the_right_sign(sentences):
    judged = right(sentences)

    assert judged["right"].mean() >= 0.85
    assert (judged.loc[judged["kind"] == "complaint", "sign"] == -1).all()


@pytest.mark.parametrize("text", SECTION)
def test_the_sentences_that_defeat_textblob_have_their_sign(text):
    assert np.sign(read([text])["sentiment"][0]) == SECTION[text]


@pytest.mark.parametrize(
    "text", ["It isn’t great.", "<p>It isn’t <b>great</b>.</p>", "IT ISN'T GREAT"]
)
def test_curly_apostrophes_markup_and_capitals_do_not_break_a_negation(text):
    assert read([text])["sentiment"][0] < 0


def test_a_negation_reaches_its_own_clause_only():
    scored = read(["It was not expensive, I love it.", "It was not late and the taste is great."])

    assert (scored["sentiment"] > 0).all()


def test_what_stands_after_but_weighs_more():
    scored = read(["Good shop but bad quality.", "Bad shop but good quality."])

    assert np.sign(scored["sentiment"]).tolist() == [-1, 1]


def test_a_denied_complaint_is_none_and_reads_as_praise():
    scored = read(["It never arrived late.", "Nothing was missing.", "It did not break.",
                   "There was no damage.", "No delay."])  # fmt: skip

    assert (scored["sentiment"] > 0).all()
    assert (scored["complaints"] == "").all()


def test_complaints_are_named_by_their_kind():
    scored = read(["It came a week late and the lid was missing.", "I love it."])

    assert scored["complaints"].tolist() == ["late; missing", ""]


def test_a_complaint_within_balanced_praise_is_not_neutral():
    scored = read(["The box was damaged. Good taste. Okay."])

    assert scored["complaints"][0] == "broken"
    assert scored["sentiment"][0] != 0


def test_empty_texts_are_blank_with_a_reason_one_word_and_emoji_are_read():
    scored = read(["", None, "   ", "<br>", "Great", "😡", "Ok", "12345"])

    assert scored["sentiment"][:3].isna().all()
    assert (scored["why_not"][:3] == "no word in it").all()
    assert scored["sentiment"][4] == 1
    assert scored["sentiment"][5] < 0
    assert scored["sentiment"][7] == 0


def test_unknown_languages_are_not_scored_but_counted_with_the_reason():
    texts = ["C'est très bien, je le recommande pour le prix."] * 30 + [
        "It is great and I love it"
    ] * 70
    scored = score_texts(frame(texts), language="auto")

    assert scored["sentiment"].isna().sum() == 30
    assert set(scored.loc[:29, "why_not"]) == {
        "no lexicon for the language, and no stars to learn from"
    }
    assert set(scored["language"]) == {"fr", "en"}
    assert (scored["method"][30:] == "word lists").all()


def test_a_client_lexicon_makes_a_language_readable_with_its_own_negation(tmp_path):
    path = tmp_path / "french.csv"
    path.write_text("language,term,weight,kind\nfr,bon*,0.5,\nfr,pas,,negator\n"
                    "fr,jamais .. arrivé,-0.7,not delivered\n", encoding="utf-8")  # fmt: skip
    given = frame(["Très bon.", "Pas bon.", "Le colis n'est jamais arrivé.", "Great"],
                  language=["fr", "fr", "fr", "en"])  # fmt: skip
    scored = score_texts(given, language="", lexicon=path)

    assert np.sign(scored["sentiment"]).tolist() == [1, -1, -1, 1]
    assert scored["complaints"][2] == "not delivered"


def test_a_client_word_overrules_our_own(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("language,term,weight\nen,sick,0.8\n", encoding="utf-8")

    assert score_texts(frame(["sick"]), language="en", lexicon=path)["sentiment"][0] == 2
    assert score_texts(frame(["sick"]), language="en")["sentiment"][0] < 0


def test_turkish_capitals_are_the_same_word():
    scored = read(["İADE PARAM YATMADI", "iade param yatmadı", "KIRIK GELDİ", "kırık geldi"], "tr")

    assert scored["score"][0] == scored["score"][1]
    assert scored["score"][2] == scored["score"][3] < 0


def test_one_or_two_words_that_tell_nothing_take_the_language_of_most_texts():
    texts = ["It is great and I love it"] * 5 + ["👍", "Blah", "xqzt vbrk wlpf grmbl qwrt"]
    scored = score_texts(frame(texts), language="")

    assert scored["language"][5:].tolist() == ["en", "en", "unknown"]
    assert scored["sentiment"][5] > 0
    assert scored["why_not"][7] == "language not recognised"


def test_order_and_ids_of_the_texts_change_nothing():
    texts = [s.text for s in DEVELOPMENT]
    one = read(texts)
    mixed = np.random.default_rng(0).permutation(len(texts))
    other = read([texts[place] for place in mixed])

    assert_frame_equal(
        other.drop(columns="review_id").set_index(mixed).sort_index(), one.drop(columns="review_id")
    )


def test_the_frame_given_is_left_as_it_was_and_its_index_kept():
    given = frame(["great", "awful"]).set_index(pd.Index([7, 3]))
    before = given.copy()
    scored = score_texts(given, language="en")

    assert_frame_equal(given, before)
    assert scored.index.tolist() == [7, 3]


def test_nothing_is_fetched(monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    assert read(["It is great", "Sehr gut, danke"], "")["sentiment"].gt(0).all()


@pytest.mark.parametrize("text", ["<" * 50_000, "😡" * 20_000, "a-" * 20_000, "no not " * 20_000])
def test_texts_without_end_are_read_within_seconds(text):
    started = time.process_time()
    redact(text)

    assert len(read([text])) == 1
    assert time.process_time() - started < 10


def test_no_text_gives_no_row():
    assert read([]).empty
    assert score_clauses(frame([]), language="en").empty


def test_levels_follow_the_published_cuts_and_a_score_on_a_cut_goes_outwards():
    assert CUTS == (-0.45, -0.1, 0.1, 0.45)
    scores = pd.Series([-1, -0.45, -0.44, -0.1, -0.09, 0, 0.09, 0.1, 0.44, 0.45, 1, np.nan])

    assert level_of(scores).tolist() == [-2, -2, -1, -1, 0, 0, 0, 1, 1, 2, 2, pd.NA]


def test_five_counts_sum_to_the_texts_scored_even_where_a_level_is_empty():
    scored = read(["great"] * 3 + ["awful", ""])
    levels = sentiment_levels(scored)

    assert levels["sentiment"].tolist() == [-2, -1, 0, 1, 2]
    assert levels["texts"].sum() == 4
    assert levels["share"].sum() == pytest.approx(1)
    nothing = sentiment_levels(scored.iloc[4:])
    assert nothing["texts"].sum() == 0
    assert nothing["share"].isna().all()


def test_longer_praise_never_scores_lower_than_none():
    scored = read(["Great. " * n for n in (1, 3, 10)])

    assert scored["score"].is_monotonic_increasing


def test_clauses_carry_their_own_mood_and_the_text_they_were_cut_from():
    clauses = score_clauses(
        frame(["The coffee is wonderful, but the parcel came late. I live in town."]), language="en"
    )

    assert clauses["text"].tolist() == [
        "The coffee is wonderful", "but the parcel came late", "I live in town"
    ]  # fmt: skip
    assert np.sign(clauses["sentiment"]).tolist() == [1, -1, 0]
    assert clauses["complaints"].tolist() == ["", "late", ""]


def test_a_hyphen_inside_of_a_word_parts_no_clause():
    assert read(["What a rip-off"])["sentiment"][0] < 0


@pytest.mark.parametrize(
    ("ratings", "stars"),
    [([1, 3, 5, None], [1, 3, 5, pd.NA]), ([0, 5, 10], [1, 3, 5]), ([1, 10], [1, 5]),
     ([0, 50, 100], [1, 3, 5]), ([1, 4, 7], [1, 3, 5]), ([-1, 5], [pd.NA, 5])],
)  # fmt: skip
def test_ratings_of_any_scale_become_five_stars(ratings, stars):
    assert stars_of(pd.Series(ratings, dtype="float64")).tolist() == stars
