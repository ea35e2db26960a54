"""When is a consumable due again, for each customer who comes back for it?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import share_difference, share_p_value
from shared.analysis.offer_matrix import DAY_ZERO, OfferBase, known_on
from shared.loading.errors import NotSupportedByData

LEAST_PURCHASES = 3  # two gaps are the least that can be called a rhythm
OWN_GAPS = 4  # from so many gaps on the own rhythm stands by itself
PRODUCT_GAPS = 20  # a product with fewer customers on a rhythm is not dated
LATE = 2.0  # after twice the gap a customer is taken to have gone elsewhere
WEEK = 7


@dataclass(frozen=True)
class Replenishment:
    """Due dates of consumables, and whether such dates came true.

    Attributes
    ----------
    due : pd.DataFrame
        One row per customer and product on a rhythm, earliest first: `customer_id`,
        `product_id`, `product_name`, `purchases`, `last_bought`, `gap_days`, `due_date`,
        `days_left` (negative: overdue) and `value` (of one unit: margin, else price).
    products : pd.DataFrame
        One row per product: `product_id`, `product_name`, `customers` on a rhythm,
        `usual_gap_days`, `due_soon` (within the days ahead, overdue ones included).
    weeks : pd.DataFrame
        `week` (0 is overdue), `due` (customers and products), `customers` and `value`.
    on_time, others : Estimate
        Of pairs due in the first days of the hold-out, and of the other pairs, the share bought
        in them.
    p : float
        Fisher's exact p-value of the two.
    difference : Estimate
        On time less others.
    ahead_days : int
        How far is looked ahead.
    """

    due: pd.DataFrame
    products: pd.DataFrame
    weeks: pd.DataFrame
    on_time: Estimate
    others: Estimate
    p: float
    difference: Estimate
    ahead_days: int


def replenishment(
    base: OfferBase, *, repeatable: np.ndarray, values: np.ndarray, ahead_days: int = 28
) -> Replenishment:
    """Date the next purchase of each consumable by the customer's own rhythm.

    Whoever bought it on three days or more has a rhythm: the mean gap, shrunk to the median of the
    product below 4 gaps, by a quarter for each that is missing. Who is later than twice the gap is
    left out.

    Parameters
    ----------
    base : OfferBase
        From `read_purchases`.
    repeatable : np.ndarray of bool
        As from `bought_again`.
    values : np.ndarray
        What a unit of each product is worth.
    ahead_days : int
        How far to look ahead.

    Raises
    ------
    NotSupportedByData
        If no product was bought on three days or more by at least 20 customers.
    """
    now = _rhythms(base, repeatable, cut=False)
    if now.empty:
        raise NotSupportedByData(
            f"no consumable was bought on {LEAST_PURCHASES} days by {PRODUCT_GAPS} customers",
            "products marked as repeatable, and a longer history",
        )
    day = (base.snapshot_date - DAY_ZERO).days
    now["days_left"] = (now["due_day"] - day).astype("int64")
    alive = now[day - now["last"] <= LATE * now["gap_days"]].copy()
    alive["value"] = values[alive["product"]]
    told = _told(alive, base)
    on_time, others = _held(base, repeatable, ahead_days=ahead_days)
    successes = [round(part.value * part.n) if part.n else 0 for part in (on_time, others)]
    counts = (successes[0], on_time.n, successes[1], others.n)
    return Replenishment(
        told,
        _by_product(alive, base, ahead_days=ahead_days),
        _by_week(alive, ahead_days=ahead_days),
        on_time,
        others,
        share_p_value(*counts),
        share_difference(*counts),
        ahead_days,
    )


def _rhythms(base: OfferBase, repeatable: np.ndarray, *, cut: bool) -> pd.DataFrame:
    """Give customer and product pairs with a rhythm, with gap and due day."""
    known = known_on(base, cut=cut).pairs
    again = known[(known["count"] >= LEAST_PURCHASES) & repeatable[known["product"]]].copy()
    gaps = again["count"] - 1
    own = (again["last"] - again["first_day"]) / gaps
    usual = own.groupby(again["product"]).transform("median")
    weight = gaps.clip(upper=OWN_GAPS) / OWN_GAPS
    again["gap_days"] = (weight * own + (1 - weight) * usual).clip(lower=1)
    again["due_day"] = np.ceil((again["last"] + again["gap_days"]).round(6))
    people = again.groupby("product")["customer"].transform("size")
    return again[people >= PRODUCT_GAPS]


def _held(base: OfferBase, repeatable: np.ndarray, *, ahead_days: int) -> tuple[Estimate, Estimate]:
    """Date as of the cut and look at the first days after it: do due dates come true?"""
    start = (base.cut - DAY_ZERO).days
    then = _rhythms(base, repeatable, cut=True)
    then = then[start - then["last"] <= LATE * then["gap_days"]]
    bought = then["next_day"] < start + ahead_days
    due = then["due_day"] < start + ahead_days
    on_time, others = (
        wilson(int(bought[those].sum()), int(those.sum()), of="due dates") for those in (due, ~due)
    )
    return on_time, others


def _told(alive: pd.DataFrame, base: OfferBase) -> pd.DataFrame:
    zero = pd.Timestamp(DAY_ZERO)
    products = base.products
    told = pd.DataFrame(
        {
            "customer_id": base.customers.to_numpy()[alive["customer"]],
            "product_id": products["product_id"].to_numpy()[alive["product"]],
            "product_name": products["product_name"].to_numpy()[alive["product"]],
            "purchases": alive["count"].to_numpy(),
            "last_bought": zero + pd.to_timedelta(alive["last"].to_numpy(dtype=float), unit="D"),
            "gap_days": alive["gap_days"].round(1).to_numpy(),
            "due_date": zero + pd.to_timedelta(alive["due_day"].to_numpy(), unit="D"),
            "days_left": alive["days_left"].to_numpy(),
            "value": alive["value"].round(2).to_numpy(),
        }
    )
    order = ["due_date", "customer_id", "product_id"]
    return told.sort_values(order, ignore_index=True)


def _by_product(alive: pd.DataFrame, base: OfferBase, *, ahead_days: int) -> pd.DataFrame:
    soon = alive["days_left"] < ahead_days
    table = (
        alive.assign(soon=soon)
        .groupby("product")
        .agg(
            customers=("customer", "size"),
            usual_gap_days=("gap_days", "median"),
            due_soon=("soon", "sum"),
            value_due=("value", "first"),
        )
        .reset_index()
    )
    table["value_due"] *= table["due_soon"]
    for name in ("product_name", "product_id"):
        table.insert(0, name, base.products[name].to_numpy()[table["product"]])
    order = ["due_soon", "customers", "product"]
    table = table.sort_values(order, ascending=[False, False, True], ignore_index=True)
    return table.drop(columns="product")


def _by_week(alive: pd.DataFrame, *, ahead_days: int) -> pd.DataFrame:
    """Count what falls due in each of the next weeks; before them what is overdue already."""
    week = np.where(alive["days_left"] < 0, 0, alive["days_left"] // WEEK + 1)
    weeks = range(-(-ahead_days // WEEK) + 1)
    table = (
        alive.assign(week=week)
        .groupby("week")
        .agg(due=("customer", "size"), customers=("customer", "nunique"), value=("value", "sum"))
    )
    return table.reindex(weeks, fill_value=0).rename_axis("week").reset_index()
