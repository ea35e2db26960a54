"""Small client drops for tests: files in, the raw table or the refusal out."""

import io
import zipfile
from pathlib import Path

import pyarrow.parquet as pq

from shared.loading.config import Format, TableConfig
from shared.loading.raw_table import RawTable
from shared.loading.sources import read_source

CSV = b"order_id,order_date,amount\n1,2024-01-31,12.50\n2,2024-02-01,7.25\n"


def drop(folder: Path, **files: bytes) -> Path:
    """Write a client's files; `orders_csv=b"…"` becomes orders.csv."""
    client = folder / "data" / "acme"
    client.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        stem, _, ending = name.rpartition("_")
        (client / f"{stem}.{ending}").write_bytes(content)
    return client


def read(client: Path, *source: str, **format_: object) -> RawTable:
    """Read a table of a client's drop; all its files if none is named."""
    names = source or tuple(sorted(path.name for path in client.iterdir() if path.is_file()))
    into = client.parents[1] / "scratch"
    into.mkdir(exist_ok=True)
    return read_source(TableConfig(source=names, format=Format(**format_)), client, into)


def records(raw: RawTable) -> list[dict]:
    """Give the rows that were read whole, with `__file` and `__row`."""
    return pq.read_table(raw.path).to_pylist()


def edited_zip(content: bytes, member: str, edit) -> bytes:
    """Rewrite one member of an archive."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info.filename, edit(data) if info.filename == member else data)
    return target.getvalue()


def workbook(**sheets: list[list]) -> bytes:
    """Make an .xlsx as a client's program would, one sheet per name; formulas get no value."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
