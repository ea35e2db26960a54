"""A sentence is a template and values: written once, never read again as anything else."""

import pytest

from shared.analysis.intervals import wilson
from shared.plots.locales import Wording
from shared.report.sentences import Sentence, plain, write

UK = Wording("en_GB", "EUR")
HOSTILE = ["<script>alert(1)</script>", "$x$", "{{b}}", "{share}", "**md**", "a & b", '"q"']


def test_values_are_written_by_type_unit_and_spec():
    said = write(
        "{share} of {n} spend {money:money} in {days:days}.",
        {"share": wilson(1500, 4338), "n": 4338, "money": 1200.0, "days": 52},
        UK,
    )
    assert said == "35% of 4,338 spend €1,200 in 52 days."


def test_template_and_values_stay_with_the_sentence():
    said = write("{n} come.", {"n": 3}, UK)

    assert isinstance(said, Sentence)
    assert (said.template, dict(said.values)) == ("{n} come.", {"n": 3})
    assert said.estimate is None


def test_the_interval_is_that_of_the_estimate_that_is_said():
    values = {"unsaid": wilson(1, 10), "share": wilson(1500, 4338)}

    assert write("{share} come.", values, UK).estimate == values["share"]
    assert write("Many come.", values, UK).estimate == values["unsaid"]


def test_the_same_template_reads_differently_in_another_locale():
    values = {"share": wilson(1500, 4338), "n": 4338}
    assert write("{share} of {n}", values, Wording("tr", "TRY")) == "%35 of 4.338"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_from_data_appears_letter_for_letter_and_never_as_markup(name):
    said = write("Write to {name}.", {"name": name}, UK)

    assert said == f"Write to {name}."
    assert "<script" not in said.markup()
    assert said.markup().count("<") == 2


def test_a_word_goes_with_its_number():
    for n, want in ((1, "1 customer"), (2, "2 customers")):
        assert write("{n} {n:customer|customers}", {"n": n}, UK) == want


def test_what_is_not_known_is_said_so():
    assert write("{share} return.", {"share": wilson(0, 0)}, UK) == "not known return."


@pytest.mark.parametrize("template", ["{missing}", "{0}", "{}", "{n.real}", "{n!r}"])
def test_a_field_without_a_value_of_that_name_is_refused(template):
    with pytest.raises(ValueError, match="template"):
        write(template, {"n": 1}, UK)


def test_a_ready_made_sentence_is_no_template():
    with pytest.raises(ValueError, match="already written"):
        write(write("{n}", {"n": 1}, UK), {}, UK)


def test_fixed_words_pass_as_a_sentence():
    assert plain("Look").markup() == "Look"
    said = write("{n}", {"n": 1}, UK)
    assert plain(said) is said


def test_the_unit_of_a_product_stays_on_the_line_of_its_number():
    said = write("{a} sells, 2 of 5 m", {"a": "Tea 250 g & Oat 1 l"}, Wording())

    assert "Tea 250\u00a0g &amp; Oat 1\u00a0l" in said.markup()
    assert "2 of 5 m" in said.markup()
    assert str(said) == "Tea 250 g & Oat 1 l sells, 2 of 5 m"
