"""How a delivery appears: built aside, then put in place of the former one in a single step."""

import contextlib
import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

STAGING, FORMER = ".staging-", ".former-"
_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE and AT_FDCWD of renameat2(2)
_NOT_ABLE = {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM}


@contextlib.contextmanager
def staging_folder(client_folder: Path) -> Iterator[Path]:
    """Give an empty folder beside the deliveries; it is gone afterwards, whatever happens.

    The caller holds the client's lock, so any other staging folder is what a killed run left.
    """
    recover(client_folder)
    staging = client_folder / f"{STAGING}{os.getpid()}"
    staging.mkdir()
    try:
        yield staging
    finally:
        remove(staging)


def recover(client_folder: Path) -> None:
    """Undo what a killed run left: an unfinished staging folder, a swap stopped half way."""
    for left in client_folder.glob(f"{STAGING}*"):
        remove(left)
    # The swap stopped between its two renames: without a new delivery the former one returns.
    for former in client_folder.glob(f"{FORMER}*"):
        place = client_folder / former.name.removeprefix(FORMER)
        if place.exists():
            remove(former)
        else:
            former.rename(place)


def put_in_place(built: Path, place: Path) -> None:
    """Put a built folder where the former delivery is; what was there ends up in `built` or gone.

    Both names change in one step where the system can; else the former folder steps aside for a
    moment under a name from which `recover` brings it back.
    """
    if not place.exists():
        built.rename(place)
        return
    # Two renames could be parted by a power cut; the exchange cannot.
    if _exchanged(built, place):
        return
    aside = place.with_name(FORMER + place.name)
    place.rename(aside)
    built.rename(place)
    remove(aside)


def remove(folder: Path) -> None:
    """Remove a folder as far as possible."""
    shutil.rmtree(folder, ignore_errors=True)


def deliveries(client_folder: Path) -> list[Path]:
    """List a client's delivered folders, the earliest first."""
    dated = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
    return sorted(path for path in client_folder.glob(dated) if path.is_dir())


def _exchanged(one: Path, other: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    # Some file systems (NFS, FAT) and containers know no exchange.
    number = ctypes.get_errno()
    if number in _NOT_ABLE:
        return False
    raise OSError(number, os.strerror(number), str(other))
