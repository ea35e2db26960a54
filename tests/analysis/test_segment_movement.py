from datetime import date

import ibis
import pandas as pd
import pytest

from shared.analysis.portfolio import portfolio
from shared.analysis.segment_movement import movement_since, period_end_before
from shared.loading.errors import NotSupportedByData

SNAPSHOT = date(2024, 7, 10)


def base_and_lines():
    """Make 80 customers; customer k orders k % 5 more times in February, every other in June."""
    rows = [
        (f"c{k:02d}", f"{k}-{day}", f"2024-{day}", 10.0 + k)
        for k in range(80)
        for day in ["01-05", *(f"02-{10 + i}" for i in range(k % 5)), *(["06-20"] * (k % 2))]
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "order_date", "line_value"])
    lines = ibis.memtable(frame.assign(order_date=pd.to_datetime(frame["order_date"])))
    return portfolio(lines, snapshot_date=SNAPSHOT), lines


@pytest.mark.parametrize(
    ("period", "periods", "end"),
    [
        ("M", 1, "2024-06-01"),
        ("M", 12, "2023-07-01"),
        ("Q", 1, "2024-04-01"),
        ("W", 1, "2024-07-01"),
    ],
)
def test_a_period_ends_on_the_first_day_after_it(period, periods, end):
    assert str(period_end_before(SNAPSHOT, period=period, periods=periods)) == end


def test_members_of_then_are_looked_up_now_and_each_is_in_one_place():
    now, lines = base_and_lines()

    got = movement_since(lines, now, segment="Champions", period="M", periods=4)

    before = portfolio(lines, snapshot_date=date(2024, 3, 1)).customers
    champions = before.loc[before["segment"] == "Champions", "customer_id"]
    still = now.customers.set_index("customer_id").loc[champions, "segment"] == "Champions"
    assert got.as_of == date(2024, 3, 1)
    assert got.members == len(champions) > 0
    assert got.stayed.value == still.mean()
    assert got.stayed.value + got.slipped.value <= 1


def test_later_orders_do_not_change_who_was_a_member_then():
    now, lines = base_and_lines()
    early = lines.filter(lines.order_date < pd.Timestamp("2024-03-01").to_pydatetime())

    with_later = movement_since(lines, now, segment="Champions", period="M", periods=4)
    without = movement_since(early, now, segment="Champions", period="M", periods=4)

    assert with_later == without


def test_before_the_data_begin_nothing_is_said():
    now, lines = base_and_lines()

    with pytest.raises(NotSupportedByData, match="begin after 2023-12-01"):
        movement_since(lines, now, segment="Champions", period="M", periods=7)


def test_a_small_base_then_is_not_compared():
    now, lines = base_and_lines()
    few = lines.filter(lines.customer_id < "c40")

    with pytest.raises(NotSupportedByData, match="40 customers had ordered"):
        movement_since(few, now, segment="Champions", period="M", periods=4)


def test_an_empty_segment_then_is_not_compared():
    now, lines = base_and_lines()
    once = lines.filter(lines.order_date == pd.Timestamp("2024-01-05").to_pydatetime())

    with pytest.raises(NotSupportedByData, match="nobody was in Champions"):
        movement_since(once, now, segment="Champions", period="M", periods=4)
