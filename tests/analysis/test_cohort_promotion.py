from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_cohorts import as_lines

from shared.analysis.cohort_activity import follow_cohorts
from shared.analysis.cohort_promotion import came_back, compare_promotions, worth_difference
from shared.analysis.multiple_testing import Finding
from shared.loading.errors import ConfigError, NotSupportedByData

DAY = np.datetime64("2024-01-01")


def shop(seed=0, *, promo=0.10, usual=0.25, each=1000, at=320, end=540):
    """Win as many by a promotion of eight days as around it; they return with other shares."""
    rng = np.random.default_rng(seed)
    rows = []
    for name, share, low, high in (
        ("promo", promo, at, at + 8),
        ("usual", usual, at - 30, at + 38),
    ):
        first = rng.integers(low, high, each)
        back = rng.random(each) < share
        again = first + rng.integers(1, 170, each)
        for i in range(each):
            rows.append((f"{name}{i}", DAY + first[i], 20.0))
            if back[i]:
                rows.append((f"{name}{i}", DAY + again[i], 30.0))
    frame = pd.DataFrame(rows, columns=["customer_id", "order_date", "line_value"])
    lines = as_lines(frame[frame["order_date"] < pd.Timestamp(DAY + end)])
    ids = frame["customer_id"].drop_duplicates()
    campaign = np.where(ids.str.startswith("promo"), "Black Friday", None)
    customers = ibis.memtable(pd.DataFrame({"customer_id": ids, "acquisition_campaign": campaign}))
    return lines, customers


def compared(lines, customers, *, last="2025-05", snapshot=date(2025, 6, 24), **options):
    cohorts = follow_cohorts(lines, period="M", last_period=last, snapshot_date=snapshot)
    return compare_promotions(lines, cohorts, customers=customers, **options)


def test_bargain_hunters_are_told_from_their_neighbours():
    (row,) = compared(*shop()).to_dict("records")

    assert row["promotion"] == "Black Friday"
    assert (row["customers"], row["neighbours"], row["followup_days"]) == (1000, 1000, 180)
    assert row["finding"] == Finding.DIFFERS
    assert row["low"] < 0.10 < row["high"]
    assert row["difference_low"] < -0.15 < row["difference_high"] < 0
    gap = worth_difference(pd.Series(row))
    assert gap.low < -0.15 * 30 < gap.high < 0
    assert came_back(pd.Series(row)).n == came_back(pd.Series(row), neighbours=True).n == 1000


def test_a_promotion_of_equal_customers_is_not_flagged():
    (row,) = compared(*shop(promo=0.25)).to_dict("records")

    assert row["finding"] == Finding.NOTHING


def test_both_sides_are_followed_equally_long():
    lines, customers = shop(end=320 + 8 + 95)

    (row,) = compared(lines, customers, last="2025-01", snapshot=date(2025, 2, 27)).to_dict(
        "records"
    )

    # 95 days after the last promotion customer: 90 are observed for her, not for all neighbours.
    assert row["followup_days"] == 90
    assert row["customers"] == 1000
    assert 400 < row["neighbours"] < 700


def test_days_and_months_define_a_promotion_where_no_campaign_is_recorded():
    lines, _ = shop()
    first = date(2024, 1, 1).toordinal() + 320
    days = f"{date.fromordinal(first)} to {date.fromordinal(first + 7)}"

    by_days = compared(lines, None, promotion=days)
    by_month = compared(lines, None, promotion="2024-11")

    assert by_days["customers"].iloc[0] > 1000
    assert by_days["promotion"].tolist() == [days]
    assert by_month["customers"].iloc[0] > by_days["customers"].iloc[0]


def test_no_campaign_and_an_unknown_campaign_are_told_apart():
    lines, customers = shop()

    with pytest.raises(NotSupportedByData, match="names no campaign"):
        compared(lines, None)
    with pytest.raises(ConfigError, match="'Cyber Monday' is no campaign") as caught:
        compared(lines, customers, promotion="Cyber Monday")
    assert caught.value.fix == "Black Friday"


def test_a_promotion_too_young_to_judge_is_not_supported():
    with pytest.raises(NotSupportedByData, match="followed for a month"):
        compared(*shop(end=335), last="2024-11", snapshot=date(2024, 12, 1))


def test_neighbours_are_won_by_no_other_promotion_and_costs_are_taken_off():
    lines, customers = shop()
    number = customers.customer_id.replace("promo", "").replace("usual", "").cast("int64")
    other = customers.acquisition_campaign.isnull() & (number < 400)
    customers = customers.mutate(
        acquisition_campaign=ibis.ifelse(other, "Rival", customers.acquisition_campaign),
        acquisition_cost=5.0,
    )

    row = compared(lines, customers, promotion="Black Friday").iloc[0]

    assert row["neighbours"] == 600
    assert row["worth_after_cost"] == pytest.approx(row["worth"] - 5)


def test_a_campaign_over_most_of_the_history_is_always_on():
    lines, customers = shop(end=500)
    always = ibis.ifelse(customers.acquisition_campaign.isnull(), "Search", "Black Friday")
    early = pd.DataFrame({"customer_id": ["usual0"], "order_date": [pd.Timestamp("2024-01-02")],
                          "line_value": [1.0]})  # fmt: skip
    lines = lines.union(as_lines(early).select(lines.columns))

    table = compared(lines, customers.mutate(acquisition_campaign=always)).set_index("promotion")

    assert table.loc["Search", "finding"] == "always on"
    assert table.loc["Search", "neighbours"] == 0
    assert table.loc["Black Friday", "neighbours"] > 900
