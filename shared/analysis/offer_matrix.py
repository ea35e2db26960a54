"""The matrix of customers by products: who bought what how often, before a day and after it."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.sparse import csr_matrix

from shared.analysis.offer_products import product_facts
from shared.analysis.periods import day_number
from shared.analysis.purchases import purchases
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

ANALYSIS = "Next offer"
DAY_ZERO = date(1970, 1, 1)
LEAST_AGE_DAYS = 91
MOST_PRODUCTS = 5000  # a table of products by products of this size takes 200 MB


@dataclass(frozen=True)
class OfferBase:
    """Customers, products and their purchases, as counts.

    Attributes
    ----------
    pairs : pd.DataFrame
        One row per customer and product ever bought: `customer` and `product` (positions in the
        two below), `days` and `days_before` (different days of purchase: all, and before the
        cut), `recent` and `recent_before` (of those, in the window before the snapshot and
        before the cut), `first_day`, `last_day`, `last_before` and `next_day` (days since 1970;
        the last ones up to the cut and after it, blank where there was none).
    customers : pd.Index
        Ids, sorted.
    people : pd.DataFrame
        In the same order: `orders` (days with an order) and `first_day` (since 1970).
    products : pd.DataFrame
        As from `product_facts`, those with most buyers first.
    cut, snapshot_date : datetime.date
        First day of the hold-out, and the first day not in the data.
    window_days : int
        Length of the window that is recent.
    left_out : int
        Products beyond the most sold ones, which are not modelled.
    left_out_share : float
        Their share of all purchases.
    """

    pairs: pd.DataFrame
    customers: pd.Index
    people: pd.DataFrame
    products: pd.DataFrame
    cut: date
    snapshot_date: date
    window_days: int
    left_out: int
    left_out_share: float

    @property
    def returning(self) -> int:
        """Customers who ordered on two days or more."""
        return int((self.people["orders"] > 1).sum())

    @property
    def holdout_days(self) -> int:
        """Length of the hold-out."""
        return (self.snapshot_date - self.cut).days

    @property
    def pace(self) -> pd.Series:
        """Orders a year of each customer, blank for who came less than 91 days ago."""
        age = (self.snapshot_date - DAY_ZERO).days - self.people["first_day"]
        return (365 * self.people["orders"] / age).where(age >= LEAST_AGE_DAYS)


@dataclass(frozen=True)
class History:
    """What is known on one day: nothing in it is younger.

    Attributes
    ----------
    counts : csr_matrix
        Customers by products, different days of purchase.
    pairs : pd.DataFrame
        Rows of `OfferBase.pairs` known on the day, with `count`, `recent_count` and `last`.
    day : int
        The day, in days since 1970.
    popularity, recent : np.ndarray
        Purchases of each product so far, and in the window before the day.
    """

    counts: csr_matrix
    pairs: pd.DataFrame
    day: int
    popularity: np.ndarray
    recent: np.ndarray

    @cached_property
    def bought(self) -> csr_matrix:
        """Whether a customer has bought a product, as 1 and nothing."""
        known = self.counts.copy()
        known.data = np.ones_like(known.data, dtype=float)
        return known


def read_purchases(
    order_lines: ibis.Table,
    *,
    products: ibis.Table | None = None,
    snapshot_date: date,
    holdout_days: int = 91,
    window_days: int = 45,
    most_products: int = MOST_PRODUCTS,
) -> OfferBase:
    """Count who bought what how often, in the engine; only these counts leave it.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id`, `product_id` and `order_date`; refunds
        are no purchases.
    products : ibis.Table, optional
        As `product_facts` reads it.
    snapshot_date : datetime.date
        The first day that is not in the data.
    holdout_days : int
        Length of the hold-out: what was bought in its days is never seen by a model that is judged
        on them.
    window_days : int
        Length of the window in which a purchase is recent.
    most_products : int
        Products beyond these, by buyers, are left out and counted.

    Raises
    ------
    NotSupportedByData
        If customers are not known, or nothing was bought before the hold-out.
    """
    if "customer_id" not in order_lines.columns:
        raise NotSupportedByData(
            "the order lines name no customer, so that nobody can be made an offer of their own",
            "the customer of each order line, mapped to customer_id: at least 50, better 500, "
            "customers with two or more orders, and 50 products",
        )
    require_columns(order_lines, ["customer_id", "product_id", "order_date"], analysis=ANALYSIS)
    lines = purchases(order_lines, before=snapshot_date, analysis=ANALYSIS)
    lines = lines.filter(_.customer_id.notnull() & _.product_id.notnull())
    cut = snapshot_date - timedelta(days=holdout_days)
    counted = _counts(lines, cut=cut, end=snapshot_date, window_days=window_days).to_pandas()
    if not (counted["days_before"] > 0).any():
        raise NotSupportedByData(
            f"nothing was bought before the hold-out of {holdout_days} days",
            "a longer history, or fewer holdout_days",
        )
    people = _people(lines).to_pandas().sort_values("customer_id", ignore_index=True)
    facts = product_facts(lines, products)
    buyers = counted.groupby("product_id").size()
    facts["buyers"] = facts["product_id"].map(buyers).fillna(0).astype("int64")
    facts = facts.sort_values(["buyers", "product_id"], ascending=[False, True], ignore_index=True)
    kept = facts.head(most_products)
    known = counted[counted["product_id"].isin(kept["product_id"])]
    customers = pd.Index(people.pop("customer_id"), name="customer_id")
    place = pd.Series(kept.index, index=kept["product_id"])
    pairs = known.assign(
        customer=customers.get_indexer(known["customer_id"]),
        product=known["product_id"].map(place).astype("int64"),
    ).drop(columns=["customer_id", "product_id"])
    lost = 1 - float(known["days"].sum() / counted["days"].sum())
    return OfferBase(
        pairs.sort_values(["customer", "product"], ignore_index=True),
        customers,
        people,
        kept,
        cut,
        snapshot_date,
        window_days,
        len(facts) - len(kept),
        lost,
    )


def known_on(base: OfferBase, *, cut: bool) -> History:
    """Give the history as it was known on the day of the cut, or on the snapshot date."""
    day = (base.cut if cut else base.snapshot_date) - DAY_ZERO
    names = ("days_before", "recent_before", "last_before") if cut else (
        "days", "recent", "last_day")  # fmt: skip
    pairs = base.pairs[base.pairs[names[0]] > 0].rename(
        columns=dict(zip(names, ("count", "recent_count", "last"), strict=True))
    )
    shape = (len(base.customers), len(base.products))
    at = (pairs["customer"].to_numpy(), pairs["product"].to_numpy())
    counts = csr_matrix((pairs["count"].to_numpy(dtype=float), at), shape=shape)
    sums = [
        np.bincount(at[1], weights=pairs[name].to_numpy(dtype=float), minlength=shape[1])
        for name in ("count", "recent_count")
    ]
    return History(counts, pairs, day.days, *sums)


def bought_later(base: OfferBase) -> csr_matrix:
    """Mark what each customer bought in the hold-out, as 1 and nothing."""
    later = base.pairs[base.pairs["next_day"].notna()]
    at = (later["customer"].to_numpy(), later["product"].to_numpy())
    shape = (len(base.customers), len(base.products))
    return csr_matrix((np.ones(len(later)), at), shape=shape)


def _counts(lines: ibis.Table, *, cut: date, end: date, window_days: int) -> ibis.Table:
    """Count the days on which each customer bought each product, before and after the cut."""
    cut_day, end_day = ((day - DAY_ZERO).days for day in (cut, end))
    days = lines.select(
        "customer_id", "product_id", day=day_number(lines.order_date, since=DAY_ZERO)
    ).distinct()
    before = days.day < cut_day
    return days.group_by("customer_id", "product_id").aggregate(
        days=_.count(),
        days_before=_.count(where=before),
        recent=_.count(where=_.day >= end_day - window_days),
        recent_before=_.count(where=before & (_.day >= cut_day - window_days)),
        first_day=_.day.min(),
        last_day=_.day.max(),
        last_before=_.day.max(where=before),
        next_day=_.day.min(where=~before),
    )


def _people(lines: ibis.Table) -> ibis.Table:
    """Count the days on which each customer ordered anything."""
    days = lines.select("customer_id", day=day_number(lines.order_date, since=DAY_ZERO)).distinct()
    return days.group_by("customer_id").aggregate(orders=_.count(), first_day=_.day.min())
