"""The fixtures of a report's tests; what makes them stands in `made_reports`."""

from made_reports import _clean_charts, bars, client, report

__all__ = ["_clean_charts", "bars", "client", "report"]
