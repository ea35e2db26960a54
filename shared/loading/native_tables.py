"""Inputs that are tables already: Parquet files and tables in a database, with their own types."""

import contextlib
import hashlib
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from shared.loading.column_names import header_names
from shared.loading.config import Format
from shared.loading.errors import DataRefused, EnvironmentFault, SuiteError
from shared.loading.input_files import SourceFile
from shared.loading.raw_table import (
    InputFile,
    RawTable,
    native_batch,
    require_rows,
    require_same_columns,
    with_place,
    write_batches,
)
from shared.loading.staging import CHUNK_BYTES, Staged
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
        return DatabaseTable(f"{embedded[1].lower()}://{folder / embedded[2]}", table)
    return DatabaseTable(address, table)


def read_parquet(
    sources: list[SourceFile], staged: list[Staged], scratch: Path, declared: Format
) -> RawTable:
    """Read Parquet files into one table with their own types.

    Raises
    ------
    DataRefused
        If a file is damaged, or columns or their types do not go together.
    """
    schemas = [
        _parquet_schema(file.name, file.path, source.partitions)
        for source, file in zip(sources, staged, strict=True)
    ]
    for file, schema in zip(staged[1:], schemas[1:], strict=True):
        require_same_columns(
            staged[0].name, tuple(schemas[0].names), file.name, tuple(schema.names)
        )
    try:
        schema = pa.unify_schemas(schemas, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise DataRefused(
            "E-FILE-47",
            staged[0].name,
            "the Parquet files give one column types that do not go together",
            fix="ask for files written with one schema",
        ) from None
    files: list[InputFile] = []
    path = scratch / "rows.parquet"
    batches = _parquet_batches(sources, staged, with_place(schema), files)
    write_batches(path, with_place(schema), batches)
    require_rows(files)
    return RawTable(path, tuple(schema.names), tuple(files), (), declared)


def _parquet_batches(
    sources: list[SourceFile], staged: list[Staged], schema: pa.Schema, files: list[InputFile]
) -> Iterator[pa.RecordBatch]:
    for i, (source, file) in enumerate(zip(sources, staged, strict=True)):
        rows = 0
        for batch in _parquet_rows(file.name, file.path, source.partitions):
            yield native_batch(batch, i, rows + 1, schema)
            rows += batch.num_rows
        files.append(InputFile(file.name, file.sha256, file.bytes, rows, 1))


def read_database(source: DatabaseTable, scratch: Path, declared: Format) -> RawTable:
    """Read a table of a database; its copy is hashed, as it has no bytes of its own.

    Raises
    ------
    EnvironmentFault
        If the database cannot be reached.
    DataRefused
        If it has no such table, or the table no rows.
    """
    with _without_deprecations():
        return _read_database(source, scratch, declared)


def _read_database(source: DatabaseTable, scratch: Path, declared: Format) -> RawTable:
    schema, batches = _database_rows(source)
    path = scratch / "rows.parquet"
    count = 0

    def numbered() -> Iterator[pa.RecordBatch]:
        """Give each batch its row numbers, counted over all batches."""
        nonlocal count
        for batch in batches:
            yield native_batch(batch, 0, count + 1, with_place(schema))
            count += batch.num_rows

    write_batches(path, with_place(schema), numbered())
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    file_ = InputFile(source.name, digest.hexdigest(), path.stat().st_size, count, 1)
    require_rows([file_])
    return RawTable(path, tuple(schema.names), (file_,), (), declared)


def _parquet_schema(name: str, path: Path, partitions: Iterable[tuple[str, str]] = ()) -> pa.Schema:
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
    header_names(name, list(schema.names))
    fields = [pa.field(f.name, _plain(f.type)) for f in schema]
    own = set(schema.names)
    fields += [pa.field(column, pa.string()) for column, _ in partitions if column not in own]
    return pa.schema(fields)


def _parquet_rows(
    name: str, path: Path, partitions: Iterable[tuple[str, str]] = ()
) -> Iterator[pa.RecordBatch]:
    """Stream a Parquet file, with the columns that its folders spell."""
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(ROWS_PER_BATCH):
                yield _with_partitions(batch, partitions)
    except (pa.ArrowInvalid, OSError):
        raise _damaged(name) from None


def _database_rows(source: DatabaseTable) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Connect to a database and stream a table.

    Raises
    ------
    EnvironmentFault
        If the database cannot be reached, naming its address without the password. What the driver
        says is left out: it may repeat the whole address.
    DataRefused
        If there is no such table.
    """
    try:
        rows = _table(_connect(source), source)
        reader = rows.to_pyarrow_batches(chunk_size=ROWS_PER_BATCH)
    except SuiteError:
        raise
    except Exception as error:
        raise _unreachable(source, error) from None
    header_names(source.name, list(reader.schema.names))
    fields = [pa.field(f.name, _plain(f.type)) for f in reader.schema]
    return pa.schema(fields), _until_it_breaks(source, reader)


@contextlib.contextmanager
def _without_deprecations() -> Iterator[None]:
    """Keep quiet about Ibis 12 calling methods that DuckDB 1.5 has renamed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _table(connection: Any, source: DatabaseTable) -> Any:
    *schema_name, table = source.table.split(".")
    database = tuple(schema_name) or None
    tables = connection.list_tables(database=database)
    if table not in tables:
        raise DataRefused(
            "E-FILE-81",
            source.name,
            f"the database has no table {source.table}{did_you_mean(table, tables)}",
            found=", ".join(sorted(tables)[:8]) or "no tables",
            fix="correct the name after :: in client.yaml",
        )
    return connection.table(table, database=database)


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
