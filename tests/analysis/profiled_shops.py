"""Shops for the tests of the customer profile: one made by hand, and random ones of any kind."""

from datetime import date

import ibis
import numpy as np
import pandas as pd

SNAPSHOT = date(2024, 7, 1)
COLUMNS = [
    "customer_id", "order_id", "order_date", "product_id", "category", "quantity", "unit_price",
    "discount", "is_refund",
]  # fmt: skip
HAND_MADE = [
    ("ana", "1", "2024-01-10", "P1", "coffee", 2, 10, 0, False),
    ("ana", "1", "2024-01-10", "P2", "tea", 1, 5, 0, False),
    ("ana", "2", "2024-02-09", "P1", "coffee", 1, 10, 0, False),
    ("ana", "3", "2024-04-19", "P1", "coffee", 3, 10, 3, False),
    ("ana", "3", "2024-04-19", "P3", "cups", 1, 8, 0, False),
    ("ana", "4", "2024-05-19", "P2", "tea", 2, 5, 0, False),
    ("ana", "R1", "2024-05-25", "P3", "cups", -1, 8, 0, True),
]


def lines(rows=HAND_MADE, **columns):
    """Make a frame of order lines from rows as in HAND_MADE."""
    frame = pd.DataFrame(rows, columns=COLUMNS).assign(**columns)
    frame["order_date"] = pd.to_datetime(frame["order_date"], format="ISO8601")
    frame["line_value"] = frame["quantity"] * frame["unit_price"] - frame["discount"]
    return frame.astype({"quantity": float, "unit_price": float, "discount": float})


def order(customer, order_id, day, value=10.0, product="P1"):
    """Give one order of one line, bought without a discount."""
    return (customer, order_id, day, product, "coffee", 1, value, 0, False)


def tables(frame, **others):
    """Give a frame of lines and further frames as the tables of a client."""
    frames = {"order_lines": frame, **others}
    return {name: ibis.memtable(table) for name, table in frames.items()}


def random_lines(seed, *, customers=40, orders=170, days=900, refund_share=0.05):
    """Draw order lines of all kinds: several lines of a product, refunds, orders at one moment."""
    rng = np.random.default_rng(seed)
    n = int(orders * 2.5)
    number = rng.integers(0, orders, n)
    owner = (number * 7919 + seed) % customers
    # Half of the orders have no clock: several of a customer then share a moment.
    minute = np.where(number % 2 == 0, (number * 104_729) % 1440, 0)
    day = (number * 3571 + owner * 17) % days
    day = np.where(owner < 5, days // 2 + number // customers % 2 * 40, day)
    product = rng.integers(0, 30, n)
    refund = rng.random(n) < refund_share
    quantity = rng.integers(1, 6, n) * np.where(refund, -1.0, 1.0)
    price = 1 + product * 37 % 400 / 10
    discount = np.where(rng.random(n) < 0.2, 0.75, 0.0) * np.where(refund, 0, 1)
    return pd.DataFrame(
        {
            "customer_id": np.char.add("c", owner.astype(str)),
            "order_id": np.where(refund, np.char.add("R", number.astype(str)), number.astype(str)),
            "order_date": pd.Timestamp("2022-01-12")
            + pd.to_timedelta(day * 1440 + minute, unit="min"),
            "product_id": np.char.add("P", product.astype(str)),
            "category": np.char.add("K", (product % 5).astype(str)),
            "quantity": quantity,
            "unit_price": price,
            "discount": discount,
            "unit_cost": np.round(price * 0.6, 2),
            "line_value": quantity * price - discount,
            "channel": rng.choice(["web", "app", "shop"], n),
            "is_refund": refund,
        }
    )
