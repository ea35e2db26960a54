"""Time features, model and scores on a base of any size; a script, never a test.

python tests/benchmarks/bench_propensity.py --customers 1000000
"""

import argparse
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path

import ibis
import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))
from shared.analysis.propensity_evaluation import evaluate, fit_for_use, measures
from shared.analysis.propensity_features import events_of, features_at
from shared.analysis.propensity_lists import deciles
from shared.analysis.propensity_names import FEATURE_NAMES
from shared.analysis.propensity_scores import score_table
from shared.analysis.propensity_windows import Horizon, examples_of, plan_windows

SNAPSHOT, DAYS, HORIZON = date(2024, 1, 1), 365, Horizon(28, "D")
GB = 1024**3


def main() -> None:
    """Generate a base in the engine, score it, and print what each step took."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        engine = ibis.duckdb.connect(threads=2)
        engine.raw_sql(f"SET memory_limit = '{asked.memory_gb}GB'")
        engine.raw_sql(f"SET temp_directory = '{folder}'")
        tables = _written(engine, Path(folder), asked.customers)
        clock = _Clock()
        events = events_of(tables, snapshot_date=SNAPSHOT)
        windows = plan_windows(events, HORIZON, snapshot_date=SNAPSHOT, customers=asked.customers)
        clock.tell("orders and visits read")
        examples = examples_of(events, windows)
        today = features_at(events, datetime(SNAPSHOT.year, SNAPSHOT.month, SNAPSHOT.day))
        clock.tell(f"features at {examples.part.max() + 2} moments, {len(examples.outcome):,} rows")
        tested = evaluate(examples)
        clock.tell("three models fitted, calibrated and tested")
        models, calibration = fit_for_use(examples, tested)
        frame = today[list(examples.features.columns)]
        scores = score_table(models, calibration, frame, chosen=tested.chosen, names=FEATURE_NAMES)
        clock.tell(f"{len(scores):,} customers scored, with reasons")
        print({name: round(float(getattr(value, "value", value)), 4)
               for name, value in measures(tested).items()}, tested.chosen)  # fmt: skip
        print(deciles(tested.score, tested.outcome, tested.person)[["decile", "rate"]].round(3))
        clock.total()


class _Clock:
    """Seconds since the last word, and the highest memory of the process so far."""

    def __init__(self) -> None:
        self.start = self.last = time.perf_counter()

    def tell(self, what: str) -> None:
        now = time.perf_counter()
        held = psutil.Process().memory_info().rss / GB
        print(f"{what}: {now - self.last:.1f} s, {held:.2f} GB held", flush=True)
        self.last = now

    def total(self) -> None:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GB
        seconds = time.perf_counter() - self.start
        processor = sum(psutil.Process().cpu_times()[:2])
        print(f"together {seconds:.1f} s, {processor:.1f} s of processor, peak {peak:.2f} GB")


def _written(engine: ibis.BaseBackend, folder: Path, customers: int) -> dict[str, ibis.Table]:
    """Draw orders and visits in the engine: a visit before most orders, idle ones beside them."""
    engine.raw_sql("SELECT setseed(0.5)")
    start = f"TIMESTAMP '{SNAPSHOT}' - INTERVAL {DAYS} DAY"
    engine.raw_sql(f"""
        CREATE TABLE drawn AS
        SELECT printf('C%08d', i % {customers}) AS customer_id, i AS number,
               {DAYS} * 1440 * random() AS minute, -20 * ln(1 - random()) AS value,
               random() AS led, random() AS ahead
        FROM range({customers} * 6) AS t(i)
        WHERE random() < 0.25 + 0.75 * ((i % {customers}) % 7) / 7.0
    """)
    engine.raw_sql(f"""
        COPY (SELECT customer_id, number::VARCHAR AS order_id,
                     {start} + INTERVAL 1 MINUTE * floor(minute)::BIGINT AS order_date,
                     'tea' AS product_id, 1.0 AS quantity, round(value + 5, 2) AS line_value
              FROM drawn) TO '{folder}/order_lines.parquet'
    """)
    engine.raw_sql(f"""
        COPY (SELECT customer_id, number::VARCHAR AS session_id, cart_adds,
                     {start} + INTERVAL 1 MINUTE * floor(greatest(minute, 0))::BIGINT AS started_at
              FROM (SELECT customer_id, number, 1 AS cart_adds,
                           minute - ahead * 14 * 1440 AS minute FROM drawn WHERE led < 0.6
                    UNION ALL
                    SELECT printf('C%08d', i % {customers}), -i, 0, {DAYS} * 1440 * random()
                    FROM range({customers} * 3) AS t(i)))
        TO '{folder}/web_sessions.parquet'
    """)
    engine.raw_sql("DROP TABLE drawn")
    tables = {}
    for name in ("order_lines", "web_sessions"):
        tables[name] = engine.read_parquet(str(folder / f"{name}.parquet"), table_name=name)
        print(f"{name}: {tables[name].count().to_pandas():,} rows")
    return tables


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--memory-gb", type=int, default=4, help="limit of the engine")
    parser.add_argument("--folder", default=None, help="where the generated files are put")
    return parser.parse_args()


if __name__ == "__main__":
    main()
