import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.analysis.rfm_scores import (
    Scoring,
    cut_points,
    occurring_scores,
    parse_own_cuts,
    possible_cells,
    quantile_cuts,
    score_customers,
)
from shared.loading.errors import ConfigError

values = st.lists(st.integers(0, 12), min_size=1, max_size=60)


def customers(recency, frequency, monetary):
    return pd.DataFrame({"recency_days": recency, "frequency": frequency, "monetary": monetary})


def test_cut_points_are_observed_values_never_in_between():
    assert quantile_cuts(pd.Series([10, 20, 30, 40, 100]), scores=5).tolist() == [10, 20, 30, 40]


def test_a_share_that_floats_cannot_hold_picks_the_right_value():
    # 0.6 * 15 is 9.000000000000002 in some orders of multiplication; the 9th value is meant.
    assert quantile_cuts(pd.Series(range(1, 16)), scores=5).tolist() == [3, 6, 9, 12]


@given(values=values, scores=st.integers(3, 5))
def test_each_cut_point_is_the_smallest_value_that_reaches_its_share(values, scores):
    cuts = quantile_cuts(pd.Series(values), scores=scores)

    for k, cut in enumerate(cuts, start=1):
        reached = [v for v in values if sum(w <= v for w in values) * scores >= k * len(values)]
        assert cut == min(reached)


def test_recent_frequent_and_large_are_the_best_scores():
    base = customers([1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [50, 40, 30, 20, 10])

    got = score_customers(base, cut_points(base))

    assert got[["r_score", "f_score", "m_score"]].to_numpy().tolist() == [
        [s] * 3 for s in (5, 4, 3, 2, 1)
    ]


@given(data=st.lists(st.tuples(*[st.integers(1, 6)] * 3), min_size=1, max_size=50))
def test_equal_customers_get_equal_scores_in_any_order_of_rows(data):
    base = customers(*zip(*data, strict=True))
    got = score_customers(base, cut_points(base))
    shuffled = base.iloc[::-1]
    again = score_customers(shuffled, cut_points(shuffled)).sort_index()

    assert got.equals(again)
    assert got.drop_duplicates(["recency_days", "frequency", "monetary"]).shape[0] == len(set(data))
    assert len(got.drop_duplicates()) == len(set(data))


def test_with_mostly_one_time_buyers_scores_merge_and_it_is_known_which():
    base = customers(range(1, 11), [1] * 7 + [2, 3, 4], range(10, 110, 10))
    got = score_customers(base, cut_points(base))

    assert occurring_scores(got)["f_score"] == [1, 4, 5]
    assert len(possible_cells(got)) == 5 * 3 * 5
    assert "525" not in possible_cells(got)


def test_all_equal_customers_share_one_cell():
    base = customers([7] * 5, [1] * 5, [9.5] * 5)

    assert possible_cells(score_customers(base, cut_points(base))) == ["511"]


@pytest.mark.parametrize("scores", [3, 4, 5])
def test_the_table_of_cut_points_has_a_row_per_measure_and_quantile(scores):
    base = customers(range(60), range(60), range(60))

    table = cut_points(base, Scoring(scores=scores)).table()

    assert len(table) == 3 * (scores - 1)
    assert np.allclose(table["quantile"].unique(), [k / scores for k in range(1, scores)])


def test_money_may_be_the_mean_order_which_splits_frequent_from_generous_buyers():
    base = customers(range(1, 6), [1, 2, 3, 4, 5], [50, 80, 90, 80, 50])
    rules = Scoring(money="mean_order")

    got = score_customers(base, cut_points(base, rules))

    assert got["m_score"].tolist() == [5, 4, 3, 2, 1]
    assert got["monetary"].tolist() == [50, 80, 90, 80, 50]
    assert cut_points(base, rules).table()["measure"].tolist()[-1] == "mean_order_value"


def test_own_cut_points_take_the_place_of_quantiles_for_the_measures_that_have_them():
    base = customers([10, 30, 31, 400], [1, 1, 2, 9], [5, 5, 5, 5])
    rules = Scoring(own_cuts=parse_own_cuts("recency 30 60 90 180", scores=5))

    cuts = cut_points(base, rules)

    assert score_customers(base, cuts)["r_score"].tolist() == [5, 5, 4, 1]
    table = cuts.table().set_index("measure")
    assert table.loc["recency_days", "quantile"].isna().all()
    assert table.loc["frequency", "quantile"].notna().all()


@pytest.mark.parametrize(
    "text",
    [
        "recency 30 60",
        "recency 90 60 30 10",
        "speed 1 2 3 4",
        "money",
        "money 1 2 3 4; money 1 2 3 4",
    ],
)
def test_own_cut_points_that_do_not_fit_are_refused_with_what_to_write(text):
    with pytest.raises(ConfigError, match="E-PARA-07 own_cuts  each measure needs 4 ascending"):
        parse_own_cuts(text, scores=5)


def test_no_text_leaves_all_measures_to_quantiles():
    assert parse_own_cuts(" ", scores=5) == {}
