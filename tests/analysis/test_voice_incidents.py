"""Chronic or isolated: runs found by hand, planted incidents and steps, and nothing in noise."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from pandas.testing import assert_frame_equal
from planted_reviews import FIRST_DAY, INCIDENT, SNAPSHOT, STEP, TOPICS, planted_texts

from shared.analysis.voice_answers import above_the_limit
from shared.analysis.voice_incidents import Kind, days_said, incidents
from shared.analysis.voice_incidents_scan import laney_spread, strongest_run, upper_limit
from shared.loading.errors import NotSupportedByData


def charts(seed: int, **planted: bool):
    texts, complaints = planted_texts(seed, **planted)
    return incidents(texts, complaints, topics=TOPICS, snapshot_date=SNAPSHOT)


def test_a_run_that_a_person_sees_is_found_with_its_ends_and_ratio():
    counts = np.full(40, 5.0)
    counts[20:22] = 40.0
    expected = np.full(40, counts.sum() / 40)

    run = strongest_run(counts, expected, spread=1.0, seed=0)

    assert (run.first, run.last) == (20, 21)
    assert run.ratio == pytest.approx(8.0)
    assert run.p_value < 1e-6


def test_a_constant_share_of_changing_volumes_is_no_run():
    exposure = np.tile([20.0, 200.0], 20)
    counts = exposure / 10

    run = strongest_run(counts, exposure * counts.sum() / exposure.sum(), spread=1.0, seed=0)

    assert run.gain < 1e-9
    assert run.p_value > 0.5


def test_the_limit_is_three_sigmas_of_a_share_and_wider_where_periods_spread():
    exposure, expected = np.array([100.0, 400.0]), np.array([10.0, 40.0])

    got = upper_limit(exposure, expected, 1.0)

    assert got == pytest.approx([0.1 + 3 * 0.03, 0.1 + 3 * 0.015])
    assert (upper_limit(exposure, expected, 2.0) > got).all()


def test_spread_is_one_for_chance_and_grows_with_weeks_that_differ_for_other_reasons():
    rng = np.random.default_rng(3)
    n = np.full(200, 100.0)
    chance = rng.binomial(100, 0.1, 200).astype(float)
    wild = rng.binomial(100, rng.beta(2, 18, 200)).astype(float)

    assert laney_spread(chance, n, n * 0.1, seed=0) < 1.25
    assert laney_spread(wild, n, n * 0.1, seed=0) > 1.6


def test_a_shipping_incident_is_isolated_with_its_days_and_a_price_step_is_chronic():
    found = charts(1, incident=True, step=True)
    by_topic = found.table.set_index("topic")

    assert by_topic.loc["delivery", "kind"] == Kind.ISOLATED
    assert by_topic.loc["delivery", "first_day"] == FIRST_DAY + timedelta(weeks=INCIDENT[0])
    assert by_topic.loc["delivery", "last_day"] == FIRST_DAY + timedelta(
        weeks=INCIDENT[1] + 1, days=-1
    )
    assert by_topic.loc["price", "kind"] == Kind.CHRONIC
    assert abs((by_topic.loc["price", "first_day"] - FIRST_DAY).days - 7 * STEP) <= 28
    assert by_topic.loc["taste", "kind"] == Kind.STEADY
    assert found.chronic_topics == 1


def test_an_incident_of_one_day_is_told_as_that_day():
    assert days_said(FIRST_DAY, FIRST_DAY) == "on {first:date}"
    assert days_said(FIRST_DAY, SNAPSHOT) == "from {first:date} to {last:date}"


def test_what_is_charted_is_what_was_counted():
    texts, complaints = planted_texts(2, incident=True)
    found = incidents(texts, complaints, topics=TOPICS, snapshot_date=SNAPSHOT)

    weeks = found.weeks[found.weeks["topic"] == "delivery"]
    assert weeks["texts"].sum() == len(texts)
    assert weeks["complaints"].sum() == (complaints["topic"] == "delivery").sum()


def test_row_order_and_names_of_texts_change_nothing():
    texts, complaints = planted_texts(3, incident=True)
    found = incidents(texts, complaints, topics=TOPICS, snapshot_date=SNAPSHOT)

    names = {name: f"x{i}" for i, name in enumerate(reversed(texts["review_id"].tolist()))}
    renamed = [
        frame.assign(review_id=frame["review_id"].map(names)).sample(frac=1, random_state=1)
        for frame in (texts, complaints)
    ]
    other = incidents(*renamed, topics=TOPICS, snapshot_date=SNAPSHOT)

    assert_frame_equal(found.table, other.table)
    assert_frame_equal(found.weeks, other.weeks)


def test_weeks_above_the_limit_outside_of_an_incident_are_counted_and_explained():
    weeks = pd.DataFrame({"share": [0.1, 0.3, 0.3, np.nan], "limit": 0.2,
                          "in_run": [False, False, True, False]})  # fmt: skip
    said = above_the_limit(weeks, "W")

    assert (said.values["above"], said.values["n"], said.values["noun"]) == (1, 3, "week")
    assert above_the_limit(weeks[weeks["share"] < 0.2], "W") is None


def test_a_rise_of_the_last_weeks_is_too_early_to_tell():
    texts, complaints = planted_texts(4)
    last = texts[texts["written_at"] >= pd.Timestamp(SNAPSHOT) - pd.Timedelta(weeks=3)]
    more = pd.DataFrame({"review_id": last["review_id"][::2], "topic": "taste"})

    found = incidents(
        texts,
        pd.concat([complaints, more]).drop_duplicates(),
        topics=TOPICS,
        snapshot_date=SNAPSHOT,
    )

    assert found.table.set_index("topic").loc["taste", "kind"] == Kind.RUNNING


def test_a_week_that_is_not_over_is_left_out():
    texts, complaints = planted_texts(5)

    found = incidents(texts, complaints, topics=TOPICS, snapshot_date=SNAPSHOT - timedelta(days=3))

    assert found.last_day == SNAPSHOT - timedelta(weeks=1, days=1)


def test_too_short_a_time_and_undated_texts_are_refused_in_words():
    texts, complaints = planted_texts(6)

    with pytest.raises(NotSupportedByData, match="complete weeks"):
        incidents(texts, complaints, topics=TOPICS, snapshot_date=date(2024, 4, 1))
    undated = texts.assign(written_at=pd.NaT)
    with pytest.raises(NotSupportedByData, match="not dated"):
        incidents(undated, complaints, topics=TOPICS, snapshot_date=SNAPSHOT)


@pytest.mark.slow
def test_planted_incidents_are_isolated_and_planted_steps_chronic_in_nine_of_ten_draws():
    right = {Kind.ISOLATED: 0, Kind.CHRONIC: 0}
    for seed in range(DRAWS // 2):
        kinds = charts(100 + seed, incident=True, step=True).table.groupby("topic")["kind"].first()
        right[Kind.ISOLATED] += kinds["delivery"] == Kind.ISOLATED
        right[Kind.CHRONIC] += kinds["price"] == Kind.CHRONIC

    assert min(right.values()) >= 0.9 * (DRAWS // 2)


@pytest.mark.slow
def test_stationary_noise_is_flagged_in_at_most_five_of_a_hundred_draws():
    flagged = [
        not charts(1000 + seed).table["kind"].isin([Kind.STEADY, Kind.TOO_FEW]).all()
        for seed in range(DRAWS)
    ]

    assert sum(flagged) <= FEW
