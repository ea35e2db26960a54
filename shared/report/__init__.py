"""What a notebook says: header, findings, figures, tables, verdict, actions, export."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.report.report import Report

__all__ = ["Report"]


def __getattr__(name: str) -> Any:
    # Who only reads a notebook's parameters does not pay for importing the charts.
    if name in __all__:
        from shared.report import report

        return getattr(report, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
