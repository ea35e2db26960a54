from datetime import date

import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from planted_segments import UNTIL, planted_shop, steady_base

from shared.analysis.abc_xyz import Cuts
from shared.analysis.movement_study import study_movement
from shared.analysis.portfolio import LEAST_BUYERS
from shared.analysis.rfm_scores import ELEVEN
from shared.analysis.segment_history import history_table, segment_history
from shared.analysis.study_parts import known
from shared.loading.errors import NotSupportedByData

TABLES = {"history", "transitions", "drift", "steady_state", "profile_history"}


def studied(lines, *, snapshot_date=UNTIL, periods=3):
    return study_movement(
        lines, {}, snapshot_date=snapshot_date, period="M", periods=periods, scoring=ELEVEN
    )


@pytest.fixture(scope="module")
def base():
    lines = steady_base(4, customers=300, weeks=60)
    return lines.mutate(product_id=lines.order_id, quantity=1.0).cache()


def test_the_past_is_that_of_its_own_module_and_all_its_tables_are_left(base):
    got = studied(base, snapshot_date=date(2024, 2, 1))

    past = segment_history(
        base, snapshot_date=date(2024, 2, 1), period="M", periods=3, scoring=ELEVEN
    )
    assert_frame_equal(known(got.table), history_table(past))
    assert known(got.past).ends == past.ends
    assert set(got.tables()) <= TABLES
    assert {"history", "transitions", "drift", "profile_history"} <= set(got.tables())


def test_the_profiles_are_those_of_the_first_and_the_last_end_shown(base):
    got = studied(base, snapshot_date=date(2024, 2, 20))

    both, ends = known(got.both), known(got.past).ends
    assert (both.then, both.now) == (ends[0], ends[-1]) == (date(2023, 11, 1), date(2024, 2, 1))
    for end in (both.then, both.now):
        frequency = both.at(end)["frequency"]
        want = known(got.past).at(end)["frequency"].reindex(frequency.index)
        assert frequency.astype(int).tolist() == want.astype(int).tolist()


def test_the_marks_of_the_classes_hold_for_every_end(base):
    few = study_movement(
        base, {}, snapshot_date=date(2024, 2, 1), period="M", periods=3, scoring=ELEVEN,
        cuts=Cuts(0.3, 0.6),
    )  # fmt: skip
    usual = studied(base, snapshot_date=date(2024, 2, 1))

    for end in known(few.past).ends:
        counts = [known(s.past).at(end)["abc_class"].eq("A").sum() for s in (few, usual)]
        assert 0 < counts[0] < counts[1]
    last = known(few.past).at(known(few.past).ends[-1])["abc_class"]
    profile = known(few.both).at(known(few.both).now)["abc_class"]
    assert profile.astype(str).to_dict() == last.astype(str).to_dict()


def test_a_part_that_cannot_be_told_costs_no_other():
    seldom = planted_shop(3, rates=np.full(LEAST_BUYERS + 20, 0.4))

    got = studied(seldom.mutate(product_id=seldom.order_id, quantity=1.0))

    assert isinstance(got.steady, NotSupportedByData)
    assert "steady_state" not in got.tables()
    assert {"history", "transitions"} <= set(got.tables())


def test_without_order_lines_every_part_holds_the_same_reason():
    refused = NotSupportedByData("the client supplied no order lines", "order lines")

    got = studied(refused)

    assert set(vars(got).values()) == {refused}
    assert got.tables() == {}
