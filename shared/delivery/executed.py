"""What is kept of an executed notebook: its cells and marked outputs, no clock, no path."""

import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from shared.delivery.verify import MARK

LONGEST = 200  # characters of a warning that are kept
_TOLD = re.compile(r"^\S.*?:\d+: (\w*Warning): (.+)$")
_PRINTED = re.compile(r"\bwarning\b|\bconverge", re.IGNORECASE)
_FOR_PROGRAMMERS = ("Deprecation", "Future", "Resource", "Import", "Syntax", "Encoding")
_PATH = re.compile(r"(?:[A-Za-z]:)?(?:[\\/][\w.@~-]+){2,}[\\/]?")


class Warned(NamedTuple):
    """A warning: the cell it came from, its kind and what it says, without paths."""

    cell: int
    kind: str
    text: str


def read_executed(path: Path) -> dict[str, Any]:
    """Read an executed notebook with the source of every cell as one text."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def warnings_of(notebook: dict[str, Any]) -> list[Warned]:
    """List what the cells warned of or printed as a warning, each once."""
    found = []
    for index, cell in enumerate(notebook["cells"]):
        for line in _printed_lines(cell):
            told = _TOLD.match(line)
            if told and not told[1].startswith(_FOR_PROGRAMMERS):
                found.append(Warned(index, told[1], _without_paths(told[2])))
            elif not told and not line[:1].isspace() and _PRINTED.search(line):
                found.append(Warned(index, "printed", _without_paths(line)))
    return list(dict.fromkeys(found))


def delivered_copy(notebook: dict[str, Any], warned: list[Warned]) -> dict[str, Any]:
    """Give the notebook as it is delivered: two runs of the same cells give the same bytes.

    A warning joins the outputs that the page shows: whoever reads the page should know of it.
    """
    cells = [_cell(cell, index) for index, cell in enumerate(notebook["cells"])]
    for number, warning in enumerate(warned, start=1):
        cells[warning.cell]["outputs"].append(_note(number, warning.text))
    kept = ("kernelspec", "report")
    metadata = {key: notebook["metadata"][key] for key in kept if key in notebook["metadata"]}
    metadata["language_info"] = {"name": "python"}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def write_notebook(notebook: dict[str, Any], path: Path) -> None:
    """Write a notebook with sorted keys."""
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _cell(cell: dict[str, Any], index: int) -> dict[str, Any]:
    tags = cell["metadata"].get("tags", [])
    copy = {
        "cell_type": cell["cell_type"],
        "id": f"cell-{index:02d}",
        "metadata": {"tags": tags} if tags else {},
        "source": cell["source"],
    }
    if cell["cell_type"] == "code":
        copy["execution_count"] = cell.get("execution_count")
        copy["outputs"] = [_output(o) for o in cell["outputs"] if MARK in o.get("metadata", {})]
    return copy


def _output(output: dict[str, Any]) -> dict[str, Any]:
    data = {kind: "".join(content) for kind, content in output["data"].items()}
    mark = {MARK: output["metadata"][MARK]}
    return {"output_type": "display_data", "data": data, "metadata": mark}


def _note(number: int, text: str) -> dict[str, Any]:
    from shared.report.elements import block
    from shared.report.words import word

    id_ = f"raised-{number}"
    inner = f"<p><strong>{word('warning')}.</strong> {escape(_without_kind(text))}</p>"
    html = block("div", id_, "warning", inner)
    mark = {MARK: {"id": id_, "kind": "warning"}}
    return {"output_type": "display_data", "data": {"text/html": html}, "metadata": mark}


def _printed_lines(cell: dict[str, Any]) -> Iterator[str]:
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream":
            yield from "".join(output["text"]).splitlines()


def _without_paths(text: str) -> str:
    return _PATH.sub("…", text)[:LONGEST].strip()


def _without_kind(text: str) -> str:
    return re.sub(r"\b\w*Warning:?\s*", "", text) or text
