"""Which lines count as buying: before a day, and no refunds."""

from datetime import date, datetime, time

import ibis
from ibis import _

from shared.loading.schema import require_columns


def purchases(order_lines: ibis.Table, *, before: date, analysis: str) -> ibis.Table:
    """Keep the lines that count as buying before a day: a refund is no order.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id` and `order_date`.
    before : date
        The first day that is left out; mostly the snapshot date.
    analysis : str
        Who asks, for the message if a column is missing.
    """
    require_columns(order_lines, ["customer_id", "order_date"], analysis=analysis)
    lines = order_lines.filter(_.order_date < datetime.combine(before, time()))
    return lines.filter(~_.is_refund) if "is_refund" in lines.columns else lines
