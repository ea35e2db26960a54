"""Small tables of contacts, visits and conversions, written by hand or drawn with known pains."""

import ibis
import numpy as np
import pandas as pd

SNAPSHOT = pd.Timestamp("2024-07-01").date()
KINDS = {
    "customer_id": "string", "touched_at": "timestamp", "started_at": "timestamp",
    "converted_at": "timestamp", "written_at": "timestamp", "channel": "string", "kind": "string",
    "stage": "string", "campaign": "string", "satisfaction": "float64", "cost": "float64",
    "conversion_value": "float64", "duration_seconds": "float64", "session_id": "string",
    "pages": "int64", "product_views": "int64", "cart_adds": "int64", "bounced": "int64",
    "review_id": "string", "rating": "float64", "segment": "string",
}  # fmt: skip
STAGES = ("view", "cart", "pay")


def table(columns, *rows):
    """Make a table of the named columns, with the types that loading gives them."""
    names = columns.split()
    frame = pd.DataFrame(rows, columns=names)
    for name in names:
        if name.endswith("_at"):
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return ibis.memtable(frame, schema=ibis.schema({name: KINDS[name] for name in names}))


def contacts(*rows):
    return table("customer_id touched_at channel stage", *rows)


def sales(*rows):
    return table("customer_id converted_at conversion_value", *rows)


def drawn_visits(seed, *, customers=700, harm=1.0, event_share=0.15):
    """Draw visits that view, fill a cart, pay and buy; an error at the payment may cost sales.

    Returns
    -------
    dict of str to ibis.Table
        `touchpoints`, `conversions` and `web_sessions`. Of the visits at the payment a share meets
        an "error"; their chance to buy is the others' times `harm`.
    """
    rng = np.random.default_rng(seed)
    visits = pd.DataFrame(
        {"customer": np.repeat(np.arange(customers), 1 + rng.integers(0, 3, customers))}
    )
    visits["visit"] = visits.groupby("customer").cumcount()
    n = len(visits)
    started = pd.Timestamp("2024-01-01") + pd.to_timedelta(
        visits["visit"] * 20 * 1440 + rng.integers(0, 1000, n), unit="min"
    )
    depth = (rng.random((n, 2)) < [0.6, 0.7]).cumprod(axis=1).sum(axis=1)
    error = (depth == 2) & (rng.random(n) < event_share)
    bought = (depth == 2) & (rng.random(n) < 0.6 * np.where(error, harm, 1.0))
    visits = visits.assign(
        customer_id="c" + visits["customer"].astype(str), started_at=started,
        channel=np.array(["Ads", "Mail", "Search"])[visits["customer"] % 3],
    )  # fmt: skip
    events = [
        visits.assign(touched_at=started + pd.Timedelta(minutes=k), stage=name)[depth >= k]
        for k, name in enumerate(STAGES)
    ]
    events.append(visits.assign(touched_at=started + pd.Timedelta(minutes=3), stage="error")[error])
    touches = pd.concat(events)
    satisfied = np.clip(np.round(rng.normal(3.5, 1, len(touches))), 1, 5)
    touches["satisfaction"] = np.where(rng.random(len(touches)) < 0.4, satisfied, np.nan)
    sold = visits.assign(converted_at=started + pd.Timedelta(minutes=5), conversion_value=20.0)
    visits["session_id"] = [f"s{i}" for i in range(n)]
    visits["duration_seconds"] = 600.0
    return {
        "touchpoints": _typed(touches, "customer_id touched_at channel stage satisfaction"),
        "conversions": _typed(sold[bought], "customer_id converted_at conversion_value"),
        "web_sessions": _typed(
            visits, "customer_id session_id started_at channel duration_seconds"
        ),
    }


def _typed(frame, columns):
    return table(columns, *frame[columns.split()].itertuples(index=False))
