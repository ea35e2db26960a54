import numpy as np
import pytest
from planted_segments import CUTOFF, UNTIL, planted_shop

from shared.analysis import history_columns as heads
from shared.analysis.segment_boundary import segment_boundary
from shared.analysis.segment_history import history_table, segment_history
from shared.analysis.segment_holdout import segment_holdout
from shared.analysis.segment_transitions import transition_matrix, transitions
from shared.plots.locales import SPECS


@pytest.fixture(scope="module")
def tables():
    shop = planted_shop(6, rates=np.random.default_rng(6).gamma(1, 8, 1500)).cache()
    past = segment_history(shop, snapshot_date=UNTIL, period="M", periods=4)
    shares = transition_matrix(transitions(past))
    proof = segment_holdout(shop, cutoff=CUTOFF, until=UNTIL).table
    return [
        (history_table(past), heads.history_columns("revenue")),
        (shares.reset_index(), heads.transition_columns(shares)),
        (proof, heads.holdout_columns()),
        (proof, heads.risk_columns("revenue")),
        (segment_boundary(shop, snapshot_date=UNTIL).table, heads.boundary_columns()),
    ]


def test_every_head_names_a_column_that_is_there_and_a_way_to_write_it(tables):
    for table, columns in tables:
        assert set(columns) <= set(table.columns)
        assert {spec for _label, spec in columns.values()} <= set(SPECS)


def test_all_segments_of_a_matrix_have_a_head(tables):
    table, columns = tables[1]

    assert list(columns) == list(table.columns)
