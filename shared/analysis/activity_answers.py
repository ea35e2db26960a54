"""What the portfolio page says of activity where any interaction counts, and not orders alone."""

from dataclasses import replace
from typing import Any

import pandas as pd

from shared.analysis.intervals import wilson
from shared.analysis.portfolio import Portfolio
from shared.analysis.rfm_scores import cut_points, name_segments, score_customers
from shared.analysis.study_parts import Frame
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

LATE_DAYS = 31  # a source that begins later than this after the first order hides a part of it


def activity_said(base: Portfolio | NotSupportedByData, table: Frame) -> list[Reason]:
    """Say what counts as activity on the page, and how many segments hang on it.

    Parameters
    ----------
    base : Portfolio or NotSupportedByData
        Scored on any interaction.
    table : pd.DataFrame or NotSupportedByData
        As from `activity_table`; where orders alone count, nothing is said.
    """
    if isinstance(table, NotSupportedByData) or isinstance(base, NotSupportedByData):
        return []
    rows = table.to_dict("records")
    listed = ", ".join(f"{{{row['table']}}} {row['interaction']}" for row in rows)
    counted: dict[str, object] = {str(row["table"]): int(row["interactions"]) for row in rows}
    orders = replace(base.cuts.scoring, contacts=None)
    by_orders = score_customers(base.customers, cut_points(base.customers, orders))
    renamed = name_segments(by_orders, orders) != base.customers["segment"].astype(str)
    values = {"share": wilson(int(renamed.sum()), len(renamed), of="customers")}
    return [
        Reason(
            "On this page the segments rest on any interaction: recency counts the days since the "
            "last one, frequency the days with one or more, out of " + listed + ". Money, orders, "
            "silence and due dates still speak of purchases alone.",
            counted,
        ),
        Reason("By purchases alone, {share} of the customers would be in another segment.", values),
    ]


def activity_caveats(table: pd.DataFrame) -> list[Reason]:
    """Name the sources that begin long after the first order, so that earlier contacts are unseen.

    Parameters
    ----------
    table : pd.DataFrame
        As from `activity_table`: the orders stand first.
    """
    begins = pd.Timestamp(table["first_day"].iloc[0])
    late = table[(pd.to_datetime(table["first_day"]) - begins).dt.days > LATE_DAYS]
    template = (
        "Orders begin on {begins:date}, {what} on {first:date}: what customers did before that day "
        "is not counted."
    )
    return [
        Reason(
            template,
            {"begins": begins.date(), "what": row["interaction"], "first": row["first_day"]},
        )
        for row in late.to_dict("records")
    ]


def activity_shown(table: Frame) -> list[dict[str, Any]]:
    """Give the table of interactions as the page shows it; none where orders alone count."""
    if isinstance(table, NotSupportedByData):
        return []
    columns = {
        "interaction": ("What counts", "text"),
        "table": ("Table", "text"),
        "interactions": ("Number", "count"),
        "customers": ("Customers", "count"),
        "first_day": ("First", "date"),
        "last_day": ("Last", "date"),
    }
    caption = "What counts as activity, of customers with an order"
    return [{"frame": table, "caption": caption, "columns": columns, "file": "activity"}]
