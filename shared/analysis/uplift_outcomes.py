"""Outcomes of a campaign: what each customer did within the window, from columns or from orders."""

from collections.abc import Sequence
from datetime import date

import ibis
import pandas as pd
from ibis import _

from shared.analysis.customer_summary import exact_sum, money
from shared.analysis.purchases import purchases
from shared.loading.errors import NotSupportedByData

ORDERS = "orders"


def with_outcomes(
    rows: ibis.Table,
    *,
    outcome: str,
    further: Sequence[str],
    order_lines: ibis.Table | None,
    window_days: int,
    snapshot_date: date,
) -> tuple[pd.DataFrame, str]:
    """Fetch the rows of a campaign with `outcome`, `value`, `cost` and `assigned_at`.

    Where the export has no column of outcomes, a customer responded who spent something, or who
    ordered within the window.

    Parameters
    ----------
    rows : ibis.Table
        One row per customer in an arm.
    outcome : str
        Column of 0 and 1, or of numbers of which those above 0 count; or "orders".
    further : sequence of str
        Columns of numbers that must be there.
    order_lines, window_days, snapshot_date
        As for `read_campaign`.

    Returns
    -------
    pd.DataFrame
        All columns of the campaign, with those four; blanks where nothing is known.
    str
        What counts as outcome.

    Raises
    ------
    NotSupportedByData
        If a column is missing and no order tells either.
    """
    missing = [c for c in further if c not in rows.columns]
    if missing:
        raise NotSupportedByData(
            f"the campaign has no column {missing[0]}", f"one of {', '.join(rows.columns)}"
        )
    what = _what(rows, outcome, order_lines)
    if what == ORDERS:
        rows = _ordered(rows, order_lines, window_days=window_days, snapshot_date=snapshot_date)
    frame = rows.to_pandas()
    blank = pd.Series(float("nan"), index=frame.index)
    value = frame.get("ordered_value" if what == ORDERS else "outcome_value", blank)
    # A value says more than a flag: whoever spent something did respond.
    told = frame["ordered" if what == ORDERS else what].astype(float)
    return frame.drop(columns=["ordered", "ordered_value"], errors="ignore").assign(
        outcome=(told > 0).astype(float).where(told.notna()),
        value=value.astype(float),
        cost=frame.get("treatment_cost", blank).astype(float),
        assigned_at=frame.get("assigned_at", pd.Series(pd.NaT, index=frame.index)),
        **{c: frame[c].astype(float) for c in further},
    ), what


def _what(rows: ibis.Table, outcome: str, order_lines: ibis.Table | None) -> str:
    """Find what counts as outcome: the column, the money spent, or orders."""
    if outcome in rows.columns:
        return outcome
    can_order = order_lines is not None and "assigned_at" in rows.columns
    if outcome not in ("outcome", ORDERS):
        numbers = [c for c, kind in rows.schema().items() if kind.is_numeric()]
        raise NotSupportedByData(
            f"the campaign has no column {outcome}", f"outcome: one of {', '.join(numbers)}"
        )
    if outcome == "outcome" and "outcome_value" in rows.columns:
        return "outcome_value"
    if can_order:
        return ORDERS
    raise NotSupportedByData(
        "what the customers did afterwards is not in the export",
        "a column outcome, or assigned_at and the order lines",
    )


def _ordered(
    rows: ibis.Table, order_lines: ibis.Table | None, *, window_days: int, snapshot_date: date
) -> ibis.Table:
    """Add who ordered within the window after the assignment, and for how much."""
    if order_lines is None or "assigned_at" not in rows.columns:
        raise NotSupportedByData("orders and the day of assignment are not both known",
                                 "assigned_at and the order lines")  # fmt: skip
    bought = purchases(order_lines, before=snapshot_date, analysis="Orders after a campaign")
    spent = bought.select("customer_id", "order_date", spent=money(bought))
    drawn = rows.filter(_.assigned_at.notnull()).select("customer_id", "assigned_at").distinct()
    after = drawn.join(spent, "customer_id").filter(
        _.order_date >= _.assigned_at,
        _.order_date < _.assigned_at + ibis.interval(days=window_days),
    )
    sums = after.group_by("customer_id", "assigned_at").aggregate(
        ordered=_.count(), ordered_value=exact_sum(_.spent)
    )
    joined = rows.left_join(sums, ["customer_id", "assigned_at"])
    return joined.select(
        *rows.columns, ordered=_.ordered.fill_null(0), ordered_value=_.ordered_value.fill_null(0.0)
    )
