"""A client as a notebook sees it: canonical tables, dates, and where every number is from."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from shared.loading.brand import Brand
from shared.loading.config import ClientConfig, load_config
from shared.loading.counts import Intake, TableIntake, read_intake
from shared.loading.engine import disk_faults, memory_limit_bytes
from shared.loading.errors import ConfigError, EnvironmentFault, NotSupportedByData
from shared.loading.schema import TABLES
from shared.loading.snapshot import prepare_snapshot

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class SourceNote:
    """Where the numbers of a chart come from.

    Attributes
    ----------
    table : str
        Canonical name.
    first, last : date or None
        Range of the rows used.
    rows : int
        Rows used.
    customers : int or None
        Different customers in them.
    left_out : dict of str to int
        Rows set aside by reason.
    """

    table: str
    first: date | None
    last: date | None
    rows: int
    customers: int | None
    left_out: dict[str, int]


@dataclass(frozen=True)
class Client:
    """A client's data and how to speak of them.

    Attributes
    ----------
    slug, name : str
        Folder, and name in headings.
    currency, locale, timezone : str
        ISO 4217 code; language and format of numbers; zone that all times are local to.
    snapshot_date : date
        As of when; no row is dated on it or later.
    brand : Brand
        Colours and logo.
    tables : mapping of str to ibis.Table
        Canonical tables, and `orders` with one row per purchase.
    intake : Intake
        What was counted on the way in.
    snapshot : Path
        Folder that the tables are read from.
    config : ClientConfig
        All of client.yaml.
    """

    slug: str
    name: str
    currency: str
    locale: str
    timezone: str
    snapshot_date: date
    brand: Brand
    tables: Mapping[str, ibis.Table] = field(repr=False)
    intake: Intake = field(repr=False)
    snapshot: Path = field(repr=False)
    config: ClientConfig = field(repr=False)

    @property
    def order_lines(self) -> ibis.Table:
        """Lines of known customers; all lines where the export knows none."""
        return _of_known_customers(self.table("order_lines"))

    @property
    def product_lines(self) -> ibis.Table:
        """All lines, those of guests included where the rules keep them."""
        return self.table("order_lines")

    @property
    def orders(self) -> ibis.Table:
        """One row per purchase of a known customer; refunds are no orders."""
        return _of_known_customers(self.table("orders"))

    @property
    def has_money(self) -> bool:
        """Whether the order lines have prices."""
        return self.has("order_lines", "line_value")

    def has(self, table: str, *columns: str) -> bool:
        """Say whether a table was supplied and has these columns."""
        return table in self.tables and set(columns) <= set(self.tables[table].columns)

    def table(self, name: str) -> ibis.Table:
        """Give a canonical table, or raise `NotSupportedByData` if it was not supplied."""
        if name in self.tables:
            return self.tables[name]
        if name == "orders" and "order_lines" in self.tables:
            raise NotSupportedByData("the order lines have no order number", "map order_id")
        raise NotSupportedByData(f"{self.name} supplied no {name}", f"the table {name}")

    def last_complete(self, period: str) -> str:
        """Name the last period ("M", "Q" or "W") that was over on the snapshot date."""
        last_day = self.snapshot_date - timedelta(days=1)
        running = pd.Period(pd.Timestamp(last_day), freq=period)
        return str(running if running.end_time.date() == last_day else running - 1)

    def source(self, table: str) -> SourceNote:
        """Say where a table's numbers come from and what was left out of them."""
        name = "order_lines" if table == "orders" else table
        self.table(name)
        taken: TableIntake = self.intake.tables[name]
        return SourceNote(
            table=table,
            first=taken.first,
            last=taken.last,
            rows=taken.rows_used,
            customers=taken.customers,
            left_out={s.reason: s.rows for s in taken.set_aside},
        )


