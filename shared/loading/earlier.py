"""The delivery before: what a notebook may read of it, so that names stay the same."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

VARIABLE = "CRM_EARLIER"


def earlier_table(report: str, table: str) -> pd.DataFrame | None:
    """Read a table of the client's delivery before, every column as text.

    Parameters
    ----------
    report, table : str
        Such as "11_personas" and "assignments".

    Returns
    -------
    pd.DataFrame or None
        None where a run gives no earlier delivery (CRM_EARLIER) or that has no such table; a
        notebook that is opened by hand has none.
    """
    import pandas as pd  # the command line needs this module and not that half second

    folder = os.environ.get(VARIABLE, "")
    path = table_path(Path(folder), report, table)
    if not folder or not path.is_file():
        return None
    return pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])


def table_path(delivery: Path, report: str, table: str) -> Path:
    """Give where a delivery holds a table."""
    return delivery / "tables" / report / f"{table}.csv"
