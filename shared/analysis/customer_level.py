"""Customer-level input: the portfolio of a client who supplies one row per customer."""

from collections.abc import Mapping, Sequence
from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.customer_summary import EXACT, money_noun
from shared.analysis.portfolio import Portfolio, place_buyers, portfolio
from shared.analysis.rfm_scores import ELEVEN, Scoring
from shared.analysis.win_back import due_dates
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

NO_LINES = (
    "the client supplied no order lines",
    "orders with customer, date and products, as the table order_lines",
)
NEEDED = ["customer_id", "last_order_date", "frequency", "monetary"]


def customer_lines(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """Give the order lines of known customers.

    Raises
    ------
    NotSupportedByData
        If the client supplied none, or they name no customer.
    """
    if "order_lines" not in tables:
        raise NotSupportedByData(*NO_LINES)
    lines = tables["order_lines"]
    if "customer_id" not in lines.columns:
        raise NotSupportedByData(
            "no order line names a customer", "the customer of each order, as customer_id"
        )
    return lines.filter(_.customer_id.notnull())


def client_portfolio(
    tables: Mapping[str, ibis.Table],
    *,
    snapshot_date: date,
    scoring: Scoring = ELEVEN,
) -> Portfolio:
    """Place a client's customers from order lines, or from the table of customers without them.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        The client's tables: `order_lines` that name their customers, else `customer_rfm`.
    snapshot_date, scoring
        As for `portfolio`.

    Raises
    ------
    NotSupportedByData
        If neither table tells of customers, or there is no order before `snapshot_date`.
    """
    if "customer_id" not in _columns(tables) and "customer_rfm" in tables:
        return portfolio_from_customers(
            tables["customer_rfm"], snapshot_date=snapshot_date, scoring=scoring
        )
    if "order_lines" not in tables:
        raise NotSupportedByData("neither order lines nor customers", "order_lines or customer_rfm")
    return portfolio(customer_lines(tables), snapshot_date=snapshot_date, scoring=scoring)


def portfolio_from_customers(
    customers: ibis.Table,
    *,
    snapshot_date: date,
    scoring: Scoring = ELEVEN,
) -> Portfolio:
    """Score and place customers that come as one row each, by the rules of `portfolio`.

    Parameters
    ----------
    customers : ibis.Table
        `customer_id`, `last_order_date`, `frequency` (orders), `monetary` (refunds netted) and,
        where known, `first_order_date`.
    snapshot_date : datetime.date
        As of when. Whoever ordered on that day or later is left out: what such a customer had
        done before it is not in the table.
    scoring
        As for `portfolio`.

    Returns
    -------
    Portfolio
        The same columns as from order lines; `first_order_date` is blank where it is not known.
        Customers without an order count as known by refunds alone.

    Raises
    ------
    NotSupportedByData
        If a column is missing, a customer has several rows, nobody has an order, or any
        interaction is to be scored.
    """
    require_columns(customers, NEEDED, analysis="Portfolio of customers")
    if scoring.contacts is not None:
        raise NotSupportedByData(
            "any interaction is to count as activity, and without order lines nobody knows on "
            "which days customers ordered",
            "order_lines; or the parameter activity as purchase",
        )
    everyone = _summary(customers, snapshot_date=snapshot_date)
    repeated = int(everyone["customer_id"].duplicated().sum())
    if repeated:
        # Two rows may be two halves or one export read twice: nothing here can tell which.
        raise NotSupportedByData(
            f"{repeated} rows repeat a customer", "one row per customer in customer_rfm"
        )
    return place_buyers(everyone, snapshot_date=snapshot_date, scoring=scoring)


def client_money_noun(tables: Mapping[str, ibis.Table]) -> str:
    """Say what the money on the page is: revenue, or items bought where lines have no prices."""
    return money_noun(tables["order_lines"]) if "order_lines" in tables else "revenue"


def client_due_dates(tables: Mapping[str, ibis.Table], base: Portfolio) -> pd.DataFrame:
    """Date each customer's "we miss you" message; blank where order days are not known."""
    if "customer_id" not in _columns(tables):
        return blank_due_dates(base)
    return due_dates(customer_lines(tables), base.customers, snapshot_date=base.snapshot_date)


def blank_due_dates(base: Portfolio) -> pd.DataFrame:
    """Give the frame of `due_dates` for customers whose order days are not known: no date at all.

    Headlines and actions that need a date then leave themselves out.
    """
    due = base.customers[["customer_id", "segment", "monetary", "last_order_date"]].assign(
        gaps=0, own_gap_days=np.nan, segment_gap_days=np.nan, due_gap_days=np.nan,
        due_date=pd.Series(pd.NaT, base.customers.index, dtype="datetime64[ns]"),
        overdue_days=np.nan,
    )  # fmt: skip
    return due.sort_values(["monetary", "customer_id"], ascending=[False, True], ignore_index=True)


def _columns(tables: Mapping[str, ibis.Table]) -> Sequence[str]:
    """List the columns of the order lines; none where there are no order lines."""
    return tables["order_lines"].columns if "order_lines" in tables else ()


def _summary(customers: ibis.Table, *, snapshot_date: date) -> pd.DataFrame:
    first = "first_order_date"
    known = customers[first] if first in customers.columns else ibis.null("date")
    day = ibis.literal(snapshot_date)
    return (
        customers.select(
            "customer_id",
            first_order_date=known.cast("date"),
            last_order_date=_.last_order_date.cast("date"),
            frequency=_.frequency.cast("int64"),
            # Through the decimal of the order lines, so that both inputs score alike.
            monetary=_.monetary.cast(EXACT).cast("float64"),
        )
        .filter(_.customer_id.notnull() & (_.last_order_date < day))
        .mutate(recency_days=-_.last_order_date.delta(day, unit="day"))
        .to_pandas()
    )
