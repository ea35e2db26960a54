import itertools
from datetime import date, datetime

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from planted_purchases import SNAPSHOT, as_tables, shop

from shared.analysis.propensity_features import (
    bought_between,
    drawn_from,
    events_of,
    feature_sources,
    features_at,
    has_clock,
)
from shared.analysis.propensity_names import FEATURE_NAMES
from shared.analysis.propensity_windows import Horizon, examples_of, plan_windows
from shared.loading.errors import ConfigError, NotSupportedByData

NOON = datetime(2024, 3, 1)


def hand_made():
    """Ana orders three times and visits; ben once, never online; cat only visits; dora is later."""
    lines = pd.DataFrame(
        [
            ("ana", "1", "2024-01-01 00:00", 10.0, False),
            ("ana", "1", "2024-01-01 00:00", 5.0, False),
            ("ana", "2", "2024-01-11 00:00", 15.0, False),
            ("ana", "3", "2024-01-31 12:00", 30.0, False),
            ("ana", "R", "2024-02-10 00:00", -30.0, True),
            ("ana", "4", "2024-03-01 00:00", 99.0, False),
            ("ben", "5", "2024-02-20 00:00", 8.0, False),
            ("dora", "6", "2024-03-02 00:00", 8.0, False),
        ],
        columns=["customer_id", "order_id", "order_date", "line_value", "is_refund"],
    ).astype({"order_date": "datetime64[us]"})
    lines["product_id"], lines["quantity"] = "tea", 1.0
    visits = pd.DataFrame(
        [
            ("ana", "a", "2024-02-29 18:00", 2), ("ana", "b", "2024-02-25 00:00", 1),
            ("ana", "c", "2024-01-05 00:00", 4), ("ana", "d", "2024-03-01 00:00", 9),
            ("cat", "e", "2024-02-02 00:00", 0),
        ],
        columns=["customer_id", "session_id", "started_at", "cart_adds"],
    ).astype({"started_at": "datetime64[us]"})  # fmt: skip
    people = pd.DataFrame(
        {"customer_id": ["ana", "ben"], "birth_year": [1980, 1850], "city": ["Cork", None],
         "loyalty_joined_on": pd.to_datetime(["2024-02-01", "2024-04-01"])}
    ).astype({"loyalty_joined_on": "datetime64[us]"})  # fmt: skip
    return {"order_lines": lines, "web_sessions": visits, "customers": people}


@pytest.fixture(scope="module")
def described():
    return features_at(events_of(as_tables(hand_made()), snapshot_date=SNAPSHOT), NOON)


def test_everybody_known_before_the_moment_is_described_and_nobody_else(described):
    assert described.index.tolist() == ["ana", "ben", "cat"]


def test_orders_are_described_as_by_hand(described):
    ana = described.loc["ana"]

    assert (ana["orders"], ana["orders_90d"]) == (3, 3)
    assert ana["recency_days"] == pytest.approx(29.5)
    assert ana["tenure_days"] == 60
    assert ana["mean_order_value"] == 20
    assert ana["mean_gap_days"] == pytest.approx(30.5 / 2)
    assert np.isnan(described.at["ben", "mean_gap_days"])
    assert np.isnan(described.at["cat", "recency_days"])
    assert described.at["cat", "orders"] == 0


def test_every_feature_has_a_name_for_people(described):
    assert set(described.columns) <= set(FEATURE_NAMES)


def test_visits_are_counted_strictly_before_the_moment(described):
    ana = described.loc["ana"]

    assert [ana[f"visits_{d}d"] for d in (1, 7, 28)] == [1, 2, 2]
    assert (ana["cart_adds_7d"], ana["cart_adds_28d"]) == (3, 3)
    assert ana["days_since_visit"] == 0.25
    assert described["never_seen_online"].to_dict() == {"ana": 0, "ben": 1, "cat": 0}
    assert described.at["ben", "visits_28d"] == 0
    assert np.isnan(described.at["ben", "days_since_visit"])


def test_what_was_not_yet_true_of_people_is_not_known(described):
    assert described["member"].fillna(0).to_dict() == {"ana": 1, "ben": 0, "cat": 0}
    assert described.at["ana", "age"] == 44
    assert np.isnan(described.at["ben", "age"])
    assert described.at["ana", "city"] == "Cork"


def test_buyers_are_those_from_the_moment_on_and_before_its_end():
    events = events_of(as_tables(hand_made()), snapshot_date=SNAPSHOT)

    bought = bought_between(events, NOON, datetime(2024, 3, 2))
    assert sorted(bought) == ["ana"]


