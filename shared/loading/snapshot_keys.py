"""What a snapshot is known by: the bytes that came in, the rules, the code that read them."""

import hashlib
import json
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from shared import __version__
from shared.loading.config import ClientConfig, data_settings
from shared.loading.input_files import SourceFile, find_files, is_database

HASHES_FILE = "hashes.json"
# A file younger than this may change again without its time telling so.
SETTLED_SECONDS = 2.0


def snapshot_key(config: ClientConfig, files: Mapping[str, list[tuple[str, str]]]) -> str:
    """Give the key of a snapshot made from these files, each a name and its sha256, by table."""
    content = {
        "version": __version__,
        "code": _code_digest(),
        "client": config.slug,
        "settings": data_settings(config),
        "files": {table: [list(pair) for pair in pairs] for table, pairs in files.items()},
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def key_before_reading(config: ClientConfig, *, cache_in: Path) -> str | None:
    """Give the key that the client's files would have now; None if a database has to be asked.

    Parameters
    ----------
    config : ClientConfig
        The client.
    cache_in : Path
        Folder that remembers the sha256 of files whose size and time have not changed.
    """
    if any(is_database(entry) for table in config.tables.values() for entry in table.source):
        return None
    known = _read_hashes(cache_in)
    now: dict[str, list[object]] = {}
    files = {
        name: [_name_and_hash(file, known, now) for file in find_files(table.source, config.folder)]
        for name, table in config.tables.items()
    }
    if now != known:
        _write_hashes(cache_in, now)
    return snapshot_key(config, files)


def _name_and_hash(
    file: SourceFile, known: dict[str, list[object]], now: dict[str, list[object]]
) -> tuple[str, str]:
    state = file.path.stat()
    # The path is hashed too: the list of a client's files stands nowhere else.
    place = hashlib.sha256(str(file.path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    stamp: list[object] = [state.st_size, state.st_mtime_ns]
    if place in known and known[place][:2] == stamp:
        digest = str(known[place][2])
    else:
        with file.path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    if time.time() - state.st_mtime > SETTLED_SECONDS:
        now[place] = [*stamp, digest]
    return file.name, digest


def _read_hashes(folder: Path) -> dict[str, list[object]]:
    try:
        found = json.loads((folder / HASHES_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_hashes(folder: Path, hashes: dict[str, list[object]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / HASHES_FILE).write_text(json.dumps(hashes, indent=1) + "\n", encoding="utf-8")


@cache
def _code_digest() -> str:
    """Hash the modules that read a client's files: other code, other snapshot."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
