"""Time attribution: contacts to credit at any size, and against ChannelAttribution; no test.

python tests/benchmarks/bench_attribution.py                    # 1 million contacts to credit
python tests/benchmarks/bench_attribution.py --touches 100000 --whole
python tests/benchmarks/bench_attribution.py --compare VENV/bin/python --datasets FOLDER

ChannelAttribution (GPL-3) is no dependency. It is built from C++ in an environment of its own:
    python -m venv VENV && VENV/bin/pip install ChannelAttribution matplotlib
Without one, the comparison is skipped and says so.
"""

import argparse
import subprocess
import sys
import tempfile
import textwrap
import time
from datetime import date
from pathlib import Path

import duckdb
import ibis
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))
from own_process import measured

from shared.analysis.attribution_chain import fitted_chain, normalised, removal_effects
from shared.analysis.attribution_counting import paths_from_table, paths_of
from shared.analysis.attribution_paths import journeys_of
from shared.analysis.attribution_rules import credit
from shared.analysis.attribution_study import study_attribution

SNAPSHOT = date(2025, 1, 1)
COLUMNS = {"conversions": "total_conversions", "conversion_value": "total_conversion_value",
           "nulls": "total_null"}  # fmt: skip
PACKAGE = """
    import sys, time
    import pandas as pd
    import ChannelAttribution as ca
    paths = pd.read_csv(sys.argv[1], sep=";")
    start = time.perf_counter()
    found = ca.markov_model(paths, "path", "total_conversions", var_null="total_null", order=1,
                            verbose=False)
    seconds = time.perf_counter() - start
    found = found["result"] if isinstance(found, dict) else found
    found.columns = ["channel", "credit", *found.columns[2:]]
    found.assign(seconds=seconds)[["channel", "credit", "seconds"]].to_csv(sys.argv[2], index=False)
"""


def main() -> None:
    """Write contacts and time what was asked for."""
    asked = _arguments()
    if asked.compare:
        compare(asked.compare, asked.datasets)
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        write_contacts(Path(folder), touches=asked.touches, channels=asked.channels)
        measured("contacts to credit", to_credit, folder)
        if asked.whole:
            measured("whole study with intervals", whole_study, folder)


def write_contacts(folder: Path, *, touches: int, channels: int) -> None:
    """Write random contacts, some three a journey and nine a customer, and conversions."""
    with duckdb.connect() as engine:
        engine.execute("SET threads = 2; SET memory_limit = '2GB'")
        engine.execute(f"""
            COPY (
                SELECT 'C' || (k // 9) AS customer_id,
                       TIMESTAMP '2024-01-01' + to_minutes(cast(
                           (k % 9 // 3) * 144000 + hash(k) % 20000 AS BIGINT)) AS touched_at,
                       'channel ' || cast(floor({channels} * power(
                           (hash(k, 1) % 1000003) / 1000003.0, 1.8)) AS BIGINT) AS channel,
                       0.1 AS cost
                FROM range({touches}) contacts(k)
            ) TO '{folder / "touchpoints.parquet"}' (FORMAT parquet)
        """)
        engine.execute(f"""
            COPY (
                SELECT 'C' || (k // 3) AS customer_id,
                       TIMESTAMP '2024-01-01' + to_minutes(cast(
                           (k % 3) * 144000 + 20001 AS BIGINT)) AS converted_at,
                       20.0 AS conversion_value
                FROM range({touches // 3}) journeys(k) WHERE hash(k, 2) % 10 < 3
            ) TO '{folder / "conversions.parquet"}' (FORMAT parquet)
        """)


def to_credit(folder: str) -> int:
    """Come from contacts to the credit of every model, memory 1, without intervals."""
    engine = _engine(folder)
    tables = [engine.read_parquet(f"{folder}/{n}.parquet") for n in ("touchpoints", "conversions")]
    start = time.perf_counter()
    paths = paths_of(journeys_of(*tables, snapshot_date=SNAPSHOT))
    seconds = time.perf_counter() - start
    credit(paths)
    print(
        f"  {paths.journeys:,.0f} journeys, {len(paths.lengths):,} paths; paths in {seconds:.1f} s"
    )
    return int(paths.total)


def whole_study(folder: str) -> int:
    """Compute all that the page says about channels, memory and intervals included."""
    engine = _engine(folder)
    names = ("touchpoints", "conversions")
    tables = {name: engine.read_parquet(f"{folder}/{name}.parquet") for name in names}
    return len(study_attribution(tables, snapshot_date=SNAPSHOT).credit)


def compare(python: str, datasets: str) -> None:
    """Set time and error of ChannelAttribution on PathData against the exact chain."""
    data = Path(datasets) / "channel_paths" / "PathData.csv"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "credit.csv"
        asked = [python, "-c", textwrap.dedent(PACKAGE), str(data), str(out)]
        try:
            subprocess.run(asked, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as fault:
            told = getattr(fault, "stderr", "") or str(fault)
            print(f"skipped: ChannelAttribution does not run there: {told.strip()[-300:]}")
            return
        package = pd.read_csv(out).set_index("channel")
    start = time.perf_counter()
    read = ibis.duckdb.connect().read_csv(str(data), delim=";").rename(COLUMNS)
    paths = paths_from_table(read)
    read_in = time.perf_counter() - start
    start = time.perf_counter()
    effects = removal_effects(fitted_chain(paths), channels=len(paths.channels))
    exact = pd.Series(normalised(effects, paths.total), index=list(paths.channels))
    seconds = time.perf_counter() - start
    error = (package["credit"] / exact - 1).loc[exact.sort_values(ascending=False).index]
    print(f"exact: {seconds:.3f} s from paths (reading them {read_in:.2f} s)")
    print(f"ChannelAttribution: {package['seconds'].iloc[0]:.3f} s from paths; off by channel:")
    print(error.map("{:+.1%}".format).to_string())


def _engine(folder: str) -> ibis.BaseBackend:
    engine = ibis.duckdb.connect(memory_limit="2GB", temp_directory=f"{folder}/spill", threads=2)
    engine.raw_sql("SET enable_progress_bar = false")
    return engine


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--channels", type=int, default=12)
    parser.add_argument("--whole", action="store_true", help="time the whole study, too")
    parser.add_argument("--compare", default="", help="python that has ChannelAttribution")
    parser.add_argument("--datasets", default="../shared/datasets", help="the public data")
    parser.add_argument("--folder", default=None, help="where the generated files are put")
    return parser.parse_args()


if __name__ == "__main__":
    main()
