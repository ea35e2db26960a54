from datetime import date
from string import Formatter

import ibis
import numpy as np
import pandas as pd
import pytest

from shared.analysis.portfolio import portfolio, segment_table
from shared.analysis.portfolio_actions import next_actions
from shared.analysis.win_back import due_dates

SNAPSHOT = date(2024, 7, 1)


@pytest.fixture(scope="module")
def placed():
    rng = np.random.default_rng(3)
    owner = np.repeat(np.arange(300), 1 + rng.poisson(5 * rng.gamma(1, 1, 300)))
    n = len(owner)
    lines = ibis.memtable(
        pd.DataFrame(
            {
                "customer_id": owner.astype(str),
                "order_id": np.arange(n).astype(str),
                "order_date": pd.Timestamp("2023-07-01")
                + pd.to_timedelta(rng.integers(0, 366, n), unit="D"),
                "line_value": rng.integers(100, 9000, n) / 100,
            }
        )
    )
    base = portfolio(lines, snapshot_date=SNAPSHOT)
    return base, due_dates(lines, base.customers, snapshot_date=SNAPSHOT)


def test_there_are_at_most_five_actions_each_with_segment_size_and_money(placed):
    base, due = placed

    actions = next_actions(base, due, discount_share=0.1)

    assert 1 <= len(actions) <= 5
    for action in actions:
        assert action.segment
        assert action.size > 0
        assert action.money > 0
        fields = {name for _, name, _, _ in Formatter().parse(action.template) if name}
        assert {"size", "money"} <= fields <= {"size", "money", "segment", *action.values}


def test_sizes_and_money_are_those_of_the_tables(placed):
    base, due = placed
    table = segment_table(base).set_index("segment")

    by_segment = {a.segment: a for a in next_actions(base, due, discount_share=0.2)}

    assert by_segment["Champions"].size == table.loc["Champions", "customers"]
    assert by_segment["Champions"].money == pytest.approx(0.2 * table.loc["Champions", "revenue"])
    assert by_segment["Lost"].money == pytest.approx(table.loc["Lost", "revenue"])


@pytest.mark.parametrize(
    "segments", [("At Risk", "Cannot Lose"), ("Champions", "Loyal")], ids=" ".join
)
def test_past_their_own_date_are_only_those_with_a_rhythm_of_their_own(placed, segments):
    base, due = placed
    due = due.assign(gaps=due["gaps"].where(due.index % 2 == 0, 3))
    late = due[(due["overdue_days"] > 0) & due["segment"].isin(segments)]
    own = late[late["gaps"] >= 4]

    by_segment = {a.segment: a for a in next_actions(base, due, discount_share=0.1)}
    action = by_segment[" and ".join(segments)]

    assert 0 < len(own) < len(late)
    assert (action.size, action.values["others"]) == (len(own), len(late) - len(own))
    assert action.money == pytest.approx(own["monetary"].sum())
    assert "past their own date" in action.template


def test_where_nobody_has_a_rhythm_the_date_is_that_of_the_segment(placed):
    base, due = placed

    actions = next_actions(base, due.assign(gaps=3), discount_share=0.1)
    action = next(a for a in actions if a.segment == "At Risk and Cannot Lose")

    assert "past the usual pause of their segment" in action.template
    assert "their own date" not in action.template
    assert "{others}" not in action.template


def test_each_action_says_what_its_money_is(placed):
    base, due = placed

    money_is = {a.segment: a.money_is for a in next_actions(base, due, discount_share=0.1)}
    items = next_actions(base, due, discount_share=0.1, what="items bought")

    assert money_is["Lost"] == "revenue so far"
    assert money_is["Champions"] == "revenue a discount gives away"
    assert money_is["Potential Loyalist and Promising"] == "revenue if every tenth orders once more"
    assert not [a for a in items if "revenue" in a.money_is]


def test_items_bought_know_no_discount(placed):
    base, due = placed

    by_segment = {
        a.segment: a for a in next_actions(base, due, discount_share=0.2, what="items bought")
    }

    assert "{discount" not in by_segment["Champions"].template


def test_a_group_without_members_is_no_action(placed):
    base, due = placed
    calm = due.assign(overdue_days=-1)

    segments = {a.segment for a in next_actions(base, calm, discount_share=0.1)}

    assert "At Risk and Cannot Lose" not in segments
    assert "Champions and Loyal" not in segments
