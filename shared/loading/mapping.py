"""Which of a client's columns feeds which canonical one, and what to type where none does."""

import difflib
from dataclasses import dataclass

from shared.loading.column_names import letters, yaml_text
from shared.loading.config import TableConfig
from shared.loading.errors import DataRefused
from shared.loading.schema import CUSTOMER_DAY, ROW_NUMBER, TABLES

MOST_NAMED = 12
DIRECTIVES = (ROW_NUMBER, CUSTOMER_DAY)


@dataclass(frozen=True)
class ColumnMap:
    """Where each column of a canonical table comes from.

    Attributes
    ----------
    columns : dict of str to str
        Canonical name to the client's column, or to "#row" or "#customer_day".
    extras : dict of str to str
        Attributes kept under (nearly) their own names: name to the client's column.
    """

    columns: dict[str, str]
    extras: dict[str, str]

    @property
    def sources(self) -> dict[str, str]:
        """Columns that are read from the file: directives are not."""
        return {name: s for name, s in self.columns.items() if s not in DIRECTIVES} | self.extras

    @property
    def has_numbered_rows(self) -> bool:
        """Whether rows are numbered for want of an id: equal rows are then different people."""
        return ROW_NUMBER in self.columns.values()


def map_columns(config: TableConfig, header: tuple[str, ...], *, file: str) -> ColumnMap:
    """Match the columns that client.yaml names with those a file has.

    A canonical name that stands in the header maps to itself unless client.yaml says otherwise.

    Raises
    ------
    DataRefused
        If a mapped column is not there, or a table lacks what identifies its rows.
    """
    schema = TABLES[config.name]
    for canonical, wanted in config.columns.items():
        if wanted not in header and wanted not in DIRECTIVES:
            raise _no_such_column(canonical, header, config, file)
    taken = set(config.columns.values())
    own = {c: c for c in schema.columns if c in header and c not in taken | set(config.columns)}
    columns = {c: (config.columns | own)[c] for c in schema.columns if c in config.columns | own}
    _require_essentials(columns, header, config, file)
    rest = [h for h in header if h not in columns.values()] if schema.extras else []
    extras = {c: s for c, s in config.columns.items() if c not in schema.columns}
    rest = [h for h in rest if h not in extras.values()]
    return ColumnMap(columns, extras | _distinct_names(rest, set(columns) | set(extras)))


def _no_such_column(
    canonical: str, header: tuple[str, ...], config: TableConfig, file: str
) -> DataRefused:
    wanted = config.columns[canonical]
    meant = _likely_column(canonical, wanted, header, config.name)
    column = yaml_text(meant) if meant else "<one of the columns above>"
    return DataRefused(
        "E-DATA-07",
        f"{file}:{wanted}",
        f"mapped to {canonical}, but the file has no such column",
        found=_listed(header),
        fix=f"{config.cite(f'columns.{canonical}')}: {canonical}: {column}",
    )


def _likely_column(canonical: str, wanted: str, header: tuple[str, ...], table: str) -> str:
    """Find the column that was meant: the same letters, a known synonym, or nearly the same."""
    plain = {letters(name): name for name in reversed(header)}
    column = TABLES[table].columns.get(canonical)
    synonyms = (letters(canonical), *(column.synonyms if column else ()))
    for name in (letters(wanted), *synonyms):
        if name in plain:
            return plain[name]
    close = difflib.get_close_matches(letters(wanted), plain, n=1, cutoff=0.75)
    return plain[close[0]] if close else ""


def _require_essentials(
    columns: dict[str, str], header: tuple[str, ...], config: TableConfig, file: str
) -> None:
    alternatives = TABLES[config.name].essential
    if any(set(needed) <= set(columns) for needed in alternatives):
        return
    missing = min(([c for c in n if c not in columns] for n in alternatives), key=len)
    known = {c: _likely_column(c, c, header, config.name) for c in missing}
    lines = ", ".join(f"{c}: {yaml_text(h) if h else '<column>'}" for c, h in known.items())
    raise DataRefused(
        "E-DATA-08",
        f"{file}:{config.name}",
        f"nothing is mapped to {' and '.join(missing)}",
        found=_listed(header),
        fix=f"{config.cite('columns')}: columns: {{{lines}}}",
    )


def _distinct_names(names: list[str], taken: set[str]) -> dict[str, str]:
    """Name attributes so that no two differ in case alone, which no engine tells apart."""
    seen = {name.lower() for name in taken}
    distinct = {}
    for name in names:
        label, n = name, 2
        while label.lower() in seen or label.startswith("__"):
            label, n = f"{name.lstrip('_')} {n}", n + 1
        seen.add(label.lower())
        distinct[label] = name
    return distinct


def _listed(header: tuple[str, ...]) -> str:
    shown = ", ".join(sorted(header)[:MOST_NAMED])
    return f"{shown}{', …' if len(header) > MOST_NAMED else ''} ({len(header)} columns)"
