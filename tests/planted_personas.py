"""Customers of known kinds in a space of plain numbers, and clouds without any kind."""

import ibis
import numpy as np
import pandas as pd

from shared.analysis.personas_base import PersonaBase


def planted(rng, *, customers=3000):
    """Plant four centres in eight dimensions, at least 7 apart, with shares 40/30/20/10."""
    centres = np.zeros((4, 8))
    while min(np.linalg.norm(a - b) for i, a in enumerate(centres) for b in centres[:i]) < 7:
        centres = rng.normal(0, 2.2, (4, 8))
    kind = rng.choice(4, customers, p=[0.4, 0.3, 0.2, 0.1])
    return centres[kind] + rng.normal(size=(customers, 8)), kind


def gaussian(rng, *, customers=1000):
    return rng.normal(size=(customers, 8))


def log_normal(rng, *, customers=1000):
    return np.exp(rng.multivariate_normal(np.zeros(5), 0.9 * np.eye(5) + 0.1, customers))


def base_of(values, *, money=None):
    """Make a base of plain numbers, one feature per column."""
    columns = [f"f{number}" for number in range(values.shape[1])]
    ids = pd.Index([f"c{number:05d}" for number in range(len(values))], name="customer_id")
    frame = pd.DataFrame(values, ids, columns)
    return PersonaBase(
        customers=frame,
        labels={},
        usual=tuple(columns),
        eligible=pd.Series(True, index=ids),
        attributes=pd.DataFrame(index=ids),
        money=None if money is None else pd.Series(money, ids),
        what="" if money is None else "revenue",
    )


def with_words(values, words):
    """Make a base of numbers, and the table of customers with their categories."""
    base = base_of(values)
    table = pd.DataFrame(words, index=base.customers.index).reset_index()
    return base, {"customers": ibis.memtable(table)}


def mixed(rng, *, customers=1000, agreement=0.85):
    """Plant three kinds too close in four numbers to be seen, with a region and a channel each."""
    kind = rng.choice(3, customers, p=[0.45, 0.35, 0.2])
    values = rng.normal(size=(customers, 4))
    values[:, :3] += 2.2 * np.eye(3)[kind]
    words = {}
    for name, told in (("region", ("North", "South", "West")), ("channel", ("Web", "App", "Shop"))):
        own = rng.random(customers) < agreement
        words[name] = np.array(told)[np.where(own, kind, rng.integers(0, 3, customers))]
    return values, words, kind
