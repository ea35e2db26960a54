"""What a client declares in client.yaml: checked as a whole, all mistakes in one go."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from shared.loading.brand import KEYS as BRAND_KEYS
from shared.loading.brand import Brand, read_brand
from shared.loading.citations import cited, shown_path
from shared.loading.errors import EnvironmentFault
from shared.loading.known_names import currency, locale, timezone
from shared.loading.mistakes import (
    MISSING,
    NO_FILE,
    SOURCE,
    UNKNOWN,
    VERSION,
    WRONG_VALUE,
    Mistakes,
)
from shared.loading.schema import TABLES
from shared.loading.slices import Slice, read_slices
from shared.loading.source_paths import borrowed_folder
from shared.loading.table_config import KEYS as TABLE_KEYS
from shared.loading.table_config import Format, TableConfig, read_table
from shared.loading.table_rules import Rules
from shared.loading.words_near import did_you_mean, quote
from shared.loading.yaml_lines import Node, line_numbers, read_yaml
from shared.loading.yaml_values import Section, day, number, one_of, text, whole, words

__all__ = [
    "Brand", "ClientConfig", "Format", "Rules", "Setting", "TableConfig", "check_essential",
    "data_settings", "known_stems", "load_config",
]  # fmt: skip

FILE = "client.yaml"
CURRENT_VERSION = 1
MAX_LOSS = 0.05
STEMS = (
    "portfolio", "lifetime_value", "survival", "cohort", "basket", "propensity", "uplift",
    "attribution", "voice", "next_offer", "personas",
)  # fmt: skip
KEYS = (
    "version", "name", "currency", "locale", "timezone", "snapshot_date", "brand", "engine",
    "max_loss", "tables", "slices", "parameters",
)  # fmt: skip
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
_SPARK = re.compile(r"spark://\S+")


class Setting(NamedTuple):
    """A parameter as written: the notebook's declaration says what type it is.

    Attributes
    ----------
    value : str or tuple of str
        The text as it stands in the file; "" for an empty value.
    line : int
        Where it is written.
    """

    value: str | tuple[str, ...]
    line: int

    @property
    def given(self) -> object:
        """Give the value as a parameter takes it: text, or a list where several are written."""
        return list(self.value) if isinstance(self.value, tuple) else self.value


@dataclass(frozen=True)
class ClientConfig:
    """A whole client.yaml, checked.

    Attributes
    ----------
    slug : str
        The folder's name.
    snapshot_date : date or None
        None: the day after the last order.
    engine : str
        "duckdb", "spark" or "spark://…".
    max_loss : float
        Share of rows that may be set aside for errors.
    tables : dict of str to TableConfig
    parameters : dict of str to dict of str to Setting
        By stem, then by name of the parameter.
    lines : dict of str to int
        Line of each key, such as "parameters.basket.min_support".
    label : str
        How messages name the file, such as "data/acme/client.yaml".
    slices : dict of str to tuple of str
        Columns by which the same reports are wanted again, and the values of each.
    slice : Slice or None
        The part of the client that these settings are for; None for the whole.
    """

    slug: str
    name: str
    currency: str
    locale: str
    timezone: str
    snapshot_date: date | None
    brand: Brand
    engine: str
    max_loss: float
    tables: dict[str, TableConfig]
    parameters: dict[str, dict[str, Setting]]
    folder: Path
    path: Path
    version: int = CURRENT_VERSION
    lines: dict[str, int] = field(default_factory=dict)
    label: str = FILE
    slices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    slice: Slice | None = None

    @property
    def home(self) -> str:
        """Name the folder of the deliveries, below the root of all outputs."""
        return f"{self.slug}/{self.slice.folder}" if self.slice else self.slug

    def cite(self, key: str) -> str:
        """Name the line of a key, or of the nearest group around it that is written."""
        return cited(self.label, self.lines, key)


def load_config(folder: Path) -> ClientConfig:
    """Read and check the client.yaml of a client's folder.

    Raises
    ------
    ConfigError
        Listing every mistake with its line; what is near a known word is suggested.
    EnvironmentFault
        If the file is there but may not be read.
    """
    folder = Path(folder).absolute()
    mistakes = Mistakes(shown_path(folder / FILE))
    node = _root(folder, mistakes)
    root = Section(node, FILE, mistakes, KEYS)
    config = _client(root, folder)
    mistakes.raise_if_any()
    return config


def data_settings(config: ClientConfig) -> dict[str, Any]:
    """Give what of a client.yaml changes the canonical tables, fit for JSON and without secrets."""
    tables = {
        name: {
            "source": list(table.source_as_written),
            "format": asdict(table.format),
            "columns": table.columns,
            "rules": asdict(table.rules),
        }
        for name, table in config.tables.items()
    }
    return {
        "tables": tables,
        **({"slice": asdict(config.slice)} if config.slice else {}),
        "timezone": config.timezone,
        "snapshot_date": config.snapshot_date.isoformat() if config.snapshot_date else None,
        "currency": config.currency,
        "max_loss": config.max_loss,
    }


def check_essential(table: str, mapped: Iterable[str]) -> str | None:
    """Say which columns a table still needs once its header is known, None if it has enough."""
    have = set(mapped)
    options = TABLES[table].essential
    if any(have.issuperset(option) for option in options):
        return None
    # The alternative with the fewest columns missing is the one that was meant.
    wanted = min(options, key=lambda option: len(set(option) - have))
    missing = " and ".join(column for column in wanted if column not in have)
    others = [" and ".join(option) for option in options if option != wanted]
    return f"{table} needs {missing}" + "".join(f", or else {other}" for other in others)


def known_stems(notebooks: Path = NOTEBOOKS) -> tuple[str, ...]:
    """Name every report that can have parameters: the eleven, and any notebook that is there."""
    found = (path.stem.partition("_")[2] for path in sorted(notebooks.glob("[0-9][0-9]_*.ipynb")))
    return tuple(dict.fromkeys([*STEMS, *found]))


def _root(folder: Path, mistakes: Mistakes) -> Node:
    """Read the file, if it is there, is this client's own and of a version that is known."""
    path = folder / FILE
    if not path.is_file():
        beside = folder.parent.glob(f"*/{FILE}") if folder.parent.is_dir() else ()
        hint = did_you_mean(folder.name, sorted(p.parent.name for p in beside))
        mistakes.stop(NO_FILE, 0, f"is not there{hint or '; python -m shared new proposes one'}")
    if owner := borrowed_folder(folder):
        mistakes.stop(SOURCE, 0, f"is a link into the folder of another client, {owner}")
    try:
        node = read_yaml(path, mistakes)
    except OSError as e:
        what = f"cannot be read ({e.strerror})"
        raise EnvironmentFault("E-ENVI-01", mistakes.label, what) from e
    written = Section(node, FILE, Mistakes(mistakes.label))
    version = written.value("version", text, "1")
    if re.fullmatch(r"\d{1,9}", version, re.ASCII) and int(version) > CURRENT_VERSION:
        what = f"version {quote(version)} is newer than this suite; write version: 1, or update it"
        mistakes.stop(VERSION, written.line_of("version"), what)
    return node


