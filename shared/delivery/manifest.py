"""run.json: what a delivery was made from, what it holds, and a seal over both."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAME = "run.json"
SEAL = "seal"
SEED = 0  # PYTHONHASHSEED of every notebook; what is drawn at random is seeded by the analyses
_NOT_OURS = {".DS_Store", "Thumbs.db", "desktop.ini"}


def sha256_of(path: Path) -> str:
    """Give the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def delivered_files(folder: Path) -> dict[str, Path]:
    """List a delivery's files by their address inside it, the manifest left out."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in _NOT_OURS and path != folder / NAME
    }


def write_manifest(facts: Mapping[str, Any], folder: Path) -> None:
    """Write run.json last: the facts of the run and the sha256 of every file beside it."""
    outputs = {name: sha256_of(path) for name, path in delivered_files(folder).items()}
    content = {**facts, "outputs": outputs}
    content[SEAL] = seal_of(content)
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8", newline="\n")


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Read a delivery's manifest; None if it is missing, unreadable or was edited."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and content.get(SEAL) == seal_of(content) else None


def seal_of(content: Mapping[str, Any]) -> str:
    """Give the sha256 over a manifest's own content, by which an edit is seen."""
    rest = {key: value for key, value in content.items() if key != SEAL}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
