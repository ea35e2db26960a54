"""Time a whole delivery of a shop of any size, beside that of the demo client; no test.

python tests/benchmarks/bench_delivery.py                          # 100,000 customers
python tests/benchmarks/bench_delivery.py --customers 25000 --only 02,06
python tests/benchmarks/bench_delivery.py --folder /tmp/shop       # draws the shop only once

The shop is the demo's own, drawn by its generator with more people: habits, seasons and faults of
the export stay, and every table grows with the customers. The range of products grows by
--variants: each product is then sold in so many, and a customer buys always the same one.
"""

import argparse
import csv
import gzip
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
LOOK_SECONDS = 0.1
MB, KB = 1024**2, 1024
INTAKE, PAGES, WHOLE = "intake", "pages and workbook", "whole delivery"
_JOB = re.compile(r"/work/([^/]+)/job\.json$")


@dataclass
class Part:
    """What a part of a run took: processor seconds by process, and its highest memory in MB."""

    spent: dict[int, float] = field(default_factory=dict)
    peak: float = 0.0


@dataclass(frozen=True)
class Watched:
    """A run that ended: its parts by name, and when its first report began and its last ended."""

    parts: dict[str, Part]
    began: float
    ended: float


def main() -> None:
    """Draw the shop, deliver the demo client and it, and print one beside the other."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(dir=asked.temporary) as temporary:
        data = Path(asked.folder or temporary)
        if not (data / "shop" / "client.yaml").is_file():
            start = time.perf_counter()
            draw_client(data / "shop", asked.customers)
            if asked.variants > 1:
                vary_products(data / "shop", asked.variants)
            print(f"{asked.customers:,} customers drawn in {time.perf_counter() - start:.0f} s")
        demo = measure("demo", ROOT / "data", Path(temporary), asked)
        shop = measure("shop", data, Path(temporary), asked)
    table = beside(demo, shop)
    print(table.to_string(float_format="{:,.1f}".format, na_rep=""))


def draw_client(folder: Path, customers: int) -> None:
    """Write the demo client with so many buyers; call it before anything imports its generator."""
    from shared.loading.demo import truth

    times = customers / truth.BUYERS
    # The other modules of the generator take these by name: they are set before those are imported.
    truth.BUYERS, truth.LEADS = customers, round(truth.LEADS * times)
    truth.WEAK_COHORT = replace(truth.WEAK_COHORT, size=round(truth.WEAK_COHORT.size * times))
    from shared.loading.demo.shop import FOLDER, write_demo

    write_demo(folder)
    for name in ("client.yaml", "logo.svg"):
        shutil.copyfile(FOLDER / name, folder / name)


def vary_products(folder: Path, variants: int) -> None:
    """Part each product into variants, in every table that names products."""
    listed = _rows(folder / "products.csv", ",")
    ids = {row[0] for row in listed[1:]}
    # Of each table: its delimiter, where the product and its name stand, and who bought it.
    tables = {"order_lines.csv.gz": (";", 4, 5, 3), "reviews.csv": (",", 3, None, 2)}
    for name, (delimiter, product, label, buyer) in tables.items():
        rows = _rows(folder / name, delimiter)
        for row in rows[1:]:
            if len(row) > product and row[product] in ids:
                number = zlib.crc32(row[buyer].encode()) % variants
                row[product] += f"-{number:02d}"
                row[label or product] += f" No {number}" if label else ""
        _write_rows(folder / name, rows, delimiter)
    varied = [[f"{row[0]}-{n:02d}", f"{row[1]} No {n}", *row[2:]] for row in listed[1:]
              for n in range(variants)]  # fmt: skip
    _write_rows(folder / "products.csv", [listed[0], *varied], ",")


def measure(client: str, data: Path, temporary: Path, asked: argparse.Namespace) -> pd.DataFrame:
    """Deliver a client and measure each report, the intake, the pages, and the whole.

    Returns
    -------
    pd.DataFrame
        `seconds` on the clock, `processor` seconds, `peak` MB of resident memory, and kB of the
        `page`, of the `tables` and of the `workbook`.
    """
    outputs, only = temporary / "outputs", ["--only", asked.only] if asked.only else []
    line = [sys.executable, "run_all.py", client, "--data", str(data), "--outputs", str(outputs),
            "--jobs", str(asked.jobs), *only]  # fmt: skip
    start = time.perf_counter()
    environment = small_machine(temporary / "site", asked.memory_gb)
    process = psutil.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, env=environment)
    watched = watch(process)
    end = time.perf_counter()
    (delivered,) = (outputs / client).glob("[0-9]*")
    manifest = json.loads((delivered / "run.json").read_text(encoding="utf-8"))
    rows = ", ".join(f"{n} {t['rows_used']:,}" for n, t in manifest["intake"].items())
    print(f"{client}: exit code {process.wait()}, {rows}")
    seconds = manifest["run"]["reports"] | {
        INTAKE: watched.began - start, PAGES: end - watched.ended, WHOLE: end - start,
    }  # fmt: skip
    frame = pd.DataFrame({"seconds": seconds})
    frame["processor"] = {name: sum(p.spent.values()) for name, p in watched.parts.items()}
    frame["peak"] = {name: part.peak for name, part in watched.parts.items()}
    return frame.join(sizes(delivered, list(seconds)))


def small_machine(site: Path, gigabytes: float) -> dict[str, str]:
    """Give an environment in which Python takes the machine for one with so much memory.

    The suite shares out what there is, and stops a notebook that takes more than its part.
    """
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(
        "import psutil\n"
        "found = psutil.virtual_memory()._replace\n"
        f"psutil.virtual_memory = lambda: found(total={int(gigabytes * 1024 * MB)})\n",
        encoding="utf-8",
    )
    return {**os.environ, "PYTHONPATH": str(site)}


def sizes(delivered: Path, names: Iterable[str]) -> pd.DataFrame:
    """Give the kB of each report's page and tables, and of all pages, tables and the workbook."""
    kept = {
        name: (_size(delivered.glob(f"{name}.html")), _size(delivered.glob(f"tables/{name}/*")))
        for name in names
    }
    kept[WHOLE] = (_size(delivered.glob("*.html")), _size(delivered.glob("tables/*/*")))
    frame = pd.DataFrame(kept, index=["page", "tables"]).T
    frame["workbook"] = pd.Series({WHOLE: _size(delivered.glob("*.xlsx"))})
    return frame.replace(0.0, math.nan)


