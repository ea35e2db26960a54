"""Customers who buy, drop out and spend as the models of lifetime value say: truth for tests."""

from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd

CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
START = pd.Timestamp("2023-01-02")


@dataclass(frozen=True)
class PlantedLifetimes:
    """Histories up to each customer's age, what came after, and the moments of all purchases.

    `histories` has frequency, recency and T in weeks, one row per customer; `future` the
    purchases in the holdout; `times` customer and age at each repeat purchase, holdout included.
    """

    histories: pd.DataFrame
    future: np.ndarray
    times: pd.DataFrame


def bg_nbd_customers(
    seed, *, n=5000, truth=CDNOW, ages=(20.0, 60.0), holdout=26.0, drops_at_once=False
):
    """G1: gamma rates, a beta chance to drop out after each repeat, exponential gaps, in weeks.

    Times are continuous: the archived library's generator cuts them to whole numbers, which
    biases r by -11 %. With `drops_at_once` the first purchase can be the last (MBG/NBD).
    """
    rng = np.random.default_rng(seed)
    T = rng.uniform(*ages, n)
    rate = rng.gamma(truth["r"], 1 / truth["alpha"], n)
    drop = rng.beta(truth["a"], truth["b"], n)
    end = T + holdout
    active = np.flatnonzero(~(drops_at_once & (rng.random(n) < drop)))
    now, owners, moments = np.zeros(n), [], []
    # A rate can underflow to 0: that customer never buys again.
    active = active[rate[active] > 0]
    while len(active):
        now[active] += rng.exponential(1 / rate[active])
        active = active[now[active] <= end[active]]
        owners.append(active)
        moments.append(now[active].copy())
        active = active[rng.random(len(active)) >= drop[active]]
    return _planted(T, np.concatenate(owners), np.concatenate(moments))


def pareto_nbd_customers(seed, *, n=5000, truth=None, ages=(20.0, 60.0), holdout=26.0):
    """Gamma rates and lives that end at a gamma rate of their own, in weeks."""
    truth = truth or {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
    rng = np.random.default_rng(seed)
    T = rng.uniform(*ages, n)
    rate = rng.gamma(truth["r"], 1 / truth["alpha"], n)
    death = rng.gamma(truth["s"], 1 / truth["beta"], n)
    with np.errstate(divide="ignore"):
        end = np.minimum(T + holdout, rng.exponential(size=n) / death)
    counts = rng.poisson(rate * end)
    owner = np.repeat(np.arange(n), counts)
    return _planted(T, owner, rng.uniform(0, end[owner]))


def spend_means(seed, frequency, *, p=6.25, q=3.74, gamma=15.44):
    """Mean value of each customer's repeat orders under Gamma-Gamma; blank where there is none."""
    rng = np.random.default_rng(seed)
    x = np.asarray(frequency, dtype=float)
    scale = rng.gamma(q, 1 / gamma, len(x))
    shape = np.where(x > 0, p * x, 1.0)
    with np.errstate(divide="ignore"):
        mean = rng.gamma(shape) / (scale * np.where(x > 0, x, 1.0))
    return np.where(x > 0, mean, np.nan)


def planted_order_lines(planted, *, seed=0, p=6.25, q=3.74, gamma=15.44, start=START):
    """Turn planted customers into order lines up to their age, which ends for all on one day.

    Returns the lines, holdout included, and the last day of the histories: a customer of age T
    has the first purchase T weeks before it.
    """
    rng = np.random.default_rng(seed)
    T = planted.histories["T"].to_numpy()
    last = start + pd.Timedelta(weeks=float(np.ceil(T.max())))
    firsts = pd.DataFrame({"customer": np.arange(len(T)), "time": 0.0})
    orders = pd.concat([firsts, planted.times], ignore_index=True)
    owner = orders["customer"].to_numpy()
    age = orders["time"].to_numpy() - T[owner]
    scale = rng.gamma(q, 1 / gamma, len(T))
    moment = last + pd.to_timedelta(age * 7, unit="D").round("s")
    frame = pd.DataFrame(
        {
            "customer_id": np.char.add("c", owner.astype(str)),
            "order_id": np.char.add("o", np.arange(len(orders)).astype(str)),
            "order_date": moment,
            "product_id": "P1",
            "quantity": 1.0,
            "line_value": np.maximum(
                (rng.gamma(p, size=len(orders)) / scale[owner]).round(2), 0.01
            ),
        }
    )
    return ibis.memtable(frame), last.date()


def _planted(T, owner, moment):
    order = np.lexsort((moment, owner))
    owner, moment = owner[order], moment[order]
    past = moment <= T[owner]
    frequency = np.bincount(owner[past], minlength=len(T))
    recency = np.zeros(len(T))
    np.maximum.at(recency, owner[past], moment[past])
    future = np.bincount(owner[~past], minlength=len(T))
    histories = pd.DataFrame({"frequency": frequency, "recency": recency, "T": T})
    return PlantedLifetimes(histories, future, pd.DataFrame({"customer": owner, "time": moment}))
