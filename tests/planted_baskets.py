"""Baskets whose pairs are known: independent, planted, or raised by one promotion (G8)."""

from datetime import date

import ibis
import numpy as np
import pandas as pd

START, SNAPSHOT = np.datetime64("2024-01-01"), date(2025, 1, 1)
LIFT, SUPPORT = 3.0, 0.01
PROMOTION_MONTH, PROMOTED, USUAL = 3, 0.24, 0.015


def lines_of(baskets, **columns):
    """Make order lines from lists of product ids, a list a basket; columns hold one value."""
    rows = [(f"o{i:06d}", item) for i, basket in enumerate(baskets) for item in basket]
    frame = pd.DataFrame(rows, columns=["order_id", "product_id"]).astype(str)
    return ibis.memtable(frame.assign(quantity=1.0, **columns))


def dated_lines(held, names, *, month=None):
    """Make order lines from a matrix of baskets by products, spread over the year 2024."""
    n = len(held)
    day = np.arange(n) * 365 // n if month is None else month * 30 + np.arange(n) % 28
    basket, item = np.nonzero(held)
    frame = pd.DataFrame(
        {
            "order_id": np.char.add("o", basket.astype(str)),
            "product_id": np.asarray(names)[item],
            "order_date": pd.to_datetime(START + day[basket].astype("timedelta64[D]")),
            "quantity": 1.0,
        }
    )
    return ibis.memtable(frame)


def product_names(n):
    return np.char.add("p", np.char.zfill(np.arange(n).astype(str), 3))


def independent_baskets(seed, *, baskets=5000, items=60):
    """Put each product into baskets by its own share, whatever else lies in them.

    This is what permuting the item columns of any baskets gives.
    """
    rng = np.random.default_rng(seed)
    shares = 0.25 / np.arange(1, items + 1) ** 0.6
    return dated_lines(rng.random((baskets, items)) < shares, product_names(items))


def baskets_of_many_sizes(seed, *, baskets=5000, items=60):
    """Fill small and large baskets without any taste: only their sizes tie products together."""
    rng = np.random.default_rng(seed)
    shares = 0.2 / np.arange(1, items + 1) ** 0.4
    appetite = rng.gamma(0.8, 1.25, baskets)[:, None]
    return dated_lines(rng.random((baskets, items)) < np.minimum(shares * appetite, 0.9),
                       product_names(items))  # fmt: skip


def planted_pairs(seed, *, baskets=10_000, pairs=10, others=40):
    """Plant pairs with lift 3 at a support of 1 % among independent products.

    Products 0 and 1 are the first pair, 2 and 3 the second, and so on.
    """
    rng = np.random.default_rng(seed)
    share = np.sqrt(SUPPORT / LIFT)
    u = rng.random((baskets, pairs))
    first, second = u < share, (u < SUPPORT) | ((u >= share) & (u < 2 * share - SUPPORT))
    rest = rng.random((baskets, others)) < 0.2 / np.arange(1, others + 1) ** 0.5
    planted = np.stack([first, second], axis=2).reshape(baskets, -1)
    held = np.concatenate([planted, rest], axis=1)
    return dated_lines(held, product_names(held.shape[1]))


def common_cause(seed, *, baskets=12_000, others=30):
    """Raise products 0 and 1 in one month's promotion; within a month they are independent."""
    rng = np.random.default_rng(seed)
    month = np.arange(baskets) * 12 // baskets
    share = np.where(month == PROMOTION_MONTH, PROMOTED, USUAL)[:, None]
    raised = rng.random((baskets, 2)) < share
    rest = rng.random((baskets, others)) < 0.15
    held = np.concatenate([raised, rest], axis=1)
    return dated_lines(held, product_names(held.shape[1]), month=month)


def substitutes(seed, *, baskets=10_000, others=20, share=0.07, together=0.15):
    """Let products 0 and 1 be in one basket .15 times as often as chance would have it."""
    rng = np.random.default_rng(seed)
    both = together * share**2
    u = rng.random(baskets)
    first, second = u < share, (u < both) | ((u >= share) & (u < 2 * share - both))
    rest = rng.random((baskets, others)) < 0.12
    held = np.concatenate([np.stack([first, second], axis=1), rest], axis=1)
    return dated_lines(held, product_names(held.shape[1]))


def following_sales(seed, *, weeks=104, lag=3, strength=1.5):
    """Let sales of product 1 follow those of product 0 by some weeks; 2 to 9 go their own ways."""
    rng = np.random.default_rng(seed)
    wave = rng.normal(0, 1, weeks + lag)
    level = np.full((weeks, 10), 12.0)
    level[:, 0] += 3 * strength * wave[lag:]
    level[:, 1] += 3 * strength * wave[:-lag] if lag else 3 * strength * wave
    counts = rng.poisson(np.maximum(level, 0.5))
    week, item = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    n = len(week)
    day = np.datetime64("2023-01-02") + (7 * week + rng.integers(0, 7, n)).astype("timedelta64[D]")
    return ibis.memtable(
        pd.DataFrame(
            {
                "order_id": np.char.add("o", np.arange(n).astype(str)),
                "product_id": product_names(10)[item],
                "order_date": pd.to_datetime(day),
                "quantity": 1.0,
            }
        )
    )
