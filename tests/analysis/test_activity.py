import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from profiled_shops import SNAPSHOT, lines, order, random_lines, tables

from shared.analysis.activity import activity_table, contact_days, interaction_days
from shared.analysis.customer_level import portfolio_from_customers
from shared.analysis.customer_profile import customer_profile
from shared.analysis.portfolio import portfolio
from shared.analysis.rfm_scores import ELEVEN, Scoring
from shared.analysis.segment_boundary import segment_boundary
from shared.analysis.segment_placements import placements
from shared.loading.errors import NotSupportedByData

SHOP = lines(
    [
        order("ana", "1", "2024-05-01"),
        order("ana", "2", "2024-06-01"),
        order("ben", "3", "2024-04-01"),
        ("ben", "R3", "2024-06-15", "P1", "coffee", -1, 10, 0, True),
    ]
)
MID_JUNE = pd.Timestamp("2024-06-15").date()


def rows(clock, *cells, **columns):
    frame = pd.DataFrame(cells, columns=["customer_id", clock]).assign(**columns)
    return frame.assign(**{clock: pd.to_datetime(frame[clock], format="ISO8601")})


def contacts_of_ana():
    """Give a visit on the day of an order, one later, a click, an impression, a review."""
    sessions = rows(
        "started_at",
        ("ana", "2024-06-01 20:15"), ("ana", "2024-06-10 08:00"), ("ana", "2024-06-10 21:00"),
        ("ana", "2024-07-01"), ("zoe", "2024-06-30"), (None, "2024-06-30"),
    )  # fmt: skip
    touches = rows("touched_at", ("ana", "2024-06-20"), ("ben", "2024-06-29"))
    touches = touches.assign(kind=["Click", "impression"], channel="mail")
    reviews = rows("written_at", ("ana", "2024-06-28"), ("ana", None), review_id="r", text="Fine")
    return {"web_sessions": sessions, "touchpoints": touches, "reviews": reviews}


def visits(seed, *, customers=40, n=300):
    """Draw sessions of random customers over the time of `random_lines`."""
    draw = random_lines(seed, customers=customers, orders=n).drop_duplicates("order_id")
    return draw[["customer_id", "order_date"]].rename(columns={"order_date": "started_at"})


def by_interactions(shop):
    scoring = Scoring(contacts=contact_days(shop))
    return portfolio(shop["order_lines"], snapshot_date=SNAPSHOT, scoring=scoring)


def test_a_day_counts_once_whatever_happened_on_it():
    shop = tables(SHOP, **contacts_of_ana())

    got = interaction_days(
        shop["order_lines"], contact_days(shop), ends=[MID_JUNE, SNAPSHOT]
    ).set_index(["end_number", "customer_id"])

    # By mid June: 1 May, 1 and 10 June; then 20 and 28 June. A refund or an impression is nothing
    # that a customer did, and who never ordered is no customer.
    assert got["interaction_days"].to_dict() == {
        (0, "ana"): 3, (0, "ben"): 1, (1, "ana"): 5, (1, "ben"): 1,
    }  # fmt: skip
    assert got["days_since_last_interaction"].to_dict() == {
        (0, "ana"): 5, (0, "ben"): 75, (1, "ana"): 3, (1, "ben"): 91,
    }  # fmt: skip


def test_the_table_of_interactions_counts_those_of_customers_with_an_order_by_table():
    shop = tables(SHOP, **contacts_of_ana())

    got = activity_table(shop["order_lines"], shop, snapshot_date=SNAPSHOT).set_index("table")

    assert got["interaction"].tolist() == ["orders", "web sessions", "clicks and visits", "reviews"]
    assert got["interactions"].tolist() == [3, 3, 1, 1]
    assert got["customers"].tolist() == [2, 1, 1, 1]
    assert got["first_day"].astype(str).tolist()[:2] == ["2024-04-01", "2024-06-01"]
    assert got["last_day"].astype(str).tolist()[:2] == ["2024-06-01", "2024-06-10"]


def test_orders_alone_are_what_is_scored_unless_interactions_are_asked_for():
    with_visits = tables(random_lines(1), web_sessions=visits(2))
    without = tables(random_lines(1))

    got, want = (
        portfolio(t["order_lines"], snapshot_date=SNAPSHOT) for t in (with_visits, without)
    )

    assert_frame_equal(got.customers, want.customers)
    assert got.customers.to_csv() == want.customers.to_csv()
    assert "interaction_days" not in got.customers
    assert got.cuts.scoring == ELEVEN


