import pandas as pd
import pytest
from simplemma import langdetect

from shared.analysis import voice_language
from shared.analysis.voice_language import (
    detect_languages,
    language_code,
    lower_case,
    plain_text,
    text_keys,
    tokens_of,
)

SPOKEN = {
    "en": ["My parcel never arrived and nobody answers.", "Great product", "The fit is poor"],
    "tr": ["Kargo hiç gelmedi, kimse cevap vermiyor.", "Tadı güzel, teşekkürler."],
    "ru": ["Отличное качество, всем советую.", "Не советую"],
    "de": ["Tolle Qualität, immer wieder gern.", "Die Lieferung kam nicht pünktlich"],
    "fr": ["Très bon produit, je le recommande pour le prix."],
    "es": ["El paquete no llegó nunca y la tienda no contesta"],
}


@pytest.fixture(scope="module")
def detected():
    texts = [text for some in SPOKEN.values() for text in some]
    return dict(zip(texts, detect_languages(pd.Series(texts)), strict=True))


@pytest.mark.parametrize("language", SPOKEN)
def test_a_sentence_is_recognised_by_its_language(detected, language):
    assert [detected[text] for text in SPOKEN[language]] == [language] * len(SPOKEN[language])


def test_letters_of_no_known_script_and_made_up_words_are_unknown_and_marks_alone_are_none():
    found = detect_languages(pd.Series(["これは良い商品です", "xqzt vbrk wlpf grmbl", "😀 !!", ""]))

    assert list(found) == ["unknown", "unknown", "", ""]


def test_dotted_and_dotless_i_are_lowered_as_turkish_does_it():
    assert {lower_case(word, "tr") for word in ("iade", "İade", "İADE")} == {"iade"}
    assert lower_case("IRMAK", "tr") == "ırmak"
    assert lower_case("IRON", "en") == "iron"
    assert lower_case("İade", "en") == "iade"


def test_html_is_stripped_and_curly_apostrophes_are_straight():
    assert plain_text("<p>It isn’t&nbsp;<b>great</b></p>") == "It isn't great ."
    assert plain_text("<script>alert(1)</script>fine<br/>now") == "fine. now"
    assert plain_text("2 < 3 and 5 > 4") == "2 < 3 and 5 > 4"
    assert plain_text(None) == plain_text(float("nan")) == ""


def test_plain_text_of_plain_text_is_the_same():
    once = plain_text("<i>It’s</i> late &amp; <b>broken</b> 👍🏽")

    assert plain_text(once) == once


def test_copies_are_one_over_case_markup_and_marks():
    keys = text_keys(
        pd.Series(["The box was open and wet", "<b>the box was OPEN, and wet!</b>", "Great"])
    )

    assert list(keys.duplicated()) == [False, True, False]


@pytest.mark.parametrize(
    ("given", "code"),
    [("EN-gb", "en"), ("tr_TR", "tr"), ("Deutsch", "de"), ("", ""), (None, ""), (" ru ", "ru")],
)
def test_what_a_client_writes_as_language_becomes_two_letters(given, code):
    assert language_code(given) == code


def test_the_words_of_a_text_joined_again_are_the_text_in_any_language():
    text = "It isn't bad, is it? 😀 Nö."

    assert "".join(next(tokens_of([text], "en"))) == text
    assert "".join(next(tokens_of([text], "zz"))) == text


def test_words_are_counted_as_simplemma_counts_them():
    texts = ["der tee ist sehr gut und schnell da", "çok güzel ürün", "house", "tea tee çay", "12"]

    for choice in (("de", "en", "tr"), ("en",)):
        for text in texts:
            assert voice_language._known_words(text, choice) == dict(langdetect(text, lang=choice))