def _client(root: Section, folder: Path) -> ClientConfig:
    root.require(name="write name: Acme Retail", currency="write currency: EUR")
    money = root.value("currency", currency, "", UNKNOWN)
    tables = _tables(root, folder, money)
    return ClientConfig(
        slug=folder.name,
        name=root.value("name", words, ""),
        currency=money,
        locale=root.value("locale", locale, "en_GB", UNKNOWN),
        timezone=root.value("timezone", timezone, "UTC", UNKNOWN),
        snapshot_date=root.value("snapshot_date", day, None),
        brand=read_brand(root.section("brand", BRAND_KEYS), folder),
        engine=root.value("engine", _engine, "duckdb"),
        max_loss=root.value("max_loss", number(0, 1), MAX_LOSS),
        tables=tables,
        parameters=_parameters(root),
        folder=folder,
        path=folder / FILE,
        version=root.value("version", whole(1), CURRENT_VERSION, VERSION),
        lines=line_numbers(root.node),
        label=root.mistakes.label,
        slices=read_slices(root.section("slices"), tables),
    )


def _engine(value: str) -> str:
    return value if _SPARK.fullmatch(value) else one_of("duckdb", "spark")(value)


def _tables(root: Section, folder: Path, money: str) -> dict[str, TableConfig]:
    section = root.section("tables", tuple(TABLES))
    root.require(tables="write tables: and below it order_lines:")
    node = root.written("tables")
    if node is not None and node.content == {}:
        root.mistakes.add(MISSING, node.line, f"tables names none of {', '.join(TABLES)}")
    return {
        table: read_table(section.section(table, TABLE_KEYS), table, folder, own_currency=money)
        for table, _ in section.entries()
        if table in TABLES
    }


def _parameters(root: Section) -> dict[str, dict[str, Setting]]:
    stems = known_stems()
    section = root.section("parameters", stems)
    return {
        stem: _settings(section.section(stem)) for stem, _ in section.entries() if stem in stems
    }


def _settings(section: Section) -> dict[str, Setting]:
    settings: dict[str, Setting] = {}
    for name, node in section.entries():
        if isinstance(node.content, dict):
            what = f"{name} is a group; a parameter is a value or a list"
            section.mistakes.add(WRONG_VALUE, node.line, what)
        elif isinstance(node.content, list):
            settings[name] = Setting(section.values(name, text), node.line)
        elif not node.reported:
            settings[name] = Setting(node.content or "", node.line)
    return settings
