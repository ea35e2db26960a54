"""Launches: the comparison by hand and against scipy, planted shifts, and the newest product."""

from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from planted_reviews import SNAPSHOT, planted_launch
from scipy.stats import ttest_ind

from shared.analysis.voice_launch import (
    Reception,
    compared_groups,
    first_days,
    launch_perception,
    newest_product,
    welch,
)
from shared.loading.errors import NotSupportedByData

NONE = pd.DataFrame(columns=["product_id", "product_name", "category"])
DAYS = {"new": SNAPSHOT - timedelta(days=60), "old": SNAPSHOT - timedelta(days=900)}


def test_welch_is_the_librarys():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.3, 1, 40), rng.normal(0, 2, 90)

    got, p_value = welch(a, b)
    want = ttest_ind(a, b, equal_var=False)

    assert p_value == pytest.approx(want.pvalue)
    interval = want.confidence_interval(0.95)
    assert (got.low, got.high) == pytest.approx((interval.low, interval.high))


def test_groups_without_any_spread_are_equal_or_different_without_an_error():
    same, p_same = welch(np.ones(10), np.ones(12))
    apart, p_apart = welch(np.ones(10), np.zeros(12))

    assert (same.value, p_same) == (0, 1)
    assert (apart.low, apart.high, p_apart) == (1, 1, 0)


def test_the_newest_product_is_compared_with_others_of_its_category_since_its_first_day():
    texts = planted_launch(1, shift=-1.0)
    products = pd.DataFrame(
        {"product_id": ["new", "old"], "product_name": ["Fizz", "Still"], "category": ["Water"] * 2}
    )

    found = launch_perception(texts, products=products, first_days=DAYS)

    assert (found.product_id, found.name, found.chosen_by_data) == ("new", "Fizz", True)
    assert found.compared_with == "other Water"
    assert found.day == DAYS["new"]
    assert found.table["texts"].tolist() == [200, 200]
    assert found.reception == Reception.POOR


def test_a_day_without_a_product_compares_as_long_a_time_before():
    texts = planted_launch(2, shift=0.0)
    day = SNAPSHOT - timedelta(days=30)

    found = launch_perception(texts, products=NONE, first_days={}, launch_date=day.isoformat())

    assert found.compared_with == "as long a time before"
    assert found.table["texts"].sum() == pytest.approx(400, abs=20)
    assert found.reception in (Reception.ALIKE, Reception.OPEN)


def test_texts_without_stars_are_compared_by_sentiment():
    texts = planted_launch(3, shift=1.0).assign(rating=np.nan)

    found = launch_perception(texts, products=NONE, first_days=DAYS)

    assert found.measure == "sentiment"
    assert found.reception == Reception.GOOD


def test_what_cannot_be_a_launch_is_refused_in_words():
    texts = planted_launch(4, shift=0.0, side=9)
    known = {"products": NONE, "first_days": DAYS}

    with pytest.raises(NotSupportedByData, match="no product that came new"):
        launch_perception(texts, **known)
    with pytest.raises(NotSupportedByData, match="which is no day"):
        launch_perception(texts, **known, launch_date="March")
    with pytest.raises(NotSupportedByData, match="no text and no sale"):
        launch_perception(texts, **known, product_id="X-1")
    with pytest.raises(NotSupportedByData, match="not dated"):
        launch_perception(texts.assign(written_at=pd.NaT), **known)


def test_a_product_that_was_there_when_the_data_begin_is_not_new():
    texts = planted_launch(5, shift=0.0)

    with pytest.raises(NotSupportedByData):
        newest_product(texts, {"new": date(2024, 1, 5), "old": date(2024, 1, 1)})


def test_a_product_is_as_old_as_its_first_sale_not_its_first_text():
    texts = planted_launch(6, shift=0.0, side=30)
    lines = ibis.memtable(
        pd.DataFrame({"product_id": ["new"], "order_date": [pd.Timestamp(2020, 2, 3)]})
    )

    got = first_days(lines, texts)

    assert got["new"] == date(2020, 2, 3)
    assert got["old"] == texts.loc[texts["product_id"] == "old", "written_at"].min().date()


@pytest.mark.slow
def test_a_shift_of_three_tenths_is_seen_in_eight_of_ten_draws_and_none_is_not_called_one():
    seen = [
        launch_perception(
            planted_launch(100 + seed, shift=-0.3), products=NONE, first_days=DAYS
        ).difference.high
        < 0
        for seed in range(DRAWS)
    ]
    settled = [
        launch_perception(planted_launch(500 + seed, shift=0.0), products=NONE, first_days=DAYS)
        .reception in (Reception.GOOD, Reception.POOR)
        for seed in range(DRAWS)
    ]  # fmt: skip

    assert sum(seen) >= 0.8 * DRAWS
    assert sum(settled) <= FEW


def test_all_figures_of_a_launch_judged_by_stars_count_the_same_texts():
    own = pd.DataFrame({"rating": [1.0, 2.0, 5.0, 4.0, 1.0, np.nan], "sentiment": [-1] * 6})
    rest = pd.DataFrame({"rating": [5.0] * 11 + [np.nan], "sentiment": [1] * 11 + [-2]})
    said = {"name": "a", "product_id": "a", "day": date(2026, 1, 1), "compared": "others"}

    found = compared_groups(own, rest, **said, by_data=False)

    assert found.table["texts"].tolist() == [5, 11]
    assert found.table["negative_share"].tolist() == [1.0, 0.0]
