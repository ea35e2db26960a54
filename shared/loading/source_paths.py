"""Where a table's `source` points: variables put in, other clients' folders kept out."""

import glob
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^${}]*))?\}")
_EMBEDDED = re.compile(r"(duckdb|sqlite)://([^?]*)", re.IGNORECASE)
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_DOWNLOADS = {"http", "https", "ftp", "sftp", "s3", "gs", "gcs", "abfs", "az", "file"}
_MOST_FILES = 5_000


def expand_variables(written: str, environment: Mapping[str, str]) -> str:
    """Put environment variables in: `${NAME}`, or `${NAME:-default}` where it may be missing.

    Raises
    ------
    ValueError
        Naming the variables that are not set. No value is ever part of the message.
    """
    names = [m[1] for m in _VARIABLE.finditer(written) if m[2] is None]
    missing = [name for name in dict.fromkeys(names) if not environment.get(name)]
    if missing:
        raise ValueError(f"needs the environment variable {', '.join(missing)}, not set or empty")
    if "${" in _VARIABLE.sub("", written):
        raise ValueError("has a variable that is not written ${NAME} or ${NAME:-default}")
    return _VARIABLE.sub(lambda m: environment.get(m[1]) or m[2] or "", written)


def source_fault(source: str, folder: Path) -> str:
    """Say why an expanded source cannot be used by this client, "" if it can."""
    if not source.strip() or "\0" in source:
        return "is empty"
    address = _ADDRESS.match(source)
    path = source
    if address:
        path, marked, table = source.rpartition("::")
        if address[1].lower() in _DOWNLOADS:
            return "is neither a local file nor a table in a database; download it first"
        if not (marked and table):
            return 'does not name its table; add "::" and the table, such as "duckdb://shop.db::orders"'
        embedded = _EMBEDDED.match(path)
        if not embedded:
            return ""
        path = embedded[2]
    try:
        owner = other_client(folder / Path(path).expanduser(), folder)
    except RuntimeError:  # ~ of somebody who is not here
        return "is not a path"
    return f"reaches into the folder of another client, {owner}" if owner else ""


def other_client(path: Path, folder: Path) -> str | None:
    """Name the client whose folder a path reaches, directly or through a link; None for ours.

    Parameters
    ----------
    path : Path
        A file, a folder or a pattern. A folder that holds another client's folder reaches it.
    folder : Path
        Our own client's folder; the folders beside it are other clients'.
    """
    own = _real(folder)
    others = {name: real for name, real in _neighbours(folder) if real != own}
    for real in map(_real, _reached(path)):
        if real.is_relative_to(own):
            continue
        for name, other in others.items():
            if real.is_relative_to(other) or other.is_relative_to(real):
                return name
    return None


def borrowed_folder(folder: Path) -> str | None:
    """Name the client whose folder ours is a link to, or whose client.yaml ours is a link to."""
    file = folder / "client.yaml"
    for name, real in _neighbours(folder):
        if (folder.is_symlink() and _real(folder).is_relative_to(real)) or (
            not _real(file).is_relative_to(_real(folder)) and _real(file).is_relative_to(real)
        ):
            return name
    return None


def _neighbours(folder: Path) -> Iterator[tuple[str, Path]]:
    try:
        beside = sorted(p for p in folder.parent.iterdir() if p.is_dir() and p.name != folder.name)
    except OSError:
        return
    for path in beside:
        yield path.name, _real(path)


def _reached(path: Path) -> Iterator[Path]:
    """Walk through what a file, folder or pattern reaches, up to a limit; reading checks again."""
    yield path
    try:
        if path.is_dir():
            yield from islice(path.rglob("*"), _MOST_FILES)
        elif glob.has_magic(str(path)) and not path.exists():
            # Path.glob refuses patterns such as a**b, which glob reads as a*b.
            matches = glob.iglob(str(path), recursive=True)  # noqa: PTH207
            yield from map(Path, islice(matches, _MOST_FILES))
    except OSError:  # may not be listed: whoever reads it says so
        return


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name too long
        return path.absolute()
