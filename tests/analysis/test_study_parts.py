import pandas as pd
import pytest

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.study_parts import frames, is_known, known, or_none, part, sayable
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

REFUSED = NotSupportedByData("3 customers", "at least 50 customers")


def refuse(*_data):
    raise REFUSED


def test_a_part_is_what_was_computed_or_the_reason_why_not():
    assert part(divmod, 7, 2) == (3, 1)
    assert part(sorted, [2, 1], reverse=True) == [2, 1]
    assert part(refuse, 1) is REFUSED


def test_a_reason_is_handed_on_and_nothing_is_computed_from_it():
    asked = []

    assert part(asked.append, REFUSED) is REFUSED
    assert asked == []


def test_another_mistake_is_no_reason():
    with pytest.raises(ZeroDivisionError):
        part(divmod, 1, 0)


def test_who_asks_for_a_part_gets_it_or_the_reason():
    assert (known(5), or_none(5), or_none(REFUSED)) == (5, 5, None)
    with pytest.raises(NotSupportedByData, match="3 customers"):
        known(REFUSED)


def test_only_tables_that_are_there_become_files():
    there = pd.DataFrame({"a": [1]})

    assert list(frames(there=there, missing=REFUSED)) == ["there"]


def test_a_sentence_is_known_by_the_figures_that_it_names_and_by_no_other():
    blank = Estimate(float("nan"), float("nan"), float("nan"), 5, "share")
    said = Reason("{n} customers, {share}", {"n": 3, "share": wilson(1, 3), "spend": float("nan")})
    unsaid = [Reason("{spend:money} each", said.values), Reason("{share} of all", {"share": blank})]

    assert is_known(said)
    assert sayable([*unsaid, said]) == [said]
    with pytest.raises(NotSupportedByData, match="not known"):
        sayable(unsaid)
