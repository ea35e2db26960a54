"""Inputs that are tables already: Parquet files and tables in a database, with their own types."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from shared.loading.errors import DataRefused, EnvironmentFault
from shared.loading.sniff import column_names
from shared.loading.words_near import did_you_mean

ROWS_PER_BATCH = 100_000
_EMBEDDED = re.compile(r"(duckdb|sqlite)://([^?]*)", re.IGNORECASE)
_DRIVERS = {"postgres": "psycopg", "postgresql": "psycopg", "mysql": "mysqlclient"}


@dataclass(frozen=True)
class DatabaseTable:
    """A table in a database.

    Attributes
    ----------
    address : str
        As Ibis connects to it; may hold a password.
    table : str
        Name, with its schema in front where it has one.
    """

    address: str
    table: str

    @property
    def name(self) -> str:
        """The address without user, password and options, and the table."""
        scheme, _, rest = self.address.partition("://")
        place = rest.rpartition("@")[2].partition("?")[0]
        if _EMBEDDED.match(self.address):
            place = Path(place).name
        user = "***@" if "@" in rest else ""
        return f"{scheme}://{user}{place}::{self.table}"


def database_table(entry: str, folder: Path) -> DatabaseTable:
    """Read a source such as "duckdb://shop.db::orders", relative to the client's folder."""
    address, _, table = entry.rpartition("::")
    embedded = _EMBEDDED.fullmatch(address)
    if embedded:
        # Four slashes, or three and a drive, are an absolute path; Path keeps it whatever folder is.
        path = folder / Path(
            embedded[2] if address.count("/") < 3 else "/" + embedded[2].lstrip("/")
        )
        return DatabaseTable(f"{embedded[1].lower()}://{path}", table)
    return DatabaseTable(address, table)


def parquet_schema(name: str, path: Path, partitions: Iterable[tuple[str, str]] = ()) -> pa.Schema:
    """Give the columns of a Parquet file, dictionaries as their values, folders' columns as text.

    Raises
    ------
    DataRefused
        If the file is damaged or names two columns alike.
    """
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError):
        raise _damaged(name) from None
    column_names(name, list(schema.names))
    fields = [pa.field(f.name, _plain(f.type)) for f in schema]
    own = set(schema.names)
    fields += [pa.field(column, pa.string()) for column, _ in partitions if column not in own]
    return pa.schema(fields)


def parquet_batches(
    name: str, path: Path, partitions: Iterable[tuple[str, str]] = ()
) -> Iterator[pa.RecordBatch]:
    """Stream a Parquet file, with the columns that its folders spell."""
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(ROWS_PER_BATCH):
                yield _with_partitions(batch, partitions)
    except pa.ArrowInvalid:
        raise _damaged(name) from None


def database_batches(source: DatabaseTable) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Connect to a database and stream a table.

    Raises
    ------
    EnvironmentFault
        If the database cannot be reached, naming its address without the password. What the driver
        says is left out: it may repeat the whole address.
    DataRefused
        If there is no such table.
    """
    connection = _connect(source)
    *schema_name, table = source.table.split(".")
    try:
        tables = connection.list_tables(database=tuple(schema_name) or None)
        if table not in tables:
            raise DataRefused(
                "E-FILE-81",
                source.name,
                f"the database has no table {source.table}{did_you_mean(table, tables)}",
                found=", ".join(sorted(tables)[:8]) or "no tables",
                fix="correct the name after :: in client.yaml",
            )
        rows = connection.table(table, database=tuple(schema_name) or None)
        reader = rows.to_pyarrow_batches(chunk_size=ROWS_PER_BATCH)
    except DataRefused:
        raise
    except Exception as error:
        raise _unreachable(source, error) from None
    column_names(source.name, list(reader.schema.names))
    fields = [pa.field(f.name, _plain(f.type)) for f in reader.schema]
    return pa.schema(fields), _until_it_breaks(source, reader)


def _connect(source: DatabaseTable) -> Any:
    embedded = _EMBEDDED.match(source.address)
    try:
        if not embedded:
            return ibis.connect(source.address)
        # Opening a file that is not there would create an empty database.
        if not Path(embedded[2]).is_file():
            raise FileNotFoundError(embedded[2])
        if embedded[1] == "duckdb":
            return ibis.duckdb.connect(embedded[2], read_only=True)
        return ibis.sqlite.connect(embedded[2])
    except Exception as error:
        raise _unreachable(source, error) from None


def _until_it_breaks(
    source: DatabaseTable, reader: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    except Exception as error:
        raise _unreachable(source, error) from None


def _unreachable(source: DatabaseTable, error: Exception) -> EnvironmentFault:
    scheme = source.address.partition("://")[0]
    if isinstance(error, ImportError):
        package = _DRIVERS.get(scheme, scheme)
        return EnvironmentFault(
            "E-FILE-82",
            source.name,
            f"the package to connect to {scheme} is missing",
            fix=f'pip install "ibis-framework[{scheme}]" (it brings {package})',
        )
    return EnvironmentFault(
        "E-FILE-80",
        source.name,
        f"the database cannot be reached or read ({type(error).__name__})",
        fix="check the address, the network and the password in `source` of client.yaml",
    )


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _with_partitions(
    batch: pa.RecordBatch, partitions: Iterable[tuple[str, str]]
) -> pa.RecordBatch:
    for column, value in partitions:
        if column not in batch.schema.names:
            batch = batch.append_column(column, pa.repeat(pa.scalar(value), batch.num_rows))
    return batch


def _damaged(name: str) -> DataRefused:
    return DataRefused(
        "E-FILE-12",
        name,
        "is a truncated or damaged Parquet file",
        fix="ask the client to send the file again",
    )
