from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_journeys import paths_table, planted_paths

from shared.analysis.attribution import (
    Paths,
    attribution_verdict,
    rare_channels,
    require_journeys,
)
from shared.analysis.attribution_assists import assists, feeds
from shared.analysis.attribution_chain import (
    conversion_probability,
    fitted_chain,
    normalised,
    quick_effects,
    reached,
    removal_effects,
    transitions,
)
from shared.analysis.attribution_counting import paths_from_table
from shared.analysis.attribution_rules import MODELS, RULES, credit, share_matrix, shares
from shared.analysis.verdicts import Level
from shared.loading.errors import NotSupportedByData

HAND_CHAIN = [("A > B", 1, 0), ("A > B > C", 1, 0), ("B", 1, 0), ("A > C", 0, 1), ("B", 0, 1),
              ("C", 0, 1)]  # fmt: skip


@pytest.fixture(scope="module")
def hand():
    return paths_from_table(paths_table(HAND_CHAIN))


@pytest.fixture(scope="module")
def planted():
    return planted_paths(3, journeys=4_000)


random_paths = st.lists(
    st.tuples(
        st.lists(st.integers(0, 4), min_size=1, max_size=8),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    min_size=1,
    max_size=25,
)


def drawn(rows):
    """Count random paths as a client would."""
    frame = [(" > ".join(f"k{c}" for c in path), sold, lost) for path, sold, lost in rows]
    return paths_from_table(paths_table(frame))


def test_the_hand_chain_has_the_removal_effects_and_credits_worked_out_by_hand(hand):
    chain = fitted_chain(hand)
    effects = removal_effects(chain, channels=3)

    assert conversion_probability(chain) == pytest.approx(1 / 2, abs=1e-12)
    assert effects == pytest.approx([1 / 2, 7 / 9, 1 / 3], abs=1e-12)
    assert normalised(effects, 3.0) == pytest.approx([27 / 29, 42 / 29, 18 / 29], abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(random_paths, st.integers(1, 4))
def test_the_chain_of_any_memory_converts_as_often_as_the_journeys_did(rows, memory):
    if sum(sold for _path, sold, _lost in rows) == 0:
        return
    paths = drawn(rows)

    got = conversion_probability(fitted_chain(paths, memory=memory))

    assert got == pytest.approx(paths.total / paths.journeys, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(random_paths, st.integers(1, 3))
def test_credits_of_every_model_sum_to_the_conversions(rows, memory):
    if sum(sold for _path, sold, _lost in rows) == 0:
        return
    paths = drawn(rows)
    table = credit(paths, memory=memory)

    for model in MODELS:
        if model != "time_decay":
            assert table[model].sum() == pytest.approx(paths.total, abs=1e-6), model


def test_a_channel_on_every_converting_path_has_effect_1_and_one_without_a_sale_has_0():
    rows = [("x > always > y", 5, 2), ("always", 3, 4), ("never", 0, 6), ("x > never", 0, 1)]
    paths = paths_from_table(paths_table(rows))

    effects = dict(
        zip(paths.channels, removal_effects(fitted_chain(paths), channels=4), strict=True)
    )

    assert effects["always"] == pytest.approx(1, abs=1e-12)
    assert effects["never"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("memory", [1, 2, 3])
def test_every_way_of_solving_the_chain_gives_the_same_effects(planted, memory):
    chain = fitted_chain(planted, memory=memory)
    whole = reached(chain, chain.sale)
    solved = [1 - reached(chain, chain.sale, without=k) / whole for k in range(6)]

    assert removal_effects(chain, channels=6) == pytest.approx(solved, abs=1e-12)
    assert quick_effects(chain, channels=6) == pytest.approx(solved, abs=1e-9)


def test_a_simulated_journey_ends_as_often_in_a_sale_as_the_solved_chain_says(hand):
    chain = fitted_chain(hand)
    moves, rng = chain.moves.toarray(), np.random.default_rng(1)
    sold = 0
    for _walk in range(4_000):
        state = rng.choice(len(chain.start), p=chain.start)
        while True:
            luck = rng.random()
            if luck < chain.sale[state]:
                sold += 1
                break
            ahead = moves[state].cumsum() + chain.sale[state]
            if luck >= ahead[-1]:
                break
            state = int(np.searchsorted(ahead, luck, side="right"))

    assert sold / 4_000 == pytest.approx(conversion_probability(chain), abs=0.03)


def test_without_null_paths_every_journey_of_the_chain_converts(hand):
    converted = replace(hand, nulls=np.zeros_like(hand.nulls), has_nulls=False)

    assert conversion_probability(fitted_chain(converted)) == pytest.approx(1, abs=1e-12)
    assert conversion_probability(fitted_chain(hand)) == pytest.approx(0.5, abs=1e-12)


def test_collapsing_repeats_changes_linear_credit_but_no_removal_effect_of_memory_1():
    rows = [("A > A > A > B", 4, 3), ("B > A", 2, 5), ("A > C > C", 3, 1)]
    kept, joined = (
        paths_from_table(paths_table(rows), repeats=how) for how in ("keep", "collapse")
    )

    assert removal_effects(fitted_chain(kept), channels=3) == pytest.approx(
        removal_effects(fitted_chain(joined), channels=3), abs=1e-12
    )
    assert credit(kept)["linear"].iloc[0] == pytest.approx(3 + 1 + 1)
    assert credit(joined)["linear"].iloc[0] == pytest.approx(2 + 1 + 1.5)


def test_rules_share_a_path_as_their_names_say():
    paths = paths_from_table(paths_table([("A > B > Direct > B > Direct", 10, 0)]))

    got = {rule: 10 * share_matrix(paths, rule)[0] for rule in RULES if rule != "time_decay"}

    assert got["first_touch"] == pytest.approx([10, 0, 0])
    assert got["last_touch"] == pytest.approx([0, 0, 10])
    assert got["last_non_direct"] == pytest.approx([0, 10, 0])
    assert got["linear"] == pytest.approx([2, 4, 4])
    assert got["position"] == pytest.approx([4, 4 / 3, 4 + 2 / 3])
    assert got["shapley"] == pytest.approx([10 / 3, 10 / 3, 10 / 3])


def test_a_path_of_direct_visits_alone_stays_with_direct():
    paths = paths_from_table(paths_table([("Direct > Direct", 2, 0), ("A > direct", 3, 0)]))

    table = credit(paths).set_index("channel")

    assert paths.channels == ("A", "Direct", "direct")
    assert table["last_non_direct"].sum() == 5


def test_shapley_equals_the_definition_summed_over_all_sets_of_channels(planted):
    k, sold = len(planted.channels), planted.conversions
    code = (planted.held * 2 ** np.arange(k)).sum(axis=1)
    value = np.bincount(code, weights=sold, minlength=2**k).astype(float)
    for bit in range(k):  # what a set is worth: the sales that needed nobody outside it
        has = (np.arange(2**k) >> bit) & 1 == 1
        value[has] += value[np.flatnonzero(has) - 2**bit]
    factorial = np.cumprod([1.0, *range(1, k + 1)])
    want = np.zeros(k)
    for subset in range(2**k):
        size = bin(subset).count("1")
        for bit in range(k):
            if not subset >> bit & 1:
                weight = factorial[size] * factorial[k - size - 1] / factorial[k]
                want[bit] += weight * (value[subset | 1 << bit] - value[subset])

    got = credit(planted)["shapley"]

    assert got.to_numpy() == pytest.approx(want, abs=1e-6)


def test_a_rule_that_is_none_is_refused(hand):
    with pytest.raises(ValueError, match="no rule is called 'best'"):
        shares(hand, "best")


def test_money_is_credited_by_the_same_models_and_sums_to_all_of_it():
    rows = [("A > B", 2, 1), ("B", 1, 3), ("A", 1, 1)]
    paths = paths_from_table(paths_table(rows, conversion_value=[50.0, 10.0, 5.0]))
    table = credit(paths)

    assert paths.value.sum() == 65
    for model in MODELS:
        if model != "time_decay":
            assert table[f"{model}_value"].sum() == pytest.approx(65, abs=1e-9), model
    assert table["last_touch_value"].tolist() == [5, 60]


def test_transitions_leave_every_source_with_probability_1(planted):
    for memory in (1, 2):
        table = transitions(planted, memory=memory)

        assert table.groupby("source")["transition_probability"].sum().to_numpy() == pytest.approx(
            1
        )
        assert table.loc[table["kind"] == "sale", "journeys"].sum() == planted.total


def test_channels_may_be_called_like_start_sale_and_nothing():
    names = {"A": "SALES", "B": "(null)", "C": "START"}
    renamed = [(" > ".join(names[c] for c in path.split(" > ")), sold, lost)
               for path, sold, lost in HAND_CHAIN]  # fmt: skip
    paths = paths_from_table(paths_table(renamed))

    effects = dict(
        zip(paths.channels, removal_effects(fitted_chain(paths), channels=3), strict=True)
    )

    assert effects["SALES"] == pytest.approx(1 / 2, abs=1e-12)
    assert effects["(null)"] == pytest.approx(7 / 9, abs=1e-12)
    assert effects["START"] == pytest.approx(1 / 3, abs=1e-12)


def test_neither_the_order_of_the_rows_nor_the_names_of_channels_change_a_figure(planted):
    texts = planted.texts()
    rows = list(zip(texts, planted.conversions, planted.nulls, strict=True))
    mirrored = [(t.replace("S", "ZS").replace("A", "YA"), s, n) for t, s, n in rows[::-1]]
    given_, other = (paths_from_table(paths_table(x)) for x in (rows, mirrored))

    one = credit(given_).set_index("channel")
    two = (
        credit(other).set_index("channel").rename(lambda c: c.replace("ZS", "S").replace("YA", "A"))
    )

    for model in ("markov", "linear", "position"):
        assert two.loc[one.index, model].to_numpy() == pytest.approx(one[model], abs=1e-9), model


def test_rows_of_one_path_are_added_and_empty_paths_left_out():
    rows = [("A>B", 1, 2), (" A > B ", 3, 4), ("", 5, 6), (None, 1, 1), (" > ", 1, 1)]
    paths = paths_from_table(paths_table(rows))

    assert paths.texts() == ["A > B"]
    assert (paths.total, paths.nulls.sum()) == (4, 6)


def test_opens_assists_and_closes_are_counted_by_hand(hand):
    table = assists(hand).set_index("channel")

    assert table.loc["A", ["opens", "assists", "closes", "alone"]].tolist() == [2, 2, 0, 0]
    assert table.loc["B", ["opens", "assists", "closes", "alone"]].tolist() == [1, 1, 2, 1]
    assert table.loc["C", ["opens", "assists", "closes", "alone"]].tolist() == [0, 0, 1, 0]


def test_feeding_is_counted_by_hand(hand):
    table = feeds(hand).set_index(["source", "target"])
    pair = table.loc[("A", "B")]

    assert (pair["moves"], pair["contacts"]) == (2, 3)
    assert pair["transition_probability"] == pytest.approx(2 / 3)
    assert pair["preceded"] == pytest.approx(2 / 4)
    assert pair["preceded_anywhere"] == pytest.approx(2 / 4)
    assert pair["assisted"] == 1
    assert table.loc[("A", "C"), "assisted"] == 1
    assert table.loc[("A", "C"), "preceded_anywhere"] == pytest.approx(2 / 3)


def test_who_met_one_channel_each_leaves_nothing_to_feed_and_all_models_agree():
    paths = paths_from_table(paths_table([("A > A", 3, 1), ("B", 2, 5), ("C", 1, 0)]))

    with pytest.raises(NotSupportedByData, match="nothing to share"):
        feeds(paths)
    table = credit(paths)
    for model in MODELS:
        if model != "time_decay":
            assert table[model].to_numpy() == pytest.approx([3, 2, 1], abs=1e-9), model


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("A > B", 0, 900)], "none of 900 journeys converted"),
        ([("A > A", 500, 500)], "one channel"),
        ([("A > B", 20, 20), ("B", 5, 4)], "49 journeys are too few"),
    ],
)
def test_below_the_gate_the_page_refuses(rows, reason):
    with pytest.raises(NotSupportedByData, match=reason):
        require_journeys(paths_from_table(paths_table(rows)))


