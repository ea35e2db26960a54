"""When the demo shop's customers order: BG/NBD on a seasonal clock, one mailing, guests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from shared.loading.demo.customers import DAYS, Season, draw_countries
from shared.loading.demo.truth import FIRST_DAY, GUEST_ORDER_SHARE, MAILING, PERSONAS, SEED

DAY_MINUTES = 1440
END_MINUTE = DAYS * DAY_MINUTES
GUEST = -1
ORDER_CHANNELS = ("Web", "App", "Phone")
RESPONDERS = {"persuadable": "P", "sure_thing": "S", "lost_cause": "L", "sleeping_dog": "D"}
_HOURS = (7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22)
_EVENING = (2, 3, 4, 4, 4, 5, 5, 4, 4, 4, 5, 7, 9, 10, 8, 4)
_WORKING = (4, 9, 11, 11, 9, 5, 6, 9, 8, 6, 2, 1, 0, 0, 0, 0)


@dataclass(frozen=True)
class Timeline:
    """All orders, and what only the generator knows.

    Attributes
    ----------
    orders : pd.DataFrame
        `customer` (position, GUEST for guests), `minute` since FIRST_DAY, `mailed` (bought with
        the mailing's voucher), `channel`, `country`; sorted by minute.
    last_alive : np.ndarray
        Day on which each customer dropped out; inf for those still alive.
    mailing : pd.DataFrame
        One row per eligible customer: `customer`, `treated`, `opens`, `responder` (a letter).
    """

    orders: pd.DataFrame
    last_alive: np.ndarray
    mailing: pd.DataFrame


def draw_timeline(people: pd.DataFrame, season: Season) -> Timeline:
    """Draw every order of two years: natural ones, those the mailing moved, and guests'."""
    rng = np.random.default_rng([SEED, 6])
    customer, day, last_alive = _natural_orders(people, season, rng)
    natural = pd.DataFrame(
        {"customer": customer, "day": day, "persona": people["persona"].to_numpy()[customer]}
    )
    natural["mailed"] = False
    mailing = _draw_mailing(people, natural, last_alive, rng)
    moved = _apply_mailing(natural, mailing, people, rng)
    everybody = pd.concat([moved, _guest_orders(len(moved), season, rng)], ignore_index=True)
    everybody["minute"] = everybody["day"] * DAY_MINUTES + _minutes_of_day(everybody, rng)
    orders = _apart(everybody.sort_values(["customer", "minute"], kind="stable"))
    orders = orders.sort_values(["minute", "customer"], kind="stable", ignore_index=True)
    orders["channel"] = _order_channels(orders, rng)
    known = people["country"].to_numpy()[orders["customer"]]
    guests = (orders["customer"] == GUEST).to_numpy()
    orders["country"] = np.where(guests, draw_countries(len(orders), rng), known)
    return Timeline(orders.drop(columns=["day", "persona"]), last_alive, mailing)


def day_number(day: date) -> int:
    """Count days since the first day of the demo."""
    return (day - FIRST_DAY).days


def timestamp(minute: int) -> datetime:
    """Return the local time of a minute of the demo."""
    return datetime.combine(FIRST_DAY, datetime.min.time()) + timedelta(minutes=int(minute))


def entries(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Walk through some columns of a table row by row, as plain Python values."""
    return zip(*(frame[column].tolist() for column in columns), strict=True)


def _natural_orders(
    people: pd.DataFrame, season: Season, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Let all customers order until they drop out or the two years end, one round per order."""
    first = people["first_day"].to_numpy()
    rate, drop_out = people["rate"].to_numpy(), people["drop_out"].to_numpy()
    start, end = season.clock[first], season.clock[first + 1]
    weeks = start + rng.random(len(first)) * (end - start)
    last_alive = np.full(len(first), np.inf)
    who, customers, days = np.arange(len(first)), [np.arange(len(first))], [first]
    while len(who):
        weeks[who] += rng.exponential(1 / rate[who])
        day = season.days_at(weeks[who])
        inside = day < DAYS
        who, day = who[inside], np.floor(day[inside]).astype(int)
        customers.append(who)
        days.append(day)
        leaves = rng.random(len(who)) < drop_out[who]
        last_alive[who[leaves]] = day[leaves]
        who = who[~leaves]
    return np.concatenate(customers), np.concatenate(days), last_alive


def _draw_mailing(
    people: pd.DataFrame, natural: pd.DataFrame, last_alive: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Assign all eligible customers to two equal arms, and draw how each would respond."""
    joined = people["first_day"] < day_number(MAILING.joined_before)
    # The weak cohort is left out, as shops do with those who bought for the price alone: else the
    # mailing would bring many of them back and hide how weak they are.
    eligible = np.flatnonzero(joined & (people["weak"] == 0))
    means = np.array([p.email_opens for p in PERSONAS])[people["persona"].to_numpy()[eligible]]
    opens = rng.poisson(means * rng.gamma(2.0, 0.5, len(eligible)))
    buys = np.isin(eligible, natural.loc[_in_window(natural["day"]), "customer"])
    moved = rng.random(len(eligible)) < _logistic(MAILING.moved, opens)
    # Who bought once or left for good is not moved: else the base would no longer be BG/NBD.
    before = natural[natural["day"] < day_number(MAILING.assigned_on)]
    repeats = before["customer"].value_counts().reindex(eligible).to_numpy() > 1
    moved &= repeats & (last_alive[eligible] > day_number(MAILING.assigned_on))
    driven = rng.random(len(eligible)) < _logistic(MAILING.driven, opens)
    kinds = np.where(buys, np.where(driven, "D", "S"), np.where(moved, "P", "L"))
    treated = np.zeros(len(eligible), dtype=int)
    treated[rng.permutation(len(eligible))[: len(eligible) // 2]] = 1
    return pd.DataFrame(
        {"customer": eligible, "treated": treated, "opens": opens, "responder": kinds}
    )


def _apply_mailing(
    natural: pd.DataFrame, mailing: pd.DataFrame, people: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Add the orders of persuaded customers; sleeping dogs put theirs off beyond the window."""
    treated = mailing[mailing["treated"] == 1].set_index("customer")["responder"]
    kinds = natural["customer"].map(treated).where(_in_window(natural["day"]))
    orders = natural.assign(mailed=kinds.eq("S"))
    put_off = kinds.eq("D").to_numpy()
    delay = MAILING.window_days + rng.integers(0, 10, len(orders))
    orders["day"] = orders["day"].to_numpy() + np.where(put_off, delay, 0)
    who = treated.index[treated == "P"].to_numpy()
    extra = pd.DataFrame(
        {
            "customer": who,
            "day": day_number(MAILING.assigned_on)
            + np.minimum(rng.exponential(6.0, len(who)), MAILING.window_days - 1).astype(int),
            "persona": people["persona"].to_numpy()[who],
            "mailed": True,
        }
    )
    orders = pd.concat([orders, extra], ignore_index=True)
    return orders[orders["day"] < DAYS]


def _guest_orders(known: int, season: Season, rng: np.random.Generator) -> pd.DataFrame:
    size = round(known * GUEST_ORDER_SHARE / (1 - GUEST_ORDER_SHARE))
    days = np.floor(season.days_at(rng.random(size) * season.clock[-1])).astype(int)
    return pd.DataFrame({"customer": GUEST, "day": days, "persona": 0, "mailed": False})


def _minutes_of_day(orders: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Draw the time of day: offices in the morning of working hours, others in the evening."""
    office = (orders["persona"] == len(PERSONAS) - 1).to_numpy()
    evening, working = (np.cumsum(w) / sum(w) for w in (_EVENING, _WORKING))
    luck = rng.random(len(orders))
    hour = np.where(office, np.searchsorted(working, luck), np.searchsorted(evening, luck))
    return np.array(_HOURS)[hour] * 60 + rng.integers(0, 60, len(orders))


def _order_channels(orders: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Draw where each order was placed; guests order on the web."""
    shares = np.cumsum([p.channels for p in PERSONAS], axis=1)[orders["persona"].to_numpy()]
    position = (rng.random(len(orders))[:, None] > shares[:, :2]).sum(axis=1)
    return np.array(ORDER_CHANNELS)[np.where(orders["customer"] == GUEST, 0, position)]


def _apart(orders: pd.DataFrame) -> pd.DataFrame:
    """Keep two orders of one customer in the same minute apart; `orders` is sorted by both."""
    again = orders.groupby(["customer", "minute"]).cumcount()
    return orders.assign(minute=orders["minute"] + 11 * again * (orders["customer"] != GUEST))


def _in_window(day: pd.Series) -> pd.Series:
    start = day_number(MAILING.assigned_on)
    return day.between(start, start + MAILING.window_days - 1)


def _logistic(weights: tuple[float, float], opens: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-(weights[0] + weights[1] * opens)))
