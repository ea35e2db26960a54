"""A client's raw table opened in the engine, its columns matched with the canonical ones."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from shared.loading.config import TableConfig
from shared.loading.engine import parquet, quoted
from shared.loading.mapping import ColumnMap, map_columns
from shared.loading.raw_table import RawTable
from shared.loading.sources import read_source

ROWS_SHOWN = 5


@dataclass(frozen=True)
class OpenedTable:
    """A raw table in the engine.

    Attributes
    ----------
    engine : duckdb.DuckDBPyConnection
        Where it is open.
    config : TableConfig
        What client.yaml says of it.
    raw : RawTable
        The input as read.
    columns : ColumnMap
        Where each column comes from.
    native : dict of str to str
        The client's columns and their DuckDB types, VARCHAR for text files.
    """

    engine: duckdb.DuckDBPyConnection
    config: TableConfig
    raw: RawTable
    columns: ColumnMap
    native: dict[str, str]

    @property
    def table(self) -> str:
        """Canonical name."""
        return self.config.name

    @property
    def view(self) -> str:
        """Name of the raw table in the engine."""
        return quoted(f"raw_{self.table}")

    @property
    def rows(self) -> str:
        """Name of the typed rows in the engine, once they are there."""
        return quoted(f"rows_{self.table}")

    @property
    def file(self) -> str:
        """What messages call the input: its first file."""
        return self.raw.files[0].name

    @property
    def texts(self) -> list[str]:
        """The client's columns that hold text."""
        return [c for c in self.raw.header if self.native[c] == "VARCHAR"]

    def place(self, file: int, row: int) -> str:
        """Name a row as a spreadsheet numbers it."""
        return f"{self.raw.files[file].name}:{row}"

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query in the engine."""
        return self.engine.execute(query).fetchall()


def rows_in_words(places: list[str]) -> str:
    """Say "rows 3, 9" of one file, "a.csv:3, b.csv:9" of several."""
    pairs = [place.rpartition(":") for place in places[:ROWS_SHOWN]]
    if len({file for file, _, _ in pairs}) == 1:
        return ("rows " if len(pairs) > 1 else "row ") + ", ".join(row for _, _, row in pairs)
    return ", ".join(places[:ROWS_SHOWN])


def open_table(
    engine: duckdb.DuckDBPyConnection, config: TableConfig, *, folder: Path, work: Path
) -> OpenedTable:
    """Read a client's table and open it in the engine.

    Parameters
    ----------
    folder : Path
        The client's folder.
    work : Path
        Where the raw copy goes.
    """
    into = work / config.name
    into.mkdir(parents=True)
    raw = read_source(config, folder, into)
    columns = map_columns(config, raw.header, file=raw.files[0].name)
    view = quoted(f"raw_{config.name}")
    engine.execute(f"CREATE VIEW {view} AS SELECT * FROM {parquet(raw.path)}")
    native = {row[0]: row[1] for row in engine.execute(f"DESCRIBE {view}").fetchall()}
    return OpenedTable(engine, config, raw, columns, native)
