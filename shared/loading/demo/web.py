"""How the demo shop's customers use the site: visits that announce an order, and idle browsing."""

import numpy as np
import pandas as pd

from shared.loading.demo.customers import DAYS
from shared.loading.demo.journeys import START_MINUTE, clock_time
from shared.loading.demo.orders import DAY_MINUTES, END_MINUTE, GUEST
from shared.loading.demo.truth import CHANNELS, INTENT, PERSONAS, SEED

HEADER = ("customer_id", "session_id", "started_at", "channel", "pages", "duration_seconds",
          "product_views", "cart_adds", "bounced")  # fmt: skip
DIRECT = len(CHANNELS)
_LONGEST_INTENT_DAYS = 20
_BASKET_STAGE = 2
_BOUNCE_IDLE, _BOUNCE_KEEN = 0.28, 0.04


def draw_sessions(
    orders: pd.DataFrame, touches: pd.DataFrame, people: pd.DataFrame, last_alive: np.ndarray
) -> pd.DataFrame:
    """Draw every visit since tracking began.

    Returns
    -------
    pd.DataFrame
        `customer`, `minute`, `channel` (position, DIRECT for none), `keen` (1 where an order is
        near), `basket` (1 where something was put into it), by time.
    """
    rng = np.random.default_rng([SEED, 12])
    known = orders[(orders["customer"] != GUEST) & (orders["minute"] >= START_MINUTE)]
    parts = [
        _clicks(touches),
        _announcing(known, rng),
        _ordering(known[known["channel"] != "Phone"], rng),
        _idle(people, last_alive, rng),
    ]
    visits = pd.concat(parts, ignore_index=True)
    visits = visits[visits["minute"].between(START_MINUTE, END_MINUTE - 1)]
    return visits.sort_values(["minute", "customer"], kind="stable", ignore_index=True)


def session_rows(sessions: pd.DataFrame, people: pd.DataFrame, ids: list[str]) -> list[list[str]]:
    """Return the web analytics table, with what was done during each visit."""
    rng = np.random.default_rng([SEED, 13])
    size, keen = len(sessions), sessions["keen"].to_numpy() == 1
    persona = np.append(people["persona"].to_numpy(), np.full(len(ids) - len(people), 2))
    minutes = np.array([p.visit_minutes for p in PERSONAS])[persona[sessions["customer"]]]
    bounced = rng.random(size) < np.where(keen, _BOUNCE_KEEN, _BOUNCE_IDLE)
    bounced &= sessions["basket"].to_numpy() == 0
    seconds = np.exp(rng.normal(np.log(60 * minutes) - 0.1, 0.45)) * np.where(keen, 1.15, 1.0)
    seconds = np.where(bounced, rng.integers(2, 25, size), np.maximum(seconds, 25)).astype(int)
    pages = np.where(bounced, 1, 2 + rng.poisson(seconds / 100))
    views = np.where(bounced, 0, np.minimum(rng.poisson(np.where(keen, 3.0, 1.6)), pages - 1))
    adds = rng.poisson(np.where(keen, INTENT.cart_adds, INTENT.usual_cart_adds))
    adds = np.where(bounced, 0, np.maximum(adds, sessions["basket"]))
    names = np.array([*CHANNELS, "Direct"])[sessions["channel"]]
    numbers = zip(pages, seconds, views, adds, bounced.astype(int), strict=True)
    return [
        [ids[customer], f"S{i:06d}", clock_time(minute), name, *(str(n) for n in counts)]
        for i, (customer, minute, name, counts) in enumerate(
            zip(sessions["customer"], sessions["minute"], names, numbers, strict=True), start=1
        )
    ]


def _clicks(touches: pd.DataFrame) -> pd.DataFrame:
    """Every contact that led to the site is a visit at the same moment."""
    clicked = touches[touches["click"] == 1]
    visits = clicked[["customer", "minute", "channel"]].copy()
    visits["keen"] = clicked["sold"]
    visits["basket"] = (clicked["stage"] >= _BASKET_STAGE).astype(int)
    return visits


def _announcing(orders: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Direct visits in the days before an order: the signal that a propensity model can learn."""
    days = np.minimum(rng.exponential(INTENT.mean_days, len(orders)), _LONGEST_INTENT_DAYS)
    counts = rng.poisson(INTENT.visits_per_day * days)
    which = np.repeat(np.arange(len(orders)), counts)
    back = np.maximum(rng.random(len(which)) * days[which] * DAY_MINUTES, 45)
    return _direct(
        orders["customer"].to_numpy()[which],
        orders["minute"].to_numpy()[which] - back,
        keen=1,
    )


def _ordering(orders: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the visit in which each web or app order was placed."""
    visits = _direct(
        orders["customer"].to_numpy(),
        orders["minute"].to_numpy() - rng.uniform(4, 30, len(orders)),
        keen=1,
    )
    return visits.assign(basket=1)


def _idle(people: pd.DataFrame, last_alive: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Browsing without an order in mind, by type of customer; rarer after dropping out."""
    rate = np.array([p.visits_per_day for p in PERSONAS])[people["persona"].to_numpy()]
    start = np.maximum(people["first_day"].to_numpy(), START_MINUTE // DAY_MINUTES)
    alive_days = np.clip(np.minimum(last_alive, DAYS) - start, 0, None)
    parts = []
    for first, days, factor in (
        (start, alive_days, 1.0),
        (start + alive_days, DAYS - start - alive_days, INTENT.after_drop_out),
    ):
        which = np.repeat(np.arange(len(people)), rng.poisson(rate * factor * days))
        day = np.floor(first[which] + rng.random(len(which)) * days[which])
        minute = day * DAY_MINUTES + rng.triangular(420, 1200, 1430, len(which))
        parts.append(_direct(which, minute, keen=0))
    return pd.concat(parts, ignore_index=True)


def _direct(customer: np.ndarray, minute: np.ndarray, *, keen: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"customer": customer, "minute": minute, "channel": DIRECT, "keen": keen, "basket": 0}
    )
