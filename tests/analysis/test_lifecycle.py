from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from shared.analysis.lifecycle import (
    LONGEST_DAYS,
    MAY_BECOME,
    STAGE_NAMES,
    STAGES,
    Thresholds,
    customer_stages,
    gap_quantile,
    stage_thresholds,
)
from shared.analysis.lifecycle_customers import latest_stages
from shared.loading.errors import ConfigError, NotSupportedByData

MONTHS = Thresholds(45, 90, "M")


def order_lines(*rows, refunds=()):
    """Make order lines of (customer, day) pairs, one order each."""
    frame = pd.DataFrame([*rows, *refunds], columns=["customer_id", "order_date"])
    return ibis.memtable(
        frame.assign(
            order_id=[f"o{i}" for i in range(len(frame))],
            order_date=pd.to_datetime(frame["order_date"]) + pd.Timedelta(hours=9),
            is_refund=[False] * len(rows) + [True] * len(refunds),
        )
    )


def history(lines, thresholds, last, customer=None):
    """Give customer -> stages by period end, in the order of time."""
    table = customer_stages(
        lines, thresholds=thresholds, last_period=pd.Period(last, thresholds.period)
    )
    frame = table.to_pandas().sort_values(["customer_id", "period"])
    stages = frame.groupby("customer_id")["stage"].agg(list).to_dict()
    return stages[customer] if customer else stages


def plain_stage(days, *, thresholds, start, end):
    """Name the stage by the table of conditions, read line by line; None before the first order."""
    known = sorted({day for day in days if day < end})
    if not known:
        return None
    if known[0] >= start:
        return "new"
    silence = (end - known[-1]).days
    if len(known) == 1:
        return "one_order" if silence <= thresholds.g2_days else "one_order_asleep"
    gaps = pairwise(known)
    if any(b >= start and (b - a).days > thresholds.g2_days for a, b in gaps):
        return "recovered"
    if silence <= thresholds.g1_days:
        return "active"
    return "falling_asleep" if silence <= thresholds.g2_days else "asleep"


@st.composite
def bases(draw):
    """Draw thresholds at or above their floors and a base of a few customers over two years."""
    period = draw(st.sampled_from(["M", "Q", "W"]))
    floor = LONGEST_DAYS[period]
    g1 = floor + draw(st.integers(0, 60))
    g2 = g1 + floor + draw(st.integers(0, 90))
    days = st.integers(0, 130 if period == "W" else 720)
    orders = draw(st.lists(st.lists(days, min_size=1, max_size=7), min_size=1, max_size=12))
    start = date(2023, 1, 1) + timedelta(draw(st.integers(0, 40)))
    base = {f"c{i}": [start + timedelta(day) for day in own] for i, own in enumerate(orders)}
    return Thresholds(g1, g2, period), base


@settings(max_examples=40, deadline=None)
@given(bases())
def test_every_customer_is_in_the_one_stage_of_the_table_and_only_takes_possible_flows(drawn):
    thresholds, base = drawn
    rows = [(customer, day) for customer, days in base.items() for day in days]
    last = pd.Period(max(day for _, day in rows), thresholds.period) + 4

    got = customer_stages(order_lines(*rows), thresholds=thresholds, last_period=last).to_pandas()

    want = []
    for customer, days in base.items():
        before = None
        for period in pd.period_range(min(day for _, day in rows), last, freq=thresholds.period):
            start, end = period.start_time.date(), (period + 1).start_time.date()
            stage = plain_stage(days, thresholds=thresholds, start=start, end=end)
            if stage:
                want.append((customer, period.ordinal, stage, before))
            before = stage
    seen = got.astype(object).where(got.notna(), None).itertuples(index=False, name=None)
    assert Counter(seen) == Counter(want)
    moves = got.dropna(subset="previous_stage")
    assert all(
        new in MAY_BECOME[old] for old, new in zip(moves.previous_stage, moves.stage, strict=True)
    )
    assert set(got.loc[got["previous_stage"].isna(), "stage"]) == {"new"}


def test_nineteen_of_the_forty_nine_flows_are_possible():
    assert len(STAGES) == 7
    assert len(STAGES) ** 2 - sum(len(may) for may in MAY_BECOME.values()) == 30
    assert list(STAGE_NAMES.values())[:3] == ["New", "One order", "One order, asleep"]


