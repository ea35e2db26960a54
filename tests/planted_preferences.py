"""Shops whose customers' tastes are known, for the tests of the next offer."""

from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd

START, DAYS, CUT_DAY = date(2023, 1, 1), 365, 320
SNAPSHOT = START + timedelta(days=DAYS)
HOLDOUT_DAYS, WINDOW_DAYS = DAYS - CUT_DAY, 45


def preferences(seed, *, users=3000, items=300, categories=8):
    """Let 3,000 customers buy by taste from 300 products in 8 categories over a year.

    A customer draws a category by the own taste, Dirichlet(.35), and in it a product by its
    popularity of the day: Zipf(1.6), cut at 200; a quarter of the products is launched on day 60 to
    330 and sells 1 + 3 exp(-age/60) times as much. Each customer buys Poisson(9) + 1 times.
    """
    rng = np.random.default_rng(seed)
    popularity = np.minimum(rng.zipf(1.6, items), 200).astype(float)
    category = rng.integers(0, categories, items)
    taste = rng.dirichlet(np.full(categories, 0.35), users)
    launch = np.full(items, -1_000_000)
    launched = rng.permutation(items)[: items // 4]
    launch[launched] = rng.integers(60, 331, len(launched))
    bought = rng.poisson(9, users) + 1
    who = np.repeat(np.arange(users), bought)
    day = rng.integers(0, DAYS, len(who))
    item = np.empty(len(who), dtype=int)
    for today in np.unique(day):
        here = np.flatnonzero(day == today)
        age = np.maximum(today - launch, 0)
        weight = popularity * np.where(today >= launch, 1 + 3 * np.exp(-age / 60), 0)
        share = weight / np.bincount(category, weight, categories)[category]
        chance = taste[who[here]][:, category] * share
        chance /= chance.sum(axis=1, keepdims=True)
        drawn = (chance.cumsum(axis=1) < rng.random(len(here))[:, None]).sum(axis=1)
        item[here] = drawn.clip(max=items - 1)
    return pd.DataFrame(
        {
            "customer_id": np.char.add("c", np.char.zfill(who.astype(str), 4)),
            "order_id": np.arange(len(who)).astype(str),
            "order_date": pd.Timestamp(START) + pd.to_timedelta(day, unit="D"),
            "product_id": np.char.add("p", np.char.zfill(item.astype(str), 3)),
            "category": np.char.add("group ", category[item].astype(str)),
            "quantity": 1.0,
            "line_value": 10.0 + item,
            "unit_price": 10.0 + item,
        }
    )


def preference_lines(seed, **options):
    """Give the shop of `preferences` as order lines."""
    return ibis.memtable(preferences(seed, **options))


def lines_of(rows):
    """Make order lines of (customer, day, product) or (customer, day, product, value)."""
    full = [(*row, 10.0)[:4] for row in rows]
    frame = pd.DataFrame(full, columns=["customer_id", "order_date", "product_id", "line_value"])
    days = pd.to_datetime(frame["order_date"])
    ids = frame["customer_id"] + days.dt.strftime("-%Y%m%d")
    return ibis.memtable(frame.assign(order_date=days, order_id=ids, quantity=1.0))
