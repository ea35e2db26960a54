"""Slices: the same reports for one country, channel or brand of a client at a time."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from shared.loading.mistakes import UNKNOWN, WRONG_VALUE
from shared.loading.words_near import did_you_mean, quote
from shared.loading.yaml_values import Section, words

if TYPE_CHECKING:
    from shared.loading.config import ClientConfig

FOLDER = "slices"
# Who the customers and what the products are stays the same in every slice.
WHOLE = ("customers", "products")


@dataclass(frozen=True)
class Slice:
    """One value of one column, such as the country UK."""

    column: str
    value: str

    @property
    def label(self) -> str:
        """Name the slice in words, such as "country UK"."""
        return f"{self.column.replace('_', ' ')} {self.value}"

    @property
    def folder(self) -> str:
        """Name the folder that its deliveries lie in, below the client's."""
        slug = re.sub(r"[\W_]+", "-", f"{self.column}-{self.value}".casefold()).strip("-")
        return f"{FOLDER}/{slug}"


def read_slices(section: Section, tables: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Read the group `slices`: columns of the order lines, each with the values wanted."""
    mapped = list(tables["order_lines"].columns) if "order_lines" in tables else []
    found = {}
    for column, node in section.entries():
        if column not in mapped:
            hint = did_you_mean(column, mapped)
            what = f"slices names {quote(column)}, which is no mapped column of order_lines{hint}"
            section.mistakes.add(UNKNOWN, node.line, what)
        elif not isinstance(node.content, list) or not node.content:
            what = f"slices.{column} is a list of values, such as [UK, DE]"
            section.mistakes.add(WRONG_VALUE, node.line, what)
        else:
            found[column] = section.values(column, words)
    return found


def slices_of(config: "ClientConfig") -> Iterator[Slice]:
    """List the slices of a client in the order of client.yaml."""
    for column, values in config.slices.items():
        for value in values:
            yield Slice(column, value)


def sliced(config: "ClientConfig", part: Slice, *, snapshot_date: date) -> "ClientConfig":
    """Give the settings of a slice: the tables that hold its column, as of the client's date.

    A table without the column cannot be divided by it and is left out, but for customers and
    products.
    """
    tables = {
        name: table
        for name, table in config.tables.items()
        if part.column in table.columns or name in WHOLE
    }
    return replace(
        config, tables=tables, slices={}, slice=part, snapshot_date=snapshot_date,
        name=f"{config.name}, {part.label}",
    )  # fmt: skip
