"""Customers whose lives are planted, for the tests of survival; one function per truth."""

import numpy as np
import pandas as pd

MEAN_LIFE, MEAN_WAIT = 300.0, 400.0


def membership(seed, *, hazard_ratio=1.0, customers=4000, whole_days=False):
    """Let customers join while they are there; members leave at `hazard_ratio` times the rate.

    Lives are exponential with mean 300 days, joining comes after an exponential wait of mean 400
    days if the customer is still there, the remaining life is divided by the ratio, and everybody
    is censored after 360 to 720 days. Without an effect members still live longer: they had to.
    """
    rng = np.random.default_rng([seed, 2])
    life = rng.exponential(MEAN_LIFE, customers)
    joined = rng.exponential(MEAN_WAIT, customers)
    followed = rng.uniform(360, 720, customers)
    longer = np.where(joined < life, joined + (life - joined) / hazard_ratio, life)
    seen = np.minimum(longer, followed)
    if whole_days:
        seen, joined = np.ceil(seen), np.floor(joined)
    return pd.DataFrame(
        {
            "customer_id": np.char.mod("c%05d", np.arange(customers)),
            "duration": seen,
            "observed": longer <= followed,
            "entry": 0.0,
            "membership_day": np.where(joined < seen, joined, np.nan),
        }
    )


def jumping_hazard(
    seed, *, jump_day=90, before=0.002, after=0.006, until=None, customers=4000, once=0.0, window=0
):
    """Let the hazard be constant but for a jump, which lasts for ever or until a day.

    A share `once` leaves on day 0, as one-time buyers do; with a window the losses stand that many
    days later, as on the clock of confirmation, and everybody else is censored after 360 to 720
    days on that clock.
    """
    rng = np.random.default_rng([seed, 10])
    spent = rng.exponential(1.0, customers)
    up = before * jump_day
    down = up + (after * (until - jump_day) if until else np.inf)
    life = np.where(
        spent < up, spent / before,
        np.where(spent < down, jump_day + (spent - up) / after,
                 (until or 0) + (spent - down) / before if until else np.inf),
    )  # fmt: skip
    life = np.where(rng.random(customers) < once, 0.0, np.ceil(life)) + window
    followed = np.floor(rng.uniform(360, 720, customers))
    return np.minimum(life, followed), life <= followed


def with_hazard(seed, hazard, *, customers=4000):
    """Draw whole-day lives from a daily hazard given by day, censored after 360 to 720 days."""
    rng = np.random.default_rng([seed, 11])
    gone = np.cumsum(-np.log1p(-hazard))
    life = np.searchsorted(gone, rng.exponential(1.0, customers)) + 1.0
    followed = np.floor(rng.uniform(360, 720, customers))
    return np.minimum(life, followed), life <= followed
