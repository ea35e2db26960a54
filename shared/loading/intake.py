"""The intake: a client's files become one counted, checked, immutable snapshot."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from shared.loading.checks import notes_of, refuse_late_outliers
from shared.loading.config import ClientConfig
from shared.loading.counts import (
    Intake,
    Note,
    SetAside,
    TableIntake,
    describe_intake,
    read_intake,
    write_intake,
)
from shared.loading.engine import connect, disk_faults, literal, quoted
from shared.loading.errors import ConfigError
from shared.loading.losses import (
    EXACT,
    refuse_double_entities,
    refuse_empty_slice,
    refuse_losses,
    refuse_nothing_left,
    refuse_undeclared_refunds,
    rows_read,
    rows_set_aside,
)
from shared.loading.reasons import AFTER_SNAPSHOT, FOOTER
from shared.loading.reject_files import write_rejects
from shared.loading.schema import TABLES
from shared.loading.snapshot_keys import snapshot_key
from shared.loading.table_intake import TypedTable, set_later_aside, typed_table

__all__ = [
    "Intake", "Note", "SetAside", "Snapshot", "TableIntake", "describe_intake", "read_intake",
    "take_in",
]  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """Canonical tables on disk: one Parquet file each, `orders` beside, and what was counted."""

    folder: Path
    intake: Intake


def take_in(config: ClientConfig, into: Path) -> Snapshot:
    """Read, check and count a client's tables, and write them as a snapshot.

    Parameters
    ----------
    config : ClientConfig
        The client.
    into : Path
        Folder of the snapshot; made if missing. Nothing else is written anywhere.

    Returns
    -------
    Snapshot
        `order_lines.parquet`, `orders.parquet` (one row per purchase), a file per further table,
        `rejects/<table>.csv` and `intake.json`.

    Raises
    ------
    DataRefused
        If a table cannot be read without guessing or losing rows.
    ConfigError
        If `snapshot_date` does not go with the data.
    EnvironmentFault
        If the disk is full or may not be written.
    """
    work = into / ".work"
    with disk_faults(into):
        (into / "rejects").mkdir(parents=True, exist_ok=True)
        work.mkdir(exist_ok=True)
        try:
            with connect(work) as engine:
                intake = _take_tables(engine, config, into=into, work=work)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        write_intake(intake, into)
    return Snapshot(into, intake)


def _take_tables(
    engine: duckdb.DuckDBPyConnection, config: ClientConfig, *, into: Path, work: Path
) -> Intake:
    supplied = [table for table in TABLES if table in config.tables]
    typed = {t: typed_table(engine, t, client=config, work=work) for t in supplied}
    for one in typed.values():
        refuse_undeclared_refunds(one)
        refuse_losses(one, rows_set_aside(one), max_loss=config.max_loss)
        refuse_double_entities(one)
    if config.snapshot_date:
        _refuse_early_snapshot(typed, config.snapshot_date, config)
    if config.slice:
        refuse_empty_slice(typed, config.slice, cited=config.cite(f"slices.{config.slice.column}"))
    for one in typed.values():
        refuse_nothing_left(one, rows_set_aside(one))
    snapshot_date = config.snapshot_date or _day_after_the_last(typed, config)
    if not config.snapshot_date:
        for one in typed.values():
            set_later_aside(one, snapshot_date)
            refuse_nothing_left(one, rows_set_aside(one))
    counted = _said_once({t: _counted(one, snapshot_date, config) for t, one in typed.items()})
    for table, one in typed.items():
        write_rejects(one.opened, into / "rejects" / f"{table}.csv")
        _write_rows(one, into / f"{table}.parquet")
    if "order_lines" in typed:
        _write_orders(engine, typed["order_lines"], into)
    missing = tuple(table for table in TABLES if table not in config.tables)
    files = {table: [(f.name, f.sha256) for f in one.files] for table, one in counted.items()}
    part = config.slice.label if config.slice else ""
    return Intake(counted, snapshot_date, snapshot_key(config, files), missing, config.slug, part)


def _said_once(counted: dict[str, TableIntake]) -> dict[str, TableIntake]:
    """Leave out that a month is not over where an earlier table says so: it is said of the data."""
    said: set[str] = set()
    kept = {}
    for name, table in counted.items():
        notes = tuple(n for n in table.notes if n.code != "partial_month" or n.text not in said)
        said |= {note.text for note in notes}
        kept[name] = replace(table, notes=notes)
    return kept


def _day_after_the_last(typed: Mapping[str, TypedTable], config: ClientConfig) -> date:
    """Take the day after the last order, or after the last event where there are no orders."""
    dated = [one for one in typed.values() if one.clock]
    orders = [one for one in dated if one.opened.table == "order_lines"]
    last = [refuse_late_outliers(one, label=config.label) for one in orders or dated]
    if not any(last):
        raise ConfigError(
            "E-CONF-61",
            config.label,
            "no table has a date, so it is not known as of when the reports speak",
            fix=f"{config.label}: snapshot_date: <the day after the export was drawn>",
        )
    return max(day for day in last if day) + timedelta(days=1)


def _refuse_early_snapshot(
    typed: Mapping[str, TypedTable], declared: date, config: ClientConfig
) -> None:
    lines = typed.get("order_lines")
    if lines is None or lines.clock is None:
        return
    ((first, last),) = lines.opened.ask(
        f"SELECT min({lines.clock})::DATE, max({lines.clock})::DATE FROM {lines.opened.rows} "
        f"WHERE reason IS NULL OR reason = {literal(AFTER_SNAPSHOT)}"
    )
    if first is not None and declared <= first:
        raise ConfigError(
            "E-CONF-60",
            config.cite("snapshot_date"),
            f"snapshot_date {declared} is not after the first order",
            found=f"orders from {first} to {last}",
            fix=f"snapshot_date: {last + timedelta(days=1)}, or leave it out",
        )


def _counted(typed: TypedTable, snapshot: date, config: ClientConfig) -> TableIntake:
    opened, clock = typed.opened, typed.clock
    money = f"{quoted(typed.money)}::{EXACT}" if typed.money else "NULL"
    people = "count(DISTINCT customer_id)" if "customer_id" in typed.names else "NULL"
    days = f"min({clock})::DATE, max({clock})::DATE" if clock else "NULL, NULL"
    ((rows, paid, first, last, customers),) = opened.ask(
        f"SELECT count(*), sum({money})::DOUBLE, {days}, {people} "
        f"FROM {opened.rows} WHERE reason IS NULL"
    )
    ((money_in,),) = opened.ask(
        f"SELECT sum({money})::DOUBLE FROM {opened.rows} "
        f"WHERE reason IS DISTINCT FROM {literal(FOOTER)}"
    )
    return TableIntake(
        table=opened.table,
        files=opened.raw.files,
        rows_in=rows_read(typed),
        rows_used=rows,
        set_aside=rows_set_aside(typed),
        money_in=(money_in or 0.0) if typed.money else None,
        money_used=(paid or 0.0) if typed.money else None,
        first=first,
        last=last,
        customers=customers,
        notes=notes_of(typed, snapshot=snapshot, config=config),
    )


def _write_rows(typed: TypedTable, path: Path) -> None:
    columns = ", ".join(map(quoted, typed.names))
    typed.opened.engine.execute(
        f"COPY (SELECT {columns} FROM {typed.opened.rows} WHERE reason IS NULL "
        f"ORDER BY __file, __row) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)"
    )


def _write_orders(engine: duckdb.DuckDBPyConnection, lines: TypedTable, into: Path) -> None:
    """Sum up the purchases: one row per customer and order; refunds are no orders."""
    if "order_id" not in lines.names:
        return
    key = [c for c in ("customer_id", "order_id") if c in lines.names]
    sums = {
        "order_date": "min(order_date)",
        # As exact decimals: a sum of floats depends on the order of the rows.
        "order_value": f"sum(line_value::{EXACT})::DOUBLE",
        "units": f"sum(quantity::{EXACT})::DOUBLE",
        "positions": "count(DISTINCT product_id)",
    }
    needs = {"order_date": "order_date", "order_value": "line_value", "positions": "product_id"}
    kept = {name: sql for name, sql in sums.items() if needs.get(name, "quantity") in lines.names}
    listed = ", ".join(f"{sql} AS {name}" for name, sql in (kept | {"lines": "count(*)"}).items())
    engine.execute(
        f"COPY (SELECT {', '.join(key)}, {listed} FROM {lines.opened.rows} "
        f"WHERE reason IS NULL AND NOT is_refund GROUP BY ALL ORDER BY {', '.join(key)}) "
        f"TO {literal(str(into / 'orders.parquet'))} (FORMAT parquet, COMPRESSION zstd)"
    )
