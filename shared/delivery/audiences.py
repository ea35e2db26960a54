"""Audiences: each segment and each persona as a list for a CRM, and the script that joins it."""

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

FOLDER = "audiences"
SCRIPT = "join_and_hash.py"
TEMPLATE = Path(__file__).resolve().parent / "template" / SCRIPT
# Table, column that names the list, and what puts a customer there.
_LISTS = (
    ("01_portfolio/customers.csv", "segment", "scores of recency, orders and money: {cell}"),
    ("11_personas/assignments.csv", "persona", "behaves most like the others of this kind"),
)
HEAD = ("customer_id", "list", "reason")
SMALLEST = 10  # customers; a smaller list could be read as single people


def write_audiences(folder: Path) -> list[Path]:
    """Write one CSV per segment and persona of a delivery, and the script beside them.

    Parameters
    ----------
    folder : Path
        The delivery, with its tables.

    Returns
    -------
    list of Path
        The lists, each with `customer_id`, `list` (its name) and `reason`; none where no report
        names segments or personas. Lists of fewer than 10 customers are not written.
    """
    written = []
    for table, column, reason in _LISTS:
        path = folder / "tables" / table
        if not path.is_file():
            continue
        named: dict[str, list[tuple[str, str, str]]] = {}
        for row in _rows(path):
            if row.get(column):
                entry = (row["customer_id"], row[column], reason.format_map(row))
                named.setdefault(row[column], []).append(entry)
        for name, entries in sorted(named.items()):
            if len(entries) >= SMALLEST:
                written.append(_write(folder / FOLDER, f"{column}_{_slug(name)}", entries))
    if written:
        shutil.copyfile(TEMPLATE, folder / FOLDER / SCRIPT)
    return written


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _write(folder: Path, stem: str, entries: list[tuple[str, str, str]]) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{stem}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows(entries)
    return path


def _slug(name: str) -> str:
    return re.sub(r"\W+", "_", name.casefold()).strip("_") or "other"
