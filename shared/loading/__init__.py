"""A client's files or warehouse as checked, canonical Ibis tables."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.loading.client import Client, SourceNote, load_client

__all__ = ["Client", "SourceNote", "load_client"]


def __getattr__(name: str) -> Any:
    # Only who opens a client pays for importing the engine.
    if name in __all__:
        from shared.loading import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
