"""Time the baskets of a shop of any size; a script, never a test.

python tests/benchmarks/bench_basket.py                              # 100,000 baskets, 2,000 items
python tests/benchmarks/bench_basket.py --pairs --lines 10000000
python tests/benchmarks/bench_basket.py --pairs --lines 10000000 --compare 100000
"""

import argparse
import multiprocessing
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
import pandas as pd
import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))
from shared.analysis.basket import baskets_of
from shared.analysis.basket_pairs import pairs_of
from shared.analysis.basket_study import study_baskets

SNAPSHOT = date(2025, 1, 1)
GB = 1024**3
MOST_SECONDS = 300


def main() -> None:
    """Write order lines, count their baskets and print what it took."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        path = Path(folder) / "order_lines.parquet"
        if not asked.pairs:
            lines = int(asked.baskets * asked.per_basket)
            write_lines(path, lines=lines, items=asked.items, per_basket=asked.per_basket)
            run = lambda: _study(path, asked, Path(folder))  # noqa: E731
            _in_a_process("whole page", run, limit_gb=None)
            return
        write_lines(path, lines=asked.lines, items=asked.items, per_basket=asked.per_basket)
        _in_a_process("pairs in the engine", lambda: _pairs(path, asked, Path(folder)), None)
        if asked.compare:
            for name in ("apriori", "fpgrowth"):
                run = lambda name=name: _raw_one_hot(path, asked.compare, name)  # noqa: E731
                title = f"mlxtend {name} on the raw one-hot frame of {asked.compare:,} orders"
                _in_a_process(title, run, limit_gb=asked.raw_gb)


def write_lines(path: Path, *, lines: int, items: int, per_basket: float) -> None:
    """Write random order lines: few products in most baskets, many in none."""
    orders = int(lines / per_basket)
    most = int(2 * per_basket - 1)
    with duckdb.connect() as engine:
        engine.execute("SET threads = 2; SET memory_limit = '3GB'")
        engine.execute(f"""
            COPY (
                SELECT 'O' || o AS order_id,
                       TIMESTAMP '2024-01-01' + to_days(cast(o % 366 AS INTEGER)) AS order_date,
                       'P' || cast(floor({items} * power((hash(o, k) % 1000003) / 1000003.0, 2.2))
                                   AS BIGINT) AS product_id,
                       1.0 AS quantity
                FROM range({orders}) orders(o), range({most}) lines(k)
                WHERE k < 1 + hash(o, 8) % {most}
            ) TO '{path}' (FORMAT parquet)
        """)
        rows, held = engine.execute(
            f"SELECT count(*), count(DISTINCT order_id) FROM read_parquet('{path}')"
        ).fetchone()
    print(f"{rows:,} lines of {held:,} baskets, {path.stat().st_size / GB:.3f} GB Parquet")


def _study(path: Path, asked: argparse.Namespace, folder: Path) -> str:
    study = study_baskets(
        _engine(folder, asked.memory_gb).read_parquet(path), tables={}, snapshot_date=SNAPSHOT,
        min_support=asked.min_support,
    )  # fmt: skip
    return (
        f"{len(study.pairs.table):,} pairs, {study.all_rules:,} rules, {len(study.robust)} robust"
    )


def _pairs(path: Path, asked: argparse.Namespace, folder: Path) -> str:
    lines = _engine(folder, asked.memory_gb).read_parquet(path)
    baskets = baskets_of(lines, snapshot_date=SNAPSHOT)
    pairs = pairs_of(baskets)
    return f"{baskets.n:,} baskets, {len(pairs.table):,} pairs in {pairs.least} baskets or more"


def _raw_one_hot(path: Path, orders: int, name: str) -> str:
    """Do it as the library's documentation does: a column a product, a row an order."""
    from mlxtend import frequent_patterns
    from mlxtend.preprocessing import TransactionEncoder

    with duckdb.connect() as engine:
        baskets = engine.execute(
            f"SELECT list(DISTINCT product_id) FROM read_parquet('{path}') GROUP BY order_id "
            f"LIMIT {orders}"
        ).fetchall()
    encoder = TransactionEncoder()
    held = encoder.fit([b[0] for b in baskets]).transform([b[0] for b in baskets])
    frame = pd.DataFrame(held, columns=encoder.columns_)
    found = getattr(frequent_patterns, name)(frame, min_support=5 / len(baskets), max_len=2)
    return f"{len(baskets):,} baskets, {(found['itemsets'].map(len) == 2).sum():,} pairs"


def _engine(folder: Path, memory_gb: float) -> ibis.BaseBackend:
    return ibis.duckdb.connect(
        memory_limit=f"{memory_gb}GB", temp_directory=str(folder / "spill"), threads=2
    )


def _in_a_process(title: str, work: Callable[[], str], limit_gb: float | None) -> None:
    """Run a piece of work in a process of its own, so that its memory is its own."""
    child = multiprocessing.get_context("fork").Process(
        target=_measured, args=(title, work, limit_gb)
    )
    child.start()
    child.join(MOST_SECONDS)
    if child.is_alive():
        child.terminate()
        print(f"{title}: no result within {MOST_SECONDS} s", flush=True)
    elif child.exitcode:
        print(f"{title}: ended with {child.exitcode}", flush=True)


def _measured(title: str, work: Callable[[], str], limit_gb: float | None) -> None:
    if limit_gb:
        resource.setrlimit(resource.RLIMIT_AS, (int(limit_gb * GB),) * 2)
    process, peak, done = psutil.Process(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], process.memory_info().rss)

    threading.Thread(target=watch, daemon=True).start()
    start = time.perf_counter()
    try:
        result = work()
    except MemoryError as error:
        result = f"no result within {limit_gb} GB: {str(error).splitlines()[0][:90]}"
    seconds = time.perf_counter() - start
    done.set()
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"{title}: {seconds:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of processor, "
        f"peak {peak[0] / GB:.2f} GB, {result}",
        flush=True,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baskets", type=int, default=100_000, help="for the whole page")
    parser.add_argument("--items", type=int, default=2_000)
    parser.add_argument("--per-basket", type=float, default=8.0, help="lines of a basket")
    parser.add_argument("--min-support", type=float, default=0.002)
    parser.add_argument("--pairs", action="store_true", help="count pairs only, of --lines")
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--compare", type=int, default=0, help="orders for the raw library way")
    parser.add_argument("--raw-gb", type=float, default=8, help="limit of the raw library way")
    parser.add_argument("--memory-gb", type=float, default=1, help="limit of the engine")
    parser.add_argument("--folder", default=None, help="where the generated file is put")
    return parser.parse_args()


if __name__ == "__main__":
    main()
