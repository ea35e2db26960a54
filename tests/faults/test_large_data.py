"""Data of a size that other tools give up on, by the command line; memory is that of a process."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
GIB_IN_KIB = 1024**2
# Of processes that have ended, the largest; the tests of this worker before do not count in it.
MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def baskets(orders: int, products: int) -> pd.DataFrame:
    """Draw about ten products an order; few are sold often, as in any shop."""
    rng = np.random.default_rng(37)
    order = np.repeat(np.arange(orders), rng.poisson(10, orders))
    product = (products * rng.random(len(order)) ** 2).astype(int)
    day = pd.Timestamp("2023-01-01") + pd.to_timedelta(order % 365, unit="D")
    lines = pd.DataFrame({"customer_id": "c" + pd.Series(order % 20_000).astype(str),
                          "order_id": "o" + pd.Series(order).astype(str), "order_date": day,
                          "product_id": "p" + pd.Series(product).astype(str),
                          "quantity": 1, "unit_price": 2.5})  # fmt: skip
    return lines.drop_duplicates(["order_id", "product_id"])


@pytest.mark.slow
def test_da37_a_hundred_thousand_baskets_of_ten_thousand_products_fit_in_4_gb(tmp_path):
    folder = tmp_path / "data" / "wide"
    folder.mkdir(parents=True)
    baskets(100_000, 10_000).to_parquet(folder / "lines.parquet", coerce_timestamps="us")
    (folder / "client.yaml").write_text(
        "name: Wide\ncurrency: EUR\nlocale: en_GB\ntimezone: UTC\ntables:\n  order_lines:\n"
        "    source: lines.parquet\n    columns: {customer_id: customer_id, order_id: order_id, "
        "order_date: order_date, product_id: product_id, quantity: quantity, "
        "unit_price: unit_price}\nparameters: {basket: {min_support: 0.001}}\n",
        encoding="utf-8",
    )
    outputs = tmp_path / "outputs"
    line = [sys.executable, str(ROOT / "run_all.py"), "wide", "--data", str(tmp_path / "data"),
            "--outputs", str(outputs), "--only", "05"]  # fmt: skip

    measured = [sys.executable, "-c", MEASURED, *line]
    done = subprocess.run(measured, capture_output=True, text=True, check=False)

    code, most = map(int, done.stdout.split())
    assert code == 0, done.stderr
    (findings,) = outputs.glob("wide/*/findings/05_basket.json")
    metrics = json.loads(findings.read_text(encoding="utf-8"))["metrics"]
    assert metrics["baskets"] > 99_000
    assert metrics["items"] > 9_900
    assert most < 4 * GIB_IN_KIB
