"""The helper package of the report suite: loading, analysis, plots, report, delivery.

Each wing imports only from those named before it.
"""

__version__ = "0.1.0"
