"""Critical day and hazard: the planted jump is found, and none where the rate changes evenly.

The planted truth is drawn 20 times in every run and as often as `CRM_DRAWS` says, such as 100.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from planted_lifespans import jumping_hazard, with_hazard

from shared.analysis.critical_day import critical_day, due_list
from shared.analysis.hazard_scan import even_rate
from shared.analysis.smoothed_hazard import daily_risks, smoothed_hazard
from shared.plots.locales import Wording
from shared.report.sentences import write

DAYS = np.arange(1, 1500)


def test_customers_at_risk_and_losses_are_counted_by_day():
    durations = np.array([0.0, 1, 2, 2, 3.5, 4])
    observed = np.array([True, True, True, False, True, False])
    entry = np.array([0.0, 0, 0, 0, 0, 2])

    risks = daily_risks(durations, observed, entry, window=0)
    at_risk, lost = risks.by_day(risks.customers)

    assert at_risk.tolist() == [4, 3, 2, 2]  # the last one enters after day 2
    assert lost.tolist() == [1, 1, 0, 1]  # a loss at 3.5 is one of day 4; at 0 of no day


def test_resampled_counts_are_those_of_the_repeated_customers():
    durations, observed = jumping_hazard(0, customers=300)
    risks = daily_risks(durations, observed, None, window=0)

    once, twice = (np.stack(risks.by_day(k * risks.customers)) for k in (1, 2))
    both = np.stack(risks.by_day(np.stack([risks.customers, 2 * risks.customers])))

    assert (twice == 2 * once).all()
    assert (both[:, 0] == once).all()
    assert (both[:, 1] == twice).all()


@pytest.mark.slow
def test_a_constant_rate_is_smoothed_to_itself_and_its_bounds_cover_it():
    inside = []
    for seed in range(60):
        table = smoothed_hazard(*jumping_hazard(seed, after=0.002, customers=2000))
        row = table.set_index("day").loc[[1, 60, 200]]
        inside.append((row["low"] <= 0.002) & (row["high"] >= 0.002))

    assert (np.mean(inside, axis=0) > 0.87).all()


def test_the_smoothed_rate_rises_halfway_at_the_jump():
    table = smoothed_hazard(*jumping_hazard(0, customers=40000)).set_index("day")

    assert table.loc[30, "hazard"] == pytest.approx(0.002, rel=0.1)
    assert table.loc[90, "hazard"] == pytest.approx(0.004, rel=0.1)
    assert table.loc[150, "hazard"] == pytest.approx(0.006, rel=0.1)
    assert table["at_risk"].min() >= 10


def test_no_loss_gives_a_rate_of_nought_with_an_upper_bound_and_never_a_nan():
    table = smoothed_hazard(np.full(50, 200.0), np.zeros(50, dtype=bool))

    assert len(table) == 200
    assert (table["hazard"] == 0).all()
    assert (table["high"] > 0).all()
    assert np.isfinite(table.to_numpy()).all()
    assert smoothed_hazard(np.zeros(50), np.ones(50, dtype=bool)).empty


@pytest.mark.slow
@pytest.mark.parametrize(
    "plan",
    [
        pytest.param({}, id="lasting"),
        pytest.param({"until": 120}, id="peak"),
        pytest.param({"after": 0.004}, id="doubled"),
        pytest.param({"once": 0.4, "window": 150}, id="confirmed"),
    ],
)
def test_a_jump_at_day_90_is_found(plan):
    found = [
        critical_day(*jumping_hazard(seed, **plan), window=plan.get("window", 0), seed=seed).day
        for seed in range(DRAWS)
    ]

    days = [day.value if day else np.nan for day in found]
    assert np.mean([80 <= day <= 100 for day in days]) >= 0.9
    assert np.mean([bool(day) and day.low <= 90 <= day.high for day in found]) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize(
    "hazard",
    [
        pytest.param(np.full(1499, 0.002), id="flat"),
        pytest.param(0.02 * DAYS**-0.5, id="falling"),
        pytest.param(2 * DAYS / 400**2, id="rising"),
    ],
)
def test_a_rate_that_changes_evenly_has_no_critical_day(hazard):
    found = [critical_day(*with_hazard(seed, hazard), seed=seed) for seed in range(DRAWS)]

    assert sum(critical.day is not None for critical in found) <= FEW
    assert all(critical.refusal is None for critical in found)


def test_a_rise_too_small_to_act_on_is_no_critical_day_however_certain():
    durations, observed = jumping_hazard(0, before=0.004, after=0.0047, customers=400_000)

    found = critical_day(durations, observed, draws=40)

    assert found.p < 0.05
    assert found.day is None


def test_the_answer_says_day_interval_rates_and_peak():
    found = critical_day(*jumping_hazard(3, until=120))

    assert found.day.unit == "days"
    assert found.day.low <= found.day.value <= found.day.high
    assert found.rate_before == pytest.approx(0.002, rel=0.3)
    assert found.rate_after == pytest.approx(0.006, rel=0.3)
    assert 90 <= found.peak_day <= 125
    assert found.p < 0.01


def test_the_step_of_one_time_buyers_is_told_apart():
    durations, observed = jumping_hazard(0, after=0.002, once=0.4, window=150)

    shifted = critical_day(durations, observed, window=150)
    raw = critical_day(durations, observed)

    assert shifted.day is None
    assert shifted.step.value == pytest.approx(0.4, abs=0.03)
    # On the clock of confirmation 40 % leave on day 150: made by the definition, and said so.
    assert raw.day is None
    assert "how a loss is defined" in raw.refusal.template
    assert raw.refusal.values["first"] == 149


def test_few_customers_or_no_loss_cannot_tell():
    three = critical_day(np.array([5.0, 90, 200]), np.ones(3, dtype=bool))
    nobody = critical_day(np.full(500, 300.0), np.zeros(500, dtype=bool))

    for found in (three, nobody):
        assert found.day is None
        assert "cannot be told" in found.refusal.template
        assert np.isfinite([found.p, found.rate_before, found.rate_after]).all()


def test_why_no_day_could_be_told_can_be_written():
    step = jumping_hazard(0, after=0.002, once=0.4, window=150)
    looked = critical_day(*jumping_hazard(0)), critical_day(*jumping_hazard(0, after=0.002))
    refused = critical_day(*step).refusal, critical_day(np.array([5.0]), np.array([True])).refusal

    said = [str(write(one.template, one.values, Wording())) for one in refused]

    assert [one.refusal for one in looked] == [None, None]
    assert said[0].startswith("Nobody is lost in the first 149 days")
    assert said[1].startswith("A critical day cannot be told")


def test_the_same_seed_gives_the_same_interval():
    data = jumping_hazard(5, after=0.004)

    assert critical_day(*data, seed=1) == critical_day(*data, seed=1)


def test_customers_in_another_order_give_the_same_day():
    durations, observed = jumping_hazard(6)
    rows = np.random.default_rng(0).permutation(len(durations))

    one = critical_day(durations, observed)
    other = critical_day(durations[rows], observed[rows])

    assert one == other


def test_customers_who_enter_late_are_no_jump():
    rng = np.random.default_rng(0)
    life, followed = np.ceil(rng.exponential(400, 8000)), np.floor(rng.uniform(360, 720, 8000))
    entry = np.where(np.arange(8000) % 2, 120.0, 0.0)
    data = np.minimum(life, followed), life <= followed

    assert critical_day(*data, entry=entry).day is None
    seen = life > entry
    naive = critical_day(data[0][seen], data[1][seen])
    assert naive.day.value == pytest.approx(120, abs=5)


def test_the_even_rate_is_fitted_to_a_falling_one():
    at_risk = np.full(300, 50_000.0)
    rate = 0.03 * (np.arange(1, 301) - 0.5) ** -0.4

    assert even_rate(at_risk, at_risk * rate) == pytest.approx(rate, rel=1e-3)


def test_those_who_reach_the_day_next_are_listed_with_the_day_to_step_in():
    critical = critical_day(*jumping_hazard(1))
    day = int(critical.day.value)
    frame = pd.DataFrame(
        {
            "customer_id": list("abcdef"),
            "duration": [day - 20.0, day - 3, day - 29, day + 1, day - 10, day],
            "observed": [False, False, False, False, True, False],
            "recency_days": [5, 60, 1, 1, 100, 3],
        }
    )

    due = due_list(frame, critical=critical, window=90, snapshot_date=date(2024, 7, 1))

    assert due["customer_id"].tolist() == ["b", "a"]
    assert due["critical_on"].dt.date.tolist() == [date(2024, 7, 4), date(2024, 7, 21)]
    assert due["step_in_on"].dt.date.tolist() == [date(2024, 7, 1), date(2024, 7, 14)]
    assert due["age_days"].tolist() == [day - 3, day - 20]


def test_where_all_who_are_there_are_past_the_day_the_list_is_empty():
    critical = critical_day(*jumping_hazard(1))
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "duration": [critical.day.value + 1, critical.day.value + 200],
            "observed": [False, False],
            "recency_days": [1, 2],
        }
    )

    due = due_list(frame, critical=critical, window=90, snapshot_date=date(2024, 7, 1))

    assert due.empty
    assert due.columns.tolist() == [
        "customer_id", "age_days", "recency_days", "critical_on", "step_in_on",
    ]  # fmt: skip


def test_without_a_critical_day_nobody_is_due():
    none = critical_day(*jumping_hazard(1, after=0.002))

    due = due_list(pd.DataFrame(), critical=none, window=90, snapshot_date=date(2024, 7, 1))

    assert none.day is None
    assert due.empty
    assert "critical_on" in due.columns
