"""The helper package of the report suite: loading, analysis, plots, report, delivery.

Each wing imports only from those named before it.
"""

import sys

__version__ = "0.1.0"

# jsonschema, which whoever reads a notebook loads, builds the grammar of international addresses
# where JupyterLab has brought it: 1.6 seconds of every process, for a format that no schema here
# has. What is None in `sys.modules` counts as not installed.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
