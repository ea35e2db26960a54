import csv
import subprocess
import sys
from importlib.resources import files

import pytest

from shared.analysis.voice_lexicon import (
    OWN_LANGUAGES,
    ROLES,
    build_lexicon,
    english_words,
    own_lexicon,
    polarity_words,
    read_client_lexicon,
)
from shared.loading.errors import ConfigError


@pytest.mark.parametrize("name", [*OWN_LANGUAGES, "emoji"])
def test_every_row_of_our_own_lists_has_a_weight_from_minus_one_to_one_or_a_role(name):
    text = (files("shared.analysis") / "lexicons" / f"{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))

    assert len(rows) > 100
    for row in rows:
        if row["kind"] in ROLES:
            assert row["weight"] == ""
        else:
            assert -1 <= float(row["weight"]) <= 1
            assert not row["kind"] or float(row["weight"]) < 0
    told = [(row["term"], row["kind"] in ROLES, row["kind"] if row["kind"] in ROLES else "")
            for row in rows]  # fmt: skip
    assert len(set(told)) == len(told)


def test_english_words_are_the_mean_of_both_published_lists():
    words = english_words()

    assert words["great"] == pytest.approx((3.1 / 4 + 0.8 * 0.8) / 2)  # VADER 3.1, TextBlob .8
    assert words["disgustingly"] < 0  # TextBlob alone does not know it
    assert "first" not in words  # TextBlob's .25 is no mood


def test_the_words_of_textblob_are_those_its_own_code_reads():
    from textblob import TextBlob

    from shared.analysis.voice_lexicon import _textblob_words

    read = _textblob_words()
    for word in ("great", "terrible", "lovely", "boring"):
        assert read[word] == pytest.approx(TextBlob(word).sentiment.polarity, abs=0.01)


def test_neither_textblob_nor_nltk_is_imported_to_score():
    code = (
        "import sys, pandas as pd\n"
        "from shared.analysis.voice_sentiment import score_texts\n"
        "f = pd.DataFrame({'review_id': ['1'], 'text': ['great'], 'language': ['en']})\n"
        "assert score_texts(f, language='')['sentiment'][0] > 0\n"
        "print(sorted({'textblob', 'nltk', 'vaderSentiment'} & set(sys.modules)))\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_a_client_lexicon_is_read_with_comma_decimals_roles_and_turkish_case(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text('language,term,weight,kind\nfr,Génial,"0,8",\nfr,ne,,negator\n'
                    "TR-tr,İADE  OLMADI,-0.6,refund\n", encoding="utf-8-sig")  # fmt: skip

    assert read_client_lexicon(path) == {
        "fr": [("génial", 0.8, ""), ("ne", 0.0, "negator")],
        "tr": [("iade olmadı", -0.6, "refund")],
    }


@pytest.mark.parametrize(
    "content",
    ["term,weight\ngood,1\n", "language,term,weight\nen,good,3\n", "language,term,weight\nen,a,x\n",
     ""],
)  # fmt: skip
def test_a_client_lexicon_without_a_column_or_with_odd_weights_is_refused(tmp_path, content):
    path = tmp_path / "words.csv"
    path.write_text(content)

    with pytest.raises(ConfigError, match="E-PARA-54"):
        read_client_lexicon(path)


def test_a_lexicon_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"E-PARA-54 none\.csv"):
        read_client_lexicon(tmp_path / "none.csv")


def test_a_word_is_found_whole_then_by_its_longest_beginning_and_by_its_end():
    rows = [("bad", -0.5, ""), ("good*", 0.5, ""), ("goodbye*", -0.2, ""), ("*mez", 0, "negator")]
    lexicon = build_lexicon("xx", rows, {})

    assert lexicon.entry("bad").weight == -0.5
    assert lexicon.entry("badge") is None
    assert lexicon.entry("goods").weight == 0.5
    assert lexicon.entry("goodbyes").weight == -0.2
    assert lexicon.entry("olmez").roles == {"negator"}


def test_words_of_mood_hold_no_operational_complaint():
    assert {"terrible", "great"} <= polarity_words("en")
    assert not {"late", "broken", "missing"} & polarity_words("en")
    assert polarity_words("fr") == frozenset()


def test_the_memory_of_a_lexicon_changes_no_answer():
    lexicon = own_lexicon("en")

    assert lexicon.entry("awful") == lexicon.entry("awful")
    assert own_lexicon("en") is lexicon
    assert own_lexicon("fr") is None
