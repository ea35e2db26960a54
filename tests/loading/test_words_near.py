import pytest

from shared.loading.words_near import did_you_mean, near, quote


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("curency", "currency"),
        ("currnecy", "currency"),
        ("Currency", "currency"),
        ("localle", "locale"),
        ("nmae", "name"),
        ("name", "name"),
    ],
)
def test_a_word_within_two_letters_is_found(word, meant):
    assert near(word, ["currency", "locale", "name"]) == meant


@pytest.mark.parametrize("word", ["", "x", "cur", "turnover", "nam e s"])
def test_a_word_further_off_is_not_found(word):
    assert near(word, ["currency", "locale", "name"]) is None


def test_short_words_may_differ_in_one_letter_only():
    assert near("EUT", ["USD", "EUR"]) == "EUR"
    assert near("ETT", ["USD", "EUR"]) is None


def test_the_nearest_choice_wins_and_of_equals_the_first():
    assert near("orders", ["order", "orders_", "borders"]) == "order"
    assert near("rules", ["roles", "rules"]) == "rules"


def test_the_end_of_a_message_is_empty_when_nothing_is_near():
    assert did_you_mean("timzone", ["timezone"]) == "; did you mean timezone?"
    assert did_you_mean("turnover", ["timezone"]) == ""


def test_a_quoted_text_stays_on_one_line_and_never_shows_a_password():
    assert quote("a\nb\x1b[2J") == '"a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[2J"'
    assert quote("x" * 200).endswith('…"')
    assert len(quote("x" * 200)) == 62
    assert "hidden" not in quote("postgres://ana:" + "hidden" * 20 + "@db/sales")
