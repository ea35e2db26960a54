"""Complaints and buying again: what was known then, the matched difference, and no effect."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW

from shared.analysis.multiple_testing import Finding
from shared.analysis.voice_repeat import ALL, matched_difference, repeat_link, text_histories
from shared.loading.errors import NotSupportedByData

SNAPSHOT = date(2025, 1, 1)
NO_TOPICS = pd.DataFrame(columns=["review_id", "topic"])


def shop(seed: int, *, effect: float = 0.0, customers: int = 600):
    """Draw customers who ordered once to five times, wrote, and buy again; complainers less so.

    Those with more orders buy again more often and complain less, so that the unmatched difference
    is wrong.
    """
    rng = np.random.default_rng([77, seed])
    before = rng.integers(1, 6, customers)
    negative = rng.random(customers) < 0.45 - 0.07 * before
    again = rng.random(customers) < np.clip(0.2 + 0.1 * before - effect * negative, 0, 1)
    reviews, orders = [], []
    written = pd.Timestamp("2024-06-30")
    for i in range(customers):
        reviews.append((f"r{i}", f"c{i}", written, -1 if negative[i] else 1))
        orders += [(f"c{i}", written - pd.Timedelta(days=5 + 20 * k)) for k in range(before[i])]
        orders += [(f"c{i}", written + pd.Timedelta(days=30))] if again[i] else []
    texts = pd.DataFrame(reviews, columns=["review_id", "customer_id", "written_at", "sentiment"])
    bought = pd.DataFrame(orders, columns=["customer_id", "order_date"])
    return ibis.memtable(texts), ibis.memtable(bought), texts[["review_id", "sentiment"]]


def test_only_orders_before_the_text_are_history_and_only_those_soon_after_are_again():
    written = pd.Timestamp("2024-06-30 12:00")
    reviews = ibis.memtable(
        pd.DataFrame(
            {"review_id": ["a", "b", "c", "d"], "customer_id": ["x", "y", "", "z"],
             "written_at": [written] * 4}
        )
    )  # fmt: skip
    days = {"x": [-40, -3, 10, 80], "y": [-1, 91], "z": [5]}
    orders = ibis.memtable(
        pd.DataFrame(
            [(who, written + pd.Timedelta(days=d)) for who, all_ in days.items() for d in all_],
            columns=["customer_id", "order_date"],
        )
    )

    got = text_histories(reviews, orders, follow_up_days=90).set_index("review_id")

    assert got.index.tolist() == ["a", "b"]
    assert got["orders_before"].tolist() == [2, 1]
    assert got["bought_again"].tolist() == [1, 0]
    assert got.loc["a", "last_before"] == written - pd.Timedelta(days=3)


def test_the_matched_difference_by_hand():
    again = np.array([1, 0, 1, 1, 1, 0, 0, 0, 1])
    exposed = np.array([True, True, False, False, True, False, False, False, False])
    stratum = np.array([0] * 4 + [1] * 5)

    got, _p = matched_difference(again, exposed, stratum)

    weights = np.array([2 * 2 / 4, 1 * 4 / 5])
    assert got.value == pytest.approx((weights * [0.5 - 1.0, 1.0 - 0.25]).sum() / weights.sum())
    assert got.low <= got.value <= got.high


def test_strata_with_one_side_only_say_nothing():
    got, p_value = matched_difference(np.array([1, 0]), np.array([True, False]), np.array([0, 1]))

    assert np.isnan(got.value)
    assert np.isnan(p_value)


def test_in_one_stratum_it_is_the_plain_difference_and_its_p_value_that_of_mantel_and_haenszel():
    rng = np.random.default_rng(1)
    again, exposed = (rng.random(400) < 0.4).astype(int), rng.random(400) < 0.3

    got, p_value = matched_difference(again, exposed, np.zeros(400))

    assert got.value == pytest.approx(again[exposed].mean() - again[~exposed].mean())
    from scipy.stats import chi2, chi2_contingency

    table = pd.crosstab(exposed, again)
    pearson = chi2_contingency(table, correction=False).statistic
    assert p_value == pytest.approx(chi2.sf(pearson * 399 / 400, 1))


def test_a_planted_effect_is_found_and_a_difference_of_histories_is_not_taken_for_one():
    found = repeat_link(*shop(1, effect=0.25), NO_TOPICS, snapshot_date=SNAPSHOT)
    none = repeat_link(*shop(2), NO_TOPICS, snapshot_date=SNAPSHOT)

    assert found.reading_of(ALL) == Finding.DIFFERS
    assert found.difference().low < -0.25 < found.difference().high
    assert none.reading_of(ALL) == Finding.NOTHING
    row = none.table.iloc[0]
    assert row["share"] - row["other_share"] < row["difference"]


def test_customers_whose_time_is_not_over_are_left_out_and_counted():
    with pytest.raises(NotSupportedByData, match="next 90 days are known"):
        repeat_link(*shop(3), NO_TOPICS, snapshot_date=date(2024, 8, 1))


def test_texts_without_customers_or_dates_are_refused_in_words():
    reviews, orders, scored = shop(4)

    with pytest.raises(NotSupportedByData, match="no customers"):
        repeat_link(reviews.drop("customer_id"), orders, scored, NO_TOPICS, snapshot_date=SNAPSHOT)
    with pytest.raises(NotSupportedByData, match="no dates"):
        repeat_link(reviews.drop("written_at"), orders, scored, NO_TOPICS, snapshot_date=SNAPSHOT)


@pytest.mark.slow
def test_without_an_effect_none_is_found_in_at_least_95_of_100_draws():
    wrong = [
        repeat_link(*shop(100 + seed, customers=300), NO_TOPICS, snapshot_date=SNAPSHOT)
        .reading_of(ALL) == Finding.DIFFERS
        for seed in range(DRAWS)
    ]  # fmt: skip

    assert sum(wrong) <= FEW
