"""The next offer on Spark equals that on DuckDB; skipped where Spark is not installed."""

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from planted_preferences import HOLDOUT_DAYS, SNAPSHOT, preferences

from shared.analysis.offer_matrix import read_purchases
from shared.analysis.offer_placebo import shuffled_products
from shared.analysis.offer_price_moves import price_moves
from shared.analysis.offer_transitions import follow_groups, follow_products

OPTIONS = {"snapshot_date": SNAPSHOT, "holdout_days": HOLDOUT_DAYS}


@pytest.fixture(scope="module")
def engines(spark, tmp_path_factory):
    """Give the same order lines and products on both engines."""
    frame = preferences(3, users=300, items=40).astype({"order_date": "datetime64[us]"})
    frame["product_name"] = "Product " + frame["product_id"]
    frame["is_refund"] = np.arange(len(frame)) % 50 == 0
    ids = np.sort(frame["product_id"].unique())
    products = pd.DataFrame({"product_id": ids, "stock": np.arange(len(ids)) * 3.0,
                             "repeatable": np.arange(len(ids)) % 2, "unit_cost": 2.0})  # fmt: skip
    folder = tmp_path_factory.mktemp("next_offer")
    frame.to_parquet(folder / "lines.parquet")
    products.to_parquet(folder / "products.parquet")
    return [
        (engine.read_parquet(str(folder / "lines.parquet")),
         engine.read_parquet(str(folder / "products.parquet")))
        for engine in (ibis.duckdb.connect(), spark)
    ]  # fmt: skip


@pytest.mark.slow
def test_counts_products_and_people_are_the_same(engines):
    duck, spark = (read_purchases(lines, products=table, **OPTIONS) for lines, table in engines)

    assert_frame_equal(duck.pairs, spark.pairs, check_dtype=False)
    assert_frame_equal(duck.products, spark.products, check_dtype=False)
    assert_frame_equal(duck.people, spark.people, check_dtype=False)
    assert len(duck.pairs) > 1000


@pytest.mark.slow
def test_transitions_and_moves_are_the_same(engines):
    base = read_purchases(engines[0][0], **OPTIONS)
    groups = base.products[["product_id", "category"]].set_axis(
        ["product_id", "group_name"], axis=1
    )
    for follow in (
        lambda lines: follow_groups(lines, groups, snapshot_date=SNAPSHOT).table,
        lambda lines: follow_products(lines, base.products, snapshot_date=SNAPSHOT, most=8).table,
        lambda lines: price_moves(lines, base.products, snapshot_date=SNAPSHOT),
    ):
        duck, spark = (follow(lines) for lines, _table in engines)
        assert_frame_equal(duck, spark, check_dtype=False, rtol=1e-9)
        assert len(duck) > 5


@pytest.mark.slow
def test_shuffling_deals_the_same_cards(engines):
    keys = ["order_id", "product_id", "is_refund"]

    duck, spark = (
        shuffled_products(lines, seed=4).to_pandas()[keys].sort_values(keys, ignore_index=True)
        for lines, _table in engines
    )

    assert_frame_equal(duck, spark, check_dtype=False)
