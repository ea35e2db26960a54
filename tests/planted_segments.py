"""Shops whose customers' purchase rates are known, before a day and after it."""

from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd

START, CUTOFF = date(2023, 1, 2), date(2024, 1, 1)
BEFORE, AFTER = (CUTOFF - START).days, 91
UNTIL = CUTOFF + timedelta(days=AFTER)


def lines_of(rows):
    """Make order lines of customer, order, day and value; anything a DataFrame takes."""
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "order_date", "line_value"])
    return ibis.memtable(frame.assign(order_date=pd.to_datetime(frame["order_date"])))


def planted_shop(seed, *, rates, later=None):
    """Let customers join on any day of a year and order at their own rate, orders a year.

    `later` gives the rates after the cut-off where they differ. The customer's number is its id.
    """
    rng = np.random.default_rng(seed)
    n = len(rates)
    joined = rng.integers(0, BEFORE, n)
    repeats = rng.poisson(rates * (BEFORE - joined) / 365)
    owner = np.repeat(np.arange(n), repeats)
    day = joined[owner] + (rng.random(len(owner)) * (BEFORE - joined[owner])).astype(int)
    after = rng.poisson((rates if later is None else later) * AFTER / 365)
    owner = np.concatenate([np.arange(n), owner, np.repeat(np.arange(n), after)])
    day = np.concatenate([joined, day, BEFORE + rng.integers(0, AFTER, after.sum())])
    return lines_of(
        {
            "customer_id": owner.astype(str),
            "order_id": np.arange(len(owner)).astype(str),
            "order_date": pd.Timestamp(START) + pd.to_timedelta(day, unit="D"),
            "line_value": rng.gamma(2, 20, len(owner)).round(2),
        }
    )


def steady_base(seed, *, customers=300, weeks=60, change=1.0, change_week=40):
    """Let a closed base order at one rate a week, times `change` from some week on."""
    rng = np.random.default_rng(seed)
    rate = np.where(np.arange(weeks) < change_week, 1.0, change) * 0.5
    count = rng.poisson(np.tile(rate, (customers, 1)))
    count[:, 0] += 1  # everybody is there from the first week on
    owner, week = (np.repeat(index.ravel(), count.ravel()) for index in np.indices(count.shape))
    day = 7 * week + rng.integers(0, 7, len(week))
    return lines_of(
        {
            "customer_id": owner.astype(str),
            "order_id": np.arange(len(owner)).astype(str),
            "order_date": pd.Timestamp(START) + pd.to_timedelta(day, unit="D"),
            "line_value": 10.0,
        }
    )