def test_later_rows_change_no_feature():
    frames = shop(1, customers=120)
    cut = datetime(2024, 4, 1)
    before = features_at(events_of(as_tables(frames), snapshot_date=SNAPSHOT), cut)
    lines, visits = frames["order_lines"], frames["web_sessions"]
    early = {
        "order_lines": lines[lines["order_date"] < cut],
        "web_sessions": visits[visits["started_at"] < cut],
        "customers": frames["customers"],
    }
    after = features_at(events_of(as_tables(early), snapshot_date=SNAPSHOT), cut)

    assert_frame_equal(before, after)


def test_row_order_and_repeated_lines_change_no_count():
    frames = shop(2, customers=120)
    mixed = {name: frame.sample(frac=1, random_state=0) for name, frame in frames.items()}
    cut = datetime(2024, 4, 1)
    a, b = (features_at(events_of(as_tables(f), snapshot_date=SNAPSHOT), cut)
            for f in (frames, mixed))  # fmt: skip

    assert_frame_equal(a, b)
    lines = frames["order_lines"]
    twice = {**frames, "order_lines": pd.concat([lines, lines.head(50)])}
    c = features_at(events_of(as_tables(twice), snapshot_date=SNAPSHOT), cut)
    assert_frame_equal(a.drop(columns="mean_order_value"), c.drop(columns="mean_order_value"))


def test_without_visits_and_people_orders_alone_are_described():
    tables = as_tables(hand_made())
    events = events_of({"order_lines": tables["order_lines"]}, snapshot_date=SNAPSHOT)
    names = list(features_at(events, NOON).columns)

    assert set(feature_sources(names).values()) == {"purchase history"}
    with_people = events_of(tables, snapshot_date=SNAPSHOT, demographics=False)
    assert "age" not in features_at(with_people, NOON)


def test_windows_lie_one_horizon_apart_and_end_before_the_snapshot():
    events = events_of(as_tables(shop(3, customers=60)), snapshot_date=SNAPSHOT)
    plan = plan_windows(events, Horizon(14, "D"), snapshot_date=SNAPSHOT)
    moments = [*plan.test, *plan.calibration, *plan.training]

    assert plan.test == (datetime(2024, 6, 17),)
    assert plan.calibration == (datetime(2024, 6, 3),)
    assert len(plan.training) == 6
    gaps = {(a - b).days for a, b in itertools.pairwise(moments)}
    assert gaps == {14}


def test_a_cut_off_without_an_outcome_after_it_is_refused_with_the_day_to_type():
    events = events_of(as_tables(shop(3, customers=60)), snapshot_date=SNAPSHOT)

    with pytest.raises(ConfigError, match="2024-06-17"):
        plan_windows(events, Horizon(14, "D"), snapshot_date=SNAPSHOT, cutoff=date(2024, 6, 25))


def test_too_short_a_history_is_not_supported_in_words():
    events = events_of(as_tables(shop(4, customers=60, days=60)), snapshot_date=SNAPSHOT)

    with pytest.raises(NotSupportedByData, match="too short"):
        plan_windows(events, Horizon(28, "D"), snapshot_date=SNAPSHOT)


def test_hours_need_a_time_of_day():
    tables = as_tables(hand_made())
    days = hand_made()
    days["order_lines"]["order_date"] = days["order_lines"]["order_date"].dt.normalize()

    assert has_clock(tables)
    assert not has_clock(as_tables(days))
    assert not has_clock({"order_lines": tables["order_lines"]})


def test_nobody_is_tested_on_a_day_that_taught():
    events = events_of(as_tables(shop(5, customers=200)), snapshot_date=SNAPSHOT)
    plan = plan_windows(events, Horizon(24, "H"), snapshot_date=SNAPSHOT)
    examples = examples_of(events, plan)

    assert plan.test[-1] > plan.calibration[0] > plan.calibration[-1] > plan.training[0]
    assert len(plan.test) == 14
    assert examples.repeats
    assert examples.features.isna().all(axis=None) is np.False_


def test_a_customer_without_an_id_is_nobody():
    frames = hand_made()
    frames["order_lines"].loc[0, "customer_id"] = None
    tables = {n: ibis.memtable(f) for n, f in frames.items()}
    got = features_at(events_of(tables, snapshot_date=SNAPSHOT), NOON)

    assert got.index.notna().all()
    assert got.at["ana", "mean_order_value"] == pytest.approx(50 / 3)


def test_a_draw_keeps_the_share_asked_for_and_all_of_whoever_is_drawn():
    events = events_of(as_tables(shop(1)), snapshot_date=SNAPSHOT)
    some, more = drawn_from(events, 0.25), drawn_from(events, 0.5)
    everybody, drawn = (features_at(e, datetime(2024, 5, 1)) for e in (events, some))

    assert 0.2 < len(drawn) / len(everybody) < 0.3
    assert_frame_equal(drawn, everybody.loc[drawn.index], check_dtype=False)
    assert set(drawn.index) < set(features_at(more, datetime(2024, 5, 1)).index)
