"""From a `source` in client.yaml to one Parquet file of raw rows, each known by file and row."""

import tempfile
from dataclasses import replace
from pathlib import Path

from shared.loading.config import Format, TableConfig
from shared.loading.engine import disk_faults
from shared.loading.errors import ConfigError, DataRefused
from shared.loading.input_files import SourceFile, find_files, is_database
from shared.loading.native_tables import database_table, read_database, read_parquet
from shared.loading.questions import answered_at
from shared.loading.raw_table import InputFile, RawTable, Reject
from shared.loading.staging import stage
from shared.loading.text_tables import read_texts

__all__ = ["InputFile", "RawTable", "Reject", "read_source"]


def read_source(config: TableConfig, folder: Path, into: Path) -> RawTable:
    """Read all files of a table, or its table in a database, into one Parquet file.

    Every input is copied once and hashed while it is copied; what is read is the copy, so that a
    file replaced during the run changes nothing.

    Parameters
    ----------
    config : TableConfig
        Source and format.
    folder : Path
        The client's folder, to which names in `source` are relative.
    into : Path
        Folder for the Parquet file and scratch; the caller deletes it.

    Raises
    ------
    DataRefused
        If a file cannot be read whole without guessing.
    EnvironmentFault
        If a disk, a permission or a database fails.
    """
    with answered_at(config.answer), disk_faults(into):
        scratch = Path(tempfile.mkdtemp(prefix="raw-", dir=into))
        databases = [entry for entry in config.source if is_database(entry)]
        if databases and len(config.source) > 1:
            raise ConfigError(
                "E-CONF-52",
                config.cite("source"),
                "a table in a database stands beside other sources",
                fix="give it a source of its own: source: [address::table]",
            )
        if databases:
            raw = read_database(database_table(databases[0], folder), scratch, config.format)
        else:
            raw = _read_files(find_files(config.source, folder), scratch, config.format)
    return replace(raw, answer=config.answer)


def _read_files(sources: list[SourceFile], scratch: Path, declared: Format) -> RawTable:
    staged = [stage(source, scratch / f"copy-{i}") for i, source in enumerate(sources)]
    kinds = {file.kind == "parquet" for file in staged}
    if len(kinds) > 1:
        raise DataRefused(
            "E-FILE-06",
            staged[0].name,
            "Parquet stands beside text files or workbooks in one source",
            fix="put them into tables of one kind each, or convert the others",
        )
    if kinds == {True}:
        raw = read_parquet(sources, staged, scratch, declared)
    else:
        raw = read_texts(staged, scratch, declared)
    for file in staged:
        file.path.unlink()
    return raw
