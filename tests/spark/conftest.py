"""One Spark session for all tests that compare it with DuckDB."""

import os
import shutil

import ibis
import pytest


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """Connect Ibis to a local Spark, or skip and say what is missing."""
    pytest.importorskip("pyspark", reason="Spark is an extra: pip install -e '.[spark]'")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("Spark needs Java")
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    scratch = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.warehouse.dir", str(scratch / "warehouse"))
        .config("spark.local.dir", str(scratch))
        .getOrCreate()
    )
    yield ibis.pyspark.connect(session)
    session.stop()
