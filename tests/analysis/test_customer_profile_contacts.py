from datetime import date

import pandas as pd
import pytest
from profiled_shops import SNAPSHOT, lines, order, tables

from shared.analysis.customer_profile import customer_profile

SHOP = lines([order("ana", "1", "2024-05-01"), order("ben", "2", "2024-04-01")])
SHOP["channel"] = ["shop", "app"]


def profile(snapshot_date=SNAPSHOT, **others):
    got = customer_profile(tables(SHOP, **others), snapshot_date=snapshot_date).customers
    return got.set_index("customer_id")


def rows(clock, *cells, **columns):
    frame = pd.DataFrame(cells, columns=["customer_id", clock]).assign(**columns)
    return frame.assign(**{clock: pd.to_datetime(frame[clock], format="ISO8601")})


def test_sessions_clicks_and_reviews_are_interactions_and_impressions_are_not():
    sessions = rows(
        "started_at", ("ana", "2024-06-01"), ("ana", "2024-07-01"), ("zoe", "2024-06-30")
    )
    touches = rows("touched_at", ("ben", "2024-06-10"), ("ben", "2024-06-20"), channel="mail")
    touches["kind"] = ["click", "impression"]
    reviews = rows("written_at", ("ana", "2024-06-25"), review_id="r", text="Fine")

    assert profile(web_sessions=sessions)["days_since_last_interaction"].tolist() == [30, 91]
    assert profile(touchpoints=touches)["days_since_last_interaction"].tolist() == [61, 21]
    assert profile(reviews=reviews)["days_since_last_interaction"].tolist() == [6, 91]
    every = profile(web_sessions=sessions, touchpoints=touches, reviews=reviews)
    assert every["days_since_last_interaction"].tolist() == [6, 21]
    assert not every["flags"].str.contains("orders_only").any()


def test_contacts_whose_kind_is_unknown_are_no_interaction_and_orders_alone_are_flagged():
    touches = rows("touched_at", ("ana", "2024-06-30"), channel="mail")

    for got in (profile(), profile(touchpoints=touches)):
        assert got["days_since_last_interaction"].tolist() == got["recency_days"].tolist()
        assert (got["flags"] == "3:orders_only").all()


def test_web_visits_are_0_where_covered_and_blank_where_nobody_could_be_seen():
    sessions = rows(
        "started_at",
        ("ana", "2024-05-01"), ("ana", "2024-06-02 23:59"), ("ana", "2024-06-03"),
        ("ana", "2024-06-30"), ("ana", "2024-07-01"),
    ).assign(duration_seconds=[5.0, 7.0, 11.0, 13.0, 17.0])  # fmt: skip

    got = profile(web_sessions=sessions)

    assert got["web_visits_28d"].tolist() == [2, 0]
    assert got["web_duration_28d"].tolist() == [24, 0]
    before = profile(date(2024, 5, 30), web_sessions=sessions.iloc[1:])
    assert before["web_visits_28d"].isna().all()
    assert before["blank_reasons"].str.contains("55:no_web").all()
    assert profile()["web_visits_28d"].isna().all()
    without = profile(web_sessions=sessions.drop(columns="duration_seconds"))
    assert without["web_duration_28d"].isna().all()


def test_a_web_source_that_begins_inside_the_28_days_is_flagged():
    young = profile(web_sessions=rows("started_at", ("ana", "2024-06-20")))

    assert young["web_visits_28d"].tolist() == [1, 0]
    assert young["flags"].str.contains("55:web_begins").all()


def test_the_channel_that_won_a_customer_is_the_first_and_the_last_is_that_of_the_last_contact():
    touches = rows(
        "touched_at", ("ana", "2024-03-01"), ("ana", "2024-06-01"), ("ben", "2024-04-01")
    ).assign(channel=["search", "mail", "zine"])
    people = pd.DataFrame({"customer_id": ["ana", "ben"], "acquisition_channel": [None, "fair"]})

    orders_alone = profile()
    assert orders_alone["first_channel"].tolist() == ["shop", "app"]
    got = profile(touchpoints=touches, customers=people)
    assert got["first_channel"].tolist() == ["search", "fair"]
    # Ben's order and contact are of one moment: the last by name is the last.
    assert got["last_channel"].tolist() == ["mail", "zine"]
    earlier = profile(date(2024, 5, 15), touchpoints=touches)
    assert earlier["last_channel"].tolist() == ["shop", "zine"]
    # Of one moment, the first by name is the first.
    assert earlier["first_channel"].tolist() == ["search", "app"]


def test_without_any_channel_both_are_blank_for_that_reason():
    got = customer_profile(
        tables(SHOP.assign(channel=pd.Series([None, "app"], dtype=object))), snapshot_date=SNAPSHOT
    ).customers.set_index("customer_id")

    assert got["last_channel"].isna().tolist() == [True, False]
    assert "53:no_channel 54:no_channel" in got.loc["ana", "blank_reasons"]


@pytest.mark.parametrize("table", ["web_sessions", "reviews"])
def test_a_source_without_customers_is_no_source(table):
    clock = {"web_sessions": "started_at", "reviews": "written_at"}[table]
    nameless = rows(clock, ("ana", "2024-06-01")).drop(columns="customer_id")

    got = profile(**{table: nameless})

    assert got["flags"].str.contains("3:orders_only").all()
    assert got["web_visits_28d"].isna().all()
