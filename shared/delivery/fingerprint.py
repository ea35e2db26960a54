"""What a report was made from, as one digest: equal digests, equal bytes, nothing to run."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import shared
from shared.delivery.catalogue import Notebook
from shared.delivery.manifest import sha256_of
from shared.loading.earlier import table_path

_SOURCES = Path(shared.__file__).parent
_LOOKS = ("slug", "name", "currency", "locale", "timezone")


def fingerprint(
    report: Notebook,
    parameters: Mapping[str, object],
    *,
    snapshot: str,
    look: str,
    versions: Mapping[str, str],
    before: Path | None = None,
) -> str:
    """Digest a report's cells, parameters, data, look, and the code and packages that it uses.

    What it reads of the delivery before, in the folder `before`, is data as well.
    """
    assert report.path is not None
    parts = {
        "cells": notebook_cells(report.path),
        "kernel": report.kernel,
        "parameters": parameters,
        "snapshot": snapshot,
        "look": look,
        "sources": sources_digest(),
        "versions": versions,
    }
    paths = [table_path(before, report.name, table) for table in report.earlier if before]
    read = [sha256_of(path) for path in paths if path.is_file()]
    return digest({**parts, "earlier": read} if read else parts)


def look_of(config: Any, engine: str) -> str:
    """Digest what of a client's settings shows on its pages: names, formats, brand."""
    looks = {key: getattr(config, key) for key in _LOOKS}
    logo = config.brand.logo
    looks["logo"] = hashlib.sha256(Path(logo).read_bytes()).hexdigest() if logo else ""
    brand = asdict(config.brand) | {"logo": Path(logo).name if logo else ""}
    return digest({**looks, "brand": brand, "engine": engine})


def notebook_cells(path: Path) -> list[list[str]]:
    """Give kind and source of every cell; what an editor keeps beside them does not count."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [[cell["cell_type"], "".join(cell["source"])] for cell in cells]


@cache
def sources_digest() -> str:
    """Digest the suite's own code and templates."""
    total = hashlib.sha256()
    for path in sorted(_SOURCES.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(path.relative_to(_SOURCES).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def digest(content: object) -> str:
    """Digest anything that JSON holds."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
