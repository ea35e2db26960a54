"""A small client for tests: files and rules in, the intake and its tables or the refusal out."""

import csv
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from shared.loading.config import load_config
from shared.loading.counts import Intake, TableIntake
from shared.loading.intake import take_in

HEADER = "Customer,Invoice,Date,Product,Quantity,Price"
COLUMNS = {
    "customer_id": "Customer",
    "order_id": "Invoice",
    "order_date": "Date",
    "product_id": "Product",
    "quantity": "Quantity",
    "unit_price": "Price",
}
# Ana buys two products in one order and comes back; Ben never does; Cat joins in February.
CLEAN = """\
ana,1,2024-01-05,tea,2,3.50
ana,1,2024-01-05,cup,1,8.00
ben,2,2024-01-20,tea,1,3.50
cat,3,2024-02-03,cup,4,8.00
ana,4,2024-02-17,tea,10,3.10
cat,5,2024-03-02,pot,1,21.00
"""
REVENUE = 102.50


@dataclass(frozen=True)
class Taken:
    """What became of a client: the snapshot's folder and what was counted."""

    folder: Path
    intake: Intake

    @property
    def lines(self) -> TableIntake:
        return self.intake.tables["order_lines"]

    def rows(self, table: str = "order_lines") -> list[dict]:
        return pq.read_table(self.folder / f"{table}.parquet").to_pylist()

    def rejects(self, table: str = "order_lines") -> list[dict]:
        with (self.folder / "rejects" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def left_out(self, table: str = "order_lines") -> dict[str, int]:
        return {s.reason: s.rows for s in self.intake.tables[table].set_aside}

    def notes(self, table: str = "order_lines") -> dict[str, str]:
        return {n.code: n.text for n in self.intake.tables[table].notes}

    def hints(self, table: str = "order_lines") -> dict[str, str]:
        return {n.code: n.hint for n in self.intake.tables[table].notes}


def write_client(
    root: Path,
    files: dict[str, str | bytes],
    *,
    table: str = "order_lines",
    columns: dict[str, str] | None = None,
    rules: str = "",
    format_: str = "",
    top: str = "",
) -> Path:
    """Write a client of one table; `rules`, `format_` and `top` are YAML as a person types it."""
    folder = root / "data" / "acme"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    chosen = COLUMNS if columns is None else columns
    mapped = ", ".join(f'{ours}: "{theirs}"' for ours, theirs in chosen.items())
    lines = [
        "name: Acme",
        "currency: EUR",
        *([top] if top else []),
        "tables:",
        f"  {table}:",
        f"    source: [{', '.join(sorted(files))}]",
        *([f"    format: {{{format_}}}"] if format_ else []),
        f"    columns: {{{mapped}}}",
        *([f"    rules: {{{rules}}}"] if rules else []),
    ]
    (folder / "client.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def taken(root: Path, files: dict[str, str | bytes], **settings) -> Taken:
    """Write a client and take it in."""
    snapshot = take_in(load_config(write_client(root, files, **settings)), root / "snapshot")
    return Taken(snapshot.folder, snapshot.intake)


def orders(*lines: str, header: str = HEADER) -> dict[str, str]:
    """Make an order file of the clean lines and further ones."""
    return {"orders.csv": "\n".join([header, CLEAN.strip(), *lines]) + "\n"}


def many(count: int = 100) -> list[str]:
    """Make that many sound lines: one order each, on the days of January and February 2024."""
    return [
        f"c{i % 40},{i + 100},2024-{1 + i % 2:02d}-{1 + i % 28:02d},p{i % 7},{1 + i % 3},2.50"
        for i in range(count)
    ]


def csv_of(lines: list[str], header: str = HEADER) -> dict[str, str]:
    """Make an order file of these lines."""
    return {"orders.csv": "\n".join([header, *lines]) + "\n"}
