"""To which customers can surplus stock be moved at full price?"""

from dataclasses import dataclass
from datetime import timedelta

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.offer_calibration import ChanceCurve
from shared.analysis.offer_evaluation import BATCH
from shared.analysis.offer_lists import Offering
from shared.analysis.purchases import purchases
from shared.loading.errors import NotSupportedByData

REACH = 200  # customers offered each surplus product


@dataclass(frozen=True)
class Overstock:
    """Products with more stock than they sell, and who may take it.

    Attributes
    ----------
    table : pd.DataFrame
        One row per product, most money first: `product_id`, `product_name`, `category`, `stock`,
        `units_a_month` (sold lately, 30 days), `cover_days` (blank if nothing was sold),
        `surplus` (units beyond the days of cover allowed), `surplus_cost` (at unit cost, else at
        price), `offered_to` (customers), `chance` (mean of theirs) and `usual_chance` (of all
        customers), `expected_buyers`, `expected_sales` (units, within the hold-out's length),
        `share_moved` (of the surplus) and `expected_value` (margin, else revenue).
    customers : pd.DataFrame
        Who to offer it to: `product_id`, `customer_id`, `rank`, `propensity`.
    priced_at : str
        "cost" or "price": what the surplus is valued by.
    """

    table: pd.DataFrame
    customers: pd.DataFrame
    priced_at: str


def overstock(
    order_lines: ibis.Table,
    offering: Offering,
    *,
    cover_days: int = 180,
    reach: int = REACH,
    new: tuple[str, ChanceCurve] | None = None,
) -> Overstock:
    """Find the products that lie too long, and the customers most likely to buy each.

    Parameters
    ----------
    order_lines : ibis.Table
        With `product_id`, `order_date` and `quantity`.
    offering : Offering
        From `prepare_offers`.
    cover_days : int
        Stock that lasts longer than this, at the pace of the hold-out's days, is surplus.
    reach : int
        Customers to whom a product is offered.
    new : tuple of str and ChanceCurve, optional
        The method that does best on products new to a customer, and what its scores are worth;
        of the two chances the higher one counts.

    Raises
    ------
    NotSupportedByData
        If stock is not known, or nothing is in surplus.
    """
    base = offering.base
    if not base.products["stock"].notna().any():
        raise NotSupportedByData(
            "the stock of the products is not known", "a table products with a column stock"
        )
    days = (base.snapshot_date - base.cut).days
    sold = _units(order_lines, base.products["product_id"], end=base.snapshot_date, days=days)
    pace = sold["units"].to_numpy(dtype=float) / days
    stock = base.products["stock"].to_numpy(dtype=float)
    surplus = np.floor(stock - pace * cover_days)
    found = np.flatnonzero((np.nan_to_num(surplus) > 0) & offering.offerable)
    if not len(found):
        raise NotSupportedByData(
            f"no product has stock for more than {cover_days} days", "a smaller cover_days"
        )
    chances = product_chances(offering, found)
    if new is not None:
        chances = np.fmax(chances, product_chances(offering, found, *new))
    usual = np.nansum(chances, axis=0) / np.maximum((~np.isnan(chances)).sum(axis=0), 1)
    chosen = [_likeliest(chances[:, i], reach) for i in range(len(found))]
    table = base.products.loc[found, ["product_id", "product_name", "category", "stock"]].assign(
        units_a_month=30 * pace[found],
        cover_days=stock[found] / np.where(pace[found] > 0, pace[found], np.nan),
        surplus=surplus[found],
        offered_to=[len(rows) for rows in chosen],
        chance=[float(chances[rows, i].sum() / max(len(rows), 1)) for i, rows in enumerate(chosen)],
        usual_chance=usual,
    )
    costs = base.products["unit_cost"]
    priced_at = "cost" if costs.notna().any() else "price"
    worth = costs.fillna(base.products["price"]).to_numpy(dtype=float)[found]
    table["surplus_cost"] = table["surplus"] * worth
    table["expected_buyers"] = table["chance"] * table["offered_to"]
    table["expected_sales"] = table["expected_buyers"] * sold["a_time"].to_numpy()[found]
    table["share_moved"] = (table["expected_sales"] / table["surplus"]).clip(upper=1)
    table["expected_value"] = table["expected_sales"] * offering.values[found]
    people = [
        pd.DataFrame({"product_id": table["product_id"].iloc[i],
                      "customer_id": base.customers.to_numpy()[rows],
                      "rank": np.arange(1, len(rows) + 1),
                      "propensity": chances[rows, i].round(4)})
        for i, rows in enumerate(chosen)
    ]  # fmt: skip
    order = ["surplus_cost", "product_id"]
    return Overstock(
        table.sort_values(order, ascending=[False, True], ignore_index=True),
        pd.concat(people, ignore_index=True),
        priced_at,
    )


def product_chances(
    offering: Offering, products: np.ndarray, method: str = "", curve: ChanceCurve | None = None
) -> np.ndarray:
    """Give every customer's chance of buying some products; blank where it may not be offered."""
    curve = curve or offering.curves[method or offering.method]
    parts = []
    everyone = len(offering.base.customers)
    for start in range(0, everyone, BATCH):
        rows = np.arange(start, min(start + BATCH, everyone))
        scores, blocked = offering.scores(rows, method)
        chance = curve.of(scores[:, products])
        parts.append(np.where(blocked[:, products], np.nan, chance))
    return np.concatenate(parts)


def _likeliest(chance: np.ndarray, reach: int) -> np.ndarray:
    order = np.argsort(-np.nan_to_num(chance, nan=-1.0), kind="stable")[:reach]
    return order[~np.isnan(chance[order])]


def _units(order_lines: ibis.Table, ids: pd.Series, *, end: object, days: int) -> pd.DataFrame:
    """Sum units sold in the last days, and units a customer takes at a time, in the engine."""
    lines = purchases(order_lines, before=end, analysis="Overstock")  # type: ignore[arg-type]
    start = pd.Timestamp(end) - timedelta(days=days)  # type: ignore[arg-type]
    quantity = lines.quantity if "quantity" in lines.columns else ibis.literal(1.0)
    sold = (
        lines.mutate(amount=quantity.cast("float64"))
        .group_by("product_id")
        .aggregate(
            units=_.amount.sum(where=_.order_date >= start.to_pydatetime()), a_time=_.amount.mean()
        )
        .to_pandas()
        .set_index("product_id")
        .reindex(ids)
    )
    return sold.fillna({"units": 0.0, "a_time": 1.0})
