"""Baskets and pairs on Spark equal those on DuckDB; skipped where Spark is not installed."""

import ibis
import pytest
from pandas.testing import assert_frame_equal
from planted_baskets import SNAPSHOT, planted_pairs

from shared.analysis.basket import baskets_of
from shared.analysis.basket_pairs import pairs_of
from shared.analysis.basket_substitutes import substitutes
from shared.analysis.basket_worth import item_worth


@pytest.mark.slow
def test_items_pairs_and_worth_are_the_same(spark, tmp_path_factory):
    frame = planted_pairs(1, baskets=2500).to_pandas()
    frame = frame.assign(
        customer_id="c" + (frame["order_id"].str[1:].astype(int) % 300).astype(str),
        category="g" + frame["product_id"].str[-1],
        line_value=2.5,
    ).astype({"order_date": "datetime64[us]"})
    path = str(tmp_path_factory.mktemp("baskets") / "order_lines.parquet")
    frame.to_parquet(path)

    results = []
    for engine in (ibis.duckdb.connect(), spark):
        lines = engine.read_parquet(path)
        baskets = baskets_of(lines, snapshot_date=SNAPSHOT)
        pairs = pairs_of(baskets)
        results.append((baskets, pairs, substitutes(pairs, baskets),
                        item_worth(lines, baskets, snapshot_date=SNAPSHOT)))  # fmt: skip
    (duck, pairs, apart, worth), (other, other_pairs, other_apart, other_worth) = results

    assert (duck.n, duck.later_n, duck.split) == (other.n, other.later_n, other.split)
    assert_frame_equal(duck.items, other.items, check_dtype=False)
    assert_frame_equal(pairs.table, other_pairs.table, check_dtype=False)
    assert_frame_equal(pairs.expected, other_pairs.expected, check_dtype=False)
    assert_frame_equal(apart, other_apart, check_dtype=False)
    assert_frame_equal(worth.table, other_worth.table, check_dtype=False)
    assert (pairs.table["reading"] == "robust").any()
