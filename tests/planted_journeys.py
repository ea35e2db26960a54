"""Journeys whose chain is known: memory 1 or 2 over six channels, with NULL (G9)."""

import ibis
import numpy as np
import pandas as pd

from shared.analysis.attribution import Paths

CHANNELS = ("Affiliate", "Display", "Email", "Search", "Social", "Video")
SALE, NOTHING = len(CHANNELS), len(CHANNELS) + 1
START = np.array([0.06, 0.18, 0.16, 0.18, 0.30, 0.12])
MOVES = np.array(
    [
        # Affiliate Display Email Search Social Video | sale nothing
        [0.05, 0.05, 0.08, 0.12, 0.05, 0.05, 0.30, 0.30],
        [0.06, 0.10, 0.06, 0.22, 0.08, 0.08, 0.03, 0.37],
        [0.05, 0.04, 0.05, 0.14, 0.05, 0.04, 0.35, 0.28],
        [0.08, 0.04, 0.12, 0.06, 0.05, 0.05, 0.28, 0.32],
        [0.08, 0.08, 0.06, 0.25, 0.10, 0.08, 0.05, 0.30],
        [0.05, 0.12, 0.05, 0.14, 0.10, 0.08, 0.02, 0.44],
    ]
)
MOST_STEPS = 60


def second_order_moves():
    """What follows depends on the contact before the last, too: it shifts sales and searches."""
    moves = np.repeat(MOVES[None, :, :], SALE + 1, axis=0)
    for before in range(SALE):
        tilt = np.ones(SALE + 2)
        tilt[(before + 2) % SALE] = 2.2
        tilt[SALE] = 0.6 + 0.2 * (before % 4)
        moves[before] = MOVES * tilt
        moves[before] /= moves[before].sum(axis=1, keepdims=True)
    return moves


def known_effects():
    """Removal effects of the planted chain of memory 1, by plain linear algebra."""
    moves, sale = MOVES[:, :SALE], MOVES[:, SALE]
    whole = START @ np.linalg.solve(np.eye(SALE) - moves, sale)
    left = []
    for k in range(SALE):
        on = np.arange(SALE) != k
        ahead = np.linalg.solve(np.eye(SALE - 1) - moves[np.ix_(on, on)], sale[on])
        left.append(START[on] @ ahead)
    return 1 - np.array(left) / whole


def walks(seed, *, journeys, memory=1):
    """Walk the planted chain: a matrix of codes, -1 after the end, and who bought."""
    rng = np.random.default_rng(seed)
    moves = second_order_moves() if memory == 2 else np.repeat(MOVES[None], SALE + 1, axis=0)
    edges = moves.cumsum(axis=2)
    now = np.searchsorted(START.cumsum(), rng.random(journeys), side="right").clip(max=SALE - 1)
    before = np.full(journeys, SALE)
    steps, bought = [now], np.zeros(journeys, dtype=bool)
    on = np.ones(journeys, dtype=bool)
    for _step in range(MOST_STEPS):
        luck = rng.random(journeys)
        following = (luck[:, None] >= edges[before, np.minimum(now, SALE - 1)]).sum(axis=1)
        following = np.minimum(following, NOTHING)
        bought |= on & (following == SALE)
        on &= following < SALE
        if not on.any():
            break
        before, now = now, np.where(on, following, now)
        steps.append(np.where(on, following, -1))
    return np.array(steps).T, bought & ~on


def planted_paths(seed, *, journeys=50_000, memory=1):
    """Count the distinct paths of walks as `Paths` does."""
    steps, bought = walks(seed, journeys=journeys, memory=memory)
    distinct, number = np.unique(steps, axis=0, return_inverse=True)
    lengths = (distinct >= 0).sum(axis=1)
    sold = np.bincount(number, weights=bought, minlength=len(distinct))
    lost = np.bincount(number, weights=~bought, minlength=len(distinct))
    return Paths(CHANNELS, distinct[distinct >= 0].astype("int64"), lengths.astype("int64"), sold,
                 lost, sold * 10.0)  # fmt: skip


def paths_table(rows, **columns):
    """Make a table of counted paths from (path, conversions, nulls)."""
    frame = pd.DataFrame(rows, columns=["path", "conversions", "nulls"])
    return ibis.memtable(frame.assign(**columns))


def touches_of(rows):
    """Make touchpoints from (customer, time, channel)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "touched_at", "channel"])
    frame["touched_at"] = pd.to_datetime(frame["touched_at"], format="ISO8601")
    kinds = {"customer_id": "string", "touched_at": "timestamp", "channel": "string"}
    return ibis.memtable(frame, schema=ibis.schema(kinds))


def conversions_of(rows):
    """Make conversions from (customer, time, value)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "converted_at", "conversion_value"])
    frame["converted_at"] = pd.to_datetime(frame["converted_at"], format="ISO8601")
    kinds = {"customer_id": "string", "converted_at": "timestamp", "conversion_value": "float64"}
    return ibis.memtable(frame, schema=ibis.schema(kinds))


def planted_tables(seed, *, journeys=2_000, memory=1, customers=700):
    """Write walks out as touchpoints and conversions; every journey 60 days after the last one."""
    steps, bought = walks(seed, journeys=journeys, memory=memory)
    rng = np.random.default_rng([seed, 1])
    start = pd.Timestamp("2024-01-01")
    rows, sales = [], []
    for number, path in enumerate(steps):
        customer = f"c{number % customers:05d}"
        begin = start + pd.Timedelta(days=60 * (number // customers))
        walked = path[path >= 0]
        hours = np.cumsum(rng.integers(1, 12, len(walked)))
        rows += [(customer, begin + pd.Timedelta(hours=int(h)), CHANNELS[k])
                 for h, k in zip(hours, walked, strict=True)]  # fmt: skip
        if bought[number]:
            sales.append((customer, begin + pd.Timedelta(hours=int(hours[-1]) + 1), 10.0))
    return touches_of(rows), conversions_of(sales)
