"""Turn the published CDNOW sample, whose columns have fixed widths and no head, into a CSV.

python tests/clients/cdnow/as_csv.py CDNOW_sample.txt cdnow.csv
"""

import sys
from pathlib import Path

import pandas as pd

NAMES = ["master_id", "customer", "day", "cds", "dollars"]


def write_cdnow(source: Path, target: Path) -> None:
    """Write the transactions with a head, ids and days as the file has them."""
    rows = pd.read_csv(source, sep=r"\s+", header=None, names=NAMES, dtype=str)
    # A day with two transactions has two rows: each is an order.
    rows.insert(0, "order", [f"{number:05d}" for number in range(1, len(rows) + 1)])
    rows.to_csv(target, index=False)


if __name__ == "__main__":
    write_cdnow(Path(sys.argv[1]), Path(sys.argv[2]))
