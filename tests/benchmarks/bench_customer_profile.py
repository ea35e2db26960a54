"""Time the customer profile on a base of any size; a script, never a test.

python tests/benchmarks/bench_customer_profile.py --lines 10000000
python tests/benchmarks/bench_customer_profile.py --lines 1000000 --compare
"""

import argparse
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import ibis
import numpy as np
import pandas as pd
import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))
from shared.analysis.customer_profile import customer_profile

SNAPSHOT = date(2024, 7, 1)
LINES_PER_ORDER, ORDERS_PER_CUSTOMER = 2.5, 4
GB = 1024**3


def main() -> None:
    """Generate order lines, profile their customers and print what it took."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        path = Path(folder) / "order_lines.parquet"
        write_lines(path, lines=asked.lines)
        if asked.compare:
            seconds, customers = _measured("plain pandas", lambda: pandas_profile(path))
        engine_seconds, _ = _measured(
            "profile", lambda: _profile(path, asked.memory_gb, Path(folder))
        )
        if asked.compare:
            print(
                f"ratio pandas / profile: {seconds / engine_seconds:.1f} ({customers:,} customers)"
            )


def write_lines(path: Path, *, lines: int) -> None:
    """Write random order lines to Parquet in the engine, so that they need no memory here."""
    orders = int(lines / LINES_PER_ORDER)
    customers = orders // ORDERS_PER_CUSTOMER
    with duckdb.connect() as engine:
        engine.execute("SET threads = 2; SET memory_limit = '3GB'")
        # hash() spreads: owner, day and product of a line follow from its numbers alone. Every
        # customer has one order; the power gives some many more and most few.
        engine.execute(f"""
            COPY (
                SELECT 'C' || lpad(cast(
                           CASE WHEN o < {customers} THEN o
                                ELSE least(floor({customers} * power(u, 1.4)), {customers - 1}) END
                           AS BIGINT)::VARCHAR, 7, '0') AS customer_id,
                       'O' || o AS order_id,
                       TIMESTAMP '2022-01-01'
                           + to_minutes(cast(hash(o, 1) % (911 * 1440) AS BIGINT)) AS order_date,
                       'P' || p AS product_id, 'Group ' || (p % 20) AS category,
                       cast(1 + hash(o, k, 3) % 4 AS DOUBLE) AS quantity,
                       1 + (p * 37 % 4000) / 100.0 AS unit_price,
                       CASE WHEN hash(o, k, 4) % 5 = 0 THEN 0.5 ELSE 0 END AS discount,
                       (1 + (p * 37 % 4000) / 100.0) * 0.6 AS unit_cost,
                       ['web', 'app', 'shop'][cast(1 + hash(o, 5) % 3 AS BIGINT)] AS channel,
                       o >= {customers} AND hash(o, k, 6) % 40 = 0 AS is_refund
                FROM (
                    SELECT o, k, (hash(o, 7) % 1000003) / 1000003.0 AS u,
                           cast(floor(5000 * power((hash(o, k, 2) % 1000003) / 1000003.0, 2))
                                AS BIGINT) AS p
                    FROM range({orders}) orders(o), range(4) lines(k)
                    WHERE k < 1 + hash(o, 8) % 4
                )
            ) TO '{path}.raw' (FORMAT parquet)
        """)
        engine.execute(f"""
            COPY (
                SELECT * EXCLUDE (quantity, order_id),
                       order_id || CASE WHEN is_refund THEN 'R' ELSE '' END AS order_id,
                       CASE WHEN is_refund THEN -1.0 ELSE 1.0 END * quantity AS quantity,
                       CASE WHEN is_refund THEN -1.0 ELSE 1.0 END
                           * (quantity * unit_price - discount) AS line_value
                FROM read_parquet('{path}.raw')
            ) TO '{path}'
        """)
        Path(f"{path}.raw").unlink()
        rows, buyers = engine.execute(
            f"SELECT count(*), count(DISTINCT customer_id) FROM read_parquet('{path}')"
        ).fetchone()
    print(f"{rows:,} lines of {buyers:,} customers, {path.stat().st_size / GB:.2f} GB Parquet")


def pandas_profile(path: Path) -> int:
    """Compute a part of the metrics as one would without an engine: groups and functions of them.

    It leaves out what would take longest (slopes, gaps of segments, price tiers), so the ratio is
    kind to it.
    """
    lines = pd.read_parquet(path)
    bought = lines[~lines["is_refund"]]
    orders = bought.groupby(["customer_id", "order_id"], as_index=False).agg(
        ordered_at=("order_date", "min"),
        gross=("line_value", "sum"),
        units=("quantity", "sum"),
        positions=("product_id", "nunique"),
    )
    days = orders.assign(day=orders["ordered_at"].dt.normalize()).drop_duplicates(
        ["customer_id", "day"]
    )
    days = days.sort_values(["customer_id", "day"])
    gaps = days.groupby("customer_id")["day"].diff().dt.days
    months = orders.assign(month=orders["ordered_at"].dt.to_period("M"))
    spend = months.groupby(["customer_id", "month"])["gross"].sum()
    parts = bought.groupby(["customer_id", "category"])["line_value"].sum()
    profile = pd.concat(
        [
            orders.groupby("customer_id").agg(
                frequency=("order_id", "size"),
                last=("ordered_at", "max"),
                median_order_value=("gross", "median"),
                positions_per_order=("positions", "mean"),
            ),
            lines.groupby("customer_id")["line_value"].sum().rename("monetary"),
            gaps.groupby(days["customer_id"]).median().rename("median_gap_days"),
            spend.groupby("customer_id").apply(lambda x: np.std(x) / np.mean(x)).rename("spend_cv"),
            parts.groupby("customer_id").apply(_entropy).rename("category_entropy"),
            bought.groupby("customer_id")["product_id"].nunique().rename("distinct_products"),
        ],
        axis=1,
    )
    return len(profile)


def _entropy(parts: pd.Series) -> float:
    shares = parts / parts.sum()
    return float(-(shares * np.log(shares)).sum())


def _profile(path: Path, memory_gb: float, folder: Path) -> int:
    backend = ibis.duckdb.connect(
        memory_limit=f"{memory_gb}GB", temp_directory=str(folder / "spill"), threads=2
    )
    backend.raw_sql("SET TimeZone = 'UTC'")
    tables = {"order_lines": backend.read_parquet(path)}
    return len(customer_profile(tables, snapshot_date=SNAPSHOT).customers)


def _measured(name: str, work: Callable[[], int]) -> tuple[float, int]:
    """Run a piece of work and print its seconds, processor seconds and highest memory."""
    process, peak, done = psutil.Process(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    customers = work()
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    done.set()
    watcher.join()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{name}: {seconds:.1f} s, {cpu:.1f} s of processor, peak {peak[0] / GB:.2f} GB, "
        f"{customers:,} customers"
    )
    return seconds, customers


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--memory-gb", type=float, default=4, help="limit of the engine")
    parser.add_argument("--compare", action="store_true", help="also the plain pandas way")
    parser.add_argument("--folder", default=None, help="where the generated file is put")
    return parser.parse_args()


if __name__ == "__main__":
    main()
