"""Which reports there are: the notebooks found, their questions and the tables each needs."""

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.loading.errors import ConfigError
from shared.loading.schema import TABLES
from shared.loading.words_near import near

ROOT = Path(__file__).parents[2]
PATTERN = "[0-9][0-9]_*.ipynb"
DEFAULT_KERNEL = "python3"

# The eleven questions of the suite; one whose notebook is not in the folder is not built yet.
ELEVEN = {
    "01_portfolio": "Who are our customers, and who deserves our next move?",
    "02_lifetime_value": "What will today's customers bring in the next six months?",
    "03_survival": "How long do customers stay, and when do they leave?",
    "04_cohort": "Do new customers come back?",
    "05_basket": "What is bought together?",
    "06_propensity": "Who will buy, and how likely?",
    "07_uplift": "Who buys because of the campaign?",
    "08_attribution": "Which channels bring customers to an order?",
    "09_voice": "What do customers say, and how do they feel?",
    "10_next_offer": "What should each customer be offered next?",
    "11_personas": "Are there types of customers?",
}


@dataclass(frozen=True)
class Notebook:
    """One report of the suite.

    Attributes
    ----------
    name : str
        Such as "04_cohort".
    question : str
        The notebook's title.
    path : Path or None
        The notebook file, None while it is not built.
    tables : tuple of tuple of str
        Alternatives: every table of at least one of them must be supplied; empty if none is needed.
    kernel : str
        The Jupyter kernel that runs it.
    earlier : tuple of str
        Tables of its own that it reads from the delivery before.
    opens : tuple of (str, tuple of str)
        Question of the page and the sources of which any one opens it: a table, or "table.column".
    backed_by : tuple of str
        How the report was put to the test: a template over its metrics, and others to fall back on.
    workbook : tuple of (str, tuple of str)
        Table that stands in the workbook, with the name of its sheet and the columns shown there,
        all of them where none is named.
    """

    name: str
    question: str
    path: Path | None = None
    tables: tuple[tuple[str, ...], ...] = ()
    kernel: str = DEFAULT_KERNEL
    earlier: tuple[str, ...] = ()
    opens: tuple[tuple[str, tuple[str, ...]], ...] = ()
    backed_by: tuple[str, ...] = ()
    workbook: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def number(self) -> str:
        """Give the two digits in front."""
        return self.name.partition("_")[0]

    @property
    def stem(self) -> str:
        """Give the name without its number."""
        return self.name.partition("_")[2]


def notebooks_folder() -> Path:
    """Give the folder of the notebooks: `CRM_NOTEBOOKS`, or the suite's own."""
    return Path(os.environ.get("CRM_NOTEBOOKS") or ROOT / "notebooks").absolute()


def catalogue(folder: Path) -> list[Notebook]:
    """List every report by number: the notebooks in a folder, and those of the eleven not built."""
    found = {path.stem: read_notebook(path) for path in folder.glob(PATTERN)}
    planned = {name: Notebook(name, question) for name, question in ELEVEN.items()}
    reports = planned | found
    return [reports[name] for name in sorted(reports)]


def read_notebook(path: Path) -> Notebook:
    """Read a notebook's title, kernel and the tables that its metadata ask for."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        metadata, cells = content["metadata"], content["cells"]
    except (ValueError, KeyError) as e:
        raise ConfigError(
            "E-NOTE-01", path.name, "is no readable notebook", fix="restore it from git"
        ) from e
    wanted = metadata.get("report", {})
    tables, earlier = wanted.get("tables", []), tuple(wanted.get("earlier", ()))
    _refuse_unknown_tables(path.name, tables)
    kernel = metadata.get("kernelspec", {}).get("name") or DEFAULT_KERNEL
    return Notebook(
        name=path.stem,
        question=_title(cells),
        path=path,
        tables=tuple(tuple(t) for t in tables),
        kernel=kernel,
        earlier=earlier,
        opens=_listed(wanted.get("opens", {})),
        backed_by=tuple(wanted.get("backed_by", ())),
        workbook=_listed(wanted.get("workbook", {})),
    )


def _listed(given: Mapping[str, Sequence[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, tuple(values)) for name, values in given.items())


def _refuse_unknown_tables(notebook: str, tables: Sequence[Sequence[str]]) -> None:
    for name in (name for alternative in tables for name in alternative):
        if name not in TABLES:
            close = near(name, list(TABLES))
            raise ConfigError(
                "E-NOTE-02",
                notebook,
                f"its metadata ask for {name}, which is no table that a client supplies",
                fix=f"did you mean {close}?" if close else f"use {', '.join(TABLES)}",
            )


def missing_tables(notebook: Notebook, supplied: Collection[str]) -> str:
    """Say which tables a report lacks, "" if it can run; alternatives are told together."""
    if not notebook.tables or any(set(needed) <= set(supplied) for needed in notebook.tables):
        return ""
    lacking = [[t for t in needed if t not in supplied] for needed in notebook.tables]
    return ", or ".join(" and ".join(tables) for tables in lacking)


def _title(cells: Sequence[dict]) -> str:
    for cell in cells:
        for line in "".join(cell["source"]).splitlines():
            if cell["cell_type"] == "markdown" and line.startswith("# "):
                return line[2:].strip()
    return ""
