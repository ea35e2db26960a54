from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_baskets import following_sales, lines_of

from shared.analysis.basket import baskets_of
from shared.analysis.basket_stock import stock_links, weekly_sales
from shared.analysis.multiple_testing import Finding
from shared.loading.errors import NotSupportedByData

UNTIL = date(2025, 1, 6)


def paired(lines):
    """Put a second product into every basket, so that the gate of baskets is passed."""
    frame = lines.to_pandas()
    return ibis.memtable(pd.concat([frame, frame.assign(product_id="zz")], ignore_index=True))


def links(lines, **options):
    baskets = baskets_of(lines, snapshot_date=UNTIL)
    return stock_links(lines, baskets, snapshot_date=UNTIL, **options), baskets


def named(table, baskets):
    label = baskets.items["label"]
    return table.assign(core=label[table["core"]].to_numpy(),
                        consumable=label[table["consumable"]].to_numpy())  # fmt: skip


def test_a_planted_link_is_found_at_its_lag_and_in_its_direction():
    table, baskets = links(paired(following_sales(1)))

    row = named(table, baskets).iloc[0]
    assert (row["core"], row["consumable"], row["lag_weeks"]) == ("p000", "p001", 3)
    assert row["finding"] == Finding.DIFFERS
    assert row["low"] > 0
    assert row["correlation"] > row["same_week"] + 0.3
    assert row["per_100"] == pytest.approx(100 * 0.6, abs=40)


def test_only_consumables_follow_and_only_core_products_lead():
    products = ibis.memtable(
        pd.DataFrame({"product_id": [f"p{i:03d}" for i in range(10)],
                      "repeatable": [0, 1, 0, 0, 0, 0, 1, 1, 1, 1]})
    )  # fmt: skip

    table, baskets = links(paired(following_sales(1)), products=products)

    got = named(table, baskets)
    assert set(got["core"]) == {"p000", "p002", "p003", "p004", "p005"}
    assert set(got["consumable"]) == {"p001", "p006", "p007", "p008", "p009"}


def test_a_busy_shop_alone_links_nothing():
    rng = np.random.default_rng(3)
    week = np.repeat(np.arange(104), rng.integers(50, 400, 104))
    n = len(week)
    frame = pd.DataFrame({
        "order_id": np.char.add("o", np.arange(n).astype(str)),
        "product_id": np.char.add("p", rng.integers(0, 8, n).astype(str)),
        "order_date": pd.Timestamp("2023-01-02") + pd.to_timedelta(7 * week, unit="D"),
    })  # fmt: skip

    table, _ = links(paired(ibis.memtable(frame)))

    assert not (table["finding"] == Finding.DIFFERS).any()


def test_sales_that_go_their_own_ways_are_not_linked():
    found = [(links(paired(following_sales(seed, strength=0)))[0]["finding"]
              == Finding.DIFFERS).any() for seed in range(5)]  # fmt: skip

    assert not any(found)


def test_weekly_deviations_of_a_product_add_up_to_nothing():
    lines = paired(following_sales(1))
    baskets = baskets_of(lines, snapshot_date=UNTIL)

    weeks = weekly_sales(lines, baskets, [0, 1], snapshot_date=UNTIL)

    assert weeks.shape == (102, 2)  # the first and the last week may be cut off
    assert weeks.sum().tolist() == pytest.approx([0, 0], abs=1e-6)


def test_without_days_or_with_few_weeks_nothing_leads_or_lags():
    undated = lines_of([["a", "b"]] * 200)
    with pytest.raises(NotSupportedByData, match="no days"):
        links(undated)
    with pytest.raises(NotSupportedByData, match="whole weeks"):
        links(paired(following_sales(1, weeks=20)))
