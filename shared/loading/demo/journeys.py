"""How the demo shop's customers came to an order or did not: contacts drawn from a Markov chain."""

import numpy as np
import pandas as pd

from shared.loading.demo.orders import (
    DAY_MINUTES,
    END_MINUTE,
    GUEST,
    day_number,
    entries,
    timestamp,
)
from shared.loading.demo.truth import (
    AFFINITY,
    CHANNELS,
    JOURNEY,
    SEED,
    TRACKED_FROM,
    WEAK_COHORT,
)

HEADER = ("customer_id", "touched_at", "channel", "kind", "campaign", "cost", "stage",
          "satisfaction")  # fmt: skip
START_MINUTE = day_number(TRACKED_FROM) * DAY_MINUTES
SALES = len(CHANNELS)
_LONGEST_LOST_DAYS = 9
_CAMPAIGN_SHARE = 0.6

Journeys = list[tuple[int, np.ndarray, list[int]]]


def draw_touches(orders: pd.DataFrame, first_day: np.ndarray, customers: int) -> pd.DataFrame:
    """Draw the contacts before every tracked order of a known customer, and lost journeys.

    Parameters
    ----------
    orders : pd.DataFrame
        `customer` and `minute`.
    first_day : np.ndarray
        Day of each buyer's first order; leads, who never order, are numbered after the buyers.
    customers : int
        Buyers and leads.

    Returns
    -------
    pd.DataFrame
        `customer`, `minute` (with its fraction), `channel` (position), `click` (1 if the contact
        led to the site), `stage` (position), `sold` (1 if the journey ended in an order); by time.
    """
    rng = np.random.default_rng([SEED, 10])
    tracked = orders[(orders["customer"] != GUEST) & (orders["minute"] >= START_MINUTE)]
    tracked = tracked.sort_values(["customer", "minute"], kind="stable")
    won, lost = _walk_chain(len(tracked), rng)
    sold = _place_sold(tracked, won, rng)
    nulls = _place_lost(sold, lost, first_day, customers, rng)
    rows = [
        (customer, minute, channel, stage, int(journeys is sold), int(place == len(path)))
        for journeys in (sold, nulls)
        for customer, minutes, path in journeys
        for place, (minute, channel, stage) in enumerate(
            zip(minutes.tolist(), path, _stages(len(path), journeys is sold, rng), strict=True), 1
        )
    ]
    names = ["customer", "minute", "channel", "stage", "sold", "last"]
    touches = _with_clicks(pd.DataFrame(rows, columns=names), rng)
    return touches.sort_values(["minute", "customer"], kind="stable", ignore_index=True)


def touch_rows(touches: pd.DataFrame, ids: list[str]) -> list[list[str]]:
    """Return the marketing system's table."""
    rng = np.random.default_rng([SEED, 11])
    luck, mood = rng.random((len(touches), 2)), rng.normal(0, 0.9, len(touches))
    rows = []
    columns = ("customer", "minute", "channel", "click", "stage")
    for i, (customer, minute, channel, click, stage) in enumerate(entries(touches, *columns)):
        name = CHANNELS[channel]
        asked = click and luck[i, 0] < JOURNEY.answered
        answer = int(np.clip(round(JOURNEY.satisfaction[stage] + mood[i]), 1, 5))
        rows.append(
            [
                ids[customer],
                clock_time(minute),
                name,
                _kind(name, click),
                _campaign(minute, luck[i, 1]),
                _cost(name, click),
                JOURNEY.stages[stage],
                str(answer) if asked else "",
            ]
        )
    return rows


def clock_time(minute: float) -> str:
    """Write a moment of the demo to the second."""
    return f"{timestamp(int(minute)):%Y-%m-%d %H:%M}:{int(minute % 1 * 60):02d}"


def _walk_chain(sales: int, rng: np.random.Generator) -> tuple[list[list[int]], list[list[int]]]:
    """Walk the chain until as many journeys were sold as there are orders; keep the lost ones."""
    start = np.cumsum(JOURNEY.start)
    rows = np.cumsum([JOURNEY.rows[name] for name in CHANNELS], axis=1)
    won: list[list[int]] = []
    lost: list[list[int]] = []
    while len(won) < sales:
        path: list[int] = []
        state = int(np.searchsorted(start, rng.random(), side="right"))
        while state < SALES:
            path.append(state)
            state = min(int(np.searchsorted(rows[state], rng.random(), side="right")), SALES + 1)
        (won if state == SALES else lost).append(path)
    return won, lost


