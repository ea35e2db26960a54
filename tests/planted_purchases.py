"""Purchases whose probability is planted, for the tests of propensity; one function per truth."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
from scipy.special import expit

from shared.analysis.propensity_examples import CALIBRATION, TEST, TRAINING, Examples

SNAPSHOT = date(2024, 7, 1)
DAYS = 240  # of the planted shop before the snapshot


def simulated_logit(seed, *, rows=40_000, null=False):
    """Draw six columns of which two matter: logit p = -4 + 1.2 x1 + .8 x2, and nothing if null.

    The first half is to learn and calibrate, the second to test. Gives the rows and the true p.
    """
    rng = np.random.default_rng([seed, 5])
    x = rng.normal(size=(rows, 6))
    p = expit(-4 + (0 if null else 1) * (1.2 * x[:, 0] + 0.8 * x[:, 1]))
    part = np.full(rows, TRAINING)
    part[int(rows * 0.4) :] = CALIBRATION
    part[rows // 2 :] = TEST
    examples = Examples(
        features=pd.DataFrame(x, columns=[f"x{i}" for i in range(1, 7)]),
        outcome=(rng.random(rows) < p).astype(int),
        person=np.char.mod("p%06d", np.arange(rows)).astype(object),
        part=part,
        source={f"x{i}": "first" if i < 3 else "second" for i in range(1, 7)},
        logged=frozenset(),
        timed=True,
    )
    return examples, p


def responses_of(examples, *, dated=False, **columns):
    """Write examples as a labelled table, with further columns."""
    frame = examples.features.assign(
        customer_id=examples.person, outcome=examples.outcome, **columns
    )
    if dated:
        minutes = pd.to_timedelta(np.arange(len(frame)), unit="min")
        frame["observed_at"] = pd.Timestamp("2024-01-01") + minutes
    return ibis.memtable(frame)


def shop(seed, *, customers=900, days=DAYS, null=False):
    """Open a shop in which a visit in the week before makes an order likelier.

    Each customer orders at random; in most cases a visit with something put into the basket came
    one to three days before. A quarter never comes to the site and orders less. With `null`
    nobody's visits or habits have to do with orders.
    """
    rng = np.random.default_rng([seed, 6])
    online = rng.random(customers) < 0.75
    rate = np.where(online, 1 / 40, 1 / 90) if not null else np.full(customers, 1 / 50)
    rate = rate * (1 if null else rng.gamma(2, 0.5, customers))
    counts = rng.poisson(rate * days) + 1
    who = np.repeat(np.arange(customers), counts)
    day = rng.uniform(0, days, len(who))
    start = pd.Timestamp(SNAPSHOT) - pd.Timedelta(days=days)
    ids = np.char.mod("c%05d", np.arange(customers)).astype(object)
    value = np.round(rng.gamma(4, 10, len(who)), 2)
    lines = pd.DataFrame(
        {
            "customer_id": ids[who],
            "order_id": np.char.mod("o%06d", np.arange(len(who))).astype(object),
            "order_date": (start + pd.to_timedelta(np.round(day * 1440), unit="min")),
            "product_id": "tea",
            "quantity": 1.0,
            "line_value": value,
            "unit_cost": np.round(value * 0.6, 2),
            "is_refund": False,
        }
    )
    led = online[who] & (rng.random(len(who)) < (0 if null else 0.85))
    idle_who = np.repeat(np.flatnonzero(online), rng.poisson(days / 30, int(online.sum())))
    visit_who = np.concatenate([who[led], idle_who])
    visit_day = np.concatenate(
        [day[led] - rng.uniform(0.2, 3, int(led.sum())), rng.uniform(0, days, len(idle_who))]
    )
    kept = visit_day > 0
    adds = np.concatenate([rng.poisson(1.0, int(led.sum())), rng.poisson(0.1, len(idle_who))])
    sessions = pd.DataFrame(
        {
            "customer_id": ids[visit_who[kept]],
            "session_id": np.char.mod("s%06d", np.arange(int(kept.sum()))).astype(object),
            "started_at": start + pd.to_timedelta(np.round(visit_day[kept] * 1440), unit="min"),
            "cart_adds": adds[kept].astype("int64"),
        }
    )
    people = pd.DataFrame(
        {
            "customer_id": ids,
            "birth_year": rng.integers(1945, 2004, customers),
            "gender": rng.choice(["f", "m"], customers),
            "loyalty_joined_on": pd.NaT,
        }
    ).astype({"loyalty_joined_on": "datetime64[ns]"})
    return {"order_lines": lines, "web_sessions": sessions, "customers": people}


def as_tables(frames):
    """Put frames into one engine, as tables by name."""
    engine = ibis.duckdb.connect()
    micro = {
        name: frame.astype(
            {c: "datetime64[us]" for c in frame if pd.api.types.is_datetime64_any_dtype(frame[c])}
        )
        for name, frame in frames.items()
    }
    return {name: engine.create_table(name, frame) for name, frame in micro.items()}
