from datetime import date

import ibis
import pandas as pd

from shared.analysis.win_back import due_by_segment, due_calendar, due_dates, order_gaps

SNAPSHOT = date(2024, 7, 1)


def orders(**dates):
    rows = [(customer, day) for customer, days in dates.items() for day in days]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_date"])
    return ibis.memtable(frame.assign(order_date=pd.to_datetime(frame["order_date"])))


def customers(**segments):
    return pd.DataFrame(
        {
            "customer_id": list(segments),
            "segment": pd.Categorical(segments.values(), categories=["Loyal", "At Risk", "New"]),
            "monetary": 10.0,
        }
    )


def every(days, times, start="2024-01-01"):
    return [str(day.date()) for day in pd.date_range(start, periods=times, freq=f"{days}D")]


def dated(lines, base):
    last = lines.group_by("customer_id").aggregate(last=lines.order_date.max()).to_pandas()
    base = base.assign(
        last_order_date=base["customer_id"].map(last.set_index("customer_id")["last"])
    )
    return due_dates(lines, base, snapshot_date=SNAPSHOT).set_index("customer_id")


def test_two_orders_of_one_day_make_no_gap():
    lines = orders(ana=["2024-01-01 09:00", "2024-01-01 17:00", "2024-01-11 00:30"])

    assert order_gaps(lines, snapshot_date=SNAPSHOT).to_pandas()["gap_days"].tolist() == [10]


def test_refunds_and_later_orders_make_no_gap():
    lines = orders(ana=["2024-01-01", "2024-01-11", "2024-07-01"]).mutate(is_refund=False)
    refund = orders(ana=["2024-01-15"]).mutate(is_refund=True)

    got = order_gaps(lines.union(refund), snapshot_date=SNAPSHOT).to_pandas()

    assert got["gap_days"].tolist() == [10]


def test_four_gaps_or_more_speak_for_the_customer_alone():
    # Gaps 10, 10, 10, 20, 30: four of five, so at least 80 %, are no longer than 20.
    days = ["2024-01-01", "2024-01-11", "2024-01-21", "2024-01-31", "2024-02-20", "2024-03-21"]
    lines = orders(ana=days, ben=every(50, 3))

    got = dated(lines, customers(ana="Loyal", ben="Loyal")).loc["ana"]

    assert got["own_gap_days"] == 20
    assert got["due_gap_days"] == 20
    assert got["due_date"] == pd.Timestamp("2024-04-10")
    assert got["overdue_days"] == 82


def test_fewer_gaps_are_shrunk_to_the_segment_by_a_quarter_each():
    crowd = {f"c{i}": every(40, 11) for i in range(3)}  # 30 gaps of 40 days
    lines = orders(ana=every(20, 2), ben=every(20, 4), cat=["2024-06-01"], **crowd)
    base = customers(ana="Loyal", ben="Loyal", cat="Loyal", **dict.fromkeys(crowd, "Loyal"))

    got = dated(lines, base)

    assert got["segment_gap_days"].unique().tolist() == [40]
    assert got.loc[["ana", "ben", "cat"], "due_gap_days"].tolist() == [35, 25, 40]
    assert got.loc["cat", "due_date"] == pd.Timestamp("2024-07-11")
    assert pd.isna(got.loc["cat", "own_gap_days"])


def test_a_segment_with_few_gaps_borrows_those_of_the_base():
    crowd = {f"c{i}": every(40, 11) for i in range(3)}
    lines = orders(new=["2024-06-20"], **crowd)

    got = dated(lines, customers(new="New", **dict.fromkeys(crowd, "Loyal")))

    assert got.loc["new", "due_gap_days"] == 40


def test_where_nobody_came_back_no_date_is_known():
    got = dated(orders(ana=["2024-06-01"]), customers(ana="New"))

    assert got["due_date"].isna().all()
    assert due_by_segment(got.reset_index(), within_days=28)["overdue"].sum() == 0


def test_every_customer_with_a_date_is_overdue_due_soon_or_later():
    due = pd.DataFrame(
        {
            "customer_id": list("abcde"),
            "segment": pd.Categorical(["Loyal"] * 5, categories=["Loyal", "New"]),
            "monetary": [1.0, 2.0, 4.0, 8.0, 16.0],
            "due_gap_days": [10.0] * 5,
            "overdue_days": [3, 1, 0, -27, -28],
            "due_date": pd.to_datetime(
                ["2024-06-28", "2024-06-30", "2024-07-01", "2024-07-28", "2024-07-29"]
            ),
        }
    )

    got = due_by_segment(due, within_days=28).set_index("segment").loc["Loyal"]
    calendar = due_calendar(due, snapshot_date=SNAPSHOT, within_days=28)

    assert got[["customers", "overdue", "due_soon", "due_later"]].tolist() == [5, 2, 2, 1]
    assert got["overdue_revenue"] == 3.0
    assert len(calendar) == 28
    assert calendar["customers"].sum() == got["due_soon"]
