"""Faults of the disk, told alike wherever they happen: full, over quota, too large, not allowed."""

import contextlib
import errno
import re
from collections.abc import Iterator
from pathlib import Path

from shared.delivery.reasons import DISK_FULL
from shared.loading.errors import EnvironmentFault, SuiteError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextlib.contextmanager
def disk_faults(place: Path) -> Iterator[None]:
    """Turn an `OSError` below a folder into an `EnvironmentFault` that names the path.

    Libraries wrap a full disk into errors of their own; it is looked for inside those too.
    """
    try:
        yield
    except SuiteError:
        raise
    except Exception as e:
        inner = _os_error_in(e)
        if inner is None:
            raise
        raise disk_fault(inner, place) from e


def notebook_fault(name: str, message: str) -> EnvironmentFault:
    """Say what stopped a notebook, and with it the run: its own words if it had some."""
    told = re.match(r"(E-\w+-\d+) (.*?)  (.*)", message)
    if told:
        fix = re.search(r"\n  fix +(.*)", message)
        return EnvironmentFault(told[1], told[2], told[3], fix=fix[1] if fix else "")
    return EnvironmentFault("E-ENVI-01", name, message, fix="free space and run again")


def disk_fault(error: OSError, place: Path) -> EnvironmentFault:
    """Say what the disk refused and where."""
    where = str(error.filename or place)
    if error.errno in FULL:
        what, fix = DISK_FULL, "free space and run again"
    elif error.errno in DENIED:
        what, fix = "may not be written", "give this user the permission, or --outputs DIR"
    elif error.errno in (errno.ENOTDIR, errno.EEXIST):
        what, fix = "is no folder", "move that file away, or --outputs DIR"
    else:
        what = f"cannot be read or written ({error.strerror or type(error).__name__})"
        fix = "see that the disk is mounted and run again"
    return EnvironmentFault("E-ENVI-01", where, what, fix=fix)


def _os_error_in(error: BaseException | None) -> OSError | None:
    if error is None or isinstance(error, OSError):
        return error
    wrapped = [a for a in error.args if isinstance(a, OSError)]
    inner = wrapped[0] if wrapped else _os_error_in(error.__cause__ or error.__context__)
    return inner if inner and inner.errno in FULL | DENIED else None
