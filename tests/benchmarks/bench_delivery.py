"""Time a whole delivery of a shop of any size, beside that of the demo client; no test.

python tests/benchmarks/bench_delivery.py                          # 100,000 customers
python tests/benchmarks/bench_delivery.py --customers 25000 --only 02,06
python tests/benchmarks/bench_delivery.py --folder /tmp/shop       # draws the shop only once

The shop is the demo's own, drawn by its generator with more people: habits, seasons and faults of
the export stay, and every table grows with the customers. Only the range of products does not.
"""

import argparse
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import psutil

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
LOOK_SECONDS = 0.1
MB, KB = 1024**2, 1024
SUITE, ALL, INTAKE = "intake and pages", "whole delivery", "intake alone"
WORKER = re.compile(r"/work/([^/]+)/job\.json$")


@dataclass(frozen=True)
class Used:
    """What a process family took: processor seconds, and its highest resident memory in MB."""

    processor: float
    peak: float


def main() -> None:
    """Draw the shop, deliver the demo client and it, and print one beside the other."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(dir=asked.temporary) as temporary:
        shop = Path(asked.folder or temporary) / "shop"
        if not (shop / "client.yaml").is_file():
            start = time.perf_counter()
            draw_client(shop, asked.customers)
            print(f"{asked.customers:,} customers drawn in {time.perf_counter() - start:.0f} s")
        for client in (shop.parent / "demo", shop):
            if client.name == "demo" and not client.exists():
                shutil.copytree(ROOT / "data" / "demo", client)
        found = {
            client: measure(client, shop.parent, Path(temporary), asked)
            for client in ("demo", "shop")
        }
    print(beside(found["demo"], found["shop"]).to_string(float_format="{:,.1f}".format, na_rep=""))


def draw_client(folder: Path, customers: int) -> None:
    """Write the demo client with this many buyers; call it before anything imports its parts."""
    from shared.loading.demo import truth

    times = customers / truth.BUYERS
    # The generator's other modules take these by name, so they are set before those are imported.
    truth.BUYERS, truth.LEADS = customers, round(truth.LEADS * times)
    truth.WEAK_COHORT = replace(truth.WEAK_COHORT, size=round(truth.WEAK_COHORT.size * times))
    from shared.loading.demo.shop import FOLDER, write_demo

    write_demo(folder)
    for name in ("client.yaml", "logo.svg"):
        shutil.copyfile(FOLDER / name, folder / name)


def measure(client: str, data: Path, temporary: Path, asked: argparse.Namespace) -> pd.DataFrame:
    """Deliver a client and give one row per report, then the rest and the whole.

    Returns
    -------
    pd.DataFrame
        `seconds` (blank for the rest), `processor` seconds, `peak` MB, `page`, `tables` and
        `workbook` in kB.
    """
    outputs = temporary / "outputs"
    only = ["--only", asked.only] if asked.only else []
    line = [sys.executable, "run_all.py", client, "--data", str(data), "--outputs", str(outputs),
            "--jobs", str(asked.jobs), *only]  # fmt: skip
    start = time.perf_counter()
    process = psutil.Popen(line, cwd=ROOT, stdout=sys.stderr)
    used = watch(process)
    seconds = time.perf_counter() - start
    (delivered,) = (outputs / client).glob("[0-9]*")
    run = json.loads((delivered / "run.json").read_text(encoding="utf-8"))["run"]
    intake = json.loads((delivered / "run.json").read_text(encoding="utf-8"))["intake"]
    rows = ", ".join(f"{name} {table['rows_used']:,}" for name, table in intake.items())
    print(f"{client}: exit code {process.wait()}, {rows}")
    times = run["reports"] | {SUITE: seconds - run["seconds"], ALL: seconds}
    frame = pd.DataFrame({"seconds": times})
    frame["processor"] = {name: part.processor for name, part in used.items()}
    frame["peak"] = {name: part.peak for name, part in used.items()}
    return frame.join(sizes(delivered, list(times)))


def sizes(delivered: Path, names: Iterable[str]) -> pd.DataFrame:
    """Give the kB of each report's page and tables, and of all pages, tables and the workbook."""
    kept = {
        name: (_size(delivered.glob(f"{name}.html")), _size(delivered.glob(f"tables/{name}/*")))
        for name in names
    }
    kept[ALL] = (_size(delivered.glob("*.html")), _size(delivered.glob("tables/*/*")))
    frame = pd.DataFrame(kept, index=["page", "tables"]).T
    frame["workbook"] = pd.Series({ALL: _size(delivered.glob("*.xlsx"))})
    return frame.replace(0.0, math.nan)


def watch(process: psutil.Process) -> dict[str, Used]:
    """Look at a run and all its processes until it ends; memory is summed over processes.

    A page of memory that two processes share counts in both, so a sum is an upper bound.
    """
    processor: dict[str, dict[int, float]] = defaultdict(dict)
    peaks: dict[str, float] = defaultdict(float)
    report: dict[int, str] = {process.pid: SUITE}
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        memory: dict[str, float] = defaultdict(float)
        for one in _family(process):
            try:
                name = report.setdefault(one.pid, _report_of(one, report))
                spent, resident = one.cpu_times(), one.memory_info().rss / MB
            except psutil.Error:
                continue
            for part in (name, ALL):
                processor[part][one.pid] = spent.user + spent.system
                memory[part] += resident
        for part, resident in memory.items():
            peaks[part] = max(peaks[part], resident)
        time.sleep(LOOK_SECONDS)
    return {part: Used(sum(processor[part].values()), peak) for part, peak in peaks.items()}


def beside(demo: pd.DataFrame, shop: pd.DataFrame) -> pd.DataFrame:
    """Put the shop's figures beside how many times those of the demo they are."""
    table = {}
    for column in shop:
        table[column] = shop[column]
        if column != "workbook":
            table[f"x {column}"] = shop[column] / demo[column]
    return pd.DataFrame(table)


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _report_of(process: psutil.Process, known: dict[int, str]) -> str:
    """Name the report that a process works for: its own job, or that of its parent."""
    if process.pid in known:
        return known[process.pid]
    jobs = [WORKER.search(part.replace("\\", "/")) for part in process.cmdline()]
    named = next((job[1] for job in jobs if job), "")
    return named or known.get(process.ppid(), SUITE)


def _size(files: Iterable[Path]) -> float:
    return sum(file.stat().st_size for file in files) / KB


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time")
    parser.add_argument("--only", default="", help="reports, such as 02,06; all if left out")
    parser.add_argument("--folder", default="", help="keeps the drawn shop here for the next time")
    parser.add_argument("--temporary", default=None, help="where the deliveries are put meanwhile")
    return parser.parse_args()


if __name__ == "__main__":
    main()
