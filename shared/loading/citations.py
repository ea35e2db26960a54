"""Where a message points: a path that can be opened from here, a key with its line."""

from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def shown_path(path: Path) -> str:
    """Write a path relative to the current folder, else to the project, else as a whole."""
    path = path.absolute()
    for root in (Path.cwd(), PROJECT):
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.as_posix()


def cited(label: str, lines: Mapping[str, int], key: str, *, root: str = "") -> str:
    """Name the line of a key; of a key that is not written, the nearest group it belongs into.

    Parameters
    ----------
    label : str
        How messages name the file, such as "data/acme/client.yaml".
    lines : mapping of str to int
        Line of each key that is written, by path; "" is the line of the whole group.
    key : str
        Path of a key, such as "rules.refunds".
    root : str
        Name of the whole group, such as "order_lines".
    """
    if key in lines and key:
        return f"{label} line {lines[key]}"
    while key and key not in lines:
        key = key.rpartition(".")[0]
    line = lines.get(key)
    return f"{label}, in {key or root} (line {line})" if line else label


def answer(label: str, lines: Mapping[str, int], key: str, value: str, *, root: str = "") -> str:
    """Say what to type for a key and where: on its line, into its group, or with a new group."""
    group, _, name = key.rpartition(".")
    if not group or key in lines or group in lines:
        return f"{cited(label, lines, key, root=root)}: {name}: {value}"
    return f"{cited(label, lines, group, root=root)}: {group}: {{{name}: {value}}}"
