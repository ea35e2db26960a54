"""One run per client at a time: who holds the lock and since when."""

import contextlib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from shared.loading.errors import EnvironmentFault

LOCK, OWNER = ".lock", ".running.json"


@contextlib.contextmanager
def client_lock(folder: Path) -> Iterator[None]:
    """Hold a client's lock, or refuse with the process that holds it.

    The operating system frees the lock when its process dies, however it dies; the file beside it
    only names the holder.

    Raises
    ------
    EnvironmentFault
        E-ENVI-12 while another run holds the lock.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    owner = folder / OWNER
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as e:
        raise _held(folder.name, owner) from e
    try:
        since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        owner.write_text(json.dumps({"pid": os.getpid(), "since": since}), encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            owner.unlink(missing_ok=True)
        lock.release()


def _held(client: str, owner: Path) -> EnvironmentFault:
    try:
        holder = json.loads(owner.read_text(encoding="utf-8"))
        who = f"process {holder['pid']} since {holder['since']}"
    except (OSError, ValueError, KeyError):
        who = "another process that has just started"
    return EnvironmentFault(
        "E-ENVI-12", client, f"is being run by {who}", fix="wait until it has ended, or end it"
    )
