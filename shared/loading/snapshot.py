"""The one snapshot that all notebooks of a run read: made once, named by what it was made of."""

import contextlib
import os
import re
import shutil
from pathlib import Path

import psutil

from shared.loading.config import ClientConfig
from shared.loading.counts import INTAKE_FILE
from shared.loading.engine import disk_faults
from shared.loading.intake import take_in
from shared.loading.snapshot_keys import key_before_reading

SNAPSHOTS = ".snapshots"
KEPT = 2
KEY_LETTERS = 16
_BUILDING = re.compile(r"\.building-(\d+)")


def prepare_snapshot(config: ClientConfig, outputs: Path) -> Path:
    """Give the folder of a client's snapshot; make it if the files, rules or code are new.

    Parameters
    ----------
    config : ClientConfig
        The client.
    outputs : Path
        Root of all outputs; snapshots lie in `<outputs>/<client>/.snapshots/<key>`.

    Raises
    ------
    DataRefused, ConfigError
        As `take_in` does; nothing is left behind then.
    EnvironmentFault
        If the disk is full or may not be written; nothing is left behind then either.
    """
    home = outputs / config.home / SNAPSHOTS
    with disk_faults(home):
        home.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(home)
        key = key_before_reading(config, cache_in=home)
        folder = home / key[:KEY_LETTERS] if key else None
        if folder is None or not (folder / INTAKE_FILE).is_file():
            folder = _build(config, home)
        # The time says when a snapshot was last wanted; the oldest ones are removed.
        os.utime(folder)
        _remove_old(home, keep=folder)
    return folder


def _build(config: ClientConfig, home: Path) -> Path:
    """Take the client in under a temporary name; the key is that of the bytes truly read."""
    building = home / f".building-{os.getpid()}"
    try:
        snapshot = take_in(config, building)
        folder = home / snapshot.intake.key[:KEY_LETTERS]
        if (folder / INTAKE_FILE).is_file():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder


def _clear_abandoned(home: Path) -> None:
    """Remove what processes that no longer run were building."""
    for path in home.iterdir():
        found = _BUILDING.fullmatch(path.name)
        if found and not (int(found[1]) != os.getpid() and psutil.pid_exists(int(found[1]))):
            shutil.rmtree(path, ignore_errors=True)


def _remove_old(home: Path, *, keep: Path) -> None:
    others = [p for p in home.iterdir() if p.is_dir() and p != keep and p.name[0] != "."]
    others.sort(key=lambda p: (-_last_wanted(p), p.name))
    for path in others[KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


def _last_wanted(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0
