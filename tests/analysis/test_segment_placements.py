from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_segments import CUTOFF, UNTIL, lines_of, planted_shop

from shared.analysis.portfolio import portfolio
from shared.analysis.segment_placements import placements, standings
from shared.loading.errors import NotSupportedByData

DAYS = [date(2023, 7, 1), date(2023, 10, 1), CUTOFF, UNTIL]


def at(placed, day):
    return placed[placed["period_end"] == pd.Timestamp(day)].set_index("customer_id").sort_index()


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_each_day_is_placed_as_the_portfolio_of_that_day(seed):
    lines = planted_shop(seed, rates=np.full(120, 5.0))

    placed = placements(lines, ends=DAYS)

    for day in DAYS:
        got, want = at(placed, day), portfolio(lines, snapshot_date=day).customers
        want = want.set_index("customer_id").sort_index()
        same = ["recency_days", "frequency", "monetary", "r_score", "f_score", "m_score"]
        assert got[same].equals(want[same].astype(got[same].dtypes))
        assert got["segment"].astype(str).equals(want["segment"].astype(str))
        assert got["priority"].equals(want["priority"])


def test_three_customers_summed_by_hand():
    rows = [
        ("ana", "1", "2024-01-10", 10.0),
        ("ana", "1", "2024-01-10", 5.0),  # a second line of the same order
        ("ana", "2", "2024-02-03", 20.0),
        ("ben", "3", "2024-01-31", 7.5),
        ("cat", "4", "2024-02-29", 1.0),
        ("cat", "5", "2024-03-01", 99.0),  # on the last day: not before it
    ]
    lines = lines_of(rows).mutate(product_id=ibis._.line_value.cast("string"))

    got = standings(lines, ends=[date(2024, 2, 1), date(2024, 3, 1)], positions=True)

    assert got.drop(columns="last_day").to_dict("list") == {
        "end_number": [0, 0, 1, 1, 1],
        "customer_id": ["ana", "ben", "ana", "ben", "cat"],
        "frequency": [1, 1, 2, 1, 1],
        "monetary": [15.0, 7.5, 35.0, 7.5, 1.0],
        "positions": [2.0, 1.0, 3.0, 1.0, 1.0],
        "period_orders": pytest.approx([np.nan, np.nan, 1.0, 0.0, 1.0], nan_ok=True),
        "period_revenue": pytest.approx([np.nan, np.nan, 20.0, 0.0, 1.0], nan_ok=True),
    }


def test_refunds_take_money_off_and_are_no_order():
    rows = [("ana", "1", "2024-01-10", 10.0), ("ana", "R", "2024-02-10", -30.0),
            ("ghost", "R2", "2024-01-11", -5.0)]  # fmt: skip
    lines = lines_of(rows).mutate(is_refund=ibis._.line_value < 0)

    got = standings(lines, ends=[date(2024, 2, 1), date(2024, 3, 1)])

    assert got["customer_id"].tolist() == ["ana", "ana"]
    assert got["frequency"].tolist() == [1, 1]
    assert got["monetary"].tolist() == [10.0, -20.0]
    assert got["period_revenue"].tolist()[1] == -30.0


def test_an_order_on_both_sides_of_a_day_is_one_order_and_shows_no_later_money_early():
    rows = [("ana", "1", "2024-01-31", 10.0), ("ana", "1", "2024-02-01", 90.0)]

    got = standings(lines_of(rows), ends=[date(2024, 2, 1), date(2024, 3, 1)])

    assert got["frequency"].tolist() == [1, 1]
    assert got["monetary"].tolist() == [10.0, 100.0]
    assert got["last_day"].nunique() == 1


def test_later_data_change_no_earlier_placement():
    lines = planted_shop(3, rates=np.full(150, 6.0))
    early = lines.filter(lines.order_date < pd.Timestamp(CUTOFF).to_pydatetime())

    whole, cut = placements(lines, ends=DAYS), placements(early, ends=DAYS[:-1])

    known = whole[whole["period_end"] <= pd.Timestamp(CUTOFF)].reset_index(drop=True)
    pd.testing.assert_frame_equal(known, cut)


def test_shuffled_rows_and_new_names_change_nothing():
    plain = planted_shop(4, rates=np.full(80, 5.0)).to_pandas()
    renamed = plain.sample(frac=1, random_state=1).assign(
        customer_id=lambda t: "x" + t["customer_id"].str[::-1]
    )

    before, after = (placements(ibis.memtable(t), ends=DAYS) for t in (plain, renamed))

    after = after.assign(customer_id=after["customer_id"].str[:0:-1])
    by = ["period_end", "customer_id"]
    first, second = (t.sort_values(by, ignore_index=True) for t in (before, after))
    pd.testing.assert_frame_equal(first, second)


def test_standing_has_the_mean_of_one_half_whatever_the_ties():
    placed = placements(planted_shop(5, rates=np.full(90, 1.0)), ends=DAYS)

    assert placed.groupby("period_end")["standing"].mean().to_numpy() == pytest.approx(0.5)
    assert placed["standing"].between(0, 1).all()


def test_without_an_order_nobody_is_placed():
    with pytest.raises(NotSupportedByData, match="no order before 2022-01-01"):
        placements(planted_shop(6, rates=np.ones(5)), ends=[date(2022, 1, 1)])
