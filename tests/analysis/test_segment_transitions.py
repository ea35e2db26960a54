from datetime import date
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from planted_segments import CUTOFF, UNTIL, lines_of, planted_shop

from shared.analysis.intervals import wilson
from shared.analysis.segment_history import History, segment_history
from shared.analysis.segment_transitions import (
    NOT_YET,
    POOLED,
    stationary,
    steady_state,
    transition_matrix,
    transitions,
)
from shared.analysis.segments import SEGMENTS as ELEVEN
from shared.loading.errors import NotSupportedByData

SEGMENTS = ("Gold", "Silver", "Lead")


def by_hand(*days, segments=SEGMENTS):
    """Make a history from the segment of each customer at each period end; None: not yet there."""
    ends = tuple(date(2024, month, 1) for month in range(1, len(days) + 1))
    parts = [
        pd.DataFrame(
            {
                "period_end": pd.Timestamp(end),
                "customer_id": [name for name, where in day.items() if where],
                "frequency": 2,
                "segment": [where for where in day.values() if where],
            }
        )
        for end, day in zip(ends, days, strict=True)
    ]
    placed = pd.concat(parts, ignore_index=True)
    placed["segment"] = pd.Categorical(placed["segment"], categories=segments)
    placed["abc_class"] = pd.Categorical(["A"] * len(placed), categories=["A", "B", "C"])
    return History(placed, ends, "M", segments)


@pytest.fixture(scope="module")
def history():
    rates = np.random.default_rng(1).gamma(1, 6, 500)
    return segment_history(planted_shop(1, rates=rates), snapshot_date=UNTIL, period="M", periods=5)


def test_five_customers_are_counted_by_hand():
    then = {"ana": "Gold", "ben": "Gold", "cat": "Gold", "dan": "Lead", "eve": None}
    now = {"ana": "Gold", "ben": "Silver", "cat": "Gold", "dan": "Gold", "eve": "Lead"}

    moves = transitions(by_hand(then, now))

    counts = transition_matrix(moves, values="customers")
    assert counts.loc["Gold"].tolist() == [2, 1, 0]
    assert counts.loc["Lead"].tolist() == [1, 0, 0]
    assert counts.loc[NOT_YET].tolist() == [0, 0, 1]
    assert "Silver" not in counts.index  # nobody was there to leave it
    row = moves[(moves["period"] == POOLED) & (moves["from"] == "Gold") & (moves["to"] == "Gold")]
    want = wilson(2, 3)
    assert row[["share", "low", "high"]].to_numpy()[0] == pytest.approx(
        [want.value, want.low, want.high]
    )


def test_rows_sum_to_one_and_their_totals_are_the_counts_of_the_end_before(history):
    moves = transitions(history)
    sums = moves.groupby(["kind", "period", "from"])[["customers", "share"]].sum()

    filled = sums[sums["customers"] > 0]
    assert filled["share"].to_numpy() == pytest.approx(1, abs=1e-12)
    assert moves.loc[moves["customers"].gt(0), "share"].between(0, 1).all()
    for before, after in pairwise(history.ends):
        for kind, column in (("segment", "segment"), ("abc", "abc_class")):
            rows = sums.loc[(kind, str(history.name(after)))]["customers"]
            then = history.at(before)[column].value_counts()
            assert rows.drop(NOT_YET).to_dict() == then.to_dict()
            assert rows[NOT_YET] == len(history.at(after)) - len(history.at(before))


def test_columns_add_up_to_the_counts_of_the_later_end(history):
    moves = transitions(history)
    last = moves[(moves["kind"] == "segment") & (moves["period"] == str(history.name(UNTIL)))]

    got = last.groupby("to")["customers"].sum()
    assert got.to_dict() == history.at(UNTIL)["segment"].value_counts().to_dict()


def test_the_pooled_rows_are_the_sum_of_the_steps(history):
    moves = transitions(history)
    pooled = moves["period"] == POOLED

    assert moves.loc[pooled, "customers"].sum() == moves.loc[~pooled, "customers"].sum()
    assert moves.loc[pooled, "kind"].value_counts().to_dict() == {"segment": 132, "abc": 12}


