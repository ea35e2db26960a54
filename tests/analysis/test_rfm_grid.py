from datetime import date

import ibis
import pandas as pd

from shared.analysis.portfolio import portfolio
from shared.analysis.rfm_grid import cell_table, collapsed_scores, months_silent, rfm_grid
from shared.analysis.rfm_scores import Scoring


def base_of(orders, spend, *, scores=5):
    """Make a base from orders and spend per customer; customer k was last seen k + 1 days ago."""
    rows = [
        (f"c{k}", f"c{k}-{i}", pd.Timestamp("2024-06-30") - pd.Timedelta(days=k), amount / times)
        for k, (times, amount) in enumerate(zip(orders, spend, strict=True))
        for i in range(times)
    ]
    columns = ["customer_id", "order_id", "order_date", "line_value"]
    lines = ibis.memtable(pd.DataFrame(rows, columns=columns))
    return portfolio(lines, snapshot_date=date(2024, 7, 1), scoring=Scoring(scores=scores))


def test_the_grid_counts_everybody_once_and_names_the_values_of_each_score():
    base = base_of([5, 5, 4, 4, 3, 3, 2, 2, 1, 1], [50, 50, 40, 40, 30, 30, 20, 20, 10, 10])

    got = rfm_grid(base, x_axis="frequency", smallest_cell=1)

    assert len(got) == 25
    assert got["r_score"].tolist()[:6] == [5, 5, 5, 5, 5, 4]
    assert got["customers"].sum() == 10
    best = got[(got["r_score"] == 5) & (got["x_score"] == 5)].iloc[0]
    assert best[["customers", "mean_spend", "recency_high", "x_low"]].tolist() == [2, 50, 2, 5]


def test_a_small_cell_keeps_its_count_and_hides_its_mean():
    base = base_of([1] * 30, range(1, 31))

    got = rfm_grid(base, x_axis="monetary", smallest_cell=10)

    assert got["customers"].max() < 10
    assert got["mean_spend"].isna().all()


def test_a_cell_in_which_one_customer_brings_more_than_half_hides_its_mean():
    base = base_of([1] * 30, [1000] + [10] * 29)

    got = rfm_grid(base, x_axis="frequency", smallest_cell=2).set_index("r_score")["mean_spend"]

    # The big spender was here last: of six customers in the newest cell the others spent 50.
    assert got[5].isna().all()
    assert got[4].dropna().tolist() == [10]


def test_a_score_that_cannot_occur_is_blank_and_an_empty_cell_is_zero():
    got = rfm_grid(base_of([1] * 9 + [2], range(10, 110, 10)), x_axis="frequency")
    by_score = got.groupby("x_score")["customers"]

    assert by_score.count().to_dict() == {1: 5, 2: 0, 3: 0, 4: 0, 5: 5}
    assert (got["customers"] == 0).any()


def test_the_cells_are_125_and_hold_everybody():
    base = base_of([1, 2, 3, 4, 5] * 4, range(1, 21))

    got = cell_table(base)

    assert len(got) == 125
    assert got["customers"].sum() == 20
    assert got.loc[~got["can_occur"], "customers"].sum() == 0


def test_collapsed_scores_and_the_segments_they_empty_are_named():
    got = collapsed_scores(base_of([1] * 50, [10.0] * 50))

    assert got.missing == {"f_score": [2, 3, 4, 5], "m_score": [2, 3, 4, 5]}
    assert (got.cells, got.impossible_cells) == (125, 120)
    assert "Champions" in got.unreachable_segments
    assert "Lost" not in got.unreachable_segments


def test_with_three_scores_a_segment_without_a_cell_is_named():
    got = collapsed_scores(base_of([1, 2, 3] * 3, range(1, 10), scores=3))

    assert got.cells == 27
    assert got.unreachable_segments == ["Hibernating"]


def test_silence_is_counted_in_months_of_30_days_and_a_month_of_nobody_is_zero():
    base = base_of([1] * 65, range(1, 66))
    kept = base.customers[
        (base.customers["recency_days"] <= 30) | (base.customers["recency_days"] > 60)
    ]

    got = months_silent(type(base)(**{**vars(base), "customers": kept}))

    assert got["months_silent"].tolist() == [0, 1, 2]
    assert got["customers"].tolist() == [30, 0, 5]
    assert got["lost"].sum() == (kept["segment"] == "Lost").sum()
