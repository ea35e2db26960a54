"""Shops whose customers return as planted, for the tests of cohorts; one function per truth."""

import ibis
import numpy as np
import pandas as pd

from shared.analysis.cohort import matrix, retention_cells
from shared.analysis.cohort_activity import follow_cohorts


def complete_counts(lines, **calendar):
    """Give the customers of each cohort and age as the page's cells have them, complete ones."""
    cells = retention_cells(follow_cohorts(lines, **calendar))
    complete = cells["customers"].where(cells["observation"] == "complete")
    return matrix(cells.assign(customers=complete), "customers").dropna(axis=1, how="all")


def order_lines(rows):
    """Make a table of order lines from (customer, day) or (customer, day, money)."""
    rows = [(*row, 10.0)[:3] for row in rows]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_date", "line_value"])
    return as_lines(frame)


def as_lines(frame):
    days = pd.to_datetime(frame["order_date"], format="ISO8601")
    return ibis.memtable(
        frame.assign(
            order_date=days,
            order_id=frame["customer_id"].astype(str) + days.dt.strftime("-%Y%m%d%H%M"),
            product_id="P1",
            quantity=1.0,
        )
    )


def flat_retention(seed, *, share=0.30, months=12, new=1000):
    """Win 1,000 customers a month from 2024-01, each buying in every later month with .30.

    The data end on 2024-12-10, in the middle of the last month.
    """
    rng = np.random.default_rng(seed)
    ages = np.arange(1, months)
    joined = np.repeat(np.arange(months), new)
    active = rng.random((len(joined), len(ages))) < share
    who, age = np.nonzero(active)
    customer = np.concatenate([np.arange(len(joined)), who])
    month = np.concatenate([joined, joined[who] + ages[age]])
    day = rng.integers(0, 28, len(month))
    dates = (np.datetime64("2024-01") + month).astype("datetime64[D]") + day
    frame = pd.DataFrame({"customer_id": named(customer), "order_date": dates})
    return as_lines(frame[dates <= np.datetime64("2024-12-10")].assign(line_value=10.0))


def cohorts_with_repeat_shares(seed, shares, *, new=1000):
    """Win 1,000 customers in each month; those of month i come back in the next with shares[i]."""
    rng = np.random.default_rng(seed)
    joined = np.repeat(np.arange(len(shares)), new)
    back = rng.random(len(joined)) < np.repeat(shares, new)
    customer = np.concatenate([np.arange(len(joined)), np.flatnonzero(back)])
    month = np.concatenate([joined, joined[back] + 1])
    day = rng.integers(0, 28, len(month))
    dates = (np.datetime64("2024-01") + month).astype("datetime64[D]") + day
    frame = pd.DataFrame({"customer_id": named(customer), "order_date": dates})
    return as_lines(frame.assign(line_value=10.0))


def random_shop(seed, *, customers=300, days=420, orders=5):
    """Draw customers who order on random days at rates of their own."""
    rng = np.random.default_rng(seed)
    counts = 1 + rng.poisson(orders * rng.gamma(1, 1, customers))
    owner = np.repeat(np.arange(customers), counts)
    dates = pd.Timestamp("2023-01-10") + pd.to_timedelta(
        rng.integers(0, days, len(owner)), unit="D"
    )
    return as_lines(
        pd.DataFrame(
            {
                "customer_id": named(owner),
                "order_date": dates,
                "line_value": rng.integers(100, 9000, len(owner)) / 100,
            }
        )
    )


def named(numbers):
    return np.char.add("c", numbers.astype(str))