def test_every_path_between_eleven_segments_and_into_them_is_counted():
    paths = list(product([*ELEVEN, None], ELEVEN))
    then, now = (dict(enumerate(path[side] for path in paths)) for side in (0, 1))

    moves = transitions(by_hand(then, now, segments=tuple(ELEVEN)))

    counts = transition_matrix(moves, values="customers")
    assert counts.shape == (12, 11)
    assert (counts.to_numpy() == 1).all()


def test_the_shares_of_an_empty_row_are_blank():
    moves = transitions(by_hand({"ana": "Gold"}, {"ana": "Gold"}))

    empty = moves[(moves["kind"] == "segment") & (moves["from"] == "Lead")]
    assert empty[["share", "low", "high"]].isna().all(axis=None)


def test_the_steady_state_of_two_states_is_known():
    # Leaving with .1 and returning with .3: three quarters of the time in the first state.
    assert stationary(np.array([[0.9, 0.1], [0.3, 0.7]])) == pytest.approx([0.75, 0.25])


def test_the_steady_state_is_left_unchanged_by_the_flows():
    rng = np.random.default_rng(3)
    several = rng.dirichlet(np.ones(6), (20, 6))

    steady = stationary(several)

    assert steady.sum(axis=1) == pytest.approx(1)
    assert np.einsum("di,dij->dj", steady, several) == pytest.approx(steady)


def chain(seed, *, customers=400, matrix=((0.8, 0.15, 0.05), (0.2, 0.7, 0.1), (0.1, 0.2, 0.7))):
    """Let customers walk three steps through three segments."""
    rng = np.random.default_rng(seed)
    where = [rng.integers(0, 3, customers)]
    for _ in range(3):
        where.append((rng.random((customers, 1)) > np.cumsum(matrix, axis=1)[where[-1]]).sum(1))
    names = np.array(SEGMENTS)
    return by_hand(*[dict(zip(range(1, customers + 1), names[w], strict=True)) for w in where])


def test_the_interval_of_the_steady_state_covers_a_planted_one():
    truth = stationary(np.array([[0.8, 0.15, 0.05], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7]]))[0]

    def covers(seed):
        history = chain(seed)
        first = steady_state(history, transitions(history)).first
        return first.low <= truth <= first.high

    assert 90 <= sum(covers(seed) for seed in range(100)) <= 99


def test_the_steady_state_holds_a_share_for_each_segment_with_its_interval():
    history = chain(0)

    got = steady_state(history, transitions(history))

    assert got.table["segment"].tolist() == list(SEGMENTS)
    assert got.table["steady_share"].sum() == pytest.approx(1)
    assert got.table["share_now"].sum() == pytest.approx(1)
    assert (got.table["low"] < got.table["steady_share"]).all()
    assert (got.table["steady_share"] < got.table["high"]).all()
    assert got.moves == 3 * 400


def test_flows_that_end_somewhere_have_no_steady_state_worth_saying():
    history = chain(0, matrix=((0.5, 0.5, 0.0), (0.5, 0.5, 0.0), (0.1, 0.2, 0.7)))

    with pytest.raises(NotSupportedByData, match="2 parts"):
        steady_state(history, transitions(history))


def test_a_thin_row_is_named_instead_of_a_steady_state():
    history = chain(0, customers=20)

    with pytest.raises(NotSupportedByData, match=r"under 30 moves out of Gold \("):
        steady_state(history, transitions(history))


def test_equal_customers_stay_where_they_are_and_have_no_steady_state():
    alike = lines_of([(f"c{k}", f"{k}-{m}", f"2023-{m}-01", 10.0) for k in range(60)
                      for m in ("10", "11", "12")])  # fmt: skip
    history = segment_history(alike, snapshot_date=CUTOFF, period="M", periods=2)

    moves = transitions(history)

    assert (transition_matrix(moves).to_numpy() == 1).all()
    with pytest.raises(NotSupportedByData, match="1 segment with customers"):
        steady_state(history, moves)
