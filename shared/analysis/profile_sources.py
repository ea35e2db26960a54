"""What the customer profile is computed from: customers numbered once, and their orders."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time

import ibis
from ibis import _

from shared.analysis.customer_summary import EXACT, money
from shared.loading.schema import require_columns

ANALYSIS = "Customer profile"
PRICED = "line_value"
OPTIONAL = {
    "quantity": "float64",
    "unit_price": "float64",
    "discount": "float64",
    "product_id": "string",
    "channel": "string",
}
LOOKED_UP = {"unit_cost": "float64", "category": "string"}


@dataclass(frozen=True)
class Sources:
    """The rows before the snapshot date, of customers with an order.

    Customers carry a number: groups and joins by a whole number need a fraction of the time and
    memory that ids of 36 letters do, and the numbers never leave this computation.

    Attributes
    ----------
    customers : ibis.Table
        `customer` (0, 1, … in the order of the ids) and `customer_id`.
    lines : ibis.Table
        Purchased lines: `customer`, `order_id`, `order_date`, `money` (exact decimal), the optional
        columns and those that are looked up in the table of products. A column that the export
        does not have is null.
    refunds : ibis.Table
        Refunded lines, with the same columns.
    orders : ibis.Table
        One row per order, kept in the engine: `customer`, `ordered_at`, `day`, `gross`, `units`,
        `discount`, `cost`, `costed` (gross of lines with a known cost), `channel`, `newest` (0 for
        the customer's last order, 1 for the one before it …) and `previous_day` (day of the order
        before, null for the first one).
    known : frozenset of str
        Which of the optional and looked-up columns there are, and `line_value` if prices are.
    has_refunds : bool
        Whether any refund is known before the snapshot date.
    snapshot_date : datetime.date
        As of when.
    """

    customers: ibis.Table
    lines: ibis.Table
    refunds: ibis.Table
    orders: ibis.Table
    known: frozenset[str]
    has_refunds: bool
    snapshot_date: date

    def of_customers(self, table: ibis.Table, clock: str) -> ibis.Table:
        """Keep the rows before the snapshot date of known customers, with their number."""
        rows = before(table, self.snapshot_date, clock=clock)
        return rows.inner_join(self.customers, "customer_id")


@contextmanager
def profile_sources(tables: Mapping[str, ibis.Table], *, snapshot_date: date) -> Iterator[Sources]:
    """Yield the customers, numbered, and their orders, and let go of both at the end.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        `order_lines`, and `products` where costs or categories are to be looked up.
    snapshot_date : datetime.date
        As of when; rows on that day or later are left out.
    """
    order_lines = tables["order_lines"]
    require_columns(order_lines, ["customer_id", "order_id", "order_date"], analysis=ANALYSIS)
    lines, known = _lines(order_lines, tables.get("products"), snapshot_date)
    bought = lines.filter(~_.is_refund)
    with ExitStack() as kept:
        customers = kept.enter_context(_numbered(bought).cache())
        numbered = bought.inner_join(customers, "customer_id").drop("customer_id")
        orders = kept.enter_context(_orders(numbered).cache())
        refunds = lines.filter(_.is_refund).inner_join(customers, "customer_id")
        has_refunds = bool(lines.filter(_.is_refund).count().to_pandas())
        yield Sources(customers, numbered, refunds, orders, known, has_refunds, snapshot_date)


def before(table: ibis.Table, day: date, *, clock: str) -> ibis.Table:
    """Keep the rows dated before a day."""
    return table.filter(table[clock] < datetime.combine(day, time()))


def exact(values: ibis.Value) -> ibis.Value:
    """Turn numbers into decimals, whose sum does not depend on the order of the rows."""
    return values.cast(EXACT)


def _lines(
    order_lines: ibis.Table, products: ibis.Table | None, snapshot_date: date
) -> tuple[ibis.Table, frozenset[str]]:
    """Lay out the lines with all columns of the profile, and say which the export has."""
    lines = before(order_lines, snapshot_date, clock="order_date")
    lines = lines.filter(_.customer_id.notnull())
    for column in LOOKED_UP:
        lines = _looked_up(lines, products, column)
    types = OPTIONAL | LOOKED_UP
    known = {*types, PRICED} & set(lines.columns)
    if PRICED not in known:
        # Items bought stand for money: what is told in money cannot be told.
        known -= {"unit_price", "discount", "unit_cost"}
    columns = {
        column: (lines[column] if column in known else ibis.null(kind)).cast(kind)
        for column, kind in types.items()
    }
    is_refund = lines.is_refund if "is_refund" in lines.columns else ibis.literal(False)
    laid_out = lines.select(
        "customer_id", "order_id", "order_date", is_refund=is_refund, money=money(lines), **columns
    )
    return laid_out, frozenset(known)


def _looked_up(lines: ibis.Table, products: ibis.Table | None, column: str) -> ibis.Table:
    """Take a column from the table of products if the lines do not carry it."""
    if products is None or not {"product_id", column} <= set(products.columns):
        return lines
    if column in lines.columns or "product_id" not in lines.columns:
        return lines
    # One row per product, or a product listed twice would double its lines.
    values = products.group_by("product_id").aggregate(products[column].max().name(column))
    return lines.left_join(values, "product_id").drop("product_id_right")


def _numbered(lines: ibis.Table) -> ibis.Table:
    customers = lines.select("customer_id").distinct()
    number = ibis.row_number().over(order_by=customers.customer_id)
    return customers.select("customer_id", customer=number.cast("int64"))


def _orders(lines: ibis.Table) -> ibis.Table:
    orders = (
        lines.group_by("customer", "order_id")
        .aggregate(
            ordered_at=_.order_date.min(),
            gross=_.money.sum(),
            units=exact(_.quantity).sum(),
            discount=exact(_.discount).sum(),
            cost=exact(_.quantity * _.unit_cost).sum(),
            costed=_.money.sum(where=_.unit_cost.notnull()),
            channel=_.channel.min(),
        )
        .drop("order_id")
        .mutate(day=_.ordered_at.date())
    )
    # Orders of one moment stand in the order of their money: an id would be no reason.
    newest_first = ibis.window(
        group_by="customer", order_by=[ibis.desc("ordered_at"), ibis.desc("gross")]
    )
    return orders.mutate(
        newest=ibis.row_number().over(newest_first), previous_day=_.day.lead().over(newest_first)
    )