def test_a_life_that_a_person_can_check():
    lines = order_lines(
        ("ana", "2024-01-10"), ("ana", "2024-02-09"), ("ana", "2024-04-19"), ("ana", "2024-05-19"),
        ("ben", "2024-01-31"),
        ("cat", "2024-01-01"), ("cat", "2024-01-20"), ("cat", "2024-06-15"),
        ("dan", "2024-02-01"), ("dan", "2024-06-30"),
    )  # fmt: skip

    got = history(lines, MONTHS, "2024-07")

    assert got == {
        "ana": ["new", "active", "falling_asleep", "active", "active", "active", "falling_asleep"],
        # 30 April is 90 days after the only order: the day after, he is asleep.
        "ben": ["new", "one_order", "one_order", "one_order_asleep", "one_order_asleep",
                "one_order_asleep", "one_order_asleep"],
        # Two orders in the first month still make a new customer.
        "cat": ["new", "active", "falling_asleep", "asleep", "asleep", "recovered",
                "falling_asleep"],
        "dan": ["new", "one_order", "one_order", "one_order_asleep", "recovered", "active"],
    }  # fmt: skip


def test_silence_of_exactly_the_threshold_is_not_yet_longer():
    # 1 April is 45 days after 16 February, and 91 days after 1 January.
    lines = order_lines(
        ("on", "2024-01-01"), ("on", "2024-02-16"), ("over", "2024-01-01"), ("over", "2024-02-15"),
        ("once", "2024-01-02"), ("gone", "2024-01-01"),
    )  # fmt: skip

    at_the_end = {who: stages[2] for who, stages in history(lines, MONTHS, "2024-03").items()}

    assert at_the_end == {
        "on": "active",
        "over": "falling_asleep",
        "once": "one_order",
        "gone": "one_order_asleep",
    }


def test_only_a_gap_longer_than_the_threshold_ends_in_recovered():
    lines = order_lines(
        ("usual", "2024-01-01"), ("usual", "2024-03-31"),  # 90 days
        ("late", "2024-01-01"), ("late", "2024-04-01"),  # 91 days
    )  # fmt: skip

    got = history(lines, MONTHS, "2024-04")

    assert got["usual"][2] == "active"
    assert got["late"][3] == "recovered"


def test_the_hand_made_customer_of_the_profile():
    days = ["2024-01-10", "2024-02-09", "2024-04-19", "2024-05-19"]
    lines = order_lines(*[("ana", day) for day in days], refunds=[("ana", "2024-05-25")])

    got = latest_stages(lines, thresholds=MONTHS, snapshot_date=date(2024, 7, 1))

    want = pd.DataFrame(
        {
            "customer_id": ["ana"],
            "lifecycle_stage": ["active"],
            "previous_stage": ["active"],
            "periods_in_stage": [3],
            "recoveries": [0],
        }
    )
    assert_frame_equal(got, want)


def test_a_profile_counts_periods_in_the_stage_and_every_return():
    lines = order_lines(
        ("back", "2023-01-05"), ("back", "2023-07-05"), ("back", "2024-01-05"),
        ("gone", "2023-01-05"), ("gone", "2023-02-05"),
        ("once", "2023-11-20"),
        ("fresh", "2024-02-10"),
    )  # fmt: skip

    got = latest_stages(lines, thresholds=MONTHS, snapshot_date=date(2024, 2, 20))

    rows = got.astype(object).where(got.notna(), None).set_index("customer_id").T
    assert {name: list(values) for name, values in rows.items()} == {
        "back": ["recovered", "asleep", 1, 2],
        # 5 February and 90 days are 6 May: asleep at the ends of May to January.
        "gone": ["asleep", "asleep", 9, 0],
        "once": ["one_order", "one_order", 2, 0],
        # Came in the month still running, whose end will find her new.
        "fresh": ["new", None, 0, 0],
    }


def test_refunds_are_no_orders_and_a_day_with_two_orders_counts_once():
    lines = order_lines(
        ("ana", "2024-01-10"), ("ana", "2024-01-10"), ("ben", "2024-01-10"),
        refunds=[("ben", "2024-02-20"), ("ref", "2024-01-20")],
    )  # fmt: skip

    got = history(lines, MONTHS, "2024-02")

    assert got == {"ana": ["new", "one_order"], "ben": ["new", "one_order"]}


def random_lines(seed, *, customers=200, days=700):
    rng = np.random.default_rng(seed)
    who = rng.integers(0, customers, 4 * customers)
    when = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, days, len(who)), unit="D")
    return list(zip([f"c{i:03d}" for i in who], when, strict=True))


