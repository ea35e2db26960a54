"""What client.yaml says of one table: where it is, how it is written, what its columns mean."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

from shared.loading.citations import answer, cited
from shared.loading.errors import mask_secrets
from shared.loading.known_names import date_pattern, encoding
from shared.loading.mistakes import MISSING, SOURCE, TWO_ON_ONE, UNKNOWN, WRONG_VALUE
from shared.loading.schema import CUSTOMER_DAY, ROW_NUMBER, TABLES
from shared.loading.source_paths import expand_variables, source_fault
from shared.loading.table_rules import Rules, read_rules, rules_of
from shared.loading.words_near import did_you_mean, near, quote
from shared.loading.yaml_lines import Node, line_numbers
from shared.loading.yaml_values import Section, one_of, text, whole

KEYS = ("source", "format", "columns", "rules")
THOUSANDS = (".", ",", " ", "'", "’", "\u00a0", "\u202f", "")
_DELIMITER_NAMES = {"tab": "\t", r"\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True)
class Format:
    """How a table's files are written; None is for what is to be found out from the files.

    Attributes
    ----------
    delimiter, decimal, thousands : str or None
        One character each; thousands "" where thousands are not set apart.
    date : str, tuple of str or None
        "%d.%m.%Y", "excel_serial", or several of them.
    encoding, sheet : str or None
        Of a text file, of a workbook.
    header_row, footer_rows : int or None
        The row of the column names (1 is the first), and how many rows of totals end the file.
    """

    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    date: str | tuple[str, ...] | None = None
    encoding: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    footer_rows: int | None = None


@dataclass(frozen=True)
class TableConfig:
    """What client.yaml says of one table.

    Attributes
    ----------
    source : tuple of str
        Paths, patterns or addresses with variables put in: may hold a password, never shown.
    format : Format
    columns : dict of str to str
        Canonical name to the client's column, "#row" or "#customer_day".
    rules : Rules
    lines : dict of str to int
        Line of each key in client.yaml, such as "columns.customer_id".
    source_as_written : tuple of str
        The sources for messages and keys: variables not put in, passwords masked.
    name, label : str
        The table, and how messages name the file.
    """

    source: tuple[str, ...] = field(repr=False)
    format: Format = field(default_factory=Format)
    columns: dict[str, str] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    lines: dict[str, int] = field(default_factory=dict)
    source_as_written: tuple[str, ...] = ()
    name: str = ""
    label: str = "client.yaml"

    def cite(self, key: str) -> str:
        """Name the line of a key, or of the nearest group around it that is written."""
        return cited(self.label, self.lines, key, root=self.name)

    def answer(self, key: str, value: str) -> str:
        """Say what to type for a key, and on which line or into which group."""
        return answer(self.label, self.lines, key, value, root=self.name)


def read_table(section: Section, table: str, folder: Path, *, own_currency: str) -> TableConfig:
    """Read one group below `tables`, noting what is wrong."""
    columns = _columns(section.section("columns"), table)
    rules = section.section("rules", rules_of(table))
    source, as_written = _sources(section, folder)
    return TableConfig(
        source=source,
        format=_format(section.section("format", [f.name for f in fields(Format)])),
        columns=columns,
        rules=read_rules(rules, table, columns=columns, own_currency=own_currency),
        lines={"": section.line} | line_numbers(section.node),
        source_as_written=as_written,
        name=table,
        label=section.mistakes.label,
    )


def _sources(section: Section, folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    as_written = tuple(map(mask_secrets, section.values("source", text)))
    node = section.written("source")
    if node is not None and node.content == []:
        section.mistakes.add(MISSING, node.line, "source lists no file")
    section.require(source="write source: orders.csv")

    def parse(written: str) -> str:
        """Put variables in, or say why the source cannot be used."""
        source = expand_variables(written, os.environ)
        if fault := source_fault(source, folder):
            raise ValueError(f"{quote(written)} {fault}")
        return source

    items = node.content if node and isinstance(node.content, list) else [node] if node else []
    read = (section.parsed(n, "source", parse, "", SOURCE) for n in items if _is_text(n))
    return tuple(source for source in read if source), as_written


def _format(section: Section) -> Format:
    dates = section.values("date", date_pattern)
    found = Format(
        delimiter=section.value("delimiter", one_delimiter, None),
        decimal=section.value("decimal", one_of(",", "."), None),
        thousands=section.value("thousands", _thousands, None),
        date=dates[0] if len(dates) == 1 else dates or None,
        encoding=section.value("encoding", encoding, None),
        sheet=section.value("sheet", text, None),
        header_row=section.value("header_row", whole(1), None),
        footer_rows=section.value("footer_rows", whole(0), None),
    )
    if found.thousands and found.thousands == found.decimal:
        what = f"thousands and decimal are both {quote(found.decimal)}"
        section.mistakes.add(WRONG_VALUE, section.line_of("thousands"), what)
    return found


def one_delimiter(value: str) -> str:
    """Read the sign between two fields, written as itself or by its name."""
    character = _DELIMITER_NAMES.get(value, value)
    if len(character) != 1 or character.isalnum() or character in "\"'\r\n.":
        raise ValueError(f"is {quote(value)}; one character, such as ; or , or tab")
    return character


def _thousands(value: str) -> str:
    if value not in THOUSANDS:
        raise ValueError(f'is {quote(value)}; one of . , \' a space, or "" for none')
    return value


def _columns(section: Section, table: str) -> dict[str, str]:
    columns: dict[str, str] = {}
    for name, node in section.entries():
        if fault := _name_fault(name, node, table, {key for key, _ in section.entries()}):
            section.mistakes.add(UNKNOWN, node.line, fault)
        elif section.is_empty(name):
            what = f'{name} names no column; a marker such as "#row" stands in quotes'
            section.mistakes.add(MISSING, node.line, what)
        elif theirs := section.parsed(node, name, _column_of(name, table), ""):
            columns[name] = theirs
    _note_shared(section, columns)
    return columns


def _name_fault(name: str, node: Node, table: str, named: set[str]) -> str:
    """Say why a key of `columns` is no canonical name; tables with attributes accept their own."""
    schema = TABLES[table]
    if name in schema.columns:
        return ""
    if not schema.extras:
        if isinstance(node.content, str) and node.content in schema.columns:
            return f"is the wrong way round; write {node.content}: {name}"
        hint = did_you_mean(name, schema.columns) or f"; known: {', '.join(schema.columns)}"
        return f"{table} has no column {quote(name)}{hint}"
    meant = near(name, [column for column in schema.columns if column not in named])
    if not meant:
        return ""
    return f"{quote(name)} is nearly {meant}; write that, or name the attribute less alike"


def _column_of(name: str, table: str) -> Callable[[str], str]:
    column = TABLES[table].columns.get(name)
    markers = [ROW_NUMBER] if column and column.kind == "id" else []
    markers += [CUSTOMER_DAY] if (table, name) == ("order_lines", "order_id") else []

    def parse(value: str) -> str:
        """Give the column or marker, or say why it cannot be meant."""
        if not value.strip():
            raise ValueError("names no column")
        marker = near(value, [ROW_NUMBER, CUSTOMER_DAY]) if value.startswith("#") else None
        if marker and marker not in markers:
            raise ValueError(f"cannot be {marker}; only ids are numbered")
        if marker and marker != value:
            raise ValueError(f"is {quote(value)}; did you mean {marker}?")
        return value

    return parse


def _note_shared(section: Section, columns: dict[str, str]) -> None:
    """Note every two canonical names that read the same column."""
    first: dict[str, str] = {}
    for name, theirs in columns.items():
        column = theirs.strip()
        if column in (ROW_NUMBER, CUSTOMER_DAY):
            continue
        if column in first:
            what = f"{first[column]} and {name} are both mapped to {quote(column)}; keep one"
            section.mistakes.add(TWO_ON_ONE, section.line_of(name), what)
        first.setdefault(column, name)


def _is_text(node: Node) -> bool:
    return isinstance(node.content, str) and not node.reported