def test_recency_and_frequency_are_scored_by_interactions_and_money_stays_money():
    shop = tables(random_lines(1, customers=60), web_sessions=visits(2, customers=60))

    by_orders = portfolio(shop["order_lines"], snapshot_date=SNAPSHOT)
    got = by_interactions(shop)

    both = got.customers.merge(by_orders.customers, on="customer_id", suffixes=("", "_orders"))
    for column in ("frequency", "monetary", "recency_days", "m_score", "last_order_date"):
        assert both[column].equals(both[f"{column}_orders"]), column
    assert (both["days_since_last_interaction"] <= both["recency_days"]).all()
    more_days = got.customers.sort_values(["interaction_days", "days_since_last_interaction"])
    assert more_days["f_score"].is_monotonic_increasing
    assert not both["f_score"].equals(both["f_score_orders"])
    cuts = got.cuts.table()["measure"].unique().tolist()
    assert cuts == ["days_since_last_interaction", "interaction_days", "monetary"]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000))
def test_splitting_orders_into_lines_and_contacts_into_rows_changes_nothing(seed):
    whole, web = random_lines(seed), visits(seed + 1)
    halves = pd.concat([whole, whole]).assign(line_value=lambda t: t["line_value"] / 2)
    twice = pd.concat([web, web]).sample(frac=1, random_state=seed)

    first, second = (
        by_interactions(shop).customers
        for shop in (tables(whole, web_sessions=web), tables(halves, web_sessions=twice))
    )

    assert_frame_equal(first, second)


def test_placements_of_the_last_day_are_the_portfolio_and_later_contacts_change_no_earlier_one():
    shop = tables(random_lines(3), web_sessions=visits(4))
    early = visits(4).query("started_at < '2024-06-15'")
    cut = tables(random_lines(3), web_sessions=early)

    placed, cut_placed = (
        placements(
            s["order_lines"], ends=[MID_JUNE, SNAPSHOT], scoring=Scoring(contacts=contact_days(s))
        )
        for s in (shop, cut)
    )

    at = placed["period_end"] == pd.Timestamp(MID_JUNE)
    assert_frame_equal(placed[at], cut_placed[cut_placed["period_end"] == pd.Timestamp(MID_JUNE)])
    base = by_interactions(shop)
    columns = ["r_score", "f_score", "m_score", "interaction_days"]
    now = placed[~at].set_index("customer_id")[columns]
    assert now.to_dict() == base.customers.set_index("customer_id")[columns].to_dict()


def test_a_week_without_any_interaction_is_what_moves_the_boundary():
    shop = tables(random_lines(5, customers=80, orders=600), web_sessions=visits(6, customers=80))
    scoring = Scoring(contacts=contact_days(shop))

    got = segment_boundary(shop["order_lines"], snapshot_date=SNAPSHOT, scoring=scoring)

    base = portfolio(shop["order_lines"], snapshot_date=SNAPSHOT, scoring=scoring)
    assert got.later.n == len(base.customers)
    assert 0 < got.later.value < 1


def test_the_last_interaction_is_that_of_the_customer_profile():
    shop = tables(SHOP, **contacts_of_ana())
    days = interaction_days(shop["order_lines"], contact_days(shop), ends=[SNAPSHOT])

    profile = customer_profile(shop, snapshot_date=SNAPSHOT).customers

    assert (
        days.set_index("customer_id")["days_since_last_interaction"].to_dict()
        == profile.set_index("customer_id")["days_since_last_interaction"].to_dict()
    )


@pytest.mark.parametrize(
    "others",
    [
        {},
        {"touchpoints": rows("touched_at", ("ana", "2024-06-20"), channel="mail")},
        {"reviews": pd.DataFrame({"review_id": ["r"], "text": ["Fine"]})},
    ],
    ids=["no table", "touchpoints of unknown kind", "reviews of nobody"],
)
def test_without_any_interaction_but_orders_the_reason_names_what_is_needed(others):
    with pytest.raises(NotSupportedByData, match="supplied none but orders") as refused:
        contact_days(tables(SHOP, **others))

    assert "web_sessions" in refused.value.needs
    assert "activity as purchase" in refused.value.needs


def test_one_row_per_customer_has_no_days_to_count():
    people = pd.DataFrame(
        {"customer_id": ["ana"], "last_order_date": pd.Timestamp("2024-06-01"),
         "frequency": 2, "monetary": 20.0}
    )  # fmt: skip
    scoring = Scoring(contacts=contact_days(tables(SHOP, **contacts_of_ana())))

    with pytest.raises(NotSupportedByData, match="without order lines") as refused:
        portfolio_from_customers(ibis.memtable(people), snapshot_date=SNAPSHOT, scoring=scoring)

    assert "order_lines" in refused.value.needs