@pytest.mark.parametrize("period", ["M", "Q", "W"])
def test_later_data_change_no_earlier_stage(period):
    rows = random_lines(1)
    thresholds = Thresholds(92, 184, period)
    last = pd.Period("2024-06-15", period) - 1
    cut = (last + 1).start_time

    early = history(order_lines(*[r for r in rows if r[1] < cut]), thresholds, last)
    later = history(order_lines(*rows), thresholds, last)

    assert early == later


def test_order_of_rows_and_names_of_customers_do_not_matter():
    rows = random_lines(2)
    turned = [(f"x{who[1:]}", day) for who, day in reversed(rows)]

    got = history(order_lines(*rows), MONTHS, "2024-11")
    renamed = history(order_lines(*turned), MONTHS, "2024-11")

    assert renamed == {f"x{who[1:]}": stages for who, stages in got.items()}


def test_gap_quantiles_are_observed_gaps():
    gaps = pd.DataFrame({"gap_days": [3, 10, 40, 90], "gaps": [10, 4, 1, 5]})

    assert gap_quantile(gaps, percent=50) == 3
    assert gap_quantile(gaps, percent=70) == 10  # 14 of 20 are at most 10
    assert gap_quantile(gaps, percent=71) == 40
    assert gap_quantile(gaps, percent=95) == 90


def test_thresholds_know_only_gaps_that_ended_before_the_first_period_shown():
    start = date(2024, 1, 1)
    rows = [(f"c{i}", start + timedelta(days=day)) for i in range(25) for day in (0, 40, 120)]
    later = [(f"c{i}", start + timedelta(days=1000)) for i in range(25)]

    got = stage_thresholds(order_lines(*rows, *later), before=date(2024, 12, 1), period="M")

    assert got == Thresholds(80, 111, "M", 50, date(2024, 12, 1))  # 80 and the floor above it
    assert got == stage_thresholds(order_lines(*rows), before=date(2024, 12, 1), period="M")


@pytest.mark.parametrize(("period", "g1", "g2"), [("M", 31, 62), ("Q", 92, 184), ("W", 7, 14)])
def test_thresholds_of_frequent_buyers_stop_at_the_floors(period, g1, g2):
    rows = [(f"c{i}", date(2024, 1, 1) + timedelta(days=d)) for i in range(10) for d in range(6)]

    got = stage_thresholds(order_lines(*rows), before=date(2024, 7, 1), period=period)

    assert (got.g1_days, got.g2_days, got.gaps) == (g1, g2, 50)


def test_parameters_override_one_threshold_or_both():
    start = date(2024, 1, 1)
    rows = [(f"c{i}", start + timedelta(days=day)) for i in range(50) for day in (0, 40)]
    lines, before = order_lines(*rows), date(2024, 12, 1)

    assert stage_thresholds(lines, before=before, period="M", g1_days=60).g2_days == 91
    assert stage_thresholds(lines, before=before, period="M", g2_days=200).g1_days == 40
    both = stage_thresholds(order_lines(("a", "2024-01-01")), before=before, period="M",
                            g1_days=58, g2_days=155)  # fmt: skip
    assert both == Thresholds(58, 155, "M")


@pytest.mark.parametrize(
    ("g1", "g2", "period"), [(30, 90, "M"), (45, 75, "M"), (58, 155, "Q"), (7, 13, "W")]
)
def test_thresholds_that_let_a_customer_skip_a_stage_are_refused(g1, g2, period):
    with pytest.raises(ConfigError, match="E-PARA-15 stage_days"):
        Thresholds(g1, g2, period)


def test_a_period_that_is_no_calendar_period_is_refused():
    with pytest.raises(ConfigError, match="no period of stages"):
        Thresholds(45, 90, "30D")


def test_one_order_per_customer_gives_no_thresholds_and_three_stages():
    lines = order_lines(*[(f"c{i}", date(2024, 1, 1) + timedelta(days=i)) for i in range(200)])

    with pytest.raises(NotSupportedByData, match="only 0 pauses") as refusal:
        stage_thresholds(lines, before=date(2024, 7, 1), period="M")
    assert "days of silence given" in refusal.value.needs

    stages = {stage for own in history(lines, MONTHS, "2024-12").values() for stage in own}
    assert stages == {"new", "one_order", "one_order_asleep"}


def test_nobody_before_the_end_of_the_last_period_is_not_supported():
    with pytest.raises(NotSupportedByData, match="nobody ordered before 2024-01-01"):
        history(order_lines(("a", "2024-01-01")), MONTHS, "2023-12")
