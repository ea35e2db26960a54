"""Labels and units of the lifecycle tables, on the page and behind its charts."""

import pandas as pd

from shared.analysis.lifecycle import STAGE_NAMES, STAGES
from shared.analysis.lifecycle_flows import NOT_YET

Columns = dict[str, tuple[str, str]]
NAMES = {**STAGE_NAMES, NOT_YET: "Not yet a customer"}


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Write the stages of a table as the page does, such as "One order, asleep"."""
    stages = [name for name in ("stage", "from_stage", "to_stage") if name in frame.columns]
    return frame.assign(**{name: frame[name].map(NAMES) for name in stages})


def matrix_columns(noun: str, *, shares: bool = False) -> Columns:
    """Name the columns of the stage matrix: counts, or shares of the base."""
    suffix, spec = ("_share", "share") if shares else ("", "count")
    stages = {f"{stage}{suffix}": (STAGE_NAMES[stage], spec) for stage in STAGES}
    return {
        "period": (noun.capitalize(), "month"),
        "customers": ("Customers", "count"),
        **stages,
    }


def flow_columns() -> Columns:
    """Name the columns of the table of flows."""
    return {
        "from_stage": ("Stage before", "text"),
        "to_stage": ("Stage now", "text"),
        "customers": ("Customers", "count"),
        "share": ("Share of the stage before", "share"),
    }


def history_columns(noun: str) -> Columns:
    """Name the columns of the history of one flow."""
    return {
        "period": (noun.capitalize(), "month"),
        "before": ("Active before", "count"),
        "customers": ("Fell asleep", "count"),
        "share": ("Share", "share.1"),
        "low": ("Low", "share.1"),
        "high": ("High", "share.1"),
    }


def projection_columns(noun: str) -> Columns:
    """Name the columns of the projection; the interval is blank for new customers, assumed."""
    return {
        "period": (noun.capitalize(), "month"),
        "stage": ("Stage", "text"),
        "customers": ("Customers expected", "count"),
        "low": ("Low", "count"),
        "high": ("High", "count"),
    }
