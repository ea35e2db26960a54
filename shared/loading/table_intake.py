"""One table on its way in: read, typed and ruled, each row with the reason it is left out."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from shared.loading.cancelled_rows import set_left_out_aside
from shared.loading.column_kinds import columns_to_read
from shared.loading.config import ClientConfig
from shared.loading.currencies import Money, money_of
from shared.loading.engine import literal
from shared.loading.opened_table import OpenedTable, open_table
from shared.loading.personal_ids import HashLook, refuse_persons
from shared.loading.reasons import AFTER_SNAPSHOT
from shared.loading.repeated_rows import set_duplicates_aside, set_overlap_aside
from shared.loading.rules import (
    MONEY_COLUMNS,
    footer_test,
    is_later,
    ruled_lines,
    ruled_rows,
    with_treatment,
)
from shared.loading.schema import TABLES
from shared.loading.total_rows import refuse_sums, refuse_totals
from shared.loading.typed_columns import TypedColumn, typed_select

# One row per customer or product: a second one would double what is joined to it.
ENTITIES = frozenset({"customers", "products", "customer_rfm"})
_INTERNAL = frozenset({"__file", "__row", "__currency", "__at", "reason"})


@dataclass(frozen=True)
class TypedTable:
    """A table's typed rows in the engine, each with its `reason` (NULL for rows used).

    Attributes
    ----------
    opened : OpenedTable
        The raw table they come from.
    names : tuple of str
        Columns of the snapshot.
    hashes : HashLook or None
        What the customer ids look like.
    merges_ids : bool
        Whether ids that differ in case and space alone are one.
    """

    opened: OpenedTable
    names: tuple[str, ...]
    hashes: HashLook | None
    merges_ids: bool

    @property
    def money(self) -> str | None:
        """The column that is reconciled, None where the table has no money."""
        column = MONEY_COLUMNS.get(self.opened.table, "")
        return column if column in self.names else None

    @property
    def clock(self) -> str | None:
        """The column that dates a row, None where the table has none."""
        column = TABLES[self.opened.table].clock
        return column if column in self.names else None


def typed_table(
    engine: duckdb.DuckDBPyConnection, table: str, *, client: ClientConfig, work: Path
) -> TypedTable:
    """Read a client's table into the engine and give each row its reason.

    Raises
    ------
    DataRefused
        If the table cannot be read without guessing, counts totals as rows or names persons.
    """
    opened = open_table(engine, client.tables[table], folder=client.folder, work=work)
    refuse_totals(opened)
    hashes = refuse_persons(opened)
    money = money_of(opened, own=client.currency)
    merge = _merges_ids(client, table)
    columns, raw = columns_to_read(opened, max_loss=client.max_loss, merge_ids=merge)
    opened = replace(opened, raw=raw)
    query = _ruled(opened, columns, money=money, client=client)
    engine.execute(f"CREATE TABLE {opened.rows} AS {query}")
    names = _names(opened)
    typed = TypedTable(opened, names, hashes, merge)
    refuse_sums(opened, value=typed.money, names=names)
    set_left_out_aside(opened)
    _set_repeats_aside(typed)
    return typed


def set_later_aside(typed: TypedTable, snapshot: date) -> None:
    """Mark the rows that are not known yet on a snapshot date that follows from the orders."""
    if typed.clock:
        typed.opened.engine.execute(
            f"UPDATE {typed.opened.rows} SET reason = {literal(AFTER_SNAPSHOT)} "
            f"WHERE reason IS NULL AND {is_later(typed.opened.table, snapshot)}"
        )


def _names(opened: OpenedTable) -> tuple[str, ...]:
    """List the columns of the snapshot in the order of the vocabulary, attributes last."""
    described = [row[0] for row in opened.ask(f"DESCRIBE {opened.rows}")]
    known = [c for c in TABLES[opened.table].columns if c in described]
    return (*known, *(c for c in described if c not in _INTERNAL and c not in known))


def _merges_ids(client: ClientConfig, table: str) -> bool:
    """Ids that order lines merge are merged everywhere, or tables would no longer join."""
    lines = client.tables.get("order_lines", client.tables[table])
    return any(c.rules.merge_ids == "case_and_space" for c in (lines, client.tables[table]))


def _ruled(
    opened: OpenedTable, columns: list[TypedColumn], *, money: Money, client: ClientConfig
) -> str:
    """Write the one query from raw to ruled rows."""
    rules, mapped = opened.config.rules, opened.columns.columns
    typed = typed_select(
        columns,
        raw=opened.view,
        table=opened.table,
        timezone=client.timezone,
        footer=footer_test(opened.texts, rules.footer),
        currency=money.code,
    )
    if opened.table == "order_lines":
        return ruled_lines(
            typed,
            mapped,
            rules=rules,
            snapshot=client.snapshot_date,
            rate=money.rate,
            part=client.slice,
        )
    query = ruled_rows(
        typed, opened.table, mapped, rules=rules, snapshot=client.snapshot_date, part=client.slice
    )
    return with_treatment(query, mapped, rules) if opened.table == "campaign" else query


def _set_repeats_aside(typed: TypedTable) -> None:
    """Drop by the declared key; what an earlier file has is not counted again."""
    opened, rules = typed.opened, typed.opened.config.rules
    key = [c for c in rules.duplicate_key if c in typed.names]
    if rules.duplicates == "drop" and key:
        set_duplicates_aside(opened, key)
    if opened.columns.has_numbered_rows:
        return
    if opened.table in ENTITIES:
        # Rows of a table of customers or products that agree in everything say nothing twice.
        set_duplicates_aside(opened, typed.names)
    elif len(opened.raw.files) > 1 and _identifies_rows(opened):
        set_overlap_aside(opened, typed.names)


def _identifies_rows(opened: OpenedTable) -> bool:
    """Without an order or a customer, equal lines of two files may be two purchases."""
    ids = {*TABLES[opened.table].key, "customer_id"}
    return bool(ids & set(opened.columns.sources) - {"product_id"})
