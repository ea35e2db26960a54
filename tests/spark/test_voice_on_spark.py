"""What the voice report asks of the engine is the same on Spark as on DuckDB."""

import ibis
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from shared.analysis.voice import read_texts
from shared.analysis.voice_launch import first_days
from shared.analysis.voice_repeat import text_histories
from shared.analysis.voice_study_sources import customer_worth, product_names


@pytest.mark.slow
def test_texts_histories_first_days_and_worth_are_the_same(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("voice")
    start = pd.Timestamp("2024-01-01 10:00")
    reviews = pd.DataFrame(
        {"review_id": [f"r{i:03d}" for i in range(90)],
         "text": [f"İyi çay {chr(97 + i % 26)}{chr(97 + i // 26)} <b>x</b>" for i in range(90)],
         "written_at": [start + pd.Timedelta(days=i, hours=i % 7) for i in range(90)],
         "customer_id": [f"c{i % 20}" if i % 9 else "" for i in range(90)],
         "product_id": [f"p{i % 4}" for i in range(90)], "rating": [1.0 + i % 5 for i in range(90)]}
    )  # fmt: skip
    orders = pd.DataFrame(
        {"customer_id": [f"c{i % 25}" for i in range(200)],
         "order_date": [start + pd.Timedelta(days=(i * 7) % 120, hours=i % 5) for i in range(200)],
         "order_value": [i * 0.1 for i in range(200)],
         "product_id": [f"p{i % 5}" for i in range(200)],
         "product_name": [f"Tea {i % 5}" for i in range(200)]}
    )  # fmt: skip
    for name, frame in (("reviews", reviews), ("orders", orders)):
        times = {column: "datetime64[us]" for column in frame if column.endswith(("_at", "_date"))}
        frame.astype(times).to_parquet(folder / f"{name}.parquet")

    results = []
    for engine in (ibis.duckdb.connect(), spark):
        texts = engine.read_parquet(str(folder / "reviews.parquet"))
        bought = engine.read_parquet(str(folder / "orders.parquet"))
        read = read_texts(texts, before=pd.Timestamp("2024-03-20").date())
        results.append(
            (read.frame, text_histories(texts, bought, follow_up_days=30),
             product_names({"order_lines": bought}), customer_worth(texts, bought),
             first_days(bought, read.frame))
        )  # fmt: skip

    (frame, histories, products, worth, days), other = results
    assert len(frame) == 79
    assert_frame_equal(frame, other[0], check_dtype=False)
    assert_frame_equal(histories, other[1], check_dtype=False)
    assert_frame_equal(products, other[2], check_dtype=False)
    assert_series_equal(worth, other[3], check_dtype=False)
    assert days == other[4]
