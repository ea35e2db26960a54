from datetime import date

import ibis
import pandas as pd
import pytest

from shared.analysis.portfolio import portfolio
from shared.analysis.portfolio_caveats import newcomers, portfolio_caveats
from shared.plots.locales import Wording
from shared.report.sentences import write

SNAPSHOT = date(2024, 7, 1)


def base_of(rows, refunds=()):
    columns = ["customer_id", "order_id", "order_date", "line_value", "is_refund"]
    orders = [(c, f"o{i}", day, value, False) for i, (c, day, value) in enumerate(rows)]
    returned = [(c, f"r{i}", day, value, True) for i, (c, day, value) in enumerate(refunds)]
    frame = pd.DataFrame([*orders, *returned], columns=columns)
    lines = ibis.memtable(frame.assign(order_date=pd.to_datetime(frame["order_date"])))
    return portfolio(lines, snapshot_date=SNAPSHOT)


NOBODY_LATE = pd.DataFrame({"overdue_days": [0, -3], "gaps": [0, 9]})


def said(base, due=NOBODY_LATE, **options):
    limits = portfolio_caveats(base, due, **{"period": "M", **options})
    return [str(write(limit.template, limit.values, Wording())) for limit in limits]


def test_merged_scores_are_named_with_the_cells_they_cost():
    base = base_of([(f"c{k}", "2024-06-01", 10.0 + k) for k in range(50)])

    text = said(base)[0]

    assert "recency 1, 2, 3, 4; frequency 2, 3, 4, 5" in text
    assert "120 of 125 cells cannot occur" in text
    assert "No customer can be: Champions" in text


def test_new_customers_who_are_not_newcomers_are_counted():
    base = base_of([(f"c{k}", "2024-05-31", 10.0) for k in range(50)])

    assert any("50 of the 50 customers called New" in text for text in said(base))
    assert not any("called New" in text for text in said(base, period="Q"))


def test_the_overdue_without_a_rhythm_of_their_own_are_counted():
    base = base_of([("ana", "2024-05-31", 10.0)])
    due = pd.DataFrame({"overdue_days": [5, 1, 1, -9], "gaps": [0, 3, 4, 0]})

    assert any(t.startswith("2 of the 3 customers past their due date") for t in said(base, due))
    assert not any("past their due date" in text for text in said(base))


def test_one_time_buyers_have_the_due_date_of_their_segment_only_where_anybody_has_one():
    base = base_of([("ana", "2024-05-31", 10.0)])
    nobody_due = pd.DataFrame({"overdue_days": [float("nan")], "gaps": [0]})

    assert any(text.endswith("their due date is that of their segment.") for text in said(base))
    assert not any("due date" in text for text in said(base, nobody_due))


@pytest.mark.parametrize(
    ("period", "first_day"), [("M", "2024-06-01"), ("Q", "2024-04-01"), ("W", "2024-06-24")]
)
def test_a_newcomer_placed_the_first_order_within_the_last_period(period, first_day):
    day = pd.Timestamp(first_day)
    base = base_of([("old", day - pd.Timedelta(days=1), 1.0), ("new", day, 1.0)])

    flags = dict(zip(base.customers["customer_id"], newcomers(base, period=period), strict=True))

    assert flags == {"old": False, "new": True}


def test_a_dominant_customer_a_short_history_and_refunds_alone_are_said():
    rows = [("whale", "2024-06-01", 900.0), *((f"c{k}", "2024-06-02", 1.0) for k in range(100))]
    base = base_of(rows, refunds=[("ghost", "2024-06-03", -5.0)])

    text = " ".join(said(base))

    assert "largest customer alone brings 90% of all revenue" in text
    assert "less than a year" in text
    assert "1 customer appears with refunds only" in text


def test_a_base_of_regulars_with_a_long_history_has_no_limit_of_that_kind():
    rows = [
        (f"c{k}", day, 10.0 + k)
        for k in range(200)
        for day in pd.date_range("2023-01-01", "2024-06-30", periods=2 + k % 40).normalize()
    ]

    text = " ".join(said(base_of(rows)))

    assert "ordered once" not in text
    assert "less than a year" not in text
    assert "largest customer" not in text


def test_customers_on_the_list_without_an_order_are_counted():
    base = base_of([("ana", "2024-05-31", 10.0)])
    listed = ibis.memtable(pd.DataFrame({"customer_id": ["ana", "ben", "cat", "cat"]}))

    assert any(t.startswith("2 of the 3 customers on the") for t in said(base, listed=listed))
    assert not any("on the client's list" in t for t in said(base, listed=listed.limit(1)))