def watch(process: psutil.Process) -> Watched:
    """Look at a run and all its processes until it ends.

    Memory is summed over the processes of a part; what two of them share counts twice, so that a
    sum is an upper bound.
    """
    parts: dict[str, Part] = defaultdict(Part)
    report: dict[int, str] = {}
    began = ended = time.perf_counter()
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        memory: dict[str, float] = defaultdict(float)
        at_work = False
        for one in _family(process):
            try:
                name = report.get(one.pid) or _report_of(one, report)
                spent, resident = one.cpu_times(), one.memory_info().rss / MB
            except psutil.Error:
                continue
            if name and one.pid not in report:
                report[one.pid] = name
                # It had not yet become what it is: between fork and exec it looked like its parent.
                for part in (INTAKE, PAGES):
                    parts[part].spent.pop(one.pid, None)
            began = time.perf_counter() if name and began == ended else began
            at_work |= bool(name)
            own = name or (INTAKE if began == ended else PAGES)
            before = parts[INTAKE].spent.get(one.pid, 0.0) if own == PAGES else 0.0
            parts[own].spent[one.pid] = spent.user + spent.system - before
            parts[WHOLE].spent[one.pid] = spent.user + spent.system
            for part in (own, WHOLE):
                memory[part] += resident
        ended = time.perf_counter() if at_work else ended
        for part, resident in memory.items():
            parts[part].peak = max(parts[part].peak, resident)
        time.sleep(LOOK_SECONDS)
    return Watched(dict(parts), began, ended)


def beside(demo: pd.DataFrame, shop: pd.DataFrame) -> pd.DataFrame:
    """Put the shop's figures beside how many times those of the demo they are."""
    table = {}
    for column in shop:
        table[column] = shop[column]
        table[f"x {column}"] = shop[column] / demo[column]
    return pd.DataFrame(table)


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _report_of(process: psutil.Process, known: dict[int, str]) -> str:
    """Name the report that a process works for, by its job or its parent; "" for none."""
    jobs = [_JOB.search(part.replace("\\", "/")) for part in process.cmdline()]
    named = next((job[1] for job in jobs if job), "")
    return named or known.get(process.ppid(), "")


def _rows(path: Path, delimiter: str) -> list[list[str]]:
    with _opened(path, "rt") as file:
        return list(csv.reader(file, delimiter=delimiter))


def _write_rows(path: Path, rows: list[list[str]], delimiter: str) -> None:
    with _opened(path, "wt") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)


def _opened(path: Path, mode: str) -> Any:
    packed = path.suffix == ".gz"
    how = {"mode": mode, "encoding": "cp1252" if packed else "utf-8", "newline": ""}
    return gzip.open(path, **how) if packed else path.open(**how)


def _size(files: Iterable[Path]) -> float:
    return sum(file.stat().st_size for file in files) / KB


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--variants", type=int, default=1, help="of each of the 120 products")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time")
    parser.add_argument("--memory-gb", type=float, default=4.0, help="that the suite believes in")
    parser.add_argument("--only", default="", help="reports, such as 02,06; all if left out")
    parser.add_argument("--folder", default="", help="keeps the drawn shop here for the next time")
    parser.add_argument("--temporary", default=None, help="where the deliveries are put meanwhile")
    return parser.parse_args()


if __name__ == "__main__":
    main()
