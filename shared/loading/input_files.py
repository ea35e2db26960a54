"""Which files a `source` names: files, globs and folders, in sorted order."""

import difflib
import glob
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from shared.loading.errors import DataRefused, EnvironmentFault
from shared.loading.source_paths import other_client

MOST_LISTED = 6


@dataclass(frozen=True)
class SourceFile:
    """One input file.

    Attributes
    ----------
    name : str
        What messages and manifests call it: relative to the client's folder where it lies inside.
    path : Path
        Where it is.
    partitions : tuple of (str, str)
        Columns that a folder of Parquet spells in its folder names, such as ("year", "2024").
    """

    name: str
    path: Path
    partitions: tuple[tuple[str, str], ...] = ()


def is_database(entry: str) -> bool:
    """Say whether a source is `address::table` rather than a file."""
    return "://" in entry and "::" in entry


def find_files(source: tuple[str, ...], folder: Path) -> list[SourceFile]:
    """List the files of a source, sorted by name: the order of a listing is no matter.

    A file that two entries name is listed twice; that its rows repeat is for the intake to say.

    Parameters
    ----------
    source : tuple of str
        Files, globs and folders, relative to the client's folder or absolute.
    folder : Path
        The client's folder.

    Raises
    ------
    DataRefused
        If an entry matches nothing or reaches into another client's folder.
    EnvironmentFault
        If it may not be read.
    """
    try:
        found = [file for entry in source for file in _files_of(entry, folder)]
    except PermissionError as error:
        raise may_not_be_read(Path(str(error.filename)).name) from None
    for file in found:
        if owner := other_client(file.path, folder):
            raise DataRefused(
                "E-FILE-04",
                file.name,
                f"lies in the folder of another client, {owner}",
                fix=f"copy the file into {folder.name}/ if it really belongs to this client",
            )
    return sorted(found, key=lambda file: file.name)


def may_not_be_read(name: str) -> EnvironmentFault:
    """Make the error for a file that this user may not open."""
    return EnvironmentFault(
        "E-FILE-03", name, "may not be read by this user", fix="give this user the permission"
    )


def _files_of(entry: str, folder: Path) -> list[SourceFile]:
    path = folder / Path(entry).expanduser()
    if path.is_dir():
        return _files_in(path, folder)
    if path.exists():
        return [SourceFile(_name(path, folder), path)]
    if glob.has_magic(entry):
        # Path.glob takes no absolute pattern.
        matches = map(Path, glob.glob(str(path), recursive=True))  # noqa: PTH207
        files = [match for match in matches if match.is_file() and not _is_hidden(match.name)]
        if files:
            return [SourceFile(_name(file, folder), file) for file in files]
    raise _nothing_there(entry, path)


def _files_in(directory: Path, folder: Path) -> list[SourceFile]:
    """Files of a folder at any depth; writers leave markers such as _SUCCESS beside them."""
    files = []
    for path in directory.rglob("*"):
        steps = path.relative_to(directory).parts
        if path.is_file() and not any(map(_is_hidden, steps)):
            pairs = [step.partition("=") for step in steps[:-1] if "=" in step]
            partitions = tuple((name, unquote(value)) for name, _, value in pairs)
            files.append(SourceFile(_name(path, folder), path, partitions))
    if not files:
        raise DataRefused(
            "E-FILE-02",
            _name(directory, folder),
            "is a folder without any file",
            fix="name the files in client.yaml: source: […]",
        )
    return files


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def _name(path: Path, folder: Path) -> str:
    """Name a file without saying where this computer keeps it."""
    try:
        inside = path.relative_to(folder)
    except ValueError:
        return path.name
    return path.name if ".." in inside.parts else inside.as_posix()


def _nothing_there(entry: str, path: Path) -> DataRefused:
    what = "matches no file" if glob.has_magic(entry) else "there is no such file"
    nearest = next((p for p in path.parents if p.is_dir()), path.parent)
    seen = sorted(p.name for p in nearest.iterdir() if not _is_hidden(p.name))
    # An ending that all files share makes no two names alike.
    stems = {Path(name).stem: name for name in reversed(seen)}
    close = [stems[stem] for stem in difflib.get_close_matches(path.stem, stems, n=1)]
    more = f" and {len(seen) - MOST_LISTED} more" if len(seen) > MOST_LISTED else ""
    return DataRefused(
        "E-FILE-01",
        Path(entry).name if Path(entry).is_absolute() else entry,
        what,
        found=(", ".join(seen[:MOST_LISTED]) or "an empty folder") + more,
        fix=f"did you mean {close[0]}?" if close else "correct `source` in client.yaml",
    )
