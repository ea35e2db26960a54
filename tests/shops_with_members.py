"""A shop whose customers come, order in a rhythm, perhaps join a programme, and leave."""

from datetime import date

import ibis
import numpy as np
import pandas as pd

END = date(2024, 7, 1)
DAYS = 700


def orders_and_members(seed=0, *, customers=500, life=200.0, gap=12.0, joining=150.0, loyal=1.0):
    """Draw customers who stay for an exponential time and join after another one, if still there.

    Parameters
    ----------
    life, gap, joining : float
        Mean days of staying, between orders, and until joining.
    loyal : float
        True hazard ratio of members: the time left on joining is divided by it.
    """
    rng = np.random.default_rng(seed)
    begin = pd.Timestamp(END) - pd.Timedelta(days=DAYS)
    orders, people = [], []
    for who in range(customers):
        name, start = f"c{who:04d}", rng.uniform(0, DAYS - 60)
        stay, join = rng.exponential(life), rng.exponential(joining)
        joins = join < stay
        if joins:
            stay = join + (stay - join) / loyal
        joined = begin + pd.Timedelta(days=int(start + join)) if joins else pd.NaT
        people.append((name, joined, ("Search", "Shop", "Friend")[who % 3]))
        at = start
        while at < min(start + stay, DAYS):
            orders.append((name, begin + pd.Timedelta(days=int(at)), rng.gamma(4, 10)))
            at += 1 + rng.exponential(gap)
    lines = pd.DataFrame(orders, columns=["customer_id", "order_date", "line_value"])
    lines = lines.assign(order_id=lines.index.astype(str), product_id="p", quantity=1)
    named = pd.DataFrame(people, columns=["customer_id", "loyalty_joined_on", "channel"])
    named.loc[named["loyalty_joined_on"] >= pd.Timestamp(END), "loyalty_joined_on"] = pd.NaT
    return lines, named.rename(columns={"channel": "acquisition_channel"})


def tables_of(lines, people=None):
    """Give the canonical tables of these frames."""
    tables = {"order_lines": ibis.memtable(lines)}
    if people is not None:
        tables["customers"] = ibis.memtable(people)
    return tables