def _place_sold(tracked: pd.DataFrame, won: list[list[int]], rng: np.random.Generator) -> Journeys:
    """Put each sold journey before its order and after the customer's previous one."""
    before = tracked.groupby("customer")["minute"].shift().fillna(-np.inf).to_numpy()
    journeys = []
    for k, (customer, minute) in enumerate(
        zip(tracked["customer"].tolist(), tracked["minute"].tolist(), strict=True)
    ):
        days = np.concatenate([[0.25], np.full(len(won[k]) - 1, 2.2)])
        back = np.cumsum(rng.exponential(days)) * DAY_MINUTES + 1
        longest = JOURNEY.longest_days * DAY_MINUTES
        room = min(minute - before[k] - 1, minute - START_MINUTE, longest)
        back *= min(1.0, 0.98 * room / back[-1])
        journeys.append((customer, (minute - back)[::-1], won[k]))
    return journeys


def _place_lost(
    sold: Journeys,
    lost: list[list[int]],
    first_day: np.ndarray,
    customers: int,
    rng: np.random.Generator,
) -> Journeys:
    """Put lost journeys where nothing else happens, so that they stay journeys of their own."""
    slots = _free_slots(sold, first_day, customers, rng)
    chosen = rng.choice(len(slots), len(lost), replace=False)
    journeys = []
    for slot, path in zip(chosen.tolist(), lost, strict=True):
        customer, start = slots[slot]
        ahead = np.cumsum(rng.exponential(2.0, len(path))) * DAY_MINUTES
        ahead *= min(1.0, _LONGEST_LOST_DAYS * DAY_MINUTES / ahead[-1])
        journeys.append((customer, start + ahead, path))
    return journeys


def _free_slots(
    sold: Journeys, first_day: np.ndarray, customers: int, rng: np.random.Generator
) -> list[tuple[int, float]]:
    """List starts of stretches long enough for one lost journey and the silence after it."""
    quiet = JOURNEY.quiet_days * DAY_MINUTES
    step = quiet + _LONGEST_LOST_DAYS * DAY_MINUTES
    busy: dict[int, list[tuple[float, float]]] = {}
    for customer, minutes, _ in sold:
        busy.setdefault(customer, []).append((float(minutes[0]), float(minutes[-1])))
    slots: list[tuple[int, float]] = []
    for customer in range(customers):
        known = first_day[customer] - 100 if customer < len(first_day) else 0
        start = float(max(START_MINUTE, int(known) * DAY_MINUTES))
        stretches = [*busy.get(customer, []), (END_MINUTE + quiet - 1.0, 0.0)]
        for first_touch, last_touch in stretches:
            room = first_touch - start
            count = int(room // step)
            if count:
                offset = start + rng.random() * (room - count * step)
                slots += [(customer, offset + k * step) for k in range(count)]
            # A touch just before the order: the order itself ends the journey within days.
            start = last_touch + 3 * DAY_MINUTES
    return slots


def _with_clicks(touches: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw which contacts led to the site; a mere view is no further than the first stage."""
    share = np.array([JOURNEY.click_share.get(name, 1.0) for name in CHANNELS])[touches["channel"]]
    closing = (touches["sold"] & touches["last"]) == 1
    share = np.where(closing, np.maximum(share, JOURNEY.closing_click_share), share)
    click = (rng.random(len(touches)) < share).astype(int)
    return touches.assign(click=click, stage=touches["stage"] * click).drop(columns="last")


def _stages(length: int, sold: bool, rng: np.random.Generator) -> list[int]:
    """Let the contacts of a journey climb to the stage where it ended."""
    last = len(JOURNEY.stages) - 1
    if not sold:
        last = int(np.searchsorted(np.cumsum(JOURNEY.lost_at), rng.random(), side="right"))
    climb = np.sort(rng.integers(0, last + 1, length - 1)).tolist()
    return [*climb, min(last, len(JOURNEY.stages) - 1)]


def _kind(channel: str, click: int) -> str:
    if not click:
        return "impression"
    return "visit" if channel == "Organic Search" else "click"


def _cost(channel: str, click: int) -> str:
    paid = {"Instagram", "Display"}
    seen = JOURNEY.impression_cost if channel in paid else 0.0
    return f"{JOURNEY.click_cost.get(channel, 0.0) if click else seen:.2f}"


def _campaign(minute: float, luck: float) -> str:
    day = int(minute // DAY_MINUTES)
    if luck < _CAMPAIGN_SHARE:
        if day_number(WEAK_COHORT.first_day) - 7 <= day <= day_number(WEAK_COHORT.last_day):
            return WEAK_COHORT.campaign
        when = timestamp(int(minute))
        if (when.year, when.month) == AFFINITY.promotion_month:
            return AFFINITY.promotion
    return ""
