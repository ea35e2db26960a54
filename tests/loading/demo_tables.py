"""The demo client's committed files read by plain pandas, independently of the suite's loading."""

import json
from functools import cache
from typing import Any

import pandas as pd

from shared.loading.demo.shop import FOLDER, ORDERS

NO_PRODUCTS = ("SHIP-STD", "TEST-ITEM", "SMP-100")
SNAPSHOT = pd.Timestamp("2026-07-01")


@cache
def truth() -> dict[str, Any]:
    return json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))


@cache
def raw_lines() -> pd.DataFrame:
    """All lines of the export with as many fields as the header, as text."""
    return pd.read_csv(FOLDER / ORDERS, sep=";", encoding="cp1252", dtype=str, on_bad_lines="skip")


@cache
def lines() -> pd.DataFrame:
    """Purchases and refunds whose date, quantity and price can be read."""
    raw = raw_lines()
    got = pd.DataFrame(
        {
            "customer_id": raw["Customer No"],
            "order_id": raw["Invoice No"],
            "order_date": pd.to_datetime(
                raw["Invoice Date"], format="%d/%m/%Y %H:%M", errors="coerce"
            ),
            "product_id": raw["Article No"],
            "category": raw["Product Group"],
            "quantity": pd.to_numeric(raw["Qty"], errors="coerce"),
            "price": _number(raw["Unit Price"]),
            "discount": _number(raw["Discount"]),
            "channel": raw["Sales Channel"],
        }
    )
    good = got[["order_date", "quantity", "price"]].notna().all(axis=1)
    good &= got["order_date"].lt(SNAPSHOT) & ~got["product_id"].isin(NO_PRODUCTS)
    got = got[good].drop_duplicates(["order_id", "product_id"])
    value = got["quantity"] * got["price"] - got["discount"]
    return got.assign(value=value, is_refund=got["order_id"].str.startswith("CN"))


@cache
def purchases() -> pd.DataFrame:
    return lines().query("not is_refund")


@cache
def orders() -> pd.DataFrame:
    """Orders of known customers by customer and time."""
    known = purchases().dropna(subset="customer_id")
    grouped = known.groupby(["customer_id", "order_id"], as_index=False)
    return grouped.agg(order_date=("order_date", "min"), value=("value", "sum")).sort_values(
        ["customer_id", "order_date"], ignore_index=True
    )


@cache
def table(name: str) -> pd.DataFrame:
    ids = {"customer_no": str, "customer_id": str, "product_id": str, "session_id": str}
    got = pd.read_csv(FOLDER / name, dtype=ids)
    return got.rename(columns={"customer_no": "customer_id"})


@cache
def history() -> pd.DataFrame:
    """One row per buyer: first and last order, number of orders, days to the second one."""
    grouped = orders().groupby("customer_id")["order_date"]
    second = orders()[orders().groupby("customer_id").cumcount() == 1]
    got = grouped.agg(first="min", last="max", orders="size")
    wait = second.set_index("customer_id")["order_date"].reindex(got.index) - got["first"]
    return got.assign(days_to_second=wait.dt.days)


@cache
def personas() -> pd.Series:
    ids = sorted(table("customers.csv")["customer_id"])
    letters = list(truth()["by_customer_id_ascending"]["persona"])
    return pd.Series(letters, index=ids[: len(letters)])


def _number(texts: pd.Series) -> pd.Series:
    plain = texts.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    return pd.to_numeric(plain, errors="coerce")
