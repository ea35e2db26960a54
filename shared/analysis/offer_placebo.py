"""The test of the page itself: who bought what is shuffled, so that no preference is left."""

import ibis
from ibis import _

from shared.analysis.periods import period_number

DESCRIBES = ("product_id", "product_name", "category", "unit_price", "unit_cost", "discount",
             "line_value", "quantity")  # fmt: skip


def shuffled_products(order_lines: ibis.Table, *, seed: int) -> ibis.Table:
    """Deal the products of each week out anew among all its lines, in the engine.

    Each customer keeps the orders and their number of lines, each product its sales in each week;
    only who bought what is left to chance. A refund stays where it is.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id`, `order_date` and `product_id`.
    seed : int
        Another number deals in another way.
    """
    refunds = None
    lines = order_lines
    if "is_refund" in lines.columns:
        refunds, lines = lines.filter(_.is_refund), lines.filter(~_.is_refund)
    moved = [name for name in DESCRIBES if name in lines.columns]
    kept = [name for name in lines.columns if name not in moved]
    week = period_number(lines.order_date, "W")
    # A key per line that is the same on every engine: equal lines are told apart by a count.
    text = lines.customer_id.cast("string") + "|" + lines.product_id.cast("string")
    text = text + "|" + lines.order_date.cast("string")
    keyed = lines.mutate(week=week, text=text)
    copy = ibis.row_number().over(group_by=keyed.text, order_by=keyed.text)
    keyed = keyed.mutate(copy=copy)
    dealt = (keyed.text + "|" + keyed.copy.cast("string") + f"|{seed}").hexdigest("md5")
    keyed = keyed.mutate(dealt=dealt)
    numbered = keyed.mutate(
        place=ibis.row_number().over(group_by=keyed.week, order_by=[keyed.text, keyed.copy]),
        turn=ibis.row_number().over(group_by=keyed.week, order_by=keyed.dealt),
    )
    hands = numbered.select("week", "place", *kept)
    cards = numbered.select("week", *moved, place=_.turn)
    shuffled = hands.inner_join(cards, ["week", "place"]).select(*order_lines.columns)
    return shuffled if refunds is None else shuffled.union(refunds.select(*order_lines.columns))
