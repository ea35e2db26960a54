"""Time the repeat summary against the archived library lifetimes; a script, never a test.

python tests/benchmarks/bench_repeat_summary.py --lines 1000000
"""

import argparse
import sys
import tempfile
from datetime import date
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
from lifetimes.utils import summary_data_from_transaction_data

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))
from bench_customer_profile import write_lines
from own_process import measured

from shared.analysis.repeat_summary import repeat_summary, weighted_rows

SNAPSHOT, LAST = date(2024, 7, 1), "2024-06-30"
COLUMNS = ["customer_id", "order_date", "line_value"]


def main() -> None:
    """Generate order lines, sum them up both ways and print the ratios."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        path, bought = Path(folder) / "order_lines.parquet", Path(folder) / "bought.parquet"
        write_lines(path, lines=asked.lines)
        # lifetimes knows no refunds: both get the lines that were bought.
        lines = pd.read_parquet(path)
        lines.loc[~lines["is_refund"], COLUMNS].to_parquet(bought)
        _compare(bought)
        library = measured("lifetimes, a frame in memory", library_summary, bought)
        frame = measured("repeat summary, the same frame", frame_summary, bought)
        scanned = measured("repeat summary, Parquet read by the engine", file_summary, bought)
        refunds = measured("repeat summary, with refunds netted", file_summary, path)
        counted = measured("histories counted, Parquet read by the engine", file_rows, bought)
    print(
        f"ratio lifetimes / ours: same frame {library / frame:.1f}, Parquet {library / scanned:.1f}"
        f", with refunds {library / refunds:.1f}, counted histories {library / counted:.1f}"
    )


def library_summary(frame: pd.DataFrame) -> int:
    """Sum up in pandas, as lifetimes does."""
    return len(_library(frame))


def frame_summary(frame: pd.DataFrame) -> int:
    """Sum up a frame in memory in the engine."""
    return len(_ours(ibis.memtable(frame)))


def file_summary(path: Path) -> int:
    """Sum up a file that the engine reads itself."""
    return len(_ours(ibis.duckdb.connect(threads=2).read_parquet(path)))


def file_rows(path: Path) -> int:
    """Count the histories of a file that the engine reads itself."""
    table = ibis.duckdb.connect(threads=2).read_parquet(path)
    return len(weighted_rows(repeat_summary(table, snapshot_date=SNAPSHOT, unit_days=1.0)))


def _loaded(path: Path) -> tuple[pd.DataFrame]:
    return (pd.read_parquet(path),)


library_summary.before = frame_summary.before = _loaded  # type: ignore[attr-defined]


def _library(frame: pd.DataFrame) -> pd.DataFrame:
    return summary_data_from_transaction_data(
        frame, "customer_id", "order_date", "line_value", observation_period_end=LAST
    )


def _ours(table: ibis.Table) -> pd.DataFrame:
    return repeat_summary(table, snapshot_date=SNAPSHOT, unit_days=1.0).to_pandas()


def _compare(path: Path) -> None:
    frame = pd.read_parquet(path)
    want = _library(frame).sort_index()
    got = _ours(ibis.memtable(frame)).set_index("customer_id").sort_index()
    apart = np.abs(got[list(want.columns)].fillna(0.0) - want).max()
    print("largest difference: " + ", ".join(f"{k} {v:.1e}" for k, v in apart.items()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--folder", default=None, help="where the generated file is put")
    return parser.parse_args()


if __name__ == "__main__":
    main()