def load_client(name: str, *, data: Path | None = None, outputs: Path | None = None) -> Client:
    """Open a client's snapshot; make it first where there is none of these files and rules.

    Parameters
    ----------
    name : str
        Folder below the data root.
    data, outputs : Path, optional
        Roots; by default the environment's CRM_DATA and CRM_OUTPUTS, else `data` and `outputs`
        of the project. CRM_SNAPSHOT names a snapshot that is read as it is, CRM_ENGINE an engine
        that wins over the one of client.yaml.

    Raises
    ------
    ConfigError, DataRefused, EnvironmentFault
        As reading client.yaml and the intake do.
    """
    config = load_config(_root(data, "CRM_DATA", "data") / _one_folder(name))
    if engine := os.environ.get("CRM_ENGINE"):
        config = replace(config, engine=engine)
    given = os.environ.get("CRM_SNAPSHOT")
    if given:
        snapshot = Path(given)
    else:
        snapshot = prepare_snapshot(config, _root(outputs, "CRM_OUTPUTS", "outputs"))
    return open_client(config, snapshot)


def open_client(config: ClientConfig, snapshot: Path) -> Client:
    """Open a client on a snapshot that is there, in the engine that client.yaml names."""
    with disk_faults(snapshot):
        intake = read_intake(snapshot)
        names = [n for n in (*TABLES, "orders") if (snapshot / f"{n}.parquet").is_file()]
    if intake.client != config.slug:
        raise ConfigError(
            "E-CONF-62",
            "CRM_SNAPSHOT",
            f"is a snapshot of {intake.client}, not of {config.slug}",
            fix="unset CRM_SNAPSHOT",
        )
    files = {name: snapshot / f"{name}.parquet" for name in names}
    return Client(
        slug=config.slug,
        name=f"{config.name}, {intake.slice}" if intake.slice and not config.slice else config.name,
        currency=config.currency,
        locale=config.locale,
        timezone=config.timezone,
        snapshot_date=intake.snapshot_date,
        brand=config.brand,
        tables=_tables(config.engine, files, snapshot),
        intake=intake,
        snapshot=snapshot,
        config=config,
    )


def _root(given: Path | None, variable: str, default: str) -> Path:
    chosen = given or os.environ.get(variable) or ROOT / default
    return Path(chosen).absolute()


def _one_folder(name: str) -> str:
    """Check that a name is one folder: nothing is read or written outside the roots."""
    if not name or name in {".", ".."} or set(name) & set("/\\\0"):
        raise ConfigError(
            "E-CONF-63", repr(name), "is no client's name: it is the name of one folder"
        )
    return name


def _of_known_customers(lines: ibis.Table) -> ibis.Table:
    if "customer_id" not in lines.columns:
        return lines
    return lines.filter(lines.customer_id.notnull())


def _tables(engine: str, files: Mapping[str, Path], snapshot: Path) -> dict[str, ibis.Table]:
    # Rows that do not fit in memory stay in the client's own folder.
    spill = str(snapshot / f".spill-{os.getpid()}")
    backend = _duckdb(spill) if engine == "duckdb" else _spark(engine, spill)
    return {n: backend.read_parquet(str(path), table_name=n) for n, path in files.items()}


def _duckdb(spill: str) -> Any:
    limit = f"{memory_limit_bytes() // 1024**2}MB"
    backend = ibis.duckdb.connect(memory_limit=limit, temp_directory=spill)
    backend.raw_sql("SET TimeZone = 'UTC'")
    return backend


def _spark(engine: str, spill: str) -> Any:
    """Start or find a Spark session: the same tables, for more rows than one machine holds."""
    try:
        from pyspark.sql import SparkSession  # type: ignore[import-not-found, unused-ignore]
    except ImportError as e:
        raise EnvironmentFault(
            "E-ENVI-03",
            "engine: spark",
            "pyspark is not installed",
            fix='pip install -e ".[spark]" -c constraints.txt',
        ) from e
    builder = SparkSession.builder.appName("crm-report-suite")
    if engine.startswith("spark://"):
        builder = builder.master(engine)
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": spill,
        "spark.local.dir": spill,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    return ibis.pyspark.connect(builder.config(map=settings).getOrCreate())
