"""Packages that others import on the chance that they are there, and that cost each process."""

import sys

# The grammar of IRIs takes a second to build, for a check of JSON that no notebook asks for.
IDLE = ("rfc3987_syntax",)


def leave_out_idle_imports() -> None:
    """Make the import of these packages fail, as where they are not installed."""
    for name in IDLE:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
