from datetime import date
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from shared.analysis.customer_level import (
    blank_due_dates,
    client_due_dates,
    client_money_noun,
    client_portfolio,
    customer_lines,
    portfolio_from_customers,
)
from shared.analysis.customer_summary import customer_summary
from shared.analysis.portfolio import portfolio, portfolio_verdict, segment_table
from shared.analysis.portfolio_actions import next_actions
from shared.analysis.portfolio_headlines import headlines
from shared.analysis.rfm_scores import Scoring
from shared.analysis.win_back import due_by_segment, due_dates
from shared.loading.client import load_client
from shared.loading.errors import ConfigError, NotSupportedByData
from shared.report import Report

CLIENTS = Path(__file__).parents[1] / "clients"
SNAPSHOT = date(2024, 7, 1)


@pytest.fixture(scope="module")
def lines():
    rng = np.random.default_rng(11)
    owner = np.repeat(np.arange(200), 1 + rng.poisson(5 * rng.gamma(1, 1, 200)))
    n = len(owner)
    frame = pd.DataFrame(
        {
            "customer_id": owner.astype(str),
            "order_id": np.arange(n).astype(str),
            "order_date": pd.Timestamp("2023-07-01")
            + pd.to_timedelta(rng.integers(0, 366, n), unit="D"),
            "line_value": rng.integers(-500, 9000, n) / 100,
        }
    )
    return ibis.memtable(frame)


@pytest.fixture(scope="module")
def table(lines):
    return customer_summary(lines, snapshot_date=SNAPSHOT).drop("recency_days")


def place(customers, **options):
    return portfolio_from_customers(customers, **{"snapshot_date": SNAPSHOT, **options})


@pytest.mark.parametrize("scores", [3, 5])
def test_one_row_per_customer_places_as_the_order_lines_do(lines, table, scores):
    want = portfolio(lines, snapshot_date=SNAPSHOT, scoring=Scoring(scores=scores))

    got = place(table, scoring=Scoring(scores=scores))

    assert_frame_equal(got.customers, want.customers)
    assert got.cuts.table().equals(want.cuts.table())


def test_order_lines_win_where_a_client_has_both(lines, table):
    both = client_portfolio({"order_lines": lines, "customer_rfm": table.limit(60)},
                            snapshot_date=SNAPSHOT)  # fmt: skip

    assert len(both.customers) == 200
    with pytest.raises(NotSupportedByData, match="neither"):
        client_portfolio({}, snapshot_date=SNAPSHOT)


def test_order_lines_that_name_nobody_leave_the_word_to_the_table_of_customers(lines, table):
    unnamed = lines.drop("customer_id")

    both = client_portfolio({"order_lines": unnamed, "customer_rfm": table}, snapshot_date=SNAPSHOT)

    assert_frame_equal(both.customers, place(table).customers)
    due = client_due_dates({"order_lines": unnamed, "customer_rfm": table}, both)
    assert due["due_date"].isna().all()
    with pytest.raises(NotSupportedByData, match="no order line names a customer"):
        client_portfolio({"order_lines": unnamed}, snapshot_date=SNAPSHOT)


def test_lines_of_guests_are_no_lines_of_customers(lines):
    guests = lines.mutate(customer_id=ibis.ifelse(lines.line_value < 20, None, lines.customer_id))

    got = customer_lines({"order_lines": guests})

    assert got.count().to_pandas() == (lines.line_value.to_pandas() >= 20).sum()
    with pytest.raises(NotSupportedByData, match="supplied no order lines") as refused:
        customer_lines({})
    assert "order_lines" in refused.value.needs


def test_money_is_revenue_where_lines_have_no_say(lines, table):
    items = ibis.memtable(pd.DataFrame({"quantity": [1.0]}))

    assert client_money_noun({"customer_rfm": table}) == "revenue"
    assert client_money_noun({"order_lines": lines}) == "revenue"
    assert client_money_noun({"order_lines": items}) == "items bought"


def test_without_first_orders_the_date_is_blank_and_the_segments_are_the_same(table):
    got = place(table.drop("first_order_date"))

    assert got.customers["first_order_date"].isna().all()
    assert segment_table(got).equals(segment_table(place(table)))
    assert portfolio_verdict(got).reasons  # 200 customers: read with care, not a crash


def test_a_customer_in_two_rows_is_not_merged(table):
    twice = table.union(table.limit(3))

    with pytest.raises(NotSupportedByData, match="3 rows repeat a customer"):
        place(twice)


def test_customers_without_an_order_or_of_the_snapshot_day_have_no_score():
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(6)],
            "last_order_date": pd.to_datetime(
                ["2024-06-30", "2024-06-01", "2024-05-01", "2024-07-01", "2024-06-02", None]
            ),
            "frequency": [3, 2, 1, 1, 0, 0],
            "monetary": [30.0, -20.0, 10.0, 9.0, -5.0, 0.0],
        }
    )

    got = place(ibis.memtable(frame))

    assert sorted(got.customers["customer_id"]) == ["c0", "c1", "c2"]
    assert (got.refund_only_customers, got.refund_only_revenue) == (1, -5.0)
    assert got.customers["monetary"].min() == -20.0  # refunds above purchases are no error
    with pytest.raises(NotSupportedByData, match="no order before"):
        place(ibis.memtable(frame), snapshot_date=date(2023, 1, 1))


def test_a_missing_column_and_a_map_with_a_gap_are_told(table):
    with pytest.raises(NotSupportedByData, match="frequency"):
        place(table.drop("frequency"))
    with pytest.raises(ConfigError, match="E-PARA-05"):
        place(table, scoring=Scoring(segment_map={"Best": ["555"]}))


def test_without_order_days_nothing_that_needs_a_date_is_said(lines, table):
    base = place(table)
    due = blank_due_dates(base)

    want = due_dates(lines, base.customers, snapshot_date=SNAPSHOT)
    assert due.columns.tolist() == want.columns.tolist()
    assert [name for name, _ in headlines(base, due, "revenue")] == [
        "champions", "silent_spenders", "lost", "largest_fifth",
    ]  # fmt: skip
    said = " ".join(action.template for action in next_actions(base, due, discount_share=0.1))
    assert "past" not in said
    assert (
        due_by_segment(due, within_days=28)[["overdue", "due_soon", "due_later"]].sum().sum() == 0
    )


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return load_client("customer_level", data=CLIENTS, outputs=tmp_path_factory.mktemp("out"))


def test_the_client_of_customers_is_taken_in_placed_and_named_as_its_source(client):
    base = client_portfolio(client.tables, snapshot_date=client.snapshot_date)

    taken = client.intake.tables["customer_rfm"]
    assert (taken.rows_in, taken.rows_used) == (242, 240)
    assert len(base.customers) == 240
    assert segment_table(base)["revenue"].sum() == pytest.approx(taken.money_used, abs=0.01)
    source = Report("portfolio", client).source("customer_rfm", n=240)
    assert source.startswith("Customer totals, Jul 2023 to Jun 2024, n = 240 customers")


def test_questions_on_order_lines_are_not_supported_for_the_client_of_customers(client):
    with pytest.raises(NotSupportedByData, match="supplied no order_lines"):
        _ = client.order_lines
    with pytest.raises(NotSupportedByData, match="supplied no order_lines"):
        _ = client.product_lines