def test_between_the_gates_the_page_is_to_be_read_with_care():
    levels = {}
    for n, sold in ((50, 25), (999, 500), (1_000, 99), (1_000, 100)):
        paths = paths_from_table(paths_table([("A > B", sold, n - sold)]))
        require_journeys(paths)
        levels[n, sold] = attribution_verdict(paths).level

    assert levels == {(50, 25): Level.CARE, (999, 500): Level.CARE, (1_000, 99): Level.CARE,
                      (1_000, 100): Level.RELIABLE}  # fmt: skip


def test_channels_with_fewer_than_30_conversions_are_rare():
    paths = paths_from_table(paths_table([("A > B", 29, 0), ("A > C", 30, 0)]))

    assert rare_channels(paths) == ["B"]


def test_sixty_channels_and_a_path_of_500_steps_are_solved():
    names = [f"c{k:02d}" for k in range(60)]
    rows = [(" > ".join(names[k:] + names[:k]), k, 60 - k) for k in range(60)]
    rows.append((" > ".join(["c00", "c01"] * 250), 3, 2))
    paths = paths_from_table(paths_table(rows))

    assert paths.lengths.max() == 500
    got = conversion_probability(fitted_chain(paths, memory=2))
    assert got == pytest.approx(paths.total / paths.journeys, abs=1e-12)
    assert credit(paths)["markov"].sum() == pytest.approx(paths.total, abs=1e-6)


def test_conversions_without_a_count_of_nulls_are_known_to_lack_it():
    frame = pd.DataFrame({"path": ["A > B", "B"], "conversions": [4, 6]})
    paths = paths_from_table(ibis.memtable(frame))

    assert isinstance(paths, Paths)
    assert not paths.has_nulls
    assert not paths.has_value
    assert np.isnan(paths.value).all()
